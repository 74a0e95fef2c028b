import asyncio
import json
import logging
import sys
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import Message
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from accord.api.problem import refused
from accord.api.server import serve_http
from accord.core.principal import Principal
from accord.core.report import Form
from accord.live.outbox import OutboxSettings
from accord.live.taken import GIVEN_BACK
from accord.security.accept import Peer
from accord.tak import websocket
from accord.tak.server import TURN_BYTES, bind_stream
from accord.tak.session import TakSession, spell_address
from support.cot import cot_xml
from support.tak import FakeNode, a_principal, as_frame, read_sent, until

PATH = "/takproto/1"


def identify(socket: WebSocket) -> Principal | str:
    name = socket.headers.get("x-test-name", "web")
    return a_principal(name) if name != "revoked" else "revoked"


def served_app(node: FakeNode) -> Starlette:
    handlers = {HTTPException: refused}
    routes = websocket.routes(node.bridge, identify)
    return Starlette(routes=routes, exception_handlers=handlers)


class Socket:
    """One WebSocket as an ASGI server has it; `takes` is whether its client reads."""

    def __init__(self, node: FakeNode, **headers: str) -> None:
        self._app = served_app(node)
        self._scope = {
            "type": "websocket",
            "path": PATH,
            "headers": [
                (name.replace("_", "-").encode(), value.encode())
                for name, value in {"host": "node:8443", **headers}.items()
            ],
            "client": ("192.0.2.1", 40000),
            "extensions": {"websocket.http.response": {}},
        }
        self._arrived = asyncio.Event()
        self._incoming: deque[Message] = deque()
        self.takes = asyncio.Event()
        self.takes.set()
        self.is_gone = False
        self.accepted = False
        self.messages: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.denied: int | None = None
        self.answer = b""
        self.arrive({"type": "websocket.connect"})

    def arrive(self, message: Message) -> None:
        self._incoming.append(message)
        self._arrived.set()

    def say(self, data: bytes) -> None:
        self.arrive({"type": "websocket.receive", "bytes": data})

    def leave(self) -> None:
        self.arrive({"type": "websocket.disconnect", "code": 1000, "reason": ""})

    async def _receive(self) -> Message:
        await self._arrived.wait()
        message = self._incoming.popleft()
        if not self._incoming:
            self._arrived.clear()
        return message

    async def _send(self, message: Message) -> None:
        await self.takes.wait()
        if self.is_gone:
            raise OSError
        if message["type"] == "websocket.send":
            self.messages.append(message["bytes"])
        elif message["type"] == "websocket.close":
            self.closed = message["code"], message["reason"]
        elif message["type"] == "websocket.http.response.start":
            self.denied = message["status"]
        elif message["type"] == "websocket.http.response.body":
            self.answer += message["body"]
        else:
            self.accepted = True

    async def run(self) -> None:
        """Be served until the conversation is over."""
        await self._app(self._scope, self._receive, self._send)

    def uids(self) -> list[str]:
        messages, self.messages = self.messages, []
        return [each.uid for message in messages for each in read_sent(message)]


@asynccontextmanager
async def conversing(node: FakeNode, **headers: str) -> AsyncGenerator[Socket]:
    """A WebSocket that has been let in; at the end its client leaves."""
    socket = Socket(node, **headers)
    before = len(node.bridge.sessions)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(socket.run())
        await until(lambda: len(node.bridge.sessions) > before)
        yield socket
        socket.takes.set()
        socket.leave()


def session_of(node: FakeNode, name: str = "web") -> TakSession:
    return next(each for each in node.bridge.sessions if each.principal.name == name)


