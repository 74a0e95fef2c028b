import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from accord.api import server
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


_OPEN: list[asyncio.StreamWriter] = []

APP = Starlette(
    routes=[
        Route("/who", _who),
        Route("/from", _from_where),
        Route("/slow", _slow, methods=["POST"]),
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


async def _open(port: int, tls: ssl.SSLContext | None = None) -> asyncio.StreamReader:
    """A connection that has been answered once, and stays."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    _OPEN.append(writer)
    writer.write(b"GET /from HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await reader.readuntil(b"127.0.0.1")).startswith(b"HTTP/1.1 200")
    return reader


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


@pytest.fixture(autouse=True)
async def _closing() -> AsyncIterator[None]:
    yield
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


async def test_beyond_the_limit_a_stranger_gives_way_and_never_a_member(
    monkeypatch: pytest.MonkeyPatch, served: Served
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    stranger, kiwi = served.authority.client(None), served.authority.client("kiwi-1")
    first = await _open(served.port, kiwi)
    second = await _open(served.port, stranger)
    third = await _open(served.port, kiwi)
    assert await _is_closed(second)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await _open(served.port, kiwi)
    assert not any(each.at_eof() for each in (first, third))
    assert served.told == ["too many connections"] * 2


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
