"""ASTERIX records of categories 021, 048 and 062 to frozen records: decoded by pyasteryx.

Editions 2.6, 1.21 and 1.18; the later ones of 048 say the same in what is read here. Values that
stand for "not known", and codes that a radar could not confirm, are taken out here.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, cast

from pyasteryx import AsteryxError, Message, SpecRegistry
from pyasteryx.parser import parse_record

from accord.wire.errors import Malformed

ADS_B, RADAR, SYSTEM = 21, 48, 62
"""Categories that are read: ADS-B reports, those of one radar, tracks of a whole system."""

_EDITIONS = {ADS_B: "2.6", RADAR: "1.21", SYSTEM: "1.18"}

_BUNDLED = SpecRegistry.with_bundled()
_SPECIFICATIONS = {each: _BUNDLED.get(each, edition) for each, edition in _EDITIONS.items()}

KNOTS = 3600.0  # in nautical miles a second
METRES_A_SECOND = 3600 / 1852  # in knots
HEADER = 3


class Polar(NamedTuple):
    """Where a radar saw something: nautical miles of slant range, degrees from true north.

    `height` is feet above the sea, None where the radar does not know.
    """

    rho: float
    theta: float
    height: float | None


class Target(NamedTuple):
    """One record: knots, degrees, feet, feet a minute; None is "not said".

    `time` is seconds since midnight UTC, `altitude` feet above the ellipsoid. Of `lat`, `lon` and
    `polar` there is one or the other. `ends` says that the track is no more, `is_simulated` that it
    is none of a real aircraft.
    """

    category: int
    sac: int
    sic: int
    time: float | None
    track: int | None = None
    lat: float | None = None
    lon: float | None = None
    polar: Polar | None = None
    altitude: float | None = None
    speed: float | None = None
    course: float | None = None
    climb: float | None = None
    icao: str | None = None
    callsign: str | None = None
    squawk: str = ""
    emitter: int = 0
    emergency: int = 0
    is_simulated: bool = False
    is_target: bool = True
    ends: bool = False


Item = Mapping[str, object]
_NOTHING: Item = {}


class Record(NamedTuple):
    """What a record says, and itself as a block of its own."""

    target: Target
    data: bytes


def read(block: bytes) -> Iterator[Record]:
    """Yield the records of a block, none of a category that is not read. Raises Malformed.

    What stands behind a record that cannot be read is lost: nothing says where it begins.
    """
    category = block[0]
    reader = _READERS.get(category)
    if reader is None:
        return
    view, at = memoryview(block), HEADER
    specification = _SPECIFICATIONS[category]
    while at < len(block):
        try:
            said, end = parse_record(specification, view, at, len(block))
        except AsteryxError as error:
            raise Malformed(f"category {category:03}: {error}") from None
        alone = block[at:end]
        yield Record(reader(_Items(said)), _header(category, len(alone)) + alone)
        at = end


def _header(category: int, length: int) -> bytes:
    return bytes((category,)) + (HEADER + length).to_bytes(2)


class _Items:
    """The items of one record by their numbers; what is not there says nothing."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def item(self, number: str) -> Item:
        found = self._message.items.get(f"I{self._message.category:03}/{number}")
        return cast("Item", found) if isinstance(found, dict) else _NOTHING

    def number(self, number: str, field: str) -> float | None:
        return _number(self.item(number), field)

    def whole(self, number: str, field: str) -> int:
        return int(self.number(number, field) or 0)

    def part(self, number: str, part: str) -> Item:
        """Return a part of a compound item."""
        found = self.item(number).get(part)
        return cast("Item", found) if isinstance(found, dict) else _NOTHING


def _number(item: Item, field: str) -> float | None:
    value = item.get(field)
    return float(value) if isinstance(value, int | float) else None


def _text(item: Item, field: str) -> str | None:
    value = item.get(field)
    return value.strip() or None if isinstance(value, str) else None


def _address(item: Item, field: str) -> str | None:
    text = _text(item, field)
    return text.lower() if text and text.strip("0") else None


def _squawk(item: Item) -> str:
    """Return the code, where it was checked and not garbled."""
    wrong = _number(item, "V") or _number(item, "G")
    return "" if wrong else _text(item, "Mode3A") or ""


