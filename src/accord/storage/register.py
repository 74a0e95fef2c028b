"""A register in one SQLite file: changed by the command line, looked at by the running node."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from accord.storage.migrate import NewerVersion, migrate

T = TypeVar("T")

_BUSY = 5.0

BACKUP = "put back your backup, see docs/how-to/run-as-a-service.md"

_ADVICE = {
    sqlite3.SQLITE_FULL: "make room and repeat",
    sqlite3.SQLITE_CANTOPEN: BACKUP,
    sqlite3.SQLITE_CORRUPT: BACKUP,
    sqlite3.SQLITE_NOTADB: BACKUP,
    sqlite3.SQLITE_ERROR: BACKUP,  # a table is missing
}


def with_advice(error: sqlite3.Error) -> str:
    """Return what is wrong with a register, and what to do where that is known."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get(code & 0xFF, "") if code is not None else ""
    return f"{error}{advice and f'; {advice}'}"


@contextmanager
def opened(
    path: Path, part: str, fault: Callable[[sqlite3.Error], Exception]
) -> Generator[sqlite3.Connection, None, None]:
    """Open the file for one change, which is applied whole or not at all.

    `fault` makes an error of the database into the one that is raised.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY, isolation_level=None)
    except sqlite3.Error as error:
        raise fault(error) from None
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # The journal keeps its place on the disk, so that a full one leaves room to revoke.
        connection.execute("PRAGMA journal_mode = PERSIST")
        migrate(connection, part, file=str(path))
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise fault(error) from None
    finally:
        connection.close()


class RegisterFile:
    """One register that every look and every change opens anew, so that any thread may.

    `called` is what an error calls it, and `fault` makes that error.
    """

    def __init__(
        self, path: Path, part: str, *, called: str, fault: Callable[[str], Exception]
    ) -> None:
        self._path = path
        self._part = part
        self._called = called
        self._make_fault = fault

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        try:
            connection = sqlite3.connect(self._path, isolation_level=None)
            try:
                migrate(connection, self._part, file=str(self._path))
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise self._fault(error) from None

    @contextmanager
    def open(self) -> Generator[sqlite3.Connection, None, None]:
        """Open it for one change, which is applied whole or not at all."""
        with opened(self._path, self._part, self._fault) as connection:
            yield connection

    def _fault(self, error: sqlite3.Error) -> Exception:
        return self._make_fault(f"{self._called} {self._path}: {with_advice(error)}")


class RegisterWithin:
    """A register within one change of it: what is done with this is part of that change."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def open(self) -> Generator[sqlite3.Connection, None, None]:
        """Go on with the change."""
        yield self._connection


class RegisterReader(Generic[T]):
    """Reads a register again and again, as cheaply as can be while it does not change.

    For one thread. What is wrong with the file is in `trouble`; what was read before stays.
    A file that is put in its place, such as a backup, is read like any other change.
    """

    def __init__(
        self, path: Path, part: str, *, called: str, load: Callable[[sqlite3.Connection], T]
    ) -> None:
        self._path = path
        self._part = part
        self._called = called
        self._load = load
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None
        self.trouble = ""

    def read(self) -> T | None:
        """Return all of it, or None where nothing has changed or nothing can be read."""
        try:
            found = self._read_changed()
        except (sqlite3.Error, OSError, NewerVersion) as error:
            self.close()
            why = error.strerror if isinstance(error, OSError) else error
            self.trouble = f"{self._called} {self._path} cannot be read: {why}"
            return None
        self.trouble = ""
        return found

    def _read_changed(self) -> T | None:
        stat = self._path.stat()
        file = stat.st_dev, stat.st_ino
        if file != self._file:
            self.close()
        if self._connection is None:
            # The file must be there: a missing one is not an empty register.
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, timeout=0.1, isolation_level=None)
            migrate(self._connection, self._part, file=str(self._path))
            self._file, self._version = file, None
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return None
        found = self._load(self._connection)
        self._version = version
        return found

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
