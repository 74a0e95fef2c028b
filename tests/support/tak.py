"""What is behind the TAK rims, all but journal, clock and sockets, and what clients are sent."""

import asyncio
import re
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, cast

import pytest

from accord.api.tracks import Around
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Report
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings
from accord.live.outbox import OutboxSettings
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.tak.server import ConnectionSettings, Door
from accord.tak.session import Bridge, CotSettings, TakSession
from accord.wire.cot.tak_pb2 import TakMessage
from accord.wire.cot.translate import to_protobuf, to_xml
from support.clock import ManualClock
from support.cot import CONTACT, TIME, cot_xml, stream_frame

EVENT_LOOPS = ["asyncio", "uvloop"]
has_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 on this machine")

REQUEST = cot_xml(
    "protouid", "t-x-takp-q", '<TakControl><TakRequest version="1"/></TakControl>', how="m-g"
)
ANONYMOUS = Principal(name="plain", groups={"Blue": Direction.BOTH})
PING = cot_xml("U1-ping", "t-x-c-t")


def own_position(
    uid: str = "U1",
    callsign: str = "KIWI1",
    team: str = "Cyan",
    *,
    detail: str = "",
    minute: int = 4,
    more: str = "",
) -> bytes:
    """What a client says of itself, at 03:04:05.678 unless in another minute."""
    group = f'<__group name="{team}" role="Team Member"/>' if team else ""
    inside = CONTACT.replace("KIWI1", callsign) + group + detail
    time = TIME.replace("03:04", f"03:{minute:02}")
    return cot_xml(uid, detail=inside, time=time, start=time, more=more)


class Sent(NamedTuple):
    """One message that a client was sent."""

    form: Form
    type: str
    uid: str
    text: str


def read_sent(data: bytes) -> list[Sent]:
    """Read a stream as a client does that knows both forms; nothing may stand between messages."""
    found: list[Sent] = []
    while data:
        message, data = _frame(data) if data[0] == 0xBF else _event(data)
        found.append(message)
    return found


def _event(data: bytes) -> tuple[Sent, bytes]:
    text, end, rest = data.partition(b"</event>")
    assert text.startswith(b"<event "), text
    assert end, text
    said = dict(re.findall(r' (\w+)="([^"]*)"', text.decode().partition(">")[0]))
    return Sent(Form.COT_XML, said["type"], said["uid"], f"{text.decode()}</event>"), rest


def _frame(data: bytes) -> tuple[Sent, bytes]:
    size = at = 0
    for at, byte in enumerate(data[1:]):
        size |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            break
    start = at + 2
    event = TakMessage.FromString(data[start : start + size]).cot_event
    sent = Sent(Form.COT_PROTOBUF, event.type, event.uid, event.detail.xml_detail)
    return sent, data[start + size :]


def as_frame(uid: str, type_: str = "a-f-G-U-C", callsign: str = "") -> bytes:
    """A position as PyTAK sends it with TAK_PROTO=1, without asking."""
    message = TakMessage()
    event = message.cot_event
    event.uid, event.type, event.how = uid, type_, "m-g"
    event.send_time = event.start_time = 1_767_323_045_678  # 2026-01-02T03:04:05.678Z
    event.stale_time = event.send_time + 300_000
    event.lat, event.lon, event.hae, event.ce, event.le = -41.28, 174.77, *[9999999.0] * 3
    if callsign:
        event.detail.contact.callsign = callsign
        event.detail.contact.endpoint = "*:-1:stcp"
    return stream_frame(message.SerializeToString())


class FakePeer:
    """The connection under a session; `room` is how many bytes its client takes unread."""

    def __init__(self, room: int | None = None) -> None:
        self.data = b""
        self.writes = 0
        self.is_aborted = False
        self.room = room
        self.session: TakSession | None = None

    def write(self, data: bytes) -> None:
        assert not self.is_aborted, "written after the end"
        self.data += data
        self.writes += 1
        if self.room is not None and len(self.data) > self.room and self.session is not None:
            self.session.pause()

    def abort(self) -> None:
        self.is_aborted = True

    def take(self) -> list[Sent]:
        """Return what was sent since this was last asked."""
        data, self.data = self.data, b""
        return read_sent(data)

    def uids(self) -> list[str]:
        return [sent.uid for sent in self.take()]


