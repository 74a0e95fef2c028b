"""Incidents in one SQLite file: lines are added and never changed or taken away.

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
from accord.core.naming import free_name
from accord.desks.relief.incident import Incident, NoSuchIncident, incident_of
from accord.desks.relief.line import Line, Reach
from accord.storage.register import RegisterFile

INCIDENTS = Path("relief.sqlite")

MOST_OF_ONE = 50_000
"""Lines of one incident."""

MOST_INCIDENTS = 2_000

_NAMES = "incident, node, number, context, at, entered, person, record, fields, seen, reach"
_HAS_CONTEXT = "SELECT context FROM line WHERE incident = ? LIMIT 1"
_KNOWN = (
    "SELECT EXISTS (SELECT 1 FROM line WHERE incident = ? AND (node <> ? OR"
    " (record = 'incident:' AND coalesce(json_extract(fields, '$.shared'), '') <> '')))"
)
"""Whether others know of an incident: they have written into it, or it was shared."""
_ADD = f"INTO line ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class ReliefFault(AccordError):
    """The file of the incidents cannot be read or written; it says why, and what to do."""


class ReliefFull(AccordError):
    """An incident, or the file, holds as much as it may."""


class ReliefStore:
    """The file of the incidents, with its limits; `full` counts lines of partners beyond these.

    `strange` counts those into incidents that are no partner's.
    """

    def __init__(
        self, path: Path, *, most_lines: int = MOST_OF_ONE, most_incidents: int = MOST_INCIDENTS
    ) -> None:
        self._file = RegisterFile(path, "relief", called="the incidents", fault=ReliefFault)
        self._most_lines = most_lines
        self._most_incidents = most_incidents
        self.full = 0
        self.strange = 0

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        self._file.prepare()

    def mark(self) -> int:
        """Return a number that is another after every change, so that nobody reads all in vain."""
        with self._file.open() as file:
            return file.execute("SELECT coalesce(max(rowid), 0) FROM line").fetchone()[0]

    def incident(self, name: str) -> Incident:
        """Return one incident as it stands. NoSuchIncident where there is none."""
        with self._file.open() as file:
            return _incident(file, name)

    def all(self) -> list[Incident]:
        """Return every incident as it stands, the newest first."""
        with self._file.open() as file:
            names = file.execute("SELECT DISTINCT incident FROM line").fetchall()
            found = [_incident(file, name) for (name,) in names]
        return sorted(found, key=lambda each: (each.opened, each.id), reverse=True)

    def begin(self, lines: Callable[[str], Sequence[Line]], *, node: str, day: str) -> Incident:
        """Keep the first lines of a new incident, which are made for its name; return it."""
        with self._file.open() as file:
            names = {name for (name,) in file.execute("SELECT DISTINCT incident FROM line")}
            if len(names) >= self._most_incidents:
                raise ReliefFull(f"there are {len(names)} incidents, and no more are taken")
            name = free_name(f"{node}-R{day}-", names)
            self._keep(file, lines(name))
            return _incident(file, name)

    def add(self, name: str, make: Callable[[Incident], Sequence[Line]]) -> Incident:
        """Keep what `make` makes of the incident as it stands, or nothing where it raises.

        Nobody else adds anything meanwhile. NoSuchIncident where there is none.
        """
        with self._file.open() as file:
            self._keep(file, make(_incident(file, name)))
            return _incident(file, name)

    def take(self, lines: Iterable[Line], *, own: str = "") -> int:
        """Keep lines of other nodes, with their own numbers; return how many were new.

        What comes of another context than the incident is in is not taken: contexts never mix.
        Nor is what comes into an incident that `own` alone has written and never shared.
        """
        with self._file.open() as file:
            return sum(self._taken(file, each, own) for each in lines)

    def told(self, name: str) -> frozenset[int]:
        """Return the numbers of the own lines of an incident that were said to partners."""
        with self._file.open() as file:
            rows = file.execute("SELECT number FROM told WHERE incident = ?", (name,)).fetchall()
        return frozenset(number for (number,) in rows)

    def tell(self, name: str, numbers: Iterable[int]) -> None:
        """Keep that own lines were said to partners."""
        with self._file.open() as file:
            rows = [(name, number) for number in numbers]
            file.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", rows)

    def _taken(self, file: sqlite3.Connection, line: Line, own: str) -> int:
        row = file.execute(_HAS_CONTEXT, (line.incident,)).fetchone()
        if row is not None and row[0] != str(line.context):
            return 0
        if row is not None and not file.execute(_KNOWN, (line.incident, own)).fetchone()[0]:
            self.strange += 1
            return 0
        total = file.execute("SELECT count(DISTINCT incident) FROM line").fetchone()[0]
        is_full = self._lines(file, line.incident) >= self._most_lines or (
            row is None and total >= self._most_incidents
        )
        self.full += is_full
        return 0 if is_full else _insert(file, line, "INSERT OR IGNORE")

    def _keep(self, file: sqlite3.Connection, lines: Sequence[Line]) -> None:
        """Keep lines of one node about one incident, with the numbers that come next."""
        for first in lines[:1]:
            total = self._lines(file, first.incident)
            if total + len(lines) > self._most_lines:
                raise ReliefFull(f"{first.incident} has {total} lines, and takes no {len(lines)}")
            last = file.execute(
                "SELECT coalesce(max(number), 0) FROM line WHERE incident = ? AND node = ?",
                (first.incident, first.node),
            ).fetchone()[0]
            for number, line in enumerate(lines, last + 1):
                _insert(file, replace(line, number=number), "INSERT")

    def _lines(self, file: sqlite3.Connection, name: str) -> int:
        return file.execute("SELECT count(*) FROM line WHERE incident = ?", (name,)).fetchone()[0]


def _incident(file: sqlite3.Connection, name: str) -> Incident:
    rows: list[Any] = file.execute(
        f"SELECT {_NAMES} FROM line WHERE incident = ?",  # noqa: S608  a constant
        (name,),
    ).fetchall()
    if not rows:
        raise NoSuchIncident(f"there is no incident {name}")
    return incident_of(map(_line, rows))


def _insert(file: sqlite3.Connection, line: Line, how: str) -> int:
    at, entered = (each.astimezone(UTC).isoformat() for each in (line.at, line.entered))
    said = json.dumps(dict(line.fields), sort_keys=True)
    whose = (line.incident, line.node, line.number, str(line.context))
    what = (line.record, said, json.dumps(line.seen), line.reach.value)
    return file.execute(f"{how} {_ADD}", (*whose, at, entered, line.by, *what)).rowcount


def _line(row: Sequence[Any]) -> Line:
    incident, node, number, context, at, entered, person, record, fields, seen, reach = row
    return Line(
        incident=incident,
        node=node,
        number=number,
        context=Context.parse(context),
        at=datetime.fromisoformat(at),
        entered=datetime.fromisoformat(entered),
        by=person,
        record=record,
        fields=json.loads(fields),
        seen=tuple(json.loads(seen)),
        reach=Reach(reach),
    )
