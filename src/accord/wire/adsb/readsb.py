"""aircraft.json of readsb and dump1090: every aircraft that a receiver hears, as it decoded them.

Names as in https://github.com/wiedehopf/readsb/blob/dev/README-json.md.
"""

import json
from typing import NamedTuple, cast

from accord.wire.errors import Malformed

_MILITARY = 1  # of dbFlags

_FROM_THE_GROUND = frozenset({"mlat", "tisb_icao", "tisb_trackfile", "tisb_other"})
"""Sorts of messages in which the ground says where an aircraft is."""

MOST = 1e12
"""No number beyond it, and none that is not finite, says anything here."""


class ReadsbAircraft(NamedTuple):
    """One aircraft with a place; knots, degrees, feet, feet a minute; None is "not said".

    `seen` is how many seconds ago it was there; `hex` begins with `~` where it is no ICAO address.
    """

    hex: str
    lat: float
    lon: float
    seen: float
    callsign: str | None
    registration: str | None
    category: str
    speed: float | None
    course: float | None
    altitude: float | None
    climb: float | None
    squawk: str | None
    emergency: str
    is_military: bool
    is_the_grounds: bool
    said: bytes


class ReadsbDocument(NamedTuple):
    """The aircraft that have a place, and how many have none; `now` is the receiver's time."""

    now: float | None
    aircraft: list[ReadsbAircraft]
    without_place: int
    malformed: int


def read(data: bytes) -> ReadsbDocument:
    """Read a document. Raises Malformed for what is none; one wrong aircraft costs only itself."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    table = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    listed = table.get("aircraft")
    if not isinstance(listed, list):
        raise Malformed("no list of aircraft")
    now = _number(table.get("now"))
    found: list[ReadsbAircraft] = []
    without = wrong = 0
    for each in cast("list[object]", listed):
        entry = cast("dict[str, object]", each) if isinstance(each, dict) else {}
        if not _is_address(entry.get("hex")):
            wrong += 1
        elif (one := _aircraft(entry, now)) is None:
            without += 1
        else:
            found.append(one)
    return ReadsbDocument(now, found, without, wrong)


def _is_address(text: object) -> bool:
    if not isinstance(text, str):
        return False
    digits = text.removeprefix("~")
    return len(digits) == 6 and set(digits) <= set("0123456789abcdefABCDEF")


def _aircraft(entry: dict[str, object], now: float | None) -> ReadsbAircraft | None:
    lat, lon = _number(entry.get("lat")), _number(entry.get("lon"))
    if lat is None or lon is None:
        return None
    climb = _number(entry.get("geom_rate"))
    flags = entry.get("dbFlags")
    alone = {"aircraft": [entry]} if now is None else {"now": now, "aircraft": [entry]}
    return ReadsbAircraft(
        hex=str(entry["hex"]).lower(),
        lat=lat,
        lon=lon,
        seen=max(0.0, _number(entry.get("seen_pos")) or 0.0),
        callsign=_text(entry.get("flight")),
        registration=_text(entry.get("r")),
        category=_text(entry.get("category")) or "",
        speed=_number(entry.get("gs")),
        course=_number(entry.get("track")),
        altitude=_number(entry.get("alt_geom")),
        climb=climb if climb is not None else _number(entry.get("baro_rate")),
        squawk=_text(entry.get("squawk")),
        emergency=_text(entry.get("emergency")) or "",
        is_military=isinstance(flags, int) and bool(flags & _MILITARY),
        is_the_grounds=_text(entry.get("type")) in _FROM_THE_GROUND,
        said=json.dumps(alone, separators=(",", ":")).encode(),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < MOST else None


MAX_TEXT = 32
"""Letters of a word that a receiver says."""


def _text(value: object) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    return text if text and len(text) <= MAX_TEXT and text.isprintable() else None
