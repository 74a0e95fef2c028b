"""The loop every feed shares: connect, read, say how it is, connect again."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from accord.core.body import Removal
from accord.core.clock import Clock
from accord.core.errors import AccordError
from accord.core.report import Report
from accord.observe.log import Log

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds before a feed that broke off is tried again; doubled each time, until it speaks."""

WAIT_CONGESTED = 0.02
"""Seconds between looks whether the journal has caught up."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in: `accept` is False for a report that was refused; while congested, wait.

    `log` is told when the feed comes and goes. At most `max_rate` reports a second are let in.
    """

    accept: Callable[[Report], bool]
    is_congested: Callable[[], bool]
    log: Log
    max_rate: float = 1e9


Sleep = Callable[[float], Awaitable[None]]

BURST = 10.0
"""Seconds of the allowed rate that may come at once."""

OVER_RATE = "over the rate limit"
BROKE_OFF = "sender broke off"
EMPTY = "empty document"
STALE = "stale when it came"
"""Accepted, but of no use to anybody: a sender whose clock is wrong, or a recording of before."""


class Allowance:
    """Lets through `rate` a second, in bursts of BURST seconds' worth."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._most = max(1.0, rate * BURST)
        self._left = self._most
        self._at: float | None = None

    def take(self, wanted: int, tick: float) -> int:
        """Return how many of so many may pass at `tick`, seconds that never go back."""
        if self._at is not None:
            self._left = min(self._most, self._left + (tick - self._at) * self._rate)
        self._at = tick
        allowed = wanted if self._left >= wanted else int(self._left)
        self._left -= allowed
        return allowed


class FeedError(AccordError):
    """A feed cannot be had, in words for whoever looks after it."""


class Connection(Protocol):
    """Where a feed's bytes come from."""

    is_finite: bool
    """Whether the end of the bytes is the end of the feed, and not a connection that broke off."""
    counts: Counter[str]
    """What did not come through, by reason."""

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Connect, and yield what comes; an empty chunk says that it is connected.

        Raises OSError or FeedError when it cannot be had, ends when it breaks off.
        """
        ...


class Reader(Protocol):
    """Makes reports of a feed's bytes, however they are cut."""

    counts: Counter[str]

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete."""
        ...


@runtime_checkable
class DocumentReader(Reader, Protocol):
    """Reads documents whose things are there as long as the document says so.

    `trouble` says what of the newest document could not be read, `is_read` whether it is one.
    """

    trouble: str
    is_read: bool

    def still(self, *, received: datetime) -> list[Report]:
        """Return what has to be said again, since the document is as it was."""
        ...


@runtime_checkable
class FrameReader(Reader, Protocol):
    """Reads frames that are no lines."""

    def let_go(self) -> bool:
        """Forget what has come of a frame whose end does not come; True where there was any."""
        ...


class FeedState(StrEnum):
    """Whether a feed is there."""

    WAITING = "not connected"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How a feed is. `trouble` says why it is not connected, or what of a document is wrong.

    `counts` are of its reader, by reason. `since` is when the state began, `last_heard` when any
    byte came, `last_useful` when a report of it was accepted and not stale already, or a document
    was found to be as it was: a feed that is connected and silent shows in the last two.
    """

    name: str
    state: FeedState
    trouble: str
    since: datetime
    last_heard: datetime | None
    last_useful: datetime | None
    accepted: int
    refused: int
    counts: Mapping[str, int]


