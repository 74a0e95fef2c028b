"""The register as a workbook (XLSX, ECMA-376) or a sheet of it (CSV, RFC 4180), in and out.

A row says something of one record at once, so who said it stands in the row. An empty cell says
nothing and leaves what stood there; a dash says that nothing stands there any more. What is written
can be read again, each value with who said it: values of one record that were said differently
stand in rows of their own.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from accord.core.rfc3339 import spell
from accord.desks.readiness.columns import (
    COLUMNS,
    MAX_CELLS_TEXT,
    NO_MORE,
    Sheet,
    read_moment,
)
from accord.desks.readiness.rules import Fault, NotTaken, read_row
from accord.desks.readiness.said import BEFORE_ALL, Confidence, Record, Records, Row, Said

MAX_FILE = 8 << 20
"""Bytes of a file that is read."""
MAX_ROWS = 20_000
"""Rows of one sheet, beside its head."""

ABOUT = ("by", "as_of", "valid_until", "confidence")
"""The columns that say who said a row, as of when, until when, and how sure it is."""

_QUOTED = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet takes for the beginning of a formula in CSV (OWASP), and our quote itself."""


def read_file(name: str, data: bytes) -> list[Row]:
    """Return the rows of a file: `.xlsx`, or `.csv` that is called for its sheet. Raises NotTaken.

    The sheet of `units.csv`, and of `units-2026.csv`, is units.
    """
    if len(data) > MAX_FILE:
        raise _refused(f"{name} has {len(data)} bytes; at most {MAX_FILE} are read")
    stem, _, ending = name.rpartition(".")
    if ending.lower() == "xlsx":
        return _workbook(name, data)
    if ending.lower() == "csv":
        return _csv(name, stem, data)
    raise _refused(f"{name} is neither .xlsx nor .csv")


def _refused(text: str) -> NotTaken:
    return NotTaken([Fault(sheet="", text=text)])


