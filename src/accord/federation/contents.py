"""Files, and content too long for a frame: asked for by blocks, sent in chunks, checked by digest.

Blocks that came stay over a cut, so that only those that lack are asked for again. What a reference
stands for goes only in a session in which the reference did: by that both guards know what it is,
and enter it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from accord.federation.outgoing import Item
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.peer.message import Chunk, Want
from accord.wire.peer.protocol import AGREEMENT, BLOCK, Lane, Version
from accord.wire.peer.record import FileOffer
from accord.wire.peer.report import Grant, Subject

ReadFile = Callable[[int, int], bytes]
"""The bytes of a file from an offset, so many."""

ASKED = 1_024
"""Blocks that are asked for at once."""
CHUNK_OVERHEAD = 32
"""Bytes of a CHUNK beside its data, at most."""
MAX_TICKET = (1 << 16) - 1


@dataclass(slots=True, kw_only=True)
class Offered:
    """Content that the partner may ask for, and what it was released as, if it was."""

    digest: bytes
    size: int
    read: ReadFile
    lane: Lane
    item: Item | None = None
    candidate: Candidate | None = None
    own: ObjectKey | None = None
    is_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToOffer:
    """A file of this node: `read` returns its bytes from an offset, so many."""

    digest: bytes
    size: int
    name: str
    media: str
    read: ReadFile

    def template(self) -> FileOffer:
        """Return the offer, with nothing yet of whose it is and by what it leaves."""
        return FileOffer(
            subject=NO_SUBJECT, version=Version(0, 0), grant=NO_GRANT, digest=self.digest,
            size=self.size, name=self.name, media=self.media,
        )  # fmt: skip


NO_GRANT = Grant(bytes(AGREEMENT), "-", "-")
NO_SUBJECT = Subject(origin="AAA", uid="-", context="live", kind="-", how="-")


class OfferedContents:
    """What a partner may ask for, at most `limit`, and what it has asked for."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self._said: set[bytes] = set()
        self._offered: dict[bytes, Offered] = {}
        self._asked: dict[int, tuple[bytes, deque[int]]] = {}

    def offer(self, offered: Offered) -> None:
        """Let content be asked for; what was offered first makes room."""
        self._offered.pop(offered.digest, None)
        if len(self._offered) >= self.limit:
            del self._offered[next(iter(self._offered))]
        self._offered[offered.digest] = offered

    def said(self, digest: bytes) -> None:
        """Note that the reference that stands for it has left in this session."""
        self._said.add(digest)

    def withdraw(self, digest: bytes) -> None:
        """Let it be asked for no more."""
        self._offered.pop(digest, None)
        self._said.discard(digest)
        self._asked = {n: asked for n, asked in self._asked.items() if asked[0] != digest}

    def released(self, digest: bytes, item: Item) -> None:
        """Note that a file was offered to the partner, which may ask for it from now on."""
        offered = self._offered.get(digest)
        if offered is not None:
            offered.item = item

    def get(self, digest: bytes) -> Offered | None:
        """Return what is offered under a digest."""
        return self._offered.get(digest)

    def all(self) -> tuple[Offered, ...]:
        """Return what is offered."""
        return tuple(self._offered.values())

    def want(self, want: Want) -> bool:
        """Note which blocks the partner wants; False where that is not offered."""
        self._asked.pop(want.ticket, None)
        offered = self._offered.get(want.digest)
        if not want.blocks:
            if offered is not None and not offered.is_file:
                self.withdraw(want.digest)
            return True
        is_released = offered is not None and (offered.item is not None or not offered.is_file)
        if offered is None or not is_released or len(self._asked) >= self.limit:
            return False
        count = -(-offered.size // BLOCK)
        blocks = deque(n for n in _blocks(want.first, want.blocks) if n < count)
        self._asked[want.ticket] = want.digest, blocks
        return True

    def asked(self, lane: Lane) -> tuple[int, Offered] | None:
        """Return the ticket and the content that is to be sent next in a lane."""
        for ticket, (digest, blocks) in self._asked.items():
            offered = self._offered[digest]
            is_named = offered.is_file or digest in self._said
            if blocks and is_named and offered.lane is lane:
                return ticket, offered
        return None

    def chunk(self, ticket: int, most: int) -> Chunk | None:
        """Return the next chunk of at most so many bytes; None where not a block fits."""
        digest, blocks = self._asked[ticket]
        count = min(most, 8 * BLOCK) // BLOCK
        if not count:
            return None
        first = blocks.popleft()
        last = first
        while blocks and blocks[0] == last + 1 and last + 1 - first < count:
            last = blocks.popleft()
        offered = self._offered[digest]
        begin, end = first * BLOCK, min(offered.size, (last + 1) * BLOCK)
        if not blocks:
            del self._asked[ticket]
        else:
            # One after the other, so that a small file does not wait for a large one.
            self._asked[ticket] = self._asked.pop(ticket)
        return Chunk(ticket, first, offered.read(begin, end - begin))

    def clear(self) -> None:
        """Begin a new session: the partner asks again."""
        self._asked.clear()
        self._said.clear()

    def waiting(self, lane: Lane) -> int:
        """Return how many bytes are to be sent in a lane, about."""
        return sum(
            BLOCK * len(blocks)
            for digest, blocks in self._asked.values()
            if self._offered[digest].lane is lane
        )


@dataclass(slots=True, kw_only=True)
class Incoming:
    """Content that comes in chunks: what of it is there, and in which lane it comes.

    `is_named`: what stands for it has come in this session, so that it can be asked for.
    """

    digest: bytes
    size: int
    lane: Lane
    data: bytearray
    is_named: bool
    lacking: set[int] = field(default_factory=set[int])
    asked: set[int] = field(default_factory=set[int])


class WantedContents:
    """Content that this node asks its partner for, at most `limit` at once."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self._incoming: dict[bytes, Incoming] = {}
        self._tickets: dict[int, bytes] = {}
        self._ticket = 0
        self._finished: list[tuple[Lane, Want]] = []
        self._whole: list[tuple[Lane, Want]] = []

    def __len__(self) -> int:
        return len(self._incoming)

    def begin(self, digest: bytes, size: int, lane: Lane, *, is_named: bool = True) -> bool:
        """Ask for content; False where too much is asked for already.

        `is_named` False: it is asked for when what stands for it has come over the line as well.
        """
        if digest in self._incoming:
            if is_named:
                self.named(digest)
            return True
        if len(self._incoming) >= self.limit:
            return False
        self._incoming[digest] = Incoming(
            digest=digest,
            size=size,
            lane=lane,
            data=bytearray(size),
            is_named=is_named,
            lacking=set(range(-(-size // BLOCK))),
        )
        return True

    def named(self, digest: bytes) -> None:
        """Note that what stands for it has come in this session."""
        incoming = self._incoming.get(digest)
        if incoming is not None:
            incoming.is_named = True

    def all(self) -> tuple[Incoming, ...]:
        """Return what has not come whole yet."""
        return tuple(self._incoming.values())

    def questions(self) -> Iterator[tuple[Lane, Want]]:
        """Return what is to be asked now, and in which lane. What is returned counts as asked."""
        while self._finished:
            yield self._finished.pop()
        for incoming in self._incoming.values():
            if incoming.lacking and incoming.is_named and not incoming.asked:
                yield incoming.lane, self._question(incoming)

    def take(self, chunk: Chunk) -> bytes | None:
        """Put a chunk where it belongs; return the digest of content that is whole now.

        Raises ValueError for one that has no place, or that makes content of another digest.
        """
        digest = self._tickets.get(chunk.ticket)
        incoming = None if digest is None else self._incoming.get(digest)
        if incoming is None:
            return None
        begin, end = chunk.first * BLOCK, chunk.first * BLOCK + len(chunk.data)
        if end > incoming.size or (len(chunk.data) % BLOCK and end != incoming.size):
            raise ValueError("a chunk does not fit its content")
        incoming.data[begin:end] = chunk.data
        came = range(chunk.first, -(-end // BLOCK))
        incoming.lacking.difference_update(came)
        incoming.asked.difference_update(came)
        if incoming.lacking:
            return None
        if sha256(incoming.data).digest() != incoming.digest:
            self._incoming.pop(incoming.digest)
            raise ValueError("content is not what its digest says")
        return incoming.digest

    def finish(self, digest: bytes) -> bytes:
        """Return whole content; that it is not wanted any more is to be told when it is kept."""
        incoming = self._incoming.pop(digest)
        for ticket in [n for n, each in self._tickets.items() if each == digest]:
            del self._tickets[ticket]
        ticket = self._next_ticket()
        self._whole.append((incoming.lane, Want(ticket=ticket, digest=digest, first=0, blocks=b"")))
        return bytes(incoming.data)

    def came_whole(self) -> tuple[tuple[Lane, Want], ...]:
        """Return, once, what there is to be told of content that came whole."""
        found, self._whole = tuple(self._whole), []
        return found

    def tell(self, wants: Iterable[tuple[Lane, Want]]) -> None:
        """Tell the partner that this is not wanted any more."""
        self._finished += wants

    def clear(self) -> None:
        """Begin a new session: what lacks is asked for again, once it is named again; a file is."""
        self._tickets.clear()
        for incoming in self._incoming.values():
            incoming.asked.clear()
            incoming.is_named = incoming.lane is Lane.FILES

    def _question(self, incoming: Incoming) -> Want:
        first = min(incoming.lacking)
        incoming.asked = {n for n in range(first, first + ASKED) if n in incoming.lacking}
        bits = bytearray((max(incoming.asked) - first) // 8 + 1)
        for block in incoming.asked:
            bits[(block - first) >> 3] |= 0x80 >> (block - first & 7)
        ticket = self._next_ticket()
        self._tickets[ticket] = incoming.digest
        return Want(ticket=ticket, digest=incoming.digest, first=first, blocks=bytes(bits))

    def _next_ticket(self) -> int:
        self._ticket = self._ticket % MAX_TICKET + 1
        return self._ticket


def _blocks(first: int, bits: bytes) -> Iterator[int]:
    return (
        first + 8 * place + bit
        for place, byte in enumerate(bits)
        for bit in range(8)
        if byte & (0x80 >> bit)
    )
