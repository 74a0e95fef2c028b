"""The register in one SQLite file: values are added and never changed or taken away.

Every method opens the file anew, so that any thread, and the command line, may call.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.rfc3339 import spell
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.said import AFTER_ALL, Confidence, Entry, Said
from accord.desks.readiness.statement import Heard, attributes, read
from accord.desks.readiness.telling import Telling, Wanted
from accord.storage.register import RegisterFile

READINESS = Path("readiness.sqlite")

MOST_ENTRIES = 200_000
"""Values that the register holds with all their history."""

MOST_STATEMENTS = 20_000
"""Statements that are kept; beyond, the oldest go."""


_NAMES = "number, sheet, id, name, value, said_by, as_of, valid_until, confidence, entered, person"


Last = Callable[[Entry], Entry | None]
"""Tells what was entered last of the same value as of the same time."""


class ReadinessFault(AccordError):
    """The file of the register cannot be read or written; it says why, and what to do."""


class RegisterFull(AccordError):
    """The register holds as much as it may."""


class ReadinessStore:
    """The register's file."""

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, "readiness", called="the register", fault=ReadinessFault)

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def standing(self, context: Context, *, at: datetime, known: datetime) -> list[Entry]:
        """Return of each value only what holds at a time, as far as it was known by another.

        As `said.as_it_stood` has it, so that a long history costs those nothing who ask for today.
        """
        with self._file.open() as register:
            return _standing(register, context, _kept(at), _kept(known))

    def history(self, context: Context, sheet: Sheet, id_: str) -> list[Entry]:
        """Return all that was ever said of one record, the newest first."""
        with self._file.open() as register:
            rows: list[Any] = register.execute(
                f"SELECT {_NAMES} FROM entry WHERE context = ? AND sheet = ? AND id = ?"  # noqa: S608  a constant
                " ORDER BY number DESC",
                (str(context), sheet.value, id_),
            ).fetchall()
        return [_entry(context, row) for row in rows]

    def contexts(self) -> list[Context]:
        """Return the contexts in which anything was said."""
        with self._file.open() as register:
            rows = register.execute(
                "SELECT context FROM entry UNION SELECT context FROM statement ORDER BY 1"
            ).fetchall()
        return [Context.parse(text) for (text,) in rows]

    def add(
        self, context: Context, make: Callable[[list[Entry], Last], Sequence[Entry]]
    ) -> Sequence[Entry]:
        """Keep what `make` makes, or nothing where it raises; return what is new.

        It is given what holds of each value, and what tells the last word for a value and a time.
        Nobody else adds anything meanwhile.
        """
        with self._file.open() as register:
            new = make(
                _standing(register, context, _kept(AFTER_ALL), _kept(AFTER_ALL)),
                lambda entry: _last(register, entry),
            )
            held = register.execute("SELECT count(*) FROM entry").fetchone()[0]
            if held + len(new) > MOST_ENTRIES:
                raise RegisterFull(
                    f"the register holds {held} values and may hold {MOST_ENTRIES}: "
                    f"{len(new)} more were not taken"
                )
            register.executemany(
                "INSERT INTO entry (context, sheet, id, name, value, said_by, as_of, valid_until,"
                " confidence, entered, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(_columns, new),
            )
        return new

    def keep(self, heard: Heard) -> None:
        """Keep a statement."""
        with self._file.open() as register:
            last = register.execute(
                "INSERT INTO statement (context, node, received, data) VALUES (?, ?, ?, ?)",
                (
                    str(heard.statement.context),
                    heard.node,
                    spell(heard.received),
                    json.dumps(attributes(heard.statement)),
                ),
            ).lastrowid
            register.execute(
                "DELETE FROM statement WHERE number <= ?", ((last or 0) - MOST_STATEMENTS,)
            )

    def tell(self, telling: Telling) -> None:
        """Keep what is told until it is taken back, in place of what was told of it."""
        wanted = telling.wanted
        with self._file.open() as register:
            register.execute(
                "INSERT OR REPLACE INTO telling VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    str(telling.context),
                    wanted.capability,
                    json.dumps(sorted(wanted.groups)),
                    wanted.marking,
                    wanted.withhold,
                    telling.person,
                    spell(telling.since),
                ),
            )

    def stop(self, capability: str, context: Context) -> bool:
        """Take back what is told of a capability; False where nothing was."""
        with self._file.open() as register:
            gone = register.execute(
                "DELETE FROM telling WHERE context = ? AND capability = ?",
                (str(context), capability),
            )
            return gone.rowcount > 0

    def tellings(self) -> list[Telling]:
        """Return what is told until it is taken back, by context and capability."""
        with self._file.open() as register:
            rows = register.execute(
                "SELECT context, capability, groups, marking, withhold, person, since FROM telling"
                " ORDER BY context, capability"
            ).fetchall()
        return [
            Telling(
                wanted=Wanted(
                    capability=capability,
                    groups=frozenset(json.loads(groups)),
                    marking=marking,
                    withhold=bool(withhold),
                ),
                person=person,
                since=datetime.fromisoformat(since),
                context=Context.parse(context),
            )
            for context, capability, groups, marking, withhold, person, since in rows
        ]

    def statements(self, context: Context) -> list[Heard]:
        """Return the statements that are kept of a context, in the order of their coming."""
        with self._file.open() as register:
            rows = register.execute(
                "SELECT node, received, data FROM statement WHERE context = ? ORDER BY number",
                (str(context),),
            ).fetchall()
        return [
            Heard(
                node=node,
                statement=read(json.loads(data), context),
                received=datetime.fromisoformat(received),
            )
            for node, received, data in rows
        ]


