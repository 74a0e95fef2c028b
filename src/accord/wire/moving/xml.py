"""Tracks in KML 2.2, with Google's extension, to points: in one pass of expat, no entity is known.

Read is what TAK Server 5.7 reads of a track that ATAK sends (public source: KmlUtils.trackToCot):
of each `gx:Track` the `when` and `gx:coord` that belong together, the first of `gx:angles`, and the
arrays `speed` and `ce`. A `gx:coord` that is empty is a moment without a place (KML reference,
gx:Track), and is left out; so is all else in the document.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from accord.wire.errors import FrameTooLarge, Malformed, TooDeep, Unsupported

MAX_DEPTH = 32
"""Levels of elements."""

_ARRAYS = frozenset({"speed", "ce"})
_TOLD = frozenset({"when", "coord", "angles", "value"})


class TrackPoint(NamedTuple):
    """Where something was. Seconds since 1970, degrees, metres, metres a second; None: not said."""

    time: float
    lat: float
    lon: float
    hae: float | None
    precision: float | None
    course: float | None
    speed: float | None


class _Walk:
    """The elements one after the other."""

    def __init__(self, most: int) -> None:
        self.found: list[TrackPoint] = []
        self._most = most
        self._path: list[str] = []
        self._text: list[str] = []
        self._array = ""
        self._begin()

    def _begin(self) -> None:
        self._whens: list[str] = []
        self._coords: list[str] = []
        self._angles: list[str] = []
        self._arrays: dict[str, list[str]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note that an element begins."""
        local = name.rpartition(":")[2]
        if not self._path and local != "kml":
            raise Malformed("no kml")
        if len(self._path) >= MAX_DEPTH:
            raise TooDeep("elements in each other deeper than is read")
        self._path.append(local)
        self._text.clear()
        if local == "Track":
            self._begin()
        elif local == "SimpleArrayData":
            self._array = attributes.get("name", "")

    def text(self, data: str) -> None:
        """Note text; its amount is bounded by the document's."""
        self._text.append(data)

    def end(self, _name: str) -> None:
        """Note that an element ends."""
        local = self._path.pop()
        if local == "Track":
            self._take()
        elif local in _TOLD and "Track" in self._path:
            self._told(local, "".join(self._text).strip())

    def _told(self, local: str, said: str) -> None:
        if local == "when":
            self._whens.append(said)
        elif local == "coord":
            self._coords.append(said)
        elif local == "angles":
            self._angles.append(said)
        elif self._array in _ARRAYS:
            self._arrays.setdefault(self._array, []).append(said)

    def _take(self) -> None:
        """Take in the points of the track that ends."""
        size = len(self._whens)
        lists = {"gx:coord": self._coords, "gx:angles": self._angles, **self._arrays}
        for name, each in lists.items():
            if len(each) != size and (each or name == "gx:coord"):
                raise Malformed(f"a track with {size} when and {len(each)} {name}")
        if len(self.found) + size > self._most:
            raise FrameTooLarge(f"more than {self._most} points")
        self.found += [
            self._point(number, coord) for number, coord in enumerate(self._coords) if coord
        ]

    def _point(self, number: int, coord: str) -> TrackPoint:
        words = coord.replace(",", " ").split()
        lon, lat, hae = map(_number, (*words, "", "", "")[:3])
        if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
            raise Malformed(f"{coord[:60]!r} is no place")
        course = self._angle(number)
        return TrackPoint(
            time=_time(self._whens[number]),
            lat=lat,
            lon=lon,
            hae=hae,
            precision=self._positive("ce", number),
            course=None if course is None else course % 360,
            speed=self._positive("speed", number),
        )

    def _angle(self, number: int) -> float | None:
        words = self._angles[number].split() if self._angles else []
        return _number(words[0]) if words else None

    def _positive(self, name: str, number: int) -> float | None:
        found = _number(self._arrays[name][number]) if name in self._arrays else None
        return found if found is not None and found >= 0 else None


def _number(said: str) -> float | None:
    try:
        found = float(said)
    except ValueError:
        return None
    return found if isfinite(found) else None


def _time(said: str) -> float:
    try:
        found = datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        raise Malformed(f"{said[:60]!r} is no moment") from None


def _refuse(*_: object) -> None:
    raise Unsupported("a document that declares entities")


def read_tracks(data: bytes, *, most: int) -> list[TrackPoint]:
    """Return the points of every track in a document, in order of time. Raises WireError.

    Of several of one moment it is the first; beyond `most` the document is refused.
    """
    walk = _Walk(most)
    parser = ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise Malformed(f"no XML: {error}") from None
    except (ValueError, LookupError):
        raise Malformed("no XML in an encoding that is known") from None
    by_time: dict[float, TrackPoint] = {}
    for each in walk.found:
        by_time.setdefault(each.time, each)
    return [by_time[time] for time in sorted(by_time)]
