import asyncio
from contextlib import aclosing

import pytest

from accord.feeds import tcp
from accord.feeds.feed import FeedError
from accord.feeds.tcp import TcpClient


async def test_it_says_that_it_is_connected_and_then_what_comes_until_the_end() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        heard = [data async for data in TcpClient("127.0.0.1", port).chunks()]
    assert heard[0] == b""
    assert b"".join(heard) == b"hello"


async def test_leaving_it_closes_the_connection() -> None:
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        ended.set()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with aclosing(TcpClient("127.0.0.1", port).chunks()) as chunks:
            assert await anext(chunks) == b""
        await ended.wait()


async def test_nobody_there_is_an_error() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await anext(TcpClient("127.0.0.1", port).chunks())


async def test_no_answer_in_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(tcp, "CONNECT_TIMEOUT", 0.0)
    monkeypatch.setattr(tcp.asyncio, "open_connection", never)
    with pytest.raises(FeedError, match="did not answer"):
        await anext(TcpClient("192.0.2.1", 10110).chunks())
