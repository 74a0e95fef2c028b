"""Reports that TAK clients file with the CI-TRAP tool, and which clients are told of them.

The package of each is a file of no group in the `FileStore`, as long as the report is kept.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, NamedTuple

from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.principal import Group, Principal
from accord.storage.tak_file import Full, TakFile, read_groups, spell_groups

MAX_REPORTS = 10_000
"""Reports that are kept; beyond, none is taken."""

MAX_OF_ONE = 1_000
"""Reports of one person; beyond, none of his is taken."""

MAX_FOLLOWED = 5_000
"""Reports of which one person's clients are told; beyond, no more of the one asked for first."""

EVERY = ("", "")
"""What who is told of every new report follows."""

REFUSED = "reports refused: as many are kept as may be"
FORGOTTEN = "clients told of a report no more: too many are"


class Changed(AccordError):
    """A report is not any more what it was; the text says so."""


class Extent(NamedTuple):
    """What a place spans, in degrees; `west` greater than `east` spans the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, other: "Extent") -> bool:
        """Tell whether the two have a point in common."""
        if self.south > other.north or other.south > self.north:
            return False
        mine, others = self.spans(), other.spans()
        return any(a[0] <= b[1] and b[0] <= a[1] for a in mine for b in others)

    def spans(self) -> tuple[tuple[float, float], ...]:
        """Return what it spans from west to east, in one or two parts."""
        if self.west <= self.east:
            return ((self.west, self.east),)
        return ((self.west, 180.0), (-180.0, self.east))


class Sight(NamedTuple):
    """Who may see a report."""

    owner: str
    groups: frozenset[Group]
    context: Context

    def is_open_to(self, by: Principal) -> bool:
        """Tell whether it is his, or in a group that he hears; never outside its context."""
        is_his = self.owner == by.name or not self.groups.isdisjoint(by.hears)
        return is_his and by.takes_part_in(self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldReport:
    """A report. `said` are its attributes; `hash` and `entry` are its package, and its name there.

    `time` is when it was, as it says, and `filed` when it was sent last.
    """

    id: str
    owner: str
    creator_uid: str
    groups: frozenset[Group]
    context: Context
    time: datetime
    said: Mapping[str, str]
    extent: Extent | None
    hash: str
    entry: str
    filed: datetime

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by."""
        return (self.id, self.owner)

    @property
    def sight(self) -> Sight:
        """Who may see it."""
        return Sight(self.owner, self.groups, self.context)


class Follower(NamedTuple):
    """A client that is told of a report, and whose it is."""

    client_uid: str
    person: str


_COLUMNS = (
    "id, owner, creator_uid, groups, context, time, said, west, south, east, north, "
    "hash, entry, filed"
)


