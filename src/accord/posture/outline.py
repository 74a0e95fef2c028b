"""Areas drawn as GeoJSON (RFC 7946), as cells: over the date line, round a pole, with holes.

An edge is the straight line on the chart between two corners, the short way round, as everywhere in
posture; one that goes all the way round, from -180 to 180, is the whole parallel.
"""

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

from accord.posture.cells import compacted, in_outline

MAX_BYTES = 1 << 20
"""Of a drawing."""
MAX_CORNERS = 10_000

_Corner = tuple[float, float]


def cells_of(data: str) -> tuple[str, ...]:
    """Return the cells of a drawing, the coarser where they fill one. ValueError: it is none.

    Polygons and multipolygons are read, alone, in features or in collections of these.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has {len(data)} characters; at most {MAX_BYTES} are read")
    try:
        tree: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from None
    polygons = list(_polygons(tree))
    corners = sum(len(ring) for rings in polygons for ring in rings)
    if corners > MAX_CORNERS:
        raise ValueError(f"it has {corners} corners; at most {MAX_CORNERS} are read")
    found = frozenset[int]().union(*map(_cells, polygons))
    if not found:
        raise ValueError("it holds the middle of no cell: cells have some 12,400 square kilometres")
    return compacted(found)


def _cells(rings: list[list[_Corner]]) -> frozenset[int]:
    outer, *holes = rings
    return in_outline(outer).difference(*map(in_outline, holes))


def _polygons(tree: object) -> Iterator[list[list[_Corner]]]:
    said = _object(tree)
    match said.get("type"):
        case "Polygon":
            yield [_ring(each) for each in _list(said, "coordinates")]
        case "MultiPolygon":
            for polygon in _list(said, "coordinates"):
                yield [_ring(each) for each in _several(polygon, "a polygon")]
        case "Feature":
            yield from _polygons(said.get("geometry"))
        case "FeatureCollection":
            for each in _list(said, "features"):
                yield from _polygons(each)
        case "GeometryCollection":
            for each in _list(said, "geometries"):
                yield from _polygons(each)
        case other:
            raise ValueError(f"{other!r} is no area: draw it as Polygon or MultiPolygon")


def _object(tree: object) -> dict[str, object]:
    if not isinstance(tree, dict):
        raise ValueError("it is no GeoJSON object")  # noqa: TRY004  it is what was read
    return cast("dict[str, object]", tree)


def _list(said: dict[str, object], key: str) -> list[object]:
    return _several(said.get(key), key)


def _several(found: object, what: str) -> list[object]:
    if not isinstance(found, list) or not found:
        raise ValueError(f"{what} is no list, or empty")
    return cast("list[object]", found)


def _ring(ring: object) -> list[_Corner]:
    """Return the corners as latitude and longitude, without the last, which is the first again."""
    corners = [_corner(each) for each in _several(ring, "a ring")]
    if len(corners) < 4 or corners[0] != corners[-1]:
        raise ValueError("a ring has four corners or more, and the last is the first (RFC 7946)")
    return [each for pair in pairwise(corners) for each in _edge(*pair)]


def _edge(one: _Corner, other: _Corner) -> Iterator[_Corner]:
    """Yield the first corner of an edge and, of a whole parallel, two places along it."""
    yield one
    if abs(other[1] - one[1]) == 360.0:
        for share in (1 / 3, 2 / 3):
            yield (
                one[0] + (other[0] - one[0]) * share,
                one[1] + (other[1] - one[1]) * share,
            )


def _corner(corner: object) -> _Corner:
    pair = _several(corner, "a corner")[:2]
    if len(pair) < 2 or not all(_is_number(each) for each in pair):
        raise ValueError(f"{corner!r} is no corner: give longitude and latitude")
    lon, lat = cast("list[float]", pair)
    if not (-180.0 <= lon <= 360.0 and -90.0 <= lat <= 90.0):
        raise ValueError(f"longitude {lon:g}, latitude {lat:g} is nowhere on the Earth")
    return lat, lon


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
