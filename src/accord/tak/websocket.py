"""CoT over a WebSocket at `/takproto/1`, as WebTAK and PyTAK speak it.

Binary messages only, each one or more stream frames (BF, varint length, TakMessage); a text
message is answered with close code 1003. There is no negotiation: the node sends protobuf at once.
"""

import asyncio
import contextlib
from collections.abc import Callable

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from accord.core.principal import Principal
from accord.tak.session import Bridge, TakSession

NOT_ACCEPTABLE = 1003
POLICY_VIOLATION = 1008


class _SocketPeer:
    """Collects what the session writes; one task sends it, so that order is kept.

    The session is told to pause when more than the socket buffer waits here.
    """

    def __init__(self, limit: int) -> None:
        self.wake = asyncio.Event()
        self.closing = False
        self.session: TakSession | None = None
        self._waiting: list[bytes] = []
        self._size = 0
        self._limit = limit

    def write(self, data: bytes) -> None:
        if self.closing:
            return
        self._waiting.append(data)
        self._size += len(data)
        self.wake.set()
        if self._size > self._limit and self.session is not None:
            self.session.pause()

    def take(self) -> bytes:
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        self.wake.clear()
        return data

    def close(self) -> None:
        self.closing = True
        self.wake.set()

    abort = close


def route(bridge: Bridge, identify: Callable[[WebSocket], Principal | str]) -> WebSocketRoute:
    """Return the route; `identify` gives who connects, or why the connection is refused."""

    async def endpoint(socket: WebSocket) -> None:
        principal = identify(socket)
        if isinstance(principal, str):
            bridge.ended[principal] += 1
            await socket.close(POLICY_VIOLATION, reason=principal)
            return
        await socket.accept()
        await _converse(bridge, socket, principal)

    return WebSocketRoute("/takproto/1", endpoint)


async def _converse(bridge: Bridge, socket: WebSocket, principal: Principal) -> None:
    client = socket.client
    peer = _SocketPeer(bridge.outbox.socket_buffer)
    session = TakSession(
        bridge,
        peer,
        principal=principal,
        channel="tak",
        address=f"{client.host}:{client.port}" if client else "unknown",
        always_protobuf=True,
    )
    peer.session = session
    session.open()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_send(socket, peer, session))
            await _receive(socket, session)
            peer.close()
    finally:
        session.closed()


async def _receive(socket: WebSocket, session: TakSession) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data: bytes | None = message.get("bytes")
        if data is None:
            with contextlib.suppress(RuntimeError):  # the client may be gone already
                await socket.close(NOT_ACCEPTABLE, reason="binary messages only")
            return
        while not session.receive(data):
            data = b""
            await asyncio.sleep(0.02)


async def _send(socket: WebSocket, peer: _SocketPeer, session: TakSession) -> None:
    while not peer.closing:
        await peer.wake.wait()
        data = peer.take()
        if data:
            try:
                await socket.send_bytes(data)
            except (WebSocketDisconnect, RuntimeError):  # the receiving side sees the same end
                return
        session.resume()
    with contextlib.suppress(RuntimeError):  # already closed by the client
        await socket.close()
