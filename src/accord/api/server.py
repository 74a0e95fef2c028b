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
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from accord.api.beginnings import Beginnings
from accord.api.caller import END_CONNECTION, PEER_CERTIFICATE, STEP_FORWARD
from accord.api.in_turns import InTurns
from accord.api.problem import ProblemResponse
from accord.api.strict import StrictConnection
from accord.security.accept import MOST, Acceptor, Refuse, source_of
from accord.security.acknowledged import LINE, Acknowledged

EXCHANGE_WITHIN = 20.0
"""Seconds for one whole request and its answer, however slowly the client sends and reads.

Who has a certificate may take so long for each step forward, of a file up or down.
"""

TRANSFER_WITHIN = 3600.0
"""Seconds for all of it where there are steps forward."""

LAST_WORDS_WITHIN = 2.0
"""Seconds in which a client may read that its answer took too long."""

KEEP_ALIVE = 75
"""Seconds for which a connection is kept on which nothing is asked.

Clients poll every 15 to 60 s, and a handshake costs more than most answers.
"""

MAX_CONNECTIONS = 4_000
"""Of one listener: two for each of 1,000 clients, and as many for browsers. Beyond, one gives way.

First the stranger's (without a certificate) that has been idle longest, then the oldest stranger's,
then the member's that has been idle longest; where none of these is, the new one.
"""

MAX_STRANGERS_PER_SOURCE = 100
"""Connections without a certificate; beyond, one of that source gives way, an idle one first."""

MAX_UNSENT = 64 << 10
"""Bytes of answers that wait for a client to read; beyond, what answers waits too."""

MAX_MESSAGE = 1 << 21
"""Bytes of one WebSocket message: an event of the default limit, framed, and room to spare."""


_TOO_LONG = "request took too long"


class _Room:
    """Who is connected by HTTP, and who of them gives way; each list is in the order of coming."""

    def __init__(self) -> None:
        self.beginnings = Beginnings()
        self._strangers: dict[str, dict[_Protocol, None]] = {}
        self._all_strangers: dict[_Protocol, None] = {}
        self._idle_strangers: dict[_Protocol, None] = {}
        self._idle_members: dict[_Protocol, None] = {}

    def take_in(self, new: "_Protocol") -> None:
        """Note somebody who has just come."""
        if new.is_stranger:
            self._all_strangers[new] = None
            self._strangers.setdefault(new.source, {})[new] = None

    def rests(self, each: "_Protocol") -> None:
        """Note that everything was answered that somebody asked."""
        (self._idle_strangers if each.is_stranger else self._idle_members)[each] = None

    def is_idle(self, each: "_Protocol") -> bool:
        """Tell whether somebody has asked nothing since he was answered."""
        return each in self._idle_strangers or each in self._idle_members

    def asks(self, each: "_Protocol") -> None:
        """Note that somebody asks something."""
        self._idle_strangers.pop(each, None)
        self._idle_members.pop(each, None)

    def forget(self, each: "_Protocol") -> None:
        """Note that somebody is gone, or speaks no HTTP any more."""
        self.asks(each)
        self._all_strangers.pop(each, None)
        alike = self._strangers.get(each.source, {})
        alike.pop(each, None)
        if not alike:
            self._strangers.pop(each.source, None)

    def one_too_many_like(self, new: "_Protocol") -> "_Protocol | None":
        """Return who of a stranger's source gives way to him, None where there is room."""
        alike = self._strangers.get(new.source, {})
        if not new.is_stranger or len(alike) <= MAX_STRANGERS_PER_SOURCE:
            return None
        return next((each for each in alike if self.is_idle(each)), next(iter(alike)))

    def least_needed(self) -> "_Protocol | None":
        """Return who gives way to anybody, None where all are members that are being answered."""
        for those in (self._idle_strangers, self._all_strangers, self._idle_members):
            if those:
                return next(iter(those))
        return None


