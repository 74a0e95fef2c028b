from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Position
from accord.core.context import LIVE, Context
from accord.core.identity import Identity
from accord.core.principal import Direction, Principal
from accord.core.report import Report, Source
from accord.desks.watch.alert import Condition, Kind, Priority
from accord.desks.watch.conditions import (
    MAX_TEXT,
    Over,
    may_know,
    of_change,
    of_picture,
    of_status,
)
from accord.observe.health import (
    BudgetStatus,
    JournalStatus,
    ServiceStatus,
    SourceState,
    SourceStatus,
)
from accord.observe.partner_health import LinkState
from accord.picture.picture import Picture, PictureSettings
from support.builders import a_point, a_report
from support.clock import START
from support.health import A_PARTNER, a_status

EXERCISE = Context.exercise("TASMAN")


def a_call(uid: str = "KIWI", **changes: Any) -> Report:
    return a_report(uid, body=Alarm(category="911 Alert", point=a_point()), **changes)


def told(picture: Picture, report: Report) -> Condition | Over | None:
    change = picture.apply(report)
    assert change is not None
    found = of_change(change)
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture
def picture() -> Picture:
    return Picture(PictureSettings())


def test_somebody_who_calls_is_an_alarm_once_and_over_when_it_is_cancelled(
    picture: Picture,
) -> None:
    call = told(picture, a_call())
    assert isinstance(call, Condition)
    assert (call.kind, call.priority, call.uid) == (Kind.EMERGENCY, Priority.ALARM, "KIWI")
    assert call.text == "CALL-KIWI: 911 Alert"
    again = a_call(at=START + timedelta(seconds=5))
    assert told(picture, again) is None
    end = replace(again, body=Alarm(category="911 Alert", cancels=True))
    assert told(picture, end) == Over(call.key)


def test_what_another_group_says_under_a_uid_neither_ends_a_call_nor_hides_one(
    picture: Picture,
) -> None:
    def said(group: str, **more: Any) -> Report:
        source = Source(node="NZL", channel="tak", speaker=group)
        values = {"groups": frozenset({group}), "source": source, **more}
        return replace(a_report("SOS"), **values)

    cry = Alarm(category="911 Alert", point=a_point())
    blue = told(picture, said("Blue", body=cry))
    assert isinstance(blue, Condition)
    later = START + timedelta(seconds=9)
    assert told(picture, said("Red", received=later, time=later)) is None
    assert [each.groups for each in of_picture(picture.everything())] == [frozenset({"Blue"})]
    red = told(picture, said("Red", body=cry, received=later, time=later + timedelta(seconds=1)))
    assert isinstance(red, Condition)
    assert (red.groups, red.key != blue.key) == (frozenset({"Red"}), True)
    end = replace(cry, cancels=True)
    assert told(picture, said("Blue", body=end, time=later)) == Over(blue.key)
    assert [each.groups for each in of_picture(picture.everything())] == [frozenset({"Red"})]


def test_a_position_is_nothing_to_the_watch(picture: Picture) -> None:
    assert told(picture, a_report("MOA")) is None


def test_a_call_that_the_picture_forgets_is_over(picture: Picture) -> None:
    call = told(picture, a_call())
    gone = [said for e in picture.expire(START + timedelta(days=2)) for said in of_change(e)]
    assert isinstance(call, Condition)
    assert gone[-1] == Over(call.key)


def test_a_call_that_becomes_a_position_is_over(picture: Picture) -> None:
    call = told(picture, a_call())
    later = START + timedelta(seconds=5)
    moved = a_report("KIWI", at=later, body=Position(point=a_point()))
    assert isinstance(call, Condition)
    assert told(picture, moved) == Over(call.key)


def test_a_call_of_an_exercise_never_is_an_alarm_and_names_the_exercise(picture: Picture) -> None:
    live, drill = told(picture, a_call()), told(picture, a_call(context=EXERCISE))
    assert isinstance(live, Condition)
    assert isinstance(drill, Condition)
    assert drill.priority is Priority.CAUTION
    assert "exercise:TASMAN" in drill.text
    assert drill.key != live.key


def test_who_calls_without_a_callsign_is_named_by_name_or_uid(picture: Picture) -> None:
    named = told(picture, a_call("A", identity=Identity(name="MV Moa")))
    unnamed = told(picture, a_call("B", identity=Identity()))
    assert isinstance(named, Condition)
    assert isinstance(unnamed, Condition)
    assert (named.text, unnamed.text) == ("MV Moa: 911 Alert", "B: 911 Alert")


