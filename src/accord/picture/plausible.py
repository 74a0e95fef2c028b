"""Marks claims that can hardly be true, with a reason a person can read. Nothing is discarded."""

from datetime import timedelta

from accord.core.body import Position
from accord.core.geometry import Point, bearing, distance
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

MOTION_SPAN = (timedelta(seconds=20), timedelta(minutes=5))
"""Between two reports that are held against the course and speed they state.

Closer, errors of clocks outweigh what was sailed; further apart, it may have turned in between.
"""

MOTION_SLACK = 1_000.0
"""Metres that it may have gone more than it says: errors of fix, clock and turning."""

_SLOWEST = min(MAX_SPEED.values())
_METRES_PER_DEGREE = 111_700.0  # more than a degree of any great circle
_NOTHING: frozenset[Doubt] = frozenset()
_CLOCK = frozenset({Doubt.CLOCK})
_SPEED = frozenset({Doubt.IMPOSSIBLE_SPEED})
_JUMP = frozenset({Doubt.JUMP})
_MOTION = frozenset({Doubt.MOTION})


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
        if before is not None:
            found |= _moved(before, report, body)
    return found


def _is_too_fast(speed: float | None, kind: Kind) -> bool:
    return speed is not None and speed > _SLOWEST and speed > MAX_SPEED[kind.dimension]


def _moved(before: Report, report: Report, body: Position) -> frozenset[Doubt]:
    """Return why what happened between two claims of one source is doubted."""
    here, last = body.point, before.body
    if here is None or not isinstance(last, Position) or last.point is None:
        return _NOTHING
    at_most = at_most_apart(last.point, here)
    if at_most <= JUMP_SLACK or Doubt.JUMP in before.doubts:
        return _NOTHING
    took = abs(report.time - before.time)
    reach = JUMP_SLACK + MAX_SPEED[report.kind.dimension] * took.total_seconds()
    if at_most > reach and distance(here, last.point) > reach:
        return _JUMP
    if at_most > MOTION_SLACK and MOTION_SPAN[0] <= took <= MOTION_SPAN[1]:
        older, newer = (last, body) if before.time <= report.time else (body, last)
        if _contradicts(older, newer, took.total_seconds()):
            return _MOTION
    return _NOTHING


def at_most_apart(a: Point, b: Point) -> float:
    """Return metres that two places are apart at most, without trigonometry.

    Along a meridian and a parallel is never shorter than the direct way.
    """
    east = abs(a.lon - b.lon)
    return (abs(a.lat - b.lat) + min(east, 360.0 - east)) * _METRES_PER_DEGREE


def _contradicts(older: Position, newer: Position, seconds: float) -> bool:
    """Tell whether it went twice as far as it says, or the other way than both courses say."""
    if older.point is None or newer.point is None or older.speed is None or newer.speed is None:
        return False
    moved = distance(older.point, newer.point)
    if moved <= MOTION_SLACK:
        return False
    if moved > MOTION_SLACK + 2 * max(older.speed, newer.speed) * seconds:
        return True
    way = bearing(older.point, newer.point)
    return all(
        course is not None and abs((course - way + 180.0) % 360.0 - 180.0) > 120.0
        for course in (older.course, newer.course)
    )
