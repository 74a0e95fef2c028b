"""One TAK client on one connection: read, write, keep in step with the protocol it speaks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from accord.core.body import Position, Removal
from accord.core.clock import Clock
from accord.core.identity import UNKNOWN_IDENTITY
from accord.core.kind import Kind
from accord.core.marking import UNMARKED
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Form, Report, Source
from accord.core.track import Track
from accord.live.hub import Hub, Receiver
from accord.live.intake import Intake, Speaker
from accord.live.outbox import Outbox, OutboxSettings
from accord.observe.log import Log
from accord.wire.cot.detail import announcement
from accord.wire.cot.message import CotEvent
from accord.wire.cot.stream import CotStream
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

DEPARTURE_STALE = timedelta(seconds=20)
"""Validity of a server's own notices (TAK Server uses 20 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CotSettings:
    """What one CoT connection may send."""

    max_event_bytes: int = field(
        default=1 << 20, metadata={"doc": "bytes of one event; beyond, the event is skipped"}
    )
    max_depth: int = field(
        default=64, metadata={"doc": "levels of XML in one event; beyond, the event is refused"}
    )
    offer_protobuf: bool = field(
        default=True, metadata={"doc": "offer TAK protocol version 1 to every stream client"}
    )


class Peer(Protocol):
    """The connection under a session, as far as the session needs it."""

    def write(self, data: bytes) -> None:
        """Queue bytes for the client."""
        ...

    def close(self) -> None:
        """End the connection after what is queued."""
        ...

    def abort(self) -> None:
        """End the connection now."""
        ...


@dataclass(slots=True, kw_only=True)
class Bridge:
    """What every session shares: the doors in and out, and who is connected."""

    node: str
    clock: Clock
    intake: Intake
    hub: Hub
    picture: Callable[[], list[Track]]
    is_congested: Callable[[], bool]
    outbox: OutboxSettings
    cot: CotSettings
    log: Log
    sessions: "set[TakSession]" = field(default_factory=set)
    ended: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])


