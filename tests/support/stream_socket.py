"""The stream without a network: a socket is two queues."""

import asyncio
import json
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from accord.api.caller import Caller, Via, caller_of
from accord.api.problem import refused
from accord.api.replay import Make, Replays
from accord.api.stream import PATH, PROTOCOL, Stream
from accord.live.replay import Replay
from accord.live.views import StreamSettings
from support.released import heard
from support.staged import Theatre
from support.stream_page import Page
from support.stream_views import Looked, somebody

WITHIN = 30.0


class Doorkeeper:
    """Knows one, until he is thrown out."""

    def __init__(self) -> None:
        self.caller = caller_of(somebody(exercises=frozenset({"TASMAN"})), Via.CERTIFICATE)
        self.refuses: str | None = None
        self.gone: str | None = None

    def identify(self, connection: HTTPConnection) -> Caller | str:  # noqa: ARG002  of the port
        return self.refuses or self.caller

    def why_gone(self, caller: Caller) -> str | None:  # noqa: ARG002  of the port
        return self.gone


class Socket:
    """The browser's end. While it is `stuck`, it takes no message."""

    def __init__(self) -> None:
        self.page = Page()
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # noqa: TID251  a test's own
        self.heard: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()  # noqa: TID251
        self.flows = asyncio.Event()
        self.flows.set()
        self.closed: tuple[int, str] | None = None
        self.has_gone = False
        self.sticks_after = ""
        """Words in a text after which it takes no more."""

    async def receive(self) -> dict[str, Any]:
        return await self.said.get()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.flows.wait()
        if self.has_gone:
            raise OSError("gone")
        await self.heard.put(message)
        if self.sticks_after and self.sticks_after in (message.get("text") or ""):
            self.flows.clear()

    def say(self, message: dict[str, Any] | str | bytes) -> None:
        if isinstance(message, bytes):
            self.said.put_nowait({"type": "websocket.receive", "bytes": message})
            return
        text = message if isinstance(message, str) else json.dumps(message)
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def next(self) -> str:
        """Return which kind of message comes next."""
        async with asyncio.timeout(WITHIN):
            message = await self.heard.get()
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
            return "close"
        if message["type"] != "websocket.send":
            return str(message["type"])
        text: str | None = message.get("text")
        return self.page.take(message["bytes"] if text is None else text)

    async def until(self, kind: str) -> list[str]:
        kinds: list[str] = []
        while kind not in kinds:
            kinds.append(await self.next())
        return kinds


def _no_replay(*_: object) -> Replay:
    raise AssertionError


class Ground:
    """A picture, a stream of it, and who looks."""

    def __init__(
        self,
        *,
        max_browsers: int = 10,
        settings: StreamSettings | None = None,
        replays: Make | None = None,
    ) -> None:
        self.look = Looked(settings)
        self.doorkeeper = Doorkeeper()
        self.turned_away: list[str] = []
        self.replays = Replays(replays or _no_replay, self.look.clock)
        self.theatre = Theatre(heard("SHIP-1", 0))
        self.stream = Stream(
            self.look.views,
            self.doorkeeper,
            self.replays,
            self.theatre.stage,
            node={"id": "NZL-TEST", "name": "", "nation": "NZL"},
            max_browsers=max_browsers,
            clock=self.look.clock,
            refuse=lambda why, _: self.turned_away.append(why),
        )
        self.app = Starlette(
            routes=self.stream.routes(), exception_handlers={HTTPException: refused}
        )

    @asynccontextmanager
    async def browser(
        self, subscribe: str | None = '{"t":"subscribe"}', **scope: Any
    ) -> AsyncGenerator[Socket]:
        """Open the stream; it is closed by the browser at the end."""
        socket = Socket()
        about = {
            "type": "websocket", "path": PATH, "headers": [(b"host", b"node:8443")],
            "query_string": b"", "subprotocols": [PROTOCOL], "client": ("192.0.2.1", 5),
            "extensions": {"websocket.http.response": {}}, "scheme": "wss", "root_path": "",
        }  # fmt: skip
        socket.said.put_nowait({"type": "websocket.connect"})
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.app({**about, **scope}, socket.receive, socket.send))
            if subscribe is not None:
                socket.say(subscribe)
            yield socket
            socket.flows.set()
            socket.said.put_nowait({"type": "websocket.disconnect", "code": 1000})
            async with asyncio.timeout(WITHIN):
                await task

    async def is_empty(self) -> None:
        """Wait until nobody looks."""
        async with asyncio.timeout(WITHIN):
            while len(self.stream):  # noqa: ASYNC110  there is no event of it
                await asyncio.sleep(0)

    async def advance(self, seconds: float = 1.0) -> None:
        self.look.clock.advance(seconds=seconds)
        await self.stream.round()
