"""One TAK client on one connection: read, write, keep in step with the protocol it speaks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from accord.core.body import Message
from accord.core.clock import Clock
from accord.core.principal import Principal
from accord.core.report import Address, AddressKind, Form, Report, Source
from accord.core.track import Track
from accord.live.hub import Hub, Receiver
from accord.live.intake import Intake, Speaker
from accord.live.outbox import Outbox, OutboxSettings, Written
from accord.live.taken import Line, Taken
from accord.observe.log import Log
from accord.wire.cot import xml
from accord.wire.cot.addressing import partner
from accord.wire.cot.detail import Announcement, announcement, missions_named
from accord.wire.cot.message import UNKNOWN, CotEvent, CotPoint
from accord.wire.cot.stream import CotStream
from accord.wire.cot.translate import to_report, to_report_like
from accord.wire.errors import WireError

DEPARTURE_STALE = timedelta(seconds=20)
"""Validity of a server's own notices (TAK Server uses 20 s)."""

MAX_REMEMBERED = 4096
"""Bytes of an original that are kept with a contact; to take out fewer costs more than they do."""

READ_AGAIN_AFTER = 0.02
"""Seconds a client is not read while the journal catches up."""


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

    def abort(self) -> None:
        """End the connection now."""
        ...


class ToMissions(Protocol):
    """Takes in what is said into missions."""

    def __call__(self, session: "TakSession", event: CotEvent, names: frozenset[str]) -> None:
        """Take an event for the missions of these names or guids. Raises WireError."""
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
    sessions: "set[TakSession]" = field(
        default_factory=lambda: set[TakSession]()  # noqa: PLW0108  it comes further down
    )
    ended: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    closing: "Callable[[TakSession], None] | None" = None
    """Is told of every session that ends, while it still knows what it said."""
    acting: Callable[[Principal], Principal] = lambda principal: principal
    """Gives a client as it acts: with the channels that it has not switched off."""
    to_missions: ToMissions | None = None
    """Takes what clients say into missions, where the node keeps any."""

    def refuse(self, reason: str, address: str, owner: str = "") -> None:
        """Count and log a client that is not let in; `owner` is what its certificate says."""
        self.ended[reason] += 1
        said = {"certificate": owner} if owner else {}
        self.log.burst("client refused", address=address, reason=reason, **said)


def spell_address(peer: Sequence[str | int] | None) -> str:
    """Return a socket's address as text, `unknown` where it has none."""
    if not peer:
        return "unknown"
    host = str(peer[0]).removeprefix("::ffff:")
    return f"[{host}]:{peer[1]}" if ":" in host else f"{host}:{peer[1]}"


class _Contact(NamedTuple):
    """Somebody the client speaks for: the newest position, who it says it is, and what it repeats.

    `first` is the event that the newest position repeats, or its own.
    """

    last: Report
    said: Announcement
    first: CotEvent


