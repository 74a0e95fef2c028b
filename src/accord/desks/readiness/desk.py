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
)
from accord.desks.readiness.store import ReadinessFault
from accord.desks.readiness.telling import Telling, Wanted, is_due, statement_of
from accord.desks.readiness.voice import StatementVoice, heard_in
from accord.observe.log import Log
from accord.picture.picture import Change

BEAT = 1.0
"""Seconds between looks at what partners stated."""

TELL_EVERY = 5.0
"""Seconds between looks at what is to be stated."""

MAX_PENDING = 1_000
"""Statements heard since the last look; beyond, the oldest go."""

MAX_AHEAD = timedelta(minutes=5)
"""By how much a partner's clock may be ahead; what is stated later would win for as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which register is asked for: the context, how it stood when, and as far as known by when."""

    context: Context = LIVE
    at: datetime
    known: datetime = AFTER_ALL


class ReadinessDesk:
    """The register of a running node, and what is stated of it."""

    def __init__(
        self, register: Register, voice: StatementVoice, *, node: str, clock: Clock, log: Log
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.trouble = ""
        self.untold = ""
        """Why something is not stated that should be."""
        self._register = register
        self._voice = voice
        self._node = node
        self._clock = clock
        self._log = log
        self._pending: deque[Heard] = deque()
        self._look_at = 0.0

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
        """Keep what is heard, and state what is told, until cancelled."""
        while True:
            await self.look()
            if self._clock.monotonic() >= self._look_at:
                self._look_at = self._clock.monotonic() + TELL_EVERY
                await self.tell()
            await asyncio.sleep(BEAT)

    async def tell(self) -> None:
        """State what is told until it is taken back, as far as it is due; what fails is said."""
        try:
            tellings = await asyncio.to_thread(self._register.store.tellings)
        except ReadinessFault as error:
            self._untold(str(error))
            return
        untold = ""
        for each in tellings:
            try:
                await self._tell(each)
            except NothingToState:
                self.counts["statements of which nothing holds"] += 1
            except AccordError as error:
                untold = f"{each.wanted.capability} is not stated: {error}"
        self._untold(untold)

    async def _tell(self, of: Telling) -> None:
        now, context = self._clock.now(), of.context
        said = await asyncio.to_thread(self._said, of.wanted, When(context=context, at=now))
        before = await asyncio.to_thread(self._register.heard, context)
        if is_due(said, before, node=self._node):
            await self._say(said, of.wanted)

    def _untold(self, why: str) -> None:
        if why and not self.untold:
            self._log.trouble("readiness is not stated", error=why)
        self.untold = why

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
        wanted = Wanted(capability=capability, groups=frozenset())
        return await asyncio.to_thread(self._said, wanted, when)

    def _said(self, wanted: Wanted, when: When) -> Statement:
        records = self._register.records(when.context, at=when.at, known=when.known)
        own = self._node[:3]
        return statement_of(wanted, records, when.at, own=own, context=when.context)

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

    async def state(self, wanted: Wanted, context: Context = LIVE, *, person: str) -> Statement:
        """State what may be told of a capability, now and until it is taken back. AccordError."""
        now = self._clock.now()
        said = await asyncio.to_thread(self._said, wanted, When(context=context, at=now))
        await self._say(said, wanted)
        telling = Telling(wanted=wanted, person=person, since=now, context=context)
        await asyncio.to_thread(self._register.store.tell, telling)
        return said

    async def _say(self, said: Statement, wanted: Wanted) -> None:
        self._voice.say(said, wanted.groups, wanted.marking)
        own = Heard(node=self._node, statement=said, received=said.as_of)
        await asyncio.to_thread(self._register.store.keep, own)

    async def tellings(self, context: Context = LIVE) -> list[Telling]:
        """Return what is told until it is taken back."""
        every = await asyncio.to_thread(self._register.store.tellings)
        return [each for each in every if each.context == context]

    async def stop(self, capability: str, context: Context = LIVE) -> bool:
        """State a capability no more; False where it was not told. What was stated runs out."""
        return await asyncio.to_thread(self._register.store.stop, capability, context)
