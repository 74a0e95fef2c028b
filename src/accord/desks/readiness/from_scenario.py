"""A scenario as rows of the register: what both hold, and in sentences what the register does not.

Rows go into a plan: what a scenario says is not what is so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accord.desks.readiness.columns import AVAILABLE, MAINTENANCE, Sheet
from accord.desks.readiness.said import Confidence, Row, Said
from accord.posture.cells import compacted
from accord.posture.model import (
    Area,
    AreaKind,
    Base,
    Deployment,
    Domain,
    Notice,
    Origin,
    PlatformClass,
    Scenario,
    Season,
    Stated,
    Unit,
)

YEAR = timedelta(days=365)
"""For so long after the baseline a scenario holds: the register wants to know an end."""

_ROLES = {
    frozenset({Domain.SEA}): "port",
    frozenset({Domain.AIR}): "air",
    frozenset(Domain): "both",
}
_KINDS = {
    AreaKind.SAR: "sar",
    AreaKind.ZONE: "eez",
    AreaKind.OPERATION: "ops",
    AreaKind.BOX: "box",
}

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Rows for the register, and a sentence for each sort of thing that it has no place for."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]


def brought(scenario: Scenario) -> Brought:
    """Return a scenario as rows of the register."""
    return Brought(rows=tuple(_rows(scenario)), left_out=tuple(_left_out(scenario)))


def _rows(scenario: Scenario) -> Iterator[Row]:
    for base in scenario.bases.values():
        yield _row(Sheet.BASES, base.id, base.origin, _base(base))
    for platform in scenario.classes.values():
        yield from _class(platform)
    for area in scenario.areas.values():
        if area.cells:
            yield _row(Sheet.AREAS, area.id, area.origin, _area(area))
    for unit in scenario.units.values():
        yield from _unit(unit, scenario.as_of)
    for number, each in enumerate(scenario.deployments, 1):
        yield from _deployment(number, each, scenario.as_of)


def _row(sheet: Sheet, id_: str, origin: Origin, values: Values, end: date | None = None) -> Row:
    return Row(
        sheet=sheet,
        id=id_,
        values={name: text for name, text in values.items() if text},
        said=_said(origin, end),
        place=f"{sheet.value} {id_}",
    )


def _said(origin: Origin, end: date | None) -> Said:
    last = origin.valid_until or end
    return Said(
        by=origin.who,
        as_of=_moment(origin.as_of),
        # A day counts to its end, and a moment up to itself.
        valid_until=None if last is None else _moment(last + timedelta(days=1)),
        confidence=Confidence(origin.grade.value),
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(day: date) -> str:
    return day.isoformat()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _notice(notice: Notice) -> str:
    return "/".join(map(_number, (notice.least, notice.likely, notice.most)))


def _base(base: Base) -> Values:
    return {
        "name": base.name,
        "country": base.country,
        "role": _ROLES[base.serves],
        "lat": _number(base.lat),
        "lon": _number(base.lon),
        "icao": base.icao or "",
    }


def _class(platform: PlatformClass) -> Iterator[Row]:
    """Yield a row for all that one said, and one for each value that stands otherwise."""
    own = platform.origin
    notice, swath = _notice(platform.notice.value), platform.swath
    others: list[tuple[Origin, Values]] = [(platform.notice.origin, {"notice_h": notice})]
    if swath is not None:
        others.append((swath.origin, {"swath_half_nm": _number(swath.value)}))
    values = {
        "name": platform.name,
        "domain": platform.domain.value,
        "cruise_kt": _number(platform.cruise),
        "sprint_kt": _number(platform.sprint),
        "search_kt": _number(platform.search),
        "range_nm": _number(platform.reach),
        "radius_nm": _number(platform.radius),
        "endurance_h": _number(platform.endurance),
        "roles": ", ".join(sorted(platform.roles)),
        "crew": _number(platform.crew),
        "lift_t": _number(platform.lift),
    }
    yield _row(Sheet.CLASSES, platform.id, own, values)
    for origin, each in others:
        yield _row(Sheet.CLASSES, platform.id, origin, each)


def _area(area: Area) -> Values:
    return {
        "name": area.name,
        "kind": _KINDS[area.kind],
        "published_km2": _number(area.published_km2),
        "cells": " ".join(compacted(area.cells)),
        "note": area.note,
    }


def _unit(unit: Unit, as_of: date) -> Iterator[Row]:
    values = {
        "partner": unit.partner, "class": unit.platform, "base": unit.home, "note": unit.note,
    }  # fmt: skip
    yield _row(Sheet.UNITS, unit.id, unit.origin, values)
    if unit.notice is not None:
        yield _notice_of(unit, unit.notice)
    stated = unit.availability
    values = {
        "unit": unit.id, "from": _day(as_of), "to": _day(as_of + YEAR + timedelta(days=1)),
        "state": AVAILABLE, "share": _number(stated.value),
    }  # fmt: skip
    yield _row(Sheet.AVAILABILITY, unit.id, stated.origin, values, as_of + YEAR)


def _notice_of(unit: Unit, stated: Stated[Notice]) -> Row:
    return _row(Sheet.UNITS, unit.id, stated.origin, {"notice_h": _notice(stated.value)})


def _deployment(number: int, of: Deployment, as_of: date) -> Iterator[Row]:
    share = "" if of.season.daily >= 1.0 else _number(of.season.daily)
    if of.base is None and share:
        return  # told of in _left_out
    for count, (first, after) in enumerate(_spans(of.season, as_of), 1):
        values = {"unit": of.unit, "from": _day(first), "to": _day(after)}
        name = f"deployment-{number}-{count}"
        if of.base is None:
            values |= {"state": MAINTENANCE}
            yield _row(Sheet.AVAILABILITY, name, of.origin, values, as_of + YEAR)
        else:
            values |= {"base": of.base, "share": share}
            yield _row(Sheet.DEPLOYMENTS, name, of.origin, values)


def _spans(season: Season, as_of: date) -> Iterator[tuple[date, date]]:
    """Yield the days of the year that a season holds on, as runs: the first, and that after."""
    begun: date | None = None
    end = as_of + YEAR + timedelta(days=1)
    day = as_of + timedelta(days=1)
    while day <= end:
        holds = day < end and season.holds_on(day)
        if holds and begun is None:
            begun = day
        if not holds and begun is not None:
            yield begun, day
            begun = None
        day += timedelta(days=1)


def _left_out(scenario: Scenario) -> Iterator[str]:
    """Yield what the register has no place for, and what it was given an end that nobody said."""
    yield (
        f"availability and deployments were given an end, {scenario.as_of + YEAR}: the scenario "
        "says of the year after its baseline, and the register wants to know until when"
    )
    sorts = {
        "names of partners": [each.id for each in scenario.partners.values()],
        "groups": list(scenario.groupings),
        "places by name": [each.name for each in scenario.places],
        "commitments (take them in as statements)": list(scenario.commitments),
        "areas without cells": [e.id for e in scenario.areas.values() if not e.cells],
        "who may use a base": [e.id for e in scenario.bases.values() if e.open_to is not None],
        "units out of use for a share of their days": [
            e.unit for e in scenario.deployments if e.base is None and e.season.daily < 1.0
        ],
    }
    for sort, names in sorts.items():
        if names:
            yield f"{sort}: {', '.join(names)}"
