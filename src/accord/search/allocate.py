"""Who searches where: effort spread so that success is most likely.

The best spread of an effort over cells is known in closed form for random search (Koopman; Stone,
Theory of Optimal Search, 1975): what no plan can beat. Units are given rectangles, since these can
be searched: one about the cloud along its longest axis, of the size with the most success, shared
between the units by what each can sweep.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accord.core.geometry import Point
from accord.search.cloud import Cloud
from accord.search.detection import Conditions, coverage, pod, swept
from accord.search.fault import SearchError
from accord.search.patterns import Rectangle, turned
from accord.search.sphere import Floats, from_offsets, offsets

MAX_UNITS = 50
_SIZES = tuple(0.25 * 1.12**n for n in range(28))
"""Half sides that are tried, in spreads of the cloud: 0.25 to 5.3."""
_LEAST = 0.1
"""Nautical miles: an area is no smaller, however sure one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """A unit for one search: sweep width, search speed, and hours on scene."""

    name: str
    width: float
    speed: float
    hours: float

    def __post_init__(self) -> None:
        if not (0.0 < self.width <= 100.0 and 0.0 < self.speed <= 600.0):
            raise SearchError(f"{self.name} sweeps {self.width:g} NM at {self.speed:g} kt")
        if not 0.0 < self.hours <= 48.0:
            raise SearchError(f"{self.name} is on scene for {self.hours:g} h; up to 48 are planned")

    @property
    def effort(self) -> float:
        """Square nautical miles."""
        return swept(self.width, self.speed, self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubArea:
    """What one unit searches, and what that is expected to come to."""

    unit: str
    area: Rectangle
    spacing: float
    coverage: float
    poc: float
    pod: float

    @property
    def pos(self) -> float:
        """The probability of success."""
        return self.poc * self.pod


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sub-areas for all units; `bound` is what no spread of the same effort can beat."""

    areas: tuple[SubArea, ...]
    bound: float

    @property
    def poc(self) -> float:
        """The probability that it is in the areas."""
        return math.fsum(each.poc for each in self.areas)

    @property
    def pos(self) -> float:
        """The probability that it is found."""
        return math.fsum(each.pos for each in self.areas)


def plan_areas(
    cloud: Cloud, units: Sequence[Searcher], conditions: Conditions = Conditions.NORMAL
) -> Plan:
    """Return a rectangle for each unit, side by side along the cloud's longest axis.

    SearchError for no unit, or too many.
    """
    if not 1 <= len(units) <= MAX_UNITS:
        raise SearchError(f"{len(units)} units; 1 to {MAX_UNITS} are planned for")
    frame = _Frame(cloud)
    effort = math.fsum(each.effort for each in units)
    length, width = _best_size(frame, effort, conditions)
    areas: list[SubArea] = []
    left = -length
    for unit in sorted(units, key=lambda each: each.name):
        right = left + 2.0 * length * unit.effort / effort
        areas.append(_area(frame, unit, (left, right, width), conditions))
        left = right
    return Plan(areas=tuple(areas), bound=_bound(frame, effort))


class _Frame:
    """A cloud along and across its longest axis, in nautical miles from its middle."""

    def __init__(self, cloud: Cloud) -> None:
        self.centre = cloud.mean
        self.weights = cloud.weights
        east, north = offsets(self.centre.lat, self.centre.lon, cloud.lats, cloud.lons)
        moments = np.cov(np.stack([east, north]), aweights=cloud.weights, ddof=0)
        sizes, ways = np.linalg.eigh(moments)
        self.axis = math.degrees(math.atan2(float(ways[0, 1]), float(ways[1, 1]))) % 180.0
        self.spreads = tuple(max(_LEAST, math.sqrt(max(0.0, float(each)))) for each in sizes[::-1])
        sine, cosine = math.sin(math.radians(self.axis)), math.cos(math.radians(self.axis))
        self.along = east * sine + north * cosine
        self.aside = east * cosine - north * sine

    def held(self, left: float, right: float, width: float) -> float:
        """Return the weight between two places on the axis, within so far of it."""
        inside = (self.along >= left) & (self.along < right) & (np.abs(self.aside) <= width)
        return float(self.weights[inside].sum())

    def rectangle(self, left: float, right: float, width: float) -> Rectangle:
        """Return this part of the frame on the Earth."""
        east, north = turned((0.0, (left + right) / 2.0), self.axis)
        lat, lon = from_offsets(self.centre.lat, self.centre.lon, east, north)
        # Legs are laid along the axis: the longer they are, the fewer turns.
        sides = [(right - left, self.axis), (2.0 * width, (self.axis + 90.0) % 180.0)]
        (length, axis), (narrow, _) = sorted(sides, reverse=True)
        return Rectangle(
            centre=Point(lat=float(lat), lon=float(lon)), axis=axis, length=length, width=narrow
        )


def _best_size(frame: _Frame, effort: float, conditions: Conditions) -> tuple[float, float]:
    """Return half the length and half the width with the most success."""
    sizes = [
        (frame.spreads[0] * long, frame.spreads[1] * wide) for long in _SIZES for wide in _SIZES
    ]
    return max(sizes, key=lambda size: _success(frame, size, effort, conditions))


def _success(
    frame: _Frame, size: tuple[float, float], effort: float, conditions: Conditions
) -> float:
    length, width = size
    found = pod(effort / (4.0 * length * width), conditions)
    return frame.held(-length, length, width) * found


def _area(
    frame: _Frame, unit: Searcher, part: tuple[float, float, float], conditions: Conditions
) -> SubArea:
    left, right, width = part
    area = frame.rectangle(left, right, width)
    # As many legs as there is time for; a part of a leg is none.
    legs = max(1, math.floor(unit.speed * unit.hours / area.length + 1e-6))
    spacing = area.width / legs
    covered = min(coverage(unit.width, spacing), unit.effort / (area.length * area.width))
    return SubArea(
        unit=unit.name,
        area=area,
        spacing=spacing,
        coverage=covered,
        poc=frame.held(left, right, width),
        pod=pod(covered, conditions),
    )


def _bound(frame: _Frame, effort: float) -> float:
    """Return what the best spread comes to, over squares of half a spread."""
    side = frame.spreads[1] / 2.0
    squares = np.stack([np.floor(frame.along / side), np.floor(frame.aside / side)])
    _, where = np.unique(squares, axis=1, return_inverse=True)
    chances = np.bincount(where.ravel(), weights=frame.weights).astype(np.float64)
    efforts = best_effort(chances, np.full(len(chances), side**2), effort)
    return float(chances @ -np.expm1(-efforts / side**2))


def best_effort(chances: Floats, sizes: Floats, effort: float) -> Floats:
    """Return the spread of an effort over areas with the most success, for random search.

    Every area that is searched at all is left with the same density of probability.
    """
    density = chances / sizes
    order = np.argsort(-density, kind="stable")
    searched = np.maximum(density[order], 1e-300)
    logs, room = np.log(searched), np.cumsum(sizes[order])
    # The level to which the first n areas are brought down together.
    levels = (np.cumsum(sizes[order] * logs) - effort) / room
    many = int(np.flatnonzero(levels < logs)[-1])
    found = np.zeros(len(chances))
    within = order[: many + 1]
    found[within] = sizes[within] * np.maximum(0.0, logs[: many + 1] - levels[many])
    return found
