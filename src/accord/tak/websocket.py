"""CoT over a WebSocket at `/takproto/1`, as WebTAK and PyTAK speak it.

Binary messages only: a client's holds one or more stream frames (BF, varint length, TakMessage),
the node's exactly one, since PyTAK reads no further. A text message is answered with close code
1003; who is not admitted gets no WebSocket but an HTTP answer that says why. There is no
negotiation: the node sends protobuf at once.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import NoReturn
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from accord.core.principal import Principal
from accord.live.taken import Line
from accord.security.acknowledged import LINE
from accord.tak.server import TURN_BYTES
from accord.tak.session import READ_AGAIN_AFTER, Bridge, TakSession, spell_address

PATH = "/takproto/1"
CHANNEL = "cot-websocket"

NORMAL_CLOSURE = 1000
NOT_ACCEPTABLE = 1003
ABNORMAL_CLOSURE = 1006
"""What a server is told where a connection ended without a word (RFC 6455, 7.4.1)."""
POLICY_VIOLATION = 1008

CLOSE_WITHIN = 1.0
"""Seconds in which a client that does not read may still take our goodbye."""

# What sending to a client that has gone, or that we have said goodbye to, ends with.
_GONE = (WebSocketDisconnect, RuntimeError)


class _SocketPeer:
    """Holds what the session writes, in order, until the socket takes it.

    The session is told to pause when more than `limit` bytes wait here.
    """

    def __init__(self, limit: int) -> None:
        self.session: TakSession | None = None
        self.ended = asyncio.Event()
        self._has_some = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._limit = limit
        self._is_sending = False

    def write(self, data: bytes) -> None:
        if self.ended.is_set() or not data:
            return
        self._waiting.append(data)
        self._size += len(data)
        self._has_some.set()
        if self._size > self._limit and self.session is not None:
            self.session.pause()

    async def next_message(self) -> bytes:
        await self._has_some.wait()
        message = self._waiting.popleft()
        self._size -= len(message)
        if not self._waiting:
            self._has_some.clear()
        self._is_sending = True
        return message

    def sent(self) -> None:
        self._is_sending = False

    @property
    def is_idle(self) -> bool:
        """Whether all that was written is with the server, framed."""
        return not self._waiting and not self._is_sending

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def abort(self) -> None:
        self.ended.set()


class _SocketLine:
    """What is known of the connection under a WebSocket, of what the peer holds too."""

    def __init__(self, line: Line, peer: _SocketPeer) -> None:
        self._line = line
        self._peer = peer

    def written(self) -> int | None:
        return self._line.written() if self._peer.is_idle else None

    def acknowledged(self) -> int:
        return self._line.acknowledged()


def routes(bridge: Bridge, identify: Callable[[WebSocket], Principal | str]) -> Sequence[BaseRoute]:
    """Return the routes; `identify` gives who connects, or why the connection is refused.

    What is refused is an HTTPException: the application answers it as it answers all others.
    """

    def refuse(socket: WebSocket, status: int, reason: str, detail: str) -> NoReturn:
        bridge.refuse(reason, spell_address(socket.client))
        raise HTTPException(status, detail)

    async def endpoint(socket: WebSocket) -> None:
        if not _is_from_here(socket):
            reason = "opened by another site's page"
            refuse(socket, 403, reason, reason)
        principal = identify(socket)
        if isinstance(principal, str):
            refuse(socket, 401, principal, f"not admitted: {principal}")
        await socket.accept()
        await _converse(bridge, socket, principal)

    return [WebSocketRoute(PATH, endpoint), Route(PATH, _want_a_websocket)]


async def _want_a_websocket(_request: Request) -> NoReturn:
    detail = "this is a WebSocket: open it with wss://, and a client certificate"
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}  # RFC 9110, 15.5.22 and 7.8
    raise HTTPException(426, detail, headers)


def _is_from_here(socket: WebSocket) -> bool:
    """Tell whether no browser asks, or one that shows a page of ours.

    A browser presents its user's certificate whatever page asks it to connect (RFC 6455, 10.2).
    """
    origin = socket.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
    except ValueError:  # no browser writes such a thing
        return False


async def _converse(bridge: Bridge, socket: WebSocket, principal: Principal) -> None:
    peer = _SocketPeer(bridge.outbox.socket_buffer)
    session = TakSession(
        bridge,
        peer,
        principal=principal,
        channel=CHANNEL,
        address=spell_address(socket.client),
        over_websocket=True,
    )
    peer.session = session
    line: Line | None = socket.scope.get("state", {}).get(LINE)
    if line is not None:
        session.watch(_SocketLine(line, peer))
    broken = "ended without a word"
    try:
        session.open()
        code = await _until_one_ends(socket, peer, session)
        broken = "" if code == NORMAL_CLOSURE else broken
    finally:
        session.closed(broken)
    if code == ABNORMAL_CLOSURE:  # nobody is there, and it is no code to say
        return
    with contextlib.suppress(TimeoutError, *_GONE):
        async with asyncio.timeout(CLOSE_WITHIN):
            await socket.close(code, "binary messages only" if code == NOT_ACCEPTABLE else None)


async def _until_one_ends(socket: WebSocket, peer: _SocketPeer, session: TakSession) -> int:
    """Send and receive until the client goes or the session is ended; return the close code."""
    async with asyncio.TaskGroup() as tasks:
        receiving = tasks.create_task(_receive(socket, session))
        ways = {
            receiving,
            tasks.create_task(_send(socket, peer, session)),
            tasks.create_task(peer.ended.wait()),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    return POLICY_VIOLATION if receiving.cancelled() else receiving.result()


async def _receive(socket: WebSocket, session: TakSession) -> int:
    """Hand on what the client sends; return the code to close with when it ends."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            # uvicorn gives a reason, if an empty one, where the client sent a Close frame.
            return NORMAL_CLOSURE if "reason" in message else ABNORMAL_CLOSURE
        data: bytes | None = message.get("bytes")
        if data is None:
            session.end("text over a WebSocket")
            return NOT_ACCEPTABLE
        await _take(session, data)


async def _take(session: TakSession, data: bytes) -> None:
    """Hand on a message in turns, so that who sends a lot does not hold up the others."""
    for at in range(0, len(data), TURN_BYTES):
        turn = data[at : at + TURN_BYTES]
        while not session.receive(turn):
            turn = b""
            await asyncio.sleep(READ_AGAIN_AFTER)
        await asyncio.sleep(0)


async def _send(socket: WebSocket, peer: _SocketPeer, session: TakSession) -> None:
    with contextlib.suppress(*_GONE):
        while True:
            await socket.send_bytes(await peer.next_message())
            peer.sent()
            if peer.is_empty:
                session.receiver.outbox.look()
                session.resume()
