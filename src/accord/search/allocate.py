"""Who searches where: effort spread so that success is most likely.

The best spread of an effort over cells is known in closed form for random search (Koopman; Stone,
Theory of Optimal Search, 1975): what no plan can beat. Units are given rectangles, since these can
be searched: one about the cloud along its longest axis, of the size with the most success, shared
between the units by what each can sweep. Where the cloud lies in parts that are far from each other
each part has a rectangle of its own, and every unit goes to the part where it adds the most.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from accord.core.geometry import Point
from accord.search.cloud import Cloud, Rows, middle
from accord.search.clusters import parted
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
    """What one unit searches, in which part, and what that is expected to come to."""

    unit: str
    part: int
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
class Part:
    """A part of the cloud that has an area of its own: its particles, and how likely it is there.

    `units` search in it; where it has none, nobody does.
    """

    rows: Rows
    chance: float
    middle: Point
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sub-areas for all units; `bound` is what no spread of the same effort can beat."""

    areas: tuple[SubArea, ...]
    bound: float
    parts: tuple[Part, ...]

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
    """Return a rectangle for each unit: side by side along the longest axis of its part.

    SearchError for no unit, or too many.
    """
    if not 1 <= len(units) <= MAX_UNITS:
        raise SearchError(f"{len(units)} units; 1 to {MAX_UNITS} are planned for")
    ordered = sorted(units, key=lambda each: each.name)
    effort = math.fsum(each.effort for each in units)
    whole = _Frame(cloud, np.arange(len(cloud.weights)))
    frames, shared = [whole], [ordered]
    rows = parted(cloud)
    if len(rows) > 1:
        parts = [_Frame(cloud, each) for each in rows]
        groups = _sent(parts, ordered, conditions)
        found = math.fsum(
            frame.success(_effort(group), conditions)
            for frame, group in zip(parts, groups, strict=True)
        )
        if found > whole.success(effort, conditions):
            frames, shared = parts, groups
    pairs = list(zip(frames, shared, strict=True))
    areas = [
        area
        for n, (frame, group) in enumerate(pairs)
        for area in _areas(n, frame, group, conditions)
    ]
    return Plan(
        areas=tuple(sorted(areas, key=lambda each: each.unit)),
        bound=_bound(frames, effort),
        parts=tuple(
            Part(
                rows=frame.rows, chance=frame.chance, middle=frame.centre,
                units=tuple(each.name for each in group),
            )
            for frame, group in pairs
        ),
    )  # fmt: skip


def _effort(units: Sequence[Searcher]) -> float:
    return math.fsum(each.effort for each in units)


def _sent(
    frames: Sequence["_Frame"], units: Sequence[Searcher], conditions: Conditions
) -> list[list[Searcher]]:
    """Return which units search which part: each where it adds the most, the strongest first."""
    sent = [list[Searcher]() for _ in frames]
    for unit in sorted(units, key=lambda each: (-each.effort, each.name)):
        gains = [
            frame.success(_effort([*group, unit]), conditions)
            - frame.success(_effort(group), conditions)
            for frame, group in zip(frames, sent, strict=True)
        ]
        sent[int(np.argmax(gains))].append(unit)
    return [sorted(group, key=lambda each: each.name) for group in sent]


def _areas(
    number: int, frame: "_Frame", units: Sequence[Searcher], conditions: Conditions
) -> Iterator[SubArea]:
    """Yield the areas of the units of one part."""
    if not units:
        return
    effort = _effort(units)
    length, width = frame.best_size(effort, conditions)
    left = -length
    for unit in units:
        right = left + 2.0 * length * unit.effort / effort
        yield _area(number, frame, unit, (left, right, width), conditions)
        left = right


class _Frame:
    """A part of a cloud along and across its longest axis, in nautical miles from its middle."""

    def __init__(self, cloud: Cloud, rows: Rows) -> None:
        self.rows = rows
        self.weights = cloud.weights[rows]
        self.chance = float(self.weights.sum())
        lats, lons = cloud.lats[rows], cloud.lons[rows]
        lat, lon = middle(lats, lons, self.weights)
        self.centre = Point(lat=lat, lon=lon)
        east, north = offsets(lat, lon, lats, lons)
        moments = np.cov(np.stack([east, north]), aweights=self.weights, ddof=0)
        sizes, ways = np.linalg.eigh(moments)
        self.axis = math.degrees(math.atan2(float(ways[0, 1]), float(ways[1, 1]))) % 180.0
        self.spreads = tuple(max(_LEAST, math.sqrt(max(0.0, float(each)))) for each in sizes[::-1])
        sine, cosine = math.sin(math.radians(self.axis)), math.cos(math.radians(self.axis))
        self.along = east * sine + north * cosine
        self.aside = east * cosine - north * sine
        self._long, self._wide = (each * np.array(_SIZES) for each in self.spreads)
        self._areas = 4.0 * np.outer(self._long, self._wide)
        self._held = self._weights_held()

    def _weights_held(self) -> Floats:
        """Return the weight within each half length and half width that is tried."""
        row = np.searchsorted(self._long, np.abs(self.along))
        column = np.searchsorted(self._wide, np.abs(self.aside))
        many = len(_SIZES)
        laid = np.bincount(
            row * (many + 1) + column, weights=self.weights, minlength=(many + 1) ** 2
        ).reshape(many + 1, many + 1)
        return laid.cumsum(axis=0).cumsum(axis=1)[:many, :many]

    def _successes(self, effort: float, conditions: Conditions) -> Floats:
        found = [pod(each, conditions) for each in (effort / self._areas).ravel().tolist()]
        return self._held * np.array(found).reshape(self._areas.shape)

    def success(self, effort: float, conditions: Conditions) -> float:
        """Return the success of the best rectangle for an effort."""
        return float(self._successes(effort, conditions).max())

    def best_size(self, effort: float, conditions: Conditions) -> tuple[float, float]:
        """Return half the length and half the width with the most success."""
        best = int(self._successes(effort, conditions).argmax())
        return float(self._long[best // len(_SIZES)]), float(self._wide[best % len(_SIZES)])

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


def _area(
    number: int,
    frame: _Frame,
    unit: Searcher,
    sides: tuple[float, float, float],
    conditions: Conditions,
) -> SubArea:
    left, right, width = sides
    area = frame.rectangle(left, right, width)
    # As many legs as there is time for; a part of a leg is none.
    legs = max(1, math.floor(unit.speed * unit.hours / area.length + 1e-6))
    spacing = area.width / legs
    covered = min(coverage(unit.width, spacing), unit.effort / (area.length * area.width))
    return SubArea(
        unit=unit.name,
        part=number,
        area=area,
        spacing=spacing,
        coverage=covered,
        poc=frame.held(left, right, width),
        pod=pod(covered, conditions),
    )


def _bound(frames: Sequence[_Frame], effort: float) -> float:
    """Return what the best spread comes to, over squares of half a spread of each part."""
    held: list[Floats] = []
    areas: list[Floats] = []
    for frame in frames:
        side = frame.spreads[1] / 2.0
        squares = np.stack([np.floor(frame.along / side), np.floor(frame.aside / side)])
        _, where = np.unique(squares, axis=1, return_inverse=True)
        held.append(np.bincount(where.ravel(), weights=frame.weights).astype(np.float64))
        areas.append(np.full(len(held[-1]), side**2))
    chances, sizes = np.concatenate(held), np.concatenate(areas)
    efforts = best_effort(chances, sizes, effort)
    return float(chances @ -np.expm1(-efforts / sizes))


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
