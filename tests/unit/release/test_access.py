from typing import Any

import pytest

from accord.core.context import LIVE, Context
from accord.core.principal import Direction, Principal, Role
from accord.release.access import may_say, may_see
from support.builders import a_report

EXERCISE = Context.exercise("TASMAN")


GROUPS = {"Says": Direction.IN, "Hears": Direction.OUT, "Talks": Direction.BOTH}


def member(**changes: Any) -> Principal:
    return Principal(name="kiwi-1", groups=GROUPS, **changes)


@pytest.mark.parametrize(
    ("groups", "sees"),
    [
        ({"Hears"}, True),
        ({"Talks"}, True),
        ({"Says"}, False),
        ({"Says", "Hears"}, True),
        ({"Elsewhere"}, False),
        ({"Elsewhere", "Talks"}, True),
        (set[str](), False),
    ],
    ids=str,
)
def test_a_member_sees_what_was_said_into_a_group_that_he_hears(
    groups: set[str], sees: bool
) -> None:
    assert may_see(member(), a_report(groups=frozenset(groups))) is sees


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"Says"}, None),
        ({"Talks"}, None),
        ({"Says", "Elsewhere"}, None),
        ({"Hears"}, "said into no group that the sender speaks in"),
        ({"Elsewhere"}, "said into no group that the sender speaks in"),
        (set[str](), "said into no group that the sender speaks in"),
    ],
    ids=str,
)
def test_a_member_says_into_a_group_that_he_speaks_in(groups: set[str], reason: str | None) -> None:
    assert may_say(member(), a_report(groups=frozenset(groups))) == reason


def test_who_may_only_read_sees_and_says_nothing() -> None:
    reader = member(role=Role.READ_ONLY)
    report = a_report(groups=frozenset({"Talks"}))
    assert may_see(reader, report)
    assert may_say(reader, report) == "read-only"


def test_an_administrator_needs_a_group_like_everyone_else() -> None:
    administrator = member(role=Role.ADMINISTRATOR)
    elsewhere = a_report(groups=frozenset({"Elsewhere"}))
    assert not may_see(administrator, elsewhere)
    assert may_say(administrator, elsewhere) is not None


@pytest.mark.parametrize(
    ("inside", "context", "takes_part"),
    [
        (member(), EXERCISE, False),
        (member(exercises=frozenset({"TASMAN"})), EXERCISE, True),
        (member(exercises=frozenset({"TASMAN"})), LIVE, True),
        (member(exercises=frozenset({"OTHER"})), EXERCISE, False),
        (member(every_exercise=True), EXERCISE, True),
        (member(every_exercise=True), Context.parse("plan:P1"), False),
        (member(every_exercise=True), Context.parse("replay:R1"), False),
    ],
)
def test_nobody_sees_or_says_anything_in_a_context_that_he_is_not_in(
    inside: Principal, context: Context, takes_part: bool
) -> None:
    report = a_report(groups=frozenset({"Talks"}), context=context)
    refused = None if takes_part else f"takes no part in {context.kind.value}"
    assert may_see(inside, report) is takes_part
    assert may_say(inside, report) == refused
