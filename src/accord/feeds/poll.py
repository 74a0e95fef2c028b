"""A document asked for again and again by HTTP: what a receiver or a service publishes."""

import asyncio
import http.client
import ssl
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from urllib.parse import urlsplit

from accord.feeds.feed import EMPTY, FeedError, Sleep
from accord.feeds.file import MAX_DOCUMENT

WITHIN = 10.0
"""Seconds for a server to answer."""

MAX_MEMBERS = 4_096
"""Members of an answer in gzip. Of 64 KiB each, as some writers make them, 128 are the most."""

_PIECE = 1 << 16
"""Bytes unpacked at once; a member that ends has as many copied at most."""

Fetch = Callable[[], bytes]


class Poll:
    """Asks for a document every so many seconds. The server's redirects are not followed."""

    is_finite = False

    def __init__(
        self,
        url: str,
        *,
        every: float,
        fetch: Fetch | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._every = every
        self._fetch = fetch or Source(url).fetch
        self._sleep = sleep

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield each document that differs from the one before. OSError or FeedError: none."""
        before = b""
        while True:
            document = await asyncio.to_thread(self._fetch)
            if not document:
                self.counts[EMPTY] += 1
                raise FeedError("the server answers with an empty document")
            yield b"" if document == before else document
            before = document
            await self._sleep(self._every)


class Source:
    """Where one document is."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._is_secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_secure:
            tls = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=WITHIN, context=tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=WITHIN)

    def fetch(self) -> bytes:
        """Return the document. OSError or FeedError says why there is none."""
        connection = self._connection()
        try:
            connection.request("GET", self._path, headers={"Accept": "*/*"})
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise FeedError(f"the server answers {answer.status}")
            document = _plain(answer.read(MAX_DOCUMENT + 1), answer.getheader("Content-Encoding"))
        except http.client.HTTPException as error:
            raise FeedError(f"the server does not speak HTTP: {type(error).__name__}") from None
        finally:
            connection.close()
        if len(document) > MAX_DOCUMENT:
            raise FeedError(f"the document is larger than {MAX_DOCUMENT >> 20} MiB")
        return document


def _plain(body: bytes, coding: str | None) -> bytes:
    """Return the body of an answer as it was before it was packed (RFC 9110, 8.4).

    We ask for it unpacked; some servers have it only as a file that is packed. No more is unpacked
    than a document may have.
    """
    named = (coding or "identity").strip().lower()
    if named == "identity":
        return body
    if named not in ("gzip", "x-gzip"):
        raise FeedError(f"the server answers in the content coding {named[:40]!r}: gzip is read")
    try:
        return _members(body)
    except zlib.error:
        raise FeedError("the server says that its answer is gzip, and it is not") from None


def _members(body: bytes) -> bytes:
    """Return what gzip's members hold, one after the other (RFC 1952, 2.2).

    Raises zlib.error where there is none or what follows is none.
    """
    plain, at = bytearray(), 0
    for _ in range(MAX_MEMBERS):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        while at < len(body) and not member.eof and len(plain) <= MAX_DOCUMENT:
            piece = body[at : at + _PIECE]
            plain += member.decompress(piece, MAX_DOCUMENT + 1 - len(plain))
            at += len(piece) - len(member.unused_data)
        if len(plain) > MAX_DOCUMENT:
            return bytes(plain)
        if not member.eof:
            raise FeedError("the server's answer in gzip is cut short")
        if at == len(body):
            return bytes(plain)
    raise FeedError(f"the server's answer in gzip has more than {MAX_MEMBERS} members")
