"""Points and areas on the Earth: WGS-84, degrees, metres, degrees true."""

import math
from dataclasses import dataclass

from accord.core.value import value

EARTH_MEAN_RADIUS = 6_371_008.8
"""Metres: the mean radius (2a + b) / 3 of the WGS-84 ellipsoid (NIMA TR8350.2, table 3.3)."""


@value
class Point:
    """A position; the heights and error radii are None where they are not known.

    `hae` is metres above the ellipsoid, `circular_error` and `linear_error` are 90 % radii in
    metres (MIL-STD-2045 CoT `ce`, `le`). Raises ValueError for a latitude or longitude that
    cannot be, and for a height or radius that is not a number.
    """

    lat: float
    lon: float
    hae: float | None = None
    circular_error: float | None = None
    linear_error: float | None = None

    def __post_init__(self) -> None:
        # NaN fails both comparisons, so it is refused here as well.
        if not (-90.0 <= self.lat <= 90.0 and -180.0 <= self.lon <= 180.0):
            raise ValueError(
                f"no such position on Earth: latitude {self.lat}, longitude {self.lon}"
            )
        # NaN alone is not equal to itself. It would be lost in the `max` of several errors.
        ce, le = self.circular_error, self.linear_error
        if self.hae != self.hae or ce != ce or le != le:  # noqa: PLR0124
            raise ValueError("a height or an error radius that is not a number")


_METRES_PER_DEGREE = 110_500.0
"""Less than a degree of a great circle, so that a box holds its circle, rounding and all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Everything between two parallels and two meridians, from `west` eastwards to `east`.

    `west` greater than `east` means the box spans the antimeridian.
    """

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        if not -90.0 <= self.south <= self.north <= 90.0:
            raise ValueError(
                f"south {self.south} to north {self.north} is not a range of latitudes"
            )
        if not (-180.0 <= self.west <= 180.0 and -180.0 <= self.east <= 180.0):
            raise ValueError(f"west {self.west}, east {self.east} are not longitudes")

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies inside or on the edge."""
        if not self.south <= point.lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= point.lon <= self.east
        return point.lon >= self.west or point.lon <= self.east


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Everything within `radius` metres of `centre`."""

    centre: Point
    radius: float

    def contains(self, point: Point) -> bool:
        """Tell whether the point lies inside or on the edge."""
        return distance(self.centre, point) <= self.radius


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline:
    """Points joined in order by great circles; `closed` makes it the outline of an area."""

    points: tuple[Point, ...]
    closed: bool = False


Area = Box | Circle
"""What a picture can be asked for."""

Outline = Circle | Polyline
"""What a drawn shape can be."""


def distance(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres, by haversine on the mean sphere.

    Within 0.56 % of the geodesic on the ellipsoid everywhere.
    """
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_MEAN_RADIUS * math.asin(min(1.0, math.sqrt(h)))


def bearing(a: Point, b: Point) -> float:
    """Return the initial great-circle course from `a` to `b`, degrees true in [0, 360)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    lon = math.radians(b.lon - a.lon)
    east = math.sin(lon) * math.cos(lat_b)
    north = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(lon)
    return math.degrees(math.atan2(east, north)) % 360.0


def box_around(circle: Circle) -> Box:
    """Return a box that holds the circle; near a pole it goes all the way round."""
    lat, lon = circle.centre.lat, circle.centre.lon
    reach = circle.radius / _METRES_PER_DEGREE + 1e-6
    south, north = max(-90.0, lat - reach), min(90.0, lat + reach)
    # A way of `reach` degrees that keeps to these latitudes turns no further than this.
    spread = reach / max(1e-9, math.cos(math.radians(max(-south, north))))
    if spread >= 180.0:
        return Box(south=south, west=-180.0, north=north, east=180.0)
    return Box(south=south, west=_turned(lon - spread), north=north, east=_turned(lon + spread))


def _turned(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0
