"""The ledger of one link as its guard keeps it: lines, checkpoints, and the partner's witness.

What goes to a witness is the body of an `add-checkpoint` request (C2SP tlog-witness): the size that
it last cosigned, the proof from there on, an empty line, the checkpoint.

A ledger that lost lines is found by the partner, which has cosigned them: it answers with the last
checkpoint that it cosigned, which this node signed itself once. Then nothing is entered any more
until people have begun another ledger in its place (`accord ledger renew`).
"""

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from accord.core.partner import NodeName, Partner
from accord.federation.guard import ipc, talk
from accord.release.ledger.checkpoint import (
    Checkpoint,
    cosign,
    cosigner_name,
    number_of,
    open_checkpoint,
    origin_of,
    parties_of,
    read_checkpoint,
    sign,
    why_not_cosign,
)
from accord.release.ledger.entry import Body, Count, Refusals, Seen
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import (
    MAX_NAME,
    MAX_TIME,
    Note,
    Signer,
    VerifierKey,
    pinned_keys,
    read_note,
)
from accord.release.merkle import EMPTY_ROOT
from accord.security.signing import SigningKey
from accord.storage.ledger import MAX_APPEND, Ledger
from accord.storage.ledger_reader import Owner, number_on_disk, path_of
from accord.wire.peer.translate import moment

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
MAX_HASHES = 63  # C2SP tlog-witness, add-checkpoint


