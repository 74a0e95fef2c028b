"""What must be so between the values of the register; every breach is a sentence about one cell."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.core.errors import AccordError
from accord.desks.readiness.columns import (
    AVAILABLE,
    COLUMNS,
    EXPIRES,
    FASTEST,
    Column,
    Sheet,
    Sort,
    check_id,
)
from accord.desks.readiness.said import Record, Records, Row

MOST_SAID = 50
"""Faults that are told at once; of more, their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, in a sentence, and where: of which record, in which column, at what place."""

    sheet: str
    text: str
    id: str = ""
    column: str = ""
    place: str = ""

    def __str__(self) -> str:
        names = (f"{self.sheet} {self.id}".strip(), self.column)
        where = self.place or ", ".join(each for each in names if each)
        return f"{where}: {self.text}" if where else self.text


class NotTaken(AccordError):
    """Something of what was entered is wrong, so nothing of it was taken. `faults` say where."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        told = [str(each) for each in faults[:MOST_SAID]]
        if len(faults) > MOST_SAID:
            told.append(f"and {len(faults) - MOST_SAID} more")
        super().__init__("nothing was taken: " + ";\n".join(told))


def read_row(row: Row) -> tuple[dict[str, str], list[Fault]]:
    """Return the values of a row as they are kept, and what is wrong with any of them."""
    values: dict[str, str] = {}
    faults: list[Fault] = []

    def wrong(column: str, text: str) -> None:
        place = row.where(column)
        faults.append(
            Fault(sheet=row.sheet.value, id=row.id, column=column, place=place, text=text)
        )

    try:
        check_id(row.id)
    except ValueError as error:
        wrong("id", str(error))
    for name, text in row.values.items():
        column = COLUMNS[row.sheet].get(name)
        if column is None:
            wrong(name, f"there is no column {name}; there are {', '.join(COLUMNS[row.sheet])}")
            continue
        try:
            values[name] = column.read(text)
        except ValueError as error:
            wrong(name, str(error))
    if row.sheet in EXPIRES and row.said.valid_until is None:
        wrong("valid_until", f"{row.sheet.value} need a valid_until: old words must not look new")
    if row.said.valid_until is not None and row.said.valid_until <= row.said.as_of:
        wrong("valid_until", "valid_until is not after as_of")
    return values, faults


def faults_of(records: Records) -> Iterator[Fault]:
    """Yield what is wrong in the register as a whole: missing, unknown, impossible."""
    for sheet, found in records.items():
        for record in found.values():
            for column in COLUMNS[sheet].values():
                text = _fault_of_cell(record, column, records)
                if text:
                    yield Fault(sheet=sheet.value, id=record.id, column=column.name, text=text)
            yield from _RULES.get(sheet, _nothing_more)(record)


def _fault_of_cell(record: Record, column: Column, records: Records) -> str:
    text = record.text(column.name)
    if not text:
        return "is missing" if column.is_required else ""
    if column.sort is Sort.REFERENCE and column.refers is not None:
        known = records[column.refers]
        return "" if text in known else f"{text} is none of the {column.refers.value}"
    return ""


def _fault(record: Record, column: str, text: str) -> Fault:
    return Fault(sheet=record.sheet.value, id=record.id, column=column, text=text)


def _nothing_more(_record: Record) -> Iterator[Fault]:
    return iter(())


def _class(record: Record) -> Iterator[Fault]:
    fastest = FASTEST.get(record.text("domain"))
    if fastest is None:
        return
    for column in ("cruise_kt", "sprint_kt", "search_kt"):
        speed = record.number(column, 0.0)
        if speed > fastest:
            what = f"{record.text('domain')} class"
            yield _fault(record, column, f"{speed:g} kt is impossible: no {what} does more than "
                         f"{fastest:g}")  # fmt: skip
    sprint, cruise = record.number("sprint_kt", 0.0), record.number("cruise_kt", 0.0)
    if 0 < sprint < cruise:
        yield _fault(record, "sprint_kt", f"sprints at {sprint:g} kt, slower than it cruises")


def _span(record: Record) -> Iterator[Fault]:
    begins, ends = record.moment("from"), record.moment("to")
    if begins is not None and ends is not None and ends <= begins:
        yield _fault(record, "to", "ends before it begins")


def _availability(record: Record) -> Iterator[Fault]:
    yield from _span(record)
    says_share = bool(record.text("share"))
    if record.text("state") == AVAILABLE and not says_share:
        yield _fault(record, "share", "of how much of the time is it available, above 0 up to 1?")
    if record.text("state") != AVAILABLE and says_share:
        yield _fault(record, "share", "what is in maintenance is available no share of the time")


def _deployment(record: Record) -> Iterator[Fault]:
    yield from _span(record)
    if bool(record.text("base")) is bool(record.text("area")):
        yield _fault(record, "base", "give a base or an area, one of them")


def _levels(record: Record) -> Iterator[Fault]:
    named = [bool(record.text(f"override_{each}")) for each in ("to", "by", "reason")]
    if any(named) and not all(named):
        yield _fault(record, "override_reason", "to move a level needs to, by and reason")


_RULES = {
    Sheet.CLASSES: _class,
    Sheet.AVAILABILITY: _availability,
    Sheet.DEPLOYMENTS: _deployment,
    Sheet.LEVELS: _levels,
}
