"""AIS payloads (ITU-R M.1371-5) to frozen records: positions by shifts, all else by pyais.

Satellite feeds bring payloads that were cut or garbled before a valid checksum was put on them, and
pyais decodes what it can of those; so lengths and numbers are checked here.
"""

from binascii import a2b_base64
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar, cast

from pyais.bit_vector import bit_vector
from pyais.messages import MSG_CLASS  # pyright: ignore[reportUnknownVariableType]  untyped

from accord.wire.ais import fields
from accord.wire.errors import Malformed, WireError


class ImpossibleNumber(WireError):
    """A station number that no station can have: the payload is garbled."""

    reason = "impossible MMSI"


class WrongLength(WireError):
    """A payload that is not as long as its message type: cut or garbled."""

    reason = "wrong length"


class AisPosition(NamedTuple):
    """Where a station is: degrees, knots, degrees true; None is "not available".

    Coordinates are as sent, possible or not. `status` is the navigational status of class A.
    """

    type: int
    mmsi: int
    lat: float | None
    lon: float | None
    is_accurate: bool
    speed: float | None = None
    course: float | None = None
    heading: int | None = None
    status: int | None = None


class AisStatic(NamedTuple):
    """Who a station is; None is "not available". `part` names what said so: 5, 19, 21, 24A, 24B."""

    part: str
    mmsi: int
    name: str | None
    callsign: str | None
    imo: int | None
    ship_type: int | None


class AisMessage(NamedTuple):
    """What one payload says; both are None where its type says nothing that is used here."""

    position: AisPosition | None
    static: AisStatic | None


NOTHING = AisMessage(None, None)


class _Moving(Protocol):
    """What pyais calls the fields that are read; it has no types for them."""

    msg_type: int
    mmsi: int
    lat: float
    lon: float
    accuracy: bool
    speed: float
    course: float
    heading: int
    status: int


class _Named(Protocol):
    mmsi: int
    shipname: str
    ship_type: int
    name: str
    name_ext: str


T = TypeVar("T")


def decode(payload: bytes, fill: int) -> AisMessage:
    """Return what a payload says. Raises WireError for one that cannot be what its type says."""
    if not payload:
        raise WrongLength("an empty payload")
    kind = _SIX_BITS[payload[0]]
    limits = fields.PAYLOAD_BITS.get(kind)
    if limits is None:
        return NOTHING
    count = 6 * len(payload) - fill
    if not limits[0] <= count <= limits[1]:
        raise WrongLength(f"message {kind} of {count} bits")
    quick = _QUICK.get(kind)
    if quick is not None:
        return AisMessage(quick(kind, number(payload)), None)
    static = _QUICK_STATIC.get(kind)
    if static is not None:
        # Its last bits are where a payload ends that fills its last letter.
        return AisMessage(None, static(number(payload) << fields.LONGEST - 6 * len(payload)))
    return _by_pyais(kind, bit_vector(payload, fill))


def _by_pyais(kind: int, bits: "_Bits") -> AisMessage:
    _check_number(bits.get(8, 30))
    said = _READERS[kind](_DECODERS[kind](bits))
    return said if said.static is None else said._replace(static=_exact(said.static, bits))


def _check_number(mmsi: int) -> None:
    if not 0 < mmsi <= fields.MAX_MMSI:
        raise ImpossibleNumber(f"number {mmsi}")


_ARMOUR = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
"""Letters of six bits each, from 0 to 63 (IEC 61162-1, 8.3.1)."""

_TO_BASE64 = bytes.maketrans(
    _ARMOUR, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)
_SIX_BITS = {letter: value for value, letter in enumerate(_ARMOUR)}


def number(payload: bytes) -> int:
    """Return the bits of a payload as one number, the fill bits included."""
    missing = -len(payload) % 4
    bits = int.from_bytes(a2b_base64(payload.translate(_TO_BASE64) + b"A" * missing))
    return bits >> 6 * missing


