"""The register as the start of a plan: what posture works out answers from.

A unit of which nothing is declared that still holds is left out, and named: it is not known, and
an answer must not count on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accord.desks.readiness.columns import MAINTENANCE, Sheet
from accord.desks.readiness.fleet import Declared, Fleet
from accord.desks.readiness.said import Entry, Record, Records, Said
from accord.posture.cells import of_mixed
from accord.posture.model import (
    Area,
    AreaKind,
    Base,
    Deployment,
    Domain,
    Grade,
    Notice,
    Origin,
    Partner,
    PlatformClass,
    Scenario,
    Season,
    Stated,
    Unit,
)

_SERVES = {
    "port": frozenset({Domain.SEA}),
    "air": frozenset({Domain.AIR}),
    "both": frozenset(Domain),
}
_KINDS = {
    "sar": AreaKind.SAR,
    "eez": AreaKind.ZONE,
    "ops": AreaKind.OPERATION,
    "box": AreaKind.BOX,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A scenario made of the register, and the units that are not in it, since nothing holds."""

    scenario: Scenario
    left_out: tuple[str, ...]


def planned(records: Records, at: datetime, *, name: str) -> Planned:
    """Return the scenario that the register makes at a time. ValueError for what cannot be."""
    fleet = Fleet(records, at)
    lines = {each.unit.id: each for each in map(fleet.of_all, records[Sheet.UNITS].values())}
    there = {id_: each for id_, each in lines.items() if each.share(at) > 0.0}
    units = {unit.id: unit for each in there.values() for unit in _units(each, at)}
    nations = sorted({unit.partner for unit in units.values()})
    scenario = Scenario(
        name=name,
        as_of=at.date(),
        partners={each: _partner(each, there, at) for each in nations},
        groupings={},
        bases={id_: _base(each) for id_, each in records[Sheet.BASES].items()},
        classes={id_: _class(each) for id_, each in records[Sheet.CLASSES].items()},
        units=units,
        deployments=tuple(_deployments(records, there)),
        areas={id_: _area(each) for id_, each in records[Sheet.AREAS].items()},
        commitments={},
    )
    return Planned(scenario=scenario, left_out=tuple(sorted(lines.keys() - there.keys())))


def _origin(entries: Sequence[Entry]) -> Origin:
    """Return the origin of what several values make: who said the least sure of them, the oldest.

    It holds as long as all of them do.
    """
    said = [each.said for each in entries]
    least = max(said, key=lambda each: (each.confidence, each.by))
    ends = [each.valid_until for each in said if each.valid_until is not None]
    return Origin(
        grade=Grade(least.confidence.value),
        who=least.by,
        as_of=min(each.as_of for each in said).date(),
        valid_until=_last(min(ends, default=None)),
    )


_OWN = frozenset({"notice_h", "swath_half_nm"})
"""What has an origin of its own, and so is nothing that the rest rests on."""


def _of(record: Record) -> Origin:
    every = record.entries
    return _origin([each for name, each in every.items() if name not in _OWN] or [*every.values()])


def _stated(record: Record, column: str) -> Stated[float]:
    return Stated(record.number(column, 0.0), _origin([record.entries[column]]))


def _notice(record: Record) -> Stated[Notice] | None:
    numbers = record.numbers("notice_h")
    if not numbers:
        return None
    return Stated(Notice(*numbers), _origin([record.entries["notice_h"]]))


def _partner(nation: str, lines: dict[str, Declared], at: datetime) -> Partner:
    theirs = [each.unit for each in lines.values() if each.unit.text("partner") == nation]
    first = theirs[0].entries["partner"]
    said = Said(by=first.said.by, as_of=at, confidence=first.said.confidence)
    return Partner(id=nation, name=nation, origin=_origin([replace(first, said=said)]))


def _base(record: Record) -> Base:
    return Base(
        id=record.id,
        name=record.text("name"),
        country=record.text("country"),
        serves=_SERVES[record.text("role")],
        lat=record.number("lat", 0.0),
        lon=record.number("lon", 0.0),
        icao=record.text("icao") or None,
        origin=_of(record),
    )


def _class(record: Record) -> PlatformClass:
    notice = _notice(record)
    if notice is None:
        raise ValueError(f"class {record.id} has no notice")
    swath = _stated(record, "swath_half_nm") if record.text("swath_half_nm") else None
    crew = _maybe(record, "crew")
    return PlatformClass(
        id=record.id,
        name=record.text("name"),
        domain=Domain(record.text("domain")),
        cruise=record.number("cruise_kt", 0.0),
        notice=notice,
        roles=frozenset(record.words("roles")),
        origin=_of(record),
        sprint=_maybe(record, "sprint_kt"),
        search=_maybe(record, "search_kt"),
        radius=_maybe(record, "radius_nm"),
        reach=_maybe(record, "range_nm"),
        endurance=_maybe(record, "endurance_h"),
        swath=swath,
        crew=None if crew is None else int(crew),
        lift=_maybe(record, "lift_t"),
    )


def _maybe(record: Record, column: str) -> float | None:
    return record.number(column, 0.0) if record.text(column) else None


def _units(of: Declared, at: datetime) -> Iterator[Unit]:
    origin = _origin(list(of.entries()))
    for id_ in _ids(of.unit.id, of.count):
        yield Unit(
            id=id_,
            partner=of.unit.text("partner"),
            platform=of.unit.text("class"),
            home=of.unit.text("base"),
            availability=Stated(of.share(at), origin),
            origin=_of(of.unit),
            notice=_notice(of.unit),
            note=of.unit.text("note") or of.unit.text("name"),
        )


def _ids(line: str, count: int) -> list[str]:
    return [line] if count == 1 else [f"{line}-{n}" for n in range(1, count + 1)]


def _deployments(records: Records, lines: dict[str, Declared]) -> Iterator[Deployment]:
    """Yield where units are from home; those of an area have no base that a plan could start at."""
    for record in records[Sheet.DEPLOYMENTS].values():
        line = lines.get(record.text("unit"))
        if line is not None and record.text("base"):
            for id_ in _ids(line.unit.id, line.count)[: int(record.number("count", 1.0))]:
                yield _deployment(record, id_, record.text("base"))
    for record in records[Sheet.AVAILABILITY].values():
        line = lines.get(record.text("unit"))
        if line is not None and record.text("state") == MAINTENANCE:
            for id_ in _ids(line.unit.id, line.count):
                yield _deployment(record, id_, None)


def _deployment(record: Record, unit: str, base: str | None) -> Deployment:
    season = Season(
        share=record.number("share", 1.0),
        first=_date(record.moment("from")),
        last=_last(record.moment("to")),
    )
    because = record.text("commitment")
    return Deployment(unit=unit, base=base, season=season, origin=_of(record), because=because)


def _date(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _last(moment: datetime | None) -> date | None:
    """Return the last day before a moment, which is over at midnight."""
    return None if moment is None else (moment - timedelta(microseconds=1)).date()


def _area(record: Record) -> Area:
    return Area(
        id=record.id,
        name=record.text("name"),
        kind=_KINDS[record.text("kind")],
        cells=of_mixed(record.text("cells").split()),
        published_km2=_maybe(record, "published_km2"),
        origin=_of(record),
        note=record.text("note"),
    )
