"""What nodes of partners say to each other, exactly as the wire has it.

Whole numbers only: times in milliseconds since 1970 (UTC), places in 1e-7 degrees, heights and
errors in millimetres, courses in tenths of a degree true, speeds in cm/s. None is "not said".
See docs/reference/peer-protocol.md; the numbers in the enumerations are those on the wire.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple

PROTOCOL = 2
"""The version of the protocol that this code speaks."""

DIGEST = 32
"""Bytes of a SHA-256 digest (FIPS 180-4)."""
AGREEMENT = 8
"""Bytes of the SHA-256 of an agreement's text that stand for the agreement."""
NONCE = 16
"""Bytes of a HELLO's nonce, of a session's id, and of a salt."""
BLOCK = 512
"""Bytes of content that one bit of a WANT stands for."""


class Lane(IntEnum):
    """What goes first; the lower number. Lanes 0 to 3 are each a log that is numbered."""

    EMERGENCY = 0
    CONTROL = 1
    CHAT = 2
    DURABLE = 3
    TRACKS = 4
    FILES = 5


DURABLE_LANES = (Lane.EMERGENCY, Lane.CONTROL, Lane.CHAT, Lane.DURABLE)
"""Those whose records all arrive, in order, each once."""


class FrameType(IntEnum):
    """The first number of a frame."""

    HELLO = 1
    OBJECTS = 2
    UPDATES = 3
    RECORDS = 4
    RELAYED = 5
    ACK = 6
    WANT = 7
    CHUNK = 8
    CHECKPOINT = 9
    COSIGNATURE = 10
    RANGE = 11
    PRUNE = 12
    GRAFT = 13
    KEEPALIVE = 14
    BYE = 15
    FORWARDED = 16


class Profile(IntEnum):
    """Which signatures a link uses. The trees are SHA-256 in both."""

    MODERN = 1
    """Ed25519 (RFC 8032): 64 bytes."""
    CNSA = 2
    """ECDSA on P-384 with SHA-384 (FIPS 186-5): r and s, 48 bytes each."""


class Version(NamedTuple):
    """Which of two states of one object is newer: the origin's epoch, then milliseconds."""

    epoch: int
    ms: int


class Mark(NamedTuple):
    """How far a log has come: the number of its last entry, 0 for none.

    For lanes 0 to 3 that of the last record, for TRACKS that of the last header of an object.
    """

    lane: Lane
    number: int


# What is said of an object, whatever it does.


class Names(NamedTuple):
    """Who or what an object says it is."""

    mmsi: str | None = None
    imo: str | None = None
    icao: str | None = None
    callsign: str | None = None
    name: str | None = None
    nation: str | None = None


class Marks(NamedTuple):
    """The handling marks in the words they were given in; `opex` as CoT has it, `e-TASMAN 26`."""

    access: str | None = None
    caveat: str | None = None
    releasable_to: str | None = None
    opex: str | None = None
    by_default: bool = False


NO_NAMES, NO_MARKS = Names(), Marks()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerLabel:
    """A handling mark, understood. The lists are sorted; `created` and `review` are ms."""

    policy: str
    level: str
    originator: str
    compartments: tuple[str, ...] = ()
    releasable_to: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    opex: str | None = None
    created: int | None = None
    review: int | None = None
    by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Where the origin had it from, where the form keeps that: node, channel, speaker, hops."""

    node: str
    channel: str
    speaker: str
    hops: tuple[str, ...] = ()


class Addressee(NamedTuple):
    """One addressee; `kind` is 0 callsign, 1 uid, 2 team."""

    kind: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is spoken of, and everything about it that does not change from fix to fix.

    `origin` is the node whose object it is, `uid` its name as released, perhaps a pseudonym,
    `context` as `live` or `exercise:NAME`. `groups` and `to` are sorted. `path` are the nodes that
    made this of the origin's, in turn, when it is not the origin's own words any more.
    """

    origin: str
    uid: str
    context: str
    kind: str
    how: str
    names: Names = NO_NAMES
    marks: Marks = NO_MARKS
    label: PeerLabel | None = None
    source: Spoken | None = None
    groups: tuple[str, ...] = ()
    to: tuple[Addressee, ...] = ()
    author: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """By what it may leave: the first 8 bytes of the agreement's SHA-256, clause and form."""

    agreement: bytes
    clause: str
    form: str


