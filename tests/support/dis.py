"""Entity states as simulations send them, written field by field (IEEE 1278.1-2012, 7.2.2)."""

import struct

VICTORIA_PEAK = (-4800651.675940573, 462250.18060423597, -4164391.3777728737)
"""41 S 174.5 E, 3,000 m above the ellipsoid, by pymap3d 3."""

TO_060_LEVEL = (-2.0288663299671468, -0.38693824231054896, -0.7835187722989794)
"""Euler angles there of what is level and heads for 060, by pymap3d 3."""


def entity_state(
    *,
    number: int = 1,
    exercise: int = 7,
    stamp: int = 0,
    force: int = 1,
    sort: tuple[int, int] = (1, 2),
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
    place: tuple[float, float, float] = VICTORIA_PEAK,
    turned: tuple[float, float, float] = TO_060_LEVEL,
    appearance: int = 0,
    reckoning: int = 2,
    letters: int = 1,
    marking: bytes = b"KIWI 1",
    kind: int = 1,
) -> bytes:
    """Return one; `sort` is the entity's kind and domain, `kind` the PDU's type."""
    body = struct.pack(">HHHBB", 42, 4, number, force, 0)
    body += struct.pack(">BBHBBBB", *sort, 153, 1, 0, 0, 0) * 2
    body += struct.pack(">3f3d3fI", *velocity, *place, *turned, appearance)
    body += bytes([reckoning]) + bytes(39) + bytes([letters]) + marking.ljust(11, b"\0") + bytes(4)
    head = struct.pack(">BBBBIHH", 7, exercise, kind, 1, stamp, 12 + len(body), 0)
    return head + body
