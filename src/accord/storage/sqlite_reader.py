"""How the journal's file is read: a few segments at a time, holding up nobody."""

import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress

from accord.storage.database import Kept, Ring, Span, StorageFault

_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_IOERR")
_READ_AT_ONCE = 16
"""Segments fetched at once; between, no snapshot is held that would keep the log from emptying."""

_SEARCHED_AT_ONCE = 20_000
"""Segments searched for bytes by one statement, for the same reason."""

_LAST = 1 << 62
"""Greater than every number."""


@contextmanager
def faults() -> Generator[None, None, None]:
    """Turn what SQLite and the system complain of into StorageFault."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        raise StorageFault(f"{error} ({name})" if name else str(error)) from None
    except OSError as error:
        raise StorageFault(f"{error.strerror}: {error.filename}") from None


_Values = tuple[float | str | bytes, ...]

_BETWEEN = "number > ? AND number <= ? ORDER BY number LIMIT ?"
_FIRST_FROM = "SELECT number, newest FROM segment WHERE number >= ? ORDER BY number LIMIT 1"
# Two, since for (channel, is_durable) > (?, ?) SQLite goes through all of the ring it is at.
_NEXT_CHANNEL = (
    "SELECT channel, is_durable, newest FROM segment WHERE channel > ? "
    "ORDER BY channel, is_durable, number LIMIT 1"
)
_SAME_CHANNEL = (
    "SELECT channel, is_durable, newest FROM segment WHERE channel = ? AND is_durable > ? "
    "ORDER BY is_durable, number LIMIT 1"
)
_LAST_OF_RING = (
    "SELECT newest FROM segment WHERE channel = ? AND is_durable = ? ORDER BY number DESC LIMIT 1"
)


class SqliteReader:
    """A connection that reads a few segments at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last_batch(self) -> int:
        """Return the last sequence number kept, 0 when there is none."""
        with faults():
            row = self._connection.execute(
                "SELECT batch FROM segment ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return 0 if row is None else row[0]

    def newest_first(self, since: float) -> Iterator[Kept]:
        """Yield durable segments, and others that hold a receipt at or after `since`."""
        which = "number < ? AND (newest >= ? OR is_durable) ORDER BY number DESC LIMIT ?"
        before = _LAST
        while rows := self._fetch(which, (before, since, _READ_AT_ONCE)):
            yield from rows
            before = rows[-1].number

    def oldest_first(self, sequence: int) -> Iterator[Kept]:
        """Yield the segments of the commit that holds this sequence number, and all after it."""
        which = "(batch, number) > (?, ?) ORDER BY batch, number LIMIT ?"
        after = (sequence - 1, _LAST)
        while rows := self._fetch(which, (*after, _READ_AT_ONCE)):
            yield from rows
            after = (rows[-1].batch, rows[-1].number)

    def last_number(self, batch: int) -> int:
        """Return the last segment of the commits up to this one, 0 where none of it is kept."""
        with faults():
            row = self._connection.execute(
                "SELECT number FROM segment WHERE batch <= ? ORDER BY batch DESC, number DESC "
                "LIMIT 1",
                (batch,),
            ).fetchone()
        return 0 if row is None else row[0]

    def rings(self) -> Mapping[Ring, Span]:
        """Return since when and until when each ring has something."""
        found: dict[Ring, Span] = {}
        ring = ("", -1)
        ask = self._connection.execute
        with faults():
            while row := (
                ask(_SAME_CHANNEL, ring).fetchone() or ask(_NEXT_CHANNEL, ring[:1]).fetchone()
            ):
                ring = (row[0], row[1])
                (newest,) = ask(_LAST_OF_RING, ring).fetchone()
                found[Ring(row[0], bool(row[1]))] = Span(row[2], newest)
        return found

    def number_at(self, at: float) -> int:
        """Return the last segment all of which was received by then, 0 where there is none."""
        with faults():
            (last,) = self._connection.execute("SELECT max(number) FROM segment").fetchone()
            low, high = 0, (last or 0) + 1
            while high - low > 1:
                middle = (low + high) // 2
                number, newest = self._connection.execute(_FIRST_FROM, (middle,)).fetchone()
                if newest <= at:
                    low = number
                else:
                    high = middle
        return low

    def backwards(self, ring: Ring, number: int) -> Iterator[Kept]:
        """Yield the segments of a ring up to this number, the newest first."""
        which = "channel = ? AND is_durable = ? AND number < ? ORDER BY number DESC LIMIT ?"
        before = number + 1
        while rows := self._fetch(which, (*ring, before, _READ_AT_ONCE)):
            yield from rows
            before = rows[-1].number

    def forwards(self, number: int, until: int, holding: bytes = b"") -> Iterator[Kept]:
        """Yield the segments after a number up to another, in order, with these bytes in them."""
        if holding:
            yield from self._search(number, until, holding)
            return
        while rows := self._fetch(_BETWEEN, (number, until, _READ_AT_ONCE)):
            yield from rows
            number = rows[-1].number

    def _search(self, number: int, until: int, holding: bytes) -> Iterator[Kept]:
        """Let SQLite search, which needs nothing of the interpreter meanwhile."""
        which = f"instr(data, ?) > 0 AND {_BETWEEN}"
        with faults():
            (last,) = self._connection.execute("SELECT max(number) FROM segment").fetchone()
        until = min(until, last or 0)
        while number < until:
            end = min(until, number + _SEARCHED_AT_ONCE)
            try:
                rows = self._fetch(which, (holding, number, end, _READ_AT_ONCE))
            except StorageFault:
                # A page is bad: it is searched here, where that one alone is passed over.
                rows = self._fetch(_BETWEEN, (number, end, _READ_AT_ONCE))
                number = rows[-1].number if rows else end
                yield from (row for row in rows if holding in row.data)
                continue
            yield from rows
            number = rows[-1].number if len(rows) == _READ_AT_ONCE else end

    def _fetch(self, which: str, values: _Values) -> list[Kept]:
        with faults():
            try:
                return self._rows("data", which, values)
            except sqlite3.DatabaseError as error:
                if not getattr(error, "sqlite_errorname", "").startswith(_DAMAGE):
                    raise
            # One bad page must not cost all that lies beyond it.
            return [
                row._replace(data=self._data(row.number))
                for row in self._rows("NULL", which, values)
            ]

    def _rows(self, data: str, which: str, values: _Values) -> list[Kept]:
        sql = f"SELECT number, batch, is_durable, {data}, newest FROM segment WHERE {which}"  # noqa: S608  constants
        rows = self._connection.execute(sql, values).fetchall()
        return [Kept(number, batch, bool(durable), *more) for number, batch, durable, *more in rows]

    def _data(self, number: int) -> bytes:
        """Return the bytes of a segment, none where they cannot be read."""
        try:
            sql = "SELECT data FROM segment WHERE number = ?"
            row = self._connection.execute(sql, (number,)).fetchone()
        except sqlite3.DatabaseError:
            return b""
        return b"" if row is None else row[0]

    def close(self) -> None:
        """Let the file go; never fails."""
        with suppress(sqlite3.Error):
            self._connection.close()
