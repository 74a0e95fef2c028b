"""The ledgers of a node on disk: one SQLite file for each partner, which only grows.

`append` returns when what it was given is on the disk: one transaction and one flush for each call
(WAL with `synchronous=FULL`). The hash of every line is kept beside it, and the common root of each
full segment, so that a start reads the last segment and not the whole.
"""

import os
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from accord.release.ledger.audit import SEGMENT, SEGMENT_LEVEL, Row
from accord.release.ledger.checkpoint import (
    Checkpoint,
    cosign,
    open_checkpoint,
    read_checkpoint,
    sign,
    why_not_cosign,
)
from accord.release.ledger.entry import Body, Pruned, Seen, encode, milliseconds
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Note, Signer, VerifierKey, read_note
from accord.release.merkle import Frontier, leaf_hash
from accord.storage.ledger_reader import BUSY, LedgerReader, Owner, faults
from accord.storage.migrate import migrate

MAX_APPEND = 10_000
"""Lines of one call."""


class Ledger(LedgerReader):
    """The one writer of a ledger, in one thread. The file is made where it is missing.

    After a LedgerFault nothing of that call is in the ledger, and the next call begins from what
    is on the disk.
    """

    def __init__(self, path: Path, owner: Owner, keys: Iterable[VerifierKey]) -> None:
        self._tree: Frontier | None = None
        _make(path, owner)
        super().__init__(path)
        try:
            self._check_owner(owner)
            with faults(path):
                self._connection.close()
                self._connection = _connect(path)
                self._connection.executemany(
                    "INSERT OR IGNORE INTO verifier (key) VALUES (?)",
                    [(key.spell(),) for key in keys],
                )
            self._grown()
        except BaseException:
            self.close()
            raise

    def _check_owner(self, owner: Owner) -> None:
        if self.owner != owner:
            raise LedgerFault(
                f"the ledger {self.path} is of {self.owner.origin}, not {owner.origin}"
            )

    def append(self, bodies: Sequence[Body], at: datetime) -> range:
        """Write these, in this order, and return their numbers when they are on the disk."""
        with self._changing() as tree:
            return self._insert(tree, bodies, at)

    def _insert(self, tree: Frontier, bodies: Sequence[Body], at: datetime) -> range:
        if not 0 < len(bodies) <= MAX_APPEND:
            raise LedgerFault(f"a call appends 1 to {MAX_APPEND} lines, not {len(bodies)}")
        numbers = range(tree.size + 1, tree.size + len(bodies) + 1)
        moment, partner = milliseconds(at), self.owner.partner
        rows: list[Row] = []
        segments: list[tuple[int, bytes]] = []
        for number, body in zip(numbers, bodies, strict=True):
            data = encode(number, moment, partner, body)
            leaf = leaf_hash(data)
            full = tree.append(leaf)
            if len(full) > SEGMENT_LEVEL:
                segments.append((number // SEGMENT - 1, full[SEGMENT_LEVEL]))
            rows.append((number, data, leaf))
        self._connection.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)
        self._connection.executemany("INSERT INTO segment VALUES (?, ?)", segments)
        return numbers

    def sign(self, signer: Signer) -> Note:
        """Sign what the ledger has now, keep the checkpoint and return it."""
        with self._changing() as tree:
            note = sign(Checkpoint(self.owner.origin, tree.size, tree.root()), signer)
            self._connection.execute(
                "INSERT INTO checkpoint (size, note) VALUES (?, ?) ON CONFLICT (size) DO NOTHING",
                (tree.size, note.spell()),
            )
        return read_note(self.note(tree.size))

    def keep(self, note: Note, keys: Sequence[VerifierKey]) -> None:
        """Keep what these keys have cosigned of a checkpoint that was signed here.

        LedgerFault: a cosignature is wrong, or it is another checkpoint.
        """
        size = read_checkpoint(note.text).size
        kept = read_note(self.note(size))
        if kept.text != note.text:
            raise LedgerFault(f"the checkpoint of {size} was signed over another root here")
        for _, signature in note.verified(keys):
            kept = kept.add(signature)
        with self._changing():
            self._connection.execute(
                "UPDATE checkpoint SET note = ? WHERE size = ?", (kept.spell(), size)
            )

    def witness(
        self, note: bytes, proof: Sequence[bytes], keys: Sequence[VerifierKey], signer: Signer,
        at: datetime,
    ) -> Note:  # fmt: skip
        """Cosign a new checkpoint of the partner's own ledger, and keep it in a line of this one.

        LedgerFault: it is not theirs, or their ledger did not only grow since the last. `keys` are
        those of their ledger; its origin is the name of the first.
        """
        opened = open_checkpoint(note, keys[0].name, keys)
        checkpoint = opened.checkpoint
        why = why_not_cosign(self.witnessed(checkpoint.origin), checkpoint, proof)
        if why is not None:
            raise LedgerFault(f"the checkpoint of {checkpoint.origin} is not cosigned: {why}")
        cosigned = cosign(opened.note, signer, int(at.timestamp()))
        with self._changing() as tree:
            self._insert(tree, [Seen(note=note)], at)
            self._connection.execute(
                "REPLACE INTO witnessed (origin, note) VALUES (?, ?)",
                (checkpoint.origin, note),
            )
        return cosigned

    def dispute(self, origin: str, note: bytes, says: str, at: datetime) -> None:
        """Keep what contradicts the last checkpoint of that ledger that was cosigned here.

        The note becomes a line of this one, once; with the note cosigned it is a proof.
        """
        with self._changing() as tree:
            known = self._connection.execute("SELECT note FROM dispute WHERE origin = ?", (origin,))
            if known.fetchone() is None:
                self._insert(tree, [Seen(note=note)], at)
                self._connection.execute(
                    "INSERT INTO dispute VALUES (?, ?, ?, ?)", (origin, at.timestamp(), note, says)
                )

    def disputed(self, origin: str) -> str:
        """Return what contradicts that ledger's last checkpoint; empty where nothing does."""
        found = self._all("SELECT says FROM dispute WHERE origin = ?", origin)
        return str(found[0][0]) if found else ""

    def settle(self, origin: str) -> None:
        """Forget a dispute: the ledger was shown to be the one that was cosigned."""
        with self._changing():
            self._connection.execute("DELETE FROM dispute WHERE origin = ?", (origin,))

    def inherit(self, before: LedgerReader) -> None:
        """Go on cosigning the partner's ledger from where the ledger before this one had come."""
        with self._changing():
            self._connection.executemany(
                "INSERT OR IGNORE INTO witnessed (origin, note) VALUES (?, ?)",
                before.witnessed_notes(),
            )

    def prune(self, through: int, reason: str, operator: str | None, at: datetime) -> int:
        """Remove whole segments up to that line, keep their roots, say so in a line of its own.

        Returns up to which line. LedgerFault: there is no whole segment.
        """
        last = min(through, self.size()) // SEGMENT * SEGMENT
        if not last:
            raise LedgerFault(f"nothing is pruned: there is no whole segment of {SEGMENT} lines")
        said = Pruned(through=last, reason=reason, operator=operator)
        with self._changing() as tree:
            self._insert(tree, [said], at)
            self._connection.execute("DELETE FROM entry WHERE number <= ?", (last,))
        return last

    @contextmanager
    def _changing(self) -> Generator[Frontier, None, None]:
        """Change the file whole or not at all; the tree grows with it, or is read again."""
        tree = (self._tree or self._grown()).copy()
        self._tree = None
        try:
            with faults(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
                self._check_alone(tree)
                yield tree
                self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.rollback()
            raise
        self._tree = tree

    def _check_alone(self, tree: Frontier) -> None:
        if self.size() != tree.size:
            raise LedgerFault(f"the ledger {self.path} was written by another process meanwhile")

    def _grown(self) -> Frontier:
        """Read the tree from the roots of segments and the lines after them."""
        tree = Frontier()
        for index, value in self._roots().items():
            if index != tree.size >> SEGMENT_LEVEL:
                raise LedgerFault(f"the ledger {self.path} lacks the root of a segment")
            tree.append_full(value, SEGMENT_LEVEL)
        size = self.size()
        if size < tree.size:
            raise LedgerFault(f"lines {size + 1} to {tree.size} of {self.path} are missing")
        for number, data, leaf in self.rows(tree.size + 1, size):
            if number != tree.size + 1 or leaf_hash(data) != leaf:
                raise LedgerFault(f"line {tree.size + 1} of the ledger {self.path} was changed")
            tree.append(leaf)
        self._hold_last_checkpoint(tree)
        self._tree = tree
        return tree

    def _hold_last_checkpoint(self, tree: Frontier) -> None:
        if not self.signed():
            return
        said = read_checkpoint(read_note(self.note()).text)
        if said.size > tree.size or self.root(said.size) != said.root:
            raise LedgerFault(
                f"the ledger {self.path} is not the one that its checkpoint of {said.size} was "
                "signed over; accord ledger verify says where"
            )


def _make(path: Path, owner: Owner) -> None:
    """Make the file where it is missing, and bring it to the newest version."""
    with faults(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not path.exists() or path.stat().st_size == 0
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = _connect(path)
        try:
            migrate(connection, "ledger", file=str(path))
            connection.execute(
                "INSERT INTO ledger SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM ledger)",
                (owner.origin, owner.node, owner.partner),
            )
        finally:
            connection.close()
        if is_new:
            _flush_directory(path.parent)


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Each commit is flushed: what is in the ledger is there before its bytes leave.
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _flush_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