class TakSession:
    """Speaks CoT with one client over any ordered connection (TCP, TLS, WebSocket).

    The rim calls `open`, `receive`, `pause`, `resume`, `leaving` and `closed`; it never raises to
    the rim.
    """

    __slots__ = (
        "__weakref__",
        "_acting", "_bridge", "_contacts", "_end_reason", "_is_leaving", "_joins", "_named",
        "_peer", "_stream", "address", "channel", "opened", "principal", "receiver", "speaker",
    )  # fmt: skip

    def __init__(
        self, bridge: Bridge, peer: Peer, *, principal: Principal, channel: str, address: str,
        over_websocket: bool = False,
    ) -> None:  # fmt: skip
        self._bridge = bridge
        self._peer = peer
        self._stream = CotStream(
            max_event_bytes=bridge.cot.max_event_bytes,
            max_depth=bridge.cot.max_depth,
            offers_protobuf=bridge.cot.offer_protobuf,
            always_protobuf=over_websocket,
        )
        self._joins = not over_websocket
        self._contacts: dict[str, _Contact] = {}
        self._named: Counter[Address] = Counter()
        self._end_reason = ""
        self._is_leaving = False
        self.principal = principal
        self._acting = acting = bridge.acting(principal)
        self.channel = channel
        self.address = address
        self.opened: datetime = bridge.clock.now()
        form = Form.COT_PROTOBUF if over_websocket else Form.COT_XML
        outbox = Outbox(bridge.outbox, form=form, write=self._write, overflow=self.end)
        self.receiver = Receiver(principal=acting, outbox=outbox)
        self.speaker = Speaker(
            principal=acting,
            source=Source(node=bridge.node, channel=channel, speaker=principal.name),
            receiver=self.receiver,
        )

    @property
    def callsign(self) -> str | None:
        """What the client calls itself, once it has said so."""
        own = self._own
        return own.last.identity.callsign if own else None

    @property
    def uid(self) -> str | None:
        """The client's own uid, once it has said so."""
        own = self._own
        return own.last.uid if own else None

    @property
    def clock_ahead(self) -> timedelta:
        """How far the client's clock was ahead of ours at its newest position; behind is less."""
        own = self._own
        return own.last.time - own.last.received if own else timedelta(0)

    def teams(self) -> frozenset[str]:
        """Return the teams of the contacts that it speaks for."""
        return frozenset(each.said.team for each in self._contacts.values())

    def contacts(self) -> Iterator[tuple[Report, CotEvent]]:
        """Yield the newest position of each contact, and the event that says who it is."""
        for uid, each in self._contacts.items():
            if uid in self.speaker.contacts:
                yield each.last, each.first

    @property
    def _own(self) -> "_Contact | None":
        """The client itself: of the contacts it speaks for, the first."""
        return next(iter(self._contacts.values()), None)

    @property
    def speaks_protobuf(self) -> bool:
        """Whether the client is sent TAK protocol version 1."""
        return self.receiver.outbox.form is Form.COT_PROTOBUF

    def regroup(self, notice: Report | None) -> None:
        """Act with the channels that are on now: tell the client, and send it the picture anew.

        Without a notice it knows, for it has asked for them itself.
        """
        bridge = self._bridge
        self._acting = self.speaker.principal = bridge.acting(self.principal)
        if notice is not None:
            bridge.hub.tell(self.receiver, notice)
        bridge.hub.regroup(self.receiver, self._acting, bridge.picture())
        # What a position repeats was said into the channels of before.
        self._contacts = {
            uid: each._replace(last=replace(each.last, groups=self._acting.speaks_in))
            for uid, each in self._contacts.items()
        }

    def watch(self, line: Line) -> None:
        """Give words again that the client's system is not known to have when it has gone."""
        limit = self._bridge.outbox.words_watched
        self.receiver.outbox.taken = Taken(line, self._bridge.hub.watch, limit=limit)

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
        if self._end_reason:
            return True
        self.receiver.outbox.heard()
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
        known = None if event.repeats is None else self._contacts.get(event.uid)
        if known is not None and known.first is event.repeats:
            report, said = to_report_like(known.last, event, now), known.said
        else:
            missions = missions_named(event)
            if missions and self._bridge.to_missions is not None:
                self._bridge.to_missions(self, event, missions)
                return
            report = to_report(
                event, source=speaker.source, groups=self._acting.speaks_in, received=now
            )
            if report.to and isinstance(report.body, Message):
                report = self._bridge.hub.meant(report, partner(event))
            said = announcement(event) if report.author == report.uid else None
        intake = self._bridge.intake
        if said is not None and self._acting.only_hears:
            if intake.knows_listener(speaker, report):
                self._note_contact(report, said, event)
            return
        refused = intake.accept(report, speaker)
        if refused is not None:
            self._bridge.log.burst(
                "refused", client=self.principal.name, reason=refused, uid=report.uid
            )
        elif said is not None:
            self._note_contact(report, said, event)

    def _note_contact(self, report: Report, said: Announcement, event: CotEvent) -> None:
        """Remember a contact's own position; the client answers to the names given there."""
        contacts = self._contacts
        before = contacts.get(said.uid)
        contacts[said.uid] = _Contact(_remembered(report), said, event.repeats or event)
        if before is not None and (before.said is said or before.said == said):
            return
        if len(contacts) > len(self.speaker.contacts):  # another connection has taken some over
            contacts = {u: each for u, each in contacts.items() if u in self.speaker.contacts}
            self._contacts = contacts
            named = Counter(name for each in contacts.values() for name in _names(each.said))
            self._named = named
            self._bridge.hub.address(self.receiver, named)
        else:
            self._rename(() if before is None else _names(before.said), _names(said))

    def _rename(self, before: Iterable[Address], now: Iterable[Address]) -> None:
        """Tell only what changed: a gateway may have a thousand contacts, each with its names."""
        named, new, gone = self._named, set[Address](), set[Address]()
        for name in now:
            named[name] += 1
            if named[name] == 1:
                new.add(name)
        for name in before:
            named[name] -= 1
            if not named[name]:
                del named[name]
                gone.add(name)
        self._bridge.hub.readdress(self.receiver, new=new, gone=gone)

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
        self._bridge.hub.settle(self.receiver)
        self._peer.write(replies)
        if switches:
            outbox.form = Form.COT_PROTOBUF

    def _write(self, batch: Written) -> None:
        if self._joins:
            self._peer.write(batch.joined())
        else:
            for data in batch:
                self._peer.write(data)

    def pause(self) -> None:
        """Hold what is for the client: it does not read as fast as it is written to."""
        self.receiver.outbox.pause()

    def resume(self) -> None:
        """Go on: the client reads again."""
        if not self._is_leaving:
            self.receiver.outbox.resume()

    def leaving(self) -> None:
        """Write nothing more: the connection is about to end, and can still tell what it took."""
        self._is_leaving = True
        self.receiver.outbox.pause()
        self.receiver.outbox.look()

    def end(self, reason: str) -> None:
        """End the connection for a stated, counted reason."""
        if not self._end_reason:
            self._end_reason = reason
            self.leaving()
            self._bridge.log.event("client cut off", client=self.principal.name, reason=reason)
            # What is queued for a client that does not read would keep the connection open.
            self._peer.abort()

    def closed(self, error: str = "") -> None:
        """Free the client's names and tell those who saw it; the connection is gone."""
        bridge = self._bridge
        if self not in bridge.sessions:
            return
        bridge.sessions.discard(self)
        if bridge.closing is not None:
            bridge.closing(self)
        bridge.ended[
            self._end_reason or ("connection broken" if error else "closed by the client")
        ] += 1
        self.receiver.outbox.close(is_orderly=not (error or self._end_reason))
        bridge.hub.leave(self.receiver)
        gone = [each.last for uid, each in self._contacts.items() if uid in self.speaker.contacts]
        if self._acting.only_hears:  # nobody was told that he was there
            gone = []
        bridge.intake.forget(self.speaker)
        now = bridge.clock.now()
        for last in gone:
            bridge.hub.publish(_departure(last, now))


