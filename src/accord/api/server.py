"""Serves HTTP with uvicorn inside our own task group, and tells who the client is.

uvicorn keeps the client's certificate to itself; the protocol here puts it into the state that
uvicorn hands to every request and WebSocket of the connection.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Generator

import h11
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from accord.api.caller import PEER_CERTIFICATE

FIRST_REQUEST_WITHIN = 15.0
"""Seconds after which a connection that has asked for nothing is closed."""

MAX_CONNECTIONS = 1_000
"""Beyond, a new connection is closed."""

MAX_MESSAGE = 1 << 21
"""Bytes of one WebSocket message: an event of the default limit, framed, and room to spare."""


class _Protocol(H11Protocol):
    """HTTP/1.1 that knows the client's certificate and does not wait for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {**self.app_state, PEER_CERTIFICATE: certificate}
        self.loop.call_later(FIRST_REQUEST_WITHIN, self._stop_waiting)

    def _stop_waiting(self) -> None:
        # After an upgrade the transport has another protocol, and is none of our business.
        if self.conn.their_state is h11.IDLE and self.transport.get_protocol() is self:
            self.transport.close()


class _Server(Server):
    """uvicorn's server without its signal handlers: the node decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve_http(app: ASGIApp, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Answer requests on a bound socket until cancelled; closes it at the end."""
    config = Config(
        app,
        http=_Protocol,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sends X-Forwarded-For would choose his own address
        ws_max_size=MAX_MESSAGE,
        timeout_graceful_shutdown=1,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    server = _Server(config)
    try:
        await server.serve(sockets=[listener])
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown(sockets=[listener])
        raise
