"""Positions in JSON, as trackers and gateways say them, to frozen records.

A text is one object, or a list of them. Which of its fields means what is said by a mapping from
our names to paths such as `position.latitude`; where it says nothing, the usual names are tried.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from accord.wire.errors import FrameTooLarge, Malformed

MAX_OBJECTS = 5_000
"""Objects of one text."""

MAX_TEXT = 64
"""Letters of a word."""

MAX_DEPTH = 8
"""Steps of a path."""

USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "uid", "mmsi", "icao", "callsign", "name"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "longitude"),
    "time": ("time", "timestamp"),
    "stale": ("stale",),
    "name": ("name",),
    "callsign": ("callsign",),
    "mmsi": ("mmsi",),
    "icao": ("icao",),
    "type": ("type",),
    "course": ("course", "cog"),
    "speed": ("speed",),
    "speed_knots": ("speed_knots", "sog"),
    "speed_kmh": ("speed_kmh",),
    "hae": ("hae",),
    "accuracy": ("accuracy",),
}
"""Our names, and where each is looked for unless the mapping says it."""

_METRES_A_SECOND = {"speed": 1.0, "speed_knots": 1852 / 3600, "speed_kmh": 1 / 3.6}

MOST = 1e13
"""No number beyond it says anything here."""

_MILLISECONDS = 1e11
"""Seconds since 1970 reach it in the year 5138; a greater number counts milliseconds."""


class Said(NamedTuple):
    """One object: degrees, m/s, degrees true, metres; None is "not said".

    `time` and `stale` are seconds since 1970 or RFC 3339. `strange` is how many fields say what is
    no number and no time.
    """

    id: str
    lat: float
    lon: float
    time: float | str | None = None
    stale: float | str | None = None
    name: str = ""
    callsign: str = ""
    mmsi: str = ""
    icao: str = ""
    type: str = ""
    course: float | None = None
    speed: float | None = None
    hae: float | None = None
    accuracy: float | None = None
    strange: int = 0


Paths = Mapping[str, Sequence[tuple[str, ...]]]


def paths(mapping: Sequence[str] = ()) -> Paths:
    """Return where each of our names is, from lines such as `lat = position.latitude`.

    Raises ValueError.
    """
    found: dict[str, Sequence[tuple[str, ...]]] = {
        ours: [(name,) for name in usual] for ours, usual in USUAL.items()
    }
    for line in mapping:
        ours, equals, theirs = (part.strip() for part in line.partition("="))
        steps = tuple(theirs.split("."))
        if not equals or ours not in USUAL:
            raise ValueError(f"{line!r}: write OURS = THEIRS, where OURS is of {', '.join(USUAL)}")
        if not all(steps) or len(steps) > MAX_DEPTH:
            raise ValueError(f"{line!r}: a path is names with dots between, {MAX_DEPTH} at most")
        found[ours] = [steps]
    return found


def read(data: bytes, at: Paths) -> Iterator[Said | None]:
    """Yield each object of a text, None for one without an id or a place. Raises WireError."""
    try:
        text = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    listed = cast("list[object]", text) if isinstance(text, list) else [cast("object", text)]
    if len(listed) > MAX_OBJECTS:
        raise FrameTooLarge(f"more than {MAX_OBJECTS} objects in one text")
    for each in listed:
        yield _said(each, at)


def _said(of: object, at: Paths) -> Said | None:
    strange: set[str] = set()

    def value(name: str) -> object:
        found = _first(of, at[name], float | int | str)
        if found is None and _first(of, at[name], dict | list) is not None:
            strange.add(name)
        return None if isinstance(found, str) and not found.strip() else found

    def text(name: str) -> str:
        found = _first(of, at[name], str | int)
        return "" if found is None else str(found).strip()[:MAX_TEXT]

    def number(name: str) -> float | None:
        found = value(name)
        said = _number(found)
        if found is not None and said is None:
            strange.add(name)
        return said

    def moment(name: str) -> float | str | None:
        found = value(name)
        seconds = _number(found)
        if seconds is None:
            if found is not None and not isinstance(found, str):
                strange.add(name)
            return found if isinstance(found, str) else None
        return seconds / 1000 if seconds > _MILLISECONDS else seconds

    lat, lon, name = number("lat"), number("lon"), text("id")
    if lat is None or lon is None or not name:
        return None
    speeds = ((number(key), factor) for key, factor in _METRES_A_SECOND.items())
    found = Said(
        name,
        lat,
        lon,
        moment("time"),
        moment("stale"),
        text("name"),
        text("callsign"),
        text("mmsi"),
        text("icao"),
        text("type"),
        number("course"),
        next((speed * factor for speed, factor in speeds if speed is not None), None),
        number("hae"),
        number("accuracy"),
    )
    return found._replace(strange=len(strange)) if strange else found


def _first(of: object, ways: Sequence[tuple[str, ...]], kind: object) -> object:
    """Return the first that is there and of this kind."""
    for way in ways:
        found = of
        for step in way:
            found = cast("Mapping[str, object]", found).get(step) if _is_table(found) else None
        if isinstance(found, kind) and not isinstance(found, bool):  # type: ignore[arg-type]
            return found
    return None


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _number(value: object) -> float | None:
    """Return a number, also where it stands as text, as gateways often have it."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < MOST else None


def write(said: Said) -> bytes:
    """Return the object by our names, to be kept."""
    known = {
        key: value
        for key, value in said._asdict().items()
        if value not in (None, "") and key != "strange"
    }
    return json.dumps(known, separators=(",", ":")).encode()
