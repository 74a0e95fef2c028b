"""The next frame of a log while it grows: how long it is, and where it must end.

What this node says itself and what it passes on go in frames of their own. Records of one frame of
another node are passed on under one evidence, which takes as much as two records: so they are kept
together, and a frame of this node's own ends where its partner could no longer do that.
"""

from dataclasses import dataclass, field

from accord.federation.log import Entry
from accord.federation.room import FRAME_OVERHEAD, Room
from accord.wire.peer import cbor, plain
from accord.wire.peer.difference import (
    CONTENT,
    GRANT,
    STATEMENT,
    LastSaid,
    most_spelled_out,
)
from accord.wire.peer.message import Forwarded, Group, Records
from accord.wire.peer.plain import Plain
from accord.wire.peer.proof import Proved
from accord.wire.peer.record import Content, Hop, PassedRecord, Record, Statement
from accord.wire.peer.report import Reference

MOST_RECORDS = 500
RECORD_OVERHEAD = 12
"""Bytes of a record beside its content, at most."""
SPELLED_OUT_BESIDE = 256
"""Bytes that a record spelled out has beside its content: its grant, its frame's statement."""
EVIDENCE_ABOUT = 250
"""Bytes with which the partner passes on the records of a frame whole, beside the records."""
HOP = 120
"""Bytes of this node's own hop and signature, at most, with few exceptions."""
PASSED_BESIDE = 32
"""Bytes of a frame of what is passed on that is not signed itself: length, head, first number."""
PASSED_OVERHEAD = 3
"""Bytes of a record that is passed on beside its content and grant: array and place."""
HASH, SALT = 34, 16

OwnSaid = Content | Reference
Said = OwnSaid | PassedRecord
Kept = list[tuple[Entry, Said]]


class OwnDraft:
    """A frame of what this node says itself."""

    def __init__(self, last_said: LastSaid, room: Room) -> None:
        self.last_said = last_said.copy()
        self.size = FRAME_OVERHEAD
        self._room = room
        self._kept: Kept = []
        self._passed_on = PASSED_BESIDE + EVIDENCE_ABOUT
        self._spelled_out = 0

    def add(self, entry: Entry, said: Said) -> bool:
        """Take one more of this node's own while there is room, here and where it is passed on."""
        is_first = not self._kept
        if isinstance(said, PassedRecord) or len(self._kept) == MOST_RECORDS:
            return False
        last_said, content = self.last_said.copy(), plain.content(said)
        cost = _size(last_said.write(CONTENT, content))
        size, passed_on = self.size + cost, self._passed_on + PASSED_OVERHEAD + 1 + cost
        spelled_out = self._spelled_out + _size(content)
        most = most_spelled_out(size - FRAME_OVERHEAD)
        is_too_much = passed_on > self._room.ever or spelled_out > most
        if not self._room.takes(size, is_first=is_first) or (is_too_much and not is_first):
            return False
        self.last_said, self.size, self._passed_on = last_said, size, passed_on
        self._spelled_out = spelled_out
        self._kept.append((entry, said))
        return True

    def kept(self) -> Kept:
        """Return all that was taken."""
        return self._kept

    def message(self, kept: Kept, salt: bytes | None) -> Records:
        """Return the message; its entries have their numbers."""
        records = [
            Record(entry.number, said) for entry, said in kept if not isinstance(said, PassedRecord)
        ]
        return Records(tuple(records), salt)


@dataclass(slots=True)
class _Run:
    """Records of one frame of another node: the sizes of their statement, and of each."""

    proof: Proved
    begin: int
    statement: int
    places: list[int] = field(default_factory=list[int])
    sizes: list[int] = field(default_factory=list[int])

    def takes(self, proof: Proved, place: int) -> bool:
        """Tell whether a record can be proved together with these."""
        return self.proof.statement == proof.statement and place > self.places[-1]

    def size_if_whole(self) -> int:
        """Return the bytes of all, if the others of the frame are still to come."""
        hops = sum(len(hop.node) + len(hop.signature) + 5 for hop in self.proof.hops)
        signed = len(self.proof.signature) + hops + HOP
        return self.statement + signed + SALT + 10 + sum(self.sizes)

    def size(self, count: int) -> int:
        """Return the bytes of the first so many, with what proves them without the others."""
        left_out = sum(self.sizes[count:])
        hashes = self.proof.left_out(self.places[:count])
        beside = hashes * HASH + count * SALT + 3 if hashes else 0
        return self.size_if_whole() - left_out + beside


