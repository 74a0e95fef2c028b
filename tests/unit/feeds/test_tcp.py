import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from accord.feeds import tcp
from accord.feeds.feed import FeedError
from accord.feeds.tcp import Pieces, TcpClient, TcpServer
from accord.wire.ais.stream import is_whole


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


SENTENCE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23"
"""A sentence whose checksum is right: the exclusive or of what is between ! and * (IEC 61162-1)."""


async def all_of(said: bytes, *, is_lines: bool = True) -> tuple[bytes, TcpClient]:
    """What a feed of AIS hears of a sender that says this and closes."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = TcpClient("127.0.0.1", port, is_lines=is_lines, is_whole=is_whole)
        heard = [data async for data in client.chunks()]
    assert heard.count(b"") == 1
    return b"".join(heard), client


async def test_a_last_line_that_is_whole_is_taken_though_its_end_did_not_come() -> None:
    heard, client = await all_of(b"a\n" + SENTENCE)
    assert heard == b"a\n" + SENTENCE + b"\n"
    assert not client.counts


async def test_a_last_line_that_is_cut_is_counted_and_not_glued_to_what_comes_next() -> None:
    for cut in (SENTENCE[:-1], SENTENCE[:20], SENTENCE[:-2] + b"24"):
        heard, client = await all_of(b"a\n" + cut)
        assert heard == b"a\n"
        assert client.counts == {"sender broke off": 1}


async def test_of_those_who_connect_a_last_line_is_taken_or_counted_too() -> None:
    port = free_port()
    server = TcpServer("127.0.0.1", port, is_lines=True, is_whole=is_whole)
    async with aclosing(server.chunks()) as chunks:
        await anext(chunks)
        _, one = await asyncio.open_connection("127.0.0.1", port)
        one.write(SENTENCE)
        one.close()
        assert await until(chunks, b"*23") == SENTENCE + b"\n"
        assert not server.counts
        _, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(SENTENCE[:-1])
        other.close()
        while not server.counts:  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0)
    assert server.counts == {"sender broke off": 1}


async def test_a_sender_of_frames_that_follows_another_is_told_apart() -> None:
    port = free_port()
    server = TcpServer("127.0.0.1", port, is_lines=False)
    async with aclosing(server.chunks()) as chunks:
        assert await anext(chunks) == b""
        for word in (b"one", b"other"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await anext(chunks) == b""
            writer.write(word)
            assert await anext(chunks) == word
            writer.close()


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


def test_a_node_that_ends_while_a_sender_is_connected_has_no_trouble_to_tell() -> None:
    troubles: list[dict[str, Any]] = []

    async def node() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: troubles.append(what))
        port = free_port()
        server = TcpServer("127.0.0.1", port, is_lines=True)
        async with aclosing(server.chunks()) as chunks:
            await anext(chunks)
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"a\n")
            assert await until(chunks, b"a") == b"a\n"
        writer.close()

    asyncio.run(node())  # which cancels whatever runs yet
    assert troubles == []