def test_a_long_callsign_is_cut(picture: Picture) -> None:
    call = told(picture, a_call(identity=Identity(callsign="K" * 10_000)))
    assert isinstance(call, Condition)
    assert len(call.text) == MAX_TEXT


def test_every_call_on_a_picture_is_found(picture: Picture) -> None:
    for report in (a_call(), a_report("MOA"), a_call("TUI", context=EXERCISE)):
        picture.apply(report)
    assert {each.uid for each in of_picture(picture.everything())} == {"KIWI", "TUI"}


def test_a_node_that_is_well_needs_no_attention() -> None:
    assert list(of_status(a_status(partners=(A_PARTNER,)))) == []


@pytest.mark.parametrize(
    ("state", "priority"),
    [
        (LinkState.DOWN, Priority.CAUTION),
        (LinkState.SILENT, Priority.CAUTION),
        (LinkState.STOPPED, Priority.WARNING),
    ],
)
def test_a_link_that_does_not_work_is_named_with_its_partner(
    state: LinkState, priority: Priority
) -> None:
    partner = replace(A_PARTNER, state=state, trouble="a field too many")
    (found,) = of_status(a_status(partners=(partner,)))
    assert (found.kind, found.priority) == (Kind.LINK, priority)
    assert found.text.startswith("USA-PAC: ")
    assert found.groups is None


def test_a_partner_that_is_refused_on_purpose_needs_no_attention() -> None:
    partner = replace(A_PARTNER, state=LinkState.REFUSED)
    assert list(of_status(a_status(partners=(partner,)))) == []


@pytest.mark.parametrize("state", list(SourceState))
def test_a_feed_that_is_down_or_silent_is_named_and_a_client_that_is_silent_is_not(
    state: SourceState,
) -> None:
    def source(channel: str) -> SourceStatus:
        return SourceStatus(
            channel=channel, speaker="ais", state=state, accepted=0, last_useful=None, trouble="x"
        )

    found = list(of_status(a_status(sources=(source("feed:ais"), source("tak")))))
    expected = state in (SourceState.DOWN, SourceState.SILENT)
    assert [each.key for each in found] == (["feed feed:ais"] if expected else [])


def test_a_journal_that_keeps_nothing_and_a_budget_that_is_passed_are_warnings() -> None:
    journal = JournalStatus(
        waiting_bytes=0, limit_bytes=1, counts={}, trouble="keeps nothing: disk full"
    )
    budgets = (
        BudgetStatus(what="memory", used=11, budget=10),
        BudgetStatus(what="disk", used=10, budget=10),
    )
    found = list(of_status(a_status(journal=journal, budgets=budgets)))
    assert [each.key for each in found] == ["node journal", "node budget memory"]
    assert {each.priority for each in found} == {Priority.WARNING}


def test_what_cannot_be_asked_is_a_warning_until_it_can() -> None:
    asked = ServiceStatus(what="directory", address="ldaps://there")
    assert list(of_status(a_status(services=(asked,)))) == []
    (found,) = of_status(a_status(services=(replace(asked, trouble="no answer"),)))
    assert (found.key, found.kind, found.priority) == (
        "node service directory", Kind.NODE, Priority.WARNING
    )  # fmt: skip
    assert found.text == "the directory ldaps://there cannot be asked: no answer"


def test_of_a_call_knows_who_may_see_who_calls_and_nobody_else(picture: Picture) -> None:
    call = told(picture, a_call(context=EXERCISE))
    assert isinstance(call, Condition)
    blue = Principal(name="a", groups={"Blue": Direction.OUT}, exercises=frozenset({"TASMAN"}))
    assert may_know(blue, call)
    assert not may_know(replace(blue, exercises=frozenset[str]()), call)
    assert not may_know(replace(blue, groups={"Red": Direction.BOTH}), call)
    assert not may_know(replace(blue, groups={"Blue": Direction.IN}), call)
    assert may_know(Principal(name="b"), replace(call, groups=None, context=LIVE))
    # What is said to everybody is still of its exercise: nobody else learns of it.
    assert not may_know(Principal(name="b"), replace(call, groups=None))
