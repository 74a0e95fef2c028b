"""Many that jump to one place: a receiver that is lied to believes the liar's place.

GNSS spoofers send one position, or a circle, to every receiver in reach. Ships and aircraft far
from each other then report the same airport or the same ring, each as a jump or against its course.
"""

from collections import Counter
from datetime import datetime, timedelta
from math import cos, floor, radians

from accord.core.geometry import Point

CELL = 0.05
"""Degrees of latitude, 5.6 km: with its neighbours a cell holds the rings that were recorded."""

MANY = 5
"""Different objects that were moved to a cell or its neighbours, until it is interference."""

WITHIN = timedelta(minutes=15)

_Cell = tuple[int, int]


class Gatherings:
    """Where objects were moved to lately.

    Of `max_cells` cells, with `max_objects` in each; `counts` says what was forgotten beyond.
    """

    def __init__(self, *, max_cells: int = 2_000, max_objects: int = 64) -> None:
        self.counts: Counter[str] = Counter()
        self._max_cells = max_cells
        self._max_objects = max_objects
        self._cells: dict[_Cell, dict[str, datetime]] = {}

    def __bool__(self) -> bool:
        """Tell whether anything was moved lately."""
        return bool(self._cells)

    def note(self, uid: str, point: Point, at: datetime) -> None:
        """Note that an object was moved there."""
        cell = _cell_of(point)
        here = self._cells.pop(cell, {})
        self._cells[cell] = here  # the last is the newest
        here.pop(uid, None)
        here[uid] = at
        if len(here) > self._max_objects:
            del here[next(iter(here))]
            self.counts["moved objects forgotten"] += 1
        if len(self._cells) > self._max_cells:
            del self._cells[next(iter(self._cells))]
            self.counts["moved objects forgotten"] += 1

    def is_one(self, uid: str, point: Point, at: datetime) -> bool:
        """Tell whether the object is among many that were moved there; what is old is forgotten."""
        row, column = _cell_of(point)
        around: set[str] = set()
        for north in (-1, 0, 1):
            for east in (-1, 0, 1):
                around.update(self._lately((row + north, column + east), at))
        return uid in around and len(around) >= MANY

    def _lately(self, cell: _Cell, at: datetime) -> dict[str, datetime]:
        here = self._cells.get(cell)
        if here is None:
            return {}
        lately = {uid: moved for uid, moved in here.items() if at - moved <= WITHIN}
        if lately:
            self._cells[cell] = lately
        else:
            del self._cells[cell]
        return lately


def _cell_of(point: Point) -> _Cell:
    # About as wide as high; of one width in each ten degrees, so that columns of rows lie together.
    band = min(8, int(abs(point.lat) / 10.0)) * 10.0 + 5.0
    return floor(point.lat / CELL), floor(point.lon * cos(radians(band)) / CELL)
