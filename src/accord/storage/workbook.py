"""Workbooks (XLSX, ECMA-376) as plain tables of text, within limits, and back.

The only part that knows openpyxl, which brings NumPy along where it is there: some 30 MiB that a
node does without until it is given a workbook.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from accord.core.errors import AccordError
from accord.storage.zip_faults import ZIP_FAULTS

MAX_UNPACKED = 64 << 20
"""Bytes of all parts of a workbook, unpacked."""
MAX_PARTS = 200
MAX_SHEETS = 20
MAX_ROWS = 20_000
"""Rows of one sheet, beside its head."""
MAX_COLUMNS = 64

_SHEETS = "xl/worksheets/"
"""Where a package has its sheets (ECMA-376 part 1, annex F.1)."""

Lines = Iterator[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """What is wrong with a workbook, in a sentence, and where: of which sheet, at what place."""

    text: str
    sheet: str = ""
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


class NoWorkbook(AccordError):
    """A file is no workbook that is read; `faults` say what is wrong with it."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def tables(name: str, data: bytes) -> list[tuple[str, list[list[str]]]]:
    """Return the title and the lines of every sheet, cells as text. Raises NoWorkbook."""
    has_formulas = _check_package(name, data)
    try:
        if has_formulas:
            _check_formulas(data)
        return list(_tables(name, data))
    except NoWorkbook:
        raise
    except Exception as error:  # noqa: BLE001  the library raises anything at what it cannot read
        raise refused(f"{name} is no workbook that can be read: {error}") from None


def refused(text: str) -> NoWorkbook:
    """Return that a file is not taken, because of nothing in any one cell."""
    return NoWorkbook([CellFault(text=text)])


def _tables(name: str, data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    if len(book.sheetnames) > MAX_SHEETS:
        count = len(book.sheetnames)
        raise refused(f"{name} has {count} sheets; at most {MAX_SHEETS} are read")
    for title in book.sheetnames:
        yield title, list(_lines(cast("Any", book[title])))


def _check_formulas(data: bytes) -> None:
    """Refuse formulas that were never worked out: their cells would look empty."""
    values = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = load_workbook(io.BytesIO(data), read_only=True)
    faults: list[CellFault] = []
    for title in values.sheetnames:
        rows = zip(_rows(values[title]), _rows(formulas[title]), strict=False)
        for number, (here, there) in enumerate(rows, 1):
            blank = (at for at, value in enumerate(here) if value is None)
            faults += (
                _fault_of_formula(title, number, at + 1) for at in blank if there[at] is not None
            )
    if faults:
        raise NoWorkbook(faults)


def _fault_of_formula(title: str, row: int, column: int) -> CellFault:
    return CellFault(
        sheet=title,
        place=f"sheet {title}, row {row}, cell {get_column_letter(column)}{row}",
        text="a formula that was never worked out: save the file in a spreadsheet, or write what "
        "it comes to",
    )


def _check_package(name: str, data: bytes) -> bool:
    """Refuse what is no workbook, or would take more room unpacked than it may.

    Tells whether a cell of it holds a formula.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            _check_size(name, parts)
            found = [_has_formula(name, each.filename, package.read(each)) for each in parts]
            return any(found)
    except (*ZIP_FAULTS, ValueError) as error:  # of a place before the begin of what is in memory
        raise refused(f"{name} is no workbook: {error}") from None


def _is_sheet(part: str) -> bool:
    return part.startswith(_SHEETS) and part.endswith(".xml")


def _check_size(name: str, parts: Sequence[zipfile.ZipInfo]) -> None:
    sheets = sum(_is_sheet(each.filename) for each in parts)
    if sheets > MAX_SHEETS:
        raise refused(f"{name} has {sheets} sheets; at most {MAX_SHEETS} are read")
    if len(parts) > MAX_PARTS:
        raise refused(f"{name} is made of {len(parts)} parts; at most {MAX_PARTS} are read")
    size = sum(each.file_size for each in parts)
    if size > MAX_UNPACKED:
        raise refused(f"{name} has {size} bytes unpacked; at most {MAX_UNPACKED} are read")


def _has_formula(name: str, part: str, data: bytes) -> bool:
    """Refuse entities, which a small file can grow from without end; a workbook has none."""
    is_utf_8 = b"\x00" not in data[:4] and data[:2] not in (b"\xfe\xff", b"\xff\xfe")
    if part.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in data or not is_utf_8):
        raise refused(f"{name}: {part} declares a document type, or is not UTF-8")
    return _is_sheet(part) and (b"<f>" in data or b"<f " in data)


def _lines(sheet: Any) -> Lines:
    """Yield the lines of a sheet, without the empty cells at their ends; one row over the limit."""
    for line in _rows(sheet):
        texts = [_text_of(each) for each in line]
        while texts and not texts[-1]:
            texts.pop()
        yield texts


def _rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    return sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)


def _text_of(value: object) -> str:
    """Return what people see in a cell, as they would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date() | time():
            return value.isoformat()
        case float():
            return f"{value:.10g}"
        case _:
            return str(value)


def written(of: Mapping[str, Iterable[Sequence[str]]], at: datetime) -> bytes:
    """Return a workbook with those sheets; all cells are text, so that nothing is a formula."""
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = at.replace(tzinfo=None)
    for title, lines in of.items():
        page = cast("WriteOnlyWorksheet", book.create_sheet(title))
        page.freeze_panes = "B2"
        add = cast("Any", page.append)  # pyright: ignore[reportUnknownMemberType]
        for line in lines:
            add([_cell(page, each) for each in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: WriteOnlyWorksheet, text: str) -> Any:
    if not text:
        return None
    cell: Any = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    return cell
