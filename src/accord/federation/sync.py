"""What goes to one partner, when, and what comes of it. No I/O: time and randomness are given.

For moving objects the partner is sent the newest state that it has not acknowledged; for all else
the entries of four numbered logs. A cut link needs nothing else: see docs/explain/healing.md.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from accord.core.body import Alarm, Message, Position
from accord.core.context import Context
from accord.core.report import Report
from accord.federation import recalling
from accord.federation.by_file import ByFile
from accord.federation.carried import Carried
from accord.federation.changes import Again, Changes
from accord.federation.coalition import Coalition
from accord.federation.comparing import Comparing
from accord.federation.contents import FileToOffer, Offered
from accord.federation.door import Decide, Door
from accord.federation.effect import Acknowledged, Broken, CheckpointCame, Effect, Left
from accord.federation.given import Had
from accord.federation.held import READ_ERRORS, HeldSync, Plain
from accord.federation.inflow import Inflow
from accord.federation.log import Entry
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.federation.outgoing import Item, Outgoing
from accord.federation.outlasting import keep, take_up
from accord.federation.settings import SyncSettings
from accord.federation.settling import Settling
from accord.federation.standing import Stopped
from accord.federation.status import SyncStatus
from accord.federation.totals import Totals
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey, words_of
from accord.wire.peer.frame import Frame
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Cosignature,
    Farewell,
    Graft,
    Held,
    Hello,
    Keepalive,
    Prune,
    Range,
    Want,
)
from accord.wire.peer.protocol import NONCE, Lane, Profile, Version
from accord.wire.peer.record import Content, Document, Outcome, Recall, Receipt, Rotation, Suspended
from accord.wire.peer.report import Object

Random = Callable[[int], bytes]
"""So many bytes that nobody can foresee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two nodes of a link, seen from the first; the epoch is this node's."""

    own: str
    partner: str
    epoch: int
    profile: Profile = Profile.MODERN