async def test_protobuf_goes_both_ways_at_once_and_nothing_is_negotiated() -> None:
    node = FakeNode()
    other, peer = node.join("A")
    other.receive(cot_xml("M1", "a-h-G"))
    node.tick()
    async with conversing(node) as socket:
        socket.say(as_frame("W1") + as_frame("W2"))  # several frames in a message
        await until(lambda: len(node.kept) == 3)
        other.receive(cot_xml("M2", "a-h-G"))
        node.tick()
        await until(lambda: len(socket.messages) == 2)
        sent = [each for message in socket.messages for each in read_sent(message)]
        assert [(each.form, each.uid) for each in sent] == [
            (Form.COT_PROTOBUF, "M1"),
            (Form.COT_PROTOBUF, "M2"),
        ]
        assert peer.uids() == ["W1", "W2"]
        session = session_of(node)
        assert (session.channel, session.address) == ("cot-websocket", "192.0.2.1:40000")
        assert session.speaks_protobuf
    assert socket.closed is not None
    assert socket.closed[0] == 1000
    assert node.bridge.ended == {"closed by the client": 1}
    assert node.bridge.sessions == {other}


async def test_text_is_not_acceptable() -> None:
    node = FakeNode()
    async with conversing(node) as socket:
        socket.arrive({"type": "websocket.receive", "text": "<event/>"})
        await until(lambda: socket.closed is not None)
        assert socket.closed == (1003, "binary messages only")
    assert node.bridge.ended == {"text over a WebSocket": 1}


async def test_who_is_not_admitted_is_refused_counted_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    node = FakeNode()
    socket = Socket(node, x_test_name="revoked")
    await socket.run()
    assert not socket.accepted
    assert (socket.denied, socket.closed) == (401, None)
    assert json.loads(socket.answer)["detail"] == "not admitted: revoked"
    assert node.bridge.ended == {"revoked": 1}
    assert "client refused address=192.0.2.1:40000 reason=revoked" in caplog.text


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "https://node:9999",
        "null",
        "https://node:8443.evil",
        "https://[",
    ],
)
async def test_a_page_of_another_site_may_not_use_its_readers_certificate(origin: str) -> None:
    node = FakeNode()
    socket = Socket(node, origin=origin)
    await socket.run()
    assert not socket.accepted
    assert (socket.denied, socket.closed) == (403, None)
    assert node.bridge.ended == {"opened by another site's page": 1}


async def test_a_page_of_this_node_may_connect() -> None:
    node = FakeNode()
    async with conversing(node, origin="https://node:8443") as socket:
        assert socket.accepted


async def test_a_client_that_does_not_read_is_held_to_a_limit_and_gets_the_newest_later() -> None:
    node = FakeNode(outbox=OutboxSettings(socket_buffer=1000))
    other, _ = node.join("A")
    async with conversing(node) as socket:
        socket.takes.clear()
        for number in range(100):
            second = f"2026-01-02T03:04:{number % 60:02}.{number:03}Z"
            other.receive(cot_xml("T1", "a-h-G", time=second, start=second))
            other.receive(cot_xml(f"M{number}", "b-m-p-s-m"))
            node.tick()
            await asyncio.sleep(0)
        outbox = session_of(node).receiver.outbox
        assert outbox.is_paused
        assert outbox.replaced > 30
        assert socket.messages == []
        socket.takes.set()
        await until(lambda: outbox.depth == 0 and not outbox.is_paused)
        await until(lambda: session_of(node).receiver.outbox.sent == outbox.sent)
        got = socket.uids()
        assert [uid for uid in got if uid != "T1"] == [f"M{number}" for number in range(100)]
        assert got.count("T1") < 70


async def test_a_client_too_slow_is_cut_off_although_its_socket_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_WITHIN", 0.001)
    node = FakeNode(outbox=OutboxSettings(socket_buffer=1000, limit_reports=10))
    other, _ = node.join("A")
    socket = Socket(node)
    async with asyncio.TaskGroup() as tasks:
        served = tasks.create_task(socket.run())
        await until(lambda: len(node.bridge.sessions) == 2)
        socket.takes.clear()
        for number in range(100):
            other.receive(cot_xml(f"M{number}", "a-h-G"))
            node.tick()
        await until(served.done)
    assert node.bridge.ended == {"too slow: more than 10 reports waiting": 1}
    assert node.bridge.sessions == {other}
    assert socket.closed is None  # it could not even be told


