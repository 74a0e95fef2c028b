"""The loop every feed shares: connect, read, say how it is, connect again."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from accord.core.clock import Clock
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.report import Report
from accord.live.marking import MARKING, check_marking
from accord.observe.log import Log
from accord.storage.settings import LEAST_RING

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds before a feed that broke off is tried again; doubled each time, until it speaks."""

WAIT_CONGESTED = 0.02
"""Seconds between looks whether the journal has caught up."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """The way in: `accept` is False for a report that was refused; while congested, wait.

    `log` is told when the feed comes and goes.
    """

    accept: Callable[[Report], bool]
    is_congested: Callable[[], bool]
    log: Log


Sleep = Callable[[float], Awaitable[None]]


class Format(StrEnum):
    """What a feed speaks."""

    AIS = "ais"


class Transport(StrEnum):
    """How a feed's bytes come."""

    FILE = "file"
    TCP = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """One machine feed: a section [feed.NAME] each."""

    format: Format = field(metadata={"doc": "what it speaks"})
    transport: Transport = field(
        metadata={"doc": "how it comes: a recording replayed, or a connection made to it"}
    )
    address: str = field(
        metadata={"doc": "file: the path, from the node's directory; tcp: HOST:PORT"}
    )
    groups: tuple[str, ...] = field(metadata={"doc": "the groups that it is said into"})
    marking: str = field(default="", metadata={"doc": MARKING})
    exercise: str = field(
        default="", metadata={"doc": "the exercise that it belongs to; empty: it is live"}
    )
    speed: float = field(
        default=1.0, metadata={"doc": "of a replay: 1 is the pace of the recording"}
    )
    loop: bool = field(
        default=False, metadata={"doc": "of a replay: start again at the end of the recording"}
    )
    positions_bytes: int = field(
        default=256 << 20,
        metadata={
            "doc": "bytes of its positions kept on disk; beyond, the oldest go",
            "least": LEAST_RING,
        },
    )

    def __post_init__(self) -> None:
        if not self.groups:
            raise ValueError("a feed without groups is heard by nobody: name at least one")
        check_marking(self.marking)
        if self.transport is Transport.TCP:
            split_address(self.address)

    @property
    def context(self) -> Context:
        """The context that the feed's reports belong to."""
        return Context.exercise(self.exercise) if self.exercise else LIVE


def split_address(address: str) -> tuple[str, int]:
    """Return host and port. ValueError says what is allowed."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"address {address!r}: give HOST:PORT, such as 192.0.2.1:10110")
    return host.removeprefix("[").removesuffix("]"), int(port)


class FeedError(AccordError):
    """A feed cannot be had, in words for whoever looks after it."""


class Connection(Protocol):
    """Where a feed's bytes come from."""

    is_finite: bool
    """Whether the end of the bytes is the end of the feed, and not a connection that broke off."""

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


class FeedState(StrEnum):
    """Whether a feed is there."""

    WAITING = "not connected"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How a feed is. `trouble` says why it is not connected; `counts` are of its reader, by reason.

    `since` is when the state began, `last_heard` when any byte came, `last_useful` when a report
    of it was accepted and not stale already: a feed that is connected and silent shows in the last
    two.
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

    async def run(self) -> None:
        """Connect and read; when it breaks off, say why and try again."""
        wait = FIRST_WAIT
        while True:
            heard = self._last_heard
            ended = await self._read()
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
        for report in self._reader.read(data, received=now, tick=self._clock.monotonic()):
            if self._entrance.accept(report):
                self._accepted += 1
                if now < report.stale:
                    self._last_useful = now
            else:
                self._refused += 1

    def status(self) -> FeedStatus:
        """Return how the feed is now."""
        return FeedStatus(
            name=self.name,
            state=self._state,
            trouble=self._trouble,
            since=self._since,
            last_heard=self._last_heard,
            last_useful=self._last_useful,
            accepted=self._accepted,
            refused=self._refused,
            counts=dict(self._reader.counts),
        )
