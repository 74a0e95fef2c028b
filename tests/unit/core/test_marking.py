import pytest

from accord.core.context import LIVE, Context
from accord.core.marking import UNMARKED, Marking, Opex, OpexKind, marking_of


# MITRE CoT base schema: opex is o-, e- or s-, with or without a name.
@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("o", OpexKind.OPERATION, ""),
        ("o-", OpexKind.OPERATION, ""),
        ("o-PACIFIC", OpexKind.OPERATION, "PACIFIC"),
        ("e", OpexKind.EXERCISE, ""),
        ("e-TASMAN 26", OpexKind.EXERCISE, "TASMAN 26"),
        ("s-X-1", OpexKind.SIMULATION, "X-1"),
    ],
)
def test_the_attribute_is_a_kind_and_a_name(text: str, kind: OpexKind, name: str) -> None:
    assert Opex.parse(text) == Opex(kind, name)


@pytest.mark.parametrize(
    "text", ["", "foo", "x-NAME", "E-NAME", "-NAME", "eTASMAN", "live", " e-X"]
)
def test_anything_else_is_refused_never_taken_for_live(text: str) -> None:
    with pytest.raises(ValueError, match="opex"):
        Opex.parse(text)


def test_a_mark_is_written_as_it_is_read() -> None:
    assert str(Opex.parse("e-TASMAN")) == "e-TASMAN"
    assert str(Opex.parse("s")) == "s-"


def test_an_operation_is_live_whatever_its_name() -> None:
    assert Opex.parse("o").context == Opex.parse("o-TASMAN").context == LIVE


def test_exercise_and_simulation_of_one_name_are_one_context() -> None:
    assert Opex.parse("e-X").context == Opex.parse("s-X").context == Context.exercise("X")


def test_an_exercise_without_a_name_is_still_never_live() -> None:
    assert Opex.parse("e-").context == Opex.parse("s").context == Context.exercise("UNNAMED")


def test_an_unmarked_report_has_no_mark_at_all() -> None:
    assert Marking(access=None, caveat=None, releasable_to=None, opex=None) == UNMARKED
    assert not UNMARKED.by_default


def test_what_a_form_without_marks_brings_into_an_exercise_is_marked_as_of_it() -> None:
    tasman = Context.exercise("TASMAN")
    assert marking_of(tasman) == Marking(opex=Opex.parse("e-TASMAN"))
    assert Opex.of(tasman) == Opex(OpexKind.EXERCISE, "TASMAN")


@pytest.mark.parametrize("context", [LIVE, Context.parse("plan:A"), Context.parse("replay:R")])
def test_outside_an_exercise_it_has_no_mark(context: Context) -> None:
    assert marking_of(context) is UNMARKED
    assert Opex.of(context) is None
