"""The journal's database in one SQLite file, in WAL mode.

Needs SQLite 3.22 (2018): a reader that may not write can open a WAL database from then on. Python
3.11 comes with 3.34 or newer where python.org or a current Linux distribution built it.

`synchronous=NORMAL`: what is committed survives the end of the process, however it ends. A power
cut or a crash of the operating system leaves the file whole and may lose what the system had not
yet written to the disk: commits since the last checkpoint (some 4 MiB), on Linux mostly those of
the last 30 seconds.
"""

import os
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from accord.core.errors import AccordError
from accord.storage.database import Ring, Segment, StorageFault, Stub, Usage
from accord.storage.migrate import migrate
from accord.storage.sqlite_reader import SqliteReader, faults

OLDEST_SQLITE = (3, 22, 0)
WAL_BYTES = 40 << 20
"""Part of the budget that the write-ahead log may take."""

SPARE_BYTES = 64 << 20
"""While the disk has less left than this, the file does not grow.

Without, it would find the disk full in the middle: pages that are in the log and have no place in
the file stop everything. It is also what others on this disk are left.
"""

_CHECKPOINT_BYTES = 4 << 20
"""The log is copied into the file when it has grown by this much."""

_BUSY_MS = 200
"""How long another program that has the file locked is waited for."""

_ROWS = 32
"""Rows of one INSERT: each statement gives the interpreter lock away and must win it back."""

_SET_BACK = (
    "UPDATE segment SET newest = ? WHERE newest > ? AND (batch <= ? OR newest > ?) "
    "AND EXISTS (SELECT 1 FROM segment WHERE newest <= ?)"
)

_FRAME_HEAD = 24
"""Bytes that the log has before each page (SQLite file format, 4.1)."""

_PAGES_SHRUNK = 256
"""Pages given back at once: some 50 ms."""

_PAGES_DROPPED = 512
"""Pages that forgetting some 64 segments changes, at most."""


