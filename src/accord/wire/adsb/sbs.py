"""SBS, also called BaseStation: what a receiver has decoded, a line for each frame.

Twenty-two fields (http://woodair.net/sbs/article/barebones42_socket_data.htm), of which many are
empty. Times are of the receiver's own zone, which it does not say, so they only give the pace of a
recording.
"""

import math
from datetime import UTC, datetime
from typing import NamedTuple

from accord.wire.errors import Malformed

FIELDS = 22
_KINDS = frozenset("12345678")


class SbsLine(NamedTuple):
    """One line: which transmission, whose, and what it says; None is "not said"."""

    kind: str
    icao: str
    callsign: str | None
    speed: float | None
    course: float | None
    lat: float | None
    lon: float | None
    climb: float | None
    squawk: str | None
    is_emergency: bool


def read(line: bytes) -> SbsLine | None:
    """Return what a MSG line says; None of any other, such as SEL, ID, AIR. Raises Malformed."""
    words = line.decode("latin-1").split(",")
    if words[0] != "MSG":
        return None
    if len(words) != FIELDS or words[1] not in _KINDS:
        raise Malformed(f"an SBS line of {len(words)} fields, or of no transmission there is")
    try:
        icao = int(words[4], 16)
        numbers = [_number(words[place]) for place in (12, 13, 14, 15, 16)]
    except ValueError:
        raise Malformed("an SBS line with a field that is no number") from None
    if len(words[4]) != 6 or icao < 0:
        raise Malformed("an SBS line with an address that is none")
    speed, course, lat, lon, climb = numbers
    return SbsLine(
        words[1],
        f"{icao:06x}",
        words[10].strip() or None,
        speed,
        course,
        lat,
        lon,
        climb,
        _squawk(words[17]),
        words[19].strip() in ("1", "-1"),
    )


def _number(text: str) -> float | None:
    if not text.strip():
        return None
    value = float(text)
    # Python reads digits of every script, and underscores between them; no receiver writes those.
    if "_" in text or not text.isascii() or not math.isfinite(value):
        raise ValueError(text)
    return value


def _squawk(text: str) -> str | None:
    digits = text.strip().zfill(4)
    return digits if text.strip() and len(digits) == 4 and set(digits) <= set("01234567") else None


def time_of(line: bytes) -> float | None:
    """Return when the line was made, seconds since 1970 as though the receiver's zone was UTC."""
    words = line.decode("latin-1").split(",")
    if words[0] != "MSG" or len(words) != FIELDS:
        return None
    try:
        said = f"{words[6]} {words[7]}"
        at = datetime.strptime(said, "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at.timestamp()


def with_time(line: bytes, time: float) -> bytes:
    """Return the line as it is: its own time is not read."""
    del time
    return line
