"""A page on a real connection: what it is told, and what it then knows."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from support.stream_page import Page, Shown

SHOWN_WITHIN = 30.0
PATH = "/api/v1/stream"
PROTOCOL = Subprotocol("accord.stream.v1")


class StreamClient:
    """A page and its socket."""

    def __init__(self, socket: ClientConnection, page: Page) -> None:
        self.socket = socket
        self.page = page

    async def until(self, is_so: Callable[[Page], bool]) -> Page:
        """Listen until the page knows that, at the end of a burst."""
        async with asyncio.timeout(SHOWN_WITHIN):
            while True:
                kind = self.page.take(await self.socket.recv())
                if kind == "ready" and is_so(self.page):
                    return self.page

    async def shows(self, *uids: str) -> dict[str, Shown]:
        """Listen until the page shows exactly these."""
        page = await self.until(lambda page: set(page.by_uid()) == set(uids))
        return page.by_uid()

    async def is_closed(self) -> tuple[int, str]:
        """Listen until the node closes, and return code and reason."""
        async with asyncio.timeout(SHOWN_WITHIN):
            with suppress(ConnectionClosed):
                while True:
                    self.page.take(await self.socket.recv())
        return self.socket.close_code or 0, self.socket.close_reason or ""


@asynccontextmanager
async def watching(
    address: tuple[str, int],
    tls: ssl.SSLContext,
    page: Page | None = None,
    *,
    context: str | None = None,
    origin: str | None = None,
    cookie: str | None = None,
) -> AsyncGenerator[StreamClient]:
    """Open the stream and subscribe; a page that was there before goes on where it was."""
    host, port = address
    page = page or Page()
    async with connect(
        f"wss://{host}:{port}{PATH}",
        ssl=tls,
        subprotocols=[PROTOCOL],
        origin=origin,  # pyright: ignore[reportArgumentType]  a text with a name
        additional_headers={} if cookie is None else {"Cookie": cookie},
        max_size=None,
        proxy=None,
    ) as socket:
        assert socket.subprotocol == PROTOCOL
        assert page.take(await socket.recv()) == "hello"
        await socket.send(page.subscribe(context))
        yield StreamClient(socket, page)
