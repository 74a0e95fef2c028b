"""A ledger in one file, for the partner: every line, and the checkpoint over them.

A partner who reads it needs nothing but the ledger's key: lines, root and signature are held
against each other. Where the first lines are pruned the file begins with the roots over them.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cbor2

from accord.release.ledger.checkpoint import Witnessed, open_checkpoint, parties_of
from accord.release.ledger.entry import MAX_ENTRY, Entry, decode
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import VerifierKey
from accord.release.merkle import HASH_BYTES, Frontier, leaf_hash

FIRST_BYTES = b"accord ledger export 1\n"
_LENGTH = struct.Struct(">I")

Read = Callable[[int], bytes]
"""Reads up to so many bytes, fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Which ledger a file is. Lines up to `pruned` are only in the `peaks`, which are their roots.

    LedgerFault: the origin is of no ledger.
    """

    origin: str
    pruned: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        parties_of(self.origin)

    @property
    def node(self) -> str:
        """Whose ledger it is."""
        return parties_of(self.origin)[0]

    @property
    def partner(self) -> str:
        """For which partner."""
        return parties_of(self.origin)[1]


def spell_export(head: Exported, lines: Iterable[bytes], note: bytes) -> Iterator[bytes]:
    """Yield the file, piece by piece; `note` is a checkpoint over exactly these lines."""
    yield FIRST_BYTES
    yield _framed(cbor2.dumps((head.origin, head.pruned, head.peaks)))
    for line in lines:
        yield _framed(line)
    yield _framed(b"")
    yield _framed(note)


class Import:
    """Reads such a file once, as a stream. LedgerFault: it is none, or was changed on the way."""

    def __init__(self, read: Read, keys: Sequence[VerifierKey]) -> None:
        self._read = read
        self._keys = keys
        if read(len(FIRST_BYTES)) != FIRST_BYTES:
            raise LedgerFault("this is no exported ledger")
        self.head = _head(self._piece())
        self.witnessed: Witnessed | None = None
        """The checkpoint, when all lines were read and are those it was signed over."""

    def entries(self) -> Iterator[Entry]:
        """Yield every line. What was yielded is to be believed only when this has ended."""
        tree, partner = Frontier(self.head.pruned, list(self.head.peaks)), self.head.partner
        while data := self._piece():
            try:
                entry = decode(data)
            except LedgerFault as fault:
                raise LedgerFault(f"line {tree.size + 1} of the export: {fault}") from None
            if (entry.number, entry.partner) != (tree.size + 1, partner):
                raise LedgerFault(
                    f"line {tree.size + 1} of the export is line {entry.number} "
                    f"of a ledger for {entry.partner}"
                )
            tree.append(leaf_hash(data))
            yield entry
        opened = open_checkpoint(self._piece(), self.head.origin, self._keys)
        said = opened.checkpoint
        if (said.size, said.root) != (tree.size, tree.root()):
            raise LedgerFault(
                f"the export has {tree.size} lines that are not the {said.size} "
                f"its checkpoint was signed over"
            )
        if self._read(1):
            raise LedgerFault("something follows where the export ends")
        self.witnessed = opened

    def _piece(self) -> bytes:
        head = self._read(_LENGTH.size)
        if len(head) == _LENGTH.size:
            (size,) = _LENGTH.unpack(head)
            if size > MAX_ENTRY:
                raise LedgerFault(f"the export has a piece of {size} bytes")
            data = self._read(size)
            if len(data) == size:
                return data
        raise LedgerFault("the export ends in the middle")


def _framed(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _head(data: bytes) -> Exported:
    wrong = LedgerFault("the head of the export cannot be read")
    try:
        row: object = cbor2.loads(data, max_depth=3, allow_indefinite=False, immutable=True)
        origin, pruned, peaks = cast("tuple[str, int, tuple[object, ...]]", row)
        is_right = (
            type(pruned) is int
            and 0 <= pruned < 1 << 63
            and len(peaks) == pruned.bit_count()
            and all(isinstance(each, bytes) and len(each) == HASH_BYTES for each in peaks)
            and cbor2.dumps(row) == data
        )
        if is_right:
            return Exported(origin, pruned, cast("tuple[bytes, ...]", peaks))
    except (cbor2.CBORError, ValueError, TypeError, AttributeError, RecursionError):
        raise wrong from None
    raise wrong
