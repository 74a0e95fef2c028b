from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from accord.desks.commitment.progress import SOON, Progress, progress, register
from accord.desks.commitment.record import Event, Held, Note
from accord.desks.commitment.statement import read_statement
from support.statements import STATEMENT

RECORD = read_statement(STATEMENT)
AT = datetime(2026, 2, 11, tzinfo=UTC)
DUE, UNTIL = date(2026, 5, 1), date(2026, 10, 31)
DAY = timedelta(days=1)


def note(event: Event, day: date = date(2026, 2, 11), *, clause: int = 1, hour: int = 0) -> Note:
    at = AT + timedelta(hours=hour)
    return Note(record="JOINT", clause=clause, event=event, day=day, by="Moana", at=at)


def held(*notes: Note) -> Held:
    return Held(record=RECORD, notes=notes, added_by="Moana", added=AT)


CONFIRMED = note(Event.CONFIRMED)


@pytest.mark.parametrize(
    ("notes", "on", "stands"),
    [
        ((), DUE, Progress.UNCONFIRMED),
        ((CONFIRMED,), DUE, Progress.AHEAD),
        ((CONFIRMED,), DUE + DAY, Progress.LATE),
        ((CONFIRMED,), UNTIL, Progress.LATE),
        ((CONFIRMED,), UNTIL + DAY, Progress.BROKEN),
        ((CONFIRMED, note(Event.KEPT, DUE)), UNTIL + DAY, Progress.KEPT),
        ((CONFIRMED, note(Event.KEPT, DUE)), DUE - DAY, Progress.AHEAD),
        ((CONFIRMED, note(Event.KEPT, DUE + DAY)), UNTIL, Progress.LATE),
        ((CONFIRMED, note(Event.KEPT, DUE), note(Event.BROKEN, DUE + DAY)), UNTIL, Progress.BROKEN),
        ((CONFIRMED, note(Event.BROKEN, DUE), note(Event.KEPT, DUE, hour=1)), UNTIL, Progress.KEPT),
        ((CONFIRMED, note(Event.KEPT, DUE, clause=2)), DUE, Progress.AHEAD),
    ],
)
def test_a_clause_stands_as_was_said_of_it_up_to_the_day(
    notes: tuple[Note, ...], on: date, stands: Progress
) -> None:
    assert progress(held(*notes), RECORD.clauses[0], on) is stands


def test_what_binds_nothing_measurable_is_never_kept_or_broken() -> None:
    kept = held(note(Event.CONFIRMED, clause=3), note(Event.KEPT, clause=3))
    assert progress(kept, RECORD.clauses[2], UNTIL) is Progress.NOT_MEASURABLE


def test_a_clause_without_days_waits_and_is_kept_when_it_is_said() -> None:
    clause = replace(RECORD.clauses[0], due=None, until=None)
    assert progress(held(CONFIRMED), clause, UNTIL) is Progress.AHEAD
    assert progress(held(CONFIRMED, note(Event.KEPT, DUE)), clause, UNTIL) is Progress.KEPT


def test_the_register_tells_what_we_owe_and_what_we_are_owed() -> None:
    ours = register([held()], "NZL", AT.date())
    assert [each.clause.number for each in ours.owe] == [1]
    assert [each.clause.number for each in ours.owed] == [2]
    assert [each.clause.number for each in ours.others] == [3]
    theirs = register([held()], "FJI", AT.date())
    assert [each.clause.number for each in theirs.owe] == [2]
    assert [each.clause.number for each in theirs.owed] == [1]
    assert ours.owe[0].sentence.startswith("New Zealand will station")
    assert ours.unread == ((RECORD, 4),)


def test_what_ends_soon_is_told_and_what_has_ended_is_not() -> None:
    days = {
        UNTIL - SOON - DAY: [],
        UNTIL - SOON: [1],
        UNTIL: [1],
        UNTIL + DAY: [],
    }
    for on, numbers in days.items():
        lines = register([held()], "NZL", on).expiring
        assert [each.clause.number for each in lines] == numbers


def test_the_earliest_due_is_told_first_and_who_confirmed_is_named() -> None:
    later = replace(RECORD, id="A", clauses=tuple(replace(c, due=UNTIL) for c in RECORD.clauses))
    lines = register([replace(held(), record=later), held(CONFIRMED)], "NZL", AT.date()).owe
    assert [each.record.id for each in lines] == ["JOINT", "A"]
    assert [each.confirmed_by for each in lines] == ["Moana", ""]
