"""A search plan: a sub-area and a pattern for each unit of a case, for the time it is there.

The patterns drift with what they search for. What the whole plan is expected to come to is worked
out as what was achieved will be: along the planned tracks, past every particle.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from accord.core.geometry import Point, bearing, distance
from accord.desks.sar.case import Case
from accord.desks.sar.cases import MAX_AHEAD
from accord.desks.sar.covered import Courses, unseen
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import NM, Known, moment_of
from accord.desks.sar.model import assumed, drift_of, scene_of, target_of
from accord.desks.sar.route import Route
from accord.desks.sar.sitrep import figures
from accord.desks.sar.units import SearchUnit, read_unit
from accord.search.allocate import Searcher, SubArea, plan_areas
from accord.search.cloud import Drift
from accord.search.coverage import Achieved
from accord.search.detection import Conditions, coverage, pod
from accord.search.patterns import (
    Pattern,
    PatternKind,
    Rectangle,
    creeping,
    expanding_square,
    parallel,
    sector,
)

MOST_SQUARE = 40
"""Legs of an expanding square; a unit that has time for more does another pattern."""

MOST_COVERAGE = 2.0
"""Tracks are not laid closer than half a sweep width: who has time left begins again."""

APART = (
    "one area about the middle of all scenarios, which lie apart: this finds far less than the "
    "same effort could; plan with one scenario at a time"
)
"""What is said of a plan between scenarios."""

WHOLE = timedelta(days=30)
"""A planned track has no holes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one unit is to search, and what is expected of it, as parallel tracks come to.

    `toward` and `drift` are how the pattern moves: degrees true and knots.
    """

    unit: SearchUnit
    kind: PatternKind
    corners: tuple[Point, ...]
    points: tuple[Point, ...]
    begins: datetime
    spacing: float
    width: float
    poc: float
    pod: float
    toward: float
    drift: float

    def value(self) -> str:
        """Return what a line of the log holds of it."""
        return json.dumps(
            {
                "name": self.unit.name,
                "kind": self.kind.value,
                "corners": [_pair(each) for each in self.corners],
                "points": [_pair(each) for each in self.points],
                "begins": self.begins.isoformat(),
                "speed": self.unit.speed,
                "spacing": round(self.spacing, 2),
                "width": round(self.width, 2),
                "poc": round(self.poc, 3),
                "pod": round(self.pod, 3),
                "toward": round(self.toward),
                "drift": round(self.drift, 2),
            },
            sort_keys=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlan:
    """A plan: `expected` is its probability of success along the planned tracks.

    `bound` is what no spread of the same effort can beat by random search; `assumed` says what was
    taken because nobody said it.
    """

    tasks: tuple[Task, ...]
    poc: float
    expected: float
    bound: float
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """What is known when a plan is made: the time, where units were, and whose node plans."""

    now: datetime
    courses: Courses
    own: str


def plan_search(
    case: Case,
    known: Known,
    patterns: Mapping[str, PatternKind] | None = None,
    until: Until | None = None,
) -> SearchPlan:
    """Return a plan for the units of a case, for what is left after what was searched in vain.

    Raises NotTaken, SearchError.
    """
    units, over = _there(case, until)
    target, scene = target_of(case, known), scene_of(case)
    widths = {each.uid: each.sweep(known.sweeps, target, scene) for each in units}
    blind = [each.name for each in units if not widths[each.uid]]
    if blind:
        raise NotTaken(f"{', '.join(blind)} would see nothing in this visibility and sea")
    drift = drift_of(case, known, max(each.arrives + _lasts(each) for each in units))
    if until is not None:
        drift = _left(case, known, drift, until)
    begins = max(drift.begin, min(each.arrives for each in units))
    conditions = Conditions(case.text("conditions", Conditions.NORMAL.value))
    searchers = [
        Searcher(name=each.uid, width=widths[each.uid], speed=each.speed, hours=each.hours)
        for each in units
    ]
    plan = plan_areas(drift.at(begins), searchers, conditions)
    areas = {each.unit: each for each in plan.areas}
    wanted = patterns or {}
    tasks = tuple(
        _task(
            each,
            areas[each.uid],
            drift,
            begins,
            (wanted.get(each.uid, PatternKind.PARALLEL), conditions),
        )
        for each in (replace(unit, width=widths[unit.uid]) for unit in units)
    )
    expected = _expected(tasks, drift)
    taken = [*assumed(case), *(f"{name} left out: its time on scene is over" for name in over)]
    if len(case.named("scenario:")) > 1 and expected < plan.bound / 2.0:
        taken.append(APART)
    return SearchPlan(
        tasks=tasks, poc=plan.poc, expected=expected, bound=plan.bound, assumed=tuple(taken)
    )


def _there(case: Case, until: Until | None) -> tuple[list[SearchUnit], list[str]]:
    """Return the units as they can still search, and the names of those whose time is over."""
    units = [read_unit(uid, value) for uid, value in sorted(case.named("unit:").items())]
    if not units:
        raise NotTaken("the case has no units: give it some with accord sar unit")
    if until is None:
        return units, []
    left = [each for each in units if each.arrives + _lasts(each) > until.now]
    over = [each.name for each in units if each not in left]
    if not left:
        raise NotTaken(f"the time on scene of {', '.join(over)} is over: say when each is there")
    return [_from(each, until.now) for each in left], over


def _from(unit: SearchUnit, now: datetime) -> SearchUnit:
    """Return a unit with what is left of its time; minutes since it came make no difference."""
    gone = now - unit.arrives
    if gone <= MAX_AHEAD:
        return unit
    return replace(unit, arrives=now, hours=unit.hours - gone / timedelta(hours=1))


def _left(case: Case, known: Known, drift: Drift, until: Until) -> Drift:
    """Return the drift with the weights of what was not found; as it is, where nothing is left."""
    left = drift.weights * unseen(case, known, until.courses, drift, until.now, own=until.own)
    return replace(drift, weights=left / left.sum()) if left.sum() > 0.0 else drift


def _lasts(unit: SearchUnit) -> timedelta:
    return timedelta(hours=unit.hours)


def _task(
    unit: SearchUnit,
    area: SubArea,
    drift: Drift,
    begins: datetime,
    how: tuple[PatternKind, Conditions],
) -> Task:
    kind, conditions = how
    starts = max(begins, unit.arrives)
    here, there = drift.at(begins).mean, drift.at(starts).mean
    ends = drift.at(min(drift.end, starts + _lasts(unit))).mean
    # Since the areas were laid, all has drifted on, and so it does while it is searched.
    moved = _beside(area.area.centre, here, there)
    rectangle = replace(area.area, centre=moved)
    toward, rate = bearing(there, ends), distance(there, ends) / NM / unit.hours
    pattern = _pattern(kind, rectangle, area, unit, toward)
    legs = pattern.legs(unit.speed, toward, rate)
    return Task(
        unit=unit,
        kind=kind,
        corners=rectangle.corners,
        points=(legs[0].start, *(each.end for each in legs)),
        begins=starts,
        spacing=pattern.spacing,
        width=unit.width or 0.0,
        poc=area.poc,
        pod=pod(coverage(unit.width or 0.0, pattern.spacing), conditions),
        toward=toward,
        drift=rate,
    )


def _beside(point: Point, was: Point, now: Point) -> Point:
    """Return a point that has moved as another has."""
    lon = point.lon + (now.lon - was.lon + 180.0) % 360.0 - 180.0
    return Point(lat=point.lat + now.lat - was.lat, lon=(lon + 180.0) % 360.0 - 180.0)


def _pattern(
    kind: PatternKind, area: Rectangle, sub: SubArea, unit: SearchUnit, toward: float
) -> Pattern:
    miles = unit.speed * unit.hours
    spacing = max(sub.spacing, (unit.width or 0.0) / MOST_COVERAGE)
    match kind:
        case PatternKind.PARALLEL:
            return parallel(area, spacing)
        case PatternKind.CREEPING:
            return creeping(area, spacing)
        case PatternKind.EXPANDING_SQUARE:
            return expanding_square(
                area.centre, first=toward, spacing=spacing, legs=_legs(miles / spacing)
            )
        case PatternKind.SECTOR:
            radius = min(area.length, area.width) / 2.0
            passes = 2 if miles >= 18.0 * radius else 1
            return sector(area.centre, first=toward, radius=min(radius, miles / 9.0), passes=passes)
        case PatternKind.TRACK_LINE:
            raise NotTaken("a track line is laid along a way, not over an area")


def _legs(spacings: float) -> int:
    """Return how many legs of a square fit: 2k of them are k(k+1) spacings long."""
    pairs = max(1, int(((1.0 + 4.0 * spacings) ** 0.5 - 1.0) / 2.0))
    return min(MOST_SQUARE, 2 * pairs)


def _expected(tasks: tuple[Task, ...], drift: Drift) -> float:
    achieved = Achieved(drift, gap=WHOLE)
    for task in tasks:
        achieved.searched(task.unit.uid, task.width, list(_sailed(task)))
    return achieved.pos


def _sailed(task: Task) -> Iterator[tuple[datetime, float, float]]:
    """Yield when the unit is where on its planned track."""
    when = task.begins
    yield when, task.points[0].lat, task.points[0].lon
    for a, b in zip(task.points[:-1], task.points[1:], strict=True):
        when += timedelta(hours=distance(a, b) / NM / task.unit.speed)
        yield when, b.lat, b.lon


def _pair(point: Point) -> list[float]:
    return [round(point.lat, 5), round(point.lon, 5)]


def _drifts(toward: float, knots: float) -> str:
    return f"pattern drifts toward {round(toward) % 360:03d} true at {knots:.1f} kt"


def task_of(case: Case, unit: str) -> Entry:
    """Return the last task of a unit. Raises NotTaken where it has none."""
    found = case.last(Kind.TASK, unit)
    if found is None:
        raise NotTaken(f"{unit} has no task in case {case.id}; plan one first")
    return found


def route_of(case: Case, unit: str) -> Route:
    """Return the route of a unit's last task. Raises NotTaken."""
    said = figures(task_of(case, unit))
    try:
        points = cast("list[tuple[float, float]]", said["points"])
        return Route(
            case=case.id,
            unit=str(said["name"]),
            kind=str(said["kind"]),
            points=tuple(Point(lat=lat, lon=lon) for lat, lon in points),
            begins=moment_of(str(said["begins"])),
            speed=float(str(said["speed"])),
            spacing=float(str(said["spacing"])),
            context=case.context,
            drifts=_drifts(float(str(said["toward"])), float(str(said["drift"]))),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise NotTaken(f"the task of {unit} cannot be read: {error}") from None
