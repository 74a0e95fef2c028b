import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_connection

import httpx
import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from accord.api import server
from accord.api.beginnings import AT_ONCE, Beginnings
from accord.api.caller import PEER_CERTIFICATE
from accord.security.accept import Peer, Refuse
from accord.tak.server import bind_stream
from support.tls import TestAuthority


def _common_name(certificate: bytes | None) -> str:
    if certificate is None:
        return "nobody"
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


async def _who(request: Request) -> Response:
    return PlainTextResponse(_common_name(request.scope["state"][PEER_CERTIFICATE]))


async def _who_by_websocket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(_common_name(socket.scope["state"][PEER_CERTIFICATE]))
    await socket.close()


async def _from_where(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client else "")


async def _slow(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


async def _wait(_request: Request) -> Response:
    _WAITING.append(asyncio.Event())
    await _WAITING[-1].wait()
    return PlainTextResponse("")


async def _long(_request: Request) -> Response:
    return Response(bytes(_LONG))


_LONG = 4_000_000
_OPEN: list[asyncio.StreamWriter] = []
_WAITING: list[asyncio.Event] = []

APP = Starlette(
    routes=[
        Route("/who", _who),
        Route("/from", _from_where),
        Route("/long", _long),
        Route("/slow", _slow, methods=["POST"]),
        Route("/wait", _wait),
        WebSocketRoute("/echo", _echo),
        WebSocketRoute("/ws", _who_by_websocket),
    ]
)


@dataclass
class Served:
    port: int
    authority: TestAuthority
    told: list[str] = field(default_factory=list[str])

    def client(self, name: str | None) -> httpx.AsyncClient:
        tls = self.authority.client(name)
        return httpx.AsyncClient(verify=tls, base_url=f"https://127.0.0.1:{self.port}")


def _ignore(_reason: str, _peer: Peer) -> None:
    pass


@asynccontextmanager
async def _serving(tls: ssl.SSLContext | None, refuse: Refuse = _ignore) -> AsyncGenerator[int]:
    listener = bind_stream("127.0.0.1", 0)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve_http(APP, listener, tls, refuse))
        yield listener.getsockname()[1]
        serving.cancel()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = TestAuthority(tmp_path)
    told: list[str] = []
    async with _serving(authority.server(), lambda reason, _peer: told.append(reason)) as port:
        yield Served(port, authority, told)


async def test_a_request_carries_the_certificate_of_its_connection(served: Served) -> None:
    async with served.client("kiwi-1") as kiwi, served.client("moa") as moa:
        assert (await kiwi.get("/who")).text == "CN=kiwi-1"
        assert (await moa.get("/who")).text == "CN=moa"
        assert (await kiwi.get("/who")).text == "CN=kiwi-1"


async def test_a_request_without_certificate_carries_none(served: Served) -> None:
    async with served.client(None) as client:
        assert (await client.get("/who")).text == "nobody"


async def test_a_websocket_carries_the_certificate_too(served: Served) -> None:
    tls = served.authority.client("kiwi-1")
    async with connect(f"wss://127.0.0.1:{served.port}/ws", ssl=tls) as socket:
        assert await socket.recv() == "CN=kiwi-1"


