"""Which pieces the history has, what is held in it, how far it goes: one SQLite file.

A piece counts once it stands here. Whatever changes goes in by one transaction, so that the end of
the process leaves the history as it was before or after. Whoever wants may read meanwhile.
"""

import json
import os
import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from accord.core.errors import AccordError
from accord.core.geometry import Box
from accord.storage.history.pieces import Piece, Tier
from accord.storage.history.question import Hold, Stretch
from accord.storage.migrate import migrate

SHELF = "history.sqlite"

MOST_HOLDS = 1_000
"""Holds at one time: each is a condition of everything that is pruned."""

_BUSY = 5.0
_AREA = ("west", "south", "east", "north")
_OWN = tuple(each.name for each in fields(Piece) if each.name != "area")
_COLUMNS = (*_OWN, *_AREA)


class HistoryFault(AccordError):
    """The history cannot be read or written; the text says why."""


class DamagedHistory(HistoryFault):
    """What lies there is no history any more: to try again is of no use."""


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""What SQLite says of a damaged file (https://www.sqlite.org/rescode.html). All else, such as a
full disk or a file that somebody else has, is of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the journal was taken in: the commit, the last receipt of it, and of which era.

    `lost` are positions that went from the journal first, or stood where it was damaged. `trouble`
    says what is wrong since when, empty where nothing is. `cut_off` are files that went although
    somebody read them.
    """

    era: int = 0
    batch: int = 0
    until: float = 0.0
    lost: int = 0
    trouble: str = ""
    since: float = 0.0
    cut_off: int = 0


class Why(StrEnum):
    """Why positions went."""

    BUDGET = "budget"
    AGE = "age"


class Went(NamedTuple):
    """Positions of a channel that went, and the last receipt of them."""

    channel: str
    why: Why
    positions: int
    until: float


class Gone(NamedTuple):
    """A file that went from the shelf at a moment, and lies there still."""

    file: str
    at: float
    bytes: int


class Recall(NamedTuple):
    """What a partner called back: what it said of an object up to a number of an era."""

    channel: str
    uid: str
    era: int
    upto: int


class Shelf:
    """The file in the history's directory; opened anew for each use, so that any thread may."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._path = directory / SHELF

    @property
    def exists(self) -> bool:
        """Whether there is a history at all."""
        return self._path.is_file()

    def prepare(self) -> None:
        """Make it where there is none.

        HistoryFault, which is DamagedHistory where what is there is none. NewerVersion where a
        newer Accord wrote it.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.exists:
                self._make()
            with self._open("rw") as file:
                file.execute("PRAGMA journal_mode = WAL")
                migrate(file, "history", file=str(self._path))
                file.execute("SELECT count(*) FROM piece").fetchone()
        except sqlite3.Error as error:
            # The low byte is the code, what is above it says more.
            is_damage = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE
            fault = DamagedHistory if is_damage else HistoryFault
            raise fault(f"the history {self._path}: {error}") from None
        except OSError as error:
            raise HistoryFault(f"the history {self._path}: {error}") from None

    def _make(self) -> None:
        """Make it under another name first: whoever looks finds it whole, or not at all."""
        part = self._path.with_name(f"{SHELF}.part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(sqlite3.connect(part, isolation_level=None)) as file:
            migrate(file, "history", file=str(self._path))
        part.rename(self._path)

    @contextmanager
    def _open(self, mode: str) -> Generator[sqlite3.Connection, None, None]:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _look(self) -> Generator[sqlite3.Connection, None, None]:
        try:
            with self._open("ro") as file:
                file.execute("BEGIN")
                yield file
        except sqlite3.Error as error:
            raise HistoryFault(f"the history {self._path} cannot be read: {error}") from None

    @contextmanager
    def _change(self) -> Generator[sqlite3.Connection, None, None]:
        """Open it for one change, which is applied whole or not at all."""
        try:
            with self._open("rw") as file:
                file.execute("BEGIN IMMEDIATE")
                yield file
                file.execute("COMMIT")
        except sqlite3.Error as error:
            raise HistoryFault(f"the history {self._path} cannot be written: {error}") from None

    def pieces(self) -> list[Piece]:
        """Return all pieces."""
        with self._look() as file:
            return _pieces(file)

    def everything(self) -> tuple[list[Piece], Progress, list[Recall]]:
        """Return the pieces, how far they go and what was called back, all of one moment."""
        with self._look() as file:
            return _pieces(file), _progress(file), _recalls(file)

    def progress(self) -> Progress:
        """Return how far the journal was taken in."""
        with self._look() as file:
            return _progress(file)

    def take_in(
        self,
        piece: Piece | None,
        *,
        batch: int,
        until: float,
        recalls: Mapping[tuple[str, str], int],
        lost: int,
    ) -> None:
        """Note a new piece, and that the journal is taken in up to a commit."""
        with self._change() as file:
            if piece is not None:
                _put(file, [piece])
            file.execute(
                "UPDATE state SET batch = ?, until = max(until, ?), lost = lost + ?",
                (batch, until, lost),
            )
            file.executemany(
                "INSERT INTO recall SELECT ?, ?, era, ? FROM state WHERE true "
                "ON CONFLICT DO UPDATE SET era = excluded.era, upto = excluded.upto",
                [(*key, upto) for key, upto in recalls.items()],
            )

    def exchange(
        self, old: Sequence[Piece], new: Sequence[Piece], now: float, *, why: Why | None = None
    ) -> None:
        """Let new pieces stand for old ones, whose files whoever reads them may finish first.

        With `why`, what the old have and the new have not is counted as gone.
        """
        with self._change() as file:
            gone = [(each.file,) for each in old]
            file.executemany("DELETE FROM piece WHERE file = ?", gone)
            file.executemany(
                "INSERT OR REPLACE INTO gone (file, at, bytes) VALUES (?, ?, ?)",
                [(each.file, now, each.bytes) for each in old],
            )
            _put(file, new)
            if why is not None:
                left = {(each.channel, each.slot): each.rows for each in new}
                counted = [
                    (each, each.rows - left.get((each.channel, each.slot), 0)) for each in old
                ]
                file.executemany(
                    "INSERT INTO went VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "rows = rows + excluded.rows, until = max(until, excluded.until)",
                    [(each.channel, why, rows, each.until) for each, rows in counted if rows],
                )

    def gone(self) -> list[Gone]:
        """Return files that went from the shelf and lie there still, the first first."""
        with self._look() as file:
            rows = file.execute("SELECT file, at, bytes FROM gone ORDER BY at, file").fetchall()
        return [Gone(*row) for row in rows]

    def forget(self, files: Iterable[str], cut_off: int = 0) -> None:
        """Forget that files went: they are deleted, so many of them although somebody read them."""
        with self._change() as file:
            file.execute("UPDATE state SET cut_off = cut_off + ?", (cut_off,))
            file.executemany("DELETE FROM gone WHERE file = ?", [(each,) for each in files])

    def went(self) -> list[Went]:
        """Return what went for a budget or an age since the history was begun."""
        with self._look() as file:
            rows = file.execute("SELECT channel, why, rows, until FROM went ORDER BY 1, 2")
            return [Went(channel, Why(why), *rest) for channel, why, *rest in rows if rest[0]]

    def begin_era(self, batch: int) -> None:
        """Note that the journal was begun anew, and that it is taken in up to that commit of it."""
        with self._change() as file:
            file.execute("UPDATE state SET era = era + 1, batch = ?", (batch,))

    def count_lost(self, lost: int) -> None:
        """Count positions that are nowhere any more."""
        with self._change() as file:
            file.execute("UPDATE state SET lost = lost + ?", (lost,))

    def say(self, trouble: str, now: float) -> None:
        """Note what is wrong, empty where nothing is."""
        with self._change() as file:
            file.execute(
                "UPDATE state SET trouble = ?1, since = ?2 WHERE trouble <> ?1", (trouble, now)
            )

    def holds(self) -> list[Hold]:
        """Return what is held, by name."""
        with self._look() as file:
            rows = file.execute(
                "SELECT name, since, until, uids, area, why FROM hold ORDER BY name"
            ).fetchall()
        return [hold_of(*row) for row in rows]

    def hold(self, holds: Sequence[Hold]) -> int:
        """Hold these; return how many there was no room for."""
        with self._change() as file:
            known = {row[0] for row in file.execute("SELECT name FROM hold")}
            room = MOST_HOLDS - len(known)
            new = [each for each in holds if each.name not in known]
            kept = [each for each in holds if each.name in known] + new[: max(0, room)]
            file.executemany(
                "INSERT OR REPLACE INTO hold VALUES (?, ?, ?, ?, ?, ?)", map(spelt, kept)
            )
        return len(holds) - len(kept)

    def let_go(self, name: str) -> bool:
        """Hold it no longer; False where nothing of that name is held."""
        with self._change() as file:
            return file.execute("DELETE FROM hold WHERE name = ?", (name,)).rowcount > 0


def _pieces(file: sqlite3.Connection) -> list[Piece]:
    rows = file.execute(f"SELECT {', '.join(_COLUMNS)} FROM piece").fetchall()  # noqa: S608  constants
    return [_piece(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _progress(file: sqlite3.Connection) -> Progress:
    row = file.execute(
        "SELECT era, batch, until, lost, trouble, since, cut_off FROM state"
    ).fetchone()
    names = tuple(each.name for each in fields(Progress))
    return Progress(**dict(zip(names, row, strict=True)))


def _recalls(file: sqlite3.Connection) -> list[Recall]:
    rows = file.execute("SELECT channel, uid, era, upto FROM recall").fetchall()
    return [Recall(*row) for row in rows]


def _put(file: sqlite3.Connection, pieces: Sequence[Piece]) -> None:
    marks = ", ".join("?" * len(_COLUMNS))
    file.executemany(
        f"INSERT INTO piece ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608  constants
        [
            (*(getattr(each, name) for name in _OWN), *(getattr(each.area, n) for n in _AREA))
            for each in pieces
        ],
    )


def _piece(row: dict[str, object]) -> Piece:
    box = {name: row.pop(name) for name in _AREA}
    row["tier"] = Tier(int(str(row["tier"])))
    return Piece(**row, area=Box(**box))  # pyright: ignore[reportArgumentType]  as it was put there


def hold_of(name: str, since: float, until: float, uids: str, area: str, why: str) -> Hold:
    """Return a hold of the columns that it was spelt in."""
    box = Box(**json.loads(area)) if area else None
    stretch = Stretch(since=since, until=until, uids=frozenset(json.loads(uids)), area=box)
    return Hold(name=name, stretch=stretch, why=why)


def spelt(hold: Hold) -> tuple[str, float, float, str, str, str]:
    """Return the columns of a hold."""
    stretch, area = hold.stretch, hold.stretch.area
    box = "" if area is None else json.dumps({name: getattr(area, name) for name in _AREA})
    uids = json.dumps(sorted(stretch.uids))
    return (hold.name, stretch.since, stretch.until, uids, box, hold.why)
