"""The register and the board as lines of text: what is stale, invented or not known says so."""

from collections.abc import Sequence
from datetime import datetime

from accord.core.quantity import about_duration
from accord.core.rfc3339 import spell
from accord.desks.readiness.board import Cell, Rows
from accord.desks.readiness.columns import COLUMNS, Sheet
from accord.desks.readiness.register import Register, Together
from accord.desks.readiness.said import Confidence, Entry, Record, Records
from accord.desks.readiness.schemes import BadScheme
from accord.desks.readiness.statement import Standing

_LONGEST = 48
"""Letters of one cell of a table."""

_HEADS = {1: "NOW", 24: "24 H", 72: "72 H", 240: "10 D"}

_SURE = {
    Confidence.STATED: "",
    Confidence.GENERAL: "unchecked",
    Confidence.INVENTED: "INVENTED",
}


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    cut = [[cell[:_LONGEST] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cut
    ]


def _age(at: datetime, then: datetime) -> str:
    return f"{about_duration(at - then)} old" if at > then else "new"


def history(entries: Sequence[Entry], at: datetime) -> list[str]:
    """Return all that was ever said of a record."""
    if not entries:
        return ["nobody has said anything of that"]
    head = ("AS OF", "COLUMN", "VALUE", "BY", "UNTIL", "SURE", "ENTERED", "BY HAND OF")
    return _table([head, *(_said(each, at) for each in entries)])


def _said(entry: Entry, at: datetime) -> tuple[str, ...]:
    said = entry.said
    until = "" if said.valid_until is None else spell(said.valid_until)
    return (
        spell(said.as_of),
        entry.column,
        entry.value,
        said.by,
        f"{until} STALE" if said.is_stale(at) else until,
        _SURE[said.confidence],
        spell(entry.entered),
        entry.person,
    )


def records(found: Records, register: Register, at: datetime) -> list[str]:
    """Return every record, its values and how old the oldest of them is."""
    lines = [f"as of {spell(at)}"]
    for sheet in Sheet:
        for record in found[sheet].values():
            lines.append(f"{sheet.value} {record.id}: {_values(record)}{_about(record, at)}")
            if sheet is Sheet.LEVELS:
                lines.append(f"  {_rating(record, register)}")
    lines += [_together(each) for each in register.together(found, at)]
    return lines if len(lines) > 1 else [*lines, "the register is empty"]


def _together(of: Together) -> str:
    stale = f", {of.stale} STALE and not counted" if of.stale else ""
    return (
        f"{of.partner} together by {of.scheme}: {of.level or 'not known'}, the mean of "
        f"{of.units} units{stale}"
    )


def _values(record: Record) -> str:
    names = (name for name in COLUMNS[record.sheet] if name in record.entries)
    return ", ".join(f"{name} {record.text(name)[:_LONGEST]}" for name in names)


def _about(record: Record, at: datetime) -> str:
    sure = max(each.said.confidence for each in record.entries.values())
    marks = ["STALE" if record.is_stale(at) else "", _SURE[sure], _age(at, record.oldest)]
    return f" [{', '.join(mark for mark in marks if mark)}]"


def _rating(record: Record, register: Register) -> str:
    try:
        rating = register.rating(record)
    except BadScheme as error:
        return str(error)
    levels = ", ".join(f"{name} {level}" for name, level in rating.pillars.items())
    moved = rating.override
    why = "" if moved is None else f", moved from {rating.computed} by {moved.by}: {moved.reason}"
    sure = "" if rating.scheme.confidence == "A" else f" ({rating.scheme.source})"
    return f"{rating.scheme.name}: {rating.reported}, worst of {levels}{why}{sure}"


def board(rows: Rows, at: datetime) -> list[str]:
    """Return the board: a line per capability, and under it who is not in its numbers, and why."""
    if not rows:
        return ["nobody has said what can be had"]
    head = ("CAPABILITY", *_HEADS.values(), "OLDEST INPUT")
    lines: list[Sequence[str]] = [head]
    for capability, cells in rows.items():
        oldest = min((c.oldest for c in cells if c.oldest is not None), default=None)
        age = "" if oldest is None else _age(at, oldest)
        lines.append((capability, *(_cell(each) for each in cells), age))
    return [
        *_table(lines),
        *(f"{capability}: {each}" for capability, cells in rows.items() for each in _blanks(cells)),
        "A number counts units that are declared and whose likely notice is over by then, however",
        "available they are; P is the probability of at least one, two and so on, by availability",
        "and notice.",
    ]


def _cell(cell: Cell) -> str:
    if not cell.number and not cell.at_least:
        return "-"
    chances = " ".join(f"{chance:.2f}" for chance in cell.at_least)
    return f"{cell.number}, P {chances}"


def _blanks(cells: Sequence[Cell]) -> list[str]:
    last = cells[-1]
    told = [
        f"{standing.value}: {', '.join(last.partners(standing))}"
        for standing in (Standing.OFFERED, Standing.NOT_RELEASED, Standing.NO_REPORT)
        if last.partners(standing)
    ]
    stale = [each.partner for each in last.offers if each.is_stale]
    invented = [e.partner for e in last.offers if e.confidence is Confidence.INVENTED and e.by]
    told += [f"STALE, not counted: {', '.join(stale)}"] if stale else []
    return told + ([f"INVENTED: {', '.join(invented)}"] if invented else [])
