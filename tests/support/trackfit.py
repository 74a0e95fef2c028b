"""The attack on coarse positions: fit a straight track to where it was said to be, and when.

A receiver that gets a grid position often sees when the object goes from one cell to the next, and
then it is on the line between them. It is given all that a partner can know: the grid and the exact
times of the reports.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

METRES_PER_DEGREE = 1_852.0 * 60


@dataclass(frozen=True, slots=True)
class Fix:
    """A position in metres north and east of somewhere, at a time in seconds."""

    time: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Line:
    """A straight track: where at time nought, and metres per second."""

    north: float
    east: float
    speed_north: float
    speed_east: float

    def at(self, time: float) -> Fix:
        return Fix(time, self.north + self.speed_north * time, self.east + self.speed_east * time)


def in_metres(lat: float, lon: float, time: float, *, about: tuple[float, float]) -> Fix:
    """Return a position in metres from a place nearby."""
    narrow = math.cos(math.radians(about[0]))
    north = (lat - about[0]) * METRES_PER_DEGREE
    return Fix(time, north, (lon - about[1]) * METRES_PER_DEGREE * narrow)


def fitted(fixes: Sequence[Fix]) -> Line:
    """Return the straight track that a receiver makes of coarse positions."""
    norths = [(fix.time, fix.north) for fix in fixes]
    north, speed_north = _axis(norths, [norths])
    east, speed_east = _axis([(fix.time, fix.east) for fix in fixes], _rows(fixes))
    return Line(north, east, speed_north, speed_east)


def error(line: Line, truth: Sequence[Fix]) -> float:
    """Return the mean distance in metres between the fitted track and the true one."""
    return sum(_apart(line.at(fix.time), fix) for fix in truth) / len(truth)


def _rows(fixes: Sequence[Fix]) -> list[list[tuple[float, float]]]:
    """Return times and eastings of the stretches within one row: columns differ between rows."""
    rows: list[list[tuple[float, float]]] = []
    before = None
    for fix in fixes:
        if fix.north != before:
            rows.append([])
        rows[-1].append((fix.time, fix.east))
        before = fix.north
    return rows


def _axis(
    given: Sequence[tuple[float, float]], stretches: Sequence[Sequence[tuple[float, float]]]
) -> tuple[float, float]:
    """Return the start and the speed along one axis, from what tells more of it.

    That is the crossings where most reports are of the same cell as the last, else the cells.
    """
    crossings = [
        ((early + late) / 2, (here + there) / 2)
        for stretch in stretches
        for (early, here), (late, there) in pairwise(stretch)
        if here != there
    ]
    dense = len(given) > 4 * len(crossings) > 8
    return _least_squares(crossings if dense else given)


def _least_squares(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    return mean_y - slope * mean_x, slope


def _apart(one: Fix, other: Fix) -> float:
    return math.hypot(one.north - other.north, one.east - other.east)