async def test_a_header_does_not_make_a_client_local(served: Served) -> None:
    async with served.client(None) as client:
        answer = await client.get("/from", headers={"x-forwarded-for": "192.0.2.7"})
    assert answer.text == "127.0.0.1"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /who HTTP/1.1\r\n",
        b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx",
    ],
)
async def test_whoever_asks_nothing_to_its_end_is_closed_and_told_of(
    monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.05)
    told: list[str] = []
    async with _serving(None, lambda reason, _peer: told.append(reason)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
    assert told == ["request took too long"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_who_asked_all_of_it_is_told_that_it_takes_too_long(
    monkeypatch: pytest.MonkeyPatch, served: Served, method: str
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.05)
    async with served.client("kiwi-1") as client:
        answer = await client.request(method, "/wait")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert answer.headers["content-type"] == "application/problem+json"
    if method == "GET":
        said = answer.json()
        assert (said["status"], said["instance"]) == (503, "/wait")
        assert "not answered within 0.05 s" in said["detail"]
    assert served.told == ["request took too long"]
    _WAITING[-1].set()  # what comes of it then goes nowhere, and does no harm
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    "said",
    [
        b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n" + b"GET /from HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /from HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n",
        b"GET /from HTTP/1.1\nhost: x\n\n",
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_is_refused_and_closed(said: bytes) -> None:
    async with _serving(None) as port:
        reader, writer = await _opened(port)
        writer.write(said)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_connection_that_is_idle_is_kept_longer_than_a_request_may_take(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.05)
    for name in ("kiwi-1", None):
        reader, writer = await _opened(served.port, served.authority.client(name))
        await asyncio.sleep(0.1)
        writer.write(_ASKED)
        assert (await reader.readuntil(b"127.0.0.1")).startswith(b"HTTP/1.1 200")
    assert served.told == []


async def test_a_file_that_was_sent_whole_is_waited_for_no_more(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.1)
    tls = served.authority.client("kiwi-1")
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=tls)
    _OPEN.append(writer)
    writer.write(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(_LONG)
    await asyncio.sleep(0.2)
    writer.write(_ASKED)
    assert (await reader.readuntil(b"127.0.0.1")).startswith(b"HTTP/1.1 200")
    assert served.told == []


async def test_a_connection_that_stays_idle_is_ended_and_nobody_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "KEEP_ALIVE", 0.05)
    told: list[str] = []
    async with _serving(None, lambda reason, _peer: told.append(reason)) as port:
        assert await _is_closed(await _open(port))
    assert told == []


@pytest.mark.parametrize("said", [b"GET /fr", b"GET /from HTTP/1.1\r\n"])
@pytest.mark.parametrize("is_at_once", [True, False])
async def test_a_question_that_is_begun_on_a_kept_connection_has_its_time_too(
    monkeypatch: pytest.MonkeyPatch, said: bytes, is_at_once: bool
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.2)
    told: list[str] = []
    async with _serving(None, lambda reason, _peer: told.append(reason)) as port:
        if is_at_once:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_ASKED + said)
            await reader.readuntil(b"127.0.0.1")
        else:
            reader, writer = await _opened(port)
            writer.write(said)
        assert await _is_closed(reader)
        writer.close()
    assert told == ["request took too long"]


async def test_an_open_websocket_is_no_slow_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "EXCHANGE_WITHIN", 0.02)
    told: list[str] = []
    async with (
        _serving(None, lambda reason, _peer: told.append(reason)) as port,
        connect(f"ws://127.0.0.1:{port}/echo") as socket,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await _is_closed(reader)  # it came later, and its time is over
        writer.close()
        await socket.send("still there")
        assert await socket.recv() == "still there"
    assert told == ["request took too long"]


_ASKED = b"GET /from HTTP/1.1\r\nhost: x\r\n\r\n"


async def _opened(
    port: int, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has been answered once, and stays."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    _OPEN.append(writer)
    writer.write(_ASKED)
    assert (await reader.readuntil(b"127.0.0.1")).startswith(b"HTTP/1.1 200")
    return reader, writer


async def _open(port: int, tls: ssl.SSLContext | None = None) -> asyncio.StreamReader:
    return (await _opened(port, tls))[0]


async def _asking(port: int, tls: ssl.SSLContext) -> asyncio.StreamReader:
    """A connection whose question the node is busy with."""
    before = len(_WAITING)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    _OPEN.append(writer)
    writer.write(b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n")
    async with asyncio.timeout(20):
        while len(_WAITING) == before:  # noqa: ASYNC110  what is waited for knows no event
            await asyncio.sleep(0)
    return reader


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


@pytest.fixture(autouse=True)
async def _closing() -> AsyncIterator[None]:
    yield
    for each in _WAITING:
        each.set()
    while _OPEN:
        _OPEN.pop().close()


async def test_of_too_many_strangers_of_one_source_the_oldest_gives_way(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_STRANGERS_PER_SOURCE", 2)
    stranger, kiwi = served.authority.client(None), served.authority.client("kiwi-1")
    member = await _open(served.port, kiwi)
    first = await _open(served.port, stranger)
    second = await _open(served.port, stranger)
    third = await _open(served.port, stranger)
    assert await _is_closed(first)
    await _open(served.port, kiwi)
    assert not any(each.at_eof() for each in (member, second, third))
    assert served.told == ["too many connections of one source"]


async def test_of_too_many_of_one_source_an_idle_one_gives_way_before_one_that_asks(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_STRANGERS_PER_SOURCE", 2)
    stranger = served.authority.client(None)
    first = await _asking(served.port, stranger)
    second = await _open(served.port, stranger)
    await _open(served.port, stranger)
    assert await _is_closed(second)
    assert not first.at_eof()


async def test_beyond_the_limit_idle_strangers_then_strangers_then_idle_members_give_way(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 4)
    stranger, kiwi = served.authority.client(None), served.authority.client("kiwi-1")
    resting = await _open(served.port, kiwi)
    asks = await _asking(served.port, kiwi)
    strange = await _asking(served.port, stranger)
    idle = await _open(served.port, stranger)
    more = [await _asking(served.port, kiwi)]
    assert await _is_closed(idle)
    more.append(await _asking(served.port, kiwi))
    assert await _is_closed(strange)
    more.append(await _asking(served.port, kiwi))
    assert await _is_closed(resting)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await _open(served.port, kiwi)
    assert not any(each.at_eof() for each in (asks, *more))
    assert served.told == ["too many connections"] * 4


async def test_of_idle_members_the_one_that_rests_longest_gives_way(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    kiwi = served.authority.client("kiwi-1")
    first, says = await _opened(served.port, kiwi)
    second = await _open(served.port, kiwi)
    says.write(_ASKED)
    await first.readuntil(b"127.0.0.1")
    await _open(served.port, kiwi)
    assert await _is_closed(second)
    assert not first.at_eof()


async def test_what_became_a_websocket_gives_way_to_nobody(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    stranger = served.authority.client(None)
    async with connect(f"wss://127.0.0.1:{served.port}/echo", ssl=stranger) as socket:
        first = await _open(served.port, stranger)
        await _open(served.port, stranger)
        assert await _is_closed(first)
        await socket.send("still there")
        assert await socket.recv() == "still there"


async def test_a_resumed_handshake_carries_the_certificate_too(served: Served) -> None:
    tls = served.authority.client("kiwi-1")

    def ask(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool, bytes]:
        plain = create_connection(("127.0.0.1", served.port))
        with tls.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as sock:
            sock.sendall(b"GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            said = b""
            while part := sock.recv(4096):
                said += part
            return sock.session, bool(sock.session_reused), said

    session, _, _ = await asyncio.to_thread(ask, None)
    _, was_resumed, said = await asyncio.to_thread(ask, session)
    assert was_resumed
    assert said.endswith(b"CN=kiwi-1")


async def test_stopping_frees_the_port() -> None:
    async with _serving(None) as port, httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/who")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def _sizes(request: Request) -> Response:
    async for part in request.stream():
        if part:
            _TAKEN.append(len(part))  # noqa: PERF401  each as it comes
    return PlainTextResponse("ok")


_TAKEN: list[int] = []
APP.router.routes.append(Route("/sizes", _sizes, methods=["POST"]))


@pytest.mark.parametrize(
    ("name", "longest", "is_waited_for"),
    [("kiwi-1", 3600.0, True), (None, 3600.0, False), ("kiwi-1", -1.0, False)],
)
async def test_a_member_whose_file_goes_on_is_waited_for_up_to_an_hour(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str | None, longest: float,
    is_waited_for: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(server, "TRANSFER_WITHIN", longest)
    waited: list[str] = []
    monkeypatch.setattr(server._Protocol, "_wait_on", lambda each: waited.append(each.source))
    tls = served.authority.client(name)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=tls)
    writer.write(b"POST /sizes HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
    for _ in range(3):
        _TAKEN.clear()
        writer.write(b"xyz")
        async with asyncio.timeout(20):
            while not _TAKEN:  # noqa: ASYNC110  what is waited for knows no event
                await asyncio.sleep(0)
    begun = len(waited)
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()
    # Once for the connection, and once more when it has been answered.
    assert begun >= 4 if is_waited_for else begun <= 2


async def _by_and_by(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x"
            await asyncio.sleep(0)

    return StreamingResponse(parts())


APP.router.routes.append(Route("/by-and-by", _by_and_by))


@pytest.mark.parametrize(("name", "is_waited_for"), [("kiwi-1", True), (None, False)])
async def test_a_member_who_reads_at_once_what_the_node_takes_long_to_send_is_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str | None, is_waited_for: bool
) -> None:
    waited: list[str] = []
    monkeypatch.setattr(server._Protocol, "_wait_on", lambda each: waited.append(each.source))
    tls = served.authority.client(name)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=tls)
    writer.write(b"GET /by-and-by HTTP/1.1\r\nhost: x\r\n\r\n")
    await reader.readuntil(b"0\r\n\r\n")
    writer.close()
    assert len(waited) >= 7 if is_waited_for else len(waited) <= 2


async def _at_which_round(_request: Request) -> Response:
    _BEGUN[_ROUND[0]] += 1
    return PlainTextResponse("")


_ROUND = [0]
_BEGUN = Counter[int]()
APP.router.routes.append(Route("/round", _at_which_round))


async def _count_rounds() -> None:
    while True:
        _ROUND[0] += 1
        await asyncio.sleep(0)


async def _all_at_once(opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    for _, writer in opened:
        writer.write(b"GET /round HTTP/1.1\r\nhost: x\r\n\r\n")
    for reader, _ in opened:
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_requests_that_come_at_once_begin_a_few_in_each_round_of_the_loop() -> None:
    async with _serving(None) as port, asyncio.TaskGroup() as tasks:
        opened = [await _opened(port) for _ in range(10 * AT_ONCE)]
        _BEGUN.clear()
        counting = tasks.create_task(_count_rounds())
        await _all_at_once(opened)
        await _all_at_once(opened)  # a kept connection is read again when it had its turn
        counting.cancel()
    assert max(_BEGUN.values()) <= AT_ONCE
    assert _BEGUN.total() == 20 * AT_ONCE


async def test_who_is_thrown_out_before_his_turn_is_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting: list[server._Protocol] = []

    def wait(_: Beginnings, who: server._Protocol) -> bool:
        waiting.append(who)
        return False

    monkeypatch.setattr(Beginnings, "may_begin", wait)
    async with _serving(None) as port, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_ASKED)
        while not waiting:  # noqa: ASYNC110  what is waited for knows no event
            await asyncio.sleep(0)
        (each,) = waiting
        each.end("no longer who was admitted")
        each.begin()
        assert await _is_closed(reader)
        each.begin()
        assert each.cycle is None
        writer.close()


async def test_a_websocket_that_has_waited_for_its_turn_is_read_on() -> None:
    async with _serving(None) as port:
        opened = [await _opened(port) for _ in range(5 * AT_ONCE)]
        for _, writer in opened:
            writer.write(_ASKED)
        async with connect(f"ws://127.0.0.1:{port}/echo") as socket:
            await socket.send("still there")
            assert await socket.recv() == "still there"