class FieldReports:
    """The reports of a node. Any thread may call every method; TakFault says why not."""

    def __init__(
        self,
        file: TakFile,
        counts: Counter[str],
        *,
        most: int = MAX_REPORTS,
        most_of_one: int = MAX_OF_ONE,
        most_followed: int = MAX_FOLLOWED,
    ) -> None:
        self._file = file
        self._counts = counts
        self._most = most
        self._most_of_one = most_of_one
        self._most_followed = most_followed
        # Asked for every file of which somebody wants to know.
        self._sights: dict[str, Mapping[tuple[str, str], Sight]] = {}
        self._noting = Lock()
        for each in self.some(lambda _: True, most):
            self._note(each)

    def _note(self, report: FieldReport) -> None:
        with self._noting:
            held = self._sights.get(report.hash, {})
            self._sights[report.hash] = {**held, report.key: report.sight}

    def _note_gone(self, report: FieldReport) -> None:
        with self._noting:
            held = self._sights.pop(report.hash, {})
            left = {key: sight for key, sight in held.items() if key != report.key}
            if left:
                self._sights[report.hash] = left

    def may_have(self, by: Principal, sha256: str) -> bool:
        """Tell whether somebody sees a report of which this is the hash of the package."""
        return any(each.is_open_to(by) for each in self._sights.get(sha256, {}).values())

    def some(
        self,
        wanted: Callable[[FieldReport], bool],
        most: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[FieldReport]:
        """Return those that are wanted, of some time, the newest first; no more than `most`."""
        which = "WHERE (? IS NULL OR time >= ?) AND (? IS NULL OR time <= ?)"
        start, end = (None if each is None else each.timestamp() for each in (since, until))
        found: list[FieldReport] = []
        with self._file.look() as rows:
            asked = f"SELECT {_COLUMNS} FROM field_report {which} ORDER BY time DESC, id, owner"  # noqa: S608  constants
            for row in rows.execute(asked, (start, start, end, end)):
                if len(found) >= most:
                    break
                report = _report(row)
                if wanted(report):
                    found.append(report)
        return found

    def named(self, report_id: str) -> list[FieldReport]:
        """Return the reports of that id, the one that was sent last first."""
        with self._file.look() as rows:
            return _named(rows, report_id)

    def keep(
        self, report: FieldReport, before: FieldReport | None, *, by: Principal | None = None
    ) -> None:
        """Keep a report in place of what it was before, None for a new one.

        Full: there are too many. Changed: it is not as it was before any more, or, of a new one,
        `by` sees another's of that id by now.
        """
        with self._file.change() as rows:
            ask = "SELECT hash FROM field_report WHERE (id, owner) = (?, ?)"
            row = rows.execute(ask, report.key).fetchone()
            if (None if row is None else row[0]) != (None if before is None else before.hash):
                raise Changed(f"the report {report.id} was changed meanwhile: send it again")
            if before is None:
                if by is not None and any(
                    each.sight.is_open_to(by) for each in _named(rows, report.id)
                ):
                    raise Changed(
                        f"another filed {report.id} meanwhile: send yours under another id"
                    )
                self._require_room(rows, report.owner)
            rows.execute(
                f"INSERT OR REPLACE INTO field_report ({_COLUMNS}) "  # noqa: S608  constants
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _row(report),
            )
        if before is not None:
            self._note_gone(before)
        self._note(report)

    def _require_room(self, rows: sqlite3.Connection, owner: str) -> None:
        ask = "SELECT count(*), count(*) FILTER (WHERE owner = ?) FROM field_report"
        count, his = rows.execute(ask, (owner,)).fetchone()
        if count < self._most and his < self._most_of_one:
            return
        self._counts[REFUSED] += 1
        raise Full(
            f"this node keeps {self._most} reports, {self._most_of_one} of one person, and takes "
            "no more: delete one that is not needed any more"
        )

    def forget(self, report: FieldReport) -> None:
        """Forget a report, and who is told of it."""
        with self._file.change() as rows:
            rows.execute("DELETE FROM field_report WHERE (id, owner) = (?, ?)", report.key)
            rows.execute(
                "DELETE FROM field_report_follower WHERE (report, owner) = (?, ?)", report.key
            )
        self._note_gone(report)

    # Who is told

    def follow(self, keys: Iterable[tuple[str, str]], client_uid: str, person: str) -> None:
        """Let a client be told of reports, as that of a person: others under its uid are so too."""
        ask = "SELECT report, owner FROM field_report_follower WHERE (client_uid, person) = (?, ?)"
        with self._file.look() as rows:
            known = set(rows.execute(ask, (client_uid, person)).fetchall())
        fresh = [each for each in keys if each not in known]
        if not fresh:  # who asks every so often has nothing written
            return
        with self._file.change() as rows:
            rows.executemany(
                "INSERT OR IGNORE INTO field_report_follower (report, owner, client_uid, person) "
                "VALUES (?, ?, ?, ?)",
                [(*each, client_uid, person) for each in fresh],
            )
            gone = rows.execute(
                "DELETE FROM field_report_follower WHERE number IN "
                "(SELECT number FROM field_report_follower WHERE person = ? "
                "ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (person, self._most_followed),
            )
            over = gone.rowcount
        if over:
            self._counts[FORGOTTEN] += over

    def unfollow(self, key: tuple[str, str], client_uid: str, person: str) -> bool:
        """Let a client of somebody's be told no more. False where it was not told."""
        with self._file.change() as rows:
            gone = rows.execute(
                "DELETE FROM field_report_follower "
                "WHERE (report, owner, client_uid, person) = (?, ?, ?, ?)",
                (*key, client_uid, person),
            )
            return gone.rowcount > 0

    def followers(self, key: tuple[str, str]) -> list[Follower]:
        """Return which clients are told of a report."""
        ask = (
            "SELECT client_uid, person FROM field_report_follower "
            "WHERE (report, owner) = (?, ?) ORDER BY number"
        )
        with self._file.look() as rows:
            return [Follower(*row) for row in rows.execute(ask, key).fetchall()]


def _named(rows: sqlite3.Connection, report_id: str) -> list[FieldReport]:
    asked = f"SELECT {_COLUMNS} FROM field_report WHERE id = ? ORDER BY filed DESC, owner"  # noqa: S608  constants
    return [_report(row) for row in rows.execute(asked, (report_id,)).fetchall()]


def _row(report: FieldReport) -> tuple[object, ...]:
    return (
        report.id, report.owner, report.creator_uid, spell_groups(report.groups),
        str(report.context), report.time.timestamp(), json.dumps(dict(report.said)),
        *(report.extent or (None, None, None, None)), report.hash, report.entry,
        report.filed.timestamp(),
    )  # fmt: skip


def _report(row: tuple[Any, ...]) -> FieldReport:
    report_id, owner, creator, groups, context, time, said, *place, sha256, entry, filed = row
    return FieldReport(
        id=report_id,
        owner=owner,
        creator_uid=creator,
        groups=read_groups(groups),
        context=Context.parse(context),
        time=datetime.fromtimestamp(time, UTC),
        said=json.loads(said),
        extent=None if place[0] is None else Extent(*place),
        hash=sha256,
        entry=entry,
        filed=datetime.fromtimestamp(filed, UTC),
    )
