"""Named areas of an agreement: which hold a report whole, and which it may touch.

An edge of an area is the straight line on the chart between two longitudes and latitudes (RFC 7946,
3.1.1), so the plane of degrees is exact. A report is somewhere within its error radius: inside an
area is what lies in it with all of that circle, and it touches an area that any of the circle may
overlap. The circle is drawn a little too large (0.5 %, more towards a pole), which errs to the safe
side both ways.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import shapely
from shapely import Polygon, box
from shapely.affinity import translate

from accord.release.geojson import Geometry
from accord.release.grid import SEMI_MAJOR, SHORTEST_MERIDIAN

CELLS_PER_DEGREE = 100
"""Cells of the look-up, about 1.1 km of latitude."""
FINE_PER_DEGREE = 1600
"""Cells asked where one of those is not sure, near an edge: about 70 m of latitude."""
FARTHEST = 20_003_932.0
"""Metres from pole to pole along a meridian of WGS-84: an error of that can be anywhere."""
NEAREST = 0.001
"""Metres: no position is truer, and a circle of no size cannot be held by an area."""

_CORNERS = 32
_ROUND = 1.0 / math.cos(math.pi / _CORNERS)
"""By how much a circle's radius grows for the polygon drawn round it."""
_TURNS = tuple(
    (math.cos(2 * math.pi * n / _CORNERS), math.sin(2 * math.pi * n / _CORNERS))
    for n in range(_CORNERS)
)
_SLACK = 1e-9
"""Degrees, 0.1 mm: a position may be rounded into the neighbour of its cell."""
_NONE: frozenset[str] = frozenset()


class Found(NamedTuple):
    """The names of the areas that a report is inside, and of those that it may touch."""

    inside: frozenset[str]
    touched: frozenset[str]


class _Known(NamedTuple):
    """What holds for every report in one cell of the look-up, but for areas to be computed."""

    found: Found
    unsure: tuple[str, ...]


class Areas:
    """Tells where a report is among named areas; remembers at most `limit` cells, at least one.

    A cell answers only for areas that hold all of it, errors included, and those it is clear of.
    `hits` and `computed` count the look-ups that a cell answered whole and that needed geometry,
    `dropped` the cells that were forgotten to make room.
    """

    def __init__(self, areas: Mapping[str, Geometry], *, limit: int = 100_000) -> None:
        self.limit = limit
        self.hits = 0
        self.computed = 0
        self.dropped = 0
        self._anywhere = Found(_NONE, frozenset(areas))
        self._shapes = {name: _all_round(shape) for name, shape in areas.items()}
        self._cells: dict[tuple[int, int, int, int], _Known] = {}

    def look_up(self, lat: float | None, lon: float | None, radius: float | None) -> Found:
        """Return the areas at a position with an error radius in metres.

        Without a position or a radius it is inside none and may touch any.
        """
        if lat is None or lon is None or radius is None or not 0.0 <= radius < FARTHEST:
            return self._anywhere
        radius = max(radius, NEAREST)
        size = math.frexp(radius)[1]
        known = self._known(lat, lon, size, CELLS_PER_DEGREE)
        if known.unsure:
            known = self._known(lat, lon, size, FINE_PER_DEGREE)
        if not known.unsure:
            self.hits += 1
            return known.found
        self.computed += 1
        found = self._compute(_circle(lat, lon, radius), known.unsure)
        return Found(known.found.inside | found.inside, known.found.touched | found.touched)

    def inside(self, lat: float | None, lon: float | None, radius: float | None) -> frozenset[str]:
        """Return the areas that hold the whole error circle."""
        return self.look_up(lat, lon, radius).inside

    def touched(self, lat: float | None, lon: float | None, radius: float | None) -> frozenset[str]:
        """Return the areas that any of the error circle may overlap."""
        return self.look_up(lat, lon, radius).touched

    def _known(self, lat: float, lon: float, size: int, per_degree: int) -> _Known:
        key = (math.floor(lat * per_degree), math.floor(lon * per_degree), size, per_degree)
        return self._cells.get(key) or self._learn(key)

    def _learn(self, key: tuple[int, int, int, int]) -> _Known:
        found = self._compute(_cell(*key), tuple(self._shapes))
        unsure = tuple(sorted(found.touched - found.inside))
        known = _Known(Found(found.inside, found.inside), unsure)
        if self._cells and len(self._cells) >= self.limit:
            del self._cells[next(iter(self._cells))]
            self.dropped += 1
        self._cells[key] = known
        return known

    def _compute(self, place: Geometry, names: tuple[str, ...]) -> Found:
        shapes = self._shapes
        touched = frozenset(name for name in names if shapes[name].intersects(place))
        return Found(frozenset(name for name in touched if shapes[name].covers(place)), touched)


def _all_round(shape: Geometry) -> Geometry:
    """Return the area repeated each turn, so that it has no edge at 180 degrees.

    It begins between 180 west and 180 east and is at most a turn wide; circles reach 360 degrees.
    """
    whole = shapely.union_all([translate(shape, turn) for turn in (-720.0, -360.0, 0.0, 360.0)])
    shapely.prepare(whole)
    return whole


def _circle(lat: float, lon: float, radius: float) -> Polygon:
    """Return a polygon of degrees that holds every point within `radius` metres."""
    north, east = _spread(lat, radius)
    if east is None:
        return _belt(lat, lat, north, 180.0)
    return Polygon([(lon + east * x, lat + north * y) for x, y in _TURNS])


def _cell(row: int, column: int, size: int, per_degree: int) -> Polygon:
    """Return what holds the circle of every position in a cell, of less than 2 ** size metres."""
    south, north = row / per_degree, (row + 1) / per_degree
    west, last = column / per_degree, (column + 1) / per_degree
    up, across = _spread(max(abs(south), abs(north)) + _SLACK, 2.0**size)
    if across is None:
        return _belt(south, north, up + _SLACK, 360.0)
    up, across = up + _SLACK, across + _SLACK
    return box(west - across, south - up, last + across, north + up)


def _belt(south: float, north: float, up: float, half: float) -> Polygon:
    """Return all longitudes, and the latitudes on Earth as far as `up` degrees to both sides."""
    return box(-half, max(-90.0, south - up), half, min(90.0, north + up))


def _spread(lat: float, radius: float) -> tuple[float, float | None]:
    """Return the half axes in degrees of an ellipse on the chart that holds a circle, drawn round.

    The second is None where the circle goes round a pole or the world. On the way from the centre
    no degree of latitude is shorter than at the equator, and none of longitude than on the parallel
    nearest to a pole (WGS-84), so the whole way is no longer on the chart than these axes say.
    """
    north = math.degrees(radius / SHORTEST_MERIDIAN) * _ROUND
    farthest = abs(lat) + north
    if farthest >= 90.0:
        return north, None
    east = math.degrees(radius / (SEMI_MAJOR * math.cos(math.radians(farthest)))) * _ROUND
    return north, (east if east < 180.0 else None)