# Most of what comes is one of these, all of 168 bits, so they are read by shifts alone: from the
# end of the payload, with the lengths of ITU-R M.1371-5 annex 8, tables 48, 51, 54 and 66.


def _place(bits: int, lon_at: int) -> tuple[float | None, float | None]:
    """Return latitude and longitude, 27 and 28 bits of 1/10,000 minutes, the longitude first."""
    lon, lat = bits >> lon_at & 0xFFFFFFF, bits >> lon_at - 27 & 0x7FFFFFF
    lon, lat = lon - ((lon & 0x8000000) << 1), lat - ((lat & 0x4000000) << 1)
    return (
        # The nearest millionth of a degree, found in whole numbers: there is no tie, 10 being even.
        None if lat == _LATITUDE_NONE else (lat * 10 + 3) // 6 / 1_000_000,
        None if lon == _LONGITUDE_NONE else (lon * 10 + 3) // 6 / 1_000_000,
    )


_LATITUDE_NONE, _LONGITUDE_NONE = 91 * 600_000, 181 * 600_000


def _number_of(bits: int) -> int:
    mmsi = bits >> 130 & 0x3FFFFFFF
    _check_number(mmsi)
    return mmsi


def _moving(
    kind: int, bits: int, accurate_at: int, steps: int, *, heading_at: int, status: int | None
) -> AisPosition:
    """Return what has a speed ahead of its place, and a course behind it."""
    lat, lon = _place(bits, accurate_at - 28)
    speed, course = bits >> accurate_at + 1 & 0x3FF, bits >> accurate_at - 67 & 0xFFF
    heading = bits >> heading_at & 0x1FF if heading_at else fields.HEADING_NONE
    return AisPosition(
        kind,
        _number_of(bits),
        lat,
        lon,
        bool(bits >> accurate_at & 1),
        None if speed == _SPEED_NONE else speed / steps,
        course / 10 if course < _COURSE_NONE else None,
        None if heading == fields.HEADING_NONE else heading,
        status,
    )


_SPEED_NONE, _COURSE_NONE = 1023, 3600


def _quick_a(kind: int, bits: int) -> AisPosition:
    return _moving(kind, bits, 107, 10, heading_at=31, status=bits >> 126 & 0xF)


def _quick_b(kind: int, bits: int) -> AisPosition:
    return _moving(kind, bits, 111, 10, heading_at=35, status=None)


def _quick_aircraft(kind: int, bits: int) -> AisPosition:
    return _moving(kind, bits, 107, 1, heading_at=0, status=None)


def _quick_station(kind: int, bits: int) -> AisPosition:
    lat, lon = _place(bits, 61)
    return AisPosition(kind, _number_of(bits), lat, lon, bool(bits >> 89 & 1))


_QUICK: dict[int, Callable[[int, int], AisPosition]] = {
    1: _quick_a, 2: _quick_a, 3: _quick_a, 4: _quick_station, 9: _quick_aircraft,
    11: _quick_station, 18: _quick_b,
}  # fmt: skip


_LETTERS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
"""Of six bits each (ITU-R M.1371-5 annex 8, table 47)."""


def _said(bits: int, start: int, width: int) -> int:
    """Return a field of a payload that was moved to the length of the longest."""
    return bits >> fields.LONGEST - start - width & (1 << width) - 1


def _letters(bits: int, start: int, count: int) -> str | None:
    field = _said(bits, start, 6 * count)
    return _text("".join([_LETTERS[field >> at & 0x3F] for at in range(6 * count - 6, -1, -6)]))


def _quick_voyage(bits: int) -> AisStatic:
    mmsi = _said(bits, 8, 30)
    _check_number(mmsi)
    name, callsign = _letters(bits, 112, 20), _letters(bits, 70, 7)
    imo, ship_type = _said(bits, 40, 30), _said(bits, 232, 8)
    return AisStatic("5", mmsi, name, callsign, imo or None, ship_type)