def _ads_b(items: _Items) -> Target:
    precise = items.item("131") or items.item("130")
    moving, kind = items.item("160"), items.item("040")
    speed = _number(moving, "GS")
    rate = items.number("157", "GVR")
    times = (items.number("071", "time_applicability_position"),
             items.number("073", "time_reception_position"),
             items.number("077", "time_report_transmission"))  # fmt: skip
    return Target(
        ADS_B,
        *_station(items),
        next((each for each in times if each is not None), None),
        lat=_number(precise, "Lat"),
        lon=_number(precise, "Lon"),
        altitude=items.number("140", "geometric_height"),
        speed=None if speed is None else speed * KNOTS,
        course=_number(moving, "TA"),
        climb=rate if rate is not None else items.number("155", "BVR"),
        icao=None if _number(kind, "ATP") else _address(items.item("080"), "TAddr"),
        callsign=_text(items.item("170"), "TId"),
        squawk=_text(items.item("070"), "Mode3A") or "",
        emitter=items.whole("020", "ECAT"),
        emergency=items.whole("200", "PS"),
        track=_track(items, "161", "TrackN"),
        is_simulated=bool(_number(kind, "SIM") or _number(kind, "TST")),
        is_target=not _number(kind, "RAB"),
    )


def _station(items: _Items) -> tuple[int, int]:
    return items.whole("010", "SAC"), items.whole("010", "SIC")


def _track(items: _Items, number: str, field: str) -> int | None:
    found = items.number(number, field)
    return None if found is None else int(found)


def _radar(items: _Items) -> Target:
    kind, track, seen = items.item("020"), items.item("170"), items.item("040")
    rho, theta = _number(seen, "RHO"), _number(seen, "THETA")
    return Target(
        RADAR,
        *_station(items),
        items.number("140", "ToD"),
        polar=None if rho is None or theta is None else Polar(rho, theta, _height(items)),
        speed=items.number("200", "CGS"),
        course=items.number("200", "CHdg"),
        icao=_address(items.item("220"), "ACAddr"),
        callsign=_text(items.item("240"), "TId"),
        squawk=_squawk(items.item("070")),
        track=_track(items, "161", "Tn"),
        is_simulated=bool(_number(kind, "SIM") or _number(kind, "TST")),
        # A fixed transponder that the radar checks itself by, and what it takes for a reflection.
        is_target=not (_number(kind, "RAB") or _number(track, "GHO")),
        ends=bool(_number(track, "TRE")),
    )


def _height(items: _Items) -> float | None:
    """Return feet: measured by the radar itself, else the level by the standard pressure."""
    measured = items.number("110", "3D_Height")
    level = items.item("090")
    if measured is not None or _number(level, "V") or _number(level, "G"):
        return measured
    found = _number(level, "FL")
    return None if found is None else found * 100.0


def _system(items: _Items) -> Target:
    place, moving, status = items.item("105"), items.item("185"), items.item("080")
    east, north = _number(moving, "Vx"), _number(moving, "Vy")
    speed = course = None
    if east is not None and north is not None:
        speed = math.hypot(east, north) * METRES_A_SECOND
        course = math.degrees(math.atan2(east, north)) % 360.0 if speed else None
    emitter = _number(items.part("380", "EMC"), "ECAT")
    return Target(
        SYSTEM,
        *_station(items),
        items.number("070", "ToT"),
        lat=_number(place, "Lat"),
        lon=_number(place, "Lon"),
        altitude=items.number("130", "Alt"),
        speed=speed,
        course=course,
        climb=items.number("220", "RoC"),
        icao=_address(items.part("380", "ADR"), "ADR"),
        callsign=_text(items.part("380", "ID"), "ACID") or _text(items.item("245"), "TId"),
        squawk=_squawk(items.item("060")),
        emitter=int(emitter or 0),
        emergency=int(_number(status, "EMS") or 0),
        track=_track(items, "040", "TrkN"),
        is_simulated=bool(_number(status, "SIM")),
        ends=bool(_number(status, "TSE")),
    )


_READERS: Mapping[int, Callable[[_Items], Target]] = {
    ADS_B: _ads_b,
    RADAR: _radar,
    SYSTEM: _system,
}
