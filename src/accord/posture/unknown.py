"""What an answer does not know, said, so that nobody takes silence for a fact."""

from collections.abc import Iterator
from datetime import date

from accord.posture.model import PlatformClass, Scenario

ALWAYS = (
    "Where ships and aircraft are today: units are at their bases, or where a clause puts them.",
    "Weather, sea state, depth, reefs, ice, fuel, port berths and diplomatic clearance.",
    "How long loading and permission take beyond the notice: in Tonga in 2022, days.",
    "What else the units have to do on the day.",
)
"""What no scenario says."""


def not_known(scenario: Scenario, on: date) -> list[str]:
    """Return what the answer does not know, with the names of what it is about."""
    return [*ALWAYS, *_of_units(scenario, on), *_of_areas(scenario), *_of_classes(scenario)]


def _of_units(scenario: Scenario, on: date) -> Iterator[str]:
    units = list(scenario.units.values())
    invented = sum(each.availability.origin.is_invented for each in units)
    if invented:
        yield f"How available {invented} of the {len(units)} units are: those values are invented."
    stale = [each.id for each in units if each.availability.origin.is_stale(on)]
    if stale:
        yield f"How available these are, of which the last word has expired: {', '.join(stale)}."


def _of_areas(scenario: Scenario) -> Iterator[str]:
    blank = [each.name for each in scenario.areas.values() if not each.cells]
    if blank:
        yield f"Where these run, of which only the size is published: {', '.join(blank)}."


def _of_classes(scenario: Scenario) -> Iterator[str]:
    missing = [
        f"{each.name} ({', '.join(blanks)})"
        for each in scenario.classes.values()
        if (blanks := list(_blanks(each)))
    ]
    if missing:
        yield f"Figures that nobody gave: {'; '.join(missing)}."


def _blanks(platform: PlatformClass) -> Iterator[str]:
    if "surveillance" in platform.roles and platform.swath is None:
        yield "swath, so that it counts for no patrol"
    if platform.reach is None and platform.endurance is None and platform.radius is None:
        yield "range"
