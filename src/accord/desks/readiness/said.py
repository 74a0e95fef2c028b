"""One value of the register, with who said it, as of when, until when, and how sure that is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.desks.readiness.columns import WITHDRAWN, Sheet


class Confidence(StrEnum):
    """How far a value can be relied on; shown wherever the value is."""

    STATED = "A"
    """An official source states it."""
    GENERAL = "B"
    """Generally known, not checked against a source."""
    INVENTED = "C"
    """Invented for an exercise or a plan; says nothing of the world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who said a value, when it was so, until when it may be relied on, and how sure it is.

    `valid_until` is None where it holds until something else is said.
    """

    by: str
    as_of: datetime
    valid_until: datetime | None = None
    confidence: Confidence = Confidence.STATED

    def is_stale(self, at: datetime) -> bool:
        """Tell whether it may no longer be relied on."""
        return self.valid_until is not None and at >= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What somebody says of one record at once.

    `place` is where he wrote it, such as `sheet units, row 5`; `cells` the cell of each column.
    """

    sheet: Sheet
    id: str
    values: Mapping[str, str]
    said: Said
    place: str = ""
    cells: Mapping[str, str] = field(default_factory=dict[str, str])

    def where(self, column: str) -> str:
        """Return where a column of it was written, empty where it came in no sheet."""
        cell = self.cells.get(column, "")
        parts = (self.place, f"cell {cell}" if cell else "", column)
        return ", ".join(each for each in parts if each) if self.place else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value as it is kept. `entered` is when this node got it, and `person` by whose hand."""

    sheet: Sheet
    id: str
    column: str
    value: str
    said: Said
    entered: datetime
    person: str
    context: Context = LIVE
    number: int = 0
    """Its place in the history, 0 until it is kept there."""


def entries_of(row: Row, *, entered: datetime, person: str, context: Context) -> list[Entry]:
    """Return the entries that a row makes, one for each value."""
    return [
        Entry(
            sheet=row.sheet, id=row.id, column=column, value=value, said=row.said,
            entered=entered, person=person, context=context,
        )
        for column, value in row.values.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One base, class, unit and so on, as it stood at one time: the entry that holds per column."""

    sheet: Sheet
    id: str
    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry])

    def text(self, column: str, default: str = "") -> str:
        """Return a value as it is kept, or the default where nobody said any."""
        found = self.entries.get(column)
        return default if found is None else found.value

    def number(self, column: str, default: float) -> float:
        """Return a number."""
        found = self.text(column)
        return float(found) if found else default

    def numbers(self, column: str) -> tuple[float, ...]:
        """Return numbers that are written with slashes, such as 1/2/6; none where none are said."""
        found = self.text(column)
        return tuple(float(each) for each in found.split("/")) if found else ()

    def words(self, column: str) -> tuple[str, ...]:
        """Return a list of words."""
        found = self.text(column)
        return tuple(found.split(", ")) if found else ()

    def moment(self, column: str) -> datetime | None:
        """Return a time."""
        found = self.text(column)
        return datetime.fromisoformat(found) if found else None

    def is_yes(self, column: str) -> bool:
        """Tell whether it is said to be so."""
        return self.text(column) == "yes"

    @property
    def oldest(self) -> datetime:
        """When the oldest of its values was so."""
        return min(each.said.as_of for each in self.entries.values())

    def is_stale(self, at: datetime) -> bool:
        """Tell whether any of its values may no longer be relied on."""
        return any(each.said.is_stale(at) for each in self.entries.values())


BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
AFTER_ALL = datetime(9999, 12, 31, tzinfo=UTC)

Records = Mapping[Sheet, Mapping[str, Record]]


def as_it_stood(
    entries: list[Entry], *, at: datetime = AFTER_ALL, known: datetime = AFTER_ALL
) -> Records:
    """Return every record as it was at a time, as far as this node had been told by `known`.

    Of one value what was so last holds; of what was so at one time, what was entered last. The
    order in which entries are given does not matter. What was withdrawn is not there.
    """
    found: dict[Sheet, dict[str, dict[str, Entry]]] = {sheet: {} for sheet in Sheet}
    for entry in entries:
        if entry.said.as_of <= at and entry.entered <= known:
            columns = found[entry.sheet].setdefault(entry.id, {})
            before = columns.get(entry.column)
            if before is None or _order(before) < _order(entry):
                columns[entry.column] = entry
    return {
        sheet: {
            id_: Record(sheet=sheet, id=id_, entries=columns)
            for id_, columns in sorted(records.items())
            if not _is_withdrawn(columns)
        }
        for sheet, records in found.items()
    }


def _order(entry: Entry) -> tuple[datetime, datetime, float]:
    return entry.said.as_of, entry.entered, entry.number or math.inf  # what is new comes last


def _is_withdrawn(columns: Mapping[str, Entry]) -> bool:
    return WITHDRAWN in columns and columns[WITHDRAWN].value == "yes"
