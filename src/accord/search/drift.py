"""Where something may have drifted to: many particles, each with its own leeway, moved by steps.

Each particle has a scenario, a place and a time from which it is adrift, a side of downwind that it
keeps to, and its own deviation from the published leeway (Breivik and Allen 2008: a deviation e
makes the slope e/20 larger and the offset e/2). The same scenarios, flows and seed give the same
bits again; the numbers of a scenario are keyed by its name, so that another beside it shifts none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Point
from accord.search.cloud import Drift
from accord.search.draws import normal, uniform
from accord.search.fault import SearchError
from accord.search.flow import Flow
from accord.search.leeway import CMS_PER_KNOT, MS_PER_KNOT, Component, ObjectClass
from accord.search.shore import Wet, is_sea
from accord.search.spelling import spell_time
from accord.search.sphere import Floats, Pair, apart, course, moved, stepped

COUNT = 5000
"""Particles, where nobody asks for another number."""
MAX_COUNT = 20_000
MAX_DAYS = 14.0
JIBING = 0.04
"""Jibes in an hour: 4 % (Breivik and Allen 2008)."""
STEP = 600.0
"""Seconds; drifts of more than two days take three times as much."""
WITHIN_HALF = math.sqrt(2.0 * math.log(2.0))
"""The 50 % radius of the circular normal law, in its spreads: IAMSAR's probable error."""
_MOST_LAT = 85.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What may have happened: what is adrift, from where and since when, and how likely that is.

    `error` is the 50 % radius in nautical miles. With `track_end` it was under way from `point` to
    there between the two times, and became adrift somewhere on that way.
    """

    name: str
    object: ObjectClass
    point: Point
    earliest: datetime
    latest: datetime
    error: float = 0.0
    weight: float = 1.0
    track_end: Point | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.weight < math.inf:
            raise SearchError(f"scenario {self.name} weighs {self.weight:g}; give more than 0")
        if not 0.0 <= self.error <= 300.0:
            raise SearchError(f"an error of position of {self.error:g} NM; 0 to 300 are taken")
        if self.latest < self.earliest:
            raise SearchError(f"scenario {self.name} ends before it begins")
        if max(abs(each.lat) for each in (self.point, self.track_end or self.point)) > _MOST_LAT:
            raise SearchError(f"drift is not worked out beyond {_MOST_LAT:g} degrees of latitude")


@dataclass(slots=True, kw_only=True)
class _Particles:
    """What is drawn once for each particle; `right` changes when it jibes."""

    lats: Floats
    lons: Floats
    since: Floats
    weights: Floats
    right: NDArray[np.bool_]
    downwind: Pair
    to_right: Pair
    to_left: Pair
    unknown_wind: Pair
    unknown_current: Pair
    jibes: NDArray[np.bool_]


def drift(  # noqa: PLR0913 - each is a part of the question
    scenarios: Sequence[Scenario],
    wind: Flow,
    current: Flow,
    *,
    until: datetime,
    seed: str,
    count: int = COUNT,
    jibing: float = JIBING,
    sea: Wet | None = None,
) -> Drift:
    """Return where everything may have drifted to until then.

    With `sea`, nothing moves into a place that is all land. SearchError says why it cannot be.
    """
    times = _times(scenarios, until, count)
    shared = _shared(scenarios, count)
    chance = 1.0 - math.exp(-jibing * float(times[1] - times[0]) / 3600.0)
    them = _joined(
        [_drawn(each, seed, number, (len(times) - 1, chance)) for each, number in shared]
    )
    rows = [(them.lats, them.lons)]
    for step, (now, then) in enumerate(pairwise(times)):
        rows.append(_step(them, rows[-1], (wind, current), (float(now), float(then)), sea))
        them.right ^= them.jibes[step]
    lats, lons = (np.array([row[n] for row in rows]) for n in (0, 1))
    return Drift(
        times=times, lats=lats, lons=lons, weights=them.weights,
        scenarios=tuple((each.name, number) for each, number in shared),
    )  # fmt: skip


def _times(scenarios: Sequence[Scenario], until: datetime, count: int) -> Floats:
    if not scenarios:
        raise SearchError("a drift needs a scenario")
    if not len(scenarios) <= count <= MAX_COUNT:
        raise SearchError(f"{count} particles; {len(scenarios)} to {MAX_COUNT} are taken")
    if len({each.name for each in scenarios}) < len(scenarios):
        raise SearchError("two scenarios have one name")
    begins_at = min(each.earliest for each in scenarios)
    begin = begins_at.timestamp()
    long = until.timestamp() - begin
    if not long > 0.0:
        raise SearchError(f"nothing is adrift before {spell_time(begins_at)}")
    if not long <= MAX_DAYS * 86400.0:
        raise SearchError(f"a drift of {long / 3600:g} h; up to {MAX_DAYS:g} days are worked out")
    step = STEP if long <= 2 * 86400.0 else 3 * STEP
    return np.linspace(begin, begin + long, math.ceil(long / step) + 1)


def _shared(scenarios: Sequence[Scenario], count: int) -> list[tuple[Scenario, int]]:
    """Return the scenarios by name with how many particles each has: by weight, one at least."""
    ordered = sorted(scenarios, key=lambda each: each.name)
    total = math.fsum(each.weight for each in ordered)
    free = count - len(ordered)
    wanted = [each.weight / total * free for each in ordered]
    numbers = [1 + math.floor(each) for each in wanted]
    most_left = sorted(range(len(ordered)), key=lambda n: math.floor(wanted[n]) - wanted[n])
    for n in most_left[: count - sum(numbers)]:
        numbers[n] += 1
    return list(zip(ordered, numbers, strict=True))


def _drawn(each: Scenario, seed: str, number: int, steps: tuple[int, float]) -> _Particles:
    """Return a scenario's particles; the numbers of the first few are those of a smaller number."""

    def by_chance(what: str, above: float = -np.inf) -> Floats:
        return normal(seed, f"{each.name}:{what}", number, above=above)

    share = uniform(seed, f"{each.name}:time", number)
    lats, lons = _starts(each, share)
    spread = each.error / WITHIN_HALF
    lats, lons = _shifted(lats, lons, by_chance("east") * spread, by_chance("north") * spread)
    downwind = each.object.downwind
    # A thing that drifts to windward is none that the tables speak of.
    least = -np.inf if downwind.spread == 0.0 else -20.0 * downwind.slope / _cms(downwind)
    aside = by_chance("crosswind")
    times, chance = steps
    jibes = uniform(seed, f"{each.name}:jibes", number * times).reshape(number, times) < chance
    first, last = each.earliest.timestamp(), each.latest.timestamp()
    return _Particles(
        lats=lats,
        lons=lons,
        since=first + share * (last - first),
        weights=np.full(number, each.weight / number),
        right=uniform(seed, f"{each.name}:side", number) < 0.5,
        downwind=_coefficients(downwind, by_chance("downwind", least)),
        to_right=_coefficients(each.object.right, aside),
        to_left=_coefficients(each.object.left, aside),
        unknown_wind=(by_chance("wind east"), by_chance("wind north")),
        unknown_current=(by_chance("current east"), by_chance("current north")),
        jibes=np.ascontiguousarray(jibes.T),
    )


