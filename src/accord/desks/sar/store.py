"""Cases in one SQLite file: entries are added and never changed or taken away.

Every method opens the file anew, so that any thread, and the command line, may call.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.core.naming import free_name
from accord.desks.sar.case import Case, NoSuchCase, case_of
from accord.desks.sar.entry import Entry, Kind
from accord.storage.register import RegisterFile

CASES = Path("sar.sqlite")

MOST_OF_ONE = 20_000
"""Entries of one case."""

MOST_CASES = 10_000

_WRITERS = (
    "SELECT count(*), coalesce(sum(node <> ? OR (kind = 'fact' AND about = 'shared'"
    " AND value <> '')), 0) FROM entry WHERE case_id = ?"
)
"""Entries of a case, and those of them that show that others know of it."""

_NAMES = (
    "case_id, node, number, context, at, entered, person, kind, about, value, lat, lon, seen,"
    " is_private"
)


class CaseFault(AccordError):
    """The file of the cases cannot be read or written; it says why, and what to do."""


class CasesFull(AccordError):
    """A case, or the file, holds as much as it may."""


class CaseStore:
    """The file of the cases, with its limits.

    `full` counts lines of partners beyond these, `strange` those into cases that are no partner's.
    """

    def __init__(
        self, path: Path, *, most_lines: int = MOST_OF_ONE, most_cases: int = MOST_CASES
    ) -> None:
        self._file = RegisterFile(path, "sar", called="the cases", fault=CaseFault)
        self._most_lines = most_lines
        self._most_cases = most_cases
        self.full = 0
        self.strange = 0

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def mark(self) -> int:
        """Return a number that is another after every change, so that nobody reads all in vain."""
        with self._file.open() as file:
            return file.execute("SELECT coalesce(max(rowid), 0) FROM entry").fetchone()[0]

    def case(self, case: str) -> Case:
        """Return one case as it stands. NoSuchCase where there is none."""
        with self._file.open() as file:
            return _case(file, case)

    def all(self) -> list[Case]:
        """Return every case as it stands, the newest first."""
        with self._file.open() as file:
            names = file.execute("SELECT DISTINCT case_id FROM entry").fetchall()
            found = [_case(file, name) for (name,) in names]
        return sorted(found, key=lambda each: (each.opened, each.id), reverse=True)

    def begin(self, entries: Callable[[str], Sequence[Entry]], *, node: str, day: str) -> Case:
        """Keep the first entries of a new case, which are made for its name; return it."""
        with self._file.open() as file:
            names = {name for (name,) in file.execute("SELECT DISTINCT case_id FROM entry")}
            if len(names) >= self._most_cases:
                raise CasesFull(f"there are {len(names)} cases, and no more are taken")
            name = free_name(f"{node}-{day}-", names)
            self._keep(file, entries(name))
            return _case(file, name)

    def add(self, case: str, make: Callable[[Case], Sequence[Entry]]) -> Case:
        """Keep what `make` makes of the case as it stands, or nothing where it raises.

        Nobody else adds anything meanwhile. NoSuchCase where there is none.
        """
        with self._file.open() as file:
            self._keep(file, make(_case(file, case)))
            return _case(file, case)

    def take(self, entries: Iterable[Entry], *, own: str = "") -> int:
        """Keep entries of other nodes, with their own numbers; return how many were new.

        What comes of another context than the case is in is not taken: contexts never mix. Nor is
        what comes into a case that `own` alone has written and never shared.
        """
        with self._file.open() as file:
            return sum(self._taken(file, each, own) for each in entries)

    def _taken(self, file: sqlite3.Connection, entry: Entry, own: str) -> int:
        if not _fits(file, entry):
            return 0
        lines, others = file.execute(_WRITERS, (own, entry.case)).fetchone()
        if lines and not others:
            self.strange += 1
            return 0
        is_one_too_many = not lines and self._cases(file) >= self._most_cases
        is_full = is_one_too_many or lines >= self._most_lines
        self.full += is_full
        return 0 if is_full else _insert(file, entry, "INSERT OR IGNORE")

    def _cases(self, file: sqlite3.Connection) -> int:
        return file.execute("SELECT count(DISTINCT case_id) FROM entry").fetchone()[0]

    def _keep(self, file: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        for entry in entries:
            last, total = file.execute(
                "SELECT coalesce(max(CASE WHEN node = ? THEN number END), 0), count(*) FROM entry"
                " WHERE case_id = ?",
                (entry.node, entry.case),
            ).fetchone()
            if total >= self._most_lines:
                raise CasesFull(f"case {entry.case} has {total} entries, and takes no more")
            _insert(file, replace(entry, number=last + 1), "INSERT")

    def told(self, case: str) -> int:
        """Return the number of the last own line of a case that was said to partners."""
        with self._file.open() as file:
            row = file.execute("SELECT number FROM told WHERE case_id = ?", (case,)).fetchone()
        return 0 if row is None else row[0]

    def tell(self, case: str, number: int) -> None:
        """Keep that own lines were said to partners up to this one."""
        with self._file.open() as file:
            file.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (case, number))


def _case(file: sqlite3.Connection, case: str) -> Case:
    rows: list[Any] = file.execute(
        f"SELECT {_NAMES} FROM entry WHERE case_id = ?",  # noqa: S608  a constant
        (case,),
    ).fetchall()
    if not rows:
        raise NoSuchCase(f"there is no case {case}")
    return case_of(_entry(row) for row in rows)


def _fits(file: sqlite3.Connection, entry: Entry) -> bool:
    row = file.execute(
        "SELECT context FROM entry WHERE case_id = ? LIMIT 1", (entry.case,)
    ).fetchone()
    return row is None or row[0] == str(entry.context)


def _insert(file: sqlite3.Connection, entry: Entry, how: str) -> int:
    place = entry.place
    return file.execute(
        f"{how} INTO entry ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.case,
            entry.node,
            entry.number,
            str(entry.context),
            entry.at.astimezone(UTC).isoformat(),
            entry.entered.astimezone(UTC).isoformat(),
            entry.by,
            entry.kind.value,
            entry.about,
            entry.value,
            None if place is None else place.lat,
            None if place is None else place.lon,
            json.dumps(entry.seen),
            entry.is_private,
        ),
    ).rowcount


def _entry(row: Sequence[Any]) -> Entry:
    case, node, number, context, at, entered, by, kind, about, value, lat, lon, seen, private = row
    return Entry(
        case=case,
        node=node,
        number=number,
        context=Context.parse(context),
        at=datetime.fromisoformat(at),
        entered=datetime.fromisoformat(entered),
        by=by,
        kind=Kind(kind),
        about=about,
        value=value,
        place=None if lat is None else Point(lat=lat, lon=lon),
        seen=tuple(json.loads(seen)),
        is_private=bool(private),
    )
