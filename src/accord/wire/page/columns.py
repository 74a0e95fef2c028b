"""Positions as columns, sixteen bytes each: TRK1 and AGE1 of docs/reference/stream.md."""

import math
import struct
from collections.abc import Sequence
from typing import NamedTuple

NOWHERE = -(1 << 31)
"""Longitude and latitude of what says no place."""

UNKNOWN = 0xFFFF
"""A course or speed that is not said."""

_DEGREE = 10_000_000
_FULL_TURN = 36_000
_FASTEST = 0xFFFE


class Fix(NamedTuple):
    """Where something is and how it moves, in the units of the columns."""

    lon: int
    lat: int
    course: int = UNKNOWN
    speed: int = UNKNOWN


NO_FIX = Fix(NOWHERE, NOWHERE)
"""That of something which says no place."""


def fix_at(lat: float, lon: float, course: float | None, speed: float | None) -> Fix:
    """Return degrees, degrees true and m/s in the units of the columns."""
    return Fix(round(lon * _DEGREE), round(lat * _DEGREE), _course(course), _speed(speed))


def _course(degrees: float | None) -> int:
    if degrees is None or not math.isfinite(degrees):
        return UNKNOWN
    return round(degrees % 360.0 * 100.0) % _FULL_TURN


def _speed(speed: float | None) -> int:
    if speed is None or not speed >= 0.0:
        return UNKNOWN
    return _FASTEST if speed * 100.0 > _FASTEST else round(speed * 100.0)


def positions(now_ms: int, fixes: Sequence[tuple[int, Fix]]) -> bytes:
    """Return TRK1: where those tracks, by index, are at that time."""
    n = len(fixes)
    indexes = [index for index, _ in fixes]
    columns = zip(*(fix for _, fix in fixes), strict=True)
    lons, lats, courses, speeds = columns if fixes else ((), (), (), ())
    return struct.pack(
        f"<4sId{n}I{n}i{n}i{n}H{n}H",
        b"TRK1", n, now_ms, *indexes, *lons, *lats, *courses, *speeds,
    )  # fmt: skip


def ages(now_ms: int, seconds: Sequence[tuple[int, int]]) -> bytes:
    """Return AGE1: how many seconds before that time those tracks were where they are said."""
    n = len(seconds)
    indexes = [index for index, _ in seconds]
    old = [min(age, 0xFFFF_FFFF) for _, age in seconds]
    return struct.pack(f"<4sId{n}I{n}I", b"AGE1", n, now_ms, *indexes, *old)
