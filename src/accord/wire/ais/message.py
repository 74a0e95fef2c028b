"""AIS payloads (ITU-R M.1371-5) to frozen records: decoded by pyais, checked and copied here.

Satellite feeds bring payloads that were cut or garbled before a valid checksum was put on them, and
pyais decodes what it can of those; so lengths and numbers are checked here.
"""

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
    callsign: str
    imo: int
    ship_type: int
    name: str
    name_ext: str
    partno: int


T = TypeVar("T")


def decode(payload: bytes, fill: int) -> AisMessage:
    """Return what a payload says. Raises WireError for one that cannot be what its type says."""
    if not payload:
        raise WrongLength("an empty payload")
    bits = bit_vector(payload, fill)
    kind = bits.get(0, 6)
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return NOTHING
    least, most = fields.PAYLOAD_BITS[kind]
    if not least <= len(bits) <= most:
        raise WrongLength(f"message {kind} of {len(bits)} bits")
    if not 0 < bits.get(8, 30) <= fields.MAX_MMSI:
        raise ImpossibleNumber(f"number {bits.get(8, 30)}")
    if kind == 24 and bits.get(38, 2) > 1:
        raise Malformed("message 24 has a part A and a part B")
    return _READERS[kind](decoder(bits))


def _class_a(decoded: object) -> AisMessage:
    said = cast("_Moving", decoded)
    return AisMessage(
        _position(said, _unless(said.speed, fields.SPEED_NONE), said.heading, int(said.status)),
        None,
    )


def _class_b(decoded: object) -> AisMessage:
    said = cast("_Moving", decoded)
    return AisMessage(
        _position(said, _unless(said.speed, fields.SPEED_NONE), said.heading, None), None
    )


def _aircraft(decoded: object) -> AisMessage:
    said = cast("_Moving", decoded)
    speed = _unless(said.speed, fields.SPEED_NONE_AIRCRAFT)
    return AisMessage(_position(said, speed, fields.HEADING_NONE, None), None)


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


def _voyage(decoded: object) -> AisMessage:
    said = cast("_Named", decoded)
    static = AisStatic(
        "5",
        int(said.mmsi),
        _text(said.shipname),
        _text(said.callsign),
        said.imo or None,
        int(said.ship_type),
    )
    return AisMessage(None, static)


def _static(decoded: object) -> AisMessage:
    said = cast("_Named", decoded)
    mmsi = int(said.mmsi)
    if said.partno == 0:
        return AisMessage(None, AisStatic("24A", mmsi, _text(said.shipname), None, None, None))
    callsign = _text(said.callsign)
    return AisMessage(None, AisStatic("24B", mmsi, None, callsign, None, int(said.ship_type)))


_READERS: dict[int, Callable[[object], AisMessage]] = {
    1: _class_a,
    2: _class_a,
    3: _class_a,
    4: _fixed,
    5: _voyage,
    9: _aircraft,
    11: _fixed,
    18: _class_b,
    19: _extended_class_b,
    21: _aid,
    24: _static,
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
