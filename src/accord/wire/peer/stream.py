"""Frames of a partner out of bytes in any chunking: two bytes of length, then so many bytes."""

from accord.wire.errors import FrameTooLarge, Malformed, WireError
from accord.wire.peer.frame import LONGEST_HELLO


class PeerStream:
    """Reads the frames of one connection; any division of the bytes gives the same frames.

    No frame is longer than `limit`, but the first, the HELLO, which can have LONGEST_HELLO. What
    breaks that is a fault, after which nothing is read any more: there is no place to go on from.
    It never holds more than the longest frame and what was given last.
    """

    def __init__(self, *, limit: int) -> None:
        self.fault: WireError | None = None
        self._rest = bytearray()
        self._limit = limit
        self._longest = max(limit, LONGEST_HELLO)

    @property
    def waits(self) -> bool:
        """Whether a frame has begun that is not complete."""
        return bool(self._rest)

    def receive(self, data: bytes) -> list[bytes]:
        """Return the frames that these bytes complete, without their lengths."""
        if self.fault is not None:
            return []
        self._rest += data
        frames: list[bytes] = []
        at = 0
        while len(self._rest) - at >= 2:
            begin = at + 2
            end = begin + int.from_bytes(self._rest[at:begin])
            self.fault = self._fault_of(end - begin)
            if self.fault is not None:
                self._rest.clear()
                return frames
            if end > len(self._rest):
                break
            frames.append(bytes(self._rest[begin:end]))
            at, self._longest = end, self._limit
        del self._rest[:at]
        return frames

    def _fault_of(self, size: int) -> WireError | None:
        if size > self._longest:
            return FrameTooLarge(f"a frame of {size} bytes is over {self._longest}")
        return None if size else Malformed("a frame of no bytes")