class SqliteDatabase:
    """One file of at most `max_bytes`; its log, with the log's index, takes `wal_bytes` of them.

    It does not grow while the disk has less than `spare_bytes` left.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int,
        wal_bytes: int = WAL_BYTES,
        spare_bytes: int = SPARE_BYTES,
    ) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise AccordError(
                f"SQLite {sqlite3.sqlite_version} is too old; install a Python with 3.22 or newer"
            )
        self.path = path
        self.wal_bytes = wal_bytes
        self._max_bytes = max_bytes
        self._spare_bytes = spare_bytes

    @property
    def budget(self) -> int:
        """Bytes it may take."""
        return self._max_bytes

    @property
    def wal(self) -> Path:
        """The write-ahead log."""
        return self.path.with_name(f"{self.path.name}-wal")

    def prepare(self) -> None:
        """Bring the file to the newest version. AccordError when it is of a newer one."""
        self.writer().close()

    def writer(self) -> "SqliteWriter":
        """Open the file for writing; it is made, for its owner only, where it is missing."""
        with faults():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
            )
            try:
                return SqliteWriter(self, connection)
            except BaseException:
                connection.close()
                raise

    def reader(self) -> SqliteReader:
        """Open the file for reading."""
        with faults():
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            return SqliteReader(sqlite3.connect(uri, uri=True, timeout=_BUSY_MS / 1000))

    def size(self) -> int:
        """Return the bytes of the file, its write-ahead log and the log's index."""
        shm = self.path.with_name(f"{self.path.name}-shm")
        return _size(self.path) + _size(self.wal) + _size(shm)

    def max_pages(self, page_size: int) -> int:
        """Return how many pages the file may have."""
        return max(1, (self._max_bytes - self.wal_bytes) // page_size)

    def may_grow(self) -> bool:
        """Tell whether the disk has enough left."""
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize >= self._spare_bytes


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class SqliteWriter:
    """The one connection that writes."""

    def __init__(self, database: SqliteDatabase, connection: sqlite3.Connection) -> None:
        self._database = database
        self._connection = connection
        if self._number("PRAGMA user_version") == 0:
            # Only heeded before the first table is made; later it would only write.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        # Debian's SQLite overwrites what is deleted, which would double the writing.
        connection.execute("PRAGMA secure_delete = FAST")
        migrate(connection, "journal", file=str(database.path))
        self._page = self._number("PRAGMA page_size")
        checkpoint = min(_CHECKPOINT_BYTES, database.wal_bytes // 4)
        connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint // self._page}")
        connection.execute(f"PRAGMA journal_size_limit = {2 * checkpoint}")
        # The log's index is 32 KiB for every 4096 pages of the log.
        self._log_limit = database.wal_bytes - database.wal_bytes // 128 - (32 << 10)
        self._log = _size(database.wal)
        self._limit = 0
        self._is_confined = False
        self._identity = self._look()
        self._bound()

    def _look(self) -> tuple[object, object]:
        return _identity(self._database.path), _identity(self._database.wal)

    def _reserve(self, pages: int) -> None:
        """See that the log has place for so many pages more; looks at it only where that is near.

        The log begins anew when all of it is in the file, which a reader can hold up.
        """
        size = pages * (self._page + _FRAME_HEAD)
        if self._log + size > self._log_limit:
            self._log = _size(self._database.wal)
        if self._log + size > self._log_limit:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._log = _size(self._database.wal)
        if size > self._log_limit:
            raise StorageFault(f"{size} bytes at once are more than its log may hold")
        if self._log + size > self._log_limit:
            raise StorageFault(
                "another program reads the file for so long that its log grows too large"
            )
        self._log += size

    def _number(self, sql: str) -> int:
        number: int = self._connection.execute(sql).fetchone()[0]
        return number

    def insert(self, segments: Sequence[Segment]) -> None:
        """Keep the segments: all of them or none."""
        with faults():
            self._reserve(_pages_of(segments, self._page))
            if len(segments) <= _ROWS:
                self._insert(segments)
                return
            with self._transaction():
                for begin in range(0, len(segments), _ROWS):
                    self._insert(segments[begin : begin + _ROWS])

    def set_back(self, at: float, *, upto: int, now: float) -> int:
        """Note of what was received later than `at` that it was received then."""
        with faults():
            return self._connection.execute(_SET_BACK, (at, at, upto, now, at)).rowcount

    def _insert(self, segments: Sequence[Segment]) -> None:
        rows = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(segments))
        self._connection.execute(
            f"INSERT INTO segment (channel, is_durable, batch, newest, size, data) VALUES {rows}",  # noqa: S608  only question marks
            [
                value
                for each in segments
                for value in (*each.ring, each.batch, each.newest, len(each.data), each.data)
            ],
        )

    @contextmanager
    def _transaction(self) -> Generator[None, None, None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.execute("COMMIT")

    def probe(self) -> None:
        """Write the version again, which changes nothing."""
        with faults():
            self._reserve(1)
            version = self._number("PRAGMA user_version")
            self._connection.execute(f"PRAGMA user_version = {version}")

    def usage(self) -> Mapping[Ring, Usage]:
        """Return what there is, by ring."""
        with faults():
            rows = self._connection.execute(
                "SELECT channel, is_durable, sum(size), min(newest), max(newest) FROM segment "
                "GROUP BY channel, is_durable"
            ).fetchall()
        return {Ring(channel, bool(durable)): Usage(*rest) for channel, durable, *rest in rows}

    def oldest(self, ring: Ring, limit: int) -> Sequence[Stub]:
        """Return the first segments of a ring; never the last that was kept of all."""
        with faults():
            rows = self._connection.execute(
                "SELECT number, size, newest FROM segment WHERE channel = ? AND is_durable = ? "
                "AND number < (SELECT max(number) FROM segment) ORDER BY number LIMIT ?",
                (*ring, limit),
            ).fetchall()
        return [Stub(*row) for row in rows]

    def drop(self, ring: Ring, number: int) -> None:
        """Forget the segments of a ring up to this number."""
        with faults():
            # What is freed is not written: pages of the three trees, and those that say what every
            # other page is for, one for some 800 of them.
            self._reserve(_PAGES_DROPPED + self._limit // 800)
            self._connection.execute(
                "DELETE FROM segment WHERE channel = ? AND is_durable = ? AND number <= ?",
                (*ring, number),
            )

    def room(self) -> int:
        """Return how many bytes can be kept before something must be forgotten."""
        with faults():
            pages, free = self._pages()
        return (max(self._limit - pages, 0) + free) * self._page

    def excess(self) -> int:
        """Return how many bytes are kept beyond the budget."""
        with faults():
            pages, free = self._pages()
        return max(pages - free - self._limit, 0) * self._page

    def _pages(self) -> tuple[int, int]:
        pages, free = self._connection.execute(
            "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"
        ).fetchone()
        return pages, free

    def is_confined(self) -> bool:
        """Tell whether the file does not grow since the disk has little left."""
        return self._is_confined

    def check(self) -> None:
        """See that file and log are those that were opened; grow or shrink as there is room."""
        with faults():
            if self._look() != self._identity:
                raise StorageFault("the file or its log was deleted or replaced")
            self._bound()
            self._shrink()

    def _bound(self) -> None:
        """Hold the file to its budget, and to what it has while the disk has little left."""
        was_confined, self._is_confined = self._is_confined, not self._database.may_grow()
        limit = self._database.max_pages(self._page)
        if self._is_confined:
            limit = min(limit, self._pages()[0])
        if limit != self._limit:
            self._limit = limit
            self._connection.execute(f"PRAGMA max_page_count = {limit}")
        if self._is_confined and not was_confined:
            # What is only in the log so far finds its place while there is one.
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _shrink(self) -> None:
        """Give back pages of a file that was made under a larger budget, some at a time."""
        pages, free = self._pages()
        beyond = min(pages - self._limit, free, _PAGES_SHRUNK)
        if beyond > 0:
            # Each is one page moved, and what leads to it. A script, since `execute` would only
            # take the first step of the statement, which is one page.
            self._reserve(3 * beyond)
            self._connection.executescript(f"PRAGMA incremental_vacuum({beyond});")
            self._connection.execute(f"PRAGMA max_page_count = {self._limit}")

    def close(self) -> None:
        """Let the file go; never fails."""
        with suppress(sqlite3.Error):
            self._connection.close()


def _pages_of(segments: Sequence[Segment], page: int) -> int:
    """Return how many pages keeping these changes, at most."""
    # Besides its own, each may touch and split a leaf in each of three trees.
    own = sum([len(each.data) // (page - 4) + 7 for each in segments])
    return own + own // 500 + 16


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
