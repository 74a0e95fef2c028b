import asyncio
import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.live.outbox import OutboxSettings
from accord.tak import server
from accord.tak.server import ConnectionSettings, Door, TakConnection, bind_stream, serve_stream
from support.cot import cot_xml
from support.tak import (
    EVENT_LOOPS,
    FakeNode,
    a_door,
    a_principal,
    has_ipv6,
    own_position,
    read_sent,
    run_on,
    until,
)
from support.tls import TestAuthority

PEER = ("192.0.2.1", 40000)


class FakeTransport(asyncio.Transport):
    """A connection as asyncio gives it to a protocol; fills up beyond `room` bytes."""

    def __init__(self, room: int | None = None, **extra: Any) -> None:
        super().__init__({"peername": PEER, **extra})
        self.data = b""
        self.calls: list[str] = []
        self.room = room
        self.high: int | None = None
        self.protocol: TakConnection | None = None

    def write(self, data: Any) -> None:
        self.data += data
        if self.room is not None and len(self.data) > self.room and self.protocol is not None:
            self.protocol.pause_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert low is None
        self.high = high

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")

    def uids(self) -> list[str]:
        data, self.data = self.data, b""
        return [each.uid for each in read_sent(data) if each.uid != "protouid"]


def connected(
    door: Door, room: int | None = None, peername: object = PEER, **extra: Any
) -> tuple[TakConnection, FakeTransport]:
    connection = TakConnection(door.begin)
    transport = FakeTransport(room, peername=peername, **extra)
    transport.protocol = connection
    connection.connection_made(transport)
    return connection, transport


class FakeTls:
    """What a transport knows of its TLS: the client's certificate."""

    def __init__(self, certificate: bytes | None) -> None:
        self._certificate = certificate

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        assert binary_form
        return self._certificate


def admit(certificate: bytes) -> Principal | str:
    return a_principal("kiwi-1") if certificate == b"kiwi-1" else "revoked"


def test_a_connection_without_certificate_is_somebody_of_its_own() -> None:
    node = FakeNode()
    door = a_door(node)
    connected(door, peername=("192.0.2.1", 1))
    connected(door, peername=("192.0.2.1", 2))
    names = {session.principal.name for session in node.bridge.sessions}
    assert names == {"plain@192.0.2.1:1", "plain@192.0.2.1:2"}
    assert {session.channel for session in node.bridge.sessions} == {"cot-tcp"}


def test_who_connects_over_tls_is_told_by_the_certificate() -> None:
    node = FakeNode()
    connected(a_door(node, admit=admit), ssl_object=FakeTls(b"kiwi-1"))
    (session,) = node.bridge.sessions
    assert session.principal.name == "kiwi-1"


