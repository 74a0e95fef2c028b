"""Reads the area files of an agreement: GeoJSON polygons (RFC 7946), refused in a sentence.

The datum is WGS-84 (RFC 7946, 4). A ring may cross 180 degrees: an edge over which the longitude
jumps by more than half a turn goes the short way round; cutting the area at 180 degrees (3.1.9)
comes to the same.
"""

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NoReturn, cast

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

Geometry = BaseGeometry
"""One or more polygons in degrees, longitude first; longitudes may go on beyond 180."""

MAX_BYTES = 4_000_000
"""Of one file: the most points, each with two numbers to fifteen digits, and as much again."""
MAX_POINTS = 50_000

Ring = list[tuple[float, float]]


def load(data: bytes) -> Geometry:
    """Return the area that a file describes. ValueError says in a sentence what is wrong."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"the file has {len(data)} bytes; at most {MAX_BYTES} are read")
    polygons = [
        (place, [_ring(ring, f"ring {n} of {place}") for n, ring in enumerate(rings, 1)])
        for place, rings in _rings_of(_parsed(data))
    ]
    points = sum(len(ring) for _, rings in polygons for ring in rings)
    if points > MAX_POINTS:
        raise ValueError(f"it has {points} points; at most {MAX_POINTS} are taken")
    if not polygons:
        raise ValueError("there is no polygon in it")
    return shapely.union_all([_polygon(rings, place) for place, rings in polygons])


def _parsed(data: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(data, parse_constant=_refuse, object_pairs_hook=_members)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError as fault:
        raise ValueError(f"it is not JSON: {fault}") from None
    return _object(parsed, "the file")


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _rings_of(thing: dict[str, object]) -> Iterator[tuple[str, list[object]]]:
    """Yield the place and the rings of each polygon of a geometry, feature or collection."""
    if "crs" in thing:
        raise ValueError("it names a crs; coordinates are WGS-84, as RFC 7946 has them")
    match thing.get("type"):
        case "FeatureCollection":
            features = _list(thing.get("features"), "features")
            for number, feature in enumerate(features, 1):
                yield from _rings_of_feature(_object(feature, f"feature {number}"), number)
        case "Feature":
            yield from _rings_of_feature(thing, 1)
        case _:
            yield from _rings_of_geometry(thing, "the geometry")


def _rings_of_feature(
    feature: dict[str, object], number: int
) -> Iterator[tuple[str, list[object]]]:
    place = f"feature {number}"
    if feature.get("type") != "Feature":
        raise ValueError(f"{place} has the type {feature.get('type')!r}, not Feature")
    yield from _rings_of_geometry(
        _object(feature.get("geometry"), f"the geometry of {place}"), place
    )


def _rings_of_geometry(
    geometry: dict[str, object], place: str
) -> Iterator[tuple[str, list[object]]]:
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Polygon":
            yield place, _list(coordinates, f"the coordinates of {place}")
        case "MultiPolygon":
            for number, rings in enumerate(_list(coordinates, f"the coordinates of {place}"), 1):
                part = f"polygon {number} of {place}"
                yield part, _list(rings, part)
        case kind:
            raise ValueError(f"{place} has the type {kind!r}; an area is a Polygon or MultiPolygon")


def _polygon(rings: list[Ring], place: str) -> Polygon:
    if not rings:
        raise ValueError(f"{place} is empty")
    outer = _from(rings[0], -180.0)
    west = min(lon for lon, _ in outer)
    if max(lon for lon, _ in outer) - west > 360.0:
        raise ValueError(f"{place} goes more than once round the Earth")
    shape = Polygon(outer, [_from(hole, west) for hole in rings[1:]])
    if not shapely.is_valid(shape):
        raise ValueError(f"{place} is not valid: {shapely.is_valid_reason(shape)}")
    return shape


def _ring(value: object, place: str) -> Ring:
    points = [
        _position(position, f"position {number} of {place}")
        for number, position in enumerate(_list(value, place), 1)
    ]
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError(f"{place} is not closed: it needs 4 positions, the last as the first")
    ring = _unwrapped(points)
    if ring[0] != ring[-1]:
        raise ValueError(
            f"{place} goes round a pole: draw it along 180 degrees to the pole and back"
        )
    return ring


def _unwrapped(points: Ring) -> Ring:
    """Return the ring with longitudes that go on beyond 180 where it crosses that meridian."""
    ring, turn = [points[0]], 0.0
    for (before, _), (lon, lat) in pairwise(points):
        if abs(lon - before) > 180.0:
            turn += math.copysign(360.0, before - lon)
        ring.append((lon + turn, lat))
    return ring


def _from(ring: Ring, west: float) -> Ring:
    """Return the ring on the turn of the Earth that begins at `west`."""
    turns = math.floor((min(lon for lon, _ in ring) - west) / 360.0)
    return [(lon - 360.0 * turns, lat) for lon, lat in ring]


def _position(value: object, place: str) -> tuple[float, float]:
    numbers = _list(value, place)
    if len(numbers) not in (2, 3):
        raise ValueError(
            f"{place} has {len(numbers)} numbers: give longitude, latitude and no more"
        )
    lon, lat, *_ = (_number(number, place) for number in numbers)
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        raise ValueError(f"{place} is not on Earth: longitude {lon:g}, latitude {lat:g}")
    return lon, lat


def _number(value: object, place: str) -> float:
    # bool is an int in Python and none in JSON; an int can be too long for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e9:
        raise ValueError(f"{place} holds what is no number of degrees")
    return float(value)


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{place} is no list")  # noqa: TRY004  wrong text, not a wrong call
    return cast("list[object]", value)


def _object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is no object")  # noqa: TRY004  likewise
    return cast("dict[str, object]", value)
