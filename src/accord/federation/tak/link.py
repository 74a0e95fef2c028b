"""The link to one TAK server, at the node's end: its guard, its connection, what goes and comes.

As with a partner node, the node dials or takes the call, and hands the socket to the guard.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from accord.core.clock import Clock
from accord.core.partner import NodeName, Profile
from accord.core.tak_partner import TakPartner
from accord.federation.dial import Dialler, Line, Random
from accord.federation.front import configure
from accord.federation.guard import ipc, talk
from accord.federation.guard_keeper import GuardKeeper, Keeping
from accord.federation.guard_process import GuardProcess
from accord.federation.link_settings import LinkSettings
from accord.federation.moment import Moment
from accord.federation.tak.outflow import TakOutflow
from accord.federation.tak.settings import TakFederationSettings
from accord.federation.withheld import Withheld
from accord.observe.log import Log
from accord.security.admission import LOOK_EVERY
from accord.wire.peer.plain import content_bytes

GUARD = "accord.federation.tak"
"""The program of the guard."""
GUARD_ENDED = "the guard ended"
STOPS = "this node stops"
LISTEN_AGAIN = 5.0
"""Seconds until an address that could not be had is tried again."""
IDLE = 5.0
"""Seconds between looks at what may leave, while nothing says that something does."""
BACKLOG = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TakAround:
    """What every link to a TAK server works with."""

    directory: Path
    own: NodeName
    profile: Profile
    link: LinkSettings
    settings: TakFederationSettings
    clock: Clock
    log: Log
    chance: Random
    is_congested: Callable[[], bool]


@dataclass(slots=True)
class TakCounts:
    """What is counted of one TAK server, over all its links."""

    refused: Counter[str] = field(default_factory=Counter[str])
    turned_away: Counter[str] = field(default_factory=Counter[str])
    closed: Counter[str] = field(default_factory=Counter[str])
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(slots=True)
class _Talk:
    connection: int
    address: str
    since: float
    heard: float
    given: int = 0


class TakLink:
    """One link. `run` keeps it until cancelled; `wake` when there may be something to send."""

    def __init__(
        self, partner: TakPartner, around: TakAround, out: TakOutflow, counts: TakCounts,
        came: Callable[[bytes], None],
    ) -> None:  # fmt: skip
        self.partner = partner
        self.counts = counts
        self.withheld = Withheld()
        self.ended = ""
        self.last_heard: float | None = None
        self._around = around
        self._out = out
        self._came = came
        self._clock = around.clock
        self._log = around.log
        self._deaf = ""
        self.guard = GuardKeeper(
            self,
            Keeping(
                directory=around.directory, partner=partner.node, module=GUARD,
                setup=self._setup, is_congested=around.is_congested, clock=around.clock,
                log=around.log, chance=around.chance,
            ),
        )  # fmt: skip
        self._talk: _Talk | None = None
        self._woken = asyncio.Event()
        self._down_since = self._clock.monotonic()
        self._dialler = Dialler(
            (partner.dial,) if partner.dial else (),
            around.link,
            around.chance,
            Line(
                is_wanted=lambda: self._talk is None and self.guard.is_open,
                is_up=lambda: self._talk is not None,
                hand=partial(self.guard.take, talk.Role.DIALLED),
                missed=self._missed,
            ),
        )

    async def run(self) -> None:
        """Keep the guard running, the server called or answered, and what is due sent."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.guard.run())
            if self.partner.dial:
                tasks.create_task(self._dialler.run())
            else:
                tasks.create_task(self._keep_listening())
            tasks.create_task(self._keep_sending())
            tasks.create_task(self._look_after())

    def wake(self) -> None:
        """Look again what may leave."""
        self._woken.set()

    @property
    def is_up(self) -> bool:
        """Whether there is a connection over which reports go."""
        return self._talk is not None

    @property
    def address(self) -> str:
        """Where the server is called, or called from; empty while there is no connection."""
        return "" if self._talk is None else self._talk.address

    @property
    def since(self) -> float:
        """Since when it has been so, in seconds."""
        return self._down_since if self._talk is None else self._talk.since

    @property
    def trouble(self) -> str:
        """Why nothing can be taken or checked; empty: it can."""
        return self._deaf or self.guard.trouble

    def _missed(self, reason: str) -> None:
        self.counts.closed[reason] += 1
        if not self.ended:
            self.ended = reason

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    # Calls.

    async def _keep_listening(self) -> None:
        host, _, port = self.partner.listen.rpartition(":")
        while True:
            try:
                await self._listen(host.strip("[]"), int(port))
            except OSError as error:
                self._deaf = f"{self.partner.listen} cannot be listened at: {error.strerror}"
                self._log.burst("cannot listen", client=self.partner.node, reason=self._deaf)
                await asyncio.sleep(LISTEN_AGAIN)

    async def _listen(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setblocking(False)
            listener.bind((host, port))
            listener.listen(BACKLOG)
            self._deaf = ""
            while True:
                sock, caller = await asyncio.get_running_loop().sock_accept(listener)
                configure(sock, self._around.link.send_buffer)
                self.guard.take(talk.Role.CALLED, sock, f"{caller[0]}:{caller[1]}")

    # The guard.

    def _setup(self) -> talk.TakSetup:
        around = self._around
        return talk.TakSetup(
            directory=str(around.directory.absolute()),
            node=around.own.node,
            trust_domain=around.own.trust_domain,
            profile=around.profile.value,
            partner=self.partner.node,
            max_message=around.settings.max_message,
            handshake_timeout=around.link.handshake_timeout,
            checkpoint_every=int(around.link.checkpoint_every.total_seconds()),
        )

    def guard_begins(self, guard: GuardProcess) -> None:
        """Do nothing: a TAK server resumes nothing that a guard would have to know."""

    def guard_ended(self, guard: GuardProcess, *, is_cancelled: bool) -> None:
        """End the connection; what was withheld is entered still."""
        self._end(STOPS if is_cancelled else GUARD_ENDED)
        self._dialler.settle()
        guard.say(*self.withheld.take(self._clock.now()))

    def hear(self, message: talk.Message) -> None:
        """Do what the guard says."""
        match message:
            case talk.TakCame():
                self._take_in(message)
            case talk.Sent():
                self._sent(message)
            case talk.Up():
                self._begin(message)
            case talk.Closed():
                if self._talk is not None and self._talk.connection == message.connection:
                    self._end(message.reason, message.words)
            case talk.TakHeard():
                self.last_heard = self._clock.monotonic()
            case talk.TakSkipped(count=count):
                self.counts.refused["longer than may come"] += count
            case talk.TurnedAway(reason=reason, who=who):
                self.counts.turned_away[reason] += 1
                self.ended = reason
                self._log.burst("not let in", client=self.partner.node, reason=reason, address=who)
                self._dialler.settle()
            case _:
                raise ipc.IpcError(f"a guard does not say {type(message).__name__}")

    # The connection.

    def _begin(self, up: talk.Up) -> None:
        self._end("another connection took its place")
        now = self._moment()
        self._talk = _Talk(up.connection, up.address, now.seconds, now.seconds)
        self._out.connected(now)
        self._log.event("link up", partner=self.partner.node, address=up.address)
        self._dialler.settle()
        self.wake()

    def _end(self, reason: str, words: str = "") -> None:
        """End the connection, if there is one; why is counted and logged here, once."""
        if self._talk is None:
            return
        self._talk = None
        self.ended, self._down_since = reason, self._clock.monotonic()
        self.counts.closed[reason] += 1
        why = {"reason": reason, "words": words} if words else {"reason": reason}
        self._log.event("link down", partner=self.partner.node, **why)
        self._out.disconnected(self._down_since)
        self._dialler.settle()

    def _take_in(self, came: talk.TakCame) -> None:
        self.counts.received_bytes += len(came.message)
        self.last_heard = self._clock.monotonic()
        self._came(came.message)

    def _sent(self, said: talk.Sent) -> None:
        self.counts.sent_bytes += said.wire
        if self._talk is not None and self._talk.connection == said.connection:
            self._talk.given -= 1
            self._out.written(said.number, self._clock.monotonic(), is_said=said.wire > 0)
            self.wake()

    async def _keep_sending(self) -> None:
        while True:
            self._woken.clear()
            wait = self._send_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            await self.guard.drain()

    def _send_due(self) -> float:
        """Give the guard what is due; return after how many seconds to look again."""
        session = self._talk
        if session is None:
            return IDLE
        now = self._moment()
        settings = self._around.settings
        for number, content in self._out.take(now, settings.given_at_once - session.given):
            data = content_bytes(content)
            if len(data) > settings.max_message:
                self._out.written(number, now.seconds, is_said=False)
                continue
            session.given += 1
            self.guard.say(talk.TakGive(session.connection, number, data))
        next_at = self._out.next_at()
        return IDLE if next_at is None else min(IDLE, max(0.05, next_at - now.seconds))

    async def _look_after(self) -> None:
        withheld_at = 0.0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.guard.look()
            now = self._clock.monotonic()
            if now >= withheld_at and self.guard.pid is not None:
                withheld_at = now + self._around.link.withheld_every.total_seconds()
                self.guard.say(*self.withheld.take(self._clock.now()))
