"""The areas of rules: circles, boxes and polygons, also across the antimeridian. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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


class Fence:
    """An area, asked for very many points: those far away cost little."""

    def __init__(self, area: Area) -> None:
        self._area = area
        self._box = box_around(area) if isinstance(area, Circle) else None

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies inside or on the edge."""
        if self._box is not None and not self._box.contains(point):
            return False
        return self._area.contains(point)
