"""What Linux says of real connections, in both forms, on both event loops."""

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import pytest

from accord.security import acknowledged
from accord.security.acknowledged import Acknowledged
from accord.security.tls import server_context
from support.tak import EVENT_LOOPS, run_on, until
from support.tls import TestAuthority

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux says how much is acknowledged"
)

MUCH = 8 << 20
"""Bytes that no pair of sockets here has room for."""


class End(asyncio.Protocol):
    """The node's end of a connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  either way
        self.lost.set()


Tls = tuple[ssl.SSLContext, ssl.SSLContext]


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> Tls | None:
    if request.param == "plain":
        return None
    authority = TestAuthority(tmp_path)
    _ = authority.ca
    authority.issue("server/server", "node")
    return server_context(tmp_path, clients=ssl.CERT_REQUIRED), authority.client("kiwi-1")


@asynccontextmanager
async def connected(
    tls: Tls | None,
) -> AsyncGenerator[tuple[End, asyncio.StreamReader, asyncio.StreamWriter]]:
    """The node's end, and a client that reads no more than it is told to."""
    loop = asyncio.get_running_loop()
    node, client = (None, None) if tls is None else tls
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        calling = loop.create_task(
            asyncio.open_connection(*listener.getsockname(), ssl=client, limit=1024)
        )
        sock, _ = await loop.sock_accept(listener)
        end = End()  # uvloop gives its own protocol where there is TLS
        await loop.connect_accepted_socket(lambda: end, sock, ssl=node)
        reader, writer = await calling
    try:
        yield end, reader, writer
    finally:
        assert end.transport is not None
        writer.transport.abort()
        end.transport.abort()
        await end.lost.wait()
        with suppress(OSError):
            await writer.wait_closed()


def line_of(end: End) -> tuple[Acknowledged, asyncio.Transport]:
    assert end.transport is not None
    line = Acknowledged.of(end.transport)
    assert line is not None
    return line, end.transport


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_what_the_other_end_has_is_acknowledged(loop: str, tls: Tls | None) -> None:
    async def main() -> None:
        async with connected(tls) as (end, reader, _):
            line, transport = line_of(end)
            for size in (1, 100, 40_000):
                before = line.written()
                assert before is not None
                transport.write(b"x" * size)
                written = line.written()
                assert written is not None
                if tls is None:
                    assert written - before == size
                else:
                    assert size < written - before < size + 200  # records: 16 KiB, 22 bytes each
                await reader.readexactly(size)
                await until(lambda written=written: line.acknowledged() == written)

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_what_lies_in_buffers_is_not_acknowledged_wherever_they_are(
    loop: str, tls: Tls | None
) -> None:
    async def main() -> None:
        async with connected(tls) as (end, reader, _):
            line, transport = line_of(end)
            transport.write(b"x" * MUCH)
            for each in range(20):
                transport.write(b"%d" % (each % 10))
            await asyncio.sleep(0.05)
            written = line.written()
            if tls is None:
                assert written == MUCH + 20
            else:
                assert written is None or written > MUCH  # None: it is not all encrypted
            assert line.acknowledged() < MUCH
            await reader.readexactly(MUCH + 20)
            await until(lambda: line.written() == line.acknowledged() > MUCH + 19)

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_of_a_closed_socket_it_is_known_what_was_known_last(loop: str, tls: Tls | None) -> None:
    async def main() -> None:
        async with connected(tls) as (end, reader, _):
            line, transport = line_of(end)
            transport.write(b"x" * 1000)
            await reader.readexactly(1000)
            await until(lambda: line.acknowledged() == line.written())
            known = line.acknowledged()
            transport.abort()
            await end.lost.wait()
            await asyncio.sleep(0)
            assert line.acknowledged() == known
            assert line.written() is None

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_a_peer_that_breaks_off_has_no_more_than_it_acknowledged(
    loop: str, tls: Tls | None
) -> None:
    async def main() -> None:
        async with connected(tls) as (end, _, writer):
            line, transport = line_of(end)
            transport.write(b"x" * MUCH)
            await asyncio.sleep(0.05)
            line.acknowledged()
            writer.transport.abort()  # with much unread: TCP says RST
            await end.lost.wait()
            assert 0 < line.acknowledged() < MUCH

    run_on(loop, main)


class Fake(asyncio.Transport):
    """A connection with a socket, and TLS, that a test gives it."""

    def __init__(self, **extra: Any) -> None:
        super().__init__(extra)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


class FakeSocket:
    """A socket whose system says what a test has it say."""

    def __init__(self, *said: bytes | Exception, family: int = socket.AF_INET) -> None:
        self.family = family
        self._said = list(said)

    def fileno(self) -> int:
        return -1

    def getsockopt(self, *_: int) -> bytes:
        said = self._said.pop(0) if len(self._said) > 1 else self._said[0]
        if isinstance(said, Exception):
            raise said
        return said


def info(acked: int) -> bytes:
    return bytes(120) + acked.to_bytes(8, sys.byteorder)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"socket": FakeSocket(info(0), family=socket.AF_UNIX)},
        {"socket": FakeSocket(OSError("no such option"))},
        {"socket": FakeSocket(bytes(104))},  # before Linux 4.1
        {"socket": FakeSocket(info(9)), "ssl_object": object()},
    ],
)
def test_where_the_system_does_not_say_nobody_is_watched(extra: dict[str, Any]) -> None:
    assert Acknowledged.of(Fake(**extra)) is None


def test_another_system_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Acknowledged.of(Fake(socket=FakeSocket(info(0)))) is None


@pytest.mark.parametrize("acked", [0, 10_000])
def test_a_system_that_contradicts_the_handshake_is_not_believed(
    acked: int, authority_tls: ssl.SSLObject
) -> None:
    assert Acknowledged.of(Fake(socket=FakeSocket(info(acked)), ssl_object=authority_tls)) is None


@pytest.fixture
def authority_tls(tmp_path: Path) -> ssl.SSLObject:
    authority = TestAuthority(tmp_path)
    _ = authority.ca
    authority.issue("server/server", "node")
    context = server_context(tmp_path, clients=ssl.CERT_NONE)
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)


def test_while_more_and_more_is_acknowledged_the_end_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledged.fcntl, "ioctl", lambda *_: 0)
    sock = FakeSocket(*(info(each) for each in range(1, 20)))
    line = Acknowledged.of(Fake(socket=sock))
    assert line is not None
    assert line.written() is None


def test_a_socket_that_is_closed_meanwhile_has_no_end() -> None:
    line = Acknowledged.of(Fake(socket=FakeSocket(info(7), OSError("closed"))))
    assert line is not None
    assert line.written() is None
    assert line.acknowledged() == 0
