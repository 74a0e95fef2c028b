"""Lines and areas as GeoJSON, in parts where they cross the antimeridian (RFC 7946, 3.1.9)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from accord.core.geometry import Polyline

Corner = tuple[float, float]
"""Longitude and latitude."""


def geometry_of_outline(outline: Polyline) -> dict[str, object]:
    """Return a line or an area; of an area round a pole, which no ring encloses, the line."""
    corners = [(point.lon, point.lat) for point in outline.points]
    if not (outline.closed and len(corners) >= 3):
        return _lines([*corners, corners[0]] if outline.closed else corners)
    ring = _unrolled([*corners, corners[0]])
    west, east = min(lon for lon, _ in ring), max(lon for lon, _ in ring)
    if ring[0] != ring[-1] or (west < -180.0 and east > 180.0):
        return _lines([*corners, corners[0]])
    if west >= -180.0 and east <= 180.0:
        return {"type": "Polygon", "coordinates": [_ring(ring)]}
    cut = 180.0 if east > 180.0 else -180.0
    west_of, east_of = (_side(ring, cut, is_east=each) for each in (False, True))
    if west_of is None or east_of is None:
        return _lines([*corners, corners[0]])
    parts = [[_ring(each)] for each in (*west_of, *east_of)]
    return {"type": "MultiPolygon", "coordinates": parts}


def _unrolled(line: Sequence[Corner]) -> list[Corner]:
    """Return the line with longitudes that go on beyond 180 degrees in place of jumping."""
    found = [line[0]]
    for lon, lat in line[1:]:
        before = found[-1][0]
        found.append((lon + 360.0 * round((before - lon) / 360.0), lat))
    return found


def _ring(corners: Sequence[Corner]) -> list[list[float]]:
    """Return a closed ring as an outer one runs (RFC 7946, 3.1.6)."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(corners))
    ring = corners if twice >= 0 else corners[::-1]
    return [list(each) for each in ring]


def _side(ring: Sequence[Corner], cut: float, *, is_east: bool) -> list[list[Corner]] | None:
    """Return the closed rings of what of a ring lies on one side of a meridian.

    The ring crosses the meridian an even number of times. Between the southernmost crossing and
    the next it is inside, between that and the one after outside, and so on. None of a ring that
    crosses itself there, so that its pieces do not join.
    """
    chains = list(_chains(ring, cut, is_east=is_east))
    # Each end of each chain, from south to north: its chain, and whether it is the last corner.
    ends = [
        (chain[-last][1], number, last) for number, chain in enumerate(chains) for last in (0, 1)
    ]
    order = [(number, last) for _, number, last in sorted(ends)]
    next_of = {order[n]: order[n ^ 1] for n in range(len(order))}
    if any(is_last for each, (_, is_last) in next_of.items() if each[1]):
        return None
    shift = -360.0 if is_east and cut > 0 else 360.0 if not is_east and cut < 0 else 0.0
    left = dict(enumerate(chains))
    found: list[list[Corner]] = []
    while left:
        number = next(iter(left))
        whole: list[Corner] = []
        while number in left:
            whole += left.pop(number)
            number, _ = next_of[number, 1]
        found.append([(lon + shift, lat) for lon, lat in [*whole, whole[0]]])
    return found


def _chains(ring: Sequence[Corner], cut: float, *, is_east: bool) -> Iterator[list[Corner]]:
    """Yield the pieces of a ring on one side of a meridian, from crossing to crossing."""
    inside = [(lon > cut) is is_east for lon, _ in ring[:-1]]
    count = len(inside)
    start = next(n for n in range(count) if inside[n] and not inside[n - 1])
    chain: list[Corner] = []
    for step in range(count + 1):
        at = (start + step) % count
        if inside[at] is not inside[at - 1]:
            chain.append(_crossing(ring[(at - 1) % count], ring[at], cut))
        if inside[at]:
            chain.append(ring[at])
        elif chain:
            yield chain
            chain = []


def _crossing(a: Corner, b: Corner, cut: float) -> Corner:
    return cut, a[1] + (cut - a[0]) / (b[0] - a[0]) * (b[1] - a[1])


def _lines(line: Sequence[Corner]) -> dict[str, object]:
    parts = _cut(line)
    if len(parts) > 1:
        return {"type": "MultiLineString", "coordinates": parts}
    return {"type": "LineString", "coordinates": parts[0]}


def _cut(line: Sequence[Corner]) -> list[list[list[float]]]:
    parts = [[list(line[0])]]
    for (west, south), (east, north) in pairwise(line):
        if abs(east - west) > 180:
            edge = 180.0 if west > 0 else -180.0
            span = east + 2 * edge - west
            lat = south + (edge - west) / span * (north - south) if span else south
            parts[-1].append([edge, lat])
            parts.append([[-edge, lat]])
        parts[-1].append([east, north])
    return parts
