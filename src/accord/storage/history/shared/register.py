"""What stands of one node in a shared history: how far its journal was taken in, what is held.

The node's directory says which journal it is of, so that a node which was made anew under its name
is not taken for the one before. It says as well what is wrong, which a database cannot say that is
not there.
"""

import json
import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from accord.core.geometry import Box
from accord.storage.history import shelf as shelves
from accord.storage.history.pieces import HOUR, Piece, Tier
from accord.storage.history.question import Hold
from accord.storage.history.shared.connection import NOTE_SECONDS, SCHEMA, Connection, Server
from accord.storage.history.shelf import HistoryFault, Progress, Recall, Went, Why, hold_of, spelt
from accord.storage.migrate import NewerVersion, scripts_of

ROW_BYTES = 200
"""Bytes of a position with its share of the indexes, until its day is over and was measured."""

_OF = "journal-id"
_TROUBLE = "trouble.json"
_PART = "history_shared"
_EVERYWHERE = Box(south=-90.0, west=-180.0, north=90.0, east=180.0)


class SharedRegister:
    """Of one node. Connects anew for each use, so that any thread may; or has a connection."""

    def __init__(
        self, server: Server, directory: Path, connection: Connection | None = None
    ) -> None:
        self.directory = directory
        self._server = server
        self._connection = connection

    @contextmanager
    def _connected(self) -> Generator[Connection, None, None]:
        if self._connection is not None:
            yield self._connection
            return
        opened = self._server.open(NOTE_SECONDS)
        try:
            yield opened
        finally:
            opened.close()

    @property
    def exists(self) -> bool:
        """Whether this node has begun a history there, or tried to."""
        return any((self.directory / each).is_file() for each in (_OF, _TROUBLE))

    @property
    def journal(self) -> str:
        """Which journal this node's directory has; empty where none was taken in yet."""
        try:
            return (self.directory / _OF).read_text("ascii").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise HistoryFault(f"{self.directory / _OF} cannot be read: {error}") from None

    def prepare(self) -> None:
        """Make the tables where there are none, and note which journal is taken in."""
        with self._connected() as db, db.changes():
            _bring_up_to_date(db)
            name = self.journal or secrets.token_hex(8)
            db.tell(
                "INSERT INTO journal (node, id, era) SELECT $1, $2, coalesce(max(era) + 1, 0) "
                "FROM journal WHERE node = $1 ON CONFLICT DO NOTHING",
                db.node, name,
            )  # fmt: skip
        if not self.journal:
            self._write(_OF, f"{name}\n")

    def _write(self, name: str, text: str) -> None:
        part = self.directory / f"{name}.part"
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.directory / name)
        except OSError as error:
            raise HistoryFault(f"{self.directory / name} cannot be written: {error}") from None

    def progress(self) -> Progress:
        """Return how far the journal was taken in."""
        with self._connected() as db:
            return self.progress_by(db)

    def progress_by(self, db: Connection) -> Progress:
        """Return how far the journal was taken in, as a connection sees it."""
        found = db.ask(
            "SELECT era, batch, until, lost FROM journal WHERE node = $1 AND id = $2",
            db.node, self.journal,
        )  # fmt: skip
        known = Progress()
        for era, batch, until, lost in (each.values() for each in found):
            known = Progress(era=era, batch=batch, until=until, lost=lost)
        trouble, since = self._trouble()
        return replace(known, trouble=trouble, since=since)

    def recalls_by(self, db: Connection) -> list[Recall]:
        """Return what was called back, as a connection sees it."""
        found = db.ask("SELECT channel, uid, era, upto FROM recall WHERE node = $1", db.node)
        return [Recall(*each.values()) for each in found]

    def pieces(self) -> list[Piece]:
        """Return what there is, by channel and hour or day; evidence beyond the budgets apart."""
        with self._connected() as db:
            found = db.ask(
                "SELECT channel, slot, length, is_held, rows, since, until, row_bytes FROM slot "
                "JOIN day USING (day) WHERE keeper = $1 ORDER BY slot, channel",
                db.node,
            )
        return [_piece(tuple(each.values())) for each in found]

    def went(self) -> list[Went]:
        """Return what went for a budget or an age since the history was begun."""
        with self._connected() as db:
            found = db.ask(
                "SELECT channel, why, rows, until FROM went WHERE node = $1 AND rows > 0 "
                "ORDER BY channel, why",
                db.node,
            )
        return [
            Went(channel, Why(why), rows, until)
            for channel, why, rows, until in (each.values() for each in found)
        ]

    def begin_era(self, batch: int) -> None:
        """Note that the journal was begun anew, and that it is taken in up to that commit of it."""
        with self._connected() as db:
            db.tell(
                "UPDATE journal SET batch = $3, "
                "era = 1 + (SELECT max(era) FROM journal WHERE node = $1) "
                "WHERE node = $1 AND id = $2",
                db.node, self.journal, batch,
            )  # fmt: skip

    def say(self, trouble: str, now: float) -> None:
        """Note what is wrong, empty where nothing is: in the node's directory."""
        known, _ = self._trouble()
        if not trouble:
            (self.directory / _TROUBLE).unlink(missing_ok=True)
        elif trouble != known:
            self._write(_TROUBLE, json.dumps({"trouble": trouble, "since": now}))

    def _trouble(self) -> tuple[str, float]:
        try:
            said = json.loads((self.directory / _TROUBLE).read_text("utf-8"))
            return str(said["trouble"]), float(said["since"])
        except FileNotFoundError:
            return "", 0.0
        except (OSError, ValueError, KeyError, TypeError):
            return f"{self.directory / _TROUBLE} cannot be read", 0.0

    def holds(self) -> list[Hold]:
        """Return what is held, by name."""
        with self._connected() as db:
            return self.holds_by(db)

    def holds_by(self, db: Connection) -> list[Hold]:
        """Return what is held, as a connection sees it."""
        found = db.ask(
            "SELECT name, since, until, uids, area, why FROM hold WHERE node = $1 ORDER BY name",
            db.node,
        )
        return [hold_of(*each.values()) for each in found]

    def hold(self, holds: Sequence[Hold]) -> int:
        """Hold these; return how many there was no room for."""
        with self._connected() as db, db.changes():
            self.lock(db)
            known = {row[0] for row in db.ask("SELECT name FROM hold WHERE node = $1", db.node)}
            room = max(0, shelves.MOST_HOLDS - len(known))
            new = [each for each in holds if each.name not in known]
            kept = [each for each in holds if each.name in known] + new[:room]
            db.tell_each(
                "INSERT INTO hold VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (node, name) DO "
                "UPDATE SET since = excluded.since, until = excluded.until, uids = excluded.uids, "
                "area = excluded.area, why = excluded.why",
                [(db.node, *spelt(each)) for each in kept],
            )
        return len(holds) - len(kept)

    def let_go(self, name: str) -> bool:
        """Hold it no longer; False where nothing of that name is held."""
        with self._connected() as db:
            return db.tell("DELETE FROM hold WHERE node = $1 AND name = $2", db.node, name) > 0

    def lock(self, db: Connection) -> None:
        """Let nothing be held until this change is over that it does not know of."""
        db.ask("SELECT 1 FROM journal WHERE node = $1 FOR UPDATE", db.node)


