"""The link to one partner, at the node's end: its guard, its session, and what goes in and out.

The node decides and the guard checks. Here is neither a key that the partner sees nor a byte of
TLS: connections are dialled or taken from the front, and handed to the guard.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from accord.core.partner import Partner
from accord.federation.carrier import Carrier, LinkEnd
from accord.federation.dial import Dialler, Line
from accord.federation.effect import Broken, CheckpointCame, Effect, Left, Unverified
from accord.federation.epoch import cannot_be, is_behind
from accord.federation.exchange import ContentsGiven, Exchange, read_hello
from accord.federation.guard import ipc, talk
from accord.federation.guard.placeholders import Unsigned
from accord.federation.guard.session import Greetings
from accord.federation.guard_keeper import GuardKeeper, Keeping
from accord.federation.guard_process import GuardProcess
from accord.federation.link_status import LinkCounts, LinkStatus
from accord.federation.moment import Moment
from accord.federation.outgoing import Outgoing
from accord.federation.surroundings import Node, Surroundings
from accord.federation.sync import PartnerSync
from accord.federation.withheld import Withheld
from accord.security.admission import LOOK_EVERY
from accord.wire.errors import WireError
from accord.wire.peer.message import Checkpoint, Cosignature, Farewell, Hello, Want
from accord.wire.peer.protocol import Lane

GUARD = "accord.federation.guard"
"""The program of the guard."""
MAX_GREETING = 64
"""Connections whose partner has not answered our HELLO yet; a guard has fewer."""
LEAST_WAIT = 0.005
"""Seconds until the sync core is asked again, whatever it says."""
GUARD_ENDED = "the guard ended"
STOPS = "this node stops"
PARTED = {
    Farewell.STOPPING: "the partner stops",
    Farewell.PROTOCOL: "the partner says that this node broke the protocol",
    Farewell.TRUST: "the partner does not let this node in: it is refused there, or a key is wrong",
    Farewell.AGREEMENT: "the agreements have changed at the partner",
    Farewell.CLOCK: "the partner says that the clocks are apart",
    Farewell.GUARD: "the partner's guard stopped the link",
    Farewell.BUSY: "the partner hears nothing of this node, or has too much to do",
}
"""Why a partner leaves, in words."""


class Link:
    """One link. `run` keeps it until cancelled; `wake` when there may be something to send."""

    def __init__(
        self, partner: Partner, around: Surroundings, sync: PartnerSync, node: Node,
        counts: LinkCounts | None = None,
    ) -> None:  # fmt: skip
        self.partner = partner
        self._counts = counts or LinkCounts()
        self._around = around
        self._sync = sync
        self._node = node
        self._clock = around.clock
        self._log = around.log
        self._unsigned = Unsigned(around.profile, around.random)
        self._guard = GuardKeeper(
            self,
            Keeping(
                directory=around.directory, partner=partner.node, module=GUARD,
                setup=self._setup, is_congested=node.is_congested, clock=around.clock,
                log=around.log, chance=around.chance,
            ),
        )  # fmt: skip
        self._talk: Exchange | None = None
        self._greeting: dict[int, tuple[talk.Up, Hello]] = {}
        self._woken = asyncio.Event()
        self._dialler = Dialler(
            partner.addresses,
            around.settings,
            around.chance,
            Line(
                is_wanted=lambda: self._talk is None and self._guard.is_open,
                is_up=lambda: self._talk is not None,
                hand=partial(self._guard.take, talk.Role.DIALLED),
                missed=self._missed,
            ),
        )
        self._withheld = Withheld()
        self._contents = ContentsGiven(node.content, limit=around.sync.file_bytes)
        self.carrier = Carrier(
            partner.node, around, sync, node,
            LinkEnd(
                is_open=lambda: self._guard.is_open, say=self._guard.say, drain=self._guard.drain,
                needed=self._contents.needed,
                why_behind=lambda theirs: (self._why_not(theirs) or (None, ""))[1],
                unverified=self._counts.unverified,
            ),
        )  # fmt: skip
        self._sent_bytes = self._received_bytes = 0
        self._ended = ""
        self._down_since = self._clock.monotonic()
        self._why_cancelled = Farewell.STOPPING, STOPS

    async def run(self) -> None:
        """Keep the guard running, the partner dialled, and what is due sent, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._guard.run())
            tasks.create_task(self._dialler.run())
            tasks.create_task(self._keep_sending())
            tasks.create_task(self._look_after())

    def ends(self, reason: str, farewell: Farewell) -> None:
        """Take note why it is about to be cancelled, where the node goes on running."""
        self._why_cancelled = farewell, reason

    def wake(self) -> None:
        """Ask the sync core again: something was noted."""
        self._woken.set()

    def take(self, sock: socket.socket, address: str) -> bool:
        """Give a caller to the guard; False where there is none. It is closed here."""
        return self._guard.take(talk.Role.CALLED, sock, address)

    def _missed(self, reason: str) -> None:
        self._counts.closed[reason] += 1

    def count_withheld(
        self, agreement: str, serial: int, clause: str | None, reason: str, sort: str
    ) -> None:
        """Count a report that the agreement withheld; the guard enters the counts."""
        self._withheld.count((agreement, serial), clause, reason, sort, self._clock.now())

    def status(self) -> LinkStatus:
        """Return how it stands."""
        now, standing = self._talk, self._guard.standing
        return LinkStatus(
            partner=self.partner.node,
            is_up=now is not None,
            since=self._down_since if now is None else now.since,
            address="" if now is None else now.address,
            is_dialled=now is not None and now.role is talk.Role.DIALLED,
            stopped=self._guard.stopped,
            ended="" if now is not None else self._ended,
            trouble=standing.trouble or self._guard.trouble,
            guard=self._guard.pid,
            guards_ended=self._guard.ended,
            sent_bytes=self._sent_bytes,
            received_bytes=self._received_bytes,
            lines=standing.lines,
            signed=standing.signed,
            cosigned=standing.cosigned,
            turned_away=dict(self._counts.turned_away),
            closed=dict(self._counts.closed),
            unverified=dict(self._counts.unverified),
        )

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    # The guard.

    def _setup(self) -> talk.Setup:
        around, settings = self._around, self._around.settings
        return talk.Setup(
            directory=str(around.directory.absolute()),
            node=around.own.node,
            trust_domain=around.own.trust_domain,
            profile=around.profile.value,
            partner=self.partner.node,
            their_epoch=self._sync.held().their_epoch,
            frame_bytes=around.sync.frame_bytes,
            max_handles=around.sync.max_objects,
            max_content=around.sync.file_bytes,
            handshake_timeout=settings.handshake_timeout,
            checkpoint_every=int(settings.checkpoint_every.total_seconds()),
        )

    def guard_begins(self, guard: GuardProcess) -> None:
        """Tell a new guard what this node holds of the partner."""
        self._contents.clear()
        guard.say(*ipc.primes(self._sync.taken(), outbound=False))

    def guard_ended(self, guard: GuardProcess, *, is_cancelled: bool) -> None:
        """End the session, and have the guard take leave of the partner."""
        stops = (Farewell.STOPPING, GUARD_ENDED)
        farewell, reason = self._why_cancelled if is_cancelled else stops
        guard.say(*self._farewell(farewell))
        self.carrier.guard_ended()
        self._end(reason)
        self._dialler.settle()

    def hear(self, message: talk.Message) -> None:
        """Do what the guard says."""
        match message:
            case talk.Up():
                self._greet(message)
            case talk.Connected():
                self._begin(message)
            case talk.Bundled() | talk.Came(connection=talk.OF_FILE):
                self.carrier.hear(message)
            case talk.Came():
                self._take_in(message)
            case talk.Sent():
                self._sent(message)
            case talk.ToSend(kind=kind, note=note):
                made = Checkpoint if kind is talk.Note.CHECKPOINT else Cosignature
                self._sync.send(made(note))
                self.wake()
            case talk.Closed():
                self._over(message)
            case talk.TurnedAway(reason=reason, who=who):
                self._counts.turned_away[reason] += 1
                self._log.burst("not let in", client=self.partner.node, reason=reason, address=who)
                self._dialler.settle()
            case _:
                raise ipc.IpcError(f"a guard does not say {type(message).__name__}")

    # Sessions.

    def _greet(self, up: talk.Up) -> None:
        hello = self._sync.hello(self._moment())
        while len(self._greeting) >= MAX_GREETING:
            del self._greeting[next(iter(self._greeting))]
        self._greeting[up.connection] = up, hello
        self._node.note()
        frame = self._unsigned.hello(hello, self.partner.node)
        self._guard.say(talk.Greet(up.connection, frame))

    def _begin(self, said: talk.Connected) -> None:
        greeted = self._greeting.pop(said.connection, None)
        if greeted is None:  # so many came after it that it was forgotten
            self._guard.say(talk.Leave(said.connection, 0, Farewell.BUSY))
            return
        up, own = greeted
        theirs = read_hello(said.hello, partner=self.partner.node, own=own.node)
        self._end("another connection took its place")
        now = self._moment()
        bye = self._why_not(theirs) or self._sync.connected(theirs, now, own)
        if bye is not None:
            self._counts.closed[bye[1]] += 1
            self._log.burst("link refused", client=self.partner.node, reason=bye[1])
            self._guard.say(talk.Leave(said.connection, 0, bye[0]))
            return
        self._talk = Exchange.of(
            up, Greetings(own, theirs), self._sync, self._unsigned,
            limit=self._around.sync.max_objects, seconds=now.seconds,
        )  # fmt: skip
        self._guard.say(*ipc.primes(self._sync.given(), outbound=True))
        self.carrier.heard(said.hello, theirs.clock)
        self._log.event("link up", partner=self.partner.node, address=up.address)
        self._dialler.settle()
        self.wake()

    def _why_not(self, theirs: Hello) -> tuple[Farewell, str] | None:
        """Return why there is no session where a backup of this node was put back."""
        held, said = self._sync.held(), theirs.resumes
        if cannot_be(held.epoch, said, self._clock.now()):
            return Farewell.PROTOCOL, f"it remembers epoch {said} of this node, still to come"
        numbers = {log.lane: log.last for log in held.logs}
        numbers[Lane.TRACKS] = held.last_header
        if not is_behind(held.epoch, said, theirs.resume, numbers):
            return None
        self._node.restored(said)
        return Farewell.STOPPING, "a backup was put back: another epoch begins"

    def _over(self, said: talk.Closed) -> None:
        if self._talk is not None and self._talk.connection == said.connection:
            self._end(said.reason, said.words)

    def _end(self, reason: str, words: str = "") -> None:
        """End the session, if there is one; why is counted and logged here, once."""
        if self._talk is None:
            return
        self._talk = None
        self._ended, self._down_since = reason, self._clock.monotonic()
        self._counts.closed[reason] += 1
        why = {"reason": reason, "words": words} if words else {"reason": reason}
        self._log.event("link down", partner=self.partner.node, **why)
        self._sync.disconnected(self._moment())
        self._node.keep()
        self._dialler.settle()

    def _goodbye(self, reason: Farewell) -> None:
        """Have the guard say BYE, and close the connection."""
        self._guard.say(*self._farewell(reason))

    def _farewell(self, reason: Farewell) -> Iterator[talk.Leave]:
        if self._talk is not None:
            number = self._talk.frames.next_number
            yield talk.Leave(self._talk.connection, number, reason)

    # What comes in.

    def _take_in(self, came: talk.Came) -> None:
        now = self._talk
        if now is None or now.connection != came.connection:
            return
        now.heard = self._clock.monotonic()
        self._received_bytes += len(came.frame) + 2
        try:
            frame = now.decoder.decode(came.frame)
        except WireError as error:
            # The guard has read the same bytes: that cannot be.
            self._leave(Farewell.PROTOCOL, str(error))
            return
        if frame is None:
            return
        if isinstance(frame.message, Want):
            self._contents.wanted(frame.message)
        for effect in self._sync.received(frame, self._moment(), frozenset(came.unverified)):
            self._carry_out(effect)
        self.wake()

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Broken(reason=reason, words=words):
                self._leave(reason, words)
            case Left(reason=reason, words=words):
                self._goodbye(Farewell.STOPPING)
                self._end(PARTED[reason], words)
            case CheckpointCame():
                pass  # the guard has seen it
            case Unverified(nodes=nodes):
                for node in nodes:
                    self._counts.unverified[node] += 1
            case _:
                self.carrier.noted(effect)
                self._node.carry_out(effect)

    def _leave(self, reason: Farewell, words: str) -> None:
        self._goodbye(reason)
        self._end(words)

    # What goes out.

    async def _keep_sending(self) -> None:
        while True:
            self._woken.clear()
            wait = self._send_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            await self._guard.drain()

    def _send_due(self) -> float | None:
        """Give the guard what is due; return after how many seconds to look again."""
        while (now := self._talk) is not None:
            if now.given >= self._around.settings.given_at_once:
                return None
            moment = self._moment()
            outgoing = self._sync.next(moment)
            if outgoing is None:
                return max(LEAST_WAIT, self._sync.next_at(moment) - moment.seconds)
            self._give(now, outgoing)
        return None

    def _give(self, now: Exchange, outgoing: Outgoing) -> None:
        needed = self._contents.needed(outgoing.message)
        if needed is None:
            # The guard would refuse it, and call a person: it looks at all that a frame refers to.
            # It is not even made: what is made counts as said, and the next goes on from there.
            self._log.burst(
                "cannot be sent", client=self.partner.node, reason="its content is not at hand"
            )
            return
        self._guard.say(*needed)
        try:
            frame = now.frames.make(outgoing)
        except (WireError, ValueError) as error:
            self._log.burst("cannot be sent", client=self.partner.node, reason=str(error))
            return
        now.given += 1
        self._node.note()
        self._guard.say(talk.Give(now.connection, frame))

    def _sent(self, said: talk.Sent) -> None:
        self._sent_bytes += said.wire
        if self._talk is not None and self._talk.connection == said.connection:
            self._talk.given -= 1
            self.wake()

    # Again and again.

    async def _look_after(self) -> None:
        settings = self._around.settings
        keep_at = withheld_at = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            self._guard.look()
            self._hang_up_if_needed(now)
            if now >= keep_at:
                keep_at = now + settings.kept_every.total_seconds()
                self._node.keep()
            if now >= withheld_at:
                withheld_at = now + settings.withheld_every.total_seconds()
                self._enter_withheld()

    def _hang_up_if_needed(self, now: float) -> None:
        gives, takes = self._node.agreements()
        is_changed = self._sync.agree(gives, takes)
        if self._talk is None:
            return
        if is_changed:
            self._leave(Farewell.AGREEMENT, "the agreements have changed")
        elif now - self._talk.heard > self._around.sync.silent_after:
            self._leave(Farewell.BUSY, "the partner fell silent")

    def _enter_withheld(self) -> None:
        if self._guard.pid is not None:
            self._guard.say(*self._withheld.take(self._clock.now()))
