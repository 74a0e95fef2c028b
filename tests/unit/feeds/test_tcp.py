import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from accord.feeds import tcp
from accord.feeds.feed import FeedError
from accord.feeds.tcp import Pieces, TcpClient, TcpServer


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


def test_what_one_of_several_senders_sends_is_cut_at_the_ends_of_lines() -> None:
    pieces = Pieces(is_lines=True)
    assert [pieces.of(each) for each in (b"ab", b"c\nde", b"\nf\ng")] == [b"", b"abc\n", b"de\nf\n"]
    assert Pieces(is_lines=False).of(b"\x1a3x") == b"\x1a3x"


def test_a_line_that_never_ends_is_not_kept() -> None:
    pieces = Pieces(is_lines=True)
    assert pieces.of(b"x" * 1_000_000) == b""
    assert len(pieces.of(b"\n")) == tcp.MAX_LINE + 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(chunks: AsyncGenerator[bytes, None], wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        heard += await anext(chunks)
    return heard


async def test_those_who_connect_are_heard_line_by_line() -> None:
    port = free_port()
    server = TcpServer("127.0.0.1", port, is_lines=True)
    async with aclosing(server.chunks()) as chunks:
        assert await anext(chunks) == b""
        _, one = await asyncio.open_connection("127.0.0.1", port)
        _, other = await asyncio.open_connection("127.0.0.1", port)
        one.write(b"half ")
        await one.drain()
        other.write(b"whole\n")
        assert await until(chunks, b"whole") == b"whole\n"
        one.write(b"line\n")
        assert await until(chunks, b"line") == b"half line\n"
        one.close()
        other.close()
    assert not server.counts


async def test_of_frames_that_are_no_lines_the_newest_sender_alone_is_heard() -> None:
    port = free_port()
    server = TcpServer("127.0.0.1", port, is_lines=False)
    async with aclosing(server.chunks()) as chunks:
        await anext(chunks)
        reader, one = await asyncio.open_connection("127.0.0.1", port)
        one.write(b"one")
        await until(chunks, b"one")
        _, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(b"other")
        await until(chunks, b"other")
        assert await reader.read() == b""
        one.close()
        other.close()
    assert server.counts == {"sender gave way to another": 1}


async def test_a_sender_that_breaks_off_is_counted() -> None:
    port = free_port()
    server = TcpServer("127.0.0.1", port, is_lines=True)
    async with aclosing(server.chunks()) as chunks:
        await anext(chunks)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"a\n")
        await until(chunks, b"a")
        reset = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        writer.transport.abort()
        while not server.counts:  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0)
    assert server.counts == {"sender broke off": 1}


async def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = TcpServer("127.0.0.1", taken.getsockname()[1], is_lines=True)
        with pytest.raises(OSError, match="in use"):
            await anext(server.chunks())