async def test_the_session_of_a_revoked_principal_is_closed_and_heard_no_more() -> None:
    node = FakeNode()
    async with conversing(node) as socket:
        session_of(node).end("revoked")
        socket.say(as_frame("W1"))
        await until(lambda: socket.closed is not None)
        assert socket.closed == (1008, "")
    assert node.kept == []
    assert node.bridge.ended == {"revoked": 1}


async def test_a_client_that_is_gone_when_it_is_sent_to_is_no_failure_of_ours() -> None:
    node = FakeNode()
    other, _ = node.join("A")
    socket = Socket(node)
    async with asyncio.TaskGroup() as tasks:
        served = tasks.create_task(socket.run())
        await until(lambda: len(node.bridge.sessions) == 2)
        socket.is_gone = True
        other.receive(cot_xml("M1", "a-h-G"))
        node.tick()
        await until(served.done)
    assert node.bridge.ended == {"connection broken": 1}
    assert node.bridge.sessions == {other}


async def test_each_message_is_one_frame_since_pytak_reads_no_further() -> None:
    node = FakeNode()
    other, _ = node.join("A")
    async with conversing(node) as socket:
        for number in range(100):
            other.receive(cot_xml(f"M{number}", "a-h-G"))
        node.tick()
        await until(lambda: len(socket.messages) == 100)
        frames = [read_sent(message) for message in socket.messages]
    assert [each.uid for (each,) in frames] == [f"M{number}" for number in range(100)]


async def test_a_client_is_not_read_while_the_journal_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "READ_AGAIN_AFTER", 0)
    node = FakeNode()
    async with conversing(node) as socket:
        node.is_congested = True
        socket.say(as_frame("W1"))
        socket.say(as_frame("W2"))
        await until(lambda: len(node.kept) == 1)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(node.kept) == 1
        node.is_congested = False
        await until(lambda: len(node.kept) == 2)


async def test_a_large_message_takes_turns_with_the_others_and_nothing_of_it_is_lost() -> None:
    node = FakeNode()
    other, _ = node.join("A")
    wanted = [f"W{number}" for number in range(1000)]
    data = b"".join(map(as_frame, wanted))
    assert len(data) > 2 * TURN_BYTES
    async with conversing(node) as socket:
        socket.say(data)
        await until(lambda: bool(node.kept))
        other.receive(cot_xml("OTHER", "a-h-G"))
        await until(lambda: len(node.kept) == 1001)
    kept = [report.uid for report in node.kept]
    assert [uid for uid in kept if uid != "OTHER"] == wanted
    assert kept.index("OTHER") < 500


async def test_a_failure_of_ours_ends_that_conversation_and_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = FakeNode()
    other, _ = node.join("A")

    def fails(_session: TakSession, _data: bytes) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(TakSession, "receive", fails)
    socket = Socket(node)
    socket.say(as_frame("W1"))
    with pytest.raises(ExceptionGroup) as failure:
        await socket.run()
    assert failure.group_contains(ZeroDivisionError)
    assert node.bridge.sessions == {other}


async def test_what_could_not_be_written_is_no_message() -> None:
    node = FakeNode()
    node.unwritable.add("M1")
    other, _ = node.join("A")
    async with conversing(node) as socket:
        other.receive(cot_xml("M1", "a-h-G"))
        node.tick()
        for _ in range(20):
            await asyncio.sleep(0)
        assert socket.messages == []
        other.receive(cot_xml("M2", "a-h-G"))
        node.tick()
        await until(lambda: bool(socket.messages))
        assert socket.uids() == ["M2"]


async def test_nothing_is_written_after_the_end() -> None:
    node = FakeNode()
    other, _ = node.join("A")
    async with conversing(node) as socket:
        session_of(node).end("revoked")
        other.receive(cot_xml("M1", "a-h-G"))
        node.tick()
        await until(lambda: socket.closed is not None)
        assert socket.messages == []