class TakSession:
    """Speaks CoT with one client over any ordered connection (TCP, TLS, WebSocket).

    The rim calls `open`, `receive`, `pause`, `resume` and `closed`; it never raises to the rim.
    """

    __slots__ = (
        "_bridge", "_cot_uid", "_end_reason", "_last_position", "_peer", "_stream", "address",
        "channel", "opened", "principal", "receiver", "speaker",
    )  # fmt: skip

    def __init__(
        self, bridge: Bridge, peer: Peer, *, principal: Principal, channel: str, address: str,
        always_protobuf: bool = False,
    ) -> None:  # fmt: skip
        self._bridge = bridge
        self._peer = peer
        self._stream = CotStream(
            max_event_bytes=bridge.cot.max_event_bytes,
            max_depth=bridge.cot.max_depth,
            offers_protobuf=bridge.cot.offer_protobuf,
            always_protobuf=always_protobuf,
        )
        self._last_position: Report | None = None
        self._end_reason = ""
        self.principal = principal
        self.channel = channel
        self.address = address
        self.opened: datetime = bridge.clock.now()
        form = Form.COT_PROTOBUF if always_protobuf else Form.COT_XML
        outbox = Outbox(bridge.outbox, form=form, write=self._write, overflow=self.end)
        self.receiver = Receiver(principal=principal, outbox=outbox)
        self.speaker = Speaker(
            principal=principal,
            source=Source(node=bridge.node, channel=channel, speaker=principal.name),
            receiver=self.receiver,
        )

    @property
    def callsign(self) -> str | None:
        """What the client calls itself, once it has said so."""
        report = self._last_position
        return report.identity.callsign if report else None

    @property
    def uid(self) -> str | None:
        """The client's own uid, once it has said so."""
        return self._last_position.uid if self._last_position else None

    @property
    def speaks_protobuf(self) -> bool:
        """Whether the client is sent TAK protocol version 1."""
        return self.receiver.outbox.form is Form.COT_PROTOBUF

    def open(self) -> None:
        """Send the current picture, then the offer of protobuf, then live traffic."""
        bridge = self._bridge
        bridge.sessions.add(self)
        bridge.hub.join(self.receiver, bridge.picture())
        greeting = self._stream.greeting(bridge.clock.now())
        if greeting:
            self._peer.write(greeting)

    def receive(self, data: bytes) -> bool:
        """Take bytes from the client. Return False when it should not be read for a while."""
        bridge = self._bridge
        now = bridge.clock.now()
        stream = self._stream
        for event in stream.receive(data, now):
            try:
                self._take(event, now)
            except WireError as error:
                self._note_fault(error)
        replies = stream.take_replies()
        if replies:
            self._reply(replies)
        for fault in stream.take_faults():
            self._note_fault(fault)
        if stream.is_lost:
            self.end("framing lost")
        return not bridge.is_congested()

    def _take(self, event: CotEvent, now: datetime) -> None:
        speaker = self.speaker
        report = to_report(
            event, source=speaker.source, groups=self.principal.speaks_in, received=now
        )
        refused = self._bridge.intake.accept(report, speaker)
        if refused is not None:
            self._bridge.log.burst(
                "refused", client=self.principal.name, reason=refused, uid=report.uid
            )
        elif report.author == report.uid and isinstance(report.body, Position):
            self._note_position(event, report)

    def _note_position(self, event: CotEvent, report: Report) -> None:
        """Remember the client's own position; it answers to the names it gives there."""
        before = self._last_position
        self._last_position = report
        if before is not None and before.identity == report.identity and before.uid == report.uid:
            return
        said = announcement(event)
        if said is None:
            return
        addresses = {
            Address(AddressKind.UID, said.uid),
            Address(AddressKind.CALLSIGN, said.callsign),
        }
        if said.team:
            addresses.add(Address(AddressKind.TEAM, said.team))
        self._bridge.hub.address(self.receiver, addresses)

    def _note_fault(self, fault: WireError) -> None:
        self._bridge.faults[fault.reason] += 1
        self.speaker.refused[fault.reason] += 1
        self._bridge.log.burst(
            "unreadable", client=self.principal.name, address=self.address,
            reason=fault.reason, detail=str(fault),
        )  # fmt: skip

    def _reply(self, replies: bytes) -> None:
        """Answer in the form agreed so far; what follows a switch is in the new form.

        Reports wait in the outbox unencoded, so none is written in the wrong form.
        """
        outbox = self.receiver.outbox
        switches = self._stream.speaks_protobuf and outbox.form is not Form.COT_PROTOBUF
        if outbox.is_paused and not switches:
            # Answers to a client that pings and does not read would pile up without a limit.
            self._bridge.faults["answers withheld from clients that do not read"] += 1
            return
        outbox.flush()
        self._peer.write(replies)
        if switches:
            outbox.form = Form.COT_PROTOBUF

    def _write(self, batch: list[bytes]) -> None:
        self._peer.write(batch[0] if len(batch) == 1 else b"".join(batch))

    def pause(self) -> None:
        """Hold what is for the client: it does not read as fast as it is written to."""
        self.receiver.outbox.pause()

    def resume(self) -> None:
        """Go on: the client reads again."""
        self.receiver.outbox.resume()

    def end(self, reason: str) -> None:
        """End the connection for a stated, counted reason."""
        if not self._end_reason:
            self._end_reason = reason
            self._bridge.log.event("client cut off", client=self.principal.name, reason=reason)
            # What is queued for a client that does not read would keep the connection open.
            self._peer.abort()

    def closed(self, error: str = "") -> None:
        """Free the client's names and tell those who saw it; the connection is gone."""
        bridge = self._bridge
        if self not in bridge.sessions:
            return
        bridge.sessions.discard(self)
        bridge.ended[
            self._end_reason or ("connection broken" if error else "closed by the client")
        ] += 1
        bridge.hub.leave(self.receiver)
        still_known = self.uid is not None and self.uid in self.speaker.contacts
        bridge.intake.forget(self.speaker)
        if self._last_position is not None and still_known:
            bridge.hub.publish(_departure(self._last_position, bridge.clock.now()))


def _departure(last: Report, now: datetime) -> Report:
    """Tell clients that a contact has disconnected, as TAK Server does (t-x-d-d, relation p-p).

    It is not journaled and removes nothing from the picture: the last position stays until stale.
    """
    return Report(
        uid=f"{last.uid}-gone",
        context=last.context,
        kind=Kind.of("t-x-d-d"),
        how="h-g-i-g-o",
        time=now,
        start=now,
        stale=now + DEPARTURE_STALE,
        received=now,
        body=Removal(target=last.uid),
        identity=UNKNOWN_IDENTITY,
        marking=UNMARKED if last.marking.opex is None else last.marking,
        source=last.source,
        groups=last.groups,
    )
