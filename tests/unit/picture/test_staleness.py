from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Alarm, Shape
from accord.core.geometry import Circle
from accord.core.kind import Kind
from accord.core.report import Report
from accord.core.track import TrackStatus
from accord.picture.staleness import Schedule, standing
from support.builders import a_point, a_report
from support.clock import START

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIVE, STALE, LOST, REMOVED = TrackStatus


def at(
    now: timedelta, lead: Report, *, updated: timedelta = timedelta()
) -> tuple[TrackStatus, timedelta]:
    """Status and next change, counted from the start; lost after 10 min, removed after an hour."""
    status, due = standing(
        lead, START + updated, START + now, lost_after=10 * MINUTE, removed_after=HOUR, max_age=DAY
    )  # fmt: skip
    return status, due - START


def valid_for(time: timedelta, **changes: Any) -> Report:
    return a_report(stale=START + time, **changes)


DRAWING = Shape(outline=Circle(centre=a_point(), radius=1.0))


@pytest.mark.parametrize(
    ("now", "status", "next_change"),
    [
        (0 * MINUTE, LIVE, 5 * MINUTE),
        (4 * MINUTE, LIVE, 5 * MINUTE),
        (5 * MINUTE, STALE, 15 * MINUTE),
        (14 * MINUTE, STALE, 15 * MINUTE),
        (15 * MINUTE, LOST, 75 * MINUTE),
        (74 * MINUTE, LOST, 75 * MINUTE),
        (75 * MINUTE, REMOVED, 75 * MINUTE),
        (9 * DAY, REMOVED, 1 * DAY),
    ],
)
def test_a_track_is_live_then_stale_then_lost_then_removed(
    now: timedelta, status: TrackStatus, next_change: timedelta
) -> None:
    assert at(now, valid_for(5 * MINUTE)) == (status, next_change)


@pytest.mark.parametrize(
    ("valid", "now", "status"),
    [
        (9 * DAY, DAY - MINUTE, LIVE),
        (DAY - 5 * MINUTE, DAY - MINUTE, STALE),
        (DAY - 30 * MINUTE, DAY - MINUTE, LOST),
    ],
)
def test_a_thing_not_updated_for_its_longest_age_goes_whatever_its_stale_time(
    valid: timedelta, now: timedelta, status: TrackStatus
) -> None:
    assert at(now, valid_for(valid)) == (status, DAY)
    assert at(DAY, valid_for(valid)) == (REMOVED, DAY)


def test_age_counts_from_the_last_update_of_the_track() -> None:
    assert at(DAY, valid_for(9 * DAY), updated=HOUR) == (LIVE, DAY + HOUR)


@pytest.mark.parametrize(
    "placed",
    [
        {"body": DRAWING, "kind": Kind.of("u-d-c-c")},
        {"kind": Kind.of("b-m-p-w-GOTO")},
        {"kind": Kind.of("a-h-G"), "how": "h-g-i-g-o"},
    ],
    ids=["a drawing", "a marker", "a hostile unit that a person marked"],
)
def test_what_a_person_put_on_the_map_stays_until_its_stale_time(
    placed: dict[str, Any],
) -> None:
    lead = valid_for(9 * DAY, **placed)
    assert at(8 * DAY, lead) == (LIVE, 9 * DAY)
    assert at(9 * DAY, lead)[0] is REMOVED
    assert at(5 * MINUTE, valid_for(5 * MINUTE, **placed)) == (STALE, 15 * MINUTE)


def test_a_person_who_types_in_his_own_position_is_not_a_marker() -> None:
    lead = valid_for(9 * DAY, how="h-e", author="U1")
    assert at(DAY, lead)[0] is REMOVED


def test_an_alarm_stays_stale_or_lost_until_its_longest_age() -> None:
    alarm = valid_for(5 * MINUTE, body=Alarm(category="911"), kind=Kind.of("b-a-o-tbl"))
    assert at(MINUTE, alarm) == (LIVE, 5 * MINUTE)
    assert at(5 * MINUTE, alarm) == (STALE, 15 * MINUTE)
    assert at(15 * MINUTE, alarm) == (LOST, DAY)
    assert at(DAY - MINUTE, alarm) == (LOST, DAY)
    assert at(DAY, alarm) == (REMOVED, DAY)


def test_the_last_of_all_times_can_be_a_stale_time() -> None:
    for_ever = a_report(stale=datetime.max.replace(tzinfo=UTC), body=DRAWING)
    assert at(9 * DAY, for_ever)[0] is LIVE


def test_things_are_taken_when_they_are_due_the_longest_due_first() -> None:
    schedule: Schedule[str] = Schedule()
    schedule.put("later", START + HOUR)
    schedule.put("second", START + MINUTE)
    schedule.put("first", START)
    assert [schedule.take(START + MINUTE) for _ in range(3)] == ["first", "second", None]
    assert schedule.take(START + HOUR) == "later"
    assert schedule.take(START + DAY) is None


def test_what_was_dropped_is_not_taken() -> None:
    schedule: Schedule[str] = Schedule()
    ticket = schedule.put("dropped", START)
    schedule.put("kept", START)
    schedule.drop(ticket)
    schedule.drop(ticket)
    assert [schedule.take(START), schedule.take(START)] == ["kept", None]


def test_dropping_keeps_the_heap_to_twice_what_waits() -> None:
    schedule: Schedule[int] = Schedule()
    tickets = [schedule.put(number, START + number * MINUTE) for number in range(1_000)]
    for ticket in tickets[:900]:
        schedule.drop(ticket)
        assert len(schedule) <= 2 * 1_000 + Schedule.SPARE
    assert len(schedule) <= 2 * 100 + Schedule.SPARE
    taken = [schedule.take(START + DAY) for _ in range(101)]
    assert taken == [*range(900, 1_000), None]