def _kept(moment: datetime) -> str:
    """Return a time as text that sorts as times do: all of one length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _standing(register: sqlite3.Connection, context: Context, at: str, known: str) -> list[Entry]:
    # One look into the index for each value: a window over all of them takes ten times as long.
    rows: list[Any] = register.execute(
        f"SELECT {_NAMES} FROM"  # noqa: S608  a constant
        " (SELECT DISTINCT sheet AS of_sheet, id AS of_id, name AS of_name FROM entry"
        " WHERE context = :context) JOIN entry ON number = (SELECT number FROM entry"
        " WHERE context = :context AND sheet = of_sheet AND id = of_id AND name = of_name"
        " AND as_of <= :at AND entered <= :known"
        " ORDER BY as_of DESC, entered DESC, number DESC LIMIT 1)",
        {"context": str(context), "at": at, "known": known},
    ).fetchall()
    return [_entry(context, row) for row in rows]


def _last(register: sqlite3.Connection, entry: Entry) -> Entry | None:
    row: Any = register.execute(
        f"SELECT {_NAMES} FROM entry WHERE context = ? AND sheet = ? AND id = ? AND name = ?"  # noqa: S608  a constant
        " AND as_of = ? ORDER BY entered DESC, number DESC LIMIT 1",
        (
            str(entry.context),
            entry.sheet.value,
            entry.id,
            entry.column,
            _kept(entry.said.as_of),
        ),
    ).fetchone()
    return None if row is None else _entry(entry.context, row)


def _columns(entry: Entry) -> tuple[object, ...]:
    said = entry.said
    return (
        str(entry.context),
        entry.sheet.value,
        entry.id,
        entry.column,
        entry.value,
        said.by,
        _kept(said.as_of),
        None if said.valid_until is None else _kept(said.valid_until),
        said.confidence.value,
        _kept(entry.entered),
        entry.person,
    )


def _entry(context: Context, row: Sequence[Any]) -> Entry:
    number, sheet, id_, name, value, by, as_of, until, confidence, entered, person = row
    return Entry(
        number=number,
        context=context,
        sheet=Sheet(sheet),
        id=id_,
        column=name,
        value=value,
        said=Said(
            by=by,
            as_of=datetime.fromisoformat(as_of),
            valid_until=None if until is None else datetime.fromisoformat(until),
            confidence=Confidence(confidence),
        ),
        entered=datetime.fromisoformat(entered),
        person=person,
    )
