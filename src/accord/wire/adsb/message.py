"""Mode S frames (ICAO annex 10 volume IV; extended squitter: RTCA DO-260B) to frozen records.

Read are DF17, and DF18 but for the coarse format: identification, position, velocity, emergency;
and the squawk of DF5 and DF21. Bits are numbered as in "The 1090 Megahertz
Riddle" (J. Sun, 2nd edition), chapters 3 to 9.
"""

import math
from enum import StrEnum
from typing import NamedTuple

from accord.wire.errors import WireError

POLYNOMIAL = 0xFFF409
"""Of the parity (annex 10 volume IV, 3.1.2.3.3)."""

FEET = 0.3048
FEET_A_MINUTE = FEET / 60
LONG = 14
"""Bytes of a long frame."""


class WrongParity(WireError):
    """A frame whose parity is not that of its bits."""

    reason = "wrong parity"


class Relay(StrEnum):
    """Who sends a DF18 for an aircraft: the ground that sees it, or that repeats it."""

    NONE = ""
    TIS_B = "TIS-B"
    ADS_R = "ADS-R"


NOT_ICAO = 1 << 24
"""Added to an address that is none of ICAO's, so that it is nobody's else."""


class Squitter(NamedTuple):
    """An extended squitter: whose, its type code, the 56 bits of its message, and who sends it."""

    icao: int
    code: int
    bits: int
    relay: Relay = Relay.NONE


class Squawk(NamedTuple):
    """A reply with a squawk. The address comes out of the parity, so any garbled one has one."""

    icao: int
    squawk: str


class Identification(NamedTuple):
    """What an aircraft calls itself, and of which category it is, such as `A3`."""

    callsign: str | None
    category: str


class CprFix(NamedTuple):
    """Half of a position (compact position reporting); `altitude` is barometric, in feet."""

    is_odd: bool
    lat: int
    lon: int
    altitude: int | None


class Velocity(NamedTuple):
    """Over the ground: knots, degrees true; feet a minute; feet of the ellipsoid over pressure."""

    speed: float | None
    course: float | None
    climb: float | None
    above_pressure: int | None


class Emergency(NamedTuple):
    """What an aircraft says of an emergency: 0 is none (DO-260B 2.2.3.2.7.8.1.1)."""

    state: int
    squawk: str


def _table() -> tuple[int, ...]:
    table: list[int] = []
    for byte in range(256):
        value = byte << 16
        for _ in range(8):
            value = (value << 1) ^ (POLYNOMIAL if value & 0x800000 else 0)
        table.append(value & 0xFFFFFF)
    return tuple(table)


_TABLE = _table()


def parity(data: bytes) -> int:
    """Return the 24 bits of parity of what stands ahead of them."""
    value = 0
    for byte in data:
        value = ((value << 8) & 0xFFFFFF) ^ _TABLE[(value >> 16) ^ byte]
    return value


def read(frame: bytes) -> Squitter | Squawk | None:
    """Return what is read here of a frame of 7 or 14 bytes, None of any other. Raises WireError."""
    form, control = frame[0] >> 3, frame[0] & 7
    if form == 17 or (form == 18 and control in _CONTROLS):
        if len(frame) != LONG or parity(frame[:11]) != int.from_bytes(frame[11:]):
            raise WrongParity(f"a DF{form} whose parity is not that of its bits")
        bits = int.from_bytes(frame[4:11])
        address = int.from_bytes(frame[1:4])
        if form == 17 or not control:
            return Squitter(address, bits >> 51, bits)
        return _relayed(control, address, bits)
    if form in (5, 21) and len(frame) == (7 if form == 5 else LONG):
        icao = parity(frame[:-3]) ^ int.from_bytes(frame[-3:])
        return Squawk(icao, squawk(int.from_bytes(frame[2:4]) & 0x1FFF))
    return None


_ANONYMOUS, _TIS_B, _TIS_B_ANONYMOUS, _ADS_R = 1, 2, 5, 6
_CONTROLS = frozenset({0, _ANONYMOUS, _TIS_B, _TIS_B_ANONYMOUS, _ADS_R})
"""The control field of DF18 (DO-260B table 2-11); 3 is the coarse format of TIS-B."""

_RELAYS = {
    _ANONYMOUS: Relay.NONE, _TIS_B: Relay.TIS_B, _TIS_B_ANONYMOUS: Relay.TIS_B, _ADS_R: Relay.ADS_R,
}  # fmt: skip


def _relayed(control: int, address: int, bits: int) -> Squitter:
    """Return a DF18; the flag that its address is none of ICAO's stands where its type has it."""
    code = bits >> 51
    # DO-260B 2.2.17.3: bit 8 of airborne positions, 21 of those on the ground, 9 of velocities.
    shift = 48 if code > 8 and code != 19 else 47 if code == 19 else 35 if code > 4 else None
    is_flagged = shift is not None and bits >> shift & 1
    is_anonymous = control in (_ANONYMOUS, _TIS_B_ANONYMOUS) or is_flagged
    return Squitter(address | NOT_ICAO if is_anonymous else address, code, bits, _RELAYS[control])


