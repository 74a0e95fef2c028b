"""When a track is live, stale, lost and removed. Pure: time is an argument."""

import heapq
from datetime import datetime, timedelta
from itertools import count
from typing import Generic, TypeVar

from accord.core.body import Alarm, Position
from accord.core.report import Report
from accord.core.track import TrackStatus

T = TypeVar("T")


def standing(
    lead: Report,
    updated: datetime,
    now: datetime,
    *,
    lost_after: timedelta,
    removed_after: timedelta,
    max_age: timedelta,
) -> tuple[TrackStatus, datetime]:
    """Return the status at `now` of a track last updated at `updated`, and when it changes next.

    It is live until the lead's stale time, then stale; `lost_after` later lost; `removed_after`
    later still removed. A track not updated for `max_age` is removed whatever its sender says of
    its stale time, except what a person drew or placed on the map, which stays until then. An alarm
    is only removed by its age: until then it stays, stale or lost, until it is cancelled.
    """
    stale, end = lead.stale, updated + max_age
    if _is_placed(lead):
        end = max(end, stale)
    if now >= end:
        return TrackStatus.REMOVED, end
    # A stale time may be the last a datetime can hold: nothing is added to it until it is past.
    if now < stale:
        return TrackStatus.LIVE, min(stale, end)
    lost = stale + lost_after
    if now < lost:
        return TrackStatus.STALE, min(lost, end)
    removed = end if isinstance(lead.body, Alarm) else lost + removed_after
    if now < removed:
        return TrackStatus.LOST, min(removed, end)
    return TrackStatus.REMOVED, removed


def _is_placed(lead: Report) -> bool:
    """Tell whether a person put it on the map: a drawing, a marker, not his own position."""
    if isinstance(lead.body, Alarm):
        return False
    is_thing = isinstance(lead.body, Position) and lead.kind.text.startswith("a-")
    return not is_thing or (lead.how.startswith("h-") and lead.author != lead.uid)


class Schedule(Generic[T]):
    """Says what is due. Each thing stands in it once, under the ticket that `put` gave for it.

    What is dropped is let go at once; its place in the heap is cleared when it is reached, or when
    more than half of the heap is such places.
    """

    SPARE = 64
    """Cleared places that are not worth the work."""

    __slots__ = ("_heap", "_ticket", "_waiting")

    def __init__(self) -> None:
        self._ticket = count()
        self._waiting: dict[int, T] = {}
        self._heap: list[tuple[datetime, int]] = []

    def __len__(self) -> int:
        """Return how many places the heap has, the cleared ones too."""
        return len(self._heap)

    def put(self, thing: T, due: datetime) -> int:
        """Let the thing be due then, and return its ticket."""
        ticket = next(self._ticket)
        self._waiting[ticket] = thing
        heapq.heappush(self._heap, (due, ticket))
        return ticket

    def drop(self, ticket: int) -> None:
        """Forget what was put under this ticket."""
        self._waiting.pop(ticket, None)
        if len(self._heap) > 2 * len(self._waiting) + self.SPARE:
            self._heap = [place for place in self._heap if place[1] in self._waiting]
            heapq.heapify(self._heap)

    def take(self, now: datetime) -> T | None:
        """Return the thing that has been due longest, and forget it; None when nothing is due."""
        while self._heap and self._heap[0][0] <= now:
            thing = self._waiting.pop(heapq.heappop(self._heap)[1], None)
            if thing is not None:
                return thing
        return None
