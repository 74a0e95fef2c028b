"""Entity state PDUs (IEEE 1278.1-2012, 7.2.2) to frozen records with places on the ellipsoid."""

import math
import struct
from typing import NamedTuple

from accord.wire.errors import Malformed

ENTITY_STATE = 1
"""The type of the PDU that is read (SISO-REF-010, UID 4)."""

_FIXED = struct.Struct(">B B B x I H x x HHH B B BBHBBBB 8x fff ddd fff I B 39x B 11s I")
LENGTH = 144
"""Bytes without articulated parts (7.2.2)."""

_ABSOLUTE = 1
"""The last bit of a timestamp: by the world's time, and not by the simulation's own (6.2.88)."""

_HOUR = 3600.0
_IN_BODY_AXES = frozenset({6, 7, 8, 9})
"""Dead reckoning algorithms whose velocity is along the axes of the entity (annex E)."""

_ASCII = 1
_DEACTIVATED = 1 << 23
"""Of the appearance: the entity is no more part of it (SISO-REF-010, UID 31 to 43)."""

A = 6_378_137.0
B = A * (1 - 1 / 298.257223563)
"""Metres: the semi-axes of WGS-84 (NIMA TR8350.2, table 3.1)."""

SHALLOWEST = -12_000.0
HIGHEST = 50_000_000.0
"""Metres above the ellipsoid; what is said to be deeper or higher is on no map."""

Vector = tuple[float, float, float]


class Entity(NamedTuple):
    """One simulated thing: degrees, metres, m/s eastwards, northwards and upwards.

    `since_hour` is seconds since the full hour, None where the time is the simulation's own.
    """

    exercise: int
    site: int
    application: int
    number: int
    force: int
    kind: int
    domain: int
    marking: str
    since_hour: float | None
    lat: float
    lon: float
    hae: float
    velocity: Vector
    is_gone: bool


def read(pdu: bytes) -> Entity | None:
    """Return the entity of an entity state PDU, None of any other. Raises Malformed."""
    if pdu[2] != ENTITY_STATE:
        return None
    if len(pdu) < LENGTH:
        raise Malformed(f"an entity state of {len(pdu)} bytes")
    (_, exercise, _, stamp, _, site, application, number, force, _, kind, domain, *rest) = (
        _FIXED.unpack(pdu[:LENGTH])
    )
    _country, _category, _subcategory, _specific, _extra, *rest = rest
    velocity, place, turned = rest[0:3], rest[3:6], rest[6:9]
    appearance, reckoning, letters, text, _ = rest[9:]
    if not all(map(math.isfinite, (*velocity, *place, *turned))):
        raise Malformed("an entity whose place or movement is no number")
    lat, lon, hae = geodetic(*place)
    world = _turned(*velocity, *turned) if reckoning in _IN_BODY_AXES else tuple(velocity)
    return Entity(
        exercise,
        site,
        application,
        number,
        force,
        kind,
        domain,
        _text(letters, text),
        (stamp >> 1) * _HOUR / (1 << 31) if stamp & _ABSOLUTE else None,
        lat,
        lon,
        hae,
        _local(world, lat, lon),
        bool(appearance & _DEACTIVATED),
    )


def _text(letters: int, text: bytes) -> str:
    """Return the marking, where it is ASCII (SISO-REF-010, UID 45)."""
    if letters != _ASCII:
        return ""
    said = text.partition(b"\0")[0].decode("ascii", "replace").strip()
    return said if said.isprintable() and "\ufffd" not in said else ""


def geodetic(x: float, y: float, z: float) -> Vector:
    """Return degrees and metres (B. R. Bowring, 1985, two rounds). Raises Malformed off the map."""
    flat = math.hypot(x, y)
    second, first = (A * A - B * B) / (B * B), (A * A - B * B) / (A * A)
    lat = math.atan2(z * A * A, flat * B * B)
    for _ in range(3):
        reduced = math.atan2(B * math.sin(lat), A * math.cos(lat))
        lat = math.atan2(
            z + second * B * math.sin(reduced) ** 3, flat - first * A * math.cos(reduced) ** 3
        )
    sine, cosine = math.sin(lat), math.cos(lat)
    prime = A / math.sqrt(1.0 - first * sine * sine)
    # This way round it holds at the poles as well.
    hae = flat * cosine + z * sine - A * A / prime
    if not SHALLOWEST <= hae <= HIGHEST:
        raise Malformed(f"an entity {hae:.0f} m above the ellipsoid")
    return math.degrees(lat), math.degrees(math.atan2(y, x)), hae


def _turned(
    ahead: float, right: float, down: float, psi: float, theta: float, phi: float
) -> Vector:
    """Return a vector along the entity's axes along those of the Earth (annex B, Euler angles)."""
    sp, cp, st, ct = math.sin(psi), math.cos(psi), math.sin(theta), math.cos(theta)
    sf, cf = math.sin(phi), math.cos(phi)
    return (
        cp * ct * ahead + (cp * st * sf - sp * cf) * right + (cp * st * cf + sp * sf) * down,
        sp * ct * ahead + (sp * st * sf + cp * cf) * right + (sp * st * cf - cp * sf) * down,
        -st * ahead + ct * sf * right + ct * cf * down,
    )


def _local(world: Vector, lat: float, lon: float) -> Vector:
    """Return a vector along the Earth's axes as eastwards, northwards, upwards at a place."""
    x, y, z = world
    sa, ca = math.sin(math.radians(lat)), math.cos(math.radians(lat))
    so, co = math.sin(math.radians(lon)), math.cos(math.radians(lon))
    outward = co * x + so * y
    return co * y - so * x, ca * z - sa * outward, ca * outward + sa * z
