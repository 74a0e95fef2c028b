"""DuckDB, as far as the history needs it: rows to Parquet, pieces to pieces, questions to rows.

It keeps nothing: all it has is in the files, so that any process may ask while one writes. It is
allowed the history's directory, and nothing else of the machine.
"""

import json
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from accord.core.geometry import Box
from accord.storage.history.question import Condition
from accord.storage.history.shelf import DamagedHistory, HistoryFault
from accord.wire.moving.message import Cell, Fix, Label, Row

ROWS_AT_ONCE = 5_000
"""Rows that are taken from DuckDB at once."""

_GROUP = 61_440
"""Rows of a group. Each group costs a question time whether anything is read of it or not; of one
that is read, only the runs of 2,048 rows are in which something is found."""

_FRESH_GROUP = 20_480
"""The same as rows are written: of few positions of each object, so that one group has them all."""

MOST_LABELS = 4_096
"""Labels that are remembered as they were read: as long as it is the same text it is made once."""

_MOST_LABELS_APART = 100_000
"""Labels of what is merged up to which they are apart from what is sorted."""

_TURNED_AT_ONCE = 500
"""Rows that are turned into columns at once."""

_SEPARATOR = "\x1f"
_LISTS = ("hops", "groups")
_TIMES = ("received", "time", "stale")
_NUMBERS = ("lat", "lon")
_MAYBE = ("hae", "precision", "course", "speed", "climb")
_CELL = ("west", "south", "east", "north")

COLUMNS = (
    *Label._fields, "era", "sequence", *_TIMES, *_NUMBERS, *_MAYBE, *_CELL, "doubts",
)  # fmt: skip
"""The columns of a piece, in order."""


class Order(StrEnum):
    """In which order rows come, or go into a piece."""

    OBJECT = "ORDER BY uid, received, sequence"
    CHANNEL = "ORDER BY channel, uid, received, sequence"
    PLACE = (
        "ORDER BY epoch_us(received) // 21600000000, round(lat), round(lon * 2), uid, received, "
        "sequence"
    )
    """Six hours at a time (`PART`), by places about as large as a degree: few groups of rows hold a
    box or the day of one object."""
    COURSE = "ORDER BY context, uid, node, channel, speaker, received, era, sequence"
    RECEIPT = "ORDER BY received, era, sequence"
    LATEST = "ORDER BY received DESC, era DESC, sequence DESC"
    NUMBER = "ORDER BY era, sequence"


_BY_NUMBERS = frozenset((Order.OBJECT, Order.CHANNEL, Order.PLACE))
"""Those for which no more needs to be known of a label than which object's it is."""


