"""The readiness of a running node: takes what is entered, states what may be told, hears partners.

What partners state is kept within moments of its coming; what is entered is kept before it is
answered.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.core.clock import Clock
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.principal import Group
from accord.desks.readiness.board import Rows, board
from accord.desks.readiness.clash import Clash, clashes
from accord.desks.readiness.columns import CAPABILITIES, Sheet
from accord.desks.readiness.fleet import Fleet
from accord.desks.readiness.register import Register
from accord.desks.readiness.said import AFTER_ALL, Entry, Records, Row
from accord.desks.readiness.statement import (
    Heard,
    NoStatement,
    NothingToState,
    Statement,
    state,
    withheld,
)
from accord.desks.readiness.store import ReadinessFault
from accord.desks.readiness.voice import StatementVoice, heard_in
from accord.observe.log import Log
from accord.picture.picture import Change

BEAT = 1.0
"""Seconds between looks at what partners stated."""

MAX_PENDING = 1_000
"""Statements heard since the last look; beyond, the oldest go."""

MAX_AHEAD = timedelta(minutes=5)
"""By how much a partner's clock may be ahead; what is stated later would win for as long."""


class NoSuchCapability(AccordError):
    """There is no capability of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which register is asked for: the context, how it stood when, and as far as known by when."""

    context: Context = LIVE
    at: datetime
    known: datetime = AFTER_ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A statement that a person wants made: of what, to which groups, under which mark."""

    capability: str
    groups: frozenset[Group]
    marking: str = ""
    withhold: bool = False
    """Say only that it is not told."""


class ReadinessDesk:
    """The register of a running node, and what is stated of it."""

    def __init__(
        self, register: Register, voice: StatementVoice, *, node: str, clock: Clock, log: Log
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.trouble = ""
        self._register = register
        self._voice = voice
        self._node = node
        self._clock = clock
        self._log = log
        self._pending: deque[Heard] = deque()

    @property
    def register(self) -> Register:
        """What it works on."""
        return self._register

    def now(self) -> datetime:
        """Return the present moment."""
        return self._clock.now()

    def see(self, change: Change) -> None:
        """Take note of what a partner stated; cheap for everything else."""
        if change.report is None:
            return
        try:
            heard = heard_in(change.report, own=self._node)
        except NoStatement as error:
            self.counts["statements that cannot be read"] += 1
            self._log.burst("no statement", reason=str(error), node=change.report.source.node)
            return
        if heard is None:
            return
        if heard.statement.as_of > self._clock.now() + MAX_AHEAD:
            self.counts["statements of the future"] += 1
            return
        self._pending.append(heard)
        if len(self._pending) > MAX_PENDING:
            self._pending.popleft()
            self.counts["statements too many to keep"] += 1

    async def run(self) -> None:
        """Keep what is heard until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(BEAT)

    async def look(self) -> None:
        """Keep what was heard; what cannot be kept is said, and tried again later."""
        while self._pending:
            try:
                await asyncio.to_thread(self._register.store.keep, self._pending[0])
            except ReadinessFault as error:
                if not self.trouble:
                    self._log.trouble("statements cannot be kept", error=str(error))
                self.trouble = str(error)
                return
            self._pending.popleft()
        self.trouble = ""

    async def take(
        self, rows: Sequence[Row], *, person: str, context: Context = LIVE
    ) -> Sequence[Entry]:
        """Take rows into the register, all or none. Raises NotTaken."""
        now = self._clock.now()
        return await asyncio.to_thread(
            lambda: self._register.take(rows, person=person, now=now, context=context)
        )

    async def records(self, when: When) -> Records:
        """Return the register as it stood."""
        return await asyncio.to_thread(
            lambda: self._register.records(when.context, at=when.at, known=when.known)
        )

    async def history(self, sheet: Sheet, id_: str, context: Context = LIVE) -> list[Entry]:
        """Return all that was ever said of one record, the newest first."""
        return await asyncio.to_thread(self._register.history, sheet, id_, context)

    async def board(self, when: When) -> Rows:
        """Return the board as it stood."""
        return await asyncio.to_thread(self._board, when)

    def _board(self, when: When) -> Rows:
        records = self._register.records(when.context, at=when.at, known=when.known)
        heard = self._register.heard(when.context, known=min(when.at, when.known))
        return board(records, heard, when.at, own=self._node[:3])

    async def clashes(self, when: When) -> list[Clash]:
        """Return what cannot all be so."""
        return clashes(await self.records(when))

    async def heard(self, when: When) -> list[Heard]:
        """Return the last statement of each nation on each capability, this one's too."""
        return await asyncio.to_thread(
            lambda: self._register.heard(when.context, known=min(when.at, when.known))
        )

    async def statement(self, capability: str, when: When) -> Statement:
        """Return what would be stated of a capability. Raises NothingToState."""
        _check(capability)
        fleet = Fleet(await self.records(when), when.at)
        counted = fleet.counted(self._node[:3], capability)
        return state(capability, counted, when.at, when.context)

    async def could(self, when: When) -> list[Statement]:
        """Return what would be stated of each capability that this nation has units for."""
        fleet = Fleet(await self.records(when), when.at)
        found: list[Statement] = []
        for capability in CAPABILITIES:
            counted = fleet.counted(self._node[:3], capability)
            with suppress(NothingToState):
                if counted.pool:
                    found.append(state(capability, counted, when.at, when.context))
        return found

    async def state(self, wanted: Wanted, context: Context = LIVE) -> Statement:
        """State what may be told of a capability, and keep that it was. Raises AccordError."""
        _check(wanted.capability)
        now = self._clock.now()
        if wanted.withhold:
            said = withheld(wanted.capability, now, context)
        else:
            said = await self.statement(wanted.capability, When(context=context, at=now))
        self._voice.say(said, wanted.groups, wanted.marking)
        own = Heard(node=self._node, statement=said, received=now)
        await asyncio.to_thread(self._register.store.keep, own)
        return said


def _check(capability: str) -> None:
    if capability not in CAPABILITIES:
        there = ", ".join(CAPABILITIES)
        raise NoSuchCapability(f"there is no capability {capability!r}; there are {there}")
