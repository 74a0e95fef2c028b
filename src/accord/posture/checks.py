"""What cannot be in a scenario, whoever wrote it: said of a section and an id."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from accord.core.nation import check_nation
from accord.posture.model import (
    AddUnits,
    Base,
    Commitment,
    Deploy,
    Deployment,
    Domain,
    Effect,
    Grouping,
    PlatformClass,
    Promise,
    Scenario,
    SetAccess,
    SetAvailability,
    SetNotice,
    Unit,
    Withdraw,
)

R = TypeVar("R")

FASTEST = {Domain.AIR: 700.0, Domain.SEA: 60.0}
"""Knots: no transport or patrol aircraft is supersonic, and no ship of a navy so fast."""
SLOWEST = {Domain.AIR: 40.0, Domain.SEA: 3.0}
FARTHEST = 30_000.0
"""Nautical miles: further than round the Earth."""
WIDEST_SWATH = 250.0
"""Nautical miles: the horizon of what flies at 50,000 feet is 275."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one row."""

    section: str
    id: str
    sentence: str


def find_faults(scenario: Scenario) -> list[Finding]:
    """Return everything that is wrong with a scenario, section by section."""
    return [
        *_of_each("groups", scenario, scenario.groupings, _grouping_faults),
        *_of_each("bases", scenario, scenario.bases, _base_faults),
        *_of_each("platform_classes", scenario, scenario.classes, _class_faults),
        *_of_each("units", scenario, scenario.units, _unit_faults),
        *_deployment_faults(scenario),
        *_of_each("commitments", scenario, scenario.commitments, _commitment_faults),
    ]


def find_overlaps(scenario: Scenario) -> list[tuple[Deployment, Deployment, date]]:
    """Return each two deployments that want one unit at once, and the first day they do.

    They do where their shares of a day come to more than the day.
    """
    by_unit: defaultdict[str, list[Deployment]] = defaultdict(list)
    for deployment in scenario.deployments:
        by_unit[deployment.unit].append(deployment)
    return [
        (first, second, day)
        for wanted in by_unit.values()
        for n, second in enumerate(wanted)
        for first in wanted[:n]
        if (day := _first_clash(first, second, scenario.as_of)) is not None
    ]


def _first_clash(one: Deployment, other: Deployment, as_of: date) -> date | None:
    if one.season.daily + other.season.daily <= 1.0 + 1e-9:
        return None
    start = max(one.season.first or as_of, other.season.first or as_of)
    # Months come round within a year.
    days = (start + timedelta(days=n) for n in range(366))
    return next((d for d in days if one.season.holds_on(d) and other.season.holds_on(d)), None)


def _of_each(
    section: str,
    scenario: Scenario,
    rows: dict[str, R],
    faults: Callable[[Scenario, R], Iterator[str]],
) -> list[Finding]:
    return [
        Finding(section, name, sentence)
        for name, row in rows.items()
        for sentence in faults(scenario, row)
    ]


def _grouping_faults(scenario: Scenario, grouping: Grouping) -> Iterator[str]:
    for member in grouping.members:
        if member not in scenario.partners:
            yield f"there is no partner {member}"


def _base_faults(scenario: Scenario, base: Base) -> Iterator[str]:
    try:
        check_nation(base.country)
    except ValueError as error:
        yield str(error)
    for partner in sorted(base.open_to or ()):
        if partner not in scenario.partners:
            yield f"it is open to {partner}, and there is no such partner"


def _class_faults(scenario: Scenario, platform: PlatformClass) -> Iterator[str]:
    del scenario
    slowest, fastest = SLOWEST[platform.domain], FASTEST[platform.domain]
    speeds = {"cruise": platform.cruise, "sprint": platform.sprint, "search": platform.search}
    for name, speed in speeds.items():
        if speed is not None and not slowest <= speed <= fastest:
            yield (
                f"a {name} speed of {speed:g} kt is impossible by {platform.domain}:"
                f" {slowest:g} to {fastest:g} kt"
            )
    if platform.sprint is not None and platform.sprint < platform.cruise:
        yield f"it sprints at {platform.sprint:g} kt, slower than it cruises"
    if platform.domain is Domain.AIR and platform.radius is None:
        yield "an aircraft needs radius_nm: how far it goes and still returns"
    lengths = {"radius_nm": platform.radius, "range_nm": platform.reach}
    for name, length in lengths.items():
        if length is not None and not 0.0 < length <= FARTHEST:
            yield f"{name} {length:g} is not above 0 and up to {FARTHEST:g}"
    if platform.swath is not None and not 0.0 < platform.swath.value <= WIDEST_SWATH:
        yield f"swath_half_nm {platform.swath.value:g} is not above 0 and up to {WIDEST_SWATH:g}"
    if platform.endurance is not None and platform.endurance <= 0.0:
        yield "endurance_h is not above 0"
    if not platform.roles:
        yield "it has no roles"