def _remembered(report: Report) -> Report:
    """Return the report without the bytes that it came as, where these are many."""
    original = report.original
    if original is None or len(original.data) <= MAX_REMEMBERED:
        return report
    return replace(report, original=None)


def _names(said: Announcement) -> Iterator[Address]:
    yield Address(AddressKind.UID, said.uid)
    if said.callsign:
        yield Address(AddressKind.CALLSIGN, said.callsign)
    if said.team:
        yield Address(AddressKind.TEAM, said.team)


def _departure(last: Report, now: datetime) -> Report:
    """Tell clients that a contact has disconnected, as TAK Server does (t-x-d-d, relation p-p).

    It is not journaled and removes nothing from the picture: the last position stays until stale.
    """
    opex = last.marking.opex
    link = {"uid": last.uid, "type": last.kind.text, "relation": "p-p"}
    event = xml.compose(
        uid=f"{last.uid[: xml.MAX_UID - 5]}-gone",
        type="t-x-d-d",
        how="h-g-i-g-o",
        time=now,
        start=now,
        stale=now + DEPARTURE_STALE,
        point=CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN),
        detail=xml.element("link", link),
        marks={"opex": None if opex is None else str(opex)},
    )
    said = to_report(xml.read(event), source=last.source, groups=last.groups, received=now)
    return replace(said, to=last.to)  # whoever was not sent the position has nothing to forget