class Feed:
    """Runs one feed until it is cancelled, or a recording is at its end."""

    def __init__(
        self,
        name: str,
        *,
        connection: Connection,
        reader: Reader,
        entrance: Entrance,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self._connection = connection
        self._reader = reader
        self._entrance = entrance
        self._clock = clock
        self._sleep = sleep
        self._state = FeedState.WAITING
        self._since = clock.now()
        self._trouble = ""
        self._last_heard: datetime | None = None
        self._last_useful: datetime | None = None
        self._accepted = 0
        self._refused = 0
        self._allowance = Allowance(entrance.max_rate)
        self._of_no_use: Counter[str] = Counter()

    async def run(self) -> None:
        """Connect and read; when it breaks off, say why and try again."""
        wait = FIRST_WAIT
        while True:
            heard = self._last_heard
            ended = await self._read()
            self._let_go()
            if ended:
                self._enter(FeedState.ENDED)
                return
            self._enter(FeedState.WAITING)
            wait = FIRST_WAIT if self._last_heard != heard else wait
            await self._sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _read(self) -> bool:
        """Read until it breaks off; True when there is nothing more to come."""
        try:
            async with aclosing(self._connection.chunks()) as chunks:
                async for data in chunks:
                    self._enter(FeedState.CONNECTED)
                    if data:
                        self._take(data)
                    elif isinstance(self._reader, DocumentReader):
                        self._take_again(self._reader)
                    else:
                        self._let_go()
                    # Not reading lets the sender wait as well, where the transport can tell it.
                    while self._entrance.is_congested():
                        await self._sleep(WAIT_CONGESTED)
        except (OSError, FeedError) as error:
            self._trouble = str(error)
            return False
        self._trouble = "" if self._connection.is_finite else "the other side closed the connection"
        return self._connection.is_finite

    def _enter(self, state: FeedState) -> None:
        if state is FeedState.CONNECTED:
            self._trouble = ""
        if state is not self._state:
            self._state, self._since = state, self._clock.now()
            self._entrance.log.event(f"feed {state.value}", feed=self.name)
        if self._trouble:
            self._entrance.log.burst("feed lost", client=self.name, reason=self._trouble)

    def _take(self, data: bytes) -> None:
        now = self._clock.now()
        self._last_heard = now
        tick = self._clock.monotonic()
        self._accept(self._reader.read(data, received=now, tick=tick), now, tick)

    def _take_again(self, reader: DocumentReader) -> None:
        """Take in that a document is as it was: what it shows is there still.

        One that could not be read shows nothing, however often it comes.
        """
        now = self._clock.now()
        if not reader.is_read:
            self._last_heard = now if self._last_heard else None
            return
        if self._last_useful is None:
            return
        self._last_useful = self._last_heard = now
        self._accept(reader.still(received=now), now, self._clock.monotonic())

    def _let_go(self) -> None:
        """Count a frame that a connection left unfinished; what comes now begins one of its own."""
        if isinstance(self._reader, FrameReader) and self._reader.let_go():
            self._of_no_use[BROKE_OFF] += 1

    def _accept(self, reports: list[Report], now: datetime, tick: float) -> None:
        allowed = self._allowance.take(len(reports), tick)
        if allowed < len(reports):
            self._of_no_use[OVER_RATE] += len(reports) - allowed
            del reports[allowed:]
        for report in reports:
            if self._entrance.accept(report):
                self._accepted += 1
                if now < report.stale:
                    self._last_useful = now
                elif not isinstance(report.body, Removal):
                    self._of_no_use[STALE] += 1
            else:
                self._refused += 1

    def set_back(self, now: datetime) -> None:
        """Take what was heard later than `now` for heard now: the clock was ahead, and is not."""
        self._since = min(self._since, now)
        if self._last_heard is not None:
            self._last_heard = min(self._last_heard, now)
        if self._last_useful is not None:
            self._last_useful = min(self._last_useful, now)

    def status(self) -> FeedStatus:
        """Return how the feed is now."""
        reader = self._reader
        wrong = reader.trouble if isinstance(reader, DocumentReader) else ""
        return FeedStatus(
            name=self.name,
            state=self._state,
            trouble=self._trouble or wrong,
            since=self._since,
            last_heard=self._last_heard,
            last_useful=self._last_useful,
            accepted=self._accepted,
            refused=self._refused,
            counts=dict(self._reader.counts + self._connection.counts + self._of_no_use),
        )