class Books:
    """The one writer of a link's ledger. Raises LedgerFault, after which nothing may leave.

    `lost` says that lines are gone which the partner has cosigned, or were changed.
    """

    def __init__(self, directory: Path, own: NodeName, partner: Partner, key: SigningKey) -> None:
        self._partner = partner
        self._own = own.node
        number = number_on_disk(directory, partner.node)
        origin = origin_of(own, partner.node, number)
        self._author = Signer(origin, key.key)
        self._cosigner = Signer(cosigner_name(own), key.key)
        self._partner_keys = [
            pinned_keys(cosigner_name(partner.name), each)[1] for each in partner.ledger_keys()
        ]
        owner = Owner(origin, own.node, partner.node)
        keys = [self._author.key, *self._partner_keys]
        self._ledger = Ledger(path_of(directory, partner.node), owner, keys)
        # Those that this node signed with before: the ledger itself has them.
        self._own_keys = [each for each in self._ledger.verifiers() if each.name == origin]
        self.notes: set[bytes] = set()
        """What this guard signed for the partner, and so may leave."""
        self.lines: int = self._ledger.size()
        self._is_fresh = self.lines > 0
        self.signed: int = self._ledger.signed()
        self.cosigned: int = self._last_cosigned()
        self._from: int | None = None
        self._known = self._asked = 0
        self.lost = ""
        self._about_ours = self._not_accepted(number)
        self._about_theirs = self._ledger.disputed(self._theirs)

    @property
    def trouble(self) -> str:
        """What is wrong with this node's ledger, and with the partner's; empty: nothing."""
        return "; ".join(each for each in (self._about_ours, self._about_theirs) if each)

    @property
    def _theirs(self) -> str:
        """The origin of the partner's ledger that is cosigned here."""
        return origin_of(self._partner.name, self._own, self._partner.ledger)

    def _their_keys(self, origin: str, now: datetime) -> list[VerifierKey]:
        return [pinned_keys(origin, each)[0] for each in self._partner.ledger_keys(now)]

    def _not_accepted(self, number: int) -> str:
        if number == 1 or self.cosigned:
            return ""
        return (
            f"{self._partner.node} has not cosigned ledger {number} yet: there somebody types "
            f"accord ledger accept DIR {self._own} --number {number}"
        )

    def _last_cosigned(self) -> int:
        """Return how much of this ledger the partner has cosigned."""
        keys = [*self._own_keys, *self._partner_keys]
        for note in reversed(self._ledger.notes()):
            opened = open_checkpoint(note, self._author.key.name, keys)
            if opened.cosigners:
                return opened.checkpoint.size
        return 0

    def enter(self, lines: Sequence[Body], now: datetime) -> None:
        """Write these; they are on the disk when it returns."""
        if self.lost:
            raise LedgerFault(self.lost)
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
        if not self.lost:
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

    # This node's ledger, and the partner as its witness.

    def request(self) -> bytes | None:
        """Return the last checkpoint for the partner to cosign, None where it has."""
        if not self.signed or (self.signed == self.cosigned and self._from is None):
            return None
        return self._request(self.cosigned if self._from is None else self._from)

    def greeting(self) -> bytes:
        """Return the last checkpoint for the partner to say whether it knows of a later one."""
        self.sign()
        if not self.signed:
            empty = Checkpoint(self._author.key.name, 0, EMPTY_ROOT)
            return self._made(b"old 0\n\n" + sign(empty, self._author).spell())
        return self._request(self.cosigned if self._from is None else self._from)

    def contradiction(self) -> bytes:
        """Return the last checkpoint in a way that shows the partner what was lost here."""
        return self._made(f"old {self._known}\n\n".encode() + self._ledger.note())

    def _request(self, old: int) -> bytes:
        self._asked = old
        proof = self._ledger.consistency(old, self.signed) if old else []
        said = f"old {old}\n" + "".join(f"{_base64(each)}\n" for each in proof)
        return self._made(said.encode() + b"\n" + self._ledger.note(self.signed))

    def cosigned_by_partner(self, data: bytes, now: datetime) -> bytes | None:
        """Keep the partner's cosignature of a checkpoint of this ledger.

        Returns what to ask next, where it is of another size than was asked from.
        """
        try:
            note = read_note(data)
            checkpoint = read_checkpoint(note.text)
            since = self._check_ours(note, checkpoint)
            why = self._why_lost(checkpoint, since)
            if why:
                self._lose(note, checkpoint, why, now)
                return None
            self._keep(note, checkpoint)
        except LedgerFault as fault:
            if not self._is_of_former(data):
                self._about_ours = str(fault)
            return None
        self._about_ours = ""
        self._from = checkpoint.size if checkpoint.size < self.cosigned else None
        if checkpoint.size > self.cosigned:
            self.cosigned = checkpoint.size
            self.lines = self._ledger.append([Seen(note=data)], now)[-1]
        # Whoever answers with what was asked from does not cosign what is new, however often asked.
        return None if checkpoint.size in (self._asked, self.signed) else self.request()

    def _is_of_former(self, data: bytes) -> bool:
        """Tell whether a cosignature was on its way while another ledger was begun here."""
        try:
            origin = read_checkpoint(read_note(data).text).origin
            return number_of(origin) < number_of(self._author.key.name)
        except LedgerFault:
            return False

    def _check_ours(self, note: Note, checkpoint: Checkpoint) -> datetime:
        """Return when the partner cosigned it. LedgerFault: it has not, or it is of another."""
        verified = note.verified(self._partner_keys)
        if not verified:
            raise LedgerFault("a note came back without the partner's cosignature")
        if checkpoint.origin != self._author.key.name:
            origin = checkpoint.origin[:MAX_NAME]
            raise LedgerFault(f"a cosignature of {origin} is not of this ledger")
        at = min(each.at for _, each in verified)
        if at > MAX_TIME:
            raise LedgerFault("a cosignature has a time that no clock can show")
        return datetime.fromtimestamp(at, UTC)

    def _why_lost(self, checkpoint: Checkpoint, at: datetime) -> str:
        """Return how this ledger contradicts what was cosigned of it; empty where it does not."""
        size, said = checkpoint.size, f"{self._partner.node} has cosigned"
        if size > self.lines:
            what = f"has {self.lines} lines, and {said} {size} ({at:%Y-%m-%dT%H:%M:%SZ})"
        elif self._root_at(size) != checkpoint.root:
            what = f"has other lines than the first {size} that {said} ({at:%Y-%m-%dT%H:%M:%SZ})"
        else:
            return ""
        return (
            f"a backup of the ledger was put back: it {what}. Put the right one back, or "
            f"stop the node and type accord ledger renew DIR {self._partner.node}"
        )

    def _root_at(self, size: int) -> bytes:
        if self._has_signed(size):
            return read_checkpoint(read_note(self._ledger.note(size)).text).root
        return self._ledger.root(size)

    def _has_signed(self, size: int) -> bool:
        try:
            return bool(size and self._ledger.note(size))
        except LedgerFault:
            return False

    def _lose(self, note: Note, checkpoint: Checkpoint, why: str, now: datetime) -> None:
        # Only what this node signed itself proves it: a partner can cosign what never was.
        if not note.verified(self._own_keys):
            raise LedgerFault(
                f"the partner has cosigned {checkpoint.size} lines of this ledger, and shows no "
                "signature of this node under it"
            )
        self.lost = self._about_ours = why
        self._known = checkpoint.size
        self.lines = self._ledger.append([Seen(note=note.spell())], now)[-1]
        self._ledger.sign(self._author)
        self.signed = self.lines

    def _keep(self, note: Note, checkpoint: Checkpoint) -> None:
        if self._has_signed(checkpoint.size):
            self._ledger.keep(note, self._partner_keys)

    # The partner's ledger, and this node as its witness.

    def witness(self, request: bytes, now: datetime) -> bytes | None:
        """Cosign the partner's checkpoint and return the note; None: `trouble` says why not."""
        try:
            note = self._witness_it(request, now)
        except LedgerFault as fault:
            self._about_theirs = str(fault)
            return None
        return None if note is None else self._made(note.spell())

    def _witness_it(self, request: bytes, now: datetime) -> Note | None:
        old, proof, note = read_request(request)
        origin = self._theirs
        self._check_number(note, now)
        keys = self._their_keys(origin, now)
        checkpoint = open_checkpoint(note, origin, keys).checkpoint
        before = self._ledger.witnessed(origin)
        at = int(now.timestamp())
        if before is None:
            return self._begin(old, proof, note, keys, now)
        known = self._ledger.witnessed_note(origin) or b""
        why = _why_other(before, checkpoint)
        if not why and old == before.size and checkpoint.size > before.size:
            why = why_not_cosign(before, checkpoint, proof) or ""
            if not why:
                return self._grown(proof, note, keys, now)
        if why:
            self._dispute(note, why, now)
        # Its cosignature was lost, or a backup was put back: it is told how far it had come.
        return cosign(read_note(known), self._cosigner, at)

    def _begin(
        self, old: int, proof: Sequence[bytes], note: bytes, keys: Sequence[VerifierKey],
        now: datetime,
    ) -> Note | None:  # fmt: skip
        """Cosign the first checkpoint that comes; where there were others, ask for the first."""
        if old:
            empty = Checkpoint(self._theirs, 0, EMPTY_ROOT)
            return cosign(Note(empty.text, ()), self._cosigner, int(now.timestamp()))
        if not read_checkpoint(read_note(note).text).size:
            return None
        return self._grown(proof, note, keys, now)

    def _grown(
        self, proof: Sequence[bytes], note: bytes, keys: Sequence[VerifierKey], now: datetime
    ) -> Note:
        cosigned = self._ledger.witness(note, proof, keys, self._cosigner, now)
        self.lines += 1
        if self._about_theirs:
            self._ledger.settle(self._theirs)
            self._about_theirs = ""
        return cosigned

    def _dispute(self, note: bytes, why: str, now: datetime) -> None:
        says = (
            f"since {now:%Y-%m-%dT%H:%M:%SZ} the ledger of {self._partner.node} is not the one "
            f"cosigned here: {why}. A backup was put back there, or it was rewritten; call them"
        )
        self._ledger.dispute(self._theirs, note, says, now)
        self.lines = self._ledger.size()
        self._about_theirs = self._ledger.disputed(self._theirs)

    def _check_number(self, note: bytes, now: datetime) -> None:
        """LedgerFault: the partner has begun another ledger, which nobody has accepted here."""
        origin = read_checkpoint(read_note(note).text).origin
        number = number_of(origin)
        if parties_of(origin) != parties_of(self._theirs) or number <= self._partner.ledger:
            return
        open_checkpoint(note, origin, self._their_keys(origin, now))
        before = self._ledger.witnessed(self._theirs)
        size = 0 if before is None else before.size
        raise LedgerFault(
            f"{self._partner.node} has begun ledger {number} in place of the one of which {size} "
            f"lines are cosigned here; call them, then accord ledger accept DIR "
            f"{self._partner.node} --number {number}"
        )

    def _made(self, note: bytes) -> bytes:
        if len(self.notes) > ipc.PIECE:
            self.notes.clear()
        self.notes.add(note)
        return note

    def close(self) -> None:
        """Let the file go."""
        self._ledger.close()


def _why_other(before: Checkpoint, new: Checkpoint) -> str:
    """Return how a checkpoint shows by itself that a ledger lost or changed lines."""
    if new.size < before.size:
        return f"it has {new.size} lines, and had {before.size}"
    if new.size == before.size and new.root != before.root:
        return f"its {new.size} lines are not those that it had"
    return ""


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
