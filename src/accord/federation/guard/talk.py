"""What a node and the guard of one partner say to each other, as values. `ipc.py` has the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from accord.release.ledger.entry import Count
from accord.wire.peer.frame import LONGEST_FRAME, Known
from accord.wire.peer.message import Farewell
from accord.wire.peer.report import Grant


class Role(IntEnum):
    """Which end of a connection this node is."""

    DIALLED = 0
    CALLED = 1


class Note(IntEnum):
    """A signed note that goes to the partner in a frame."""

    CHECKPOINT = 0
    COSIGNATURE = 1


class Step(IntEnum):
    """Where node and guard are with a file for the partner, or of it.

    One is written by BEGIN (its head), HELLO, a FRAME each, SEAL; each is answered by the same as
    it stands in the file. One is read by FILE in pieces and READ, which is answered by a Came for
    each frame and READ; then ENTER, answered likewise, or DROP. REFUSED says why not, and ends it.
    """

    BEGIN = 0
    HELLO = 1
    FRAME = 2
    SEAL = 3
    FILE = 4
    READ = 5
    ENTER = 6
    DROP = 7
    REFUSED = 8


OF_FILE = 0
"""In place of a connection's number: it came in a file."""


# Both ways.


@dataclass(frozen=True, slots=True)
class Bundled:
    """One step with a file; what `data` is, the step says."""

    step: Step
    data: bytes = b""


# Node to guard.


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that a guard must know; the first message. Times are in seconds."""

    directory: str
    node: str
    trust_domain: str
    profile: str
    partner: str
    their_epoch: int
    frame_bytes: int
    max_handles: int
    max_content: int
    handshake_timeout: int
    checkpoint_every: int


class HandleOf(NamedTuple):
    """What a handle stands for, and the grant by which that is passed on, if it is."""

    known: Known
    onward: Grant | None


@dataclass(frozen=True, slots=True)
class Prime:
    """What handles of earlier sessions stand for, of what goes out or of what comes in.

    The first of several makes forgotten what was known before.
    """

    outbound: bool
    is_first: bool
    known: Mapping[int, HandleOf]


@dataclass(frozen=True, slots=True)
class Greet:
    """Say this HELLO, a frame with a signature of nothing, on the connection of that number."""

    connection: int
    hello: bytes


@dataclass(frozen=True, slots=True)
class Give:
    """Send this frame, whose signatures are still placeholders, in the session of that number."""

    connection: int
    frame: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of content that frames will refer to or carry in chunks, from its beginning on."""

    digest: bytes
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was withheld by one agreement between two moments (ms), counted."""

    agreement: str
    serial: int
    since: int
    until: int
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Say BYE by a frame of that number, and close the connection. Number 0: say nothing."""

    connection: int
    number: int
    reason: Farewell


@dataclass(frozen=True, slots=True)
class Stop:
    """Sign a last checkpoint and end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakSetup:
    """Everything that the guard of a TAK server must know; the first message. Times in seconds."""

    directory: str
    node: str
    trust_domain: str
    profile: str
    partner: str
    max_message: int
    handshake_timeout: int
    checkpoint_every: int


@dataclass(frozen=True, slots=True)
class TakGive:
    """Let this report out, as the content of the peer protocol, in the session of that number."""

    connection: int
    number: int
    report: bytes


# Guard to node.


@dataclass(frozen=True, slots=True)
class TakCame:
    """A message of a TAK server; nobody has looked at it but for its length."""

    connection: int
    message: bytes


@dataclass(frozen=True, slots=True)
class TakSkipped:
    """So many messages of a TAK server were longer than may come, and thrown away."""

    count: int


@dataclass(frozen=True, slots=True)
class TakHeard:
    """Something came over the connection, if only a sign of life; said now and then."""

    connection: int


@dataclass(frozen=True, slots=True)
class Up:
    """A connection is there, and its other end is the partner; a HELLO is wanted for it."""

    connection: int
    role: Role
    address: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The partner has said HELLO on it, in a frame that it signed; now it is the session."""

    connection: int
    hello: bytes


MAX_UNVERIFIED = LONGEST_FRAME // 64
"""Nodes that can be unknown in one frame: it holds a signature of at least 64 bytes for each."""


@dataclass(frozen=True, slots=True)
class Came:
    """A frame of the partner. Of these nodes it has words that nobody here can verify."""

    connection: int
    frame: bytes
    unverified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The frame of that number has been written, with so many bytes on the wire."""

    connection: int
    number: int
    wire: int


@dataclass(frozen=True, slots=True)
class GuardRefused:
    """The guard let a frame not out. Nothing of it has left, and nothing more will."""

    number: int
    reason: str
    what: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is over; `words` say more than the reason that is counted."""

    connection: int
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A connection was refused before it was a session."""

    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class ToSend:
    """A signed note that is to go in a frame; numbers of frames are the node's to give."""

    kind: Note
    note: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with the ledger, for status."""

    lines: int
    signed: int
    cosigned: int
    trouble: str


Message = (
    Setup | Prime | Greet | Give | Content | Withheld | Leave | Stop
    | Up | Connected | Came | Sent | GuardRefused | Closed | TurnedAway | ToSend | Standing
    | Bundled | TakSetup | TakGive | TakCame | TakSkipped | TakHeard
)  # fmt: skip
"""Both ways; each end takes what is for it and refuses the rest."""
