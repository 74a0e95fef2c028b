"""Files and data packages that TAK clients upload: the bytes by their SHA-256, once each on disk.

What is said of them stands in the file of `TakFile`; a name is never a path.
"""

import json
import re
import secrets
import sqlite3
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from accord.core.principal import Group
from accord.storage.tak_file import Full, TakFile, read_groups, spell_groups

FILES = Path("files")

NEVER = -1
"""The time at which a file ends that never does, as TAK clients write it."""

PUBLIC, PRIVATE = "public", "private"
"""What TAK clients call the tool of what anybody finds, and of what is fetched by its address."""

is_hash = re.compile(r"[0-9a-f]{64}").fullmatch
"""Tells whether a text is a SHA-256 in lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """Files and data packages of TAK clients."""

    max_file: int = field(
        default=400 << 20, metadata={"doc": "bytes of one file; beyond, the upload is cut off"}
    )
    max_person: int = field(
        default=2 << 30, metadata={"doc": "bytes that one person may have on the node"}
    )
    max_total: int = field(
        default=10 << 30, metadata={"doc": "bytes of all files; beyond, none is taken"}
    )
    max_files: int = field(
        default=50_000, metadata={"doc": "files on the node; beyond, none is taken"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is said of a file when it is uploaded. `expires` is in seconds since 1970, or NEVER."""

    name: str
    mime: str
    tool: str
    keywords: tuple[str, ...]
    submitter: str
    creator_uid: str
    groups: frozenset[Group]
    uid: str = ""
    place: Mapping[str, str] = field(default_factory=dict[str, str])
    expires: int = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file that is kept, and its number."""

    number: int
    hash: str
    size: int
    submitted: datetime
    about: About


_COLUMNS = (
    "number, hash, size, submitted, name, mime, tool, keywords, submitter, creator_uid, groups, "
    "uid, place, expires"
)
_HELD = (
    "(EXISTS (SELECT 1 FROM mission_item i WHERE i.kind = 'hash' AND i.name = file.hash) "
    "OR EXISTS (SELECT 1 FROM field_report r WHERE r.hash = file.hash))"
)
_IN_MISSION = "SELECT 1 FROM mission_item WHERE kind = 'hash' AND name = ?"
_IN_REPORT = "SELECT 1 FROM field_report WHERE hash = ?"
_FOR_MISSIONS = "groups = '[]'"
"""Of no group: who may read a mission or report that holds it has it, and nobody else."""

_CHANGES = {"name": "name", "mimetype": "mime", "tool": "tool", "creatoruid": "creator_uid"}


class FileStore:
    """The files of a node. Every method may be called by any thread; TakFault says why not."""

    def __init__(self, file: TakFile, folder: Path, settings: FileSettings) -> None:
        self.settings = settings
        self._file = file
        self._folder = folder
        self._claimed = Counter[str]()
        self._removing = Lock()

    def prepare(self) -> None:
        """Make the folder, and throw away what a crash left half received or half kept."""
        (self._folder / "incoming").mkdir(mode=0o700, parents=True, exist_ok=True)
        left_over = f"SELECT DISTINCT hash FROM file WHERE {_FOR_MISSIONS} AND NOT {_HELD}"  # noqa: S608
        with self._file.look() as rows:
            unheld = [row[0] for row in rows.execute(left_over)]
        if unheld:  # otherwise nothing is written: a node starts on a full disk too
            self.let_go(unheld)
        with self._file.look() as rows:
            kept = {row[0] for row in rows.execute("SELECT DISTINCT hash FROM file")}
        for left in self._folder.glob("*/*"):
            if left.name not in kept:
                left.unlink()

    def incoming(self) -> Path:
        """Return where the bytes of an upload may be written until they are kept."""
        return self._folder / "incoming" / secrets.token_hex(16)

    def path(self, sha256: str) -> Path:
        """Return where the bytes with that hash lie, if they are kept."""
        return self._folder / sha256[:2] / sha256

    def room(self, person: str, now: datetime) -> int:
        """Return how many bytes a person may still upload, at most one file's. Full: none."""
        settings = self.settings
        with self._change() as rows:
            self._end(rows, now)
            count, total = rows.execute("SELECT count(*), total(size) FROM file").fetchone()
            (theirs,) = rows.execute(
                "SELECT total(size) FROM file WHERE submitter = ?", (person,)
            ).fetchone()
        if count >= settings.max_files:
            raise Full(f"this node keeps {settings.max_files} files and takes no more")
        room = int(min(settings.max_person - theirs, settings.max_total - total))
        if room <= 0:
            whose = "this node's files" if settings.max_total <= total else f"the files of {person}"
            raise Full(f"{whose} take all the bytes that they may")
        return min(room, settings.max_file)

    def keep(self, received: Path, sha256: str, about: About, now: datetime) -> Stored:
        """Keep bytes that were received, under what is said of them. Full: there is no room now.

        The same file of the same name by the same person is kept once, as it is described last.
        """
        size = received.stat().st_size
        if size > self.room(about.submitter, now):
            raise Full(f"there is no room for {size} bytes of {about.submitter} any more")
        target = self.path(sha256)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with self._file.change() as rows:
            # After the lock, so that nobody deletes these bytes in between.
            received.replace(target)
            rows.execute(
                "DELETE FROM file WHERE hash = ? AND name = ? AND submitter = ?",
                (sha256, about.name, about.submitter),
            )
            number = rows.execute(
                f"INSERT INTO file ({_COLUMNS.partition(', ')[2]}) "  # noqa: S608  constants
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (sha256, size, now.timestamp(), *_row(about)),
            ).lastrowid
        return Stored(number=number or 0, hash=sha256, size=size, submitted=now, about=about)

    def all(self, now: datetime, *, sha256: str = "", uid: str = "") -> list[Stored]:
        """Return what is kept, newest first; with a hash or uid, only under that.

        What a mission or report holds is kept, whatever its end.
        """
        which, values = f"expires < 0 OR expires > ? OR {_HELD}", [now.timestamp()]
        with self._file.look() as rows:
            found = rows.execute(
                f"SELECT {_COLUMNS} FROM file WHERE ({which}) AND (? = '' OR hash = ?) "  # noqa: S608
                "AND (? = '' OR uid = ? OR hash = ?) ORDER BY number DESC",
                (*values, sha256, sha256, uid, uid, uid),
            ).fetchall()
        return [_stored(row) for row in found]

    def describe(self, number: int, key: str, value: str) -> bool:
        """Change one thing that is said of a file; False where there is no such thing."""
        column = _CHANGES.get(key.lower())
        if column is None:
            return False
        with self._file.change() as rows:
            rows.execute(f"UPDATE file SET {column} = ? WHERE number = ?", (value, number))  # noqa: S608
        return True

    def set_keywords(self, number: int, keywords: Iterable[str]) -> None:
        """Give a file these keywords instead of those it has."""
        with self._file.change() as rows:
            text = json.dumps(list(keywords))
            rows.execute("UPDATE file SET keywords = ? WHERE number = ?", (text, number))

    def set_end(self, number: int, expires: int) -> None:
        """Say when a file ends."""
        with self._file.change() as rows:
            rows.execute("UPDATE file SET expires = ? WHERE number = ?", (expires, number))

    def delete(self, numbers: Iterable[int]) -> bool:
        """Forget files; the bytes go with the last that has them. False: one is held."""
        is_whole = True
        with self._change() as rows:
            for number in numbers:
                row = rows.execute("SELECT hash FROM file WHERE number = ?", (number,)).fetchone()
                if row is not None and self._is_needed(rows, row[0]):
                    is_whole = False
                elif row is not None:
                    rows.execute("DELETE FROM file WHERE number = ?", (number,))
                    self._sweep(rows, row[0])
        return is_whole

    def claim(self, hashes: Iterable[str]) -> None:
        """Let nobody remove files that a mission or report is about to hold, until `release`."""
        with self._removing:
            self._claimed.update(hashes)

    def release(self, hashes: Iterable[str]) -> None:
        """End claims; what was kept for a mission or report and is in none goes."""
        claimed = list(hashes)
        with self._removing:
            self._claimed -= Counter(claimed)
        self.let_go(claimed)

    def let_go(self, hashes: Iterable[str]) -> None:
        """Remove those that were kept for missions or reports only, and that none holds now."""
        gone = set(hashes)
        if not gone:
            return
        with self._change() as rows:
            for sha256 in gone:
                if not self._is_needed(rows, sha256):
                    rows.execute(
                        f"DELETE FROM file WHERE hash = ? AND {_FOR_MISSIONS}",  # noqa: S608
                        (sha256,),
                    )
                    self._sweep(rows, sha256)

    @contextmanager
    def _change(self) -> Generator[sqlite3.Connection, None, None]:
        """Open the file for a change that may remove files: nobody claims one meanwhile."""
        with self._removing, self._file.change() as rows:
            yield rows

    def _is_needed(self, rows: sqlite3.Connection, sha256: str) -> bool:
        held = f"{_IN_MISSION} UNION ALL {_IN_REPORT}"
        found = rows.execute(held, (sha256, sha256)).fetchone()
        return sha256 in self._claimed or found is not None

    def _end(self, rows: sqlite3.Connection, now: datetime) -> None:
        """Remove what has ended; what is held does not end before it is let go."""
        ended = rows.execute(
            "SELECT number, hash FROM file WHERE expires >= 0 AND expires <= ?", (now.timestamp(),)
        ).fetchall()
        for number, sha256 in ended:
            if not self._is_needed(rows, sha256):
                rows.execute("DELETE FROM file WHERE number = ?", (number,))
                self._sweep(rows, sha256)

    def _sweep(self, rows: sqlite3.Connection, sha256: str) -> None:
        used = rows.execute("SELECT 1 FROM file WHERE hash = ?", (sha256,)).fetchone()
        if used is None:
            self.path(sha256).unlink(missing_ok=True)


def _row(about: About) -> tuple[object, ...]:
    return (
        about.name, about.mime, about.tool, json.dumps(about.keywords), about.submitter,
        about.creator_uid, spell_groups(about.groups), about.uid, json.dumps(dict(about.place)),
        about.expires,
    )  # fmt: skip


def _stored(row: tuple[Any, ...]) -> Stored:
    number, sha256, size, submitted, name, mime, tool, keywords, submitter, creator, *rest = row
    groups, uid, place, expires = rest
    return Stored(
        number=number,
        hash=sha256,
        size=size,
        submitted=datetime.fromtimestamp(submitted, UTC),
        about=About(
            name=name,
            mime=mime,
            tool=tool,
            keywords=tuple(json.loads(keywords)),
            submitter=submitter,
            creator_uid=creator,
            groups=read_groups(groups),
            uid=uid,
            place=json.loads(place),
            expires=expires,
        ),
    )
