"""Several nodes in one process, joined by a network that cuts, delays, shapes and loses sessions.

Frames go through the real codec, signed by what anybody could forge and nobody does. One seed makes
one history: nothing reads a clock, and what is random comes from `random.Random`.
"""

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import cbor2

from accord.core.agreement import Reason, Withheld
from accord.core.body import Alarm, Message, Position, Removal
from accord.core.form import EVERYTHING, ReleaseForm
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.core.report import Report, Source
from accord.federation.carried import Carried
from accord.federation.coalition import Coalition
from accord.federation.effect import (
    Accept,
    Broken,
    Effect,
    FileComplete,
    FileOffered,
    Left,
    Recalled,
)
from accord.federation.held import HeldSync, Plain
from accord.federation.moment import Moment
from accord.federation.outgoing import Outgoing
from accord.federation.settings import SyncSettings
from accord.federation.sync import Pair, PartnerSync
from accord.federation.version import HybridClock, ObjectKey
from accord.release.decide import _TOKEN, Released  # pyright: ignore[reportPrivateUsage]
from accord.wire.peer.decode import Decoder
from accord.wire.peer.encode import Encoder, header_digest
from accord.wire.peer.frame import Frame, Handles, Known
from accord.wire.peer.message import Forwarded, Held, PeerMessage, Relayed
from accord.wire.peer.proof import hop_bytes
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.record import Evidence, Hop, Outcome, Statement
from accord.wire.peer.report import Header, Object
from support.builders import a_report
from support.peer import is_signed, signer

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEA, AIR = "a-f-S", "a-f-A"
EXACT = ReleaseForm(name="exact", exact=True, keep=EVERYTHING)
OWN_WORDS = ReleaseForm(name="own words", keep=EVERYTHING)
"""Leaves everything as it is, and yet is not the maker's words any more."""
SMALL = SyncSettings(retry=1.0, linger=0.0)


def agreement(giver: str, receiver: str, serial: int = 1) -> Held:
    """What both nodes hold of one direction; another serial is another text."""
    name = f"{giver}>{receiver}"
    return Held(name, serial, f"{name} {serial}".encode().ljust(32, b"."))


def short(held: Held) -> bytes:
    return held.digest[:AGREEMENT]


def released(
    report: Report, held: Held, receiver: str, *, clause: str = "1", form: ReleaseForm = EXACT
) -> Released:
    """A release that no agreement was asked about: only tests can make one."""
    return Released(
        report=report, form=form, clause=clause, agreement=held.id, serial=held.serial,
        partner=receiver, token=_TOKEN,
    )  # fmt: skip


@dataclass
class Policy:
    """What one node releases to one partner: kinds, each under a clause of its own."""

    giver: str
    receiver: str
    held: Held
    kinds: set[str] = field(default_factory=set[str])
    form: ReleaseForm = EXACT
    asked: int = 0
    instead: Callable[[Report, datetime], Released | Withheld] | None = None

    def permits(self, report: Report) -> bool:
        return any(report.kind.is_a(kind) for kind in self.kinds)

    def decide(self, report: Report, at: datetime) -> Released | Withheld:
        self.asked += 1
        if self.instead is not None:
            return self.instead(report, at)
        if not self.permits(report):
            return Withheld(reason=Reason.NOT_PERMITTED)
        clause = "1" if report.kind.is_a(SEA) else "2"
        return released(report, self.held, self.receiver, clause=clause, form=self.form)


@dataclass
class Disk:
    """What a node has written: all of it after a while, in order."""

    given: int = 0
    settled: int = 0


@dataclass
class Kept:
    """What is on the disk of one link: all of it at some time, and what happened since."""

    held: HeldSync
    changes: list[Plain] = field(default_factory=list[Plain])


Believed = tuple[Version, Report, Carried | None]


