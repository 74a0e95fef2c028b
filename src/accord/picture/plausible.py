"""Marks claims that can hardly be true, with a reason a person can read. Nothing is discarded."""

from datetime import timedelta

from accord.core.body import Position
from accord.core.geometry import Point, distance
from accord.core.kind import Dimension, Kind
from accord.core.report import Doubt, Report

MAX_SPEED: dict[Dimension | None, float] = {
    Dimension.SPACE: 12_000.0,  # escape velocity is 11,186 m/s
    Dimension.AIR: 1_000.0,  # the record of an aircraft is 981 m/s (FAI, 28 July 1976)
    Dimension.GROUND: 160.0,  # the record of a train on wheels is 159.7 m/s (France, 3 April 2007)
    Dimension.SEA_SURFACE: 60.0,  # the fastest ships do about 30 m/s; only racing boats do more
    Dimension.SUBSURFACE: 120.0,  # the fastest torpedoes are said to do about 100 m/s
    Dimension.SPECIAL_OPERATIONS: 1_000.0,  # may fly
    Dimension.OTHER: 12_000.0,  # may be anything
    None: 12_000.0,  # likewise
}
"""Metres per second that hardly anything of this dimension exceeds."""

CLOCK_TOLERANCE = timedelta(minutes=10)
"""Between a report and its receipt; beyond, a clock was wrong or it was long on its way."""

JUMP_SLACK = 500.0
"""Metres that two fixes may lie apart whatever the time between them: errors of fix and clock."""

_SLOWEST = min(MAX_SPEED.values())
_METRES_PER_DEGREE = 111_700.0  # more than a degree of any great circle
_CLOCK = frozenset({Doubt.CLOCK})
_SPEED = frozenset({Doubt.IMPOSSIBLE_SPEED})
_JUMP = frozenset({Doubt.JUMP})


def doubts(report: Report, before: Report | None) -> frozenset[Doubt]:
    """Return why this report is doubted, seen with the claim of the same source `before` it.

    A jump from a claim that was itself doubted for its jump is none: one wrong fix costs one mark,
    and so does a move that was real.
    """
    found = report.doubts
    if not -CLOCK_TOLERANCE <= report.received - report.time <= CLOCK_TOLERANCE:
        found |= _CLOCK
    body = report.body
    if isinstance(body, Position):
        if _is_too_fast(body.speed, report.kind):
            found |= _SPEED
        if before is not None and _has_jumped(before, report, body.point):
            found |= _JUMP
    return found


def _is_too_fast(speed: float | None, kind: Kind) -> bool:
    return speed is not None and speed > _SLOWEST and speed > MAX_SPEED[kind.dimension]


def _has_jumped(before: Report, report: Report, here: Point | None) -> bool:
    last = before.body
    if here is None or not isinstance(last, Position) or last.point is None:
        return False
    there = last.point
    east = abs(here.lon - there.lon)
    # Along a meridian and a parallel is never shorter than the direct way: no trigonometry yet.
    at_most = (abs(here.lat - there.lat) + min(east, 360.0 - east)) * _METRES_PER_DEGREE
    if at_most <= JUMP_SLACK or Doubt.JUMP in before.doubts:
        return False
    seconds = abs((report.time - before.time).total_seconds())
    reach = JUMP_SLACK + MAX_SPEED[report.kind.dimension] * seconds
    return at_most > reach and distance(here, there) > reach
