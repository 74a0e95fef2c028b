"""The areas of an alert as outlines: polygons as they are, circles by their corners; and as text.

An outline has each corner once. As text it is the polygon of CAP (3.2.4), `lat,lon lat,lon ...`
with the first corner again at its end, and several stand one a line.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from accord.core.geometry import EARTH_MEAN_RADIUS
from accord.wire.cap.message import CapAlert, CapArea, CapCircle, Degrees
from accord.wire.errors import Malformed

CORNERS = 36
"""Corners of a circle: none of its edge lies farther off than 0.4 % of its radius."""

MOST_OUTLINES = 50
MOST_CORNERS = 2_000
"""Outlines, and corners of all of them, of one area that somebody gives as text."""

MOST_LETTERS = 10_000
"""Letters of an area as text, where a case or an incident keeps it."""

LARGEST = 5_000.0
"""Kilometres of a radius beyond which a circle has no outline that a map can show."""

Outline = tuple[Degrees, ...]


def outlines_of(alert: CapAlert) -> Iterator[Outline]:
    """Yield an outline of each polygon and each circle that has an extent."""
    for area in alert.areas:
        yield from outlines_in(area)


def outlines_in(area: CapArea) -> Iterator[Outline]:
    """Yield those of one area."""
    for polygon in area.polygons:
        # GDACS ends some of its polygons with the last corner twice.
        before = (None, *polygon)
        corners = tuple(e for e, last in zip(polygon, before, strict=False) if e != last)
        if len(set(corners)) > 2:
            yield corners[:-1] if corners[0] == corners[-1] else corners
    for circle in area.circles:
        if 0.0 < circle.radius <= LARGEST:
            yield around(circle)


def around(circle: CapCircle) -> Outline:
    """Return the corners of a circle, on the mean sphere, from north eastwards."""
    lat, lon = map(math.radians, circle.centre)
    way = circle.radius * 1_000.0 / EARTH_MEAN_RADIUS
    return tuple(_ahead(lat, lon, way, 2.0 * math.pi * n / CORNERS) for n in range(CORNERS))


def _ahead(lat: float, lon: float, way: float, course: float) -> Degrees:
    """Return where a great circle comes to; all in radians but what is returned."""
    up = math.sin(lat) * math.cos(way) + math.cos(lat) * math.sin(way) * math.cos(course)
    ahead = math.cos(lat) * math.cos(way) - math.sin(lat) * math.sin(way) * math.cos(course)
    turn = math.atan2(math.sin(course) * math.sin(way), ahead)
    east_of = math.degrees(lon + turn)
    return math.degrees(math.asin(min(1.0, max(-1.0, up)))), (east_of + 180.0) % 360.0 - 180.0


def middle_of(outline: Outline) -> Degrees:
    """Return the mean of the corners, across the antimeridian too."""
    first = outline[0][1]
    east = [(lon - first + 180.0) % 360.0 - 180.0 for _, lon in outline]
    lat = sum(each for each, _ in outline) / len(outline)
    return lat, (first + sum(east) / len(east) + 180.0) % 360.0 - 180.0


def spelt(outlines: Iterable[Outline]) -> str:
    """Return outlines as text, which `read_outlines` reads."""
    return "\n".join(
        " ".join(f"{lat:.4f},{lon:.4f}" for lat, lon in (*each, each[0])) for each in outlines
    )


def fitting(outlines: Iterable[Outline], most: int) -> tuple[str, bool]:
    """Return outlines as text of at most so many letters, and whether every corner is in it.

    Corners are left out evenly, and where that does not do, the last outlines.
    """
    whole = list(outlines)
    left = whole[:MOST_OUTLINES]
    while left:
        longest = max(map(len, left)) // 3
        for step in (*(1 << n for n in range(longest.bit_length())), longest):
            thinner = [each[:: min(step, len(each) // 3)] for each in left]
            text = spelt(thinner)
            if len(text) <= most and sum(map(len, thinner)) <= MOST_CORNERS:
                return text, thinner == whole
        left = left[:-1]
    return "", not whole


def read_outlines(text: str) -> tuple[Outline, ...]:
    """Return the outlines of a text. Raises Malformed, which says what is wrong."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > MOST_OUTLINES:
        raise Malformed(f"an area has 1 to {MOST_OUTLINES} outlines, one a line")
    found = tuple(_outline(line) for line in lines)
    if sum(map(len, found)) > MOST_CORNERS:
        raise Malformed(f"an area has at most {MOST_CORNERS} corners")
    return found


def _outline(line: str) -> Outline:
    corners = [_corner(each) for each in line.split()]
    if corners[:1] == corners[-1:]:
        corners.pop()
    if len(set(corners)) < 3:
        raise Malformed("an outline has three corners at least: lat,lon lat,lon lat,lon")
    return tuple(corners)


def _corner(text: str) -> Degrees:
    lat, _, lon = text.partition(",")
    try:
        corner = float(lat), float(lon)
    except ValueError:
        corner = math.nan, math.nan
    if not (abs(corner[0]) <= 90.0 and abs(corner[1]) <= 180.0):
        raise Malformed(f"{text[:40]!r} is no latitude and longitude, such as -36.5,174.8")
    return corner


def area_of(description: str, outlines: Sequence[Outline]) -> CapArea:
    """Return an area with these outlines, each ending where it begins."""
    return CapArea(description=description, polygons=tuple((*each, each[0]) for each in outlines))
