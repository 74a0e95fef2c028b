"""What the records of a lane hold, and what proves that it is its origin's.

Times are in milliseconds since 1970 (UTC). See docs/reference/peer-protocol.md; the numbers in
the enumerations are those on the wire.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from accord.wire.peer.protocol import FrameType, Lane, Version
from accord.wire.peer.report import Grant, PeerReport, Reference, Subject, Update


class RecallOf(IntEnum):
    """How much is called back."""

    OBJECT = 0
    CLAUSE = 1
    AGREEMENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What was released is to be dropped: one object, or all by a clause or an agreement.

    `agreement` as in a grant. For OBJECT: `origin`, `context` and `uid` say which, `clause` by
    which it was released. For CLAUSE and AGREEMENT those three are empty, for AGREEMENT the clause.
    """

    of: RecallOf
    agreement: bytes
    reason: str
    at: int
    clause: str = ""
    origin: str = ""
    context: str = ""
    uid: str = ""


class Outcome(IntEnum):
    """What became of what was called back, or of a rotation."""

    DROPPED = 0
    NOT_HELD = 1
    PASSED_ON = 2
    """Dropped, and called back from those it had been passed on to."""
    TAKEN = 3
    """A new key is pinned."""
    REFUSED = 4
    """A new key is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to a recall or a rotation: the digest of its content, and what became of it.

    `objects` are how many were dropped.
    """

    recall: bytes
    outcome: Outcome
    objects: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """The sender releases nothing more by this agreement from now on."""

    agreement: bytes
    reason: str
    at: int


class RotationOf(IntEnum):
    """Which key is replaced."""

    AUTHORITY = 0
    LEAF = 1
    RELEASE = 2
    LEDGER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A new key or certificate of the sender, valid from `since`.

    `data` is the text of a succession (security/invitation.py), signed by the authority that the
    receiver knows. `approval` is the signature of the key it replaces over the data, empty for
    AUTHORITY, whose signature the data carries itself. LEAF is not used: leaves need no telling.
    """

    of: RotationOf
    data: bytes | Reference
    since: int
    approval: bytes = b""


class DocumentKind(IntEnum):
    """What a document is."""

    AGREEMENT = 0
    AGREEMENT_SIGNATURE = 1
    AREA = 2
    DENIED = 3
    INCIDENT = 4
    MISSION = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that both nodes keep: an agreement, a signature of one, an area, a deny list.

    `name` and `serial` say which; for an incident or a mission `grant` says by what it leaves.
    """

    kind: DocumentKind
    name: str
    serial: int
    data: bytes | Reference
    grant: Grant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOffer:
    """A file that may be asked for by a WANT. `subject` says whose it is and how it is marked."""

    subject: Subject
    version: Version
    grant: Grant
    digest: bytes
    size: int
    name: str
    media: str


class Statement(NamedTuple):
    """What a frame's signature is over. `root` is the tree hash of its `leaves` leaves."""

    session: bytes
    sender: str
    receiver: str
    type: FrameType
    number: int
    lane: Lane
    at: int
    leaves: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Hop:
    """A node that passed it on, and its signature over that, in turn with all before it."""

    node: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves that items are their origin's, to the bit.

    `statement` and `signature` are the origin's, of the frame in which they first left; the root
    is empty here, since it must come out of the items. `hashes`
    are the tree hashes of what of that frame is left out, from left to right. `salt` is the
    frame's where nothing is left out, else None, and each item has its own. `hops` begin with the
    node that the origin sent it to.
    """

    statement: Statement
    signature: bytes
    hashes: tuple[bytes, ...]
    hops: tuple[Hop, ...]
    salt: bytes | None = None


class Passed(NamedTuple):
    """One update of a third node: its place in the origin's frame, and its salt there."""

    place: int
    update: Update
    salt: bytes | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """Nothing: this number was given to what may not leave any more."""


Content = PeerReport | Recall | Receipt | Suspended | Rotation | Document | FileOffer | Void
"""What a record can hold that is the sender's own."""


class PassedRecord(NamedTuple):
    """A record of a third node: its place in the origin's frame, and its salt there.

    `grant` is that by which the sender passes it on.
    """

    place: int
    content: PeerReport | FileOffer | Document | Reference
    grant: Grant
    salt: bytes | None = None


@dataclass(frozen=True, slots=True)
class UnknownContent:
    """Content of a kind that this code does not know, in a lane where it is skipped."""

    kind: int


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a lane's log."""

    number: int
    content: Content | Reference | UnknownContent