def _csv(name: str, stem: str, data: bytes) -> list[Row]:
    sheet = next((each for each in Sheet if stem.lower().startswith(each.value)), None)
    if sheet is None:
        raise _refused(f"{name} is called for no sheet; there are {', '.join(Sheet)}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"{name} is not UTF-8: byte {error.start}") from None
    csv.field_size_limit(MAX_CELLS_TEXT)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise _refused(f"{name} is no CSV: {error}") from None
    return _checked(_rows(sheet, [[_unquoted(each) for each in line] for line in rows]))


def _unquoted(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in _QUOTED else text


def _at(column: int, row: int) -> str:
    """Return the name of a cell: letters count A to Z, AA to AZ and so on, without a zero."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _workbook(name: str, data: bytes) -> list[Row]:
    from accord.storage import workbook  # not before it is needed: see there

    try:
        tables = workbook.tables(name, data)
    except workbook.NoWorkbook as error:
        raise NotTaken(
            [Fault(sheet=each.sheet, place=each.place, text=each.text) for each in error.faults]
        ) from None
    found: list[Row | Fault] = []
    for title, lines in tables:
        sheet = next((each for each in Sheet if each.value == title.strip().lower()), None)
        if sheet is None:
            text = f"there is no such sheet; there are {', '.join(Sheet)}"
            found.append(Fault(sheet=title, text=text))
        else:
            found += _rows(sheet, lines)
    return _checked(found)


def _rows(sheet: Sheet, table: Sequence[Sequence[str]]) -> list[Row | Fault]:
    """Return the rows of a sheet, or what is wrong with its head or with any row."""
    head = [each.strip() for each in table[0]] if table else []
    while head and not head[-1]:
        head.pop()
    fault = _fault_of_head(sheet, head)
    if fault:
        return [Fault(sheet=sheet.value, text=fault, place=f"sheet {sheet.value}, row 1")]
    if len(table) > MAX_ROWS + 1:
        return [Fault(sheet=sheet.value, text=f"there are more than {MAX_ROWS} rows")]
    return [
        _row(sheet, head, number, line)
        for number, line in enumerate(table[1:], 2)
        if any(each.strip() for each in line)
    ]


def _fault_of_head(sheet: Sheet, head: Sequence[str]) -> str:
    known = ("id", *COLUMNS[sheet], *ABOUT)
    unknown = [each for each in head if each not in known]
    if unknown:
        return f"there is no column {unknown[0]!r}; there are {', '.join(known)}"
    twice = [each for each in head if head.count(each) > 1]
    if twice:
        return f"two columns are called {twice[0]}"
    lacking = [each for each in ("id", "by", "as_of") if each not in head]
    return f"there is no column {lacking[0]}, which every row needs" if lacking else ""


def _row(sheet: Sheet, head: Sequence[str], number: int, line: Sequence[str]) -> Row | Fault:
    place = f"sheet {sheet.value}, row {number}"
    beyond = [at for at, each in enumerate(line, 1) if at > len(head) and each.strip()]
    if beyond:
        where = f"{place}, cell {_at(beyond[0], number)}"
        return Fault(sheet=sheet.value, place=where, text="stands under no column")
    texts = {name: each for name, each in zip(head, line, strict=False) if each.strip()}
    cells = {name: _at(at, number) for at, name in enumerate(head, 1)}
    row = Row(
        sheet=sheet,
        id=texts.get("id", "").strip(),
        values={name: text for name, text in texts.items() if name not in ("id", *ABOUT)},
        said=_UNSAID,
        place=place,
        cells=cells,
    )
    try:
        return replace(row, said=said_of(texts))
    except _NotSaid as error:
        where = row.where(error.column)
        return Fault(sheet=sheet.value, id=row.id, place=where, text=str(error))


_UNSAID = Said(by="", as_of=BEFORE_ALL)


class _NotSaid(ValueError):
    """Who said a row, or when, cannot be read from this column."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def said_of(texts: Mapping[str, str]) -> Said:
    """Return who said something, from the columns ABOUT. ValueError says what is wrong."""
    by = texts.get("by", "").strip()
    if not by or len(by) > 200 or not by.isprintable():
        raise _NotSaid("by", "who said it? up to 200 characters that can be printed")
    confidence = texts.get("confidence", "A").strip().upper()
    if confidence not in tuple(Confidence):
        raise _NotSaid("confidence", f"{confidence!r} is none of A (stated), B (general), "
                       "C (invented)")  # fmt: skip
    as_of, until = _moment(texts, "as_of"), _moment(texts, "valid_until")
    if as_of is None:
        raise _NotSaid("as_of", "as_of is missing: from when is this?")
    return Said(by=by, as_of=as_of, valid_until=until, confidence=Confidence(confidence))


def _moment(texts: Mapping[str, str], column: str) -> datetime | None:
    text = texts.get(column, "").strip()
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise _NotSaid(column, str(error)) from None


def _checked(found: Iterable[Row | Fault]) -> list[Row]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for each in found:
        if isinstance(each, Row):
            rows.append(each)
            faults += read_row(each)[1]
        else:
            faults.append(each)
    if faults:
        raise NotTaken(faults)
    return rows


def write_csv(records: Records, sheet: Sheet) -> bytes:
    """Return one sheet as CSV; what a spreadsheet would take for a formula is quoted."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    for line in _lines(records, sheet):
        lines.writerow([f"'{each}" if _could_be_formula(each) else each for each in line])
    return out.getvalue().encode()


def _could_be_formula(text: str) -> bool:
    if not text.startswith(_QUOTED):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def write_workbook(records: Records, at: datetime) -> bytes:
    """Return the register as a workbook."""
    from accord.storage import workbook  # not before it is needed: see there

    return workbook.written({sheet.value: _lines(records, sheet) for sheet in Sheet}, at)


def _lines(records: Records, sheet: Sheet) -> Iterator[list[str]]:
    columns = tuple(COLUMNS[sheet])
    yield ["id", *columns, *ABOUT]
    for record in records[sheet].values():
        yield from _lines_of(record, columns)


def _lines_of(record: Record, columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield a line for all values of a record that were said by one, as of one time."""
    groups: dict[Said, dict[str, str]] = {}
    for name in columns:
        entry = record.entries.get(name)
        if entry is not None:
            groups.setdefault(entry.said, {})[name] = entry.value or NO_MORE
    for said, values in groups.items():
        until = "" if said.valid_until is None else spell(said.valid_until)
        about = [said.by, spell(said.as_of), until, said.confidence.value]
        yield [record.id, *(values.get(name, "") for name in columns), *about]
