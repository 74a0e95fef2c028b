from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.core.context import LIVE, Context
from accord.desks.readiness import register as register_module
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.rules import NotTaken
from accord.desks.readiness.said import Row, Said, as_it_stood
from accord.desks.readiness.schemes import BadScheme
from support.readiness import (
    FLEET,
    NOW,
    SAID,
    SCHEMES,
    a_base,
    a_class,
    a_register,
    a_row,
    a_unit,
    available,
)

HOUR = timedelta(hours=1)
PLAN = Context.parse("plan:pacific")
LATER = replace(SAID, as_of=SAID.as_of + timedelta(days=2))


def test_rows_are_taken_all_or_none(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    with pytest.raises(NotTaken):
        register.take([a_unit("GOOD"), a_unit("BAD", class_="NOPE")], person="aroha", now=NOW)
    assert set(register.records()[Sheet.UNITS]) == {"NZL-MPA"}


def test_what_is_wrong_already_does_not_keep_other_rows_out(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    broken = a_unit("BROKEN", class_="NOPE")
    before = register.store.add(
        LIVE,
        lambda *_: register_module._entries([broken], person="x", now=NOW, context=LIVE),  # pyright: ignore[reportPrivateUsage]
    )
    assert before
    assert register.take([a_unit("GOOD")], person="aroha", now=NOW)


def test_the_same_words_again_are_nothing_new_and_other_words_are(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    assert register.take(FLEET, person="wiremu", now=NOW + HOUR) == []
    new = register.take(
        [replace(a_unit("NZL-MPA", count="4"), said=LATER)], person="wiremu", now=NOW + HOUR
    )
    assert {each.column for each in new} == {"partner", "class", "base", "count"}


def test_a_word_taken_back_and_said_again_is_new(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    for count, new in (("5", 1), ("4", 1), ("4", 0)):
        row = a_row(Sheet.UNITS, "NZL-MPA", count=count)
        assert len(register.take([row], person="aroha", now=NOW + HOUR)) == new
        assert register.records()[Sheet.UNITS]["NZL-MPA"].text("count") == count


def test_a_value_said_twice_in_one_file_is_kept_once(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    row = a_unit("NZL-2")
    assert len(register.take([row, row], person="aroha", now=NOW)) == len(row.values)


def test_two_rows_that_say_different_things_of_one_time_are_not_taken(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    rows = [a_row(Sheet.UNITS, "NZL-MPA", LATER, count=count) for count in ("3", "5")]
    with pytest.raises(NotTaken, match="NZL-MPA is here twice as of one time: '3' and '5'"):
        register.take(rows, person="aroha", now=NOW)
    assert register.records()[Sheet.UNITS]["NZL-MPA"].text("count") == "4"


def test_an_empty_cell_leaves_what_stood_there(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    row = a_row(Sheet.UNITS, "NZL-MPA", LATER, count="3")
    register.take([row], person="aroha", now=NOW)
    unit = register.records()[Sheet.UNITS]["NZL-MPA"]
    assert (unit.text("count"), unit.text("base")) == ("3", "NZ-OHA")
    assert unit.entries["base"].said == SAID


def test_history_is_kept_with_who_and_when(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    row = a_row(Sheet.UNITS, "NZL-MPA", LATER, count="3")
    register.take([row], person="wiremu", now=NOW + HOUR)
    newest, *rest = register.history(Sheet.UNITS, "NZL-MPA")
    assert (newest.column, newest.value, newest.person) == ("count", "3", "wiremu")
    assert (newest.said, newest.entered) == (LATER, NOW + HOUR)
    assert ("count", "4") in {(each.column, each.value) for each in rest}
    before = register.records(at=LATER.as_of - HOUR)[Sheet.UNITS]["NZL-MPA"]
    assert before.text("count") == "4"
    unknown = register.records(known=NOW)[Sheet.UNITS]["NZL-MPA"]
    assert unknown.text("count") == "4"


def test_contexts_never_mix(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    assert not any(register.records(PLAN).values())
    register.take(FLEET[:1], person="aroha", now=NOW, context=PLAN)
    assert set(register.records(PLAN)[Sheet.BASES]) == {"NZ-OHA"}
    assert not register.records(PLAN)[Sheet.UNITS]
    with pytest.raises(NotTaken, match="MPA is none of the classes"):
        register.take([a_unit("X")], person="aroha", now=NOW, context=PLAN)
    assert register.store.contexts() == [LIVE, PLAN]


def test_a_unit_that_is_withdrawn_while_others_name_it_is_refused(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    gone = a_row(Sheet.UNITS, "NZL-MPA", LATER, withdrawn="yes")
    with pytest.raises(NotTaken, match="NZL-MPA is none of the units"):
        register.take([gone], person="aroha", now=NOW)
    free = a_row(Sheet.AVAILABILITY, "A1", LATER, withdrawn="yes")
    register.take([gone, free], person="aroha", now=NOW)
    assert not register.records()[Sheet.UNITS]


def test_too_many_rows_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "MOST_ROWS", 3)
    with pytest.raises(NotTaken, match="4 rows at once; at most 3"):
        a_register(tmp_path, *FLEET)


def test_a_unit_has_its_level_by_its_nations_scheme(tmp_path: Path) -> None:
    row = a_row(
        Sheet.LEVELS, "L", unit="NZL-MPA", scheme="US-AR220-1", inputs="P 60, S 90, R 90, T 50",
        override_to="3", override_by="CO", override_reason="crew cross-decked this week",
    )  # fmt: skip
    register = a_register(tmp_path, *FLEET, row)
    rating = register.rating(register.records()[Sheet.LEVELS]["L"])
    assert (rating.computed, rating.reported) == ("4", "3")


def test_inputs_that_cannot_be_rated_are_not_taken(tmp_path: Path) -> None:
    row = a_row(Sheet.LEVELS, "L", unit="NZL-MPA", scheme="US-AR220-1", inputs="P 60")
    with pytest.raises(NotTaken, match="levels L, inputs: US-AR220-1: nothing is said of pillar"):
        a_register(tmp_path, *FLEET, row)


def test_a_level_of_a_scheme_that_has_gone_says_so(tmp_path: Path) -> None:
    row = a_row(Sheet.LEVELS, "L", unit="NZL-MPA", scheme="US-AR220-1", inputs="P 1, S 1, R 1, T 1")
    record = a_register(tmp_path, *FLEET, row).records()[Sheet.LEVELS]["L"]
    without = register_module.Register(tmp_path / "readiness.sqlite", {})
    with pytest.raises(BadScheme, match="there is no scheme"):
        without.rating(record)


def test_a_later_word_for_an_earlier_day_does_not_change_today(tmp_path: Path) -> None:
    register = a_register(tmp_path, *FLEET)
    early = replace(SAID, as_of=SAID.as_of - timedelta(days=5))
    register.take([available("A1", "NZL-MPA", share="0.9", said=early)], person="a", now=NOW)
    share = register.records()[Sheet.AVAILABILITY]["A1"].text("share")
    assert share == "0.5"
    then = register.records(at=early.as_of)[Sheet.AVAILABILITY]["A1"]
    assert then.text("share") == "0.9"


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from("1234"), st.booleans()),
        max_size=8,
    ),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_what_is_shown_of_any_day_is_what_the_whole_history_comes_to(
    told: list[tuple[int, int, str, bool]], at: int, known: int
) -> None:
    halves = timedelta(milliseconds=500)  # some times have a fraction, and sort with the others
    with TemporaryDirectory() as directory:
        register = a_register(Path(directory), *FLEET)
        for as_of, entered, count, has_icao in told:
            said = replace(SAID, as_of=SAID.as_of + as_of * halves)
            row = a_row(Sheet.BASES, "NZ-OHA", said, note=count, icao="NZOH" if has_icao else "-")
            register.take([row], person="a", now=NOW + entered * halves)
        day, by = SAID.as_of + at * halves, NOW + known * halves
        history = register.history(Sheet.BASES, "NZ-OHA")
        whole = as_it_stood(history, at=day, known=by)[Sheet.BASES]
        assert register.records(at=day, known=by)[Sheet.BASES] == whole


def test_a_nation_has_the_composite_of_its_own_units_and_never_of_anothers(tmp_path: Path) -> None:
    def level(id_: str, unit: str, inputs: str, said: Said = SAID) -> Row:
        return a_row(Sheet.LEVELS, id_, said, unit=unit, scheme="US-AR220-1", inputs=inputs)

    old = replace(SAID, valid_until=NOW - timedelta(hours=1))
    register = a_register(
        tmp_path, a_base(), a_class(), a_unit("N1"), a_unit("N2"), a_unit("N3"),
        a_unit("U1", partner="USA"), a_unit("F1", partner="FRA"),
        level("L1", "N1", "P 95, S 95, R 95, T 5"), level("L2", "N2", "P 70, S 95, R 95, T 5"),
        level("L3", "N3", "P 10, S 10, R 10, T 99", old),
        level("L4", "U1", "P 10, S 10, R 10, T 99"),
        level("L5", "F1", "P 95, S 95, R 95, T 5", old),
    )  # fmt: skip
    found = {each.partner: each for each in register.together(register.records(), NOW)}
    # Of a 1 and a 3 the mean is 2, and the published bounds of the composite are 1.54 and 2.44.
    assert (found["NZL"].level, found["NZL"].units, found["NZL"].stale) == ("2", 2, 1)
    assert (found["USA"].level, found["USA"].units) == ("4", 1)
    assert (found["FRA"].level, found["FRA"].units, found["FRA"].stale) == (None, 0, 1)


def test_a_scheme_without_a_composite_has_none(tmp_path: Path) -> None:
    inputs = ", ".join(f"{each} OLOC" for each in SCHEMES["NZ-OPRES"].pillars)
    register = a_register(
        tmp_path, a_base(), a_class(), a_unit("N1"),
        a_row(Sheet.LEVELS, "L1", unit="N1", scheme="NZ-OPRES", inputs=inputs),
    )  # fmt: skip
    assert register.together(register.records(), NOW) == []