class FakeNode:
    """Everything behind the rims. Time and the hub's flush are the test's to move."""

    def __init__(
        self,
        *,
        outbox: OutboxSettings | None = None,
        cot: CotSettings | None = None,
        intake: IntakeSettings | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.is_congested = False
        self.kept: list[Report] = []
        self.unwritable: set[str] = set()
        self.timers: list[Callable[[], None]] = []
        self.picture = Picture(PictureSettings())
        self.words = Words(WordsSettings(), clock=self.clock)
        self.hub = Hub(
            encoders={
                Form.COT_XML: partial(self._writes, to_xml),
                Form.COT_PROTOBUF: partial(
                    self._writes, lambda report: stream_frame(to_protobuf(report))
                ),
            },
            words=self.words,
            flush_interval=0.005,
            schedule=lambda _, run: self.timers.append(run),
        )
        self.bridge = Bridge(
            node="NZL-TEST",
            clock=self.clock,
            intake=Intake(
                intake or IntakeSettings(), picture=self.picture, journal=self, hub=self.hub
            ),
            hub=self.hub,
            picture=self.picture.everything,
            is_congested=lambda: self.is_congested,
            outbox=outbox or OutboxSettings(),
            cot=cot or CotSettings(),
            log=Log(self.clock),
        )

    def _writes(self, write: Callable[[Report], bytes], report: Report) -> bytes:
        return b"" if report.uid in self.unwritable else write(report)

    def append(self, sequence: int, report: Report) -> bool:
        self.kept.append(report)
        return sequence > 0

    def tick(self) -> None:
        """Let the hub write what is pending."""
        timers, self.timers = self.timers, []
        for run in timers:
            run()

    def connect(
        self,
        name: str,
        *,
        room: int | None = None,
        over_websocket: bool = False,
        **of_principal: Any,
    ) -> tuple[TakSession, FakePeer]:
        """A client that has just connected, and has been sent what a newcomer is sent."""
        peer = FakePeer(room)
        session = TakSession(
            self.bridge,
            peer,
            principal=a_principal(name, **of_principal),
            channel="cot-tls",
            address=f"192.0.2.1:{len(self.bridge.sessions)}",
            over_websocket=over_websocket,
        )
        peer.session = session
        session.open()
        return session, peer

    def join(self, name: str, **more: Any) -> tuple[TakSession, FakePeer]:
        """A client that has connected some time ago."""
        session, peer = self.connect(name, **more)
        peer.take()
        return session, peer


async def until(holds: Callable[[], bool]) -> None:
    """Let the event loop run until something holds; a test's own limit ends the waiting."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  what is waited for knows no event
            await asyncio.sleep(0)


def around_of(node: FakeNode) -> Around:
    """Return what a page of the node asks of tracks; nobody asks for a story."""
    return Around(
        picture=node.picture,
        settings=PictureSettings(),
        shelves=cast("Any", None),
        form_of=lambda _: None,
        clock=node.clock,
    )


def a_principal(name: str, **changes: Any) -> Principal:
    values: dict[str, Any] = {"groups": {"Blue": Direction.BOTH}, **changes}
    return Principal(name=name, **values)


def a_door(node: FakeNode, **changes: Any) -> Door:
    values: dict[str, Any] = {
        "bridge": node.bridge,
        "channel": "cot-tcp",
        "settings": ConnectionSettings(),
        "admit": None,
        "anonymous": ANONYMOUS,
    }
    return Door(**{**values, **changes})


def run_on(loop: str, main: Callable[[], Any]) -> None:
    """Run on one of the event loops that the node may run on."""
    factory = asyncio.new_event_loop
    if loop == "uvloop":
        factory = pytest.importorskip("uvloop", reason="no uvloop here").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main())
