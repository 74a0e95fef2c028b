import asyncio
import errno
import resource
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from accord.security import accept
from accord.security.accept import ALL, MOST, Acceptor, Peer, source_of
from support.tak import EVENT_LOOPS, run_on, until
from support.tls import TestAuthority


class _Greets(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(b"in\n")


@dataclass
class _Listening:
    port: int
    told: list[str] = field(default_factory=list[str])
    stalled: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    def refuse(self, reason: str, _peer: Peer) -> None:
        self.told.append(reason)

    async def stall(self) -> asyncio.StreamReader:
        """Connect and never begin a handshake."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.stalled.append(writer)
        return reader

    async def enter(self, tls: ssl.SSLContext | None) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=tls)
        said = await reader.readline()
        writer.transport.abort()
        return said

    def leave(self) -> None:
        for writer in self.stalled:
            writer.close()


@asynccontextmanager
async def listening(
    tls: ssl.SSLContext | None, *, share: float = ALL
) -> AsyncGenerator[tuple[_Listening, Acceptor]]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    at = _Listening(listener.getsockname()[1])
    async with Acceptor(listener, _Greets, tls, refuse=at.refuse, share=share) as acceptor:
        yield at, acceptor
        at.leave()


async def _ended(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(10):
        try:
            return await reader.read() == b""
        except ConnectionResetError:
            return True


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_a_handshake_that_never_begins_is_ended_in_time_and_told_of(
    loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "HANDSHAKE_TIMEOUT", 0.02)

    async def main() -> None:
        async with listening(TestAuthority(tmp_path).server()) as (at, _):
            assert await _ended(await at.stall())
            await until(lambda: bool(at.told))
            assert at.told == ["TLS handshake took too long"]

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
@pytest.mark.parametrize("bound", ["MAX_HANDSHAKES", "MAX_HANDSHAKES_PER_SOURCE"])
def test_of_too_many_handshakes_the_oldest_gives_way_and_a_member_always_gets_in(
    loop: str, bound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, bound, 3)
    authority = TestAuthority(tmp_path)
    offers, member = authority.server(verify=ssl.CERT_REQUIRED), authority.client("kiwi-1")

    async def main() -> None:
        async with listening(offers) as (at, _):
            stalled = [await at.stall() for _ in range(5)]
            assert await _ended(stalled[0])
            assert await _ended(stalled[1])
            assert await at.enter(member) == b"in\n"
            assert await _ended(stalled[2])
            assert not any(each.at_eof() for each in stalled[3:])
            assert at.told == ["too many handshakes"] * 3

    run_on(loop, main)


@pytest.mark.parametrize("share", [ALL, MOST])
async def test_the_last_descriptors_are_kept_back(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptors over (limit - kept) x share go to nobody; here the limit makes that zero."""
    kept = accept.KEPT_DESCRIPTORS
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (kept, kept))
    async with listening(TestAuthority(tmp_path).server(), share=share) as (at, _):
        assert await _ended(await at.stall())
        assert at.told == ["no descriptors to spare"]


async def test_what_everybody_may_speak_to_gets_fewer_descriptors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = [socket.socket() for _ in range(16)]  # Which are free may be far apart.
    most = numbers[-1].fileno() + 1
    for each in numbers[8:]:
        each.close()
    limit = accept.KEPT_DESCRIPTORS + most
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (limit, limit))
    async with listening(None, share=ALL) as (at, _):
        assert await at.enter(None) == b"in\n"
    async with listening(None, share=numbers[7].fileno() / most) as (at, _):
        assert await _ended(await at.stall())
        assert at.told == ["no descriptors to spare"]
    for each in numbers[:8]:
        each.close()


async def test_without_a_limit_of_the_system_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _what: unlimited)
    async with listening(None) as (at, _):
        assert await at.enter(None) == b"in\n"


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ECONNABORTED])
async def test_a_failure_to_accept_does_not_end_accepting(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accept, "ACCEPT_AGAIN_AFTER", 0)
    authority = TestAuthority(tmp_path)
    loop = asyncio.get_running_loop()
    really, seen = loop.sock_accept, list[object]()

    async def sock_accept(sock: socket.socket) -> tuple[socket.socket, Peer]:
        accepted = await really(sock)
        seen.append(accepted)
        if len(seen) == 2:
            accepted[0].close()
            raise OSError(number, "no")
        return accepted

    monkeypatch.setattr(loop, "sock_accept", sock_accept)
    async with listening(authority.server()) as (at, _):
        stalled = await at.stall()
        await at.stall()
        assert await at.enter(authority.client("kiwi-1")) == b"in\n"
        if number == errno.EMFILE:
            assert await _ended(stalled)
            assert at.told == ["no descriptors left"]
        else:
            assert at.told == []


async def test_closing_frees_the_port_and_ends_what_waits(tmp_path: Path) -> None:
    authority = TestAuthority(tmp_path)
    async with listening(authority.server()) as (at, acceptor):
        stalled = await at.stall()
        await at.enter(authority.client("kiwi-1"))  # so the one before it has been accepted
        acceptor.close()
        assert await _ended(stalled)
        with pytest.raises(ConnectionRefusedError):
            await at.stall()


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_source_is_an_ipv4_address_or_an_ipv6_network(host: str, source: str) -> None:
    assert source_of((host, 40000)) == source
