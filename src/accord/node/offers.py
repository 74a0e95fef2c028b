"""What was accepted here and waits for the disk, before it is offered to partners."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from accord.core.report import Report
from accord.federation.carried import Carried
from accord.wire.peer.protocol import Version

STORED_EVERY = 0.05
"""Seconds between looks whether what was accepted is on the disk, while something waits."""
MAX_WAITING = 100_000
"""Reports that may wait for the disk; beyond, the oldest is offered as it is."""


class Accepted(NamedTuple):
    """A report under its number in the journal, 0 where that does not keep it."""

    sequence: int
    report: Report
    version: Version
    carried: Carried | None


class Offers:
    """What waits, in order. It is the `Disk` by which partners are told what arrived.

    `settled_to` is up to which number the journal has settled. `offer` is told of each that is on
    the disk, `write` writes down that it was offered, `wake` is told when that is done.
    """

    def __init__(
        self, *, settled_to: Callable[[], int], offer: Callable[[Accepted], None],
        write: Callable[[], None], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._settled_to = settled_to
        self._offer = offer
        self._write = write
        self._wake = wake
        self._waiting: deque[Accepted] = deque()
        self._given = 0
        self._settled = 0
        self._is_due = False

    @property
    def given(self) -> int:
        """How many were accepted."""
        return self._given

    @property
    def settled(self) -> int:
        """How many of them are on the disk, or lost to it, and offered."""
        return self._settled

    def add(self, accepted: Accepted) -> None:
        """Offer it as soon as it is on the disk."""
        self._waiting.append(accepted)
        self._given += 1
        if len(self._waiting) > MAX_WAITING:
            self._offer(self._waiting.popleft())
            self._settled += 1
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(STORED_EVERY, self._look_again)

    def look(self) -> None:
        """Offer what is on the disk."""
        settled, before = self._settled_to(), len(self._waiting)
        while self._waiting and self._waiting[0].sequence <= settled:
            self._offer(self._waiting.popleft())
        # Nobody is told that it arrived before it is written down that others are to have it.
        self._write()
        self._settled += before - len(self._waiting)
        self._wake()

    def _look_again(self) -> None:
        self.look()
        self._is_due = bool(self._waiting)
        if self._is_due:
            asyncio.get_running_loop().call_later(STORED_EVERY, self._look_again)
