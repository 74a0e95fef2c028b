"""What both who write and who read frames hold to: types, lanes, signatures, handles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accord.wire.peer.message import PeerMessage
from accord.wire.peer.proof import Proved
from accord.wire.peer.protocol import DURABLE_LANES, FrameType, Lane
from accord.wire.peer.report import Header

Sign = Callable[[bytes], bytes]
"""Signs with the node's release key."""
Verify = Callable[[str, bytes, bytes], bool]
"""Tells whether the node of that id signed those bytes: node, bytes, signature."""

SIGNED = frozenset({FrameType.HELLO, FrameType.UPDATES, FrameType.RECORDS})
"""Frames with a signature. Headers are signed with their updates, chunks through their digest, what
is passed on by its origin and its hops; the rest nobody but the link's other end relies on."""

HELLO_NUMBER = 1
"""The number of a HELLO; all others are higher."""
LONGEST_FRAME = 65_535
LONGEST_HELLO = 4_096
MAX_HANDLE = (1 << 28) - 1
LEAST_LIMIT = 512
"""The least that a node can take as its longest frame."""

_STATE = frozenset({Lane.EMERGENCY, Lane.TRACKS})
_CONTROL = frozenset({Lane.CONTROL})
_ANY = frozenset(Lane)

LANES: Mapping[FrameType, frozenset[Lane]] = {
    FrameType.HELLO: _CONTROL,
    FrameType.OBJECTS: _STATE,
    FrameType.UPDATES: _STATE,
    FrameType.RECORDS: frozenset(DURABLE_LANES),
    FrameType.RELAYED: _STATE,
    FrameType.ACK: _CONTROL,
    FrameType.WANT: _ANY,
    FrameType.CHUNK: _ANY,
    FrameType.CHECKPOINT: _CONTROL,
    FrameType.COSIGNATURE: _CONTROL,
    FrameType.RANGE: _CONTROL,
    FrameType.PRUNE: _CONTROL,
    FrameType.GRAFT: _CONTROL,
    FrameType.KEEPALIVE: _CONTROL,
    FrameType.BYE: _CONTROL,
    FrameType.FORWARDED: frozenset(DURABLE_LANES),
}
"""In which lanes a frame of a type can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that holds in itself: read, in order, and signed where it is to be.

    `proof` is what is kept to pass items on: of UPDATES, RECORDS and RELAYED. In RECORDS and
    FORWARDED `contents` are the SHA-256 of each content; in FORWARDED `proofs` are what is kept of
    each record, in order.
    """

    type: FrameType
    number: int
    lane: Lane
    message: PeerMessage
    at: int | None = None
    proof: Proved | None = None
    contents: tuple[bytes, ...] = ()
    proofs: tuple[Proved, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a handle stands for. The header is None until the content of its reference is there."""

    header: Header | None
    digest: bytes


class Handles:
    """What the handles of one link in one direction stand for; at most `limit` of them.

    They outlast a session: keep them as long as the epochs of both nodes last.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self._known: dict[int, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, handle: int) -> Known | None:
        """Return what it stands for."""
        return self._known.get(handle)

    def put(self, entries: Mapping[int, Known]) -> bool:
        """Note what these stand for from now; False, and nothing noted, where it cannot be.

        That is where there are too many, or one is too high.
        """
        if len(self._known.keys() | entries.keys()) > self.limit or max(entries) > MAX_HANDLE:
            return False
        self._known.update(entries)
        return True

    def fill(self, digest: bytes, header: Header) -> None:
        """Note the header that a reference of that digest stood for."""
        for handle, known in self._known.items():
            if known.digest == digest and known.header is None:
                self._known[handle] = Known(header, digest)

    def clear(self) -> None:
        """Forget all, as when the other node's epoch has changed."""
        self._known.clear()
