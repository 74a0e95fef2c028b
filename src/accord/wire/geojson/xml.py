"""GPX 1.1 and KML 2.2 to the same records as GeoJSON, in one pass of expat: no entity is known.

Of GPX: waypoints, routes, and each segment of a track. Of KML: the points, lines and outer rings of
every placemark; styles, views, overlays and links are read past.
"""

from collections.abc import Sequence
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from accord.wire.errors import Malformed, TooDeep, Unsupported
from accord.wire.geojson.message import (
    MAX_TEXT,
    Apart,
    Corner,
    Fault,
    Feature,
    Found,
    GeometryKind,
    Room,
    corner,
    digest,
    line,
    ring,
)

MAX_DEPTH = 32
"""Levels of elements."""

MAX_WORDS = 4 << 20
"""Characters of text of one element."""


class Part(NamedTuple):
    """One geometry of a thing that has a name."""

    name: str
    kind: GeometryKind
    corners: Sequence[Corner]


class _Walk:
    """The elements one after the other; the two formats say what their ends mean."""

    def __init__(self) -> None:
        self.found: list[Feature] = []
        self.path: list[str] = []
        self.texts: list[list[str]] = []
        self.room = Room()
        self.faults: list[Fault] = []
        self._apart = Apart()
        self._number = 0
        self._id = ""
        self._fault = ""

    def parse(self, data: bytes, root: str) -> Found:
        """Walk through a document whose outermost element has this name. Raises WireError."""
        parser = ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.EntityDeclHandler = _refuse
        self._root = root
        try:
            parser.Parse(data, True)
        except ExpatError as error:
            raise Malformed(f"no XML: {error}") from None
        except (ValueError, LookupError):
            raise Malformed("no XML in an encoding that is known") from None
        return Found(self.found, self.faults, self._apart.repeated)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note that an element begins."""
        local = name.rpartition(":")[2]
        if not self.path and local != self._root:
            raise Malformed(f"no {self._root}")
        if len(self.path) >= MAX_DEPTH:
            raise TooDeep("elements in each other deeper than is read")
        self.path.append(local)
        self.texts.append([])
        self.begins(local, attributes)

    def text(self, data: str) -> None:
        """Note text; its amount is bounded by the document's."""
        self.texts[-1].append(data)

    def end(self, _name: str) -> None:
        """Note that an element ends."""
        local = self.path.pop()
        self.ends(local, "".join(self.texts.pop()).strip())

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of an element that begins."""

    def ends(self, name: str, text: str) -> None:
        """Take note of an element that ends, and of its own text."""

    def begin_thing(self, identifier: str = "") -> None:
        """Take note that a thing begins: what is wrong from here on costs this one only."""
        self._number += 1
        self._id, self._fault = identifier[:MAX_TEXT], ""

    def fault(self, reason: str) -> None:
        """Take note why the thing cannot be read."""
        self._fault = self._fault or reason

    def end_thing(self, parts: Sequence[Part]) -> None:
        """Take in the parts of the thing that ends; or, where something is wrong with it, none."""
        features: list[Feature] = []
        try:
            features = [self._feature(part, number) for number, part in enumerate(parts)]
        except Malformed as error:
            self.fault(str(error))
        if self._fault:
            called = self._id or parts[0].name[:MAX_TEXT] if parts else self._id
            self.faults.append(Fault(self._number, called, self._fault))
            return
        for each in features:
            self.room.take(len(each.corners))
        self.found += self._apart.told(features)

    def _feature(self, part: Part, number: int) -> Feature:
        checked = tuple(part.corners)
        if part.kind is GeometryKind.LINE:
            checked = line(list(part.corners))
        elif part.kind is GeometryKind.AREA:
            checked = ring(list(part.corners))
        name = part.name[:MAX_TEXT]
        known = self._id or name or digest("", checked)
        return Feature(f"{known}.{number + 1}" if number else known, name, part.kind, checked, {})


def _refuse(*_: object) -> None:
    raise Unsupported("a document that declares entities")


class _Gpx(_Walk):
    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._points: list[Corner] = []
        self._lines: list[list[Corner]] = []

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("wpt", "rte", "trk"):
            self.begin_thing()
            self._name, self._points, self._lines = "", [], []
        if name in ("wpt", "rtept", "trkpt"):
            try:
                self._points.append(corner(float(attributes["lon"]), float(attributes["lat"])))
            except (KeyError, ValueError):
                self.fault(f"a {name} without a place")
            except Malformed as error:
                self.fault(str(error))

    def ends(self, name: str, text: str) -> None:
        if name == "name" and self.path[-1] in ("wpt", "rte", "trk"):
            self._name = text
        elif name == "wpt":
            self.end_thing([Part(self._name, GeometryKind.POINT, self._points)])
        elif name in ("rte", "trkseg"):
            if len(self._points) > 1:
                self._lines.append(self._points)
            self._points = []
        if name in ("rte", "trk"):
            self.end_thing([Part(self._name, GeometryKind.LINE, each) for each in self._lines])


_GEOMETRIES = {
    "Point": GeometryKind.POINT,
    "LineString": GeometryKind.LINE,
    "outerBoundaryIs": GeometryKind.AREA,
}


class _Kml(_Walk):
    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._parts: list[tuple[GeometryKind, list[Corner]]] = []

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Placemark":
            self.begin_thing(attributes.get("id", ""))
            self._name, self._parts = "", []

    def ends(self, name: str, text: str) -> None:
        if name == "name" and self.path[-1] == "Placemark":
            self._name = text
        elif name == "coordinates" and "Placemark" in self.path:
            kind = next((_GEOMETRIES[each] for each in self.path if each in _GEOMETRIES), None)
            if kind is not None:
                self._take(kind, text)
        elif name == "Placemark":
            self.end_thing([Part(self._name, kind, corners) for kind, corners in self._parts])

    def _take(self, kind: GeometryKind, text: str) -> None:
        try:
            self._parts.append((kind, _coordinates(text)))
        except Malformed as error:
            self.fault(str(error))


def _coordinates(text: str) -> list[Corner]:
    """Return the places of `lon,lat[,height]`, apart by white space (KML 2.2, 16.9)."""
    found: list[Corner] = []
    for each in text.split():
        words = each.split(",")
        try:
            found.append(corner(float(words[0]), float(words[1])))
        except (ValueError, IndexError):
            raise Malformed("coordinates that are no places") from None
    if not found:
        raise Malformed("a geometry without a place")
    return found


def read_gpx(data: bytes) -> Found:
    """Return what a GPX document shows. Raises WireError."""
    return _Gpx().parse(data, "gpx")


def read_kml(data: bytes) -> Found:
    """Return what a KML document shows. Raises WireError."""
    return _Kml().parse(data, "kml")
