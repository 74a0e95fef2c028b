"""Holds a ledger against its own hashes, and these against every signed checkpoint.

What can be said depends on what was changed with it. A line changed by itself is named. A line
changed with its hash is named as one of its segment. What was changed with every hash in the
database is found by the first checkpoint after it, and lies after the last one that still holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from accord.release.ledger.checkpoint import Witnessed, open_checkpoint
from accord.release.ledger.entry import (
    KIND_OF_PRUNED,
    KIND_OF_SEEN,
    Pruned,
    Seen,
    begins_as,
    decode,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import VerifierKey
from accord.release.merkle import Frontier, Nodes, fold, leaf_hash, root

SEGMENT_LEVEL = 10
SEGMENT = 1 << SEGMENT_LEVEL
"""Entries of which the common root is kept: what is pruned at once, and what a start reads."""

MAX_FINDINGS = 100
"""What is told; whatever is more is only counted."""


Row = tuple[int, bytes, bytes]
"""A line as it is kept: its number, its bytes and the hash of its leaf."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The lines numbered `index * SEGMENT + 1` and on; `root` None: it is not full yet."""

    index: int
    rows: Sequence[Row]
    root: bytes | None

    @property
    def first(self) -> int:
        """The number its first line must have."""
        return self.index * SEGMENT + 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, with the lines `first` to `last`; both None: with no line of its own."""

    says: str
    first: int | None = None
    last: int | None = None


@dataclass(slots=True)
class Audited:
    """What was found. `cosigned` is the size up to which the partner has vouched for the ledger."""

    size: int = 0
    root: bytes = b""
    findings: list[Finding] = field(default_factory=list[Finding])
    untold: int = 0
    checkpoints: int = 0
    signed: int = 0
    cosigned: int = 0
    pruned: int = 0
    """Lines that are gone, as a line of the ledger says."""

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings

    def find(self, says: str, first: int | None = None, last: int | None = None) -> None:
        """Note something that is wrong."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(says, first, last))
        else:
            self.untold += 1


class Kept(Nodes, Protocol):
    """A ledger as it is kept."""

    def segments(self) -> Iterable[Segment]:
        """Return everything there is, in order."""
        ...

    def notes(self) -> Iterable[bytes]:
        """Return its signed checkpoints."""
        ...


def audit(ledger: Kept, origin: str, keys: Sequence[VerifierKey]) -> Audited:
    """Return what is wrong with a ledger. `keys` are those of its author and of its cosigners."""
    return _Auditor(ledger, origin, keys).run()


_SPECIAL = frozenset({bytes((KIND_OF_SEEN,)), bytes((KIND_OF_PRUNED,))})
"""The second byte of a line that says something of the ledger itself."""


