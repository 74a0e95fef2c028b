"""The two versions of TAK federation as bytes in and out, without a socket; and version 1."""

from typing import Protocol

from accord.wire.cot.prefixed import Prefixed, prefixed


class Dialect(Protocol):
    """One connection in one version; made anew for each. Times are seconds that never go back."""

    @property
    def is_ready(self) -> bool:
        """Whether messages may be said now."""
        ...

    @property
    def waits(self) -> bool:
        """Whether something was said that the other end has no room for yet."""
        ...

    @property
    def skipped(self) -> int:
        """Messages that came and were longer than the limit."""
        ...

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Return the messages that these bytes complete. WireError: there is no way on."""
        ...

    def say(self, message: bytes) -> None:
        """Have a message written."""
        ...

    def tick(self, now: float) -> None:
        """Do what is due. WireError: the other end has fallen silent."""
        ...

    def to_write(self) -> bytes:
        """Return the bytes that are to be written now."""
        ...


class Version1:
    """Messages behind their length. It knows neither a greeting nor a sign of life."""

    def __init__(self, *, limit: int) -> None:
        self._incoming = Prefixed(limit=limit)
        self._waiting = bytearray()

    @property
    def is_ready(self) -> bool:
        """Say that it always is."""
        return True

    @property
    def waits(self) -> bool:
        """Say that nothing ever does: TCP holds up whoever writes."""
        return False

    @property
    def skipped(self) -> int:
        """Return how many were thrown away."""
        return self._incoming.skipped

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Return the messages that these bytes complete. Raises WireError."""
        del now
        return self._incoming.receive(data)

    def say(self, message: bytes) -> None:
        """Have a message written."""
        self._waiting += prefixed(message)

    def tick(self, now: float) -> None:
        """Do nothing: nothing is ever due."""

    def to_write(self) -> bytes:
        """Return the bytes that are to be written now."""
        data = bytes(self._waiting)
        self._waiting.clear()
        return data