class Node:
    """One nation's node: what it believes, and a sync for each partner.

    What it accepts is on its disk after `network.commit` seconds, and is offered then.
    """

    def __init__(self, network: "Network", name: str, epoch: int = 1) -> None:
        self.network = network
        self.name = name
        self.epoch = epoch
        self.counts: Counter[str] = Counter()
        self.disk = Disk()
        self.coalition = Coalition(
            limit=100_000, silent_after=network.settings.silent_after, disk=self.disk
        )
        self.clock = HybridClock(epoch, limit=100_000)
        self.syncs: dict[str, PartnerSync] = {}
        self.policies: dict[str, Policy] = {}
        self.picture: dict[ObjectKey, Believed] = {}
        self.written: dict[ObjectKey, Believed] = {}
        self.unwritten: deque[tuple[ObjectKey, Believed | None]] = deque()
        self.kept: dict[str, Kept] = {}
        self.is_dead = False
        self.accepted: list[Accept] = []
        self.effects: list[Effect] = []
        self.skew = timedelta(0)
        self.unknown: frozenset[str] = frozenset()
        self.on_recall = Outcome.DROPPED

    def link_to(self, partner: str, kinds: set[str]) -> None:
        policy = Policy(self.name, partner, agreement(self.name, partner), kinds)
        self.policies[partner] = policy
        sync = PartnerSync(
            Pair(own=self.name, partner=partner, epoch=self.epoch),
            self.network.settings,
            decide=policy.decide,
            coalition=self.coalition,
            random=self.network.random.randbytes,
            counts=self.counts,
        )
        sync.agree([policy.held], [agreement(partner, self.name)])
        self.syncs[partner] = sync
        self.keep(partner)

    @property
    def now(self) -> Moment:
        return Moment(
            START + timedelta(seconds=self.network.seconds) + self.skew, self.network.seconds
        )

    def say(self, report: Report) -> Version:
        """Accept a report of this node's own."""
        version = self.clock.version((report.context, report.uid), self.now.at)
        self.network.truth[self.name, report.uid, version] = report
        key = ObjectKey(self.name, str(report.context), report.uid)
        self._believe(key, (version, report, None))
        return version

    def _believe(self, key: ObjectKey, it: Believed | None) -> None:
        """Believe something, or no more; what is on the disk is offered to the partners."""
        if it is None:
            self.picture.pop(key, None)
        else:
            self.picture[key] = it
        self.disk.given += 1
        self.unwritten.append((key, it))
        if self.network.commit:
            self.network.at(self.network.seconds + self.network.commit, self.write)
        else:
            self.write()

    def write(self) -> None:
        """Write the first of what waits for the disk, and offer it."""
        if self.is_dead or not self.unwritten:
            return
        key, it = self.unwritten.popleft()
        self.disk.settled += 1
        if it is None:
            self.written.pop(key, None)
        else:
            self.written[key] = it
            version, report, carried = it
            self.tell(report, version, carried)
        self.note_down()

    def keep(self, *partners: str) -> None:
        """Write down all that a link must remember, as a node does now and then."""
        for partner in partners or self.syncs:
            self.syncs[partner].changes()
            self.kept[partner] = Kept(self.syncs[partner].held())

    def note_down(self) -> None:
        """Write down what happened to the links since, as a node does before anything goes."""
        for partner, sync in self.syncs.items():
            self.kept[partner].changes += sync.changes()

    def track(self, uid: str, lat: float, kind: str = SEA) -> Version:
        source = Source(node=self.name, channel="tak", speaker="x")
        at = self.now.at
        return self.say(
            a_report(uid, at=at, kind=Kind.of(kind), source=source, groups=frozenset(),
                     body=Position(point=Point(lat=lat, lon=170.0)))
        )  # fmt: skip

    def chat(self, uid: str, text: str = "Kia ora", kind: str = SEA) -> Version:
        return self._speak(uid, Message(text=text, sender=self.name, room="All"), kind)

    def mayday(self, uid: str, kind: str = SEA, **changes: object) -> Version:
        return self._speak(uid, Alarm(category="911"), kind, **changes)

    def remove(self, uid: str, target: str, kind: str = SEA) -> Version:
        return self._speak(uid, Removal(target=target), kind)

    def _speak(self, uid: str, body: Message | Alarm | Removal, kind: str,
               **changes: object) -> Version:  # fmt: skip
        source = Source(node=self.name, channel="tak", speaker="x")
        report = a_report(uid, at=self.now.at, kind=Kind.of(kind), source=source, body=body,
                          groups=frozenset())  # fmt: skip
        return self.say(replace(report, **changes))  # pyright: ignore[reportArgumentType]

    def tell(self, report: Report, version: Version, carried: Carried | None) -> None:
        for sync in self.syncs.values():
            sync.note(report, version, self.now, carried)

    def carry_out(self, effect: Effect, partner: str) -> None:
        self.effects.append(effect)
        if isinstance(effect, Accept):
            self._accept(effect)
        elif isinstance(effect, Recalled):
            for key in effect.keys:
                self._believe(key, None)
            self.syncs[partner].answer(effect.digest, self.on_recall, len(effect.keys), self.now)
        elif isinstance(effect, FileOffered):
            self.syncs[partner].want_file(effect.offer.digest)
        elif isinstance(effect, Broken | Left):
            self.network.cut(self.name, partner)

    def _accept(self, effect: Accept) -> None:
        self.accepted.append(effect)
        self._believe(_key(effect), (effect.version, effect.report, effect.carried))

    def has(self, origin: str, uid: str) -> Version | None:
        found = self.picture.get(ObjectKey(origin, "live", uid))
        return None if found is None else found[0]

    def files(self) -> list[FileComplete]:
        return [each for each in self.effects if isinstance(each, FileComplete)]

    def of(self, kind: type[Effect]) -> list[Effect]:
        return [each for each in self.effects if isinstance(each, kind)]

    def held(self) -> dict[str, HeldSync]:
        return {name: sync.held() for name, sync in self.syncs.items()}

    def kill(self) -> "Node":
        """The node after a kill -9: what was on its disk is there, and nothing else."""
        self.is_dead = True
        self.network.cut_all(self.name)
        again = Node(self.network, self.name, self.epoch)
        lost = {(key, it[0]) for key, it in self.unwritten if it is not None}
        again.effects = self.effects
        # A state may come again: nobody believes anything else for it.
        again.accepted = [
            each
            for each in self.accepted
            if not isinstance(each.report.body, Position) and (_key(each), each.version) not in lost
        ]
        self.network.nodes[self.name] = again
        again.picture, again.written = dict(self.written), dict(self.written)
        for partner, policy in self.policies.items():
            again.link_to(partner, policy.kinds)
            kept = self.kept[partner]
            sync = again.syncs[partner]
            sync.restore(HeldSync.from_tuple(_through_cbor(kept.held.to_tuple())), again.now)
            changes = [_through_cbor(each) for each in kept.changes]
            sync.redo(changes, again.now, kept.held.epoch)
            again.keep(partner)
        for key, (version, report, carried) in again.picture.items():
            if key.origin == self.name:
                again.clock.had((report.context, report.uid), version)
                if isinstance(report.body, Position):
                    again.tell(report, version, carried)
        return again

    def stop(self) -> dict[str, HeldSync]:
        """End in good order, and return what is kept of the links."""
        while self.unwritten:
            self.write()
        for sync in self.syncs.values():
            assert sync.is_settled()
        return self.held()

    def restart(self, held: dict[str, HeldSync] | None, epoch: int | None = None) -> "Node":
        """The node after its process died: the picture comes back, and of links what was kept."""
        self.is_dead = True
        self.network.cut_all(self.name)
        again = Node(self.network, self.name, self.epoch if epoch is None else epoch)
        again.accepted, again.effects = self.accepted, self.effects
        self.network.nodes[self.name] = again
        for partner, policy in self.policies.items():
            again.link_to(partner, policy.kinds)
            if held is not None:
                kept = HeldSync.from_tuple(held[partner].to_tuple())
                again.syncs[partner].restore(kept, again.now)
            again.keep(partner)
        again.picture, again.written = dict(self.picture), dict(self.written)
        for key, (version, report, carried) in self.picture.items():
            if key.origin == self.name:
                again.clock.had((report.context, report.uid), version)
            if isinstance(report.body, Position):
                again.tell(report, version, carried)
        return again


