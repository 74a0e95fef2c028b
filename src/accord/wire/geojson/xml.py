"""GPX 1.1 and KML 2.2 to the same records as GeoJSON, in one pass of expat: no entity is known.

Of GPX: waypoints, routes, and each segment of a track. Of KML: the points, lines and outer rings of
every placemark; styles, views, overlays and links are read past.
"""

from collections.abc import Sequence
from xml.parsers.expat import ExpatError, ParserCreate

from accord.wire.errors import Malformed, TooDeep, Unsupported
from accord.wire.geojson.message import (
    MAX_TEXT,
    Corner,
    Feature,
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


class _Walk:
    """The elements one after the other; the two formats say what their ends mean."""

    def __init__(self) -> None:
        self.found: list[Feature] = []
        self.path: list[str] = []
        self.texts: list[list[str]] = []
        self.room = Room()
        self._ids: dict[str, int] = {}

    def parse(self, data: bytes, root: str) -> list[Feature]:
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
        return self.found

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

    def add(self, name: str, kind: GeometryKind, corners: Sequence[Corner]) -> None:
        """Take in a feature; what is there twice is told apart by a number."""
        checked = tuple(corners)
        if kind is GeometryKind.LINE:
            checked = line(list(corners))
        elif kind is GeometryKind.AREA:
            checked = ring(list(corners))
        self.room.take(len(checked))
        known = name[:MAX_TEXT] or digest("", checked)
        count = self._ids[known] = self._ids.get(known, 0) + 1
        number = f".{count}" if count > 1 else ""
        self.found.append(Feature(known + number, name[:MAX_TEXT], kind, checked, {}))


def _refuse(*_: object) -> None:
    raise Unsupported("a document that declares entities")


class _Gpx(_Walk):
    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._points: list[Corner] = []

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("wpt", "rtept", "trkpt"):
            try:
                self._points.append(corner(float(attributes["lon"]), float(attributes["lat"])))
            except (KeyError, ValueError):
                raise Malformed(f"a {name} without a place") from None
        elif name in ("rte", "trk"):
            self._name, self._points = "", []

    def ends(self, name: str, text: str) -> None:
        if name == "name" and self.path[-1] in ("wpt", "rte", "trk"):
            self._name = text
        elif name == "wpt":
            self.add(self._name, GeometryKind.POINT, self._points)
            self._name, self._points = "", []
        elif name in ("rte", "trkseg"):
            if len(self._points) > 1:
                self.add(self._name, GeometryKind.LINE, self._points)
            self._points = []


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

    def ends(self, name: str, text: str) -> None:
        if name == "name" and self.path[-1] == "Placemark":
            self._name = text
        elif name == "coordinates" and "Placemark" in self.path:
            kind = next((_GEOMETRIES[each] for each in self.path if each in _GEOMETRIES), None)
            if kind is not None:
                self._parts.append((kind, _coordinates(text)))
        elif name == "Placemark":
            for kind, corners in self._parts:
                self.add(self._name, kind, corners)
            self._name, self._parts = "", []


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


def read_gpx(data: bytes) -> list[Feature]:
    """Return what a GPX document shows. Raises WireError."""
    return _Gpx().parse(data, "gpx")


def read_kml(data: bytes) -> list[Feature]:
    """Return what a KML document shows. Raises WireError."""
    return _Kml().parse(data, "kml")
