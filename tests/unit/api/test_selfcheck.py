import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from accord.api import selfcheck
from accord.api.selfcheck import SelfCheck
from accord.core.errors import AccordError
from accord.wire.cot.stream import CotStream
from support.clock import START, ManualClock
from support.tls import TestAuthority

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Relay:
    """A TAK server of few words: answers pings and sends every event to the others."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.events = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        stream = CotStream()
        while data := await reader.read(65536):
            for event in stream.receive(data, START):
                self.events += 1
                for other in self.writers:
                    if other is not writer:
                        # cut in two, as networks may
                        other.write(event.xml[:40])
                        other.write(event.xml[40:])
            writer.write(stream.take_replies())
        writer.close()


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return TestAuthority(tmp_path)


@asynccontextmanager
async def _listening(talk: Talk, tls: ssl.SSLContext) -> AsyncGenerator[int]:
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _check(authority: TestAuthority, port: int) -> SelfCheck:
    tls = authority.client("self-check")
    return SelfCheck(host="127.0.0.1", port=port, tls=tls, clock=ManualClock())


async def test_a_node_that_passes_messages_passes(authority: TestAuthority) -> None:
    relay = Relay()
    async with _listening(relay.talk, authority.server(verify=ssl.CERT_REQUIRED)) as port:
        await _check(authority, port)()
    assert relay.events == 1


async def test_a_port_where_nobody_listens_is_named(authority: TestAuthority) -> None:
    async with _listening(Relay().talk, authority.server()) as port:
        pass
    with pytest.raises(AccordError, match=f"no connection to 127.0.0.1 port {port}"):
        await _check(authority, port)()


async def test_a_node_that_swallows_messages_fails_in_bounded_time(
    authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfcheck, "PATIENCE", 0.2)

    async def pong_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            writer.write(b"pong")
        writer.close()

    async with _listening(pong_only, authority.server()) as port:
        with pytest.raises(AccordError, match="no message came through"):
            await _check(authority, port)()


async def test_a_node_that_refuses_the_certificate_fails(
    authority: TestAuthority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    strangers = TestAuthority(tmp_path / "other").server(verify=ssl.CERT_REQUIRED)
    async with _listening(Relay().talk, strangers) as port:
        with pytest.raises(AccordError, match=f"TLS with port {port} failed"):
            await _check(authority, port)()


async def test_a_node_that_hangs_up_fails(authority: TestAuthority) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with _listening(hang_up, authority.server()) as port:
        with pytest.raises(AccordError, match=f"port {port}"):
            await _check(authority, port)()


async def test_a_node_that_hangs_up_later_fails(authority: TestAuthority) -> None:
    async def pong_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"pong")
        writer.close()

    async with _listening(pong_once, authority.server()) as port:
        with pytest.raises(AccordError, match=f"port {port}"):
            await _check(authority, port)()
