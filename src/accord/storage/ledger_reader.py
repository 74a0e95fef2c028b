"""Reads the ledgers of a node on disk: one SQLite file for each partner."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from accord.core.errors import UsageError
from accord.release.ledger.audit import SEGMENT, SEGMENT_LEVEL, Row, Segment
from accord.release.ledger.checkpoint import Checkpoint, number_of, read_checkpoint
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import VerifierKey, read_key, read_note
from accord.release.merkle import Leaves, consistency_proof, fold, inclusion_proof, root
from accord.storage.migrate import NewerVersion

LEDGERS = Path("ledger")
"""Where a node keeps them, in its directory."""

_SUFFIX = ".sqlite"
BUSY = 5.0
"""Seconds that another process that has the file locked is waited for."""

# What somebody put there as text must not keep the rest from being read: it is taken as bytes.
_ROWS = """
    SELECT number, CAST(data AS BLOB), CAST(leaf AS BLOB) FROM entry
    WHERE number BETWEEN ? AND ? ORDER BY number
"""
LAST_NOTE = """
    SELECT CAST(note AS BLOB) FROM checkpoint
    WHERE size = coalesce(?, size) ORDER BY size DESC LIMIT 1
"""
_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: nothing is released until there is room",
    sqlite3.SQLITE_CORRUPT: "it is damaged: nothing is released until it is put right; keep the "
    "file, it is evidence",
    sqlite3.SQLITE_NOTADB: "it is no ledger",
    sqlite3.SQLITE_CANTOPEN: "it is not there, or may not be opened",
    sqlite3.SQLITE_READONLY: "it may not be written",
}


def path_of(directory: Path, partner: str) -> Path:
    """Return the file of the ledger for one partner, in a node's directory."""
    return directory / LEDGERS / f"{partner}{_SUFFIX}"


def partners_of(directory: Path) -> list[str]:
    """Return for which partners a node has a ledger."""
    return [each for each in _names(directory) if "." not in each]


def ended_of(directory: Path) -> list[str]:
    """Return the names of ledgers that another was begun in place of, such as `USA-PAC.1`."""
    return [each for each in _names(directory) if "." in each]


def ended_name(partner: str, number: int) -> str:
    """Return under which name a ledger is kept when another is begun in its place."""
    return f"{partner}.{number}"


def _names(directory: Path) -> list[str]:
    found = (each.stem for each in (directory / LEDGERS).glob(f"[!.]*{_SUFFIX}"))
    return sorted(found)


def number_on_disk(directory: Path, partner: str) -> int:
    """Return which of a node's ledgers for a partner is written. LedgerFault: it cannot be read."""
    path = path_of(directory, partner)
    if not path.exists():
        ended = [each.removeprefix(f"{partner}.") for each in ended_of(directory)]
        return 1 + max((int(each) for each in ended if each.isdecimal()), default=0)
    with closing(LedgerReader(path)) as reader:
        return number_of(reader.owner.origin)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose ledger it is, for which partner, and under what name it is signed."""

    origin: str
    node: str
    partner: str


@contextmanager
def faults(path: Path) -> Generator[None, None, None]:
    """Raise what a database or the system says of this file as LedgerFault."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        said = _ADVICE.get(code, str(error))
        raise LedgerFault(f"the ledger {path}: {said}") from None
    except OSError as error:
        raise LedgerFault(f"the ledger {path}: {error.strerror}") from None
    except NewerVersion as error:
        raise LedgerFault(str(error)) from None


