"""A connection made to whoever sends: an AIS receiver or a network's relay."""

import asyncio
import socket
from collections import Counter
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
        self.counts: Counter[str] = Counter()
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


MAX_SENDERS = 16
"""Senders of lines at the same time; of frames that are no lines, one."""

MAX_LINE = 4_096
"""Bytes of a line that has not ended yet."""


class Pieces:
    """Cuts what one of several senders sends at the ends of lines, so that no two are mixed."""

    def __init__(self, *, is_lines: bool) -> None:
        self._is_lines = is_lines
        self._rest = b""

    def of(self, data: bytes) -> bytes:
        """Return what is whole of it and of what came before."""
        if not self._is_lines:
            return data
        whole, end, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest[-MAX_LINE:]
        return whole + end


class TcpServer:
    """Listens, and yields what those who connect send: of lines many, else the newest alone."""

    is_finite = False

    def __init__(self, host: str, port: int, *, is_lines: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._host = host
        self._port = port
        self._is_lines = is_lines
        self._most = MAX_SENDERS if is_lines else 1
        self._senders: dict[asyncio.StreamWriter, None] = {}
        self._waiting: list[bytes] = []
        self._has_some = asyncio.Event()
        self._has_none = asyncio.Event()
        self._has_none.set()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield an empty chunk when it listens, then what comes. Raises OSError."""
        server = await asyncio.start_server(self._hear, self._host, self._port)
        try:
            yield b""
            while True:
                await self._has_some.wait()
                data = b"".join(self._waiting)
                self._waiting.clear()
                self._has_some.clear()
                self._has_none.set()
                yield data
        finally:
            server.close()
            for writer in tuple(self._senders):
                writer.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._senders) >= self._most:
            self.counts["sender gave way to another"] += 1
            next(iter(self._senders)).close()
        self._senders[writer] = None
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        pieces = Pieces(is_lines=self._is_lines)
        try:
            while not writer.is_closing() and (data := await reader.read(READ_BYTES)):
                # Who sends faster than is read has to wait, as with a connection that we make.
                await self._has_none.wait()
                self._put(pieces.of(data))
        except OSError:
            self.counts["sender broke off"] += 1
        finally:
            self._senders.pop(writer, None)
            writer.close()

    def _put(self, data: bytes) -> None:
        if data:
            self._waiting.append(data)
            self._has_none.clear()
            self._has_some.set()
