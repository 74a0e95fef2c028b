"""What can be asked of a picture, and where it looks for the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from accord.core.context import Context
from accord.core.geometry import Area, Box, Point, box_around
from accord.core.kind import Affiliation
from accord.core.principal import Group
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.picture.claims import point_of

T = TypeVar("T")

CELLS_EAST = 360
"""Cells of one degree around the Earth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which tracks are wanted, in one context; what is left empty does not narrow.

    A track is judged by its lead. `text` is part of its uid, of a name or number of its identity,
    or the beginning of its type, whatever the case; `kinds` are patterns of `Kind.is_a`; `sources`
    channels or nodes that it may have come from; `groups` those it was said into at least one of;
    `newer_than` a time that it was received after.
    """

    context: Context
    area: Area | None = None
    text: str = ""
    kinds: tuple[str, ...] = ()
    affiliations: frozenset[Affiliation] = frozenset()
    sources: frozenset[str] = frozenset()
    groups: frozenset[Group] = frozenset()
    statuses: frozenset[TrackStatus] = frozenset()
    newer_than: datetime | None = None
    limit: int | None = None

    def matches(self, track: Track) -> bool:
        """Tell whether the track is wanted; `limit` aside."""
        lead = track.lead
        return (
            track.context == self.context
            and (not self.statuses or track.status in self.statuses)
            and (self.newer_than is None or lead.received > self.newer_than)
            and (not self.groups or not self.groups.isdisjoint(lead.groups))
            and (not self.kinds or any(map(lead.kind.is_a, self.kinds)))
            and (not self.affiliations or lead.kind.affiliation in self.affiliations)
            and (not self.sources or not self.sources.isdisjoint(_origins(lead)))
            and (not self.text or _says(lead, self.text.casefold()))
            and (self.area is None or _lies_in(self.area, point_of(lead)))
        )


def _origins(report: Report) -> tuple[str, str]:
    return report.source.channel, report.source.node


def _says(report: Report, text: str) -> bool:
    who = report.identity
    names = (report.uid, who.name, who.callsign, who.mmsi, who.icao, who.imo)
    return report.kind.text.casefold().startswith(text) or any(
        name is not None and text in name.casefold() for name in names
    )


def _lies_in(area: Area, point: Point | None) -> bool:
    return point is not None and area.contains(point)


def cell_of(point: Point) -> int:
    """Return the number of the one-degree cell that the point lies in."""
    return int(point.lat + 90.0) * CELLS_EAST + int(point.lon + 180.0) % CELLS_EAST


class Cells(Generic[T]):
    """Things by the one-degree cell that they lie in."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells: dict[int, set[T]] = {}

    def __len__(self) -> int:
        """Return how many cells have something in them."""
        return len(self._cells)

    def move(self, thing: T, before: int | None, after: int | None) -> None:
        """Take the thing out of one cell and put it into another; None is no cell."""
        if before is not None:
            inside = self._cells[before]
            inside.discard(thing)
            if not inside:
                del self._cells[before]
        if after is not None:
            self._cells.setdefault(after, set()).add(thing)

    def near(self, area: Area) -> Iterator[T]:
        """Yield everything that may lie in the area; some of it may not."""
        rows, columns = _span(area if isinstance(area, Box) else box_around(area))
        if len(rows) * len(columns) < len(self._cells):
            for row in rows:
                for column in columns:
                    yield from self._cells.get(row * CELLS_EAST + column % CELLS_EAST, ())
            return
        for cell, inside in self._cells.items():
            row, column = divmod(cell, CELLS_EAST)
            if row in rows and (column in columns or column + CELLS_EAST in columns):
                yield from inside


def _span(box: Box) -> tuple[range, range]:
    """Return the rows and columns of cells that a box touches; columns may run on past the last."""
    west, east = int(box.west + 180.0), int(box.east + 180.0)
    if box.west > box.east:
        east += CELLS_EAST
    rows = range(int(box.south + 90.0), int(box.north + 90.0) + 1)
    return rows, range(west, min(east, west + CELLS_EAST - 1) + 1)
