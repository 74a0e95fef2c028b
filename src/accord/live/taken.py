"""Words that were written to a receiver and that it may not have: nobody knows yet that it is gone.

What is written waits in buffers of this system until the receiver's acknowledges it. When a phone
is out of reach that never happens, and what lies there is lost with the connection. So the words
among it are remembered until they are known to have been taken, in two steps: first the receiver's
system acknowledges them, then the receiver says something, and so is alive to have read them.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from accord.core.report import Report

LOOK_EVERY = 0.5
"""Seconds between looks at what receivers have acknowledged, while there are words in flight."""

LOOKS_AT_ONCE = 500
"""Receivers looked at in one turn, some 2 ms; the others have theirs after what else is due."""

GIVEN_BACK = "words kept again: written, and not known to be taken"
TOO_MANY = "words too many to be watched until they are taken"


class Line(Protocol):
    """A connection, as far as it knows what became of what was written to it."""

    def written(self) -> int | None:
        """Return how many bytes everything written so far has; None: that is not known yet."""
        ...

    def acknowledged(self) -> int:
        """Return up to which of these bytes the receiver's system has them; last known if ended."""
        ...


class Watch:
    """Looks now and then at every receiver that has words in flight; `schedule` is the hub's."""

    def __init__(
        self, schedule: Callable[[float, Callable[[], None]], object], counts: Counter[str]
    ) -> None:
        self.counts = counts
        self._schedule = schedule
        self._watched: set[Taken] = set()
        self._due: list[Taken] = []
        self._is_set = False

    def add(self, taken: "Taken") -> None:
        """Look at a receiver until it has nothing in flight."""
        self._watched.add(taken)
        if not self._is_set:
            self._is_set = True
            self._schedule(LOOK_EVERY, self._look)

    def discard(self, taken: "Taken") -> None:
        """Look at a receiver no more."""
        self._watched.discard(taken)

    def _look(self) -> None:
        if not self._due:
            self._due = list(self._watched)
        turn, self._due = self._due[:LOOKS_AT_ONCE], self._due[LOOKS_AT_ONCE:]
        for each in turn:
            each.look()
        self._is_set = bool(self._watched)
        if self._is_set:
            self._schedule(0.0 if self._due else LOOK_EVERY, self._look)


class _Flying:
    """Words on their way, and at which byte they end, once that is known."""

    __slots__ = ("end", "report")

    def __init__(self, report: Report, end: int | None) -> None:
        self.report = report
        self.end = end


class Taken:
    """The words written to one receiver that are not known to be taken, at most so many, in order.

    Beyond, the oldest count as taken. Where the same words are given again to who had them after
    all, he knows them by their id and shows them once.
    """

    __slots__ = ("_flying", "_landed", "_limit", "_line", "_watch")

    def __init__(self, line: Line, watch: Watch, *, limit: int) -> None:
        self._line = line
        self._watch = watch
        self._limit = limit
        self._flying: deque[_Flying] = deque()
        self._landed: deque[Report] = deque()

    @property
    def is_unsure(self) -> bool:
        """Whether there are words that are not known to be taken."""
        return bool(self._flying or self._landed)

    def wrote(self, words: Sequence[Report]) -> None:
        """Take note of words that have just been written."""
        end = self._line.written()
        self._flying.extend(_Flying(each, end) for each in words)
        while len(self._flying) + len(self._landed) > self._limit:
            if self._landed:
                self._landed.popleft()
            else:
                self._flying.popleft()
                self._watch.counts[TOO_MANY] += 1
        self._watch.add(self)

    def look(self) -> None:
        """Ask which of the words in flight the receiver's system has."""
        flying = self._flying
        if flying:
            self._find_ends()
            has = self._line.acknowledged()
            while flying and (end := flying[0].end) is not None and end <= has:
                self._landed.append(flying.popleft().report)
        if not flying:
            self._watch.discard(self)

    def _find_ends(self) -> None:
        """Let words whose end was not known end with what is written by now, which is after it."""
        if self._flying[-1].end is not None:
            return
        end = self._line.written()
        for each in self._flying:
            each.end = end if each.end is None else each.end

    def heard(self) -> None:
        """Take note that the receiver lives: it has read what its system was seen to have before.

        What is seen only now may have come just before it is killed.
        """
        self._landed.clear()
        self.look()

    def in_flight(self) -> list[Report]:
        """Return, as of now, the words that the receiver's system does not have, in order."""
        self.look()
        return [each.report for each in self._flying]

    def forget(self, gone: AbstractSet[int]) -> None:
        """Do not wait for words of these `id`s: somebody else is given them."""
        kept = [each for each in self._flying if id(each.report) not in gone]
        self._watch.counts[GIVEN_BACK] += len(self._flying) - len(kept)
        self._flying = deque(kept)

    def end(self, *, is_orderly: bool) -> list[Report]:
        """Return the words that it may not have, in order, as the connection is gone.

        In an orderly end the receiver has closed, and is taken to have read what its system had:
        whether the program had is nothing that TCP says.
        """
        self.look()
        self._watch.discard(self)
        lost: list[Report] = [] if is_orderly else list(self._landed)
        lost += (each.report for each in self._flying)
        self._landed.clear()
        self._flying.clear()
        if lost:
            self._watch.counts[GIVEN_BACK] += len(lost)
        return lost
