"""Requests that come all at once begin a few at a time, with everything else that waits in between.

A loop reads every socket that has something before it looks at anything else: 200 requests at once
would keep a position waiting until all of them are read and have begun.
"""

import asyncio
from collections import deque
from typing import Protocol

AT_ONCE = 2
"""Requests that begin in one round of the loop: about a millisecond's work."""


class Waits(Protocol):
    """Has read something with which a request begins."""

    def begin(self) -> None:
        """Read on; nothing where there is nobody to answer any more."""
        ...


class Beginnings:
    """Whose turn it is to begin; each waits once, so there are no more of them than connections."""

    def __init__(self) -> None:
        self._waiting = deque[Waits]()
        self._begun = 0
        self._is_counting = False

    def may_begin(self, who: Waits) -> bool:
        """Tell whether somebody may begin now; otherwise his `begin` is called in his turn."""
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._next_round)
        if self._begun < AT_ONCE:
            self._begun += 1
            return True
        self._waiting.append(who)
        return False

    def _next_round(self) -> None:
        self._begun = min(AT_ONCE, len(self._waiting))
        self._is_counting = bool(self._begun)
        if self._is_counting:
            asyncio.get_running_loop().call_soon(self._next_round)
        for _ in range(self._begun):
            self._waiting.popleft().begin()
