"""The server's side of one CoT connection, without I/O: bytes in, events and replies out.

XML events follow each other and are cut at `</event>`; a frame of TAK protocol version 1 is `BF`, a
varint length and a TakMessage (commoncommo protocol.txt). Each message's first byte tells which it
is, since PyTAK sends frames without asking. What goes out is XML until the client has asked for
version 1 and has been answered.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from accord.wire.cot import detail, protobuf, xml
from accord.wire.cot.message import UNKNOWN, UNKNOWN_FROM, CotEvent, CotPoint
from accord.wire.cot.repeat import Repeats
from accord.wire.errors import FrameTooLarge, Malformed, Unsupported, WireError

_MAGIC = 0xBF
_VERSION = 1
_START = b"<event"
_END = b"</event>"
_STARTS = tuple(_START + bytes((after,)) for after in b" \t\r\n/>")
_PREAMBLES = ((b"<?", b"?>"), (b"<auth", b"</auth>"), (b"\xef\xbb\xbf", b""))
"""What may stand before an event: XML declaration, credentials, byte order mark. How each ends."""

_DOCTYPE = b"<!DOCTYPE"
_MAX_PREAMBLE = 1024  # bytes: TAK Server's buffer for <auth>
_MAX_VARINT = 10  # bytes
_MAX_WAITING = 256
_SKIPPABLE = 16  # times the limit; a frame longer than that is no frame
_find_start = re.compile(rb"<event[ \t\r\n/>]").search
_find_no_blank = re.compile(rb"[^ \t\r\n]").search

_PING = "t-x-c-t"
_REQUEST = "t-x-takp-q"
_CONSUMED = ("t-x-c-", "t-x-takp-")
_SUBSCRIBE = frozenset({"t-b", "t-b-a", "t-b-c", "t-b-q"})


class CotStream:
    """Reads one client's connection; any division of the bytes gives the same result.

    An event over `max_event_bytes` is skipped unstored. What is refused costs one fault, and
    reading goes on with the next event; `is_lost` says that it cannot. Control messages (ping,
    negotiation, metrics, credentials) are consumed here. Take faults and replies after each
    `receive`: no more than 256 of each are kept. With `always_protobuf` (a WebSocket) nothing is
    negotiated and there is no XML.
    """

    def __init__(
        self,
        *,
        max_event_bytes: int = 1 << 20,
        max_depth: int = xml.MAX_DEPTH,
        offers_protobuf: bool = True,
        always_protobuf: bool = False,
        max_repeats: int = 256,
    ) -> None:
        self.is_lost = False
        self.speaks_protobuf = always_protobuf
        self._max_bytes = max_event_bytes
        self._max_depth = max_depth
        self._offers = offers_protobuf and not always_protobuf
        self._switched = always_protobuf
        self._hears_frames = always_protobuf
        self._buffer = bytearray()
        self._at = 0
        self._searched: int = 0
        self._to_skip = 0
        self._rubbish_skipped = 0
        self._step: Callable[[], bool] = self._between
        self._now = datetime.min.replace(tzinfo=UTC)
        self._repeats = Repeats(limit=max_repeats)
        self._events: list[CotEvent] = []
        self._faults: list[WireError] = []
        self._replies: list[bytes] = []

    def greeting(self, now: datetime) -> bytes:
        """Return the offer of version 1, to be sent once, as XML; empty where it is not made."""
        if not self._offers:
            return b""
        return _control("t-x-takp-v", _OFFER, now)

    def receive(self, data: bytes, now: datetime) -> list[CotEvent]:
        """Return the events that these bytes complete."""
        self._now = now
        self._buffer += data
        while not self.is_lost and self._step():
            pass
        if self.is_lost:
            self._buffer.clear()
        elif self._at:
            del self._buffer[: self._at]
            self._searched = max(0, self._searched - self._at)
        self._at = 0
        events, self._events = self._events, []
        return events

    def take_faults(self) -> list[WireError]:
        """Return what was refused since this was last asked."""
        faults, self._faults = self._faults, []
        return faults

    def take_replies(self) -> bytes:
        """Return what must be written before anything else is.

        `speaks_protobuf` becomes True when this returns the answer that grants version 1.
        """
        replies = b"".join(self._replies)
        self._replies.clear()
        self.speaks_protobuf = self._switched
        return replies

    # Each step looks at the buffer from `_at`, and returns False when it needs more of it.

    def _between(self) -> bool:
        buffer = self._buffer
        found = _find_no_blank(buffer, self._at)
        self._at = found.start() if found else len(buffer)
        left = len(buffer) - self._at
        if not left:
            return False
        if buffer[self._at] == _MAGIC:
            return self._go(self._frame_start)
        if self._switched:
            return self._rubbish(Malformed("what follows a frame is not one"))
        if left <= len(_START):
            return self._short()
        if _find_start(buffer, self._at, self._at + len(_START) + 1):
            self._searched = self._at
            return self._go(self._event)
        return self._preamble()

    def _short(self) -> bool:
        start = bytes(self._buffer[self._at :])
        known = (_START, _DOCTYPE, *(begins for begins, _ in _PREAMBLES))
        if any(text.startswith(start) or start.startswith(text) for text in known):
            return False
        return self._rubbish(Malformed("what stands between events is none"))

    def _preamble(self) -> bool:
        buffer, at = self._buffer, self._at
        for begins, ends in _PREAMBLES:
            if buffer.startswith(begins, at):
                return self._past_preamble(begins, ends)
        if _DOCTYPE.startswith(bytes(buffer[at : at + len(_DOCTYPE)])):
            if len(buffer) - at < len(_DOCTYPE):
                return False
            self._refuse(Unsupported("a document type definition"))
            self._searched = at
            return self._go(self._past_event)
        return self._rubbish(Malformed("what stands between events is none"))

    def _past_preamble(self, begins: bytes, ends: bytes) -> bool:
        buffer, at = self._buffer, self._at
        last = at + _MAX_PREAMBLE
        end = buffer.find(ends, at + len(begins), last)
        if _find_start(buffer, at, last if end < 0 else end):
            return self._rubbish(Malformed("what stands before an event has no end"))
        if end >= 0:
            self._at = end + len(ends)
            return True
        if len(buffer) < last:
            return False
        return self._rubbish(Malformed("what stands before an event has no end"))

    def _rubbish(self, fault: WireError) -> bool:
        self._refuse(fault)
        self._rubbish_skipped = 0
        return self._go(self._past_rubbish)

    def _past_rubbish(self) -> bool:
        buffer, begun = self._buffer, self._at
        if self._hears_frames:
            start = buffer.find(_MAGIC, self._at)
            self._at = start if start >= 0 else len(buffer)
        else:
            found = _find_start(buffer, self._at)
            start = found.start() if found else -1
            self._at = start if found else max(self._at, len(buffer) - len(_START))
        self._rubbish_skipped += self._at - begun
        self.is_lost = self._rubbish_skipped > self._max_bytes
        return start >= 0 and self._go(self._between)

    def _event(self) -> bool:
        buffer, at, searched = self._buffer, self._at, self._searched
        while True:
            end = buffer.find(_END, searched)
            stop = end + len(_END) if end >= 0 else len(buffer)
            self._at = at
            if stop - at > self._max_bytes:
                self._searched = searched
                self._refuse(FrameTooLarge(f"an event is over {self._max_bytes} bytes"))
                return self._go(self._past_event)
            if end < 0:
                self._searched = max(at, stop - len(_END) + 1)
                return False
            self._read_xml(bytes(buffer[at:stop]))
            at = searched = stop
            if self._switched or not buffer.startswith(b"<event ", stop):
                self._at = self._searched = stop
                return self._go(self._between)

    def _past_event(self) -> bool:
        end = self._buffer.find(_END, self._searched)
        if end >= 0:
            self._at = end + len(_END)
            return self._go(self._between)
        self._at = self._searched = max(self._at, len(self._buffer) - len(_END) + 1)
        return False

    def _frame_start(self) -> bool:
        header = _varint(self._buffer, self._at + 1)
        if header is None and len(self._buffer) - self._at <= _MAX_VARINT:
            return False
        if header is None or header.value > _SKIPPABLE * self._max_bytes:
            self.is_lost = self._hears_frames
            self._at += 1
            return self._rubbish(Malformed("the length of a frame cannot be"))
        self._to_skip = header.end - self._at + header.value
        if header.value > self._max_bytes:
            self._refuse(FrameTooLarge(f"a frame is over {self._max_bytes} bytes"))
            return self._go(self._past_frame)
        if len(self._buffer) - self._at < self._to_skip:
            return False
        message = bytes(self._buffer[header.end : header.end + header.value])
        self._at += self._to_skip
        self._step = self._between
        self._read_frame(message)
        return True

    def _past_frame(self) -> bool:
        skipped = min(self._to_skip, len(self._buffer) - self._at)
        self._at += skipped
        self._to_skip -= skipped
        return not self._to_skip and self._go(self._between)

    def _go(self, step: Callable[[], bool]) -> bool:
        self._step = step
        return True

    def _read_xml(self, frame: bytes) -> None:
        event = self._repeats.read(frame)
        if event is not None:
            self._hears_frames = False
            self._events.append(event)
            return
        try:
            event = xml.read(frame, self._max_depth)
        except WireError as fault:
            self._refuse(fault)
            # An event that was never closed has swallowed the start of the next one.
            self._rescue(frame)
        else:
            self._hears_frames = False
            self._repeats.note(event)
            self._take(event)

    def _rescue(self, frame: bytes) -> None:
        last = max(frame.rfind(start) for start in _STARTS)
        if last > 0:
            try:
                self._take(xml.read(frame[last:], self._max_depth))
            except WireError:
                return  # one message, one fault

    def _read_frame(self, message: bytes) -> None:
        try:
            event = protobuf.read(message, self._max_depth)
        except WireError as fault:
            self._refuse(fault)
        else:
            self._hears_frames = True
            if event is not None:
                self._take(event)

    def _take(self, event: CotEvent) -> None:
        if not event.type.startswith("t-"):
            self._events.append(event)
        elif event.type == _PING:
            self._reply(_pong(self._now))
        elif event.type == _REQUEST:
            self._answer(event)
        elif not _is_control(event.type):
            self._events.append(event)

    def _answer(self, request: CotEvent) -> None:
        if self._switched or len(self._replies) == _MAX_WAITING:
            return
        agreed = self._offers and detail.requested_version(request) == str(_VERSION)
        status = "true" if agreed else "false"
        answer = f'<TakControl><TakResponse status="{status}"/></TakControl>'
        self._reply(_control("t-x-takp-r", answer, self._now))
        self._switched = self._hears_frames = agreed

    def _reply(self, event: bytes) -> None:
        if len(self._replies) < _MAX_WAITING:
            self._replies.append(
                frame(protobuf.write(xml.read(event))) if self._switched else event
            )

    def _refuse(self, fault: WireError) -> None:
        if len(self._faults) < _MAX_WAITING:
            self._faults.append(fault.with_traceback(None))


def frame(message: bytes) -> bytes:
    """Return a TakMessage as one frame of a stream: `BF`, varint length, message."""
    return bytes((_MAGIC,)) + _varint_of(len(message)) + message


def mesh_frame(message: bytes) -> bytes:
    """Return a TakMessage as one datagram of the mesh: `BF 01 BF`, message."""
    return bytes((_MAGIC, _VERSION, _MAGIC)) + message


def _is_control(type_: str) -> bool:
    return type_.startswith(_CONSUMED) or type_ in _SUBSCRIBE


def read_datagram(
    data: bytes, max_event_bytes: int = 1 << 20, max_depth: int = xml.MAX_DEPTH
) -> CotEvent | None:
    """Return the event in a datagram, None where there is none, or only a control message.

    Nothing is answered over UDP. Raises WireError.
    """
    if len(data) > max_event_bytes:
        raise FrameTooLarge(f"a datagram is over {max_event_bytes} bytes")
    event = _in_datagram(data, max_depth)
    return None if event is None or _is_control(event.type) else event


def _in_datagram(data: bytes, max_depth: int) -> CotEvent | None:
    if data[:1] != bytes((_MAGIC,)):
        start = data.find(_START)
        if _DOCTYPE in data[: max(0, start)]:
            raise Unsupported("a document type definition")
        return xml.read(data[max(0, start) :].rstrip(b" \t\r\n"), max_depth)
    header = _varint(data, 1)
    if header is None or data[header.end : header.end + 1] != bytes((_MAGIC,)):
        raise Malformed("the header of the datagram is not BF, a version, BF")
    if header.value != _VERSION:
        raise Unsupported(f"TAK protocol version {header.value}")
    return protobuf.read(data[header.end + 1 :], max_depth)


_OFFER = (
    '<TakControl><TakProtocolSupport version="1"/>'
    '<TakServerVersionInfo serverVersion="Accord" apiVersion="3"/></TakControl>'
)


def _control(type_: str, inside: str, now: datetime) -> bytes:
    """Return a negotiation message; every one has the same uid, and clients echo it."""
    return xml.compose(
        uid="protouid",
        type=type_,
        how="m-g",
        time=now,
        start=now,
        stale=now + timedelta(seconds=60),
        point=CotPoint(0.0, 0.0, 0.0, UNKNOWN_FROM, UNKNOWN_FROM),
        detail=inside,
    )


def _pong(now: datetime) -> bytes:
    return xml.compose(
        uid="takPong",
        type="t-x-c-t-r",
        how="h-g-i-g-o",
        time=now,
        start=now,
        stale=now + timedelta(seconds=20),
        point=CotPoint(0.0, 0.0, 0.0, UNKNOWN, UNKNOWN),
    )


class _Varint(NamedTuple):
    value: int
    end: int


def _varint(data: bytes | bytearray, at: int) -> _Varint | None:
    """Return the unsigned LEB128 number at `at`, None where it does not end within 10 bytes."""
    value = 0
    for place, byte in enumerate(data[at : at + _MAX_VARINT]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return _Varint(value, at + place + 1)
    return None


def _varint_of(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
