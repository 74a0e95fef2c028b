"""A connection made to whoever sends: an AIS receiver or a network's relay."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Callable

from accord.feeds.feed import BROKE_OFF, FeedError

CONNECT_TIMEOUT = 10.0
"""Seconds allowed for connecting."""

READ_BYTES = 8_192
"""Bytes taken at once: about 150 AIS sentences, a few milliseconds of work."""


MAX_SENDERS = 16
"""Senders of lines at the same time; of frames that are no lines, one."""

MAX_LINE = 4_096
"""Bytes of a line that has not ended yet."""

IsWhole = Callable[[bytes], bool]
"""Tells of a line whose end did not come whether it is whole, as by its checksum."""


def never(_line: bytes) -> bool:
    """Take no line for whole whose end did not come: nothing in it tells."""
    return False


class Pieces:
    """Cuts what one sender sends at the ends of lines, so that no two senders' are mixed."""

    def __init__(self, *, is_lines: bool, is_whole: IsWhole = never) -> None:
        self._is_lines = is_lines
        self._is_whole = is_whole
        self._rest = b""

    def of(self, data: bytes) -> bytes:
        """Return what is whole of it and of what came before."""
        if not self._is_lines:
            return data
        whole, end, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest[-MAX_LINE:]
        return whole + end

    def last(self, counts: Counter[str], *, broke_off: bool = False) -> bytes:
        """Return the last line where it is whole without its end; what is none is counted.

        `broke_off`: the sender did not close the connection himself.
        """
        rest, self._rest = self._rest.strip(), b""
        is_whole = bool(rest) and self._is_whole(rest)
        if broke_off or (rest and not is_whole):
            counts[BROKE_OFF] += 1
        return rest + b"\n" if is_whole else b""


class TcpClient:
    """Connects, and yields what comes until the other side closes."""

    is_finite = False

    def __init__(
        self, host: str, port: int, *, is_lines: bool = False, is_whole: IsWhole = never
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._host = host
        self._port = port
        self._is_lines = is_lines
        self._is_whole = is_whole

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
            async for data in self._pieces(reader):
                yield data
        finally:
            writer.close()

    async def _pieces(self, reader: asyncio.StreamReader) -> AsyncGenerator[bytes, None]:
        pieces = Pieces(is_lines=self._is_lines, is_whole=self._is_whole)
        trouble: OSError | None = None
        try:
            while data := await reader.read(READ_BYTES):
                if whole := pieces.of(data):
                    yield whole
        except OSError as error:
            trouble = error
        if last := pieces.last(self.counts):
            yield last
        if trouble is not None:
            raise trouble


class TcpServer:
    """Listens, and yields what those who connect send: of lines many, else the newest alone."""

    is_finite = False

    def __init__(self, host: str, port: int, *, is_lines: bool, is_whole: IsWhole = never) -> None:
        self.counts: Counter[str] = Counter()
        self._host = host
        self._port = port
        self._is_lines = is_lines
        self._is_whole = is_whole
        self._begins = False
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
                if self._begins:
                    self._begins = False
                    yield b""
                data = b"".join(self._waiting)
                self._waiting.clear()
                self._has_some.clear()
                self._has_none.set()
                if data:
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
        pieces, broke_off = Pieces(is_lines=self._is_lines, is_whole=self._is_whole), False
        try:
            if not self._is_lines:
                await self._begin()
            while not writer.is_closing() and (data := await reader.read(READ_BYTES)):
                # Who sends faster than is read has to wait, as with a connection that we make.
                await self._has_none.wait()
                self._put(pieces.of(data))
        except OSError:
            broke_off = True
        except asyncio.CancelledError:
            # The node ends. Nobody awaits this task, and the loop would log that it was cancelled.
            pass
        finally:
            self._put(pieces.last(self.counts, broke_off=broke_off))
            self._senders.pop(writer, None)
            writer.close()

    async def _begin(self) -> None:
        """Let it be known that what comes from here on is of another sender."""
        await self._has_none.wait()
        self._begins = True
        self._has_none.clear()
        self._has_some.set()

    def _put(self, data: bytes) -> None:
        if data:
            self._waiting.append(data)
            self._has_none.clear()
            self._has_some.set()
