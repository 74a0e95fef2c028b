"""The frames between nodes of partners, exactly as the wire has them.

Times are in milliseconds since 1970 (UTC). See docs/reference/peer-protocol.md.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from accord.wire.peer.protocol import PROTOCOL, Lane, Mark, Profile
from accord.wire.peer.record import Evidence, Passed, PassedRecord, Record
from accord.wire.peer.report import Object, Update


@dataclass(frozen=True, slots=True)
class Held:
    """An agreement that a node holds: id, serial and the whole SHA-256 of its text."""

    id: str
    serial: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first frame each way.

    `gives` are the agreements by which the sender releases, `takes` those by which it expects to
    be given; nothing flows by one that the other side does not hold alike. `resume` says how far
    the sender has the receiver's logs, as they were numbered in the receiver's epoch `resumes`.
    `frame` and `file` are the bytes of the longest frame and the largest file that it takes.
    """

    node: str
    epoch: int
    nonce: bytes
    profile: Profile
    clock: int
    frame: int
    file: int
    gives: tuple[Held, ...] = ()
    takes: tuple[Held, ...] = ()
    resumes: int = 0
    resume: tuple[Mark, ...] = ()
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class Objects:
    """Headers of state objects, in the order of their numbers."""

    objects: tuple[Object, ...]


@dataclass(frozen=True, slots=True)
class Updates:
    """States of objects, in the order of their handles, at most one of each.

    `salt` hides each from those who are passed another; there is one where there are several.
    """

    updates: tuple[Update, ...]
    salt: bytes | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Entries of the log of the frame's lane; `salt` as in Updates."""

    records: tuple[Record, ...]
    salt: bytes | None = None


@dataclass(frozen=True, slots=True)
class Relayed:
    """States of a third node's objects, all from one frame of it, in the order of their places."""

    evidence: Evidence
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one frame of a third node, in the order of their places, under one evidence."""

    evidence: Evidence
    passed: tuple[PassedRecord, ...]


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Entries of the log of the frame's lane that third nodes made; `first` numbers the first.

    The others follow without gaps, group after group.
    """

    first: int
    groups: tuple[Group, ...]

    @property
    def passed(self) -> tuple[PassedRecord, ...]:
        """All records, in order."""
        return tuple(each for group in self.groups for each in group.passed)


@dataclass(frozen=True, slots=True)
class Ack:
    """Every frame up to this number has been taken in, and the logs are held this far."""

    frame: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Send these blocks of that content.

    Bit 7 of the first byte of `blocks` is the block `first`; no blocks: it is not wanted any more.
    `ticket` is a short number for it in the CHUNKs.
    """

    ticket: int
    digest: bytes
    first: int
    blocks: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Blocks of the content with that ticket, from block `first`."""

    ticket: int
    first: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the sender's ledger for this partner, to be cosigned.

    The body of an add-checkpoint request (C2SP tlog-witness): the size that the receiver cosigned
    last, the proof that nothing before it has changed, and the signed note.
    """

    note: bytes


@dataclass(frozen=True, slots=True)
class Cosignature:
    """The receiver's checkpoint with the sender's cosignature, as a signed note (C2SP)."""

    note: bytes


class RangePart(NamedTuple):
    """The entries up to and without (`time`, `prefix`), from where the part before ended.

    `fingerprint` None and `ids` None: nothing to be done; else one of them. An id has 12 bytes.
    """

    time: int
    prefix: bytes
    fingerprint: bytes | None = None
    ids: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """One round of finding out what the other lacks, in one lane (range-based reconciliation)."""

    lane: Lane
    round: int
    parts: tuple[RangePart, ...]


@dataclass(frozen=True, slots=True)
class Prune:
    """Send me nothing more of these nodes; I have it from another partner."""

    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graft:
    """Send me again what is of these nodes."""

    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Nothing, but it is there."""


class Farewell(IntEnum):
    """Why a link is closed."""

    STOPPING = 0
    PROTOCOL = 1
    """The other side broke the rules of this protocol."""
    TRUST = 2
    """A certificate, a key or a signature does not hold."""
    AGREEMENT = 3
    CLOCK = 4
    GUARD = 5
    """The guard refused a release of its own node."""
    BUSY = 6


@dataclass(frozen=True, slots=True)
class Bye:
    """The sender closes the link."""

    reason: Farewell
    words: str = ""


PeerMessage = (
    Hello | Objects | Updates | Records | Relayed | Forwarded | Ack | Want | Chunk | Checkpoint
    | Cosignature | Range | Prune | Graft | Keepalive | Bye
)  # fmt: skip
