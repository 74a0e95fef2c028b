"""A proof that one line stands in a ledger, to be checked without the ledger.

C2SP tlog-proof v1; the line itself is its `extra`, so that the file says what it proves.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from accord.release.ledger.checkpoint import Witnessed, open_checkpoint
from accord.release.ledger.entry import MAX_ENTRY, Entry, decode
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import MAX_NOTE, VerifierKey
from accord.release.merkle import MAX_PROOF, is_included, leaf_hash

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_FILE = 2 * MAX_ENTRY + MAX_NOTE + 64 * MAX_PROOF
"""Bytes of a proof."""

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proved:
    """A line that is in the ledger of that checkpoint, for sure."""

    entry: Entry
    witnessed: Witnessed


def spell_proof(data: bytes, index: int, path: Sequence[bytes], note: bytes) -> str:
    """Return the file: a line's bytes, its leaf's index, its inclusion proof, a checkpoint."""
    hashes = "".join(f"{_base64(each)}\n" for each in path)
    return f"{FIRST_LINE}\nextra {_base64(data)}\nindex {index}\n{hashes}\n{note.decode()}"


def check_proof(text: bytes, origin: str, keys: Sequence[VerifierKey]) -> Proved:
    """Return what a file proves of the ledger of that origin. LedgerFault: it proves nothing."""
    if len(text) > MAX_FILE:
        raise LedgerFault(f"a proof has at most {MAX_FILE} bytes")
    head, _, note = text.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if lines[0] != FIRST_LINE or len(lines) < 3 or not lines[1].startswith("extra "):
        raise LedgerFault(
            f"a proof begins with {FIRST_LINE} and a line `extra` with what it proves"
        )
    index = _INDEX.fullmatch(lines[2])
    if index is None:
        raise LedgerFault("a proof has the index of its leaf in its third line")
    data = _bytes(lines[1].removeprefix("extra "))
    path = [_bytes(line) for line in lines[3:]]
    witnessed = open_checkpoint(note, origin, keys)
    at, checkpoint = int(index[1]), witnessed.checkpoint
    if not is_included(leaf_hash(data), at, checkpoint.size, path, checkpoint.root):
        raise LedgerFault("this line is not in the ledger that the checkpoint speaks of")
    entry = decode(data)
    if entry.number != at + 1:
        raise LedgerFault(f"this is line {entry.number}, and stands where line {at + 1} should")
    return Proved(entry, witnessed)


def origin_in(text: bytes) -> str:
    """Return the origin that a proof's checkpoint names, not yet believed; empty where none is."""
    return text.partition(b"\n\n")[2].partition(b"\n")[0].decode("utf-8", "replace")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise LedgerFault("a proof has a line that is not base64") from None