class Engine:
    """One DuckDB, in memory. `close` lets it go.

    It remembers how the pieces are divided that it has read, which are `pieces_read`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        also: Sequence[Path] = (),
        spill: Path | None = None,
        memory: int = 512 << 20,
        threads: int = 1,
    ) -> None:
        self._read: set[Path] = set()
        places = ", ".join(map(_quoted, (directory, *also)))
        with faults("cannot be begun"):
            self._db = duckdb.connect(
                config={
                    "memory_limit": f"{memory >> 20}MB",
                    "threads": threads,
                    "temp_directory": str(spill or directory / "spill"),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "preserve_insertion_order": True,
                    # The table at the right is looked up in, so that rows keep their order.
                    "disabled_optimizers": "join_order,build_side_probe_side",
                }
            )
            self._db.execute("SET parquet_metadata_cache = true")
            # In this order: each of them closes the way to the one before.
            self._db.execute(f"SET allowed_directories = [{places}]")
            self._db.execute("SET enable_external_access = false")
            self._db.execute("SET lock_configuration = true")

    @property
    def pieces_read(self) -> int:
        """How many pieces questions went to."""
        return len(self._read)

    def close(self) -> None:
        """Let it go."""
        self._db.close()

    def write(self, rows: Sequence[Row], path: Path, *, by_object: bool = False) -> None:
        """Write rows as a piece, in their order or by channel and object."""
        with self._given(rows, by_object=by_object):
            self._copy(f"{_FROM_ARRAYS} ORDER BY place", [], path, group=_FRESH_GROUP)

    @contextmanager
    def _given(
        self, rows: Sequence[Row], *, by_object: bool = False
    ) -> Generator[None, None, None]:
        labels, fixes = _arrays(rows, by_object=by_object)
        with faults("rows cannot be taken in"):
            self._db.register("label", labels)
            self._db.register("fix", fixes)
            try:
                yield
            finally:
                self._db.unregister("label")
                self._db.unregister("fix")

    @contextmanager
    def table(self, rows: Sequence[Row]) -> Generator[str, None, None]:
        """Let the rows be a table meanwhile; yields its name, empty where there are none."""
        if not rows:
            yield ""
            return
        with self._given(rows):
            self._db.execute("CREATE OR REPLACE TABLE waiting AS " + _FROM_ARRAYS).fetchall()
        try:
            yield "waiting"
        finally:
            # Where it was closed before somebody had read to the end, the table went with it.
            with suppress(duckdb.ConnectionException):
                self._db.execute("DROP TABLE waiting").fetchall()

    def merge(self, files: Sequence[Path], path: Path, *, where: Condition, order: Order) -> None:
        """Write what of these pieces meets a condition as one, in an order."""
        typed = f"SELECT {_TYPED} FROM {_pieces(files)} WHERE {where[0]}"  # noqa: S608  conditions are ours
        if order not in _BY_NUMBERS or not self._has_few_labels(typed, where[1]):
            self._copy(f"{typed} {order}", where[1], path)
            return
        # Sorted are numbers alone, which takes half as long: each row gets its label after it.
        self._copy(
            f"SELECT {_WITH_LABEL} FROM (SELECT {_WITHOUT_LABEL} FROM "  # noqa: S608  as above
            f"(SELECT {_MARKED} FROM ({typed})) JOIN known USING (mark) {order}) AS row "
            "JOIN known USING (mark)",
            where[1],
            path,
        )

    def _has_few_labels(self, typed: str, values: Sequence[object]) -> bool:
        """Let `known` be the labels of rows, by a mark of each; tell whether that saves work."""
        with faults("cannot be read"):
            _begun(
                self._db,
                f"CREATE OR REPLACE TEMP TABLE known AS SELECT {_MARK}, {_RANKS}, * "  # noqa: S608  as above
                f"FROM (SELECT DISTINCT {_LABEL} FROM ({typed}))",
                values,
            )
            found = self._db.execute("SELECT count(*), count(DISTINCT mark) FROM known").fetchone()
        assert found is not None  # noqa: S101  it counts
        labels, marks = found
        return labels == marks <= _MOST_LABELS_APART

    def copy(self, files: Sequence[Path], path: Path) -> None:
        """Write pieces as one for others, as they stand; nothing sharper than its cell."""
        self._copy(f"SELECT {_FOR_OTHERS} FROM {_pieces(files)}", [], path)  # noqa: S608  our own paths

    def write_none(self, path: Path) -> None:
        """Write a piece without rows."""
        self._copy(_EMPTY, [], path)

    def _copy(
        self, source: str, values: Sequence[object], path: Path, *, group: int = _GROUP
    ) -> None:
        with faults(f"{path.name} cannot be written"):
            _begun(
                self._db,
                f"COPY ({source}) TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd, "
                f"PARQUET_VERSION v2, ROW_GROUP_SIZE {group})",
                values,
            )
        _sync(path)

    def measure(self, path: Path) -> Mapping[str, float]:
        """Return what the shelf notes of a piece, empty where there is no row in it."""
        row = next(self.ask(f"SELECT {_MEASURES} FROM {_pieces([path])}", []))  # noqa: S608  our own
        if not row[0]:
            return {}
        names = (
            "rows", "since", "until", "south", "north", "west", "east", "era", "last_era", "first",
            "last",
        )  # fmt: skip
        return {name: float(str(value)) for name, value in zip(names, row, strict=True)}

    def slots(self, files: Sequence[Path], length: int) -> list[tuple[str, int]]:
        """Return which channels and which hours, or days, there are rows of."""
        sql = (
            f"SELECT DISTINCT channel, {slot_of(length)} * {length} AS slot "  # noqa: S608  a number
            f"FROM {_pieces(files)} ORDER BY ALL"
        )
        return [(str(channel), int(str(slot))) for channel, slot in self.ask(sql, [])]

    def find(
        self,
        files: Sequence[Path],
        *,
        where: Sequence[Condition],
        tail: str = "",
        order: Order = Order.COURSE,
        most: int | None = None,
        newest: bool = False,
    ) -> Iterator[Row]:
        """Yield the rows that meet one of the conditions, of which none meets two, in an order.

        Those of a table are among them. Of each course only the `newest`, where that is asked.
        """
        self._read.update(files)
        named = [each for each in (_pieces(files) if files else "", tail) if each]
        tables = " UNION ALL BY NAME ".join(f"SELECT * FROM {each}" for each in named)  # noqa: S608  our own
        if not tables:
            return
        # Each condition apart: of one that is joined by OR, DuckDB leaves out no group of rows.
        parts = " UNION ALL ".join(f"SELECT * FROM ({tables}) WHERE {each}" for each, _ in where)  # noqa: S608  as above
        values = [value for _, each in where for value in each]
        sql = (
            f"SELECT {_READ} FROM ({parts}) {_NEWEST if newest else ''} {order}"  # noqa: S608  as above
            f"{'' if most is None else f' LIMIT {most:d}'}"
        )
        for label, *fix in self.ask(sql, values):
            yield Row(_label_of(str(label)), fix_of(fix))

    def ask(self, sql: str, values: Sequence[object]) -> Iterator[tuple[object, ...]]:
        """Yield what DuckDB answers."""
        with faults("cannot be read"):
            cursor = self._db.cursor()
            try:
                rows = _begun(cursor, sql, values)
                while rows:
                    yield from rows
                    rows = cursor.fetchmany(ROWS_AT_ONCE)
            finally:
                cursor.close()


@contextmanager
def faults(what: str) -> Generator[None, None, None]:
    """Turn what DuckDB and the system complain of into HistoryFault, or DamagedHistory.

    An operational error is of now, as of a disk without room, too little memory, too many files
    (PEP 249).
    """
    try:
        yield
    except (duckdb.Error, OSError) as error:
        said = str(error).partition("\n")[0][:300]
        is_of_now = isinstance(error, duckdb.OperationalError | OSError)
        fault = HistoryFault if is_of_now else DamagedHistory
        raise fault(f"history: {what}: {said}") from None


def _arrays(rows: Sequence[Row], *, by_object: bool) -> tuple[dict[str, object], dict[str, object]]:
    """Return labels once each, and fixes that say which is theirs, as columns."""
    which, known = numbered(rows)
    labels: dict[str, object] = {"number": np.arange(len(known), dtype=np.int32)}
    for name, column in zip(Label._fields, zip(*known, strict=True), strict=True):
        values = [_SEPARATOR.join(each) for each in column] if name in _LISTS else list(column)
        labels[name] = np.array(values, dtype=object)
    fixes = _fixes(rows) | {"label_number": np.array(which, dtype=np.int32)}
    if by_object:
        order = _by_object(which, known)
        fixes = {name: column[order] for name, column in fixes.items()}
    return labels, {"place": np.arange(len(rows), dtype=np.int32), **fixes}


def _fixes(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    columns = dict(zip(Fix._fields, _turned(rows), strict=True))
    fixes: dict[str, np.ndarray] = {
        "era": np.array(columns["era"], dtype=np.int32),
        "sequence": np.array(columns["sequence"], dtype=np.int64),
    }
    for name in _TIMES:
        micros = np.rint(np.array(columns[name], dtype=np.float64) * 1e6).astype(np.int64)
        fixes[name] = micros.view("datetime64[us]")
    for name in (*_NUMBERS, *_MAYBE):
        fixes[name] = np.array(columns[name], dtype=np.float64)  # None becomes NaN
    fixes |= _cells(columns["cell"])
    doubts = [_SEPARATOR.join(each) if each else "" for each in columns["doubts"]]
    fixes["doubts"] = np.array(doubts, dtype=object)
    return fixes


def _turned(rows: Sequence[Row]) -> Sequence[list[Any]]:
    """Return what the fixes of rows say, by column."""
    columns: Sequence[list[Any]] = [[] for _ in Fix._fields]
    # Some at a time: so many as fit near the processor are gone through once for each column.
    for begin in range(0, len(rows), _TURNED_AT_ONCE):
        some = [fix for _, fix in rows[begin : begin + _TURNED_AT_ONCE]]
        for column, values in zip(columns, zip(*some, strict=True), strict=True):
            column.extend(values)
    return columns


def _by_object(which: Sequence[int], labels: Sequence[Label]) -> np.ndarray:
    """Return the places of rows by channel and object, those of one in their order.

    Before DuckDB has them: to sort its many columns would take it as long as all else of a piece.
    """
    named = [(label.channel, label.uid) for label in labels]
    places = {each: place for place, each in enumerate(sorted(set(named)))}
    of_label = np.array([places[each] for each in named], dtype=np.int32)
    return np.argsort(of_label[which], kind="stable")


def numbered(rows: Sequence[Row]) -> tuple[list[int], list[Label]]:
    """Return which label each row has, and the labels."""
    # To hash a label takes longer than all else of a row, and few objects are shared by many rows.
    objects: dict[int, int] = {}
    numbers: dict[Label, int] = {}
    which: list[int] = []
    for label, _ in rows:
        number = objects.get(id(label))
        if number is None:
            number = objects[id(label)] = numbers.setdefault(label, len(numbers))
        which.append(number)
    return which, list(numbers)


def _cells(cells: Sequence[Cell | None]) -> dict[str, np.ndarray]:
    if not any(cells):
        nothing = np.full(len(cells), np.nan)
        return dict.fromkeys(_CELL, nothing)
    columns = zip(*[each or (None,) * 4 for each in cells], strict=True)
    return {
        name: np.array(column, dtype=np.float64)
        for name, column in zip(_CELL, columns, strict=True)
    }


def _listed(name: str) -> str:
    return (
        f"CASE WHEN {name} = '' THEN []::VARCHAR[] ELSE string_split({name}, chr(31)) END AS {name}"
    )


def _maybe(name: str, kind: str) -> str:
    return f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END::{kind} AS {name}"


def _typed(name: str) -> str:
    # Of a column of which nothing is known in any row, DuckDB would not know that it is a text.
    is_text = name in Label._fields and name not in _LISTS
    return f"{name}::VARCHAR AS {name}" if is_text else name


def _made(name: str) -> str:
    if name in (*_LISTS, "doubts"):
        return _listed(name)
    if name in _MAYBE:
        return _maybe(name, "FLOAT")
    return _maybe(name, "DOUBLE") if name in _CELL else _typed(name)


_FROM_ARRAYS = (
    f"SELECT {', '.join(map(_made, COLUMNS))} FROM fix JOIN label ON label_number = number"  # noqa: S608  constants
)
_OF_LABEL = len(Label._fields)


def _read(name: str) -> str:
    if name in _TIMES:
        return f"epoch_us({name}) / 1e6 AS {name}"
    return f"CASE WHEN len({name}) > 0 THEN {name} END" if name == "doubts" else name


# A label as one text: to hand over its columns row by row would take longer than to find the rows.
_READ = (
    f"json_array({', '.join(Label._fields)})::VARCHAR, {', '.join(map(_read, COLUMNS[_OF_LABEL:]))}"
)
_NEWEST = (
    "QUALIFY row_number() OVER (PARTITION BY context, uid, node, channel, speaker "
    "ORDER BY received DESC, era DESC, sequence DESC) = 1"
)
_MEASURES = (
    "count(*), epoch(min(received)), epoch(max(received)), min(least(lat, south)), "
    "max(greatest(lat, north)), min(CASE WHEN west > east THEN -180 ELSE least(lon, west) END), "
    "max(CASE WHEN west > east THEN 180 ELSE greatest(lon, east) END), min(era), max(era), "
    "min(sequence), max(sequence)"
)
_SHARP = "CASE WHEN west IS NULL THEN {0} END AS {0}"
_FOR_OTHERS = ", ".join(
    _SHARP.format(name) if name in _NUMBERS else _typed(name)
    for name in COLUMNS
    if name not in ("era", "sequence")
)


_TYPED = ", ".join(map(_typed, COLUMNS))
_LABEL = ", ".join(Label._fields)
_MARK = f"hash({_LABEL}) AS mark"
_RANKS = ", ".join(
    f"dense_rank() OVER (ORDER BY {name}) AS of_{name}" for name in ("uid", "channel")
)
_MARKED = ", ".join((_MARK, *COLUMNS[_OF_LABEL:]))
_WITHOUT_LABEL = ", ".join(("mark", "of_uid AS uid", "of_channel AS channel", *COLUMNS[_OF_LABEL:]))
_WITH_LABEL = ", ".join(f"{'known' if name in Label._fields else 'row'}.{name}" for name in COLUMNS)


def _kind(name: str) -> str:
    if name in (*_LISTS, "doubts"):
        return "VARCHAR[]"
    if name in _TIMES:
        return "TIMESTAMP"
    if name in (*_NUMBERS, *_CELL):
        return "DOUBLE"
    whole = {"era": "INTEGER", "sequence": "BIGINT"}
    return "FLOAT" if name in _MAYBE else whole.get(name, "VARCHAR")


_EMPTY = f"SELECT {', '.join(f'NULL::{_kind(n)} AS {n}' for n in COLUMNS)} WHERE false"


class Labels:
    """Makes labels. Most rows have that of the one before: to make it anew takes longest."""

    def __init__(self) -> None:
        self._said: tuple[object, ...] = ()
        self._label: Label | None = None

    def of(self, row: Sequence[object]) -> Label:
        """Return the label of what was read of the columns."""
        said = tuple(row[:_OF_LABEL])
        if self._label is None or said != self._said:
            named = dict(zip(Label._fields, said, strict=True))
            for name in _LISTS:
                named[name] = tuple(named[name])  # pyright: ignore[reportArgumentType]  a list of texts
            self._said, self._label = said, Label(**named)  # pyright: ignore[reportArgumentType]  as it was put there
        return self._label


@lru_cache(maxsize=MOST_LABELS)
def _label_of(text: str) -> Label:
    named = dict(zip(Label._fields, json.loads(text), strict=True))
    for name in _LISTS:
        named[name] = tuple(named[name])
    return Label(**named)


def fix_of(columns: Sequence[object]) -> Fix:
    """Return the fix of what was read of its columns."""
    *said, west, south, east, north, doubts = columns
    cell = None if west is None else (west, south, east, north)
    return Fix._make((*said, cell, tuple(doubts or ())))  # pyright: ignore[reportArgumentType]  a list of texts


def slot_of(length: int) -> str:
    """Return the words for how many stretches of so many seconds there were before a receipt."""
    return f"(epoch_us(received) // {length * 1_000_000:d})"


_AS_THE_FIRST, _BY_NAME = ", union_by_name = false", ", union_by_name = true"


def _begun(
    db: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object]
) -> list[tuple[object, ...]]:
    """Have DuckDB do something, and return the first of what it answers.

    Of a text that no row of a piece has, earlier versions did not write that it is one. Where such
    a piece is the first, others that have the text are not read as it is: then each column is
    taken for what it is in any of them, which costs time for each piece.
    """
    try:
        return db.execute(sql, list(values)).fetchmany(ROWS_AT_ONCE)
    except duckdb.ConversionException:
        by_name = sql.replace(_AS_THE_FIRST, _BY_NAME)
        return db.execute(by_name, list(values)).fetchmany(ROWS_AT_ONCE)


def _pieces(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(_quoted, files))}]{_AS_THE_FIRST})"


def _quoted(path: Path) -> str:
    text = str(path.absolute()).replace("'", "''")
    return f"'{text}'"


def _sync(path: Path) -> None:
    with faults(f"{path.name} cannot be written"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def box_of(measured: Mapping[str, float]) -> Box:
    """Return the box that `measure` found."""
    return Box(**{name: measured[name] for name in ("south", "west", "north", "east")})
