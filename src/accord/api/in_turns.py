"""Long answers go out part by part, in turns, with everything else that waits in between.

TLS is worked out where bytes are written, in the event loop: of 200 downloads that all write at
once the last would keep a position waiting for all of them.
"""

import asyncio
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accord.api.caller import STEP_FORWARD

PART = 256 << 10
"""Bytes written in one turn: about a millisecond's TLS."""

_NOTHING: Mapping[str, object] = {"type": "http.response.body", "body": b"", "more_body": True}


class InTurns:
    """An application whose long answers take turns; one of at most a part is sent at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()  # whoever waits longest is next

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        step_forward: Callable[[], None] = scope["state"][STEP_FORWARD]

        async def send_on(message: Message) -> None:
            await send(message)  # until the client has read what was sent before
            step_forward()

        async def in_turns(message: Message) -> None:
            if len(message.get("body", b"")) <= PART // 2:
                await send_on(message)
            else:
                await self._send(message, send_on)

        await self._app(scope, receive, in_turns)

    async def _send(self, message: Message, send: Send) -> None:
        body, more = memoryview(message["body"]), bool(message.get("more_body", False))
        for begin in range(0, len(body), PART):
            end = begin + PART
            await send(dict(_NOTHING))  # until the client has read: no slow one keeps the turn
            async with self._turn:
                part, goes_on = bytes(body[begin:end]), more or end < len(body)
                await send({"type": message["type"], "body": part, "more_body": goes_on})
                await asyncio.sleep(0)
