"""The RSS feed of GDACS (Global Disaster Alert and Coordination System) to the records of GeoJSON.

An item is a hazard at a point: its type, level, name and times are in elements of the namespace
http://www.gdacs.org, its place in `georss:point`. GDACS is (c) European Union and United Nations.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.parsers.expat import ExpatError, ParserCreate

from accord.wire.errors import FrameTooLarge, Malformed, TooDeep, Unsupported
from accord.wire.geojson.message import Fault, Feature, Found, GeometryKind, Room, corner

HAZARDS: Mapping[str, tuple[str, timedelta]] = {
    "EQ": ("earthquake", timedelta(days=3)),
    "TS": ("tsunami", timedelta(days=3)),
    "TC": ("tropical cyclone", timedelta(days=2)),
    "FL": ("flood", timedelta(days=7)),
    "VO": ("volcano", timedelta(days=7)),
    "WF": ("wildfire", timedelta(days=7)),
    "DR": ("drought", timedelta(days=30)),
}
"""What `gdacs:eventtype` says, and how long after `gdacs:todate` it holds. The latter is ours."""

OTHERS = ("hazard", timedelta(days=3))

LEVELS = ("Green", "Orange", "Red")
"""What `gdacs:alertlevel` says."""

MAX_DEPTH = 32
MAX_LETTERS = 20_000
"""Letters of one text of an item; the longest of the recorded feed has 1,900."""

_TEXTS = frozenset({
    "title", "description", "link", "pubDate", "fromdate", "todate", "eventtype", "alertlevel",
    "eventname", "eventid", "country", "severity", "guid", "point",
})  # fmt: skip


def read_gdacs(data: bytes) -> Found:
    """Return the hazards of a feed; one that has no place or no name costs only itself.

    Raises WireError.
    """
    return _Items().parse(data)


class _Items:
    def __init__(self) -> None:
        self._path: list[str] = []
        self._texts: dict[str, str] = {}
        self._words: list[str] = []
        self._room = Room()
        self._found: dict[str, Feature] = {}
        self._faults: list[Fault] = []
        self._number = 0
        self._repeated = 0
        self._has_channel = False

    def parse(self, data: bytes) -> Found:
        parser = ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._words.append
        parser.EntityDeclHandler = _refuse
        try:
            parser.Parse(data, True)
        except ExpatError as error:
            raise Malformed(f"no XML: {error}") from None
        except LookupError:
            raise Malformed("no XML in an encoding that is known") from None
        if not self._has_channel:
            raise Malformed("an rss without a channel")
        return Found(list(self._found.values()), self._faults, self._repeated)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path and local != "rss":
            raise Malformed("no rss")
        if len(self._path) >= MAX_DEPTH:
            raise TooDeep("elements in each other deeper than is read")
        self._has_channel |= self._path == ["rss"] and local == "channel"
        self._path.append(local)
        self._words.clear()
        if local == "item":
            self._texts = {}

    def _end(self, _name: str) -> None:
        local = self._path.pop()
        # What a resource of an item says has the same names, and lies deeper.
        if self._path[-1:] == ["item"] and local in _TEXTS:
            text = "".join(self._words).strip()
            if len(text) > MAX_LETTERS:
                raise FrameTooLarge(f"a {local} of more than {MAX_LETTERS} letters")
            self._texts[local] = text
        elif local == "item":
            self._item(self._texts)
        self._words.clear()

    def _item(self, said: Mapping[str, str]) -> None:
        self._number += 1
        event = said.get("eventtype", "").upper()
        number = said.get("eventid", "")
        name = f"{event}{number}" if event and number else said.get("guid", "")
        lat, _, lon = said.get("point", "").partition(" ")
        try:
            place = corner(float(lon), float(lat))
        except (ValueError, Malformed):
            self._faults.append(Fault(self._number, name, "a hazard without a place"))
            return
        if not name:
            self._faults.append(Fault(self._number, "", "a hazard that nothing names"))
            return
        self._room.take(1)
        self._repeated += name in self._found
        self._found[name] = Feature(name, _title(event, said), GeometryKind.POINT, (place,), {
            "hazard": name, "level": said.get("alertlevel", ""), "what": _what(event),
            "description": said.get("description", ""), "severity": said.get("severity", ""),
            "country": said.get("country", ""), "link": said.get("link", ""),
            **times(event, said),
        })  # fmt: skip


def _what(event: str) -> str:
    return HAZARDS.get(event, OTHERS)[0]


def _title(event: str, said: Mapping[str, str]) -> str:
    level = said.get("alertlevel", "")
    words = (level if level in LEVELS else "", _what(event), said.get("eventname", ""))
    return " ".join(each for each in words if each)[:200]


def times(event: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return when a hazard was said to be so, and until when that holds; nothing if not said."""
    moments = (_moment(said.get(name, "")) for name in ("todate", "pubDate", "fromdate"))
    at = next((each for each in moments if each is not None), None)
    if at is None:
        return {}
    valid = HAZARDS.get(event, OTHERS)[1]
    return {"time": at.isoformat(), "stale": (at + valid).isoformat()}


def _moment(text: str) -> datetime | None:
    """Return a time as RSS has it (RFC 822)."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _refuse(*_: object) -> None:
    raise Unsupported("a document that declares entities")
