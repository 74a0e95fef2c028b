"""Who could set off from where, and how soon, in each of many draws of one year.

Draws are paired: what a unit does in a draw hangs on its own name and on the clause that moves it,
so two postures differ in a draw by what was changed and by nothing else.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from accord.posture.model import Capability, Deployment, Notice, Scenario, Unit

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

Uniform = Callable[[str], NDArray[np.float64]]
"""Numbers between 0 and 1, one for each draw; always the same for the same name."""

YEAR = 365
"""Days after the baseline that the draws are spread over, each as likely."""


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """Where units of one partner and class work from; they need the same time to a place."""

    partner: str
    platform: str
    base: str


@dataclass(frozen=True, slots=True)
class Station:
    """A post, and the notice in hours of each of its units in each draw; infinite if it cannot."""

    post: Post
    notices: Mapping[str, Floats]

    def without(self, units: Iterable[str]) -> "Station":
        """Return it without some units."""
        gone = set(units)
        return Station(self.post, {k: v for k, v in self.notices.items() if k not in gone})

    @property
    def notice(self) -> Floats:
        """The notice of the unit that is ready first; none where it has no unit."""
        return np.minimum.reduce(list(self.notices.values()))


def stations(
    scenario: Scenario, uniform: Uniform, draws: int, *, can: Capability | None = None
) -> list[Station]:
    """Return the posts that units work from at some time of the year, in the order of their names.

    Where a capability is given, only those whose units have it.
    """
    days = _days(scenario, draws)
    away = _by_unit(scenario.deployments)
    found: defaultdict[Post, dict[str, Floats]] = defaultdict(dict)
    for unit in scenario.units.values():
        if can is not None and not scenario.class_of(unit).can(can):
            continue
        ready = _notice(scenario, unit, uniform)
        gone = np.zeros(draws, dtype=np.bool_)
        for each in away.get(unit.id, ()):
            there = _is_there(each, uniform, days) & ~gone
            gone |= there
            if each.base is not None:
                _put(found, Post(unit.partner, unit.platform, each.base), unit, ready, there)
        _put(found, Post(unit.partner, unit.platform, unit.home), unit, ready, ~gone)
    return [Station(post, found[post]) for post in sorted(found)]


def while_moved(
    scenario: Scenario, because: Collection[str], uniform: Uniform, draws: int
) -> Flags:
    """Tell in which draws a unit is where one of those clauses puts it."""
    days = _days(scenario, draws)
    found = np.zeros(draws, dtype=np.bool_)
    for each in scenario.deployments:
        if each.because in because:
            found |= _is_there(each, uniform, days)
    return found


def _days(scenario: Scenario, draws: int) -> list[date]:
    """Return the day of each draw, evenly over the year that follows the baseline."""
    return [scenario.as_of + timedelta(days=1 + n * YEAR // draws) for n in range(draws)]


def _by_unit(deployments: Iterable[Deployment]) -> dict[str, list[Deployment]]:
    found: defaultdict[str, list[Deployment]] = defaultdict(list)
    for each in deployments:
        found[each.unit].append(each)
    return found


def _notice(scenario: Scenario, unit: Unit, uniform: Uniform) -> Floats:
    usable = uniform(f"{unit.id} usable") < unit.availability.value
    hours = triangular(scenario.notice_of(unit).value, uniform(f"{unit.id} notice"))
    return np.where(usable, hours, np.inf).astype(np.float32)


def _is_there(deployment: Deployment, uniform: Uniform, days: list[date]) -> Flags:
    season = deployment.season
    # Once for each day: most seasons say nothing of days, and draws share them.
    holds = {day: season.holds_on(day) for day in set(days)}
    during = np.array([holds[day] for day in days])
    return during & (uniform(f"{deployment.unit} {deployment.because}") < season.daily)


def _put(
    found: dict[Post, dict[str, Floats]], post: Post, unit: Unit, ready: Floats, there: Flags
) -> None:
    hours = np.where(there, ready, np.float32(np.inf))
    before = found[post].get(unit.id)
    found[post][unit.id] = hours if before is None else np.minimum(before, hours)


def triangular(notice: Notice, uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return hours between the least and the most, by the inverse of the triangular law."""
    least, likely, most = notice.least, notice.likely, notice.most
    if most == least:
        return np.full(uniform.shape, least)
    rise = (likely - least) / (most - least)
    low = least + np.sqrt(uniform * (most - least) * (likely - least))
    high = most - np.sqrt((1.0 - uniform) * (most - least) * (most - likely))
    return np.where(uniform < rise, low, high)
