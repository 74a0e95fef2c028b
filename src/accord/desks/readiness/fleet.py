"""The units of a register at one time: what each nation has, and what is declared of it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.desks.readiness.columns import AVAILABLE, Sheet
from accord.desks.readiness.notice import NOTICES, notice_is_over
from accord.desks.readiness.said import Entry, Record, Records
from accord.desks.readiness.statement import Counted

NEVER = (math.inf,) * 3
"""The notice of what nobody has said a notice of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One unit, or line of alike units, and what is declared of it now; None where nothing is."""

    unit: Record
    count: int
    notice: tuple[float, ...]
    availability: Record | None

    def holds(self, at: datetime) -> bool:
        """Tell whether anything is declared that may still be relied on."""
        return self.availability is not None and not self.availability.is_stale(at)

    def share(self, at: datetime) -> float:
        """Return the share of the time that each is available, 0 where that is not declared."""
        said = self.availability
        if said is None or not self.holds(at) or said.text("state") != AVAILABLE:
            return 0.0
        return said.number("share", 0.0)

    def is_likely_by(self, hours: float) -> bool:
        """Tell whether its likely notice is over by then."""
        return self.notice[1] <= hours

    def entries(self) -> Iterator[Entry]:
        """Yield what was said of its availability."""
        if self.availability is not None:
            yield from self.availability.entries.values()


class Fleet:
    """The units of a register at one time, by nation and capability."""

    def __init__(self, records: Records, at: datetime) -> None:
        self.at = at
        self._classes = records[Sheet.CLASSES]
        self._units: dict[tuple[str, str], list[Record]] = {}
        for unit in records[Sheet.UNITS].values():
            for capability in self._capabilities(unit):
                self._units.setdefault((unit.text("partner"), capability), []).append(unit)
        self._availability: dict[str, list[Record]] = {}
        for each in records[Sheet.AVAILABILITY].values():
            self._availability.setdefault(each.text("unit"), []).append(each)

    def _capabilities(self, unit: Record) -> list[str]:
        of = self._classes.get(unit.text("class"))
        if of is None:  # as it stood before anybody had said what that class is
            return []
        return [f"{role}-{of.text('domain')}" for role in of.words("roles")]

    @property
    def nations(self) -> set[str]:
        """The nations that have units."""
        return {nation for nation, _ in self._units}

    @property
    def capabilities(self) -> set[str]:
        """What any unit can do."""
        return {capability for _, capability in self._units}

    def declared(self, nation: str, capability: str) -> Sequence[Declared]:
        """Return the units of a nation that have a capability, and what is declared of each."""
        return [
            self._with(unit, self._declared(unit, ("", capability)))
            for unit in self._units.get((nation, capability), ())
        ]

    def of_all(self, unit: Record) -> Declared:
        """Return a unit and what is declared of it for everything that it can do."""
        return self._with(unit, self._declared(unit, ("",)))

    def _with(self, unit: Record, availability: Record | None) -> Declared:
        count = int(unit.number("count", 1.0))
        return Declared(
            unit=unit, count=count, notice=self._notice(unit), availability=availability
        )

    def _notice(self, unit: Record) -> tuple[float, ...]:
        of = self._classes.get(unit.text("class"))
        of_class = () if of is None else of.numbers("notice_h")
        return unit.numbers("notice_h") or of_class or NEVER

    def _declared(self, unit: Record, of: tuple[str, ...]) -> Record | None:
        now = [
            each
            for each in self._availability.get(unit.id, ())
            if _is_on(each, self.at) and each.text("capability") in of
        ]
        # Maintenance holds whatever else is declared, then what speaks of this capability alone.
        now.sort(key=lambda e: (e.text("state") == AVAILABLE, e.text("capability") == "", e.id))
        return now[0] if now else None

    def counted(self, nation: str, capability: str) -> Counted:
        """Return what a statement of a capability is made from."""
        units, at = self.declared(nation, capability), self.at
        offered = [each for each in units if each.share(at) > 0.0]
        ends = [
            entry.said.valid_until
            for each in units
            if each.holds(at)
            for entry in each.entries()
            if entry.said.valid_until is not None
        ]
        numbers = [sum(e.count for e in offered if e.is_likely_by(hours)) for hours in NOTICES]
        last = [each for each in offered if each.is_likely_by(NOTICES[-1])]
        return Counted(
            pool=sum(each.count for each in units),
            may_be_told=bool(units) and all(each.unit.is_yes("may_be_told") for each in units),
            numbers=tuple(numbers),
            shares=tuple(each.share(at) for each in last for _ in range(each.count)),
            until=min(ends, default=None),
            is_known=any(each.holds(at) for each in units),
        )


def chances(units: Sequence[Declared], hours: float, at: datetime) -> tuple[float, ...]:
    """Return for each unit the probability that it can be had by then, where there is any."""
    found: list[float] = []
    for each in units:
        chance = each.share(at) * notice_is_over(each.notice, hours)
        found += [chance] * each.count if chance > 0.0 else []
    return tuple(found)


def _is_on(record: Record, at: datetime) -> bool:
    begins, ends = record.moment("from"), record.moment("to")
    return begins is not None and ends is not None and begins <= at < ends
