"""Serves HTTP with uvicorn inside our own task group, and tells who the client is.

uvicorn keeps the client's certificate to itself; the protocol here puts it into the state that
uvicorn hands to every request and WebSocket of the connection.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Generator
from itertools import count

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from accord.api.caller import PEER_CERTIFICATE
from accord.security.accept import MOST, Acceptor, Refuse, source_of

EXCHANGE_WITHIN = 20.0
"""Seconds for one whole request and its answer, however slowly the client sends and reads.

Who has a certificate may take so long for each step forward, of a file up or down.
"""

TRANSFER_WITHIN = 3600.0
"""Seconds for all of it where there are steps forward."""

MAX_CONNECTIONS = 1_000
"""Beyond, the oldest without a certificate gives way; where there is none, the new one."""

MAX_STRANGERS_PER_SOURCE = 100
"""Connections without a certificate; beyond, the oldest of that source gives way."""

MAX_MESSAGE = 1 << 21
"""Bytes of one WebSocket message: an event of the default limit, framed, and room to spare."""

_number = count()


class _Protocol(H11Protocol):
    """HTTP/1.1 that knows the client's certificate, does not wait for ever and makes room."""

    def __init__(self, config: Config, state: ServerState, refuse: Refuse) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._refuse = refuse
        self.number = next(_number)
        self.source = ""
        self.is_stranger = True
        self._patience: asyncio.TimerHandle | None = None
        self._begun = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {PEER_CERTIFICATE: certificate}
        self.is_stranger = certificate is None
        self.source = source_of(self.client) if self.client is not None else ""
        self._wait()
        self._make_room()

    def _make_room(self) -> None:
        strangers = [
            each for each in self.connections if isinstance(each, _Protocol) and each.is_stranger
        ]
        alike = [each for each in strangers if each.source == self.source]
        if self.is_stranger and len(alike) > MAX_STRANGERS_PER_SOURCE:
            _oldest(alike).end("too many connections of one source")
        elif len(self.connections) > MAX_CONNECTIONS:
            _oldest(strangers or [self]).end("too many connections")

    def data_received(self, data: bytes) -> None:
        self._move_on()
        super().data_received(data)

    def resume_writing(self) -> None:
        self._move_on()
        super().resume_writing()

    def _move_on(self) -> None:
        """Begin to wait anew for a member whose file goes on."""
        if self.is_stranger or self.transport.get_protocol() is not self:
            return
        if self.loop.time() < self._begun + TRANSFER_WITHIN:
            self._wait_on()

    def _wait(self) -> None:
        self._begun = self.loop.time()
        self._wait_on()

    def _wait_on(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(EXCHANGE_WITHIN, self._lose_patience)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _lose_patience(self) -> None:
        # After an upgrade the transport has another protocol, and is none of our business.
        if self.transport.get_protocol() is self:
            self.end("request took too long")

    def end(self, reason: str) -> None:
        """Close at once, told to `refuse`."""
        self._refuse(reason, self.client or ())
        self.connections.discard(self)  # at once: it is not to give way twice
        self.transport.abort()

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)


def _oldest(connections: list[_Protocol]) -> _Protocol:
    return min(connections, key=lambda each: each.number)


class _Server(Server):
    """uvicorn's server without its signal handlers: the node decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve_http(
    app: ASGIApp, listener: socket.socket, tls: ssl.SSLContext | None, refuse: Refuse
) -> None:
    """Answer requests on a bound socket until cancelled; closes it at the end.

    `refuse` is told of every connection that is ended before it was answered.
    """
    config = Config(
        app,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sends X-Forwarded-For would choose his own address
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,  # a window for each browser, and a core for fifty
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = _Server(config)

    def protocol() -> _Protocol:
        return _Protocol(config, server.server_state, refuse)

    acceptor = Acceptor(listener, protocol, tls, refuse=refuse, share=MOST)
    try:
        await server.serve(sockets=[])
    except asyncio.CancelledError:
        acceptor.close()
        if server.started:
            await server.shutdown(sockets=[])
        raise