class PartnerSync:
    """One partner, in the node's process. It outlasts links: make it once, and keep it.

    `decide` is called when a frame is made and never earlier. `coalition` is the one that all
    partners of this node share. `counts` gets what was refused or dropped, by reason.
    """

    def __init__(
        self, pair: Pair, settings: SyncSettings, *, decide: Decide, coalition: Coalition,
        random: Random, counts: Counter[str],
    ) -> None:  # fmt: skip
        self.pair = pair
        self.settings = settings
        self.counts = counts
        self._coalition = coalition
        self._random = random
        limit = settings.max_objects + 4 * settings.max_log_entries
        self._door = Door(decide, partner=pair.partner, totals=Totals(limit=limit))
        self._out = Outflow(pair.own, settings, self._door, random, counts)
        self._in = Inflow(
            pair.own, pair.partner, settings, self._door, coalition, self._out.wanted, counts,
            Settling(coalition.disk),
        )  # fmt: skip
        self._changes = Changes(self._out, self._in)
        self._comparing = Comparing(self._out, self._in)
        self.by_file = ByFile(self._out, self._in, epoch=pair.epoch, profile=pair.profile)
        self._announced: frozenset[str] = frozenset()
        self._answered: dict[bytes, None] = {}
        self._heard: float | None = None

    def go_on(self, totals: Totals) -> None:
        """Count what leaves and what stays where that of this partner was counted before."""
        self._door.totals = totals

    # What is to go out.

    def note(
        self, report: Report, version: Version, now: Moment, carried: Carried | None = None
    ) -> None:
        """Offer an accepted report: this node's, or another partner's with what it carried."""
        path = () if carried is None else carried.path
        key = self._own_key(report.context, report.uid, path[0] if path else self.pair.own)
        if self.pair.partner in path:
            self._out.tracks.superseded(key, version)
            return
        if len(path) >= self.settings.hop_limit:
            self.counts["it would go over too many nodes"] += 1
            return
        candidate = Candidate(report, version, carried)
        body = report.body
        if isinstance(body, Position):
            is_urgent = self._out.distress.has(key.context, key.uid)
            lane = Lane.EMERGENCY if is_urgent else Lane.TRACKS
            self._out.tracks.note(key, candidate, lane, now.seconds)
            return
        lane = Lane.CHAT if isinstance(body, Message) else Lane.DURABLE
        if isinstance(body, Alarm):
            lane = Lane.EMERGENCY
        self._out.logs[lane].add(Entry(now.seconds, key=key, candidate=candidate))

    def recall(self, recall: Recall, now: Moment) -> None:
        """Call back what `recall` says; it is not offered any more. Names are those as released."""
        self._tell(recall, Lane.CONTROL, now)
        recalling.take_back(self._out, lambda key, had: recalling.is_meant(recall, key, had))

    def recall_object(
        self, origin: str, context: Context, uid: str, reason: str, now: Moment
    ) -> tuple[Recall, ...]:
        """Call back an object under each name by which it was released; the uid is this node's."""
        own = self._own_key(context, uid, origin)
        recalls = recalling.recalls_of(self._out.given, own, reason, now)
        for recall in recalls:
            self._tell(recall, Lane.CONTROL, now)
        recalling.take_back(self._out, lambda _, had: had.own == own, also=(own,))
        return recalls

    def answer(self, digest: bytes, outcome: Outcome, objects: int, now: Moment) -> None:
        """Answer a recall of the partner, or a key that succeeded another, once.

        It comes again where the link ended before it was on the disk; the answer is in the log
        since then.
        """
        if digest in self._answered:
            return
        if len(self._answered) >= self.settings.max_log_entries:
            del self._answered[next(iter(self._answered))]
            self.counts["an answer was forgotten"] += 1
        self._answered[digest] = None
        receipt = Receipt(recall=digest, outcome=outcome, objects=objects, at=now.ms)
        self._tell(receipt, Lane.CONTROL, now)

    def suspend(self, agreement: bytes, reason: str, now: Moment) -> tuple[Item, ...]:
        """Release nothing by this agreement (8 bytes) from the next frame on, and tell the partner.

        Returns what is on its way unacknowledged, which the partner may or may not get.
        """
        self._door.suspended[agreement] = reason
        self._tell(Suspended(agreement=agreement, reason=reason, at=now.ms), Lane.CONTROL, now)
        return tuple(item for item in self.in_flight() if item.grant.agreement == agreement)

    def resume(self, agreement: bytes, now: Moment) -> None:
        """Release by this agreement again."""
        self._door.suspended.pop(agreement, None)
        self.reconsider(now)

    def in_flight(self) -> tuple[Item, ...]:
        """Return what was released and is not acknowledged."""
        return self._out.in_flight()

    def had(self) -> tuple[tuple[ObjectKey, Had], ...]:
        """Return what the partner was given and not asked to drop, by the name that it knows."""
        return self._out.given.all()

    def stopped_here(self, stopped: Iterable[Stopped]) -> None:
        """Take note of what a party has stopped here, of which people are told."""
        self._door.stopped = tuple(stopped)

    @property
    def suspended(self) -> tuple[bytes, ...]:
        """By which agreements nothing is released until they are resumed."""
        return tuple(self._door.suspended)

    def reconsider(self, now: Moment) -> None:
        """Decide again about all that stayed here: what decisions depend on has changed."""
        self._out.tracks.reconsider(now.seconds)
        for log in self._out.logs.values():
            log.reconsider()

    def offer_file(
        self, report: Report, version: Version, file: FileToOffer, now: Moment,
        carried: Carried | None = None,
    ) -> None:  # fmt: skip
        """Offer a file; the `report` is decided about, it says whose the file is and its marks.

        After a restart offer it again: it can be asked for then, and the offer is not sent twice.
        """
        path = () if carried is None else carried.path
        if self.pair.partner in path or len(path) >= self.settings.hop_limit:
            return
        key = self._own_key(report.context, report.uid, path[0] if path else self.pair.own)
        candidate = Candidate(report, version, carried)
        entry = Entry(now.seconds, key=key, candidate=candidate, content=file.template())
        self._out.logs[Lane.DURABLE].add(entry)
        self._out.offered.offer(
            Offered(
                digest=file.digest, size=file.size, read=file.read, lane=Lane.FILES,
                candidate=candidate, own=key, is_file=True,
            )
        )  # fmt: skip

    def offer_document(
        self, document: Document, now: Moment, *, report: Report | None = None,
        version: Version | None = None, carried: Carried | None = None,
    ) -> None:  # fmt: skip
        """Send a document; one of an incident or a mission only as the `report` may leave."""
        if report is None or version is None:
            self._tell(document, Lane.CONTROL, now)
            return
        path = () if carried is None else carried.path
        if self.pair.partner in path or len(path) >= self.settings.hop_limit:
            return
        key = self._own_key(report.context, report.uid, path[0] if path else self.pair.own)
        candidate = Candidate(report, version, carried)
        entry = Entry(now.seconds, key=key, candidate=candidate, content=document)
        self._out.logs[Lane.DURABLE].add(entry)

    def rotate(self, rotation: Rotation, now: Moment) -> None:
        """Send a new key or certificate of this node."""
        self._tell(rotation, Lane.CONTROL, now)

    def send(self, message: Checkpoint | Cosignature) -> None:
        """Send this once, in this session or the next."""
        self._out.say(message)

    def content(self, digest: bytes) -> bytes | None:
        """Return what goes out in chunks under a digest, None where it is not offered."""
        offered = self._out.offered.get(digest)
        return None if offered is None else offered.read(0, offered.size)

    def want_file(self, digest: bytes) -> bool:
        """Ask for a file that was offered; False where it is not offered, or too large."""
        return self._in.want_file(digest)

    def _tell(self, content: Content, lane: Lane, now: Moment) -> None:
        self._out.logs[lane].add(Entry(now.seconds, content=content))

    def _own_key(self, context: Context, uid: str, origin: str) -> ObjectKey:
        return ObjectKey(origin, words_of(context), uid)

    # The link.

    def agree(self, gives: Sequence[Held], takes: Sequence[Held]) -> bool:
        """Note the agreements in force; True where the link must be made anew for them to count."""
        return self._door.agree(gives, takes) and self._out.connected

    def hello(self, now: Moment) -> Hello:
        """Return the first frame of a new session, with a new nonce."""
        self._settle()
        if not self._out.connected:
            self._in.ask_again()
        return Hello(
            node=self.pair.own,
            epoch=self.pair.epoch,
            nonce=self._random(NONCE),
            profile=self.pair.profile,
            clock=now.ms,
            frame=self.settings.frame_bytes,
            file=self.settings.file_bytes,
            gives=self._door.gives,
            takes=self._door.takes,
            resumes=self._in.epoch,
            resume=self._in.marks_to_resume(),
        )

    def connected(
        self, theirs: Hello, now: Moment, own: Hello | None = None
    ) -> tuple[Farewell, str] | None:
        """Begin a session by the partner's HELLO; what is returned is the reason to say BYE.

        `own` is this node's HELLO of the session, from whose numbers the partner goes on.
        """
        refused = self._refused(theirs, now)
        if refused is not None:
            return refused
        if self._out.connected:
            self.disconnected(now)
        self._in.begin(self._in.marks_to_resume() if own is None else own.resume)
        if theirs.epoch != self._in.epoch:
            self._in.new_epoch(theirs.epoch)
            self._answered.clear()
        self._door.compare(theirs.gives, theirs.takes)
        is_in_doubt = self._resume_from(theirs)
        self._out.begin(theirs.frame, now)
        if is_in_doubt:
            self._comparing.begin(now)
        self._hear(now)
        return None

    def _refused(self, theirs: Hello, now: Moment) -> tuple[Farewell, str] | None:
        if theirs.node != self.pair.partner:
            return Farewell.TRUST, f"this is {theirs.node}, not {self.pair.partner}"
        if theirs.profile is not self.pair.profile:
            return Farewell.PROTOCOL, f"the profile is {self.pair.profile.name} here"
        apart = abs(theirs.clock - now.ms) / 1_000
        if apart > self.settings.clock_tolerance:
            return Farewell.CLOCK, f"the clocks are {apart:.0f} s apart"
        if theirs.epoch < self._in.epoch:
            words = f"epoch {theirs.epoch} came after {self._in.epoch}: raise it"
            return Farewell.PROTOCOL, words
        return None

    def _resume_from(self, theirs: Hello) -> bool:
        """Go on from what the partner says it has; True where either may have lost something."""
        knows = theirs.resumes == self.pair.epoch
        marks = {mark.lane: mark.number for mark in theirs.resume} if knows else {}
        self._out.handles.only_up_to(marks.get(Lane.TRACKS, 0))
        is_in_doubt = not knows and bool(self._out.given.all())
        for lane, log in self._out.logs.items():
            mark = marks.get(lane)
            is_in_doubt |= not log.acked <= (mark or 0) <= log.last
            if mark is not None:
                self._out.log_arrived(lane, mark)
            log.begin(mark)
        return is_in_doubt

    def disconnected(self, now: Moment) -> None:
        """End the session: what was not acknowledged is sent again in the next."""
        if not self._out.connected:
            return
        self._out.end(now)
        self._door.close()
        self._comparing.end()
        self._announced = frozenset()
        self._coalition.gone(self.pair.partner)

    def given(self) -> tuple[Object, ...]:
        """Return the headers that the partner has, for a new Encoder's handles."""
        return self._out.handles.objects()

    def taken(self) -> tuple[Object, ...]:
        """Return the headers that came of the partner, for a new Decoder's handles."""
        return tuple(sorted(self._in.handles.values(), key=lambda each: each.number))

    def next(self, now: Moment) -> Outgoing | None:
        """Return the next frame to send now, None where nothing is due or nothing more may go.

        After something happened on one link, ask all links of the node.
        """
        self._in.settling.placed()
        self._settle()
        if self._out.connected:
            self._announce(now)
            self._comparing.check(now)
        return self._out.next(now)

    def _settle(self) -> None:
        """Let what is on the disk count as come, and acknowledge the frames that it came in."""
        for came in self._in.settling.settle():
            self._out.wanted.tell(came.thanks)
            self._changes.came(came)
        self._out.acknowledge(self._in.settling.frame)

    def is_settled(self) -> bool:
        """Tell whether all that came is on the disk; its effects have been carried out."""
        self._in.settling.placed()
        self._settle()
        return not self._in.settling

    def is_acknowledged(self) -> bool:
        """Tell whether the partner has been told of all that came that it is on the disk."""
        return self.is_settled() and not (self._out.connected and self._out.owes_ack)

    def next_at(self, now: Moment) -> float:
        """Return at which `seconds` to ask again, if nothing comes or is noted before."""
        return min(self._out.next_at(now), self._comparing.next_at(now))

    def received(
        self, frame: Frame, now: Moment, unknown: frozenset[str] = frozenset()
    ) -> list[Effect]:
        """Take in a frame of the partner; what came before, or is no newer, has no effect.

        `unknown` are nodes whose words in it nobody here can verify.
        Carry the effects out before `next` is called, which acknowledges the frame once what it
        brought is on the disk.
        """
        if not self._out.connected:
            return []
        self._hear(now)
        message = frame.message
        if isinstance(message, Want | Range | Prune | Graft | Checkpoint | Cosignature):
            self._in.settling.passed(frame.number)
        match message:
            case Ack(frame=number):
                return [self._acknowledged(number, now)]
            case Want() | Range() | Prune() | Graft() | Keepalive():
                self._asked(message, now)
                return []
            case Checkpoint() | Cosignature():
                return [CheckpointCame(message=message)]
            case Bye(reason, words):
                return [Left(reason=reason, words=words)]
            case _:
                return self._in.content(frame, now, unknown)

    def _acknowledged(self, number: int, now: Moment) -> Effect:
        if number > self._out.number:
            words = "what was never sent was acknowledged"
            return Broken(reason=Farewell.PROTOCOL, words=words)
        self._out.acknowledged(number, now)
        return Acknowledged(frame=number)

    def _asked(self, message: Want | Range | Prune | Graft | Keepalive, now: Moment) -> None:
        """Do what the partner asks about what it is sent."""
        match message:
            case Want():
                self._out.wants(message)
            case Range():
                self._comparing.received(message, now)
            case Prune(origins):
                self._out.pruned |= set(origins)
            case Graft(origins):
                self._out.pruned -= set(origins)
                self._out.tracks.reconsider(now.seconds)
            case Keepalive():
                pass

    def _announce(self, now: Moment) -> None:
        """Ask the partner for no more of what another neighbour gives, or for it again."""
        pruned = self._coalition.pruned(self.pair.partner, now.seconds)
        if pruned == self._announced:
            return
        more, fewer = pruned - self._announced, self._announced - pruned
        if more:
            self._out.say(Prune(tuple(sorted(more))))
        if fewer:
            self._out.say(Graft(tuple(sorted(fewer))))
        self._announced = pruned

    def _hear(self, now: Moment) -> None:
        self._heard = now.seconds
        self._coalition.heard(self.pair.partner, now.seconds)

    # What outlasts the process.

    def changes(self) -> tuple[Plain, ...]:
        """Return what happened since this was asked last, to be kept beside what `held` was then.

        Keep it before a frame goes, or a HELLO: either may tell the partner of it.
        """
        self._settle()
        return self._changes.take()

    def redo(self, changes: Iterable[Plain], now: Moment, epoch: int) -> None:
        """Do again what `changes` returned in that epoch of this node, after `restore`.

        Raises ValueError at what is spoilt; what was before that is done.
        """
        again = Again(self._out, self._in, now, is_same_life=epoch == self.pair.epoch)
        try:
            again.do(changes)
        except READ_ERRORS as error:
            raise ValueError(f"what happened to a link is spoilt: {error}") from None
        finally:
            self._changes.take()

    def held(self) -> HeldSync:
        """Return what must be kept, so that a restart loses nothing."""
        return keep(self.pair.epoch, self._out, self._in, self._coalition)

    def restore(self, held: HeldSync, now: Moment) -> None:
        """Go on from what was kept; that of another epoch of this node brings back no numbers.

        Raises ValueError for what is spoilt.
        """
        take_up(held, self.pair.epoch, self._out, self._in, now)

    def status(self, now: Moment) -> SyncStatus:
        """Return how the link is doing."""
        heard = None if self._heard is None else now.seconds - self._heard
        is_silent = heard is None or heard > self.settings.silent_after or not self._out.connected
        return SyncStatus(
            partner=self.pair.partner,
            connected=self._out.connected,
            lanes=self._out.lanes(now),
            in_flight=self._out.window.in_flight,
            window=self._out.window.size,
            budget_second=self._out.budget.second(now),
            budget_day=self._out.budget.day(now),
            flowing=dict(self._door.totals.released),
            withheld=dict(self._door.totals.withheld),
            blocked=self._door.blocked,
            standing=self._door.standing,
            suspended=tuple(self._door.suspended.values()),
            pruned=tuple(sorted(self._out.pruned)),
            pruned_here=tuple(sorted(self._announced)),
            last_heard=heard,
            silent_for=heard if is_silent else None,
            refused=dict(self.counts),
        )
