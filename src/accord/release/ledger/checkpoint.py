"""Checkpoints: how many entries a ledger has, and the root over them, signed and cosigned.

C2SP tlog-checkpoint and tlog-cosignature. Extension lines are refused: nobody could check them.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from accord.core.nation import check_nation, check_node
from accord.core.partner import NodeName
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Note, Signer, VerifierKey, read_note
from accord.release.merkle import HASH_BYTES, is_consistent

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LATER = re.compile(r"[2-9]|[1-9][0-9]{1,5}", re.ASCII)


def cosigner_name(node: NodeName) -> str:
    """Return the name under which a node cosigns: its SPIFFE ID without the scheme, for C2SP."""
    return f"{node.trust_domain}/node/{node.node}"


def origin_of(node: NodeName, partner: str, number: int = 1) -> str:
    """Return the origin line of a node's ledger for one partner; its author signs by that name.

    A ledger that is begun in place of one that lost lines has the next number, and says so.
    """
    return f"{cosigner_name(node)}/ledger/{partner}{f'/{number}' if number > 1 else ''}"


def number_of(origin: str) -> int:
    """Return which of a node's ledgers for a partner has that origin. LedgerFault: it is of none.

    Of them one has every number, the first 1.
    """
    parties_of(origin)
    _, _, number = origin.rpartition("/ledger/")[2].partition("/")
    return int(number or "1")


def parties_of(origin: str) -> tuple[str, str]:
    """Return whose ledger has that origin, and for which partner. LedgerFault: it is of none."""
    domain, _, rest = origin.partition("/node/")
    node, _, partner = rest.partition("/ledger/")
    partner, slash, number = partner.partition("/")
    if slash and _LATER.fullmatch(number) is None:
        raise LedgerFault(f"{origin!r} is the origin of no ledger")
    try:
        check_node(partner, check_nation(partner[:3]))
        NodeName.parse(f"spiffe://{domain}/node/{node}")
    except ValueError:
        raise LedgerFault(f"{origin!r} is the origin of no ledger") from None
    return node, partner


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger as it was with its first `size` entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Read a note text. LedgerFault: it is none of a checkpoint."""
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0] or _SIZE.fullmatch(lines[1]) is None:
        raise LedgerFault("a checkpoint has three lines: the origin, the size and the root")
    try:
        found = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except ValueError:
        raise LedgerFault("the root of a checkpoint is base64") from None
    if len(found.root) != HASH_BYTES or found.text != text:
        raise LedgerFault("the root of a checkpoint is a SHA-256 in base64")
    return found


def sign(checkpoint: Checkpoint, signer: Signer) -> Note:
    """Return the checkpoint with its author's signature."""
    return Note(checkpoint.text, (signer.sign(checkpoint.text),))


def cosign(note: Note, signer: Signer, at: int) -> Note:
    """Return the note with this cosigner's signature, of that time in seconds since 1970."""
    return note.add(signer.cosign(note.text, at))


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint whose author's signature is right, and the cosignatures that are."""

    checkpoint: Checkpoint
    note: Note
    cosigners: tuple[tuple[VerifierKey, int], ...]
    """Each key, and when it cosigned in seconds since 1970."""


def open_checkpoint(data: bytes, origin: str, keys: Sequence[VerifierKey]) -> Witnessed:
    """Verify a checkpoint of that ledger, with these authors and cosigners. Raises LedgerFault."""
    note = read_note(data)
    checkpoint = read_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise LedgerFault(f"this is a checkpoint of {checkpoint.origin}, not of {origin}")
    verified = note.verified(keys)
    # Whoever may cosign may not speak for the ledger: its author signs by the ledger's own name.
    if not any(key.name == origin and not key.scheme.is_timed for key, _ in verified):
        raise LedgerFault(f"the checkpoint of {origin} at {checkpoint.size} is not signed by it")
    cosigners = [(key, each.at) for key, each in verified if key.scheme.is_timed]
    return Witnessed(checkpoint, note, tuple(cosigners))


def why_not_cosign(last: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> str | None:
    """Return why a partner's new checkpoint is not cosigned after the last; None when it may be.

    A ledger that shrank, or that does not begin as it began before, was rewritten.
    """
    if last is None:
        return None if not proof else "there is nothing before it that a proof could begin with"
    if last.origin != new.origin:
        return f"it is of {new.origin}, the last was of {last.origin}"
    if new.size < last.size:
        return f"it has {new.size} entries, and had {last.size} before"
    if not is_consistent(last.size, new.size, proof, last.root, new.root):
        return f"its first {last.size} entries are not proved to be those it had before"
    return None