@pytest.mark.parametrize(
    ("tls", "reason"),
    [
        (FakeTls(b"kiwi-2"), "revoked"),
        (FakeTls(None), "no client certificate"),
        (None, "no client certificate"),
    ],
)
def test_a_client_that_is_not_admitted_is_closed_counted_and_named(
    tls: FakeTls | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    node = FakeNode()
    connection, transport = connected(a_door(node, admit=admit), ssl_object=tls)
    assert transport.calls == ["close"]
    assert transport.data == b""
    assert node.bridge.ended == {reason: 1}
    assert node.bridge.sessions == set()
    assert "client refused address=192.0.2.1:40000 reason=" in caplog.text
    has_certificate = tls is not None and tls.getpeercert(binary_form=True) is not None
    assert ("certificate=unknown" in caplog.text) is has_certificate
    # What it sent before it noticed is nobody's.
    connection.data_received(own_position())
    connection.pause_writing()
    connection.resume_writing()
    connection.connection_lost(None)
    assert node.kept == []
    assert node.bridge.ended == {reason: 1}


def test_connections_beyond_the_limit_are_refused() -> None:
    node = FakeNode()
    door = a_door(node, settings=ConnectionSettings(max_connections=1))
    first, _ = connected(door)
    _, second = connected(door)
    assert second.calls == ["close"]
    assert node.bridge.ended == {"too many connections": 1}
    first.connection_lost(None)
    _, third = connected(door)
    assert third.calls == []


def test_bytes_go_to_the_session_and_what_others_say_comes_back() -> None:
    node = FakeNode()
    connection, mine = connected(a_door(node), peername=("192.0.2.1", 1))
    _, other = connected(a_door(node), peername=("192.0.2.1", 2))
    data = own_position("A1")
    connection.data_received(data[:50])
    connection.data_received(data[50:])
    node.tick()
    assert other.uids() == ["A1"]
    assert mine.uids() == []


def test_a_full_socket_holds_reports_back_until_it_takes_more() -> None:
    node = FakeNode(outbox=OutboxSettings(socket_buffer=4711))
    speaker, _ = connected(a_door(node), peername=("192.0.2.1", 1))
    slow, transport = connected(a_door(node), peername=("192.0.2.1", 2))
    assert transport.high == 4711
    transport.uids()
    slow.pause_writing()
    speaker.data_received(cot_xml("M1", "a-h-G") + cot_xml("M2", "a-h-G"))
    node.tick()
    assert transport.data == b""
    slow.resume_writing()
    assert transport.uids() == ["M1", "M2"]


def test_the_picture_is_sent_no_faster_than_the_socket_takes_it() -> None:
    node = FakeNode()
    speaker, _ = connected(a_door(node), peername=("192.0.2.1", 1))
    for number in range(100):
        speaker.data_received(cot_xml(f"M{number}", "a-h-G"))
    _, transport = connected(a_door(node), room=1, peername=("192.0.2.1", 2))
    assert len(transport.uids()) == 64  # one step of the outbox


async def _turns() -> None:
    """Let the event loop go round a few times."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_client_is_read_again_when_the_journal_has_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "READ_AGAIN_AFTER", 0)
    node = FakeNode()
    connection, transport = connected(a_door(node))
    node.is_congested = True
    connection.data_received(own_position())
    await _turns()
    assert transport.calls == ["pause"]
    node.is_congested = False
    await until(lambda: transport.calls == ["pause", "resume"])
    await _turns()
    assert transport.calls == ["pause", "resume"]


async def test_a_client_that_has_gone_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "READ_AGAIN_AFTER", 0)
    node = FakeNode()
    connection, transport = connected(a_door(node))
    node.is_congested = True
    connection.data_received(own_position())
    connection.connection_lost(None)
    node.is_congested = False
    await _turns()
    assert transport.calls == ["pause"]


async def test_who_sends_a_lot_at_once_takes_turns_with_the_others_and_loses_nothing() -> None:
    node = FakeNode()
    lots, transport = connected(a_door(node), peername=("192.0.2.1", 1))
    few, _ = connected(a_door(node), peername=("192.0.2.1", 2))
    wanted = [f"M{number}" for number in range(400)]
    data = b"".join(cot_xml(uid, "a-h-G") for uid in wanted)
    assert len(data) > 2 * server.TURN_BYTES
    lots.data_received(data)
    await asyncio.sleep(0)
    few.data_received(cot_xml("OTHER", "a-h-G"))
    await until(lambda: transport.calls == ["pause", "resume"])
    kept = [report.uid for report in node.kept]
    assert [uid for uid in kept if uid != "OTHER"] == wanted
    assert kept.index("OTHER") < 200


@pytest.mark.parametrize(
    ("error", "reason"), [(None, "closed by the client"), (OSError("reset"), "connection broken")]
)
def test_a_lost_connection_is_counted_by_its_reason(error: OSError | None, reason: str) -> None:
    node = FakeNode()
    connection, _ = connected(a_door(node))
    connection.connection_lost(error)
    connection.connection_lost(error)
    assert node.bridge.ended == {reason: 1}


def test_ending_a_session_aborts_its_connection() -> None:
    node = FakeNode()
    _, transport = connected(a_door(node))
    for session in tuple(node.bridge.sessions):
        session.end("revoked")
    assert transport.calls == ["abort"]


def test_a_dead_client_is_noticed_by_keep_alive_probes() -> None:
    node = FakeNode()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        connected(a_door(node), socket=sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        connected(a_door(node), socket=sock)
        assert not sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with bind_stream("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(AccordError, match=f"cannot listen on 127.0.0.1 port {port}: .*in use"):
            bind_stream("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_said_in_one_sentence() -> None:
    with pytest.raises(AccordError, match=r"192\.0\.2\.200 port 0: .* not one of this machine"):
        bind_stream("192.0.2.200", 0)


def _reaches(host: str, port: int) -> bool:
    with socket.create_connection((host, port), timeout=5):
        return True


@has_ipv6
def test_the_ipv6_wildcard_takes_ipv4_too_and_one_address_only_itself() -> None:
    with bind_stream("::", 0) as both:
        port = both.getsockname()[1]
        assert _reaches("127.0.0.1", port)
        assert _reaches("::1", port)
    with bind_stream("::1", 0) as one:
        port = one.getsockname()[1]
        assert _reaches("::1", port)
        with pytest.raises(ConnectionRefusedError):
            _reaches("127.0.0.1", port)


async def _read_until(reader: asyncio.StreamReader, text: bytes) -> bytes:
    async with asyncio.timeout(10):
        return await reader.readuntil(text)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_clients_meet_over_tcp(loop: str) -> None:
    async def main() -> None:
        node = FakeNode()
        listener = bind_stream("127.0.0.1", 0)
        async with serve_stream(a_door(node), listener, None):
            address = listener.getsockname()
            hears, hearing = await asyncio.open_connection(*address)
            await _read_until(hears, b"</event>")  # the offer: it is in
            says, saying = await asyncio.open_connection(*address)
            saying.write(own_position("A1") + cot_xml("A1-ping", "t-x-c-t"))
            await _read_until(says, b"takPong")
            node.tick()
            await _read_until(hears, b'uid="A1"')
            saying.close()
            hearing.close()
            await until(lambda: not node.bridge.sessions)
        assert node.bridge.ended == {"closed by the client": 2}

    run_on(loop, main)


@pytest.mark.parametrize("loop", EVENT_LOOPS)
def test_over_tls_the_certificate_says_who_it_is_and_a_session_can_be_ended(
    loop: str, tmp_path: Path
) -> None:
    authority = TestAuthority(tmp_path)
    offers, client = authority.server(verify=ssl.CERT_REQUIRED), authority.client("kiwi-1")

    async def main() -> None:
        node = FakeNode()
        seen: list[bytes] = []

        def knows(certificate: bytes) -> Principal | str:
            seen.append(certificate)
            return a_principal("kiwi-1")

        listener = bind_stream("127.0.0.1", 0)
        async with serve_stream(a_door(node, admit=knows), listener, offers):
            port = listener.getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
            await _read_until(reader, b"</event>")
            (session,) = node.bridge.sessions
            assert session.principal.name == "kiwi-1"
            session.end("revoked")
            with pytest.raises(asyncio.IncompleteReadError):
                await reader.readexactly(1)
            await until(lambda: not node.bridge.sessions)
            writer.transport.abort()
        pem = (tmp_path / "clients" / "kiwi-1.pem").read_text()
        assert seen == [ssl.PEM_cert_to_DER_cert(pem)]
        assert node.bridge.ended == {"revoked": 1}

    run_on(loop, main)


def test_a_client_that_is_refused_again_and_again_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "accord")
    node = FakeNode()
    door = a_door(node, admit=admit)
    for port in range(5):
        connected(door, peername=("192.0.2.1", port))
    assert node.bridge.ended == {"no client certificate": 5}
    assert len(caplog.records) == 1
