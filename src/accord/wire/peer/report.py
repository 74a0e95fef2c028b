"""What nodes of partners say of objects: their reports, exactly as the wire has them.

Whole numbers only: times in milliseconds since 1970 (UTC), places in 1e-7 degrees, heights and
errors in millimetres, courses in tenths of a degree true, speeds in cm/s. None is "not said".
See docs/reference/peer-protocol.md; the numbers in the enumerations are those on the wire.
"""

from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

from accord.wire.peer.protocol import Version


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
    TWO_PLACES = 16
    ON_LAND = 32
    FROZEN = 64
    MOTION = 128
    REBROADCAST = 256
    INTERFERENCE = 512


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
