"""A search plan: a sub-area and a pattern for each unit of a case, for the time it is there.

The patterns drift with what they search for. What the whole plan is expected to come to is worked
out as what was achieved will be: along the planned tracks, past every particle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from accord.core.geometry import Point
from accord.desks.sar.case import Case
from accord.desks.sar.cases import MAX_AHEAD
from accord.desks.sar.covered import Courses, unseen
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import Known, moment_of
from accord.desks.sar.model import assumed, drift_of, scene_of, target_of, units_now
from accord.desks.sar.route import Route
from accord.desks.sar.sitrep import figures, spelled
from accord.desks.sar.tasking import Task, lasts, sailed, task_of_area, task_of_way
from accord.desks.sar.units import SearchUnit
from accord.search.allocate import Plan, Searcher, plan_areas
from accord.search.cloud import Cloud, Drift
from accord.search.coverage import Achieved
from accord.search.detection import Conditions
from accord.search.patterns import PatternKind

WHOLE = timedelta(days=30)
"""A planned track has no holes."""


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
    groups: tuple["Group", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Where units search together: which scenarios are there, how likely it is, and who goes."""

    scenarios: tuple[str, ...]
    chance: float
    middle: Point
    units: tuple[str, ...]


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
    ways: Mapping[str, tuple[Point, ...]] | None = None,
) -> SearchPlan:
    """Return a plan for the units of a case, for what is left after what was searched in vain.

    Units that search along a way of `ways` have no area. Raises NotTaken, SearchError.
    """
    units, over = _there(case, until)
    target, scene = target_of(case, known), scene_of(case)
    widths = {each.uid: each.sweep(known.sweeps, target, scene) for each in units}
    blind = [each.name for each in units if not widths[each.uid]]
    if blind:
        raise NotTaken(f"{', '.join(blind)} would see nothing in this visibility and sea")
    drift = drift_of(case, known, max(each.arrives + lasts(each) for each in units))
    if until is not None:
        drift = _left(case, known, drift, until)
    begins = max(drift.begin, min(each.arrives for each in units))
    conditions = Conditions(case.text("conditions", Conditions.NORMAL.value))
    cloud = drift.at(begins)
    wanted, along = patterns or {}, ways or {}
    for uid in (*wanted, *along):
        if uid not in widths:
            raise NotTaken(f"{uid} is no unit of this case that can still search")
    fit = [replace(unit, width=widths[unit.uid]) for unit in units]
    plan, bound = _spread(fit, along, cloud, conditions)
    areas = {each.unit: each for each in plan.areas}
    drifts = [drift.part(each.rows) for each in plan.parts]
    tasks = tuple(
        task_of_way(unit, along[unit.uid], cloud, conditions)
        if unit.uid in along
        else task_of_area(
            unit,
            areas[unit.uid],
            drifts[areas[unit.uid].part],
            begins,
            (wanted.get(unit.uid, PatternKind.PARALLEL), conditions),
        )
        for unit in fit
    )
    groups = tuple(_groups(plan, drift))
    return SearchPlan(
        tasks=tasks, poc=plan.poc, expected=_expected(tasks, drift), bound=bound,
        assumed=(*assumed(case, known), *_short_of(over, tasks, groups)), groups=groups,
    )  # fmt: skip


def _short_of(over: Sequence[str], tasks: Sequence[Task], groups: Sequence[Group]) -> Iterator[str]:
    """Yield what the plan leaves out: units, the ends of track lines, where nobody searches."""
    for name in over:
        yield f"{name} left out: its time on scene is over"
    for task in tasks:
        if task.missing:
            name = task.unit.name
            yield f"{name} has no time for the last {task.missing:.0f} NM of its track line"
    for group in groups:
        if not group.units:
            yield (
                f"nobody searches about {spelled(group.middle)} ({', '.join(group.scenarios)}), "
                f"where it is with {group.chance:.0%}: give the case a unit for it"
            )


def _spread(
    units: Sequence[SearchUnit],
    along: Mapping[str, tuple[Point, ...]],
    cloud: Cloud,
    conditions: Conditions,
) -> tuple[Plan, float]:
    """Return areas for the units that have no way of their own, and what none of all can beat."""
    searchers = [
        Searcher(name=each.uid, width=each.width or 0.0, speed=each.speed, hours=each.hours)
        for each in units
    ]
    together = plan_areas(cloud, searchers, conditions)
    rest = [each for each in searchers if each.name not in along]
    if len(rest) == len(searchers):
        return together, together.bound
    plan = plan_areas(cloud, rest, conditions) if rest else replace(together, areas=(), parts=())
    return plan, together.bound


def _groups(plan: Plan, drift: Drift) -> Iterator[Group]:
    for each in plan.parts:
        yield Group(
            scenarios=drift.named(each.rows), chance=each.chance, middle=each.middle,
            units=each.units,
        )  # fmt: skip


def _there(case: Case, until: Until | None) -> tuple[list[SearchUnit], list[str]]:
    """Return the units as they can still search, and the names of those whose time is over."""
    units, broken = units_now(case)
    if not units:
        raise NotTaken("; ".join(broken) or "the case has no units: give it some")
    if until is None:
        return units, []
    left = [each for each in units if each.arrives + lasts(each) > until.now]
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


def _expected(tasks: tuple[Task, ...], drift: Drift) -> float:
    achieved = Achieved(drift, gap=WHOLE)
    for task in tasks:
        achieved.searched(task.unit.uid, task.width, list(sailed(task)))
    return achieved.pos


def _drifts(toward: float, knots: float) -> str:
    if not knots:
        return "pattern does not drift"
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