def _unit_faults(scenario: Scenario, unit: Unit) -> Iterator[str]:
    if unit.partner not in scenario.partners:
        yield f"there is no partner {unit.partner}"
    if unit.availability.value <= 0.0:
        yield "availability 0: it can never go; leave it out, or withdraw it for a time"
    yield from _wrong_home(scenario, unit.platform, unit.home)


def _wrong_home(scenario: Scenario, platform: str, base: str) -> Iterator[str]:
    """Say why units of the class cannot work from the base."""
    if platform not in scenario.classes:
        yield f"there is no class {platform}"
    if base not in scenario.bases:
        yield f"there is no base {base}"
    if platform in scenario.classes and base in scenario.bases:
        domain = scenario.classes[platform].domain
        if domain not in scenario.bases[base].serves:
            kind = "port" if domain is Domain.SEA else "airfield"
            yield f"{platform} needs a base with {_ARTICLES[kind]} {kind}, and {base} has none"


_ARTICLES = {"port": "a", "airfield": "an"}


def _deployment_faults(scenario: Scenario) -> Iterator[Finding]:
    for n, deployment in enumerate(scenario.deployments, 1):
        unit = scenario.units.get(deployment.unit)
        if unit is None:
            yield Finding("deployments", str(n), f"there is no unit {deployment.unit}")
        elif deployment.base is not None:
            for sentence in _wrong_home(scenario, unit.platform, deployment.base):
                yield Finding("deployments", str(n), sentence)
    for first, second, day in find_overlaps(scenario):
        where = f"{_where(first)} and {_where(second)}"
        number = scenario.deployments.index(second) + 1
        yield Finding(
            "deployments", str(number), f"{first.unit} is in two places: {where} on {day}"
        )


def _where(deployment: Deployment) -> str:
    return f"at {deployment.base}" if deployment.base else "out of use"


def _commitment_faults(scenario: Scenario, commitment: Commitment) -> Iterator[str]:
    for n, effect in commitment.clauses:
        for sentence in _effect_faults(scenario, effect):
            yield f"operation {n}: {sentence}"


def _effect_faults(scenario: Scenario, effect: Effect) -> Iterator[str]:
    if isinstance(effect, Promise):
        return
    if effect.partner not in scenario.partners:
        yield f"there is no partner {effect.partner}"
    if isinstance(effect, SetAccess):
        if effect.base not in scenario.bases:
            yield f"there is no base {effect.base}"
        return
    if effect.platform not in scenario.classes:
        yield f"there is no class {effect.platform}"
        return
    if isinstance(effect, Deploy | AddUnits):
        yield from _wrong_home(scenario, effect.platform, effect.base)
    if not isinstance(effect, AddUnits):
        yield from _no_such_units(scenario, effect)
    yield from _never_available(effect)


def _no_such_units(
    scenario: Scenario, effect: Deploy | Withdraw | SetAvailability | SetNotice
) -> Iterator[str]:
    """Say so when the partner has fewer units there than the operation is about."""
    home = effect.source if isinstance(effect, Deploy) else effect.base
    wanted = effect.count if isinstance(effect, Deploy | Withdraw) else 1
    has = sum(
        unit.partner == effect.partner
        and unit.platform == effect.platform
        and home in (None, unit.home)
        for unit in scenario.units.values()
    )
    if has < wanted:
        where = f" at {home}" if home else ""
        yield f"{effect.partner} has {has} of {effect.platform}{where}, and {wanted} are wanted"


def _never_available(effect: Effect) -> Iterator[str]:
    if isinstance(effect, AddUnits | SetAvailability) and effect.availability.value <= 0.0:
        yield "availability 0: such units can never go"