async def test_a_client_that_keeps_reading_is_never_held_up() -> None:
    node = FakeNode(outbox=OutboxSettings(socket_buffer=400))
    other, _ = node.join("A")
    async with conversing(node) as socket:
        for number in range(10):
            other.receive(cot_xml(f"M{number}", "a-h-G"))
            node.tick()
            assert not session_of(node).receiver.outbox.is_paused
            await until(lambda sent=number + 1: len(socket.messages) == sent)
    assert socket.uids() == [f"M{number}" for number in range(10)]


@asynccontextmanager
async def served(node: FakeNode) -> AsyncGenerator[int]:
    app = served_app(node)

    def refuse(reason: str, peer: Peer) -> None:
        node.bridge.refuse(reason, spell_address(peer))

    listener = bind_stream("127.0.0.1", 0)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(serve_http(app, listener, None, refuse))
        yield listener.getsockname()[1]
        serving.cancel()


async def test_clients_meet_over_a_real_server(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    node = FakeNode()
    async with served(node) as port:
        url = f"ws://127.0.0.1:{port}{PATH}"
        async with (
            connect(url, additional_headers={"x-test-name": "A"}) as says,
            connect(url, additional_headers={"x-test-name": "B"}) as hears,
        ):
            await says.send(as_frame("W1"))
            await until(lambda: len(node.kept) == 1)
            node.tick()
            message = await hears.recv(decode=False)
            assert [each.uid for each in read_sent(message)] == ["W1"]
            await says.send("text")
            await says.wait_closed()
            assert says.close_code == 1003
            session_of(node, "B").end("revoked")
            await hears.wait_closed()
            assert hears.close_code == 1008
        await until(lambda: not node.bridge.sessions)
    assert caplog.text == ""


async def test_who_is_not_admitted_is_told_so_by_a_real_server() -> None:
    async with served(FakeNode()) as port:
        url = f"ws://127.0.0.1:{port}{PATH}"
        with pytest.raises(InvalidStatus) as error:
            await connect(url, additional_headers={"x-test-name": "revoked"})
    answer = error.value.response
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(answer.body or b""))["detail"] == "not admitted: revoked"


async def test_who_asks_without_a_websocket_is_told_to_open_one() -> None:
    async with served(FakeNode()) as port, httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}{PATH}")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert "WebSocket" in answer.json()["detail"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what is taken")
async def test_words_that_a_client_which_breaks_off_did_not_read_are_said_again() -> None:
    node = FakeNode()
    sender, _ = node.connect("sender")

    def say(words: str) -> None:
        detail = f'<__chat id="W1"/><remarks>{words}</remarks><marti><dest uid="W1"/></marti>'
        sender.receive(cot_xml(words, "b-t-f", detail))
        node.tick()

    async with served(node) as port:
        url = f"ws://127.0.0.1:{port}{PATH}"
        async with connect(url) as client:
            await client.send(as_frame("W1", callsign="WEB"))
            await until(lambda: session_of(node, "web").uid == "W1")
            say("heard")
            assert [each.uid for each in read_sent(await client.recv(decode=False))] == ["heard"]
            outbox = session_of(node, "web").receiver.outbox
            await until(lambda: outbox.words_waiting() == [])
            await client.send(as_frame("W1", callsign="WEB"))
            await until(lambda: outbox.taken is not None and not outbox.taken.is_unsure)
            client.transport.pause_reading()
            say("unread")
            await until(lambda: outbox.words_waiting() == [])
            client.transport.abort()
            await until(lambda: len(node.bridge.sessions) == 1)
        async with connect(url) as client:
            await client.send(as_frame("W1", callsign="WEB"))
            assert [each.uid for each in read_sent(await client.recv(decode=False))] == ["unread"]
    assert node.hub.counts[GIVEN_BACK] == 1
    assert node.bridge.ended["connection broken"] == 1
