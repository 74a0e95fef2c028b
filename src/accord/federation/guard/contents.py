"""Content that is too long for a frame: what may go out in chunks, and what comes in by them."""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from accord.wire.peer.message import Chunk, Want
from accord.wire.peer.protocol import BLOCK
from accord.wire.peer.report import Grant, Reference

MAX_TICKETS = 1_024
"""Contents that are wanted at one time, each way."""


@dataclass(slots=True)
class _Coming:
    """Content on its way in: the blocks that are there."""

    size: int
    onward: Grant | None
    blocks: dict[int, bytes] = field(default_factory=dict[int, bytes])


class Outgoing:
    """What the node gave its guard to be sent in chunks; at most `limit` bytes, the oldest go."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._parts: dict[bytes, bytearray] = {}
        self._whole: OrderedDict[bytes, bytes] = OrderedDict()
        self._cleared: set[bytes] = set()
        self._tickets: OrderedDict[int, bytes] = OrderedDict()
        self._changed: set[int] = set()

    def give(self, digest: bytes, size: int, data: bytes) -> None:
        """Take a piece. What is not what its digest says is forgotten."""
        if digest in self._whole or size > self._limit:
            return
        part = self._parts.setdefault(digest, bytearray())
        part += data
        if len(part) < size:
            return
        del self._parts[digest]
        content = bytes(part)
        if len(content) == size and sha256(content).digest() == digest:
            self._whole[digest] = content
            self._size += size
            while self._size > self._limit:
                self._size -= len(self._whole.popitem(last=False)[1])

    def get(self, digest: bytes) -> bytes | None:
        """Return the content of that digest, where the whole of it was given."""
        return self._whole.get(digest)

    def clear(self, digest: bytes) -> None:
        """Note that this content was looked at, or is a file whose offer was, and may leave."""
        self._cleared.add(digest)

    def wanted(self, want: Want) -> None:
        """Note the partner's short number for a content."""
        if self._tickets.get(want.ticket, want.digest) != want.digest:
            self._changed.add(want.ticket)
        self._tickets[want.ticket] = want.digest
        self._tickets.move_to_end(want.ticket)
        if len(self._tickets) > MAX_TICKETS:
            self._changed.add(self._tickets.popitem(last=False)[0])

    def is_outdated(self, chunk: Chunk) -> bool:
        """Tell whether it may not leave because the partner has asked anew by that number.

        The node hears it after its guard, and may have made the chunk before.
        """
        return chunk.ticket in self._changed and bool(self.why_not(chunk))

    def why_not(self, chunk: Chunk) -> str:
        """Return why a chunk may not leave; empty where it is part of what may."""
        digest = self._tickets.get(chunk.ticket)
        if digest is None:
            return "a chunk of what the partner did not ask for"
        if digest not in self._cleared:
            return "a chunk of what was not released"
        content = self._whole.get(digest, b"")
        begin = chunk.first * BLOCK
        if content[begin : begin + len(chunk.data)] != chunk.data:
            return "a chunk that is not part of its content"
        return ""


class Whole(NamedTuple):
    """Content that has come whole; `onward` is the grant of whoever passed it on."""

    digest: bytes
    data: bytes
    onward: Grant | None


class Incoming:
    """Puts together what references of the partner stand for; at most `limit` bytes at a time."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._coming: OrderedDict[bytes, _Coming] = OrderedDict()
        self._tickets: OrderedDict[int, bytes] = OrderedDict()

    def referred(self, reference: Reference, onward: Grant | None = None) -> None:
        """Note that this is coming, and by what grant it is passed on, if it is another's."""
        coming = self._coming.setdefault(reference.digest, _Coming(reference.size, onward))
        coming.onward = onward
        while (
            len(self._coming) > MAX_TICKETS
            or sum(each.size for each in self._coming.values()) > self._limit
        ):
            self._coming.popitem(last=False)

    def wanted(self, want: Want) -> None:
        """Note this node's short number for a content."""
        self._tickets[want.ticket] = want.digest
        self._tickets.move_to_end(want.ticket)
        if len(self._tickets) > MAX_TICKETS:
            self._tickets.popitem(last=False)

    def chunk(self, chunk: Chunk) -> Whole | None:
        """Take a chunk in; return the content that it completes."""
        digest = self._tickets.get(chunk.ticket)
        coming = None if digest is None else self._coming.get(digest)
        if digest is None or coming is None:
            return None
        for begin in range(0, len(chunk.data), BLOCK):
            block = chunk.first + begin // BLOCK
            if block * BLOCK < coming.size:
                coming.blocks[block] = chunk.data[begin : begin + BLOCK]
        if len(coming.blocks) * BLOCK < coming.size:
            return None
        del self._coming[digest]
        content = b"".join(coming.blocks[n] for n in sorted(coming.blocks))
        if sha256(content).digest() != digest:
            return None
        return Whole(digest, content, coming.onward)