class DoubtFlag(IntFlag):
    """Why a claim is doubted."""

    IMPOSSIBLE_POSITION = 1
    IMPOSSIBLE_SPEED = 2
    JUMP = 4
    CLOCK = 8


class Original(NamedTuple):
    """The bytes as received; `form` is 0 CoT XML, 1 CoT protobuf, 2 AIS."""

    form: int
    data: bytes


class Place(NamedTuple):
    """A point in 1e-7 degrees; height above the ellipsoid and the two error radii in mm."""

    lat: int
    lon: int
    hae: int | None = None
    circular_error: int | None = None
    linear_error: int | None = None


# State objects: a header once, then updates.


class Base(NamedTuple):
    """What the updates of an object are counted from, and what holds where one says nothing.

    `validity` is ms from time to stale; `receipt`: what is received is received at its version.
    """

    lat: int = 0
    lon: int = 0
    hae: int = 0
    circular_error: int | None = None
    course: int = 0
    speed: int = 0
    validity: int = 0
    receipt: bool = False


NO_BASE = Base()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a state object: its updates are signed together with the digest of this."""

    subject: Subject
    epoch: int
    grant: Grant
    base: Base = NO_BASE


@dataclass(frozen=True, slots=True)
class Reference:
    """Content that is too long for a frame: its SHA-256 and size; it comes in CHUNKs."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A header under a short handle. A handle that is given again means the new header from then.

    `number` counts the headers of this link from 1. `onward` is the grant by which the sender
    passes on what is not its own; then the header is its origin's, to the byte.
    """

    number: int
    handle: int
    header: Header | Reference
    onward: Grant | None = None


class Update(NamedTuple):
    """One state of one object. All but the times may be None; `point` is `lat` and `lon` both.

    `version` is the ms of the version, whose epoch is the header's. `start` and `received` equal
    `time` where the form does not keep them.
    """

    handle: int
    version: int
    time: int
    start: int
    stale: int
    received: int
    lat: int | None = None
    lon: int | None = None
    hae: int | None = None
    circular_error: int | None = None
    linear_error: int | None = None
    course: int | None = None
    speed: int | None = None
    climb: int | None = None
    doubts: int = 0
    original: Original | None = None


# Durable objects: records, each with its number in the lane's log.


@dataclass(frozen=True, slots=True)
class PositionBody:
    """Where the object is and how it moves."""

    place: Place | None
    course: int | None = None
    speed: int | None = None
    climb: int | None = None


@dataclass(frozen=True, slots=True)
class CircleBody:
    """A circle that is drawn; the radius in mm."""

    centre: Place
    radius: int
    anchor: Place | None = None


@dataclass(frozen=True, slots=True)
class LineBody:
    """A line or an area that is drawn."""

    points: tuple[Place, ...]
    closed: bool
    anchor: Place | None = None


@dataclass(frozen=True, slots=True)
class WordsBody:
    """Words from one person to others."""

    text: str
    sender: str
    room: str


@dataclass(frozen=True, slots=True)
class AlarmBody:
    """A call for help, or the end of it."""

    category: str
    place: Place | None = None
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class RemovalBody:
    """The object with this uid is to go."""

    target: str


@dataclass(frozen=True, slots=True)
class OpaqueBody:
    """Something that is carried without being understood."""


PeerBody = PositionBody | CircleBody | LineBody | WordsBody | AlarmBody | RemovalBody | OpaqueBody


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerReport:
    """A whole report in the form in which it was released."""

    subject: Subject
    version: Version
    grant: Grant
    time: int
    start: int
    stale: int
    received: int
    body: PeerBody
    doubts: int = 0
    original: Original | None = None


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


# Frames.


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
