"""Whether there are enough units on enough days, and the changes that would make it so."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accord.posture.applied import Applied, ClauseRef, Demand
from accord.posture.model import Scenario, Season, Unit

YEAR = 365
"""Days that are looked at, from the baseline on."""

_NEARLY = 1e-9


class Verdict(StrEnum):
    """Whether units can do what clauses want of them."""

    ENOUGH = "enough"
    """On average there are as many usable as are wanted."""
    SHORT = "short"
    """There are units, and fewer of them are usable on average than are wanted."""
    IMPOSSIBLE = "impossible"
    """More are wanted than there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Each change that alone makes it feasible; None where that change alone cannot.

    `given_up` is the share of the wanted unit-days that the lesser promise leaves undone.
    """

    share_of_days: float
    given_up: float
    count: int | None
    availability: float | None
    more_units: int | None
    later: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feasibility:
    """One class of one partner, on the worst day of the year for it."""

    partner: str
    platform: str
    clauses: tuple[ClauseRef, ...]
    """Those that want its units on that day."""
    units: int
    usable: float
    """How many of them can go, on average."""
    wanted: int
    enough: float
    """The probability that as many can go as are wanted."""
    days: float
    """Days of the year on which they are wanted; of a share of the year, so many of its days."""
    days_short: float
    """Days of those on which fewer can go, on average."""
    verdict: Verdict
    bites: date | None
    """The first day on which fewer can go on average than are wanted."""
    remedy: Remedy | None


def at_least(count: int, chances: Sequence[float]) -> float:
    """Return the probability that at least `count` of independent things with `chances` happen."""
    exactly = [1.0]
    for chance in chances:
        exactly = [
            stays * (1.0 - chance) + comes * chance
            for stays, comes in zip([*exactly, 0.0], [0.0, *exactly], strict=True)
        ]
    return min(1.0, math.fsum(exactly[max(0, count) :]))


def feasibility(applied: Applied) -> list[Feasibility]:
    """Return what stands of each class that clauses want units of, the least feasible first."""
    pools = sorted({(each.partner, each.platform) for each in applied.demands})
    found = [_of_pool(applied, partner, platform) for partner, platform in pools]
    order = list(Verdict)
    return sorted(found, key=lambda each: -order.index(each.verdict))


def _of_pool(applied: Applied, partner: str, platform: str) -> Feasibility:
    scenario = applied.scenario
    units = [
        each
        for each in scenario.units.values()
        if (each.partner, each.platform) == (partner, platform)
    ]
    demands = [
        each for each in applied.demands if (each.partner, each.platform) == (partner, platform)
    ]
    chances = [each.availability.value for each in units]
    usable = math.fsum(chances)
    wanted = {day: _wanted(demands, day) for day in _year(scenario.as_of)}
    counts = _days_by_count(demands, scenario.as_of)
    most = max(wanted.values())
    worst = next(day for day, count in wanted.items() if count == most)
    bites = next((day for day, count in wanted.items() if count > usable + _NEARLY), None)
    return Feasibility(
        partner=partner,
        platform=platform,
        clauses=tuple(each.clause for each in demands if each.season.holds_on(worst)),
        units=len(units),
        usable=usable,
        wanted=most,
        enough=at_least(most, chances),
        days=math.fsum(counts.values()),
        days_short=math.fsum(
            days * (1.0 - at_least(count, chances)) for count, days in counts.items()
        ),
        verdict=_verdict(most, len(units), usable),
        bites=bites,
        remedy=None if bites is None else _remedy(units, demands, wanted, scenario),
    )


def _verdict(wanted: int, units: int, usable: float) -> Verdict:
    if wanted > units:
        return Verdict.IMPOSSIBLE
    return Verdict.SHORT if wanted > usable + _NEARLY else Verdict.ENOUGH


def _year(first: date) -> Iterator[date]:
    return (first + timedelta(days=1 + n) for n in range(YEAR))


def _wanted(demands: Sequence[Demand], day: date) -> int:
    return sum(each.wanted for each in demands if each.season.holds_on(day))


def _days_by_count(demands: Sequence[Demand], first: date) -> dict[int, float]:
    """Return on how many days so many are wanted, on average, by their number; none is left out."""
    alike = Counter(
        tuple(each for each in demands if each.season.holds_on(day)) for day in _year(first)
    )
    found: defaultdict[int, float] = defaultdict(float)
    for together, days in alike.items():
        for count, chance in _odds(together).items():
            found[count] += days * chance
    return {count: days for count, days in found.items() if count}


def _odds(demands: Sequence[Demand]) -> dict[int, float]:
    """Return how likely so many are wanted: which days a share of the year falls on is not said."""
    odds = {0: 1.0}
    for each in demands:
        share = each.season.daily
        joined: defaultdict[int, float] = defaultdict(float)
        for count, chance in odds.items():
            joined[count] += chance * (1.0 - share)
            joined[count + each.wanted] += chance * share
        odds = dict(joined)
    return odds


def _remedy(
    units: Sequence[Unit], demands: Sequence[Demand], wanted: dict[date, int], scenario: Scenario
) -> Remedy:
    usable = math.fsum(each.availability.value for each in units)
    most = max(wanted.values())
    mean = usable / len(units) if units else 0.0
    kept = math.fsum(min(count, usable) for count in wanted.values())
    needed = most / len(units) if units else math.inf
    return Remedy(
        share_of_days=usable / most,
        given_up=1.0 - kept / sum(wanted.values()),
        count=math.floor(usable + _NEARLY) or None,
        availability=needed if needed <= 1.0 else None,
        more_units=math.ceil(most / mean - _NEARLY) - len(units) if mean > 0 else None,
        later=_later(demands, usable, scenario.as_of),
    )


def _later(demands: Sequence[Demand], usable: float, first: date) -> date | None:
    """Return when the last of the demands could begin instead, for as many days as it has.

    None where it cannot in this year, or has no days of its own.
    """
    *others, last = demands
    span = _span(last.season)
    if span is None or last.wanted > usable + _NEARLY:
        return None
    for begin in _year(first):
        days = (begin + timedelta(days=n) for n in range(span))
        if all(_wanted(others, day) + last.wanted <= usable + _NEARLY for day in days):
            return begin
    return None


def _span(season: Season) -> int | None:
    if season.first is None or season.last is None:
        return None
    return (season.last - season.first).days + 1
