"""Slow work for requests: in threads, so much at once and so much waiting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from accord.api.problem import Problem
from accord.live.asked import GivenUp
from accord.storage.database import StorageFault

T = TypeVar("T")


class Workers:
    """Threads of one purpose; more work than `waiting` beside what they do is refused, counted."""

    def __init__(self, purpose: str, *, threads: int, waiting: int) -> None:
        self.refused = 0
        self._purpose = purpose
        self._most = threads + waiting
        self._at_work = 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=purpose)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work returns. Problem 503 where too much of it waits."""
        if self._at_work >= self._most:
            self.refused += 1
            raise Problem(503, f"too much waits for {self._purpose}; try again")
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._at_work -= 1

    async def look(self, work: Callable[[], T]) -> T:
        """Return what is found in the journal. Problem 503 also where that cannot be read."""
        try:
            return await self.run(work)
        except StorageFault as fault:
            raise Problem(503, f"the journal cannot be read: {fault}") from None
        except GivenUp:
            raise Problem(503, "this node stops") from None

    def begin(self, work: Callable[[], None], ended: Callable[[], None]) -> None:
        """Do work that nobody waits for; `ended` is called in the event loop. Problem as `run`."""
        if self._at_work >= self._most:
            self.refused += 1
            raise Problem(503, f"too much waits for {self._purpose}; try again")
        self._at_work += 1

        def done(_: object) -> None:
            self._at_work -= 1
            ended()

        asyncio.get_running_loop().run_in_executor(self._threads, work).add_done_callback(done)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
