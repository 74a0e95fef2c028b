"""What cannot all be so: a unit in two places, in maintenance and at sea, wanted by two at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accord.desks.readiness.columns import MAINTENANCE, Sheet
from accord.desks.readiness.said import AFTER_ALL, BEFORE_ALL, Record, Records


class ClashKind(StrEnum):
    """What sort of clash it is."""

    PLACES = "two places"
    MAINTENANCE = "maintenance"
    COMMITMENTS = "two commitments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Two records that cannot both be so, and when they first cannot."""

    kind: ClashKind
    unit: str
    first: str
    second: str
    begins: datetime
    ends: datetime

    @property
    def text(self) -> str:
        """What clashes, in a sentence."""
        said = {
            ClashKind.PLACES: "is in two places",
            ClashKind.MAINTENANCE: "is in maintenance and deployed",
            ClashKind.COMMITMENTS: "is wanted by two commitments",
        }[self.kind]
        when = f"{self.begins:%Y-%m-%d} to {self.ends:%Y-%m-%d}"
        return f"{self.unit} {said}, {when}: {self.first} and {self.second}"


def clashes(records: Records) -> list[Clash]:
    """Return every clash, by unit and time. A line of n units clashes where more than n are wanted.

    A share of the time counts as that share of a unit.
    """
    found: list[Clash] = []
    deployed = _by_unit(records[Sheet.DEPLOYMENTS])
    held = _by_unit(records[Sheet.AVAILABILITY])
    for unit in records[Sheet.UNITS].values():
        away = [each for each in held.get(unit.id, ()) if each.text("state") == MAINTENANCE]
        found += _of_deployments(unit, deployed.get(unit.id, []))
        found += _of_maintenance(unit, deployed.get(unit.id, []), away)
    return sorted(found, key=lambda each: (each.unit, each.begins, each.first, each.second))


def _by_unit(records: Mapping[str, Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in sorted(records.values(), key=lambda each: (_begins(each), each.id)):
        found.setdefault(record.text("unit"), []).append(record)
    return found


def _begins(record: Record) -> datetime:
    return record.moment("from") or BEFORE_ALL


def _ends(record: Record) -> datetime:
    return record.moment("to") or AFTER_ALL


def _of_deployments(unit: Record, deployed: list[Record]) -> Iterator[Clash]:
    count = unit.number("count", 1.0)
    for place, one in enumerate(deployed):
        for other in deployed[place + 1 :]:
            if _begins(other) >= _ends(one):
                break  # in order of their beginnings, so no later one overlaps either
            kind = _kind(one, other)
            if kind is not None and _most_wanted(deployed, one, other) > count + _ROUNDING:
                yield _clash(kind, unit, one, other)


_ROUNDING = 1e-9
"""Shares of a half and a half are one unit, however they add up."""


def _kind(one: Record, other: Record) -> ClashKind | None:
    if _differ(one, other, "commitment"):
        return ClashKind.COMMITMENTS
    elsewhere = any(one.text(each) != other.text(each) for each in ("base", "area"))
    return ClashKind.PLACES if elsewhere else None


def _differ(one: Record, other: Record, column: str) -> bool:
    said = {one.text(column), other.text(column)}
    return len(said) == 2 and "" not in said


def _most_wanted(deployed: list[Record], one: Record, other: Record) -> float:
    """Return how many units are wanted at most at any moment at which both are deployed."""
    first, last = _begins(other), min(_ends(one), _ends(other))
    moments = {first, *(_begins(each) for each in deployed if first < _begins(each) < last)}
    return max(_wanted_at(deployed, moment) for moment in moments)


def _wanted_at(deployed: list[Record], moment: datetime) -> float:
    return sum(
        each.number("count", 1.0) * each.number("share", 1.0)
        for each in deployed
        if _begins(each) <= moment < _ends(each)
    )


def _of_maintenance(unit: Record, deployed: list[Record], away: list[Record]) -> Iterator[Clash]:
    for held in away:
        for each in deployed:
            if max(_begins(held), _begins(each)) < min(_ends(held), _ends(each)):
                yield _clash(ClashKind.MAINTENANCE, unit, held, each)


def _clash(kind: ClashKind, unit: Record, one: Record, other: Record) -> Clash:
    return Clash(
        kind=kind,
        unit=unit.id,
        first=one.id,
        second=other.id,
        begins=max(_begins(one), _begins(other)),
        ends=min(_ends(one), _ends(other)),
    )
