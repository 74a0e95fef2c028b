"""A serial line: an AIS receiver, a GPS, a ship's instruments. Read only; nothing is sent."""

import asyncio
import os
import termios
import tty
from collections import Counter
from collections.abc import AsyncGenerator

from accord.feeds.feed import FeedError
from accord.feeds.tcp import IsWhole, Pieces, never

READ_BYTES = 4_096


class SerialLine:
    """Opens a device, 8 data bits, no parity, 1 stop bit, and yields what comes."""

    is_finite = False

    def __init__(
        self, device: str, baud: int, *, is_lines: bool = False, is_whole: IsWhole = never
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._is_lines = is_lines
        self._is_whole = is_whole
        self._device = device
        self._speed: int = getattr(termios, f"B{baud}")

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield an empty chunk when it is open, then what comes. Raises OSError or FeedError."""
        line = self._open()
        pieces = Pieces(is_lines=self._is_lines, is_whole=self._is_whole)
        try:
            yield b""
            while data := await _read(line):
                if whole := pieces.of(data):
                    yield whole
            if last := pieces.last(self.counts):
                yield last
        finally:
            os.close(line)

    def _open(self) -> int:
        line = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(line)
            mode = termios.tcgetattr(line)
            # CLOCAL: no carrier is waited for; CREAD: it is read.
            mode[2] |= termios.CLOCAL | termios.CREAD
            mode[4] = mode[5] = self._speed
            termios.tcsetattr(line, termios.TCSANOW, mode)
        except termios.error:
            os.close(line)
            raise FeedError(f"{self._device} is no serial line") from None
        return line


async def _read(line: int) -> bytes:
    """Return what has come, as soon as something has; nothing when the device is gone."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    # Only while it is waited for: what is not read yet would call again and again.
    loop.add_reader(line, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(line)
    return os.read(line, READ_BYTES)
