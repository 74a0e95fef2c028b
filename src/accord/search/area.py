"""Datum, errors and search area by the worksheets: what a coordinator works out by hand.

IAMSAR Manual, volume II; the rapid response of the Danish Maritime Authority's open planner.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.core.geometry import Point
from accord.search.detection import Conditions, pod
from accord.search.drift import WITHIN_HALF
from accord.search.fault import SearchError
from accord.search.sphere import apart, course, moved

DRIFT_ERROR = 0.3
"""Of the drift: how far it may be out, where nothing better is known."""
_TRIES = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What moves a datum in one way for some hours: a current, or the leeway."""

    toward: float
    speed: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """Where it is most likely, how far and which way from the start, and how large to search."""

    point: Point
    drift: float
    toward: float
    radius: float

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The square about it along the drift: left and right ahead, then right and left behind."""
        return square(self.point, self.radius, self.toward)


def datum(start: Point, legs: Sequence[Leg], *, x: float, y: float, safety: float = 1.0) -> Datum:
    """Return the datum after all legs; R = (X + Y + 0.3 drift) x safety factor.

    `x` is the error of the position and `y` that of the searcher, in nautical miles.
    """
    here = start
    for leg in legs:
        here = _moved(here, leg.toward, leg.speed * leg.hours)
    drifted = float(apart(start.lat, start.lon, here.lat, here.lon))
    return Datum(
        point=here,
        drift=drifted,
        toward=_steered(start, here),
        radius=search_radius(x, y, drifted, safety=safety),
    )


def _steered(a: Point, b: Point) -> float:
    """Return the one course that leads from here to there (a rhumb line)."""
    east = math.radians((b.lon - a.lon + 180.0) % 360.0 - 180.0)
    north = math.asinh(math.tan(math.radians(b.lat))) - math.asinh(math.tan(math.radians(a.lat)))
    return math.degrees(math.atan2(east, north)) % 360.0


def search_radius(x: float, y: float, drift: float, *, safety: float = 1.0) -> float:
    """Return (X + Y + 0.3 drift) x safety factor. SearchError for what cannot be."""
    if not (x >= 0.0 and y >= 0.0 and drift >= 0.0 and safety > 0.0):
        raise SearchError(f"errors of {x:g} and {y:g} NM with a safety factor of {safety:g}")
    return (x + y + DRIFT_ERROR * drift) * safety


def diverging(downwind: float, angle: float) -> tuple[float, float, float]:
    """Return the directions of leeway to the left, straight downwind, and to the right."""
    return (downwind - angle) % 360.0, downwind % 360.0, (downwind + angle) % 360.0


def total_error(position: float, searcher: float, drift: float) -> float:
    """Return the total probable error of a datum: E = sqrt(X2 + Y2 + De2)."""
    return math.hypot(position, searcher, drift)


def minimax_error(between: float, left: float, right: float) -> float:
    """Return the drift error about the middle of two datums that lie so far from each other."""
    return (between + left + right) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimax:
    """The middle of two datums: how far they lie from each other, and the drift error about it."""

    point: Point
    between: float
    error: float


def minimax(left: Datum, right: Datum) -> Minimax:
    """Return the middle of two datums, of which each drift may be out by three tenths."""
    a, b = left.point, right.point
    between = float(apart(a.lat, a.lon, b.lat, b.lon))
    way = float(course(a.lat, a.lon, b.lat, b.lon))
    errors = DRIFT_ERROR * left.drift, DRIFT_ERROR * right.drift
    return Minimax(
        point=_moved(a, way, between / 2.0),
        between=between,
        error=minimax_error(between, *errors),
    )


def square(centre: Point, half: float, toward: float) -> tuple[Point, Point, Point, Point]:
    """Return the corners of a square with this half side: clockwise from the left ahead."""
    reach = half * math.sqrt(2.0)
    first, second, third, fourth = (
        _moved(centre, toward + turn, reach) for turn in (-45.0, 45.0, 135.0, 225.0)
    )
    return first, second, third, fourth


def _moved(point: Point, toward: float, miles: float) -> Point:
    lat, lon = moved(point.lat, point.lon, toward, miles)
    return Point(lat=float(lat), lon=float(lon))


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best square about a datum: its half side by the probable error, and its success."""

    factor: float
    poc: float
    pod: float

    @property
    def pos(self) -> float:
        """The probability of success."""
        return self.poc * self.pod


def best_square(relative_effort: float, conditions: Conditions) -> Best:
    """Return the square with the best success, for an effort in squares of the probable error.

    A circular-normal datum; the graphs of optimal search factors are this function. SearchError
    for an effort that is none.
    """
    if not 0.0 < relative_effort <= 1e6:
        raise SearchError(f"a relative effort of {relative_effort:g} cannot be planned with")
    low, high = 0.05, 6.0
    # Success rises to one peak: thirds close in on it.
    for _ in range(_TRIES):
        a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
        if _of(a, relative_effort, conditions).pos < _of(b, relative_effort, conditions).pos:
            low = a
        else:
            high = b
    return _of(low, relative_effort, conditions)


def _of(factor: float, effort: float, conditions: Conditions) -> Best:
    inside = math.erf(factor * WITHIN_HALF / math.sqrt(2.0)) ** 2
    return Best(factor=factor, poc=inside, pod=pod(effort / (2.0 * factor) ** 2, conditions))