def _key(effect: Accept) -> ObjectKey:
    subject = effect.carried.subject
    assert subject is not None
    return ObjectKey(subject.origin, subject.context, subject.uid)


def _through_cbor(value: Plain) -> Plain:
    return cbor2.loads(cbor2.dumps(value))


@dataclass
class Line:
    """Two ends that can be joined: one session after the other, each a stream both ways."""

    ends: tuple[str, str]
    delay: float = 0.01
    rate: float | None = None
    """Bytes a second, each way; None: as many as come."""
    session: int = 0
    is_up: bool = False
    sent: Counter[str] = field(default_factory=Counter[str])
    busy_until: dict[str, float] = field(default_factory=dict[str, float])
    encoders: dict[str, Encoder] = field(default_factory=dict[str, Encoder])
    decoders: dict[str, Decoder] = field(default_factory=dict[str, Decoder])


class Network:
    """Time, nodes and lines. `watch` sees every frame as it is sent."""

    def __init__(
        self, seed: int = 1, settings: SyncSettings = SMALL, *, commit: float = 0.0
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311  a seed makes a history
        self.settings = settings
        self.commit = commit
        self.seconds = 0.0
        self.nodes: dict[str, Node] = {}
        self.lines: dict[frozenset[str], Line] = {}
        self.truth: dict[tuple[str, str, Version], Report] = {}
        self.sent: list[tuple[str, str, Outgoing]] = []
        self.watch: Callable[[str, str, Outgoing], None] = lambda *_: None
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0

    def node(self, name: str) -> Node:
        self.nodes[name] = Node(self, name)
        return self.nodes[name]

    def link(
        self, a: str, b: str, kinds: set[str] | None = None, *, delay: float = 0.01,
        rate: float | None = None,
    ) -> None:  # fmt: skip
        """Let two nodes release the kinds to each other, and join them."""
        wanted = {SEA, AIR} if kinds is None else kinds
        self.nodes[a].link_to(b, set(wanted))
        self.nodes[b].link_to(a, set(wanted))
        self.lines[frozenset((a, b))] = Line((a, b), delay, rate)
        self.join(a, b)

    def join(self, a: str, b: str) -> bool:
        """Begin a session, unless there is one; False where one end refuses."""
        line = self.lines[frozenset((a, b))]
        if line.is_up:
            return True
        line.session += 1
        hellos = {name: self._sync(name, line).hello(self.nodes[name].now) for name in line.ends}
        for name in line.ends:
            self.nodes[name].note_down()
        refused = [
            self._sync(name, line).connected(hellos[other], self.nodes[name].now, hellos[name])
            for name, other in (line.ends, line.ends[::-1])
        ]
        if any(refused):
            for name in line.ends:
                self._sync(name, line).disconnected(self.nodes[name].now)
            return False
        line.is_up = True
        line.busy_until.clear()
        session = line.session.to_bytes(16)
        for name, other in (line.ends, line.ends[::-1]):
            given = self._seeded(self._sync(name, line).given())
            taken = self._seeded(self._sync(name, line).taken())
            line.encoders[name] = Encoder(
                session=session, sender=name, receiver=other, sign=signer(name), handles=given
            )
            line.encoders[name].limit = hellos[other].frame
            line.decoders[name] = Decoder(
                session=session, sender=other, receiver=name, verify=is_signed, handles=taken
            )
        self.pump()
        return True

    def _seeded(self, objects: tuple[Object, ...]) -> Handles:
        handles = Handles(limit=self.settings.max_objects)
        entries: dict[int, Known] = {}
        for each in objects:
            assert isinstance(each.header, Header)
            entries[each.handle] = Known(each.header, header_digest(each.header))
        if entries:
            handles.put(entries)
        return handles

    def _sync(self, name: str, line: Line) -> PartnerSync:
        other = line.ends[1] if line.ends[0] == name else line.ends[0]
        return self.nodes[name].syncs[other]

    def cut(self, a: str, b: str) -> None:
        """End the session: what is on its way is lost."""
        line = self.lines[frozenset((a, b))]
        if not line.is_up:
            return
        line.is_up = False
        line.session += 1
        for name in line.ends:
            self._sync(name, line).disconnected(self.nodes[name].now)
        self.pump()

    def cut_all(self, name: str) -> None:
        for pair in self.lines:
            if name in pair:
                self.cut(*pair)

    def heal(self) -> None:
        for pair in self.lines:
            self.join(*pair)

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (seconds, self._order, action))

    def run(self, seconds: float) -> None:
        """Let that much time pass."""
        end = self.seconds + seconds
        while True:
            self.pump()
            due = self._events[0][0] if self._events else end
            wakes = min((t for t in self._timers() if t > self.seconds), default=end)
            nearest = min(due, wakes, end)
            self.seconds = max(self.seconds, nearest)
            while self._events and self._events[0][0] <= self.seconds:
                heapq.heappop(self._events)[2]()
                self.pump()
            if self.seconds >= end:
                self.pump()
                return

    def _timers(self) -> list[float]:
        times: list[float] = []
        for line in self.lines.values():
            if line.is_up:
                times += [
                    max(self._sync(name, line).next_at(self.nodes[name].now), self.seconds + 0.01)
                    for name in line.ends
                ]
        return times

    def pump(self) -> None:
        """Send all that may go now."""
        is_busy = True
        while is_busy:
            is_busy = False
            for line in self.lines.values():
                for name, other in (line.ends, line.ends[::-1]):
                    if line.is_up and self._send_one(line, name, other):
                        is_busy = True

    def _send_one(self, line: Line, name: str, other: str) -> bool:
        node = self.nodes[name]
        outgoing = self._sync(name, line).next(node.now)
        if outgoing is None:
            return False
        node.note_down()
        self.sent.append((name, other, outgoing))
        self.watch(name, other, outgoing)
        message = completed(outgoing, name, other)
        data = line.encoders[name].encode(
            message, number=outgoing.number, lane=outgoing.lane, at=outgoing.at
        )
        assert len(data) <= outgoing.size + 8, (len(data), outgoing.size, type(outgoing.message))
        line.sent[name] += len(data) + 22
        begin = max(self.seconds, line.busy_until.get(name, 0.0))
        took = 0.0 if line.rate is None else (len(data) + 22) / line.rate
        line.busy_until[name] = begin + took
        session = line.session
        self.at(begin + took + line.delay, lambda: self._arrive(line, session, other, name, data))
        return True

    def _arrive(self, line: Line, session: int, name: str, sender: str, data: bytes) -> None:
        if line.session != session or not line.is_up:
            return
        node = self.nodes[name]
        frame = line.decoders[name].decode(data[2:])
        if frame is None:
            return
        unknown = node.unknown & signers(frame)
        for effect in self._sync(name, line).received(frame, node.now, unknown):
            node.carry_out(effect, sender)

    def bytes_sent(self, name: str) -> int:
        return sum(line.sent[name] for line in self.lines.values())

    def frames(self, giver: str, receiver: str) -> list[Outgoing]:
        return [out for a, b, out in self.sent if (a, b) == (giver, receiver)]


