"""gRPC over HTTP/2 without a socket: bytes in, what was asked and said out, and bytes to write.

As the gRPC documentation has it ("gRPC over HTTP2"): a call is a stream, whose path names it. Each
message stands behind a byte for compression and its length. The last headers say how it ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error

from accord.wire.cot.prefixed import Prefixed, grpc_prefixed
from accord.wire.errors import Malformed, Unsupported

OK = 0
UNIMPLEMENTED = 12
NO_STATUS = 2
"""What stands for a call that ended and did not say how: UNKNOWN."""
_CONTENT = ("content-type", "application/grpc")


@dataclass(slots=True)
class Call:
    """One call. `waiting` is what was said and found no room yet."""

    stream: int
    rpc: str
    incoming: Prefixed
    waiting: bytearray = field(default_factory=bytearray)
    ends: bool = False
    status: int | None = None


class Heard(NamedTuple):
    """Something about a call: it was made, a message of it came, or it is over."""

    call: Call
    message: bytes | None = None
    ended: int | None = None


class Calls:
    """The calls of one connection. Raises WireError where there is no way on."""

    def __init__(self, service: str, *, is_client: bool, authority: str, limit: int) -> None:
        self.skipped = 0
        self._service = service
        self._authority = authority
        self._limit = limit
        self._is_client = is_client
        config = H2Configuration(client_side=is_client, header_encoding="utf-8")
        self._connection = H2Connection(config)
        # Of calls that the other end makes, 100 may go on at once: h2 holds it to that.
        self._connection.initiate_connection()
        self._calls: dict[int, Call] = {}

    # What goes out.

    def call(self, rpc: str, message: bytes | None = None, *, ends: bool = False) -> Call:
        """Make a call, and say a message in it; `ends`: no more will be said."""
        stream = self._connection.get_next_available_stream_id()
        self._connection.send_headers(
            stream,
            [
                (":method", "POST"), (":scheme", "https"), (":path", f"{self._service}{rpc}"),
                (":authority", self._authority), ("te", "trailers"), _CONTENT,
                ("user-agent", "accord"),
            ],
        )  # fmt: skip
        made = self._calls[stream] = Call(stream, rpc, self._incoming())
        made.ends = ends
        if message is not None:
            self.say(made, message)
        return made

    def answer(self, call: Call, message: bytes | None = None) -> None:
        """Begin to answer a call that was made here, which may go on."""
        self._connection.send_headers(call.stream, [(":status", "200"), _CONTENT])
        if message is not None:
            self.say(call, message)

    def finish(self, call: Call, status: int = OK) -> None:
        """End a call that was made here, once what was said in it has been written."""
        call.status = status
        self._pump(call)

    def refuse(self, call: Call, status: int = UNIMPLEMENTED) -> None:
        """End a call that was made here without an answer."""
        ends = [(":status", "200"), _CONTENT, ("grpc-status", str(status))]
        self._connection.send_headers(call.stream, ends, end_stream=True)
        self._calls.pop(call.stream, None)

    def say(self, call: Call, message: bytes) -> None:
        """Say a message in a call."""
        call.waiting += grpc_prefixed(message)
        self._pump(call)

    def to_write(self) -> bytes:
        """Return the bytes that are to be written now."""
        return self._connection.data_to_send()

    def _pump(self, call: Call) -> None:
        """Write of what waits what the other end has room for."""
        connection, stream = self._connection, call.stream
        if stream not in self._calls:
            return
        while call.waiting:
            room = min(
                connection.local_flow_control_window(stream), connection.max_outbound_frame_size
            )
            if room <= 0:
                return
            piece = bytes(call.waiting[:room])
            del call.waiting[:room]
            connection.send_data(stream, piece)
        if call.ends:
            call.ends = False
            connection.end_stream(stream)
        elif call.status is not None:
            trailers = [("grpc-status", str(call.status))]
            connection.send_headers(stream, trailers, end_stream=True)
            del self._calls[stream]

    # What comes in.

    def receive(self, data: bytes) -> list[Heard]:
        """Return what these bytes bring. Raises WireError."""
        try:
            events = self._connection.receive_data(data)
            heard = [each for event in events for each in self._heard(event)]
            for call in list(self._calls.values()):
                self._pump(call)
        except H2Error as error:
            raise Malformed(f"HTTP/2: {error}") from None
        return heard

    def _incoming(self) -> Prefixed:
        return Prefixed(limit=self._limit, is_grpc=True)

    def _heard(self, event: Event) -> Iterator[Heard]:
        match event:
            case RequestReceived():
                yield self._asked(event)
            case DataReceived():
                yield from self._came(event)
            case ResponseReceived() | TrailersReceived():
                self._note_status(event)
            case StreamEnded():
                yield from self._ended(event.stream_id)
            case StreamReset():
                yield from self._over(event.stream_id, NO_STATUS)
            case ConnectionTerminated():
                raise Unsupported(f"the other end ends the connection: {event.error_code}")
            case _:
                pass

    def _asked(self, event: RequestReceived) -> Heard:
        stream, headers = event.stream_id, _headers(event)
        path = headers.get(":path", "")
        rpc = path.removeprefix(self._service) if path.startswith(self._service) else ""
        call = self._calls[stream] = Call(stream, rpc, self._incoming())
        return Heard(call)

    def _came(self, event: DataReceived) -> Iterator[Heard]:
        stream, data = event.stream_id, event.data
        if event.flow_controlled_length:
            self._connection.acknowledge_received_data(event.flow_controlled_length, stream)
        call = self._calls.get(stream)
        if call is None:
            return
        before = call.incoming.skipped
        for message in call.incoming.receive(data):
            yield Heard(call, message)
        self.skipped += call.incoming.skipped - before

    def _note_status(self, event: ResponseReceived | TrailersReceived) -> None:
        call, status = (
            self._calls.get(event.stream_id),
            _headers(event).get("grpc-status", ""),
        )
        if call is not None and status.isascii() and status.isdigit():
            call.status = int(status[:3])

    def _ended(self, stream: int) -> Iterator[Heard]:
        """Take note that the other end says no more in a call."""
        call = self._calls.get(stream)
        if call is None:
            return
        if self._is_client:
            yield from self._over(stream, NO_STATUS if call.status is None else call.status)
        else:
            yield Heard(call, ended=OK)

    def _over(self, stream: int, status: int) -> Iterator[Heard]:
        call = self._calls.pop(stream, None)
        if call is not None:
            yield Heard(call, ended=status)


def _headers(event: RequestReceived | ResponseReceived | TrailersReceived) -> dict[str, str]:
    # With a header encoding in the configuration they are text.
    return dict(cast("list[tuple[str, str]]", event.headers or []))
