"""Lines of a desk's log that is shared with partners: what they wrote is kept, and news is told.

For the cases of search and rescue and the incidents of relief alike.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from accord.core.errors import AccordError
from accord.observe.log import Log

BEAT = 2.0
"""Seconds between looks at the log, which the command line changes too."""

MAX_PENDING = 10_000
"""Lines of partners that wait to be kept; beyond, the oldest go, and are counted."""


class Line(Protocol):
    """A line of the log."""

    @property
    def node(self) -> str:
        """Who wrote it."""
        ...

    @property
    def at(self) -> datetime:
        """Of when it tells."""
        ...

    @property
    def entered(self) -> datetime:
        """When it was entered, by that node's clock."""
        ...


class Store(Protocol):
    """Where the log is kept.

    `full` counts lines of partners beyond its limits, `strange` those into what is not shared.
    """

    full: int
    strange: int

    def mark(self) -> int:
        """Return a number that is another once there is something new in the log."""
        ...


L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[L]):
    """Where lines go. `one` and `many` are what they are written into: `case` and `cases`."""

    store: Store
    take: Callable[[Sequence[L]], object]
    into: Callable[[L], str]
    one: str
    many: str
    max_ahead: timedelta


class PartnerLines(Generic[L]):
    """What partners wrote, until it is kept; and the beat at which the desk looks at its log.

    `losses` counts what could not be kept. `news` is set where there is something to look at.
    """

    def __init__(
        self, kept: Kept[L], losses: Counter[str], log: Log, *, most_pending: int = MAX_PENDING
    ) -> None:
        self._kept = kept
        self._losses = losses
        self._log = log
        self._most_pending = most_pending
        self._heard: deque[L] = deque()
        self._mark = -1
        self.news = asyncio.Event()
        self.trouble = ""

    async def beat(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look again and again until cancelled: at every news, and after BEAT without one."""
        while True:
            self.news.clear()
            await look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), BEAT)

    def unreadable(self, error: AccordError, node: str) -> None:
        """Count something that a partner said and that is no line."""
        self._losses[f"lines of {self._kept.many} that cannot be read"] += 1
        self._log.burst(f"no line of {self._a} {self._kept.one}", reason=str(error), node=node)

    def put(self, line: L) -> None:
        """Have a line kept at the next look."""
        if line.at > line.entered + self._kept.max_ahead:  # kept: that node's clock may be wrong
            self._losses[f"lines of {self._kept.many} dated ahead of this node's clock"] += 1
            self._log.burst(
                f"line of {self._a} {self._kept.one} dated ahead",
                node=line.node, into=self._kept.into(line), at=str(line.at),
            )  # fmt: skip
        self._heard.append(line)
        self.news.set()
        if len(self._heard) > self._most_pending:
            self._heard.popleft()
            self._losses[f"lines of {self._kept.many} too many to keep"] += 1

    @property
    def _a(self) -> str:
        return "an" if self._kept.one[0] in "aeiou" else "a"

    async def look(self, changed: Callable[[], Awaitable[None]]) -> bool:
        """Keep what was put, and do `changed` where the log is another one than at the last look.

        False where the log cannot be read; why is in `trouble`, and is logged once.
        """
        try:
            await self._keep()
            mark = await asyncio.to_thread(self._kept.store.mark)
            if mark != self._mark:
                await changed()
                self._mark = mark
        except AccordError as error:
            if not self.trouble:
                self._log.trouble(f"{self._kept.many} cannot be read", error=str(error))
            self.trouble = str(error)
            return False
        self.trouble = ""
        return True

    async def _keep(self) -> None:
        heard, store = list(self._heard), self._kept.store
        if not heard:
            return
        full, strange = store.full, store.strange
        await asyncio.to_thread(self._kept.take, heard)
        for _ in heard:
            self._heard.popleft()
        many, one = self._kept.many, f"{self._a} {self._kept.one}"
        if store.full > full:
            self._losses[f"lines of {many} beyond what is kept"] += store.full - full
        if store.strange > strange:
            what = f"lines of partners into {many} that are not shared"
            self._losses[what] += store.strange - strange
            self._log.burst(
                f"a partner wrote into {one} that is not shared", into=self._kept.into(heard[-1])
            )
