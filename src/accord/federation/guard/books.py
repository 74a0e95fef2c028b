"""The ledger of one link as its guard keeps it: lines, checkpoints, and the partner's witness.

What goes to a witness is the body of an `add-checkpoint` request (C2SP tlog-witness): the size that
it last cosigned, the proof from there on, an empty line, the checkpoint.
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from accord.core.partner import NodeName, Partner
from accord.federation.guard import ipc, talk
from accord.release.ledger.checkpoint import (
    Checkpoint,
    cosign,
    cosigner_name,
    open_checkpoint,
    origin_of,
    read_checkpoint,
)
from accord.release.ledger.entry import Body, Count, Refusals, Seen
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import Note, Signer, pinned_keys, read_note
from accord.security.signing import SigningKey
from accord.storage.ledger import MAX_APPEND, Ledger
from accord.storage.ledger_reader import Owner, path_of
from accord.wire.peer.translate import moment

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
MAX_HASHES = 63  # C2SP tlog-witness, add-checkpoint


class Books:
    """The one writer of a link's ledger. Raises LedgerFault, after which nothing may leave."""

    def __init__(self, directory: Path, own: NodeName, partner: Partner, key: SigningKey) -> None:
        origin = origin_of(own, partner.node)
        self._author = Signer(origin, key.key)
        self._cosigner = Signer(cosigner_name(own), key.key)
        self._their_ledger = pinned_keys(origin_of(partner.name, own.node), partner.ledger_key)[:1]
        self._partner_key = pinned_keys(cosigner_name(partner.name), partner.ledger_key)[1]
        self._keys = [self._author.key, self._partner_key]
        owner = Owner(origin, own.node, partner.node)
        self._ledger = Ledger(path_of(directory, partner.node), owner, self._keys)
        self.notes: set[bytes] = set()
        """What this guard signed for the partner, and so may leave."""
        self.lines: int = self._ledger.size()
        self._is_fresh = self.lines > 0
        self.signed: int = self._ledger.signed()
        self.cosigned: int = self._last_cosigned()
        self.trouble = ""

    def _last_cosigned(self) -> int:
        """Return how much of this ledger the partner has cosigned."""
        for note in reversed(self._ledger.notes()):
            opened = open_checkpoint(note, self._author.key.name, self._keys)
            if opened.cosigners:
                return opened.checkpoint.size
        return 0

    def enter(self, lines: Sequence[Body], now: datetime) -> None:
        """Write these; they are on the disk when it returns."""
        for begin in range(0, len(lines), MAX_APPEND):
            self.lines = self._ledger.append(lines[begin : begin + MAX_APPEND], now)[-1]
        self._is_fresh = True

    def withheld(self, it: talk.Withheld, now: datetime) -> None:
        """Write what the node withheld, counted."""
        said = Refusals(
            agreement=it.agreement,
            serial=it.serial,
            since=moment(it.since),
            until=moment(it.until),
            counts=it.counts,
        )
        self.enter([said], now)

    def refused(self, reason: str, clause: str | None, now: datetime) -> None:
        """Write that the guard itself refused a release."""
        count = Count(clause=clause, reason=f"guard: {reason}"[:128], sort="release", count=1)
        said = Refusals(agreement="guard", serial=0, since=now, until=now, counts=(count,))
        self.enter([said], now)

    def sign(self) -> None:
        """Sign what is new since the last checkpoint; notes of notes alone are nothing new."""
        if self._is_fresh and self.lines != self.signed:
            self._ledger.sign(self._author)
            self.signed = self.lines
        self._is_fresh = False

    def request(self) -> bytes | None:
        """Return the last checkpoint for the partner to cosign, None where it has."""
        if not self.signed or self.signed == self.cosigned:
            return None
        old = self.cosigned
        proof = self._ledger.consistency(old, self.signed) if old else []
        said = f"old {old}\n" + "".join(f"{_base64(each)}\n" for each in proof)
        return self._made(said.encode() + b"\n" + self._ledger.note(self.signed))

    def witness(self, request: bytes, now: datetime) -> bytes | None:
        """Cosign the partner's checkpoint and return the note; None: `trouble` says why not."""
        try:
            note = self._witness_it(request, now)
        except LedgerFault as fault:
            self._say(str(fault))
            return None
        return self._made(note.spell())

    def _witness_it(self, request: bytes, now: datetime) -> Note:
        old, proof, note = read_request(request)
        origin = self._their_ledger[0].name
        before = self._ledger.witnessed(origin)
        if before is not None and old != before.size:
            # Its cosignature was lost, or a backup was put back: it is told how far it had come.
            if open_checkpoint(note, origin, self._their_ledger).checkpoint.size < before.size:
                self._say(f"the ledger of {origin} had {before.size} lines, and has fewer now")
            return cosign(Note(before.text, ()), self._cosigner, int(now.timestamp()))
        cosigned = self._ledger.witness(note, proof, self._their_ledger, self._cosigner, now)
        self.lines += 1
        return cosigned

    def cosigned_by_partner(self, data: bytes, now: datetime) -> None:
        """Keep the partner's cosignature of a checkpoint of this ledger."""
        try:
            note = read_note(data)
            checkpoint = read_checkpoint(note.text)
            self._check_ours(note, checkpoint)
            self._ledger.keep(note, [self._partner_key])
        except LedgerFault as fault:
            self._say(str(fault))
            return
        if checkpoint.size > self.cosigned:
            self.cosigned = checkpoint.size
            self.lines = self._ledger.append([Seen(note=data)], now)[-1]

    def _check_ours(self, note: Note, checkpoint: Checkpoint) -> None:
        if not note.verified([self._partner_key]):
            raise LedgerFault("a note came back without the partner's cosignature")
        if checkpoint.origin != self._author.key.name:
            raise LedgerFault(f"a cosignature of {checkpoint.origin} is not of this ledger")
        if checkpoint.size > self.lines:
            raise LedgerFault(
                f"the partner has cosigned {checkpoint.size} lines of this ledger, which has "
                f"{self.lines}: a backup was put back"
            )

    def _say(self, trouble: str) -> None:
        self.trouble = trouble

    def _made(self, note: bytes) -> bytes:
        if len(self.notes) > ipc.PIECE:
            self.notes.clear()
        self.notes.add(note)
        return note

    def close(self) -> None:
        """Let the file go."""
        self._ledger.close()


def read_request(data: bytes) -> tuple[int, list[bytes], bytes]:
    """Read the body of an add-checkpoint request: size, proof, note. Raises LedgerFault."""
    head, blank, note = data.partition(b"\n\n")
    first, *rest = head.decode("ascii", "replace").split("\n")
    old = _OLD.fullmatch(first)
    if old is None or not blank or len(rest) > MAX_HASHES:
        raise LedgerFault("a checkpoint to be cosigned begins with the size cosigned before")
    try:
        proof = [base64.b64decode(line, validate=True) for line in rest]
    except ValueError:
        raise LedgerFault("a proof is hashes in base64") from None
    return int(old[1]), proof, note


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
