"""Rules about two tracks: those that stay together, and those that come close."""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from accord.core.geometry import Point, distance
from accord.core.quantity import about_duration
from accord.desks.watch.rules.seen import Found, Seen, moment
from accord.desks.watch.rules.single import FRESH, Watcher
from accord.desks.watch.rules.text import Closest, Meets, Rule

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on the mean sphere."""

FASTEST = 30.0
"""Metres a second that a track is taken to go at most, when others are looked for near it."""

MOST_PAIRS = 20_000
"""Pairs that one look goes through, some 50 ms; the rest is left for the next looks."""

NOT_ALL_AT_ONCE = "looks that did not get through all pairs of a rule"

_Pair = tuple[Seen, Seen]


def near_pairs(tracks: Sequence[Seen], within: float) -> Iterator[_Pair]:
    """Yield each two that may be within so many metres of each other, and are not each other."""
    height = within / METRES_PER_DEGREE
    rows: dict[int, list[Seen]] = {}
    for each in tracks:
        rows.setdefault(math.floor(each.point.lat / height), []).append(each)
    for row, here in rows.items():
        others = sorted([*here, *rows.get(row + 1, ())], key=lambda seen: seen.point.lon)
        # A parallel is shortest where it is furthest from the equator.
        far = min(89.9, max(abs(row), abs(row + 2)) * height)
        width = height / math.cos(math.radians(far))
        yield from _in_row(row, height, others, width)


def _in_row(row: int, height: float, others: list[Seen], width: float) -> Iterator[_Pair]:
    """Yield pairs of which one at least is in the row, by longitude; past 180 degrees as well."""
    count = len(others)
    for at, one in enumerate(others):
        for step in range(1, count):
            other = others[(at + step) % count]
            apart = (other.point.lon - one.point.lon) % 360.0
            if apart > width:
                break
            rows = {math.floor(each.point.lat / height) for each in (one, other)}
            if row in rows and not (apart == 0.0 and (at + step) >= count):
                yield one, other


class PairWatcher(Watcher, ABC):
    """Holds pairs against a rule, in rounds: each is of all pairs, in as many looks as it needs.

    `counts` says how often a look did not end a round. What is so no more ends with its round.
    """

    def __init__(self, rule: Rule, reach: float, counts: Counter[str]) -> None:
        super().__init__(rule)
        self._reach = reach
        self._counts = counts
        self._round: Iterator[_Pair] | None = None
        self._here: set[str] = set()

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Find the next pairs of which it is so now."""
        if self._round is None:
            self._round = near_pairs(self._fresh(now, tracks), self._reach)
        pairs = list(islice(self._round, MOST_PAIRS))
        found = [each for pair in pairs for each in self._held(pair, now)]
        if len(pairs) == MOST_PAIRS:
            self._counts[NOT_ALL_AT_ONCE] += 1
            return found
        for about in self.holding.all():
            found += () if about in self._here else self.end(about, now)
        self._round, self._here = None, set()
        self.round_over()
        return found

    def _fresh(self, now: datetime, tracks: Mapping[str, Seen]) -> list[Seen]:
        return [
            each
            for each in tracks.values()
            if now - each.received <= FRESH and self.holding.is_near(each)
        ]

    def _held(self, pair: _Pair, now: datetime) -> Sequence[Found]:
        one, other = sorted(pair, key=lambda seen: seen.uid)
        text = self.so(one, other, now)
        if text is None or not one.groups & other.groups:
            return ()
        about = f"{one.uid} {other.uid}"
        self._here.add(about)
        return self.holding.note(
            about,
            is_so=True,
            say=lambda: self.holding.condition(one, text, other=other),
            at=now,
        )

    def round_over(self) -> None:
        """Take note that all pairs have been looked at."""

    @abstractmethod
    def so(self, one: Seen, other: Seen, now: datetime) -> str | None:
        """Return in a few words that it is so of these two, None where it is not."""

    def forget(self, uid: str) -> Sequence[Found]:
        """Leave it to the next look."""
        del uid
        return ()


class MeetWatcher(PairWatcher):
    """Two that have been close to each other for so long."""

    def __init__(self, rule: Rule, when: Meets, counts: Counter[str]) -> None:
        super().__init__(rule, when.within, counts)
        self._when = when
        self._since: dict[str, datetime] = {}
        self._still: set[str] = set()

    def memory(self) -> Mapping[str, object]:
        """Return since when which two have been together."""
        return {about: since.timestamp() for about, since in self._since.items()}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in since when which two have been together; they are still until looked at."""
        self._since.update({about: moment(since) for about, since in kept.items()})

    def round_over(self) -> None:
        """Forget of those that were not together in this round since when they were."""
        self._since = {about: at for about, at in self._since.items() if about in self._still}
        self._still = set()

    def so(self, one: Seen, other: Seen, now: datetime) -> str | None:
        """Return for how long they have been together."""
        if distance(one.point, other.point) > self._when.within:
            return None
        about = f"{one.uid} {other.uid}"
        self._still.add(about)
        # From when both had said where they are, up to where one of them said so last: nobody
        # knows that they are together still when one has fallen silent.
        since = self._since.setdefault(about, min(now, max(one.received, other.received)))
        together = min(one.received, other.received) - since
        if together < self._when.during:
            return None
        return f"has been with {other.name} for {about_duration(together)}"


class ClosestWatcher(PairWatcher):
    """Two that will come close by the courses and speeds they have now."""

    def __init__(self, rule: Rule, when: Closest, counts: Counter[str]) -> None:
        ahead = when.ahead.total_seconds()
        super().__init__(rule, when.within + 2 * FASTEST * ahead, counts)
        self._when = when
        self._ahead = ahead

    def so(self, one: Seen, other: Seen, now: datetime) -> str | None:
        """Return how close they will come, and when."""
        del now
        found = closest_approach(one, other)
        if found is None:
            return None
        seconds, metres = found
        if not 0.0 <= seconds <= self._ahead or metres > self._when.within:
            return None
        return f"comes within {metres:.0f} m of {other.name} in {seconds / 60:.0f} min"


def closest_approach(one: Seen, other: Seen) -> tuple[float, float] | None:
    """Return in how many seconds two are closest, negative for ago, and how close in metres.

    On a plane, which is good for the distances that matter here. None where it is not known how
    either moves, or where both move alike.
    """
    first, second = _velocity(one), _velocity(other)
    if first is None or second is None:
        return None
    x, y = _offset(one.point, other.point)
    vx, vy = second[0] - first[0], second[1] - first[1]
    square = vx * vx + vy * vy
    if square < 1e-6:
        return None
    seconds = -(x * vx + y * vy) / square
    return seconds, math.hypot(x + vx * seconds, y + vy * seconds)


def _velocity(seen: Seen) -> tuple[float, float] | None:
    if seen.speed is None or (seen.course is None and seen.speed > 0.0):
        return None
    course = math.radians(seen.course or 0.0)
    return seen.speed * math.sin(course), seen.speed * math.cos(course)


def _offset(here: Point, there: Point) -> tuple[float, float]:
    lon = (there.lon - here.lon + 180.0) % 360.0 - 180.0
    scale = math.cos(math.radians((here.lat + there.lat) / 2))
    return lon * scale * METRES_PER_DEGREE, (there.lat - here.lat) * METRES_PER_DEGREE
