"""How a node's history is, looked at again and again in a thread: a database may be slow.

Whoever asks the node how it is has what was seen last.
"""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from accord.config import Settings
from accord.node.history_status import HistoryStatus, status_of
from accord.observe.health import BudgetStatus
from accord.storage.history.shelf import HistoryFault, Why

LOOK_EVERY = 5.0

BEYOND = "positions beyond the budget of their channel or of all"
LOST = "positions that went before they were taken in, or were damaged"
CUT_OFF = "files that went although somebody read them"


class HistoryWatch:
    """What was seen last: `problems` are sentences for whoever looks after the node."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self.problems: tuple[str, ...] = ()
        self._directory = directory
        self._settings = settings
        self._seen: HistoryStatus | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Look once. What was there before stands where it cannot be read."""
        try:
            self._seen = status_of(self._directory, self._settings)
        except HistoryFault as fault:
            self.problems = (str(fault),)
        else:
            self.problems = self._seen.problems if self._seen is not None else ()

    def losses(self) -> Mapping[str, int]:
        """Return what went for a budget, before it was kept, or while somebody read it."""
        if self._seen is None:
            return {}
        beyond = sum(each.positions for each in self._seen.went if each.why is Why.BUDGET)
        progress = self._seen.progress
        return {BEYOND: beyond, LOST: progress.lost, CUT_OFF: progress.cut_off}

    def budget(self) -> Iterator[BudgetStatus]:
        """Yield what it takes of what it may, where there is one."""
        if self._seen is not None:
            yield BudgetStatus(what="history", used=self._seen.bytes, budget=self._seen.budget)