def _cms(component: Component) -> float:
    return component.spread * CMS_PER_KNOT


def _coefficients(component: Component, deviation: Floats) -> Pair:
    """Return slopes and offsets in knots, with the deviation of each (Breivik and Allen 2008)."""
    # e/20 is of cm/s for each m/s, and e/2 of cm/s: e in knots makes the slope e/20 m/s larger.
    e = deviation * component.spread
    return component.slope / 100.0 + e * MS_PER_KNOT / 20.0, component.offset + e / 2.0


def _starts(each: Scenario, share: Floats) -> Pair:
    a, b = each.point, each.track_end or each.point
    long = apart(a.lat, a.lon, b.lat, b.lon)
    return moved(a.lat, a.lon, course(a.lat, a.lon, b.lat, b.lon), share * long)


def _shifted(lats: Floats, lons: Floats, east: Floats, north: Floats) -> Pair:
    return moved(lats, lons, np.degrees(np.arctan2(east, north)), np.hypot(east, north))


def _joined(parted: Sequence[_Particles]) -> _Particles:
    """Return the particles of all scenarios; their weights sum to 1."""

    def pair(name: str) -> Pair:
        pairs: list[Pair] = [getattr(each, name) for each in parted]
        return np.concatenate([each[0] for each in pairs]), np.concatenate(
            [each[1] for each in pairs]
        )

    weights = np.concatenate([each.weights for each in parted])
    return _Particles(
        lats=np.concatenate([each.lats for each in parted]),
        lons=np.concatenate([each.lons for each in parted]),
        since=np.concatenate([each.since for each in parted]),
        weights=weights / weights.sum(),
        right=np.concatenate([each.right for each in parted]),
        downwind=pair("downwind"),
        to_right=pair("to_right"),
        to_left=pair("to_left"),
        unknown_wind=pair("unknown_wind"),
        unknown_current=pair("unknown_current"),
        jibes=np.concatenate([each.jibes for each in parted], axis=1),
    )


def _step(
    them: _Particles,
    places: Pair,
    flows: tuple[Flow, Flow],
    span: tuple[float, float],
    sea: Wet | None,
) -> Pair:
    now, then = span
    lats, lons = places
    (wind, current), half = flows, (now + then) / 2.0
    wind_east, wind_north = wind.at(half, lats, lons)
    east, north = _leeway(
        them,
        wind_east + them.unknown_wind[0] * wind.spread,
        wind_north + them.unknown_wind[1] * wind.spread,
    )
    set_east, set_north = current.at(half, lats, lons)
    hours = np.clip(then - them.since, 0.0, then - now) / 3600.0
    ends = stepped(
        lats,
        lons,
        (east + set_east + them.unknown_current[0] * current.spread) * hours,
        (north + set_north + them.unknown_current[1] * current.spread) * hours,
    )
    if sea is None:
        return ends
    free = is_sea(sea, *ends) | ~is_sea(sea, lats, lons)
    return np.where(free, ends[0], lats), np.where(free, ends[1], lons)


def _leeway(them: _Particles, east: Floats, north: Floats) -> Pair:
    """Return the leeway of each in a wind that goes there."""
    knots = np.hypot(east, north)
    blowing = np.maximum(knots, 1e-9)
    slope, offset = (
        np.where(them.right, right, left)
        for right, left in zip(them.to_right, them.to_left, strict=True)
    )
    along = (them.downwind[0] * knots + them.downwind[1]) / blowing
    aside = (slope * knots + offset) / blowing
    return east * along + north * aside, north * along - east * aside
