"""GeoJSON (RFC 7946) to frozen records: features with one geometry each, within limits."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, cast

from accord.wire.errors import FrameTooLarge, Malformed

MAX_FEATURES = 5_000
"""Features of one document."""

MAX_CORNERS = 200_000
"""Corners of all features of one document together."""

MAX_TEXT = 256
"""Letters of an identifier and of a name."""


class GeometryKind(StrEnum):
    """What a feature is drawn as."""

    POINT = "Point"
    LINE = "LineString"
    AREA = "Polygon"


Corner = tuple[float, float]
"""Longitude and latitude, as GeoJSON has them."""


class Feature(NamedTuple):
    """One thing: what it is called, where it is, and what else is said of it.

    `corners` of an area are its outer ring, the first not repeated at the end.
    """

    id: str
    name: str
    kind: GeometryKind
    corners: tuple[Corner, ...]
    properties: Mapping[str, object]


class Fault(NamedTuple):
    """One thing of a document that is none: the number it has among them, its id, and why."""

    number: int
    id: str
    reason: str

    def __str__(self) -> str:
        called = f" ({self.id})" if self.id else ""
        return f"feature {self.number}{called}: {self.reason}"


class Found(NamedTuple):
    """What a document shows, what of it could not be read, and how many had an id of another.

    `nowhere` are those that have no place, as GeoJSON lets them (RFC 7946, 3.2).
    """

    features: list[Feature]
    faults: list[Fault]
    repeated: int
    nowhere: int = 0


class Room:
    """Counts what one document holds. Raises FrameTooLarge beyond the limits."""

    def __init__(self) -> None:
        self._features = 0
        self._corners = 0

    def take(self, corners: int) -> None:
        """Make room for a feature of so many corners."""
        self._features += 1
        self._corners += corners
        if self._features > MAX_FEATURES or self._corners > MAX_CORNERS:
            raise FrameTooLarge("a document of more features, or more corners, than is taken")


Table = Mapping[str, object]


def read(data: bytes) -> Found:
    """Return what a document shows; one wrong feature costs only itself. Raises WireError."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    room, apart = Room(), Apart()
    features: list[Feature] = []
    faults: list[Fault] = []
    nowhere = 0
    for number, said in enumerate(_said(document), 1):
        try:
            parts = tuple(_features(_table(said)))
        except Malformed as error:
            faults.append(Fault(number, _id_of(said), str(error)))
            continue
        nowhere += not parts
        for part in parts:
            room.take(len(part.corners))
        features += apart.told(parts)
    return Found(features, faults, apart.repeated, nowhere)


class Apart:
    """Tells things of one document apart that have the same id: the second is `ID~2`."""

    def __init__(self) -> None:
        self.repeated = 0
        self._times: Counter[str] = Counter()

    def told(self, parts: Sequence[Feature]) -> Iterator[Feature]:
        """Yield the parts of one thing, each with an id of its own."""
        if not parts:
            return
        self._times[parts[0].id] += 1
        times = self._times[parts[0].id]
        self.repeated += times > 1
        for part in parts:
            yield part if times == 1 else part._replace(id=f"{part.id}~{times}")


def _id_of(said: object) -> str:
    """Return the id of a feature that may be wrong in everything else."""
    if not isinstance(said, dict):
        return ""
    table = cast("Table", said)
    inner = table.get("properties")
    return _id(table, cast("Table", inner) if isinstance(inner, dict) else table)


def _id(table: Table, properties: Table) -> str:
    own = table.get("id", properties.get("id"))
    return str(own)[:MAX_TEXT] if isinstance(own, str | int) else ""


def _said(document: object) -> Sequence[object]:
    table = _table(document)
    if table.get("type") == "Feature":
        return (table,)
    listed = table.get("features")
    if table.get("type") != "FeatureCollection" or not isinstance(listed, list):
        raise Malformed("neither a Feature nor a FeatureCollection")
    return cast("list[object]", listed)


def _table(value: object) -> Table:
    if not isinstance(value, dict):
        raise Malformed("something else where an object has to be")
    return cast("Table", value)


