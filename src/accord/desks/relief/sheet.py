"""Needs, offers, activities and movements as CSV (RFC 4180) or a workbook (XLSX), in and out.

What goes out has a row of words, a row of HXL hashtags and then a row for each record. What comes
in may have either row, or both, and columns in any order; it is taken whole or not at all, and
every row that is not right is said with its row, its column and the reason.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.desks.relief import reading
from accord.desks.relief.fields import SORTS, Sort, lacking, read_fields
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.incidents import Row
from accord.desks.relief.line import NotTaken
from accord.desks.relief.names import WITHHELD, Names, names_of

SHEETS = ("activity", "need", "offer", "movement")
"""What goes out and comes in so; activities are the 4W."""

MAX_FILE = 4 << 20
"""Bytes of a file that is read."""
MAX_ROWS = 2_000
"""Rows of records of one file."""
MAX_COLUMNS = 200
MOST_FAULTS = 200
"""Faults that are said of one file."""

HEADS = 2
"""Rows that stand over the records: words, and hashtags."""

PACKAGE = b"PK\x03\x04"
"""How a workbook begins, which is a ZIP package (ECMA-376 part 2)."""

TAGGED_WITHIN = 25
"""The row of hashtags is among so many first rows (HXL 1.1, "Placement of hashtags")."""

ID_TAG = "#meta+id"
_ENDS = ("+lat", "+lon")
_QUOTED = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet takes for the beginning of a formula (OWASP), and our quote itself."""
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)
_TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong: in which row and column of the file, empty where with the file as a whole."""

    text: str
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        where = f"row {self.row}, " if self.row else ""
        return f"{where}{f'column {self.column}: ' if self.column else ''}{self.text}"


class SheetRefused(NotTaken):
    """A file was not taken; `faults` are all that is wrong with it, as far as they are said."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        more = len(faults) - len(self.faults)
        said = [*map(str, self.faults), *([f"and {more} more"] if more else [])]
        super().__init__("\n".join(("nothing was taken:", *said)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a file says: rows that are new or say something of a record that stands.

    `same` is how many say what stands already, `ignored` the columns that nothing was read of.
    """

    rows: tuple[Row, ...]
    same: int
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of a file: the field that it is, and which half where it is half a position."""

    name: str
    half: str = ""

    @property
    def head(self) -> str:
        """The word over it."""
        words = {"+lat": "latitude", "+lon": "longitude"}
        stem = self.name.removesuffix("position").strip("_")
        return " ".join(filter(None, (stem, words[self.half]))) if self.half else self.name


def tags_of(sort: Sort) -> dict[_Column, str]:
    """Return the hashtag of every column that goes out of a sort, in order."""
    found = {_Column(name="id"): ID_TAG}
    for name, field in sort.fields.items():
        if field.tag and field.read is reading.position:
            found |= {_Column(name=name, half=end): _half(field.tag, end) for end in _ENDS}
        elif field.tag:
            found[_Column(name=name)] = field.tag
    return found


def _half(tag: str, end: str) -> str:
    hashtag, plus, rest = tag.partition("+")
    return f"{hashtag}{end}{plus}{rest}"


def write(incident: Incident, key: str, *, with_names: bool = False) -> bytes:
    """Return the records of a sort as CSV; names of persons only where that is said."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    for number, line in enumerate(_lines(incident, key, with_names=with_names)):
        lines.writerow(line if number < HEADS else map(_quoted, line))
    return out.getvalue().encode()


def write_workbook(incident: Incident, at: datetime, *, with_names: bool = False) -> bytes:
    """Return all sheets in one workbook, each called for its sort; names as in `write`."""
    from accord.storage import workbook  # not before it is needed: see there

    return workbook.written(
        {key: _lines(incident, key, with_names=with_names) for key in SHEETS}, at
    )


def _lines(incident: Incident, key: str, *, with_names: bool) -> Iterator[list[str]]:
    """Yield the row of words, the row of hashtags, and a row for each record."""
    sort, names = SORTS[key], Names(()) if with_names else names_of(incident)
    columns = {
        each: tag
        for each, tag in tags_of(sort).items()
        if each.name == "id" or with_names or not sort.fields[each.name].is_personal
    }
    yield [each.head.replace("_", " ") for each in columns]
    yield list(columns.values())
    for record in incident.of(key):
        yield [names.without(_cell(record, each)) for each in columns]


def _cell(record: Record, column: _Column) -> str:
    text = record.id if column.name == "id" else record.text(column.name)
    if column.half and text:
        lat, lon = text.split(",")
        return lat if column.half == "+lat" else lon
    return text


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_QUOTED) and not _NUMBER.fullmatch(text) else text


def read(incident: Incident, key: str, data: bytes) -> Taken:
    """Return what a file, CSV or a workbook, says of records of a sort. Raises SheetRefused."""
    table = _of_workbook(key, data) if data.startswith(PACKAGE) else _table(data)
    sort, (first, columns, ignored) = SORTS[key], _head(SORTS[key], table)
    lines = [(n, line) for n, line in enumerate(table[first:], first + 1) if any(line)]
    if len(lines) > MAX_ROWS:
        raise SheetRefused([Fault(text=f"{len(lines)} rows; at most {MAX_ROWS} are read")])
    rows: list[Row] = []
    faults: list[Fault] = []
    same, ids, standing = 0, dict[str, int](), _Standing(incident, key)
    for number, line in lines:
        try:
            row = _row(incident, sort, _texts(columns, line), number)
            _check_once(row.id, number, ids)
        except NotTaken as error:
            faults.append(_fault(error, number, columns, table[first - 1]))
            continue
        if standing.has(row):
            same += 1
        else:
            rows.append(row)
    if faults:
        raise SheetRefused(faults)
    return Taken(rows=tuple(rows), same=same, ignored=ignored)


class _Standing:
    """The records of a sort as they stand; every sheet has the field `what`."""

    def __init__(self, incident: Incident, key: str) -> None:
        self._by_id = {each.id: dict(each.texts) for each in incident.of(key)}
        self._by_what: dict[str, list[dict[str, str]]] = {}
        for texts in self._by_id.values():
            self._by_what.setdefault(texts.get("what", ""), []).append(texts)

    def has(self, row: Row) -> bool:
        """Tell whether a row says nothing that does not stand already."""
        alike = [self._by_id[row.id]] if row.id else self._by_what.get(row.fields["what"], [])
        return any(row.fields.items() <= texts.items() for texts in alike)


def _check_once(name: str, number: int, ids: dict[str, int]) -> None:
    if name and ids.setdefault(name, number) != number:
        raise NotTaken(f"{name} stands in row {ids[name]} already", "id")


def _of_workbook(key: str, data: bytes) -> list[list[str]]:
    """Return the sheet of a workbook that is called for a sort, or its only one."""
    from accord.storage import workbook  # not before it is needed: see there

    if len(data) > MAX_FILE:
        raise SheetRefused([Fault(text=f"{len(data)} bytes; at most {MAX_FILE} are read")])
    try:
        tables = workbook.tables("the file", data)
    except workbook.NoWorkbook as error:
        raise SheetRefused([Fault(text=str(each)) for each in error.faults]) from None
    named = [lines for title, lines in tables if title.strip().casefold() == key]
    found = named or [lines for _, lines in tables[:1] if len(tables) == 1]
    if not found:
        titles = ", ".join(title for title, _ in tables)
        raise SheetRefused([Fault(text=f"there is no sheet {key!r}; there are {titles}")])
    return [[each.strip() for each in line] for line in found[0]]


def _table(data: bytes) -> list[list[str]]:
    if len(data) > MAX_FILE:
        raise SheetRefused([Fault(text=f"{len(data)} bytes; at most {MAX_FILE} are read")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused(
            [Fault(text=f"it is not UTF-8 at byte {error.start}: save it as CSV UTF-8")]
        ) from None
    try:
        parted = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        table = [[_unquoted(each) for each in line] for line in parted]
    except csv.Error as error:
        raise SheetRefused([Fault(text=f"it is no CSV: {error}")]) from None
    if any(len(line) > MAX_COLUMNS for line in table):
        raise SheetRefused([Fault(text=f"more than {MAX_COLUMNS} columns")])
    return table


def _delimiter(text: str) -> str:
    """Return what parts the cells: of the first lines, what there is most of."""
    begin = "\n".join(text.splitlines()[:TAGGED_WITHIN])
    return max(",;\t", key=begin.count)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in _QUOTED else text


def _head(
    sort: Sort, table: Sequence[Sequence[str]]
) -> tuple[int, Mapping[int, _Column], tuple[str, ...]]:
    """Return the first row of records, which column is what, and the heads of the others."""
    tagged = next((n for n, line in enumerate(table[:TAGGED_WITHIN]) if _is_tagged(line)), None)
    if tagged is None:
        tagged = next((n for n, line in enumerate(table[:TAGGED_WITHIN]) if any(line)), None)
        if tagged is None:
            raise SheetRefused([Fault(text="it is empty")])
        found = {at: _headed(sort, text) for at, text in enumerate(table[tagged])}
    else:
        found = {at: _tagged(sort, text) for at, text in enumerate(table[tagged])}
    columns = {at: each for at, each in found.items() if each is not None}
    heads = {at: text for at, text in enumerate(table[tagged]) if text}
    row = tagged + 1
    faults = list(_faults_of_head(sort, columns, heads, row))
    if faults:
        raise SheetRefused(faults)
    ignored = tuple(f"{_letters(at)} ({text})" for at, text in heads.items() if at not in columns)
    return row, columns, ignored


def _faults_of_head(
    sort: Sort, columns: Mapping[int, _Column], heads: Mapping[int, str], row: int
) -> Iterator[Fault]:
    twice = {each for each in columns.values() if list(columns.values()).count(each) > 1}
    for at, each in columns.items():
        if each in twice:
            text = f"another column is {each.head} as well"
            yield Fault(row=row, column=_named(at, heads), text=text)
    there = {each.name for each in columns.values()}
    missing = [n for n, field in sort.fields.items() if field.is_required and n not in there]
    if missing and "id" not in there:
        known = ", ".join(each.head.replace("_", " ") for each in tags_of(sort))
        text = f"there is no column {', '.join(missing)} of {sort.key}; there can be {known}"
        yield Fault(row=row, text=text)


def _is_tagged(line: Iterable[str]) -> bool:
    """Tell whether a row is one of hashtags: nothing else in it, and one at least."""
    cells = [each for each in line if each]
    return bool(cells) and all(_TAG.fullmatch(each) for each in cells)


def _headed(sort: Sort, text: str) -> _Column | None:
    """Return the column under a head that a person typed."""
    wanted = _plain(text)
    for each in tags_of(sort):
        if wanted == _plain(each.head) or (each.half and wanted == each.half[1:]):
            return each
    for name, field in sort.fields.items():
        if field.tag and wanted in (_plain(name), *map(_plain, field.heads)):
            return _Column(name=name)
    return None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[_\W]+", " ", text.casefold()).split())


def _tagged(sort: Sort, text: str) -> _Column | None:
    """Return the column under a hashtag: that with most of its attributes, or the only one."""
    hashtag, said = _parts(text)
    known = {**tags_of(sort), **_whole_positions(sort)}
    alike = [(each, _parts(tag)[1]) for each, tag in known.items() if _parts(tag)[0] == hashtag]
    fitting = [(len(has), each) for each, has in alike if has <= said]
    if fitting:
        return max(fitting, key=lambda pair: pair[0])[1]
    wider = [each for each, has in alike if said <= has and each.name != "id"]
    return wider[0] if len(wider) == 1 else None


def _whole_positions(sort: Sort) -> dict[_Column, str]:
    return {
        _Column(name=name): f"{field.tag}+coord"
        for name, field in sort.fields.items()
        if field.tag and field.read is reading.position
    }


def _parts(tag: str) -> tuple[str, frozenset[str]]:
    hashtag, *attributes = re.sub(r"\s", "", tag.lower()).split("+")
    return hashtag, frozenset(attributes)


def _texts(columns: Mapping[int, _Column], line: Sequence[str]) -> dict[str, str]:
    """Return the cells of a row by field; both halves of a position make one."""
    texts: dict[str, str] = {}
    halves: dict[str, dict[str, str]] = {}
    for at, column in columns.items():
        text = line[at] if at < len(line) else ""
        if WITHHELD in text:
            continue  # it stood in what we wrote, and says nothing of what stands here
        if text and column.half:
            halves.setdefault(column.name, {})[column.half] = text
        elif text:
            texts[column.name] = text
    for name, given in halves.items():
        texts[name] = _joined(name, given)
    return texts


def _joined(name: str, given: Mapping[str, str]) -> str:
    if len(given) < 2:
        raise NotTaken("latitude and longitude go together, and one is missing", name)
    lat, lon = (given[end].replace(",", ".") for end in _ENDS)
    if not (_NUMBER.fullmatch(lat) and _NUMBER.fullmatch(lon)):
        return f"{lat} {lon}"
    if abs(float(lat)) > 90.0 or abs(float(lon)) > 180.0:
        raise NotTaken(f"{lat} and {lon} are no latitude and longitude", name)
    return f"{float(lat):.6f},{float(lon):.6f}"


def _row(incident: Incident, sort: Sort, texts: dict[str, str], number: int) -> Row:
    name = texts.pop("id", "")
    is_known = f"{sort.key}:{name}" in incident.records
    read = read_fields(sort, texts)
    missing = () if is_known else lacking(sort, read)
    if missing:
        raise NotTaken(f"{missing[0]} is missing, which every {sort.key} needs", missing[0])
    if name and not is_known:
        raise NotTaken(
            f"there is no {sort.key} {name[:80]} on {incident.id}; leave it empty for a new one",
            "id",
        )
    return Row(sort=sort.key, id=name, fields=read, place=f"row {number}")


def _fault(
    error: NotTaken, row: int, columns: Mapping[int, _Column], heads: Sequence[str]
) -> Fault:
    text = str(error).removeprefix(f"{error.field}: ")
    named = dict(enumerate(heads))
    at = next((at for at, each in columns.items() if each.name == error.field), None)
    return Fault(row=row, column=error.field if at is None else _named(at, named), text=text)


def _named(at: int, heads: Mapping[int, str]) -> str:
    head = heads.get(at, "")
    return f"{_letters(at)} ({head})" if head else _letters(at)


def _letters(at: int) -> str:
    """Return the letters of a column, as spreadsheets have them: A to Z, AA and so on."""
    name, at = "", at + 1
    while at:
        at, letter = divmod(at - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