def _quick_parts(bits: int) -> AisStatic:
    mmsi, part = _said(bits, 8, 30), _said(bits, 38, 2)
    _check_number(mmsi)
    if part == 0:
        return AisStatic("24A", mmsi, _letters(bits, 40, 20), None, None, None)
    if part == 1:
        callsign = _letters(bits, 90, 7)
        return AisStatic("24B", mmsi, None, callsign, None, _said(bits, 40, 8))
    raise Malformed("message 24 has a part A and a part B")


_QUICK_STATIC: dict[int, Callable[[int], AisStatic]] = {5: _quick_voyage, 24: _quick_parts}


class _Bits(Protocol):
    """What is read of pyais' vector of bits; it has no types for it."""

    def get(self, start: int, width: int) -> int:
        """Return a number of so many bits."""
        ...


_SHIP_TYPE_AT = 263
_NAME_AT, _NAME_LETTERS = 43, 20
"""Bits of the payload (ITU-R M.1371-5 annex 8)."""


def _exact(static: AisStatic, bits: _Bits) -> AisStatic:
    """Return it with what pyais rounds: types of ship that it has no name for, and ended names."""
    if static.part == "19":
        return static._replace(ship_type=bits.get(_SHIP_TYPE_AT, 8))
    if static.name is not None:
        letters = [bits.get(_NAME_AT + 6 * n, 6) for n in range(_NAME_LETTERS)]
        if 0 in letters:  # `@` has ended it, so what stands in the extension is no part of it
            return static._replace(name=static.name[: letters.index(0)].strip() or None)
    return static


def _class_b(decoded: object) -> AisMessage:
    said = cast("_Moving", decoded)
    return AisMessage(
        _position(said, _unless(said.speed, fields.SPEED_NONE), said.heading, None), None
    )


def _long_range(decoded: object) -> AisMessage:
    said = cast("_Moving", decoded)
    speed = _unless(said.speed, fields.SPEED_NONE_LONG_RANGE)
    return AisMessage(_position(said, speed, fields.HEADING_NONE, int(said.status)), None)


def _position(said: _Moving, speed: float | None, heading: int, status: int | None) -> AisPosition:
    return AisPosition(
        int(said.msg_type),
        int(said.mmsi),
        _unless(said.lat, fields.LATITUDE_NONE),
        _unless(said.lon, fields.LONGITUDE_NONE),
        said.accuracy,
        speed,
        said.course if said.course < fields.COURSE_NONE else None,
        None if heading == fields.HEADING_NONE else heading,
        status,
    )


def _fixed(decoded: object) -> AisMessage:
    """Messages 4, 11 and 21: a place without movement."""
    said = cast("_Moving", decoded)
    position = AisPosition(
        int(said.msg_type),
        int(said.mmsi),
        _unless(said.lat, fields.LATITUDE_NONE),
        _unless(said.lon, fields.LONGITUDE_NONE),
        said.accuracy,
    )
    return AisMessage(position, None)


def _aid(decoded: object) -> AisMessage:
    said = cast("_Named", decoded)
    name = _text(f"{said.name}{said.name_ext or ''}")
    static = AisStatic("21", int(said.mmsi), name, None, None, None)
    return AisMessage(_fixed(decoded).position, static)


def _extended_class_b(decoded: object) -> AisMessage:
    said = cast("_Named", decoded)
    static = AisStatic("19", int(said.mmsi), _text(said.shipname), None, None, int(said.ship_type))
    return AisMessage(_class_b(decoded).position, static)


_READERS: dict[int, Callable[[object], AisMessage]] = {
    19: _extended_class_b,
    21: _aid,
    27: _long_range,
}

_DECODERS = {
    kind: cast(
        "Callable[[object], object]",
        MSG_CLASS[kind].from_vector,  # pyright: ignore[reportUnknownMemberType]  untyped vectors
    )
    for kind in _READERS
}


def _unless(value: T, none: T) -> T | None:
    return None if value == none else value


def _text(text: str) -> str | None:
    """Return the text up to its first `@`, which ends it; None if empty."""
    return text.partition("@")[0].strip() or None
