import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from accord.feeds import poll
from accord.feeds.feed import EMPTY, FeedError
from accord.feeds.file import MAX_DOCUMENT
from accord.feeds.poll import MAX_MEMBERS, Poll, Source


async def test_a_document_is_handed_on_when_it_has_changed() -> None:
    documents = [b"one", b"one", b"two"]
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    asked = Poll("http://x/", every=5.0, fetch=lambda: documents.pop(0), sleep=sleep)
    async with aclosing(asked.chunks()) as chunks:
        assert [await anext(chunks) for _ in range(3)] == [b"one", b"", b"two"]
    assert waited == [5.0, 5.0]


async def test_an_empty_document_is_counted_and_said() -> None:
    asked = Poll("http://x/", every=5.0, fetch=lambda: b"")
    async with aclosing(asked.chunks()) as chunks:
        with pytest.raises(FeedError, match="empty document"):
            await anext(chunks)
    assert asked.counts == {EMPTY: 1}


def packed(body: bytes, coding: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("coding", ["gzip", "X-GZip", "identity"])
async def test_an_answer_in_gzip_is_unpacked(coding: str) -> None:
    body = b"{}" if coding == "identity" else gzip.compress(b"{}")
    async with answering(packed(body, coding)) as (url, _):
        assert await fetched(url) == b"{}"


async def test_an_answer_in_several_members_of_gzip_is_read_to_the_last() -> None:
    # RFC 1952, 2.2: a file is a series of members, which follow each other with nothing between.
    body = gzip.compress(b'{"a":') + gzip.compress(b"") + gzip.compress(b"1}")
    async with answering(packed(body, "gzip")) as (url, _):
        assert await fetched(url) == b'{"a":1}'


HALF = gzip.compress(bytes(MAX_DOCUMENT // 2 + 1), mtime=0)
WHOLE, CUT = gzip.compress(b"{}", mtime=0), gzip.compress(b"{}" * 500, mtime=0)[:-9]


@pytest.mark.parametrize(
    ("body", "coding", "why"),
    [
        (CUT, "gzip", "cut short"),
        (b"{}", "gzip", "it is not"),
        (b"{}", "br", "content coding 'br'"),
        (gzip.compress(bytes(MAX_DOCUMENT + 1), mtime=0), "gzip", "larger"),
        (HALF + HALF, "gzip", "larger"),
        (WHOLE + b"garbage", "gzip", "it is not"),
        (
            gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}" * 500, mtime=0)[:-9],
            "gzip",
            "cut short",
        ),
        (b"", "gzip", "cut short"),
        (gzip.compress(b"", mtime=0) * (MAX_MEMBERS + 1), "gzip", "more than 4096 members"),
    ],
)
async def test_an_answer_that_cannot_be_unpacked_is_said(
    body: bytes, coding: str, why: str
) -> None:
    async with answering(packed(body, coding)) as (url, _):
        with pytest.raises(FeedError, match=why):
            await fetched(url)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that gives everybody this answer, its address, and what it was asked."""
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/data/aircraft.json?x=1", asked


async def fetched(url: str) -> bytes:
    fetch: Callable[[], bytes] = Source(url).fetch
    return await asyncio.to_thread(fetch)


async def test_a_document_is_asked_for_by_its_whole_path() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as (url, asked):
        assert await fetched(url) == b"{}"
    assert asked == [b"GET /data/aircraft.json?x=1 HTTP/1.1"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "302"),
        (b"!AIVDM,1,1,,A,x\r\n", "does not speak HTTP"),
    ],
)
async def test_what_is_no_answer_is_said(answer: bytes, why: str) -> None:
    async with answering(answer) as (url, _):
        with pytest.raises(FeedError, match=why):
            await fetched(url)


async def test_a_document_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "MAX_DOCUMENT", 3)
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour") as (url, _):
        with pytest.raises(FeedError, match="larger"):
            await fetched(url)


async def test_a_server_that_shows_no_certificate_is_not_asked() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLError):
            await fetched(f"https://127.0.0.1:{port}/")
