"""The areas of rules: circles, boxes and polygons, also across the antimeridian. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor

from accord.core.geometry import Box, Circle, Point, box_around

LONGEST_SIDE = 180.0
"""Degrees of longitude of one side of a polygon; what is longer goes the other way round."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """Everything inside a ring of corners that is not wider than half the Earth.

    Sides are straight in latitude and longitude, as a chart of Mercator's shows them but for a
    trifle. ValueError for less than three corners.
    """

    corners: tuple[Point, ...]
    _ring: tuple[tuple[float, float], ...] = field(init=False, compare=False, repr=False)
    _box: tuple[float, float, float, float] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.corners) < 3:
            raise ValueError("a polygon has at least three corners")
        ring = tuple(_unrolled(self.corners))
        lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
        object.__setattr__(self, "_ring", ring)
        object.__setattr__(self, "_box", (min(lons), min(lats), max(lons), max(lats)))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north, the longitudes perhaps beyond 180 degrees."""
        return self._box

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies inside."""
        west, south, east, north = self._box
        if not south <= point.lat <= north:
            return False
        return any(
            west <= lon <= east and self._holds(lon, point.lat)
            for lon in (point.lon, point.lon + 360.0, point.lon - 360.0)
        )

    def _holds(self, lon: float, lat: float) -> bool:
        inside = False
        x, y = self._ring[-1]
        for to_x, to_y in self._ring:
            if (y > lat) != (to_y > lat) and lon < (to_x - x) * (lat - y) / (to_y - y) + x:
                inside = not inside
            x, y = to_x, to_y
        return inside


def _unrolled(corners: Sequence[Point]) -> Sequence[tuple[float, float]]:
    """Return the corners with longitudes that go on past 180 degrees."""
    ring: list[tuple[float, float]] = []
    lon = corners[0].lon
    for corner in corners:
        step = (corner.lon - lon + LONGEST_SIDE) % 360.0 - LONGEST_SIDE
        lon += step
        ring.append((lon, corner.lat))
    return ring


Area = Box | Circle | Polygon


MOST_CELLS = 4_000
"""Cells of a degree that one area is put into; a wider one is asked each time."""

Cell = tuple[int, int]
"""A square of a degree, by its south-western corner."""


class Fence:
    """Several areas, asked for very many points: only those are looked at that are near."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._wide: list[Area] = []
        self._cells: dict[Cell, list[Area]] = {}
        for area in areas:
            self._put(area)

    def _put(self, area: Area) -> None:
        south, west, north, east = _span(area)
        rows, columns = range(floor(south), floor(north) + 1), range(floor(west), floor(east) + 1)
        if len(rows) * len(columns) > MOST_CELLS:
            self._wide.append(area)
            return
        cells = {(row, (column + 180) % 360) for row in rows for column in columns}
        for cell in cells:
            self._cells.setdefault(cell, []).append(area)

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies inside or on the edge of any."""
        return self.holds(point, cell_of(point))

    def holds(self, point: Point, cell: Cell) -> bool:
        """Tell the same where the point's cell is known: it is asked for by every rule."""
        here = self._cells.get(cell)
        if here is None and not self._wide:
            return False
        return any(area.contains(point) for area in (*(here or ()), *self._wide))


def cell_of(point: Point) -> Cell:
    """Return the cell of a degree that a point lies in, the same for both sides of 180 degrees."""
    return floor(point.lat), (floor(point.lon) + 180) % 360


def _span(area: Area) -> tuple[float, float, float, float]:
    """Return south, west, north and east of an area; east goes on past 180 degrees."""
    if isinstance(area, Polygon):
        west, south, east, north = area.box
        return south, west, north, east
    box = box_around(area) if isinstance(area, Circle) else area
    return box.south, box.west, box.north, box.east + (360.0 if box.west > box.east else 0.0)
