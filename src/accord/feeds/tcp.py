"""A connection made to whoever sends: an AIS receiver or a network's relay."""

import asyncio
import socket
from collections.abc import AsyncGenerator

from accord.feeds.feed import FeedError

CONNECT_TIMEOUT = 10.0
"""Seconds allowed for connecting."""

READ_BYTES = 8_192
"""Bytes taken at once: about 150 AIS sentences, a few milliseconds of work."""


class TcpClient:
    """Connects, and yields what comes until the other side closes."""

    is_finite = False

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield an empty chunk when connected, then what comes. Raises OSError or FeedError."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError:
            where = f"{self._host} port {self._port}"
            raise FeedError(f"{where} did not answer in {CONNECT_TIMEOUT:.0f} s") from None
        try:
            # A sender that vanished without a word is noticed by the system after some minutes.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            yield b""
            while data := await reader.read(READ_BYTES):
                yield data
        finally:
            writer.close()
