"""One session at the node's end: frames in the form in which node and guard hand them on."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from accord.federation.guard import ipc, talk
from accord.federation.guard.contents import MAX_TICKETS
from accord.federation.guard.placeholders import Frames, Unsigned, handles_of
from accord.federation.guard.session import Greetings, Session
from accord.federation.sync import PartnerSync
from accord.wire.peer.decode import Decoder, decode_hello
from accord.wire.peer.message import Chunk, Forwarded, Hello, Objects, PeerMessage, Records, Want
from accord.wire.peer.record import Document, FileOffer, Rotation
from accord.wire.peer.report import Reference


@dataclass(slots=True)
class Exchange:
    """The session that frames go by."""

    connection: int
    frames: Frames
    decoder: Decoder
    role: talk.Role
    address: str
    since: float
    heard: float
    given: int = 0

    @classmethod
    def of(
        cls, up: talk.Up, greetings: Greetings, sync: PartnerSync, unsigned: Unsigned, *,
        limit: int, seconds: float,
    ) -> "Exchange":  # fmt: skip
        """Begin the exchange that these HELLOs make, with the handles of earlier sessions."""
        own, theirs = greetings
        session = Session.of(up.role, greetings)
        decoder = Decoder(
            session=session.id, sender=theirs.node, receiver=own.node, verify=verified,
            handles=handles_of(sync.taken(), limit=limit),
        )  # fmt: skip
        frames = unsigned.frames(session, sync.given(), limit=limit)
        return cls(up.connection, frames, decoder, up.role, up.address, seconds, seconds)


def read_hello(data: bytes, *, partner: str, own: str) -> Hello:
    """Read the HELLO of a partner, which the guard has verified. Raises WireError."""
    return decode_hello(data, sender=partner, receiver=own, verify=verified)


def verified(_node: str, _data: bytes, _signature: bytes) -> bool:
    """Believe the guard, which has verified it: it hands on nothing else."""
    return True


class ContentsGiven:
    """Which contents a guard holds: it keeps at most `limit` bytes of them, the newest given."""

    def __init__(self, content: Callable[[bytes], bytes | None], *, limit: int) -> None:
        self._content = content
        self._limit = limit
        self._sizes: OrderedDict[bytes, int] = OrderedDict()
        self._asked: OrderedDict[int, bytes] = OrderedDict()

    def clear(self) -> None:
        """Begin anew with another guard."""
        self._sizes.clear()

    def wanted(self, want: Want) -> None:
        """Note which content the partner asks for by that number."""
        self._asked[want.ticket] = want.digest
        self._asked.move_to_end(want.ticket)
        if len(self._asked) > MAX_TICKETS:
            self._asked.popitem(last=False)

    def needed(self, message: PeerMessage) -> list[talk.Content] | None:
        """Return what the guard must be given before a frame; None where that is not at hand."""
        found: list[talk.Content] = []
        for digest in self._digests(message):
            if digest in self._sizes:
                continue
            content = self._content(digest)
            if content is None:
                return None
            found += ipc.pieces(digest, content)
            self._sizes[digest] = len(content)
            while sum(self._sizes.values()) > self._limit:
                self._sizes.popitem(last=False)
        return found

    def _digests(self, message: PeerMessage) -> list[bytes]:
        """Return the digests of all that a frame refers to, or is a piece of."""
        match message:
            case Objects(objects=objects):
                return [digest for each in objects for digest in _referred(each.header)]
            case Records(records=records):
                return [digest for each in records for digest in _referred(each.content)]
            case Forwarded(passed=passed):
                return [digest for each in passed for digest in _referred(each.content)]
            case Chunk(ticket=ticket):
                return [self._asked[ticket]] if ticket in self._asked else []
            case _:
                return []


def _referred(content: object) -> list[bytes]:
    if isinstance(content, Document | Rotation):
        return _referred(content.data)
    return [content.digest] if isinstance(content, Reference | FileOffer) else []