def signers(frame: Frame) -> frozenset[str]:
    """The nodes whose signatures a guard verifies in this frame."""
    proofs = [*frame.proofs, *([] if frame.proof is None else [frame.proof])]
    return frozenset(
        name for it in proofs for name in (it.statement.sender, *(hop.node for hop in it.hops))
    )


def completed(outgoing: Outgoing, own: str, partner: str) -> PeerMessage:
    """The message with this node's hops signed, as the guard does it."""
    message = outgoing.message
    if isinstance(message, Relayed):
        return replace(message, evidence=_signed(message.evidence, outgoing.hops[0], own, partner))
    if not isinstance(message, Forwarded):
        return message
    groups = (
        replace(group, evidence=_signed(group.evidence, outgoing.hops[place], own, partner))
        for place, group in enumerate(message.groups)
    )
    return replace(message, groups=tuple(groups))


def _signed(evidence: Evidence, statement: Statement, own: str, partner: str) -> Evidence:
    *before, last = evidence.hops
    assert last == Hop(own, b"")
    nodes = [hop.node for hop in evidence.hops]
    return replace(
        evidence, hops=(*before, Hop(own, signer(own)(hop_bytes(statement, nodes, partner))))
    )


def doubles(node: Node) -> list[tuple[ObjectKey, Version]]:
    """What a node accepted more than once."""
    seen: Counter[tuple[ObjectKey, Version]] = Counter()
    for each in node.accepted:
        seen[_key(each), each.version] += 1
    return [key for key, count in seen.items() if count > 1]


def edited(network: Network, node: Node) -> list[Accept]:
    """What a node accepted that its origin did not say so."""
    return [
        each
        for each in node.accepted
        if network.truth[each.carried.path[0], each.report.uid, each.version].body
        != each.report.body
    ]