class LedgerReader:
    """Reads a ledger, also while its guard writes it; a few lines at a time, so it holds up nobody.

    Raises LedgerFault where the file cannot be read. It is a `merkle.Nodes`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with faults(path):
            uri = f"{path.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None)
        self._segments: Leaves | None = None
        self._full = -1
        try:
            self.owner = self._owner()
        except BaseException:
            self.close()
            raise

    def _owner(self) -> Owner:
        rows = self._all("SELECT origin, node, partner FROM ledger")
        if len(rows) != 1:
            raise LedgerFault(f"the ledger {self.path} does not say whose it is")
        origin, node, partner = map(str, rows[0])
        return Owner(origin, node, partner)

    def _all(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with faults(self.path):
            return self._connection.execute(sql, values).fetchall()

    def _blobs(self, sql: str, *values: object) -> list[bytes]:
        return [each for (each,) in cast("list[tuple[bytes]]", self._all(sql, *values))]

    def size(self) -> int:
        """Return the number of its last line; 0: it has none."""
        ((found,),) = self._all("SELECT coalesce(max(number), 0) FROM entry")
        return int(str(found))

    def rows(self, first: int, last: int) -> list[Row]:
        """Return the lines of these numbers that are there."""
        return cast("list[Row]", self._all(_ROWS, first, last))

    def row(self, number: int) -> Row:
        """Return one line. LedgerFault: there is none of that number."""
        found = self.rows(number, number)
        if not found:
            raise LedgerFault(f"the ledger for {self.owner.partner} has no line {number}")
        return found[0]

    def lines(self, first: int = 1, last: int | None = None) -> Iterator[Row]:
        """Yield lines in order, up to the last that is there now."""
        last = self.size() if last is None else last
        for begin in range(first, last + 1, SEGMENT):
            yield from self.rows(begin, min(begin + SEGMENT - 1, last))

    def newest_first(self, before: int | None = None) -> Iterator[Row]:
        """Yield lines, the last first; only those before a number, where one is given."""
        size = self.size()
        last = size if before is None else min(before - 1, size)
        for end in range(last, 0, -SEGMENT):
            yield from reversed(self.rows(max(1, end - SEGMENT + 1), end))

    def segments(self) -> Iterator[Segment]:
        """Yield everything there is now, for `audit`."""
        size = self.size()
        roots = self._roots()
        for index in range(-(-size // SEGMENT)):
            first = index * SEGMENT + 1
            rows = self.rows(first, min(first + SEGMENT - 1, size))
            yield Segment(index, rows, roots.get(index))

    def _roots(self) -> dict[int, bytes]:
        rows = self._all("SELECT number, CAST(root AS BLOB) FROM segment ORDER BY number")
        return dict(cast("list[tuple[int, bytes]]", rows))

    def notes(self) -> list[bytes]:
        """Return the signed checkpoints, by size."""
        return self._blobs("SELECT CAST(note AS BLOB) FROM checkpoint ORDER BY size")

    def note(self, size: int | None = None) -> bytes:
        """Return the checkpoint of that size, or the last. LedgerFault: there is none."""
        notes = self._blobs(LAST_NOTE, size)
        if not notes:
            more = "" if size else " yet: a running node makes one now and then, and when it stops"
            raise LedgerFault(f"the ledger for {self.owner.partner} has no such checkpoint{more}")
        return notes[0]

    def witnessed(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint of that ledger that was cosigned here."""
        note = self.witnessed_note(origin)
        return None if note is None else read_checkpoint(read_note(note).text)

    def witnessed_note(self, origin: str) -> bytes | None:
        """Return the same as its author signed it."""
        notes = self._blobs("SELECT CAST(note AS BLOB) FROM witnessed WHERE origin = ?", origin)
        return notes[0] if notes else None

    def witnessed_notes(self) -> list[tuple[object, ...]]:
        """Return each origin with the last checkpoint of that ledger that was cosigned here."""
        return self._all("SELECT origin, CAST(note AS BLOB) FROM witnessed ORDER BY origin")

    def signed(self) -> int:
        """Return the size of the last checkpoint; 0: there is none."""
        ((found,),) = self._all("SELECT coalesce(max(size), 0) FROM checkpoint")
        return int(str(found))

    def verifiers(self) -> list[VerifierKey]:
        """Return the verifier keys that are kept with it."""
        return [read_key(str(key)) for (key,) in self._all("SELECT key FROM verifier ORDER BY key")]

    def pruned(self) -> int:
        """Return how many of the first lines are gone, by whole segments."""
        ((found,),) = self._all("SELECT coalesce(min(number) - 1, 0) FROM entry")
        return int(str(found))

    def peaks(self, size: int) -> list[bytes]:
        """Return the roots of the full subtrees that its first `size` lines make, left first."""
        return [
            self.node(level, (size >> level) - 1)
            for level in reversed(range(size.bit_length()))
            if size >> level & 1
        ]

    def root(self, size: int) -> bytes:
        """Return the root over its first `size` lines. LedgerFault: some of them are not there."""
        return root(self, size)

    def inclusion(self, number: int, size: int) -> list[bytes]:
        """Return the proof that line `number` is one of the first `size`."""
        return inclusion_proof(self, number - 1, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the first `second` lines begin with the first `first`."""
        return consistency_proof(self, first, second)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a full subtree. LedgerFault: some of its lines are not there."""
        if level >= SEGMENT_LEVEL:
            return self._node_of_segments(level - SEGMENT_LEVEL, index)
        first = (index << level) + 1
        last = first + (1 << level) - 1
        leaves = [leaf for _, _, leaf in self.rows(first, last)]
        if len(leaves) != 1 << level:
            raise LedgerFault(f"lines {first} to {last} are not all there; they may be pruned")
        return fold(leaves)

    def _node_of_segments(self, level: int, index: int) -> bytes:
        if (index + 1) << level > self._full or self._segments is None:
            roots = self._roots()
            self._segments, self._full = Leaves(roots.values()), len(roots)
            if sorted(roots) != list(range(len(roots))) or (index + 1) << level > len(roots):
                raise LedgerFault(f"the ledger {self.path} lacks the root of a segment")
        return self._segments.node(level, index)

    def close(self) -> None:
        """Let the file go; never fails."""
        with suppress(sqlite3.Error):
            self._connection.close()


def reader_of(directory: Path, partner: str) -> LedgerReader:
    """Open the ledger for a partner. UsageError: there is none."""
    if partner not in (*partners_of(directory), *ended_of(directory)):
        raise UsageError(f"{directory} has no ledger for a partner {partner}")
    return LedgerReader(path_of(directory, partner))