class PassedDraft:
    """A frame of what other nodes said, group after group."""

    def __init__(self, last_said: LastSaid, room: Room) -> None:
        self.last_said = last_said.copy()
        self.size = PASSED_BESIDE
        self._room = room
        self._kept: Kept = []
        self._runs: list[_Run] = []
        self._after: list[LastSaid] = []
        self._is_cut = False
        self._spelled_out = self._written = 0

    def add(self, entry: Entry, said: Said) -> bool:
        """Take one more of others', while there would be room if the whole of its group came."""
        if not isinstance(said, PassedRecord) or len(self._kept) == MOST_RECORDS:
            return False
        last_said, run = self.last_said.copy(), self._run(proof_of(entry), said.place)
        is_more = run is not None
        if run is None:
            run = _begun(proof_of(entry), len(self._kept), last_said)
        content = plain.content(said.content)
        cost = _size(last_said.write(GRANT, plain.grant(said.grant)))
        written = _size(last_said.write(CONTENT, content))
        cost += written + PASSED_OVERHEAD
        before = sum(each.size_if_whole() for each in self._runs if each is not run)
        size = PASSED_BESIDE + before + run.size_if_whole() + cost
        spelled_out = self._spelled_out + _size(content) + SPELLED_OUT_BESIDE
        is_too_much = spelled_out > most_spelled_out(self._written + written)
        if is_too_much or not self._room.takes(size, is_first=not self._kept):
            self._is_cut = is_more
            return False
        if not is_more:
            self._runs.append(run)
        run.places.append(said.place)
        run.sizes.append(cost)
        self.last_said, self._spelled_out = last_said, spelled_out
        self._written += written
        self._after.append(last_said)
        self._kept.append((entry, said))
        return True

    def _run(self, proof: Proved, place: int) -> _Run | None:
        last = self._runs[-1] if self._runs else None
        return last if last is not None and last.takes(proof, place) else None

    def kept(self, *, may_wait: bool) -> Kept:
        """Return what fits; of a group that does not, nothing, if it fits the next frame."""
        count = len(self._kept)
        if self._is_cut and len(self._runs) > 1:
            count = self._runs[-1].begin
        while count and not self._room.takes(self._size_of(count), is_first=count == 1):
            count -= 1
        is_split = len(self._runs) == 1 and (self._is_cut or count < len(self._kept))
        if may_wait and is_split and self.waits and self._room.now < self._room.ever:
            return []
        if count:
            self.size, self.last_said = self._size_of(count), self._after[count - 1]
        return self._kept[:count]

    @property
    def waits(self) -> bool:
        """Whether there will be more room, since something is on its way."""
        return not self._room.alone

    def _size_of(self, count: int) -> int:
        runs = [each for each in self._runs if each.begin < count]
        return PASSED_BESIDE + sum(each.size(count - each.begin) for each in runs)

    def message(self, kept: Kept, own: str) -> tuple[Forwarded, dict[int, Statement]]:
        """Return the message, and the statement that this node's hop of each group is to sign."""
        groups: list[Group] = []
        hops: dict[int, Statement] = {}
        for run in self._runs:
            passed = [said for _, said in kept[run.begin : run.begin + len(run.places)]]
            records = [each for each in passed if isinstance(each, PassedRecord)]
            if records:
                hops[len(groups)] = run.proof.statement
                groups.append(_group(run.proof, records, own))
        return Forwarded(kept[0][0].number, tuple(groups)), hops


def _group(proof: Proved, records: list[PassedRecord], own: str) -> Group:
    places = [each.place for each in records]
    evidence = proof.evidence(places, Hop(own, b""))
    if not evidence.hashes:
        return Group(evidence, tuple(records))
    return Group(
        evidence, tuple(each._replace(salt=proof.item_salt(each.place)) for each in records)
    )


def proof_of(entry: Entry) -> Proved:
    """Return what proves an entry that is passed on."""
    carried = None if entry.candidate is None else entry.candidate.carried
    assert carried is not None  # noqa: S101
    return carried.proof


def size_alone(proof: Proved, said: PassedRecord) -> int:
    """Return the bytes of a frame in which that record is passed on alone, at most."""
    run = _begun(proof, 0, LastSaid())
    run.places.append(said.place)
    grant, content = plain.grant(said.grant), plain.content(said.content)
    run.sizes.append(_size(grant) + _size(content) + PASSED_OVERHEAD)
    return PASSED_BESIDE + run.size(1)


def _begun(proof: Proved, begin: int, last_said: LastSaid) -> _Run:
    return _Run(proof, begin, _size(last_said.write(STATEMENT, plain.statement(proof.statement))))


def _size(value: Plain) -> int:
    return len(cbor.write(value))
