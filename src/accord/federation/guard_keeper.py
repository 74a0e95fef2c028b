"""Keeps one partner's guard running: begun again when it ends, not while a person has to look."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from accord.core.clock import Clock
from accord.federation.dial import Backoff, Random
from accord.federation.guard import ipc, talk
from accord.federation.guard_process import GuardProcess
from accord.federation.latch import Latch
from accord.observe.log import Log
from accord.security.admission import LOOK_EVERY

FIRST, LONGEST = 0.5, 30.0
"""Seconds until a guard that ended is begun again."""

CONGESTED = 0.05
"""Seconds between looks whether the node can take more in."""


class Link(Protocol):
    """The link that a guard is kept for, as its keeper calls on it."""

    def guard_begins(self, guard: GuardProcess) -> None:
        """Tell a new guard what it has to know."""

    def hear(self, message: talk.Message) -> None:
        """Take what a guard says. Raises IpcError for what it has no right to say."""

    def guard_ended(self, guard: GuardProcess, *, is_cancelled: bool) -> None:
        """End what went over it; it can still be spoken to, and takes nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What a keeper works with; `module` is the guard's program, `setup` its first message."""

    directory: Path
    partner: str
    module: str
    setup: Callable[[], talk.Setup | talk.TakSetup]
    is_congested: Callable[[], bool]
    clock: Clock
    log: Log
    chance: Random


class GuardKeeper:
    """Keeps a guard. `stopped` is why none may run, `trouble` why one cannot; empty: neither.

    `standing` is what the guard last said of its ledger, `ended` how many guards have ended.
    """

    def __init__(self, link: Link, keeping: Keeping) -> None:
        self._link = link
        self._keeping = keeping
        self._log = keeping.log
        self._latch = Latch.of(keeping.directory, keeping.partner)
        self._guard: GuardProcess | None = None
        self.stopped = ""
        self.trouble = ""
        self.standing = talk.Standing(0, 0, 0, "")
        self.ended = 0

    @property
    def is_open(self) -> bool:
        """Whether a guard takes connections."""
        return self._guard is not None and not self.stopped

    @property
    def pid(self) -> int | None:
        """The process of the guard; None while there is none."""
        return None if self._guard is None else self._guard.pid

    async def run(self) -> None:
        """Run a guard as long as nobody must look first, until cancelled."""
        keeping = self._keeping
        backoff = Backoff(FIRST, LONGEST, keeping.chance)
        while True:
            if self.look():
                await asyncio.sleep(LOOK_EVERY)
                continue
            began = keeping.clock.monotonic()
            try:
                await self._serve()
            except OSError as error:
                self.trouble = f"no guard can be started: {error}"
                self._log.burst("no guard", client=keeping.partner, reason=self.trouble)
            if keeping.clock.monotonic() - began > LONGEST:
                backoff.reset()
            await asyncio.sleep(backoff.take())

    def look(self) -> str:
        """Return why no guard may run, as it stands on the disk now; empty where one may."""
        before, self.stopped = self.stopped, self._latch.why()
        if self.stopped and not before:
            self._log.trouble("LINK STOPPED", partner=self._keeping.partner, reason=self.stopped)
        return self.stopped

    def take(self, role: talk.Role, sock: socket.socket, address: str) -> bool:
        """Give the guard a connection; False where it takes none. The socket is closed here."""
        if self._guard is None or self.stopped:
            sock.close()
            return False
        return self._guard.take(sock, role, address)

    def say(self, *messages: talk.Message) -> None:
        """Say something to the guard, if there is one."""
        if self._guard is not None:
            self._guard.say(*messages)

    async def drain(self) -> None:
        """Wait while the guard does not read."""
        if self._guard is not None:
            await self._guard.drain()

    async def _serve(self) -> None:
        """Start a guard, and have the link hear what it says until it ends."""
        guard = await GuardProcess.start(self._keeping.setup(), self._keeping.module)
        self._guard, self.trouble = guard, ""
        is_cancelled = False
        try:
            self._link.guard_begins(guard)
            async for message in guard.messages():
                self._hear(message)
                while self._keeping.is_congested():  # noqa: ASYNC110  the journal has no event
                    await asyncio.sleep(CONGESTED)
        except ipc.IpcError as error:
            self.trouble = str(error)
        except asyncio.CancelledError:
            is_cancelled = True
            raise
        finally:
            self._guard = None
            self._link.guard_ended(guard, is_cancelled=is_cancelled)
            how = await guard.stop()
            self.ended += 1
            self._log.event("guard ended", partner=self._keeping.partner, how=how)

    def _hear(self, message: talk.Message) -> None:
        match message:
            case talk.GuardRefused(reason=reason, what=what):
                self._log.trouble(
                    "GUARD REFUSED A RELEASE",
                    partner=self._keeping.partner, reason=reason, item=what,
                )  # fmt: skip
                self.look()
            case talk.Standing():
                if message.trouble and message.trouble != self.standing.trouble:
                    self._log.trouble(
                        "ledger", partner=self._keeping.partner, reason=message.trouble
                    )
                self.standing = message
            case _:
                self._link.hear(message)
