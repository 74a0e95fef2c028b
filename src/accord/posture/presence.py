"""Presence: on how many days, in each month, usable units of a partner are in an area."""

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import h3.api.basic_int as h3

from accord.posture.model import Area, Base, Scenario, Season, Unit

MONTHS = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def after(self) -> date:
        """The first day of the next."""
        return self.first + timedelta(days=calendar.monthrange(self.year, self.number)[1])

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


Days = dict[tuple[str, str, Month], float]
"""Unit-days by area, partner and month."""


def months_from(first: date) -> list[Month]:
    """Return the twelve months that begin with that of a day, or after it if it is a last day."""
    found = [Month((first + timedelta(days=1)).year, (first + timedelta(days=1)).month)]
    while len(found) < MONTHS:
        after = found[-1].after
        found.append(Month(after.year, after.month))
    return found


def days_of(season: Season, as_of: date) -> float:
    """Return on how many days of the twelve months a season holds."""
    return sum(
        season.share_of(each.first, each.after) * (each.after - each.first).days
        for each in months_from(as_of)
    )


def presence(scenario: Scenario) -> Days:
    """Return the days on which units could go to sea or fly from a base in an area, on average.

    A unit counts where it works from: its home, less the share of time it is deployed elsewhere.
    Home waters count too; what is presence abroad is what the bases of others say.
    """
    inside = {area.id: bases_in(area, scenario.bases) for area in scenario.areas.values()}
    days: defaultdict[tuple[str, str, Month], float] = defaultdict(float)
    for unit in scenario.units.values():
        for month in months_from(scenario.as_of):
            for base, share in _whereabouts(scenario, unit, month):
                for area, bases in inside.items():
                    if base in bases:
                        usable = share * unit.availability.value
                        days[area, unit.partner, month] += usable * (month.after - month.first).days
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