class _Protocol(H11Protocol):
    """HTTP/1.1 that knows the client's certificate, does not wait for ever and makes room."""

    def __init__(self, config: Config, state: ServerState, refuse: Refuse, room: _Room) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self.conn = StrictConnection(h11.SERVER)
        self._refuse = refuse
        self._room = room
        self._unread = b""
        self.source = ""
        self.is_stranger = True
        self._patience: asyncio.TimerHandle | None = None
        self._begun = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {
            PEER_CERTIFICATE: certificate,
            END_CONNECTION: self.end,
            STEP_FORWARD: self._move_on,
        }
        self.is_stranger = certificate is None
        self.source = source_of(self.client) if self.client is not None else ""
        transport.set_write_buffer_limits(high=MAX_UNSENT)
        self._wait()
        self._make_room()

    def _make_room(self) -> None:
        self._room.take_in(self)
        alike = self._room.one_too_many_like(self)
        if alike is not None:
            alike.end("too many connections of one source")
        elif len(self.connections) > MAX_CONNECTIONS:
            (self._room.least_needed() or self).end("too many connections")

    def data_received(self, data: bytes) -> None:
        if self._room.is_idle(self):
            self._room.asks(self)
            self._wait()
        else:
            self._move_on()
        if self.conn.their_state is not h11.IDLE or self._room.beginnings.may_begin(self):
            super().data_received(data)
        else:
            self._unread = data
            self._unset_keepalive_if_required()
            self.transport.pause_reading()

    def begin(self) -> None:
        """Read what a request begins with, which has come when it was others' turn."""
        data, self._unread = self._unread, b""
        if data and not self.transport.is_closing():
            self.transport.resume_reading()
            super().data_received(data)

    def resume_writing(self) -> None:
        self._move_on()
        super().resume_writing()

    def _move_on(self) -> None:
        """Begin to wait anew for a member whose file goes on."""
        if self.is_stranger or self.transport.get_protocol() is not self:
            return
        if self._room.is_idle(self):  # the last of an answer has been taken; no question has begun
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
        if self.transport.get_protocol() is not self:
            return
        if self.cycle and not (self.cycle.more_body or self.cycle.response_started):
            self._give_up()
        else:
            self.end(_TOO_LONG)

    def _give_up(self) -> None:
        """Say to whom nothing was answered that nothing will be, and close."""
        self.cycle.disconnected = True  # what is answered later goes nowhere
        self.cycle.message_event.set()
        said = (
            f"not answered within {EXCHANGE_WITHIN:g} s: it may be done all the same, so look "
            "before you ask again, and for less at once"
        )
        problem = ProblemResponse(503, said, instance=str(self.scope["path"]))
        headers = [*problem.raw_headers, (b"connection", b"close")]
        events: list[h11.Event] = [h11.Response(status_code=503, headers=headers)]
        if self.scope["method"] != "HEAD":
            events.append(h11.Data(data=bytes(problem.body)))
        for each in (*events, h11.EndOfMessage()):
            self.transport.write(self.conn.send(each) or b"")
        self._forget(_TOO_LONG)
        self.transport.close()
        self.loop.call_later(LAST_WORDS_WITHIN, self.transport.abort)

    def end(self, reason: str) -> None:
        """Close at once, told to `refuse`."""
        self._forget(reason)
        self.transport.abort()

    def _forget(self, reason: str) -> None:
        self._refuse(reason, self.client or ())
        self.connections.discard(self)  # at once: it is not to give way twice
        self._room.forget(self)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()
        if self._has_said_nothing_more() and not self.transport.is_closing():
            self._stop_waiting()  # from here on uvicorn waits, for KEEP_ALIVE
            self._room.rests(self)

    def _has_said_nothing_more(self) -> bool:
        """Tell whether the next thing that the client asks has not begun."""
        more, _ = self.conn.trailing_data
        return not more and self.conn.our_state is self.conn.their_state is h11.IDLE

    def timeout_keep_alive_handler(self) -> None:
        if not self.transport.is_closing():
            self._wait_on()  # for who does not take the end of it
        super().timeout_keep_alive_handler()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_waiting()
        self._room.forget(self)
        self.transport.set_write_buffer_limits()
        self.app_state = {**self.app_state, LINE: Acknowledged.of(self.transport)}
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unread = b""
        self._stop_waiting()
        self._room.forget(self)
        super().connection_lost(exc)


class _WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that asks what its client has before the socket is closed, as none can after."""

    def handle_close(self, event: Frame) -> None:
        line: Acknowledged | None = self.app_state.get(LINE)
        if line is not None:
            line.acknowledged()
        super().handle_close(event)


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
        InTurns(app),
        ws=_WebSocket,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever sends X-Forwarded-For would choose his own address
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,  # a window for each browser, and a core for fifty
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
    )
    config.load()
    server, room = _Server(config), _Room()

    def protocol() -> _Protocol:
        return _Protocol(config, server.server_state, refuse, room)

    acceptor = Acceptor(listener, protocol, tls, refuse=refuse, share=MOST)
    try:
        await server.serve(sockets=[])
    except asyncio.CancelledError:
        acceptor.close()
        if server.started:
            await server.shutdown(sockets=[])
        raise
