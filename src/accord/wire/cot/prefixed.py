"""Messages behind their length: TAK federation version 1, and gRPC (version 2) with one byte more.

Version 1: 4 bytes of length, the most significant first, then so many bytes. gRPC (PROTOCOL-HTTP2,
Length-Prefixed-Message): a byte that says whether the message is compressed, then the same.
"""

from collections.abc import Iterator

from accord.wire.errors import FrameTooLarge, Unsupported

LENGTH = 4
LONGEST = 268_435_456
"""Bytes of a message that TAK servers send at most (maxMessageSizeBytes); beyond, it is no length.

What is longer than this node takes, and not longer than that, is read and thrown away.
"""


def prefixed(message: bytes) -> bytes:
    """Return the message behind its length."""
    return len(message).to_bytes(LENGTH) + message


def grpc_prefixed(message: bytes) -> bytes:
    """Return the message as gRPC has it, not compressed."""
    return b"\0" + prefixed(message)


class Prefixed:
    """Messages out of bytes in any chunking; of at most `limit` bytes each, others are skipped."""

    def __init__(self, *, limit: int, is_grpc: bool = False) -> None:
        self.skipped = 0
        """Messages that were longer than the limit."""
        self._limit = limit
        self._head = LENGTH + is_grpc
        self._rest = bytearray()
        self._to_skip = 0

    def receive(self, data: bytes) -> list[bytes]:
        """Return the messages that these bytes complete. Raises WireError where there is no way on.

        Empty ones are left out: they say nothing.
        """
        self._rest += data
        return [message for message in self._whole() if message]

    def _whole(self) -> Iterator[bytes]:
        while self._skip() and len(self._rest) >= self._head:
            compressed, length = self._read_head()
            if compressed:
                raise Unsupported("a message is compressed, which nobody asked for")
            if length > LONGEST:
                raise FrameTooLarge(f"a message of {length} bytes is announced")
            if length > self._limit:
                self.skipped += 1
                self._to_skip = self._head + length
            elif len(self._rest) < self._head + length:
                return
            else:
                message = bytes(self._rest[self._head : self._head + length])
                del self._rest[: self._head + length]
                yield message

    def _read_head(self) -> tuple[bool, int]:
        return any(self._rest[: self._head - LENGTH]), int.from_bytes(
            self._rest[self._head - LENGTH : self._head]
        )

    def _skip(self) -> bool:
        """Throw away what is left of a message that is too long; False while more is to come."""
        gone = min(self._to_skip, len(self._rest))
        del self._rest[:gone]
        self._to_skip -= gone
        return not self._to_skip
