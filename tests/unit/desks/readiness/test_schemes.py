import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.desks.readiness.schemes import (
    BadScheme,
    Override,
    composite,
    rate,
    read_schemes,
)
from support.readiness import SCHEMES

US = SCHEMES["US-AR220-1"]
NZ = SCHEMES["NZ-OPRES"]
REASON = Override(to="3", by="CO", reason="crew cross-decked this week")


def levels(inputs: str) -> str:
    return "".join(rate(US, inputs).pillars.values())


# The worked cases of the readiness sample: NZL-OPV-1, NZL-P8-3 and NZL-X.
def test_the_first_worked_case() -> None:
    rating = rate(US, "P 82, S 95, R 78, T 10")
    assert rating.pillars == {"P": "2", "S": "1", "R": "2", "T": "1"}
    assert (rating.computed, rating.reported, rating.worst) == ("2", "2", ("P", "R"))


def test_the_second_worked_case_has_the_bands_of_aircraft() -> None:
    rating = rate(US, "P 91, S 90, R aircraft 55, T 5")
    assert rating.pillars == {"P": "1", "S": "1", "R": "3", "T": "1"}
    assert rating.reported == "3"


def test_the_third_worked_case_is_moved_a_step_with_a_reason() -> None:
    rating = rate(US, "P 60, S 90, R 90, T 50", REASON)
    assert rating.pillars == {"P": "4", "S": "1", "R": "1", "T": "4"}
    assert (rating.computed, rating.reported) == ("4", "3")
    assert rating.override == REASON


@pytest.mark.parametrize(
    ("inputs", "expected"),
    # Both sides of every published bound (AR 220-1 as openly quoted).
    [
        ("P 90, S 90, R 90, T 14", "1111"),
        ("P 89, S 89, R 89, T 15", "2222"),
        ("P 80, S 80, R 70, T 28", "2222"),
        ("P 79, S 79, R 69, T 29", "3333"),
        ("P 70, S 65, R 60, T 42", "3333"),
        ("P 69, S 64, R 59, T 43", "4444"),
        ("P 90, S 90, R aircraft 75, T 0", "1111"),
        ("P 90, S 90, R aircraft 74, T 0", "1121"),
        ("P 90, S 90, R aircraft 60, T 0", "1121"),
        ("P 90, S 90, R aircraft 50, T 0", "1131"),
        ("P 90, S 90, R aircraft 49, T 0", "1141"),
    ],
)
def test_a_bound_belongs_to_the_better_level(inputs: str, expected: str) -> None:
    assert levels(inputs) == expected


@given(
    st.tuples(*[st.integers(0, 100)] * 3, st.integers(0, 200)),
    st.tuples(*[st.integers(0, 100)] * 3, st.integers(0, 200)),
)
def test_better_input_never_worsens_the_level(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    better = (*map(max, one[:3], other[:3]), min(one[3], other[3]))
    spelt = [rate(US, "P {}, S {}, R {}, T {}".format(*each)).computed for each in (better, one)]
    assert spelt[0] <= spelt[1]


def test_levels_that_are_said_in_words_are_rolled_up_to_the_worst() -> None:
    rating = rate(NZ, "personnel OLOC, training DLOC, held OLOC, condition below DLOC")
    assert (rating.reported, rating.worst) == ("below DLOC", ("condition",))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (Override(to="2", by="CO", reason="hope"), "by 1, not to 2"),
        (Override(to="3", by="", reason="x"), "who does it, and why"),
        (Override(to="3", by="CO", reason="  "), "who does it, and why"),
        (Override(to="9", by="CO", reason="x"), "no level '9'"),
    ],
)
def test_a_level_is_moved_only_by_a_named_person_with_a_reason_and_only_so_far(
    override: Override, said: str
) -> None:
    with pytest.raises(BadScheme, match=said):
        rate(US, "P 60, S 90, R 90, T 50", override)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("P 60, S 90, R 90", "nothing is said of pillar T"),
        ("P 60, S 90, R 90, T 1, X 3", "no pillar 'X'"),
        ("P 60, P 90, S 90, R 90, T 1", "said twice"),
        ("P many, S 90, R 90, T 1", "which is no number"),
        ("P -1, S 90, R 90, T 1", "which is no number"),
        ("P 1, S 90, R boat 90, T 1", "no kind 'boat'; there are aircraft"),
        ("P boat 1, S 90, R 90, T 1", "no kind 'boat'; there are none"),
    ],
)
def test_what_cannot_be_rated_says_why(inputs: str, said: str) -> None:
    with pytest.raises(BadScheme, match=said):
        rate(US, inputs)


def test_a_group_of_units_has_the_level_of_the_mean_of_theirs() -> None:
    # The published bounds of the composite: 1.54, 2.44, 3.34.
    assert composite(US, ["1", "2"]) == "1"
    assert composite(US, ["1", "2", "2"]) == "2"
    assert composite(US, ["2", "3"]) == "3"
    assert composite(US, ["3", "4", "4"]) == "4"
    assert composite(US, []) is None
    assert composite(NZ, ["OLOC"]) is None


GOOD = """
[X]
name = "x"
confidence = "C"
source = "invented"
levels = ["good", "bad"]
says = ["yes", "no"]
override_steps = 0
[X.pillar.P]
says = "p"
at_least = [50]
"""


def test_a_nation_can_bring_a_scheme_of_its_own() -> None:
    (scheme,) = read_schemes(GOOD).values()
    assert rate(scheme, "P 50").reported == "good"
    assert rate(scheme, "P 49").reported == "bad"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[X]", "[X", "no TOML"),
        ('name = "x"', "", "'name' is missing"),
        ('levels = ["good", "bad"]', "levels = 7", "not of its sort"),
        ('says = ["yes", "no"]', 'says = ["yes"]', "words for each"),
        ("at_least = [50]", "at_least = [50, 40]", "no 1 bounds"),
        ('"good", "bad"]\nsays = ["yes", "no"]', '"a", "b", "c"]\nsays = ["1", "2", "3"]',
         "no 2 bounds"),
        ("override_steps = 0", "override_steps = 0\ncomposite = [1, 2]", "composite"),
        ("at_least = [50]", "", "'at_most' is missing"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_right_is_refused_with_a_sentence(
    old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(BadScheme, match=said):
        read_schemes(GOOD.replace(old, new))


def test_bounds_that_are_not_best_first_are_refused() -> None:
    three = GOOD.replace('"good", "bad"]', '"a", "b", "c"]').replace(
        'says = ["yes", "no"]', 'says = ["1", "2", "3"]'
    )
    assert read_schemes(three.replace("[50]", "[50, 40]"))
    assert read_schemes(three.replace("at_least = [50]", "at_most = [40, 50]"))
    with pytest.raises(BadScheme, match="best first"):
        read_schemes(three.replace("[50]", "[40, 50]"))


def test_how_far_a_scheme_can_be_relied_on_goes_with_it() -> None:
    assert US.confidence == "B"
    assert "check the current edition" in US.source
    assert NZ.confidence == "A"
