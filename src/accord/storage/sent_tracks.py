"""Tracks that clients sent afterwards: where their own devices were, by the devices' own clocks.

The journal and the history are in order of receipt, and what a node could have known is told by
that. What comes long after it happened is kept beside them, and told by when it happened.
"""

import sqlite3
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any, NamedTuple

from accord.core.context import LIVE, Context
from accord.core.principal import Group
from accord.storage.tak_file import Full, TakFile, read_groups, spell_groups

MOST_OF_ONE = 200_000
"""Points of one person; beyond, the tracks that he sent first go."""

MOST_POINTS = 2_000_000
"""Points on the node; beyond, none is taken."""

FORGOTTEN = "points of tracks forgotten: their sender has too many"
REFUSED = "tracks refused: as many points are kept as may be"


class SentPoint(NamedTuple):
    """Where it was, and when, in seconds since 1970. None: not said."""

    time: float
    lat: float
    lon: float
    hae: float | None
    precision: float | None
    course: float | None
    speed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTrack:
    """A track, its points in order of time; `sent` is when it came, and `owner` who sent it."""

    uid: str
    owner: str
    callsign: str
    kind: str
    groups: frozenset[Group]
    sent: datetime
    points: Sequence[SentPoint]

    @property
    def context(self) -> Context:
        """The world that it is of: KML has no exercise mark."""
        return LIVE


_COLUMNS = "uid, owner, callsign, kind, groups, sent, points"


class SentTracks:
    """The tracks of a node. Any thread may call every method; TakFault says why not."""

    def __init__(
        self,
        file: TakFile,
        counts: Counter[str],
        *,
        most_of_one: int = MOST_OF_ONE,
        most: int = MOST_POINTS,
    ) -> None:
        self._file = file
        self._counts = counts
        self._most_of_one = most_of_one
        self._most = most

    def keep(self, track: SentTrack) -> int:
        """Keep what is new of a track, and return how many points. Full: there are too many.

        What its sender has sent of the same moment under that uid is known already.
        """
        with self._file.change() as rows:
            points = _fresh(rows, track)
            if not points:
                return 0
            gone = self._make_room(rows, track.owner, len(points))
            (count,) = rows.execute("SELECT total(count) FROM sent_track").fetchone()
            if count + len(points) > self._most:
                self._counts[REFUSED] += 1
                raise Full(f"this node keeps {self._most} points of tracks and takes no more")
            row = (
                track.uid, track.owner, track.callsign, track.kind, spell_groups(track.groups),
                track.sent.timestamp(), _packed(points),
                points[0].time, points[-1].time, len(points),
            )  # fmt: skip
            rows.execute(
                f"INSERT INTO sent_track ({_COLUMNS}, first, last, count) "  # noqa: S608  constants
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        if gone:
            self._counts[FORGOTTEN] += gone
        return len(points)

    def _make_room(self, rows: sqlite3.Connection, owner: str, wanted: int) -> int:
        """Let go a person's first tracks until there is room; return how many points went."""
        his = "SELECT number, count FROM sent_track WHERE owner = ? ORDER BY number"
        kept = rows.execute(his, (owner,)).fetchall()
        over, gone = sum(count for _, count in kept) + wanted - self._most_of_one, 0
        for number, count in kept:
            if gone >= over:
                break
            rows.execute("DELETE FROM sent_track WHERE number = ?", (number,))
            gone += count
        return gone

    def between(
        self,
        since: float,
        until: float,
        wanted: Callable[[SentTrack], bool],
        *,
        uid: str = "",
        most: int,
    ) -> list[SentTrack]:
        """Return the tracks that are wanted with their points of some time, the latest first.

        Each is asked about without its points; no more are told than have `most` points, or a
        little more.
        """
        ask = (
            f"SELECT {_COLUMNS} FROM sent_track WHERE last >= ? AND first <= ? "  # noqa: S608  constants
            "AND (? = '' OR uid = ?) ORDER BY last DESC, number DESC"
        )
        found: list[SentTrack] = []
        with self._file.look() as rows:
            for row in rows.execute(ask, (since, until, uid, uid)):
                if most <= 0:
                    break
                if not wanted(_track(row, ())):
                    continue
                points = [each for each in _unpacked(row[-1]) if since <= each.time <= until]
                most -= len(points)
                found.append(_track(row, points))
        return found


def _fresh(rows: sqlite3.Connection, track: SentTrack) -> list[SentPoint]:
    """Return the points of a track of whose moments nothing is known of its uid from its sender."""
    if not track.points:
        return []
    ask = "SELECT points FROM sent_track WHERE (owner, uid) = (?, ?) AND last >= ? AND first <= ?"
    span = (track.points[0].time, track.points[-1].time)
    found = rows.execute(ask, (track.owner, track.uid, *span)).fetchall()
    known = {time for (data,) in found for time in _doubles(data)[:: len(SentPoint._fields)]}
    return [each for each in track.points if each.time not in known]


def _track(row: Sequence[Any], points: Sequence[SentPoint]) -> SentTrack:
    uid, owner, callsign, kind, groups, sent, _ = row
    return SentTrack(
        uid=uid,
        owner=owner,
        callsign=callsign,
        kind=kind,
        groups=read_groups(groups),
        sent=datetime.fromtimestamp(sent, UTC),
        points=points,
    )


def _packed(points: Iterable[SentPoint]) -> bytes:
    """Return points as doubles one after the other, deflated; what is not said is no number."""
    return zlib.compress(
        array("d", [nan if value is None else value for each in points for value in each])
    )


def _doubles(data: bytes) -> "array[float]":
    values = array("d")
    values.frombytes(zlib.decompress(data))
    return values


def _unpacked(data: bytes) -> Iterator[SentPoint]:
    values = _doubles(data)
    width = len(SentPoint._fields)
    for at in range(0, len(values), width):
        time, lat, lon, *rest = values[at : at + width]
        yield SentPoint(time, lat, lon, *(None if isnan(each) else each for each in rest))
