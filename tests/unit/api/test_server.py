import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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


APP = Starlette(
    routes=[
        Route("/who", _who),
        Route("/from", _from_where),
        WebSocketRoute("/ws", _who_by_websocket),
    ]
)


@dataclass
class Served:
    port: int
    authority: TestAuthority

    def client(self, name: str | None) -> httpx.AsyncClient:
        tls = self.authority.client(name)
        return httpx.AsyncClient(verify=tls, base_url=f"https://127.0.0.1:{self.port}")


@asynccontextmanager
async def _serving(tls: ssl.SSLContext | None) -> AsyncGenerator[int]:
    listener = bind_stream("127.0.0.1", 0)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve_http(APP, listener, tls))
        yield listener.getsockname()[1]
        serving.cancel()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    authority = TestAuthority(tmp_path)
    async with _serving(authority.server()) as port:
        yield Served(port, authority)


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


async def test_a_connection_that_asks_for_nothing_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "FIRST_REQUEST_WITHIN", 0.01)
    async with _serving(None) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()


async def test_connections_beyond_the_limit_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    async with _serving(None) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        reader, second = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        first.close()
        second.close()


async def test_stopping_frees_the_port() -> None:
    async with _serving(None) as port, httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/who")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
