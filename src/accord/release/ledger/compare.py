"""Holds two partners' ledgers against each other: what one says it sent, the other received.

What is sent in one frame and arrives by a later one counts once: what went is told apart by name,
version, clause and form, not by frame. A frame that never arrived is no discrepancy: links are cut.
Nor is one that was sent after the receiver's ledger ends: it was exported before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import cbor2

from accord.release.ledger.entry import Entry, Gap, Passage, Pruned, Received, Release

MAX_LISTED = 20
"""Lines that are listed for each clause and sort of difference; whatever is more is counted."""

_Clause = tuple[str, int, str]


@dataclass(slots=True)
class Differing:
    """How many versions differ in one way, and the numbers of the first of their lines."""

    count: int = 0
    lines: list[int] = field(default_factory=list[int])

    def add(self, line: int) -> None:
        """Count a version by its line."""
        self.count += 1
        if len(self.lines) < MAX_LISTED:
            self.lines.append(line)


@dataclass(slots=True)
class ClauseTally:
    """One clause, in one direction. Versions count once, however often they were sent.

    `lost`: in frames of which nothing arrived, though later ones did. `later`: sent after the last
    frame that the receiver's ledger has, or received after the last that the sender's has. Neither
    says anything. `missing`: the frame arrived and the version is not in the receiver's ledger.
    `unsent`: received, and not in the sender's ledger. `differing`: both have it and it is not the
    same. Lines of `unsent` are of the receiver's ledger, all others of the sender's.
    """

    sent: int = 0
    received: int = 0
    lost: Differing = field(default_factory=Differing)
    later: Differing = field(default_factory=Differing)
    missing: Differing = field(default_factory=Differing)
    unsent: Differing = field(default_factory=Differing)
    differing: Differing = field(default_factory=Differing)

    @property
    def agrees(self) -> bool:
        """Tell whether both ledgers say the same of it."""
        return not (self.missing.count or self.unsent.count or self.differing.count)


@dataclass(frozen=True, slots=True)
class Compared:
    """One direction, by agreement, serial and clause.

    `excused`: versions that one ledger lacks where it says itself that lines are gone.
    """

    clauses: dict[_Clause, ClauseTally]
    excused: int

    @property
    def agrees(self) -> bool:
        """Tell whether both ledgers say the same of every clause."""
        return all(each.agrees for each in self.clauses.values())


_MADE: tuple[type[Release], type[Received]] = Release, Received


class _Version(NamedTuple):
    """One version of an object as one ledger has it; `rest` is a digest of what else it says."""

    line: int
    frames: tuple[int, ...]
    rest: bytes
    clause: _Clause


@dataclass(slots=True)
class _Side:
    """What one ledger has of one direction; `is_ours` tells whether it goes on to this day."""

    made: type[Release] | type[Received]
    is_ours: bool
    versions: dict[bytes, _Version] = field(default_factory=dict[bytes, _Version])
    frames: set[int] = field(default_factory=set[int])
    gaps: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    is_pruned: bool = False

    def take(self, entry: Entry) -> None:
        body = entry.body
        if isinstance(body, Gap):
            # Frames are numbered by who sends them: the partner, or the node that writes.
            if (body.by == entry.partner) is (self.made is Received):
                self.gaps.append((body.first, body.last))
        elif isinstance(body, Pruned):
            self.is_pruned = True
        elif isinstance(body, self.made):
            self._take_passage(entry.number, body)

    def _take_passage(self, line: int, body: Passage) -> None:
        self.frames.add(body.frame)
        key = _key(body)
        before = self.versions.get(key)
        if before is None:
            clause = body.agreement, body.serial, body.clause
            self.versions[key] = _Version(line, (body.frame,), _rest(body), clause)
        else:
            self.versions[key] = before._replace(frames=(*before.frames, body.frame))

    def ends_before(self, frames: Iterable[int]) -> bool:
        """Tell whether these were all sent after what a partner has exported."""
        return not self.is_ours and min(frames) > max(self.frames, default=1 << 63)

    def excuses(self, frames: Iterable[int]) -> bool:
        """Tell whether this ledger says by itself that it has nothing of these frames."""
        # Of the first frame after what was pruned some lines can be gone too.
        begins = min(self.frames, default=1 << 63) if self.is_pruned else -1
        return all(
            frame <= begins or any(first <= frame <= last for first, last in self.gaps)
            for frame in frames
        )


class Comparison:
    """Takes both ledgers, line by line in any order, and then says what they agree on."""

    def __init__(self) -> None:
        self._sides = {
            (made, is_ours): _Side(made, is_ours) for made in _MADE for is_ours in (True, False)
        }

    def ours(self, entry: Entry) -> None:
        """Take a line of this node's ledger."""
        for made in _MADE:
            self._sides[made, True].take(entry)

    def theirs(self, entry: Entry) -> None:
        """Take a line of the partner's ledger."""
        for made in _MADE:
            self._sides[made, False].take(entry)

    def given(self) -> Compared:
        """Return what this node sent, held against what the partner received."""
        return _Direction(self._sides[Release, True], self._sides[Received, False]).run()

    def taken(self) -> Compared:
        """Return what the partner sent, held against what this node received."""
        return _Direction(self._sides[Release, False], self._sides[Received, True]).run()


class _Direction:
    def __init__(self, sent: _Side, received: _Side) -> None:
        self._sent = sent
        self._received = received
        self._clauses: dict[_Clause, ClauseTally] = {}
        self._excused = 0

    def run(self) -> Compared:
        for key, version in self._sent.versions.items():
            tally = self._tally(version.clause)
            tally.sent += 1
            there = self._received.versions.get(key)
            if there is None:
                self._not_received(tally, version)
            elif there.rest != version.rest:
                tally.differing.add(version.line)
        for key, version in self._received.versions.items():
            tally = self._tally(version.clause)
            tally.received += 1
            if key in self._sent.versions:
                continue
            if self._sent.excuses(version.frames):
                self._excused += 1
            elif self._sent.ends_before(version.frames):
                tally.later.add(version.line)
            else:
                tally.unsent.add(version.line)
        return Compared(dict(sorted(self._clauses.items())), self._excused)

    def _not_received(self, tally: ClauseTally, version: _Version) -> None:
        if self._received.excuses(version.frames):
            self._excused += 1
        elif not self._received.frames.isdisjoint(version.frames):
            tally.missing.add(version.line)
        elif self._received.ends_before(version.frames):
            tally.later.add(version.line)
        else:
            tally.lost.add(version.line)

    def _tally(self, clause: _Clause) -> ClauseTally:
        return self._clauses.setdefault(clause, ClauseTally())


def _key(body: Passage) -> bytes:
    """Return what tells one version under one clause from all others."""
    said = body.name, body.version, body.agreement, body.serial, body.clause, body.form
    return sha256(cbor2.dumps(said)).digest()[:16]


def _rest(body: Passage) -> bytes:
    return sha256(cbor2.dumps((body.digest, body.payload, body.marking))).digest()[:16]
