"""The SQLite file with what TAK clients keep at the node: channels, files, videos, missions.

Whatever opens it does so anew, so that any thread may call.
"""

import json
import secrets
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from pathlib import Path

from accord.core.errors import AccordError
from accord.core.principal import Group
from accord.storage.migrate import migrate
from accord.storage.register import opened, with_advice

TAK = Path("tak.sqlite")

SECRET_BYTES = 32


class TakFault(AccordError):
    """The file cannot be read or written; it says why, and what to do."""


class Full(AccordError):
    """A limit of what is kept for TAK clients is met; the text says which."""


class TakFile:
    """The file: made and brought to the newest version by `prepare`, then opened for each use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Make the file where there is none, and bring it to the newest version."""
        try:
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                migrate(connection, "tak", file=str(self._path))
        except (sqlite3.Error, OSError) as error:
            raise self._fault(error) from None

    def _fault(self, error: Exception) -> TakFault:
        said = with_advice(error) if isinstance(error, sqlite3.Error) else str(error)
        return TakFault(f"what TAK clients keep, {self._path}: {said}")

    @contextmanager
    def change(self) -> Generator[sqlite3.Connection, None, None]:
        """Open it for one change, which is applied whole or not at all. TakFault says why not."""
        with opened(self._path, "tak", self._fault) as connection:
            yield connection

    @contextmanager
    def look(self) -> Generator[sqlite3.Connection, None, None]:
        """Open it for reading, as it is at one moment. TakFault says why not."""
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                yield connection
        except sqlite3.Error as error:
            raise self._fault(error) from None

    def secret(self, name: str) -> bytes:
        """Return a secret of that name, made when it is first asked for."""
        ask = "SELECT value FROM secret WHERE name = ?"
        with self.look() as file:
            row = file.execute(ask, (name,)).fetchone()
        if row is None:  # otherwise nothing is written: a node starts on a full disk too
            with self.change() as file:
                made = name, secrets.token_bytes(SECRET_BYTES)
                file.execute("INSERT OR IGNORE INTO secret VALUES (?, ?)", made)
                row = file.execute(ask, (name,)).fetchone()
        return bytes(row[0])


def spell_groups(groups: Iterable[Group]) -> str:
    """Return groups, or other texts without an order, as they are kept."""
    return json.dumps(sorted(groups))


def read_groups(text: str) -> frozenset[Group]:
    """Return groups that were kept."""
    return frozenset(json.loads(text))
