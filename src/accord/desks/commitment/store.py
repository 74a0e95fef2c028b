"""Statements and what was said of their clauses, in one SQLite file; nothing in it is changed.

Every method opens the file anew, so that any thread may call.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from accord.core.errors import AccordError
from accord.desks.commitment.record import Event, Held, Note
from accord.desks.commitment.statement import read_statement
from accord.storage.register import RegisterFile

COMMITMENTS = Path("commitments.sqlite")

MOST = 10_000
"""Statements that are kept, each with its versions; beyond, none is taken."""


class CommitmentFault(AccordError):
    """The file cannot be read or written; it says why, and what to do."""


class NoSuchRecord(AccordError):
    """There is no statement of that name."""


class TooManyRecords(AccordError):
    """The register is full."""


@dataclass(frozen=True, slots=True)
class Added:
    """A statement as it now stands, and whether it said anything that was not there."""

    held: Held
    is_new: bool


class CommitmentStore:
    """The file of the commitment desk."""

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(
            path, "commitment", called="the register of commitments", fault=CommitmentFault
        )

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def add(self, text: str, by: str, at: datetime) -> Added:
        """Keep a statement, or a new version of one: what was said of the old one ends with it.

        One that says nothing new is no new version. ScenarioError where the text is none.
        """
        record = read_statement(text)
        with self._file.open() as file:
            before = _find_newest(file, record.id)
            if before is not None and before[1].record == record:
                return Added(before[1], is_new=False)
            known = file.execute("SELECT count(*) FROM statement").fetchone()[0]
            if known >= MOST:
                raise TooManyRecords(f"the register holds {known} statements and takes no more")
            file.execute(
                "INSERT INTO statement (id, text, added_by, added) VALUES (?, ?, ?, ?)",
                (record.id, text, by, at.timestamp()),
            )
        return Added(Held(record=record, notes=(), added_by=by, added=at), is_new=True)

    def note(self, note: Note) -> Held:
        """Keep what was said of a clause, and return the statement as it now stands.

        NoSuchRecord or NoSuchClause where there is none; NotNoted where it cannot be so.
        """
        with self._file.open() as file:
            number, held = _newest(file, note.record)
            held.check(note)
            file.execute(
                "INSERT INTO note (statement, clause, event, day, person, at, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    note.clause,
                    note.event.value,
                    note.day.isoformat(),
                    note.by,
                    note.at.timestamp(),
                    note.text,
                ),
            )
        return replace(held, notes=(*held.notes, note))

    def held(self, name: str) -> Held:
        """Return one statement as it stands. NoSuchRecord where there is none."""
        with self._file.open() as file:
            return _newest(file, name)[1]

    def text(self, name: str) -> str:
        """Return a statement as it was given. NoSuchRecord where there is none."""
        with self._file.open() as file:
            number = _newest(file, name)[0]
            row = file.execute("SELECT text FROM statement WHERE number = ?", (number,)).fetchone()
        return str(row[0])

    def all(self) -> list[Held]:
        """Return every statement as it stands, by name."""
        with self._file.open() as file:
            names = file.execute("SELECT DISTINCT id FROM statement ORDER BY id").fetchall()
            return [_newest(file, name)[1] for (name,) in names]


def _newest(file: sqlite3.Connection, name: str) -> tuple[int, Held]:
    found = _find_newest(file, name)
    if found is None:
        raise NoSuchRecord(f"there is no statement {name}")
    return found


def _find_newest(file: sqlite3.Connection, name: str) -> tuple[int, Held] | None:
    row = file.execute(
        "SELECT number, text, added_by, added FROM statement WHERE id = ?"
        " ORDER BY number DESC LIMIT 1",
        (name,),
    ).fetchone()
    if row is None:
        return None
    number, text, added_by, added = row
    record = read_statement(text)
    notes = file.execute(
        "SELECT clause, event, day, person, at, text FROM note WHERE statement = ? ORDER BY number",
        (number,),
    ).fetchall()
    held = Held(
        record=record,
        notes=tuple(
            Note(
                record=record.id,
                clause=clause,
                event=Event(event),
                day=date.fromisoformat(day),
                by=by,
                at=datetime.fromtimestamp(at, UTC),
                text=said,
            )
            for clause, event, day, by, at, said in notes
        ),
        added_by=added_by,
        added=datetime.fromtimestamp(added, UTC),
    )
    return number, held
