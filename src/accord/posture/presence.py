"""Presence: on how many days, in each month, usable units of a partner are in an area."""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import h3.api.basic_int as h3

from accord.posture.model import Area, Base, Scenario, Season, Unit
from accord.posture.stations import YEAR


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year, as far as it lies in the year that is looked at.

    `first` is its first day there, `after` the day after its last.
    """

    first: date
    after: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


Days = dict[tuple[str, str, Month], float]
"""Unit-days by area, partner and month."""


@lru_cache(maxsize=16)
def months_from(as_of: date) -> tuple[Month, ...]:
    """Return the calendar months of the year that follows a day; the first and last may be cut."""
    first = as_of + timedelta(days=1)
    end = first + timedelta(days=YEAR)
    found: list[Month] = []
    while first < end:
        days = calendar.monthrange(first.year, first.month)[1]
        after = min(end, first.replace(day=1) + timedelta(days=days))
        found.append(Month(first, after))
        first = after
    return tuple(found)


def days_of(season: Season, as_of: date) -> float:
    """Return on how many days of the year that follows a season holds."""
    return sum(
        season.share_of(each.first, each.after) * (each.after - each.first).days
        for each in months_from(as_of)
    )


def presence(scenario: Scenario) -> Days:
    """Return the days on which units could go to sea or fly from a base in an area, on average.

    A unit counts where it works from: its home, less the share of time it is deployed elsewhere.
    Home waters count too; what is presence abroad is what the bases of others say.
    """
    areas: defaultdict[str, list[str]] = defaultdict(list)
    for area in scenario.areas.values():
        for base in bases_in(area, scenario.bases):
            areas[base].append(area.id)
    days: defaultdict[tuple[str, str, Month], float] = defaultdict(float)
    for unit in scenario.units.values():
        for month in months_from(scenario.as_of):
            for base, share in _whereabouts(scenario, unit, month):
                usable = share * unit.availability.value * (month.after - month.first).days
                for area in areas[base]:
                    days[area, unit.partner, month] += usable
    return dict(days)


def bases_in(area: Area, bases: dict[str, Base]) -> frozenset[str]:
    """Return the bases in an area or beside it: a harbour is land, and an area often only sea."""
    if not area.cells:
        return frozenset()
    size = h3.get_resolution(next(iter(area.cells)))
    return frozenset(
        each.id
        for each in bases.values()
        if not area.cells.isdisjoint(h3.grid_disk(h3.latlng_to_cell(each.lat, each.lon, size), 1))
    )


def _whereabouts(scenario: Scenario, unit: Unit, month: Month) -> Iterator[tuple[str, float]]:
    away = 0.0
    for each in scenario.deployments:
        if each.unit == unit.id:
            share = each.season.share_of(month.first, month.after)
            away += share
            if each.base is not None:
                yield each.base, share
    yield unit.home, max(0.0, 1.0 - away)