def squawk(bits: int) -> str:
    """Return the four octal digits of an identity code: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4."""
    a = (bits >> 11 & 1) | (bits >> 9 & 1) << 1 | (bits >> 7 & 1) << 2
    b = (bits >> 5 & 1) | (bits >> 3 & 1) << 1 | (bits >> 1 & 1) << 2
    c = (bits >> 12 & 1) | (bits >> 10 & 1) << 1 | (bits >> 8 & 1) << 2
    d = (bits >> 4 & 1) | (bits >> 2 & 1) << 1 | (bits & 1) << 2
    return f"{a}{b}{c}{d}"


_LETTERS = "?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????"


def identification(said: Squitter) -> Identification:
    """Read type codes 1 to 4."""
    letters = [_LETTERS[said.bits >> shift & 0x3F] for shift in range(42, -1, -6)]
    callsign = "".join(letters).strip()
    category = f"{'?DCBA'[said.code]}{said.bits >> 48 & 7}"
    return Identification(callsign if callsign and "?" not in callsign else None, category)


def cpr_fix(said: Squitter) -> CprFix:
    """Read type codes 9 to 18 and 20 to 22; the height of the latter three is left alone."""
    bits = said.bits
    return CprFix(
        bool(bits >> 34 & 1),
        bits >> 17 & 0x1FFFF,
        bits & 0x1FFFF,
        _altitude(bits >> 36 & 0xFFF) if said.code <= 18 else None,
    )


def _altitude(code: int) -> int | None:
    """Return feet where the code is in steps of 25; those in steps of 100 are left alone."""
    if not code & 0x10:
        return None
    return 25 * ((code >> 5) << 4 | code & 0xF) - 1000


class Surface(NamedTuple):
    """Half of a position on the ground, and movement: knots, degrees true."""

    fix: CprFix
    speed: float | None
    course: float | None


def surface(said: Squitter) -> Surface:
    """Read type codes 5 to 8 (DO-260B 2.2.3.2.4)."""
    bits = said.bits
    fix = CprFix(bool(bits >> 34 & 1), bits >> 17 & 0x1FFFF, bits & 0x1FFFF, None)
    is_known = bits >> 43 & 1
    course = (bits >> 36 & 0x7F) * 360.0 / 128 if is_known else None
    return Surface(fix, _movement(bits >> 44 & 0x7F), course)


_MOVEMENTS = (
    (109, 100.0, 5.0), (94, 70.0, 2.0), (39, 15.0, 1.0), (13, 2.0, 0.5), (9, 1.0, 0.25),
    (2, 0.125, 0.125),
)  # fmt: skip
"""From which code on, from how many knots, and in steps of how many (DO-260B table 2-14)."""
_STOPPED, _FASTEST = 1, 124


def _movement(code: int) -> float | None:
    if code == _STOPPED:
        return 0.0
    if not code or code > _FASTEST:
        return None
    return next(knots + step * (code - first) for first, knots, step in _MOVEMENTS if code >= first)


def emergency(said: Squitter) -> Emergency | None:
    """Read type code 28 of subtype 1; None of another subtype."""
    if said.bits >> 48 & 7 != 1:
        return None
    return Emergency(said.bits >> 45 & 7, squawk(said.bits >> 32 & 0x1FFF))


_SUPERSONIC = 2


def velocity(said: Squitter) -> Velocity:
    """Read type code 19; what is through the air (subtypes 3 and 4) is not over the ground."""
    bits = said.bits
    speed = course = None
    subtype = bits >> 48 & 7
    if subtype in (1, _SUPERSONIC):
        scale = 4 if subtype == _SUPERSONIC else 1
        east = _component(bits >> 32, scale)
        north = _component(bits >> 21, scale)
        if east is not None and north is not None:
            speed = math.hypot(east, north)
            course = math.degrees(math.atan2(east, north)) % 360.0 if speed else None
    return Velocity(speed, course, _climb(bits >> 10), _above(bits))


def _component(bits: int, scale: int) -> int | None:
    """Return knots eastwards or northwards: 10 bits, and ahead of them the sign."""
    value = bits & 0x3FF
    if not value:
        return None
    knots = (value - 1) * scale
    return -knots if bits >> 10 & 1 else knots


def _climb(bits: int) -> int | None:
    value = bits & 0x1FF
    if not value:
        return None
    rate = (value - 1) * 64
    return -rate if bits >> 9 & 1 else rate


def _above(bits: int) -> int | None:
    value = bits & 0x7F
    if not value:
        return None
    feet = (value - 1) * 25
    return -feet if bits >> 7 & 1 else feet