def _features(said: Table) -> Iterator[Feature]:
    """Yield a feature of each part of its geometry; none where it has no geometry."""
    given = said.get("properties")
    properties = _table({} if given is None else given)
    geometry = said.get("geometry")
    if geometry is None:
        return
    parts = list(_parts(_table(geometry)))
    name = _text(properties, "name", "title", "label")
    known = _id(said, properties)
    for number, (kind, corners) in enumerate(parts):
        part = f".{number}" if number else ""
        yield Feature((known or digest(name, corners)) + part, name, kind, corners, properties)


def digest(name: str, corners: Sequence[Corner]) -> str:
    """Return an identifier of what has none: the same as long as its name and place are."""
    return hashlib.sha256(repr((name, tuple(corners))).encode("utf-8", "replace")).hexdigest()[:16]


def _text(properties: Table, *keys: str) -> str:
    found = (properties.get(key) for key in keys)
    return next((each[:MAX_TEXT] for each in found if isinstance(each, str) and each), "")


_PARTS = {
    "MultiPoint": GeometryKind.POINT,
    "MultiLineString": GeometryKind.LINE,
    "MultiPolygon": GeometryKind.AREA,
}
MAX_NESTED = 4
"""Collections of geometries in each other."""


def _parts(geometry: Table, depth: int = 0) -> Iterator[tuple[GeometryKind, tuple[Corner, ...]]]:
    name = geometry.get("type")
    if name == "GeometryCollection" and depth < MAX_NESTED:
        for each in _list(geometry.get("geometries")):
            yield from _parts(_table(each), depth + 1)
    elif name in _PARTS:
        for each in _list(geometry.get("coordinates")):
            yield _PARTS[str(name)], _corners(_PARTS[str(name)], each)
    elif name in list(GeometryKind):
        kind = GeometryKind(str(name))
        yield kind, _corners(kind, geometry.get("coordinates"))
    else:
        raise Malformed(f"a geometry of type {str(name)[:20]!r}")


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise Malformed("something else where a list has to be")
    return cast("list[object]", value)


def _corners(kind: GeometryKind, said: object) -> tuple[Corner, ...]:
    if kind is GeometryKind.POINT:
        return (_corner(said),)
    if kind is GeometryKind.LINE:
        return line([_corner(each) for each in _list(said)])
    rings = _list(said)
    if not rings:
        raise Malformed("an area without a ring")
    return ring([_corner(each) for each in _list(rings[0])])


def line(corners: list[Corner]) -> tuple[Corner, ...]:
    """Return them as a line. Raises Malformed."""
    if len(corners) < 2:
        raise Malformed("a line of less than two points")
    return tuple(corners)


def ring(corners: list[Corner]) -> tuple[Corner, ...]:
    """Return them as an area, without the repeated corner. Raises Malformed."""
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners = corners[:-1]
    if len(corners) < 3:
        raise Malformed("an area of less than three corners")
    return tuple(corners)


def _corner(said: object) -> Corner:
    numbers = _list(said)
    if len(numbers) < 2:
        raise Malformed("a position of less than two numbers")
    lon, lat = numbers[0], numbers[1]
    if not (isinstance(lon, int | float) and isinstance(lat, int | float)):
        raise Malformed("a position that is no numbers")
    return corner(lon, lat)


def corner(lon: float, lat: float) -> Corner:
    """Return a position that is on Earth. Raises Malformed."""
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        raise Malformed("a position that is not on Earth")
    return float(lon), float(lat)


def write(feature: Feature) -> bytes:
    """Return the feature as GeoJSON, to be kept."""
    corners = [list(each) for each in feature.corners]
    coordinates: object = corners
    if feature.kind is GeometryKind.POINT:
        coordinates = corners[0]
    elif feature.kind is GeometryKind.AREA:
        coordinates = [[*corners, corners[0]]]
    said = {
        "type": "Feature",
        "id": feature.id,
        "geometry": {"type": feature.kind.value, "coordinates": coordinates},
        "properties": {**feature.properties, "name": feature.name},
    }
    return json.dumps(said, separators=(",", ":")).encode()
