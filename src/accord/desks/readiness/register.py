"""The register: takes what is right whole or not at all, and shows how it stood on any day."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from accord.core.context import LIVE, Context
from accord.desks.readiness.columns import Sheet
from accord.desks.readiness.rules import Fault, NotTaken, faults_of, read_row
from accord.desks.readiness.said import (
    AFTER_ALL,
    Entry,
    Record,
    Records,
    Row,
    as_it_stood,
    entries_of,
)
from accord.desks.readiness.schemes import BadScheme, Override, Rating, Scheme, composite, rate
from accord.desks.readiness.statement import Heard, newest
from accord.desks.readiness.store import Last, ReadinessStore

MOST_ROWS = 20_000
"""Rows that are taken at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The level of all units of a nation that stand by one scheme; of `stale` ones nothing holds.

    None where nothing holds of any.
    """

    partner: str
    scheme: str
    level: str | None
    units: int
    stale: int


class Register:
    """The register of one node. `schemes` are those that levels may be in."""

    def __init__(self, path: Path, schemes: Mapping[str, Scheme]) -> None:
        self.store = ReadinessStore(path)
        self._schemes = schemes

    def take(
        self, rows: Sequence[Row], *, person: str, now: datetime, context: Context = LIVE
    ) -> Sequence[Entry]:
        """Take rows into the register, all or none; return what was new. Raises NotTaken.

        What was the last word already, by the same and as of the same time, is not taken again.
        """
        if len(rows) > MOST_ROWS:
            fault = Fault(sheet="", text=f"{len(rows)} rows at once; at most {MOST_ROWS}")
            raise NotTaken([fault])
        entries = _entries(rows, person=person, now=now, context=context)

        def make(before: list[Entry], last: Last) -> list[Entry]:
            new = _new(entries, last)
            self._check(as_it_stood(before), as_it_stood([*before, *new]), rows)
            return new

        return self.store.add(context, make)

    def _check(self, before: Records, after: Records, rows: Sequence[Row]) -> None:
        """Raise NotTaken for what is wrong now; what was wrong before is not these rows' doing."""
        known = set(self._faults(before))
        found = [each for each in self._faults(after) if each not in known]
        if found:
            written = {(row.sheet.value, row.id): row for row in rows}
            raise NotTaken([_placed(each, written) for each in found])

    def _faults(self, records: Records) -> list[Fault]:
        found = list(faults_of(records))
        for record in records[Sheet.LEVELS].values():
            try:
                self.rating(record)
            except BadScheme as error:
                found.append(Fault(sheet="levels", id=record.id, column="inputs", text=str(error)))
        return found

    def rating(self, record: Record) -> Rating:
        """Return how a unit stands by its nation's scheme. Raises BadScheme."""
        scheme = self._schemes.get(record.text("scheme"))
        if scheme is None:
            there = ", ".join(sorted(self._schemes))
            raise BadScheme(f"there is no scheme {record.text('scheme')!r}; there are {there}")
        to = record.text("override_to")
        override = None
        if to:
            by, reason = record.text("override_by"), record.text("override_reason")
            override = Override(to=to, by=by, reason=reason)
        return rate(scheme, record.text("inputs"), override)

    def together(self, records: Records, at: datetime) -> list[Together]:
        """Return the composite of each nation by each scheme that has one; never of two nations."""
        found: dict[tuple[str, str], list[Record]] = {}
        for record in records[Sheet.LEVELS].values():
            unit = records[Sheet.UNITS].get(record.text("unit"))
            scheme = self._schemes.get(record.text("scheme"))
            if unit is not None and scheme is not None and scheme.composite:
                found.setdefault((unit.text("partner"), scheme.id), []).append(record)
        return [
            self._together(partner, self._schemes[scheme], its, at)
            for (partner, scheme), its in sorted(found.items())
        ]

    def _together(
        self, partner: str, scheme: Scheme, records: Sequence[Record], at: datetime
    ) -> Together:
        fresh = [each for each in records if not each.is_stale(at)]
        levels: list[str] = []
        for each in fresh:
            with suppress(BadScheme):  # as it stood before all of it had been said
                levels.append(self.rating(each).reported)
        return Together(
            partner=partner,
            scheme=scheme.id,
            level=composite(scheme, levels),
            units=len(levels),
            stale=len(records) - len(fresh),
        )

    def records(
        self, context: Context = LIVE, *, at: datetime = AFTER_ALL, known: datetime = AFTER_ALL
    ) -> Records:
        """Return the register as it stood at a time, as far as it was known by another."""
        return as_it_stood(self.store.standing(context, at=at, known=known))

    def history(self, sheet: Sheet, id_: str, context: Context = LIVE) -> list[Entry]:
        """Return all that was ever said of one record, the newest first."""
        return self.store.history(context, sheet, id_)

    def heard(self, context: Context = LIVE, *, known: datetime = AFTER_ALL) -> list[Heard]:
        """Return the last word of each nation on each capability."""
        return newest(self.store.statements(context), known=known)


def _entries(rows: Sequence[Row], *, person: str, now: datetime, context: Context) -> list[Entry]:
    found: list[Entry] = []
    faults: list[Fault] = []
    told: dict[tuple[Sheet, str, str, datetime], str] = {}
    for row in rows:
        values, wrong = read_row(row)
        faults += wrong
        said = replace(row, values=values)
        for entry in entries_of(said, entered=now, person=person, context=context):
            key = entry.sheet, entry.id, entry.column, entry.said.as_of
            other = told.setdefault(key, entry.value)
            if other != entry.value:
                faults.append(_twice(row, entry, other))
            found.append(entry)
    if faults:
        raise NotTaken(faults)
    return found


def _twice(row: Row, entry: Entry, other: str) -> Fault:
    return Fault(
        sheet=entry.sheet.value,
        id=entry.id,
        column=entry.column,
        place=row.where(entry.column),
        text=f"{entry.id} is here twice as of one time: {other!r} and {entry.value!r}",
    )


def _new(entries: Sequence[Entry], last: Last) -> list[Entry]:
    told: dict[tuple[Sheet, str, str, datetime], Entry] = {}
    found: list[Entry] = []
    for entry in entries:
        key = entry.sheet, entry.id, entry.column, entry.said.as_of
        before = told.get(key) or last(entry)
        if before is None or (before.value, before.said) != (entry.value, entry.said):
            found.append(entry)
            told[key] = entry
    return found


def _placed(fault: Fault, written: Mapping[tuple[str, str], Row]) -> Fault:
    row = written.get((fault.sheet, fault.id))
    return fault if row is None else replace(fault, place=row.where(fault.column))