class _Auditor:
    """One pass over the segments, first to last."""

    def __init__(self, ledger: Kept, origin: str, keys: Sequence[VerifierKey]) -> None:
        self._ledger = ledger
        self._origin = origin
        self._keys = keys
        self._found = Audited()
        self._tree = Frontier()
        self._is_whole = True
        self._missing: list[tuple[int, int]] = []
        self._signed: dict[int, list[Witnessed]] = {}
        self._by_leaves: set[int] = set()
        """Segments that a checkpoint ends in, whose roots are taken on the way."""
        self._roots: dict[int, bytes] = {}

    def run(self) -> Audited:
        for data in self._ledger.notes():
            self._take_checkpoint(data)
        last = 0
        for segment in self._ledger.segments():
            self._miss(last + 1, segment.first - 1)
            last = self._take(segment)
        self._found.size = last
        self._found.root = self._tree.root()
        self._tell_missing()
        self._hold_checkpoints()
        return self._found

    def _take_checkpoint(self, data: bytes) -> None:
        try:
            opened = open_checkpoint(data, self._origin, self._keys)
        except LedgerFault as fault:
            self._found.find(f"a checkpoint cannot be believed: {fault}")
            return
        self._found.checkpoints += 1
        size = opened.checkpoint.size
        self._signed.setdefault(size, []).append(opened)
        self._by_leaves.add((size - 1) // SEGMENT)

    def _take(self, segment: Segment) -> int:
        """Hold a segment against its hashes, add it to the tree, return its last number."""
        rows, first = segment.rows, segment.first
        leaves = [leaf for _, _, leaf in rows]
        # The usual case, at once: what is wrong is looked for only where something is.
        is_plain = (
            [number for number, _, _ in rows] == list(range(first, first + len(rows)))
            and [sha256(b"\x00" + data).digest() for _, data, _ in rows] == leaves
            and all(begins_as(data, number) for number, data, _ in rows)
        )
        if not is_plain:
            self._find_lines(segment)
        for _, data, _ in rows:
            if data[1:2] in _SPECIAL:
                self._take_special(data)
        if segment.root is None:
            self._grow_by_leaves(rows)
            return rows[-1][0] if rows else first - 1
        self._grow(segment, leaves, segment.root)
        return first + SEGMENT - 1

    def _find_lines(self, segment: Segment) -> None:
        """Name the lines of a segment that are not as their hashes say, and those missing."""
        expected = segment.first
        for number, data, leaf in segment.rows:
            self._miss(expected, number - 1)
            expected = number + 1
            if not begins_as(data, number):
                self._found.find(f"is not the line that stood there: {_what(data)}", number, number)
            elif leaf_hash(data) != leaf:
                self._found.find("was altered", number, number)

    def _take_special(self, data: bytes) -> None:
        """Read a line that says something of the ledger itself."""
        try:
            body = decode(data).body
        except LedgerFault as fault:
            self._found.find(f"a line of the ledger's own cannot be read: {fault}")
            return
        if isinstance(body, Pruned):
            self._found.pruned = max(self._found.pruned, body.through)
        elif isinstance(body, Seen) and body.note.startswith(f"{self._origin}\n".encode()):
            self._take_checkpoint(body.note)

    def _grow(self, segment: Segment, leaves: Sequence[bytes], root: bytes) -> None:
        first, last = segment.first, segment.first + SEGMENT - 1
        if len(leaves) < SEGMENT:
            self._miss(segment.rows[-1][0] + 1 if leaves else first, last)
        elif fold(leaves) != root:
            says = "one of these was altered, removed or moved, and its hash with it"
            self._found.find(says, first, last)
        elif segment.index in self._by_leaves:
            self._grow_by_leaves(segment.rows)
            return
        if self._is_whole:
            # Checkpoints after it can still be held against the root that was kept.
            self._tree.append_full(root, SEGMENT_LEVEL)
            self._remember_root()

    def _grow_by_leaves(self, rows: Sequence[Row]) -> None:
        for number, _, leaf in rows:
            if number != self._tree.size + 1:
                self._is_whole = False
            if not self._is_whole:
                return
            self._tree.append(leaf)
            if number in self._signed:
                self._remember_root()
        self._remember_root()

    def _remember_root(self) -> None:
        self._roots[self._tree.size] = self._tree.root()

    def _miss(self, first: int, last: int) -> None:
        if first > last:
            return
        if self._missing and self._missing[-1][1] == first - 1:
            first = self._missing.pop()[0]
        self._missing.append((first, last))

    def _tell_missing(self) -> None:
        pruned = self._found.pruned
        for first, last in self._missing:
            begin = max(first, pruned + 1)
            if begin <= last:
                self._found.find(_gone(begin, last), begin, last)

    def _hold_checkpoints(self) -> None:
        """Find the first checkpoint that does not hold; those after it cannot either."""
        good, there = 0, self._found.size
        for size in sorted(self._signed):
            if size > there:
                says = f"{_gone(there + 1, size)}: the checkpoint of {size} has"
                self._found.find(f"{says} {'it' if size == there + 1 else 'them'}", there + 1, size)
                return
            root = self._root(size)
            if root is None:
                continue
            for each in self._signed[size]:
                if each.checkpoint.root != root:
                    says = "one of these was altered, removed or moved: the checkpoint of"
                    self._found.find(f"{says} {size} was signed over another root", good + 1, size)
                    return
                self._found.signed = size
                self._found.cosigned = size if each.cosigners else self._found.cosigned
            good = size

    def _root(self, size: int) -> bytes | None:
        """Return the root at that size; None where its lines are pruned, or not all there."""
        if size in self._roots or size > self._tree.size:
            return self._roots.get(size)
        try:
            return root(self._ledger, size)
        except LedgerFault:
            return None


def _gone(first: int, last: int) -> str:
    return "is missing" if first == last else "are missing"


def _what(data: bytes) -> str:
    """Say what a line is that stands where another belongs."""
    try:
        return f"it is line {decode(data).number}"
    except LedgerFault as fault:
        return str(fault)


def told(finding: Finding) -> str:
    """Return a finding as a sentence."""
    if finding.first is None:
        return finding.says
    if finding.first == finding.last:
        return f"line {finding.first} {finding.says}"
    colon = "" if finding.says.startswith("are ") else ":"
    return f"lines {finding.first} to {finding.last}{colon} {finding.says}"