def _piece(row: Sequence[Any]) -> Piece:
    """Return it as a piece, which has no numbers: `first` and `last` are the ends of its time."""
    channel, slot, length, is_held, rows, since, until, row_bytes = row
    tier = Tier.HOUR if length == HOUR else Tier.DAY
    return Piece(
        file=f"{channel} {slot} {length}{' held' if is_held else ''}",
        tier=Tier.HELD if is_held else tier,
        channel=channel,
        slot=slot,
        rows=rows,
        bytes=rows * row_bytes,
        since=since,
        until=until,
        area=_EVERYWHERE,
        era=0,
        first=slot,
        last=slot + length,
    )


def _bring_up_to_date(db: Connection) -> None:
    """Make the tables, or bring them to this version; one node after the other."""
    db.ask("SELECT pg_advisory_xact_lock(hashtext($1))", SCHEMA)
    # Not CREATE ... IF NOT EXISTS alone: that asks for the right to make it even where it is there.
    if not db.ask("SELECT 1 FROM pg_namespace WHERE nspname = $1", SCHEMA):
        db.tell(f"CREATE SCHEMA {SCHEMA}")
    db.tell("CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)")
    scripts = scripts_of(_PART)
    version: int = db.ask("SELECT coalesce(max(number), 0) FROM version")[0][0]
    if version > len(scripts):
        raise NewerVersion(
            f"the shared history is of version {version} and this Accord knows versions up to "
            f"{len(scripts)}: start the newer Accord that wrote it, or give another database"
        )
    for number, script in list(enumerate(scripts, 1))[version:]:
        db.tell(script)
        db.tell("INSERT INTO version VALUES ($1)", number)
