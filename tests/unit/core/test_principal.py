import pytest

from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal

EVERY_DIRECTION = {
    "Says": Direction.IN,
    "Hears": Direction.OUT,
    "Talks": Direction.BOTH,
}


def test_in_lets_a_member_speak_and_out_lets_him_hear_as_tak_server_has_it() -> None:
    member = Principal(name="kiwi-1", groups=EVERY_DIRECTION)
    assert member.speaks_in == {"Says", "Talks"}
    assert member.hears == {"Hears", "Talks"}


def test_both_is_in_and_out() -> None:
    assert Direction.BOTH == Direction.IN | Direction.OUT


def test_who_is_in_no_group_neither_speaks_nor_hears() -> None:
    nobody = Principal(name="nobody")
    assert (nobody.speaks_in, nobody.hears) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("member", "contexts"),
    [
        (Principal(name="outside"), {"live"}),
        (Principal(name="inside", exercises=frozenset({"TASMAN"})), {"live", "exercise:TASMAN"}),
        (
            Principal(name="all", every_exercise=True),
            {"live", "exercise:TASMAN", "exercise:OTHER"},
        ),
    ],
)
def test_all_take_part_live_in_named_exercises_and_nobody_in_plans_and_replays(
    member: Principal, contexts: set[str]
) -> None:
    all_contexts = [
        LIVE,
        Context.exercise("TASMAN"),
        Context.exercise("OTHER"),
        Context.parse("plan:TASMAN"),
        Context.parse("replay:TASMAN"),
    ]
    assert {str(each) for each in all_contexts if member.takes_part_in(each)} == contexts
