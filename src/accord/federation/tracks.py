"""Moving objects on their way to a partner: of each, the newest state that it does not have yet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from accord.core.report import Report
from accord.federation.carried import Carried
from accord.federation.door import Leaving
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Lane, Version
from accord.wire.peer.report import Header, Update

Source = tuple[bytes, int] | None
"""The frame of another node that a state came in; None for this node's own words."""
Group = tuple[Lane, Source]
"""What can share a frame."""


class Candidate(NamedTuple):
    """A report that may leave, in its version, with what it carried if another node's."""

    report: Report
    version: Version
    carried: Carried | None = None

    @property
    def accepted(self) -> datetime:
        """From when its age counts, as release/reduce.py has it."""
        return max(self.report.time, self.report.received)


class Release(NamedTuple):
    """What was made of a candidate: its name and version for the partner, and its two parts."""

    source: Version
    key: ObjectKey
    version: Version
    leaving: Leaving
    header: Header
    update: Update
    carried: Carried | None = None


class Track:
    """One object. `candidates` are newest last: more than one only while a form demands age."""

    __slots__ = (
        "candidates", "flight", "flown", "is_ready", "key", "lane", "last", "needs_age", "since",
        "source", "young_at",
    )  # fmt: skip

    def __init__(self, key: ObjectKey, lane: Lane) -> None:
        self.key = key
        self.lane = lane
        self.candidates: list[Candidate] = []
        self.last: Release | None = None
        self.flight = 0
        self.flown: Release | None = None
        self.is_ready = False
        self.since = 0.0
        self.source: Source = None
        self.needs_age = False
        self.young_at = timedelta(0)

    @property
    def newest(self) -> Version:
        """The version of the newest candidate."""
        return self.candidates[-1].version

    def flies(self, release: Release) -> bool:
        """Tell whether that release is on its way; what found no room in its frame is not."""
        return self.flight > 0 and self.flown is release

    def to_try(self, at: datetime) -> Iterator[int]:
        """Return the places of candidates, newest first, but for those too young last time."""
        newest = len(self.candidates) - 1
        for place in range(newest, -1, -1):
            if place == newest or at - self.candidates[place].accepted > self.young_at:
                yield place

    def was_too_young(self, place: int, at: datetime) -> None:
        """Note that a candidate was too young: until it is old enough, newer ones are kept too."""
        self.needs_age = True
        if place < len(self.candidates) - 1:
            self.young_at = max(self.young_at, at - self.candidates[place].accepted)

    def only_after(self, place: int) -> None:
        """Forget what is older than the candidate at that place, which has been released."""
        del self.candidates[:place]


class Tracks:
    """The moving objects that a partner may be given; at most `limit` of them.

    Of one that must be some age before it leaves, at most `waiting` reports are kept.
    """

    def __init__(self, *, limit: int, waiting: int, retry: float, counts: Counter[str]) -> None:
        self.limit = limit
        self._waiting = waiting
        self._retry = retry
        self._counts = counts
        self._tracks: dict[ObjectKey, Track] = {}
        self._ready: dict[Group, dict[ObjectKey, Track]] = {}
        self._later: list[tuple[float, int, ObjectKey]] = []
        self._order = 0
        self._flying: dict[int, list[tuple[Track, Release]]] = {}
        self._idle: dict[ObjectKey, None] = {}

    def __len__(self) -> int:
        return len(self._tracks)

    def note(self, key: ObjectKey, candidate: Candidate, lane: Lane, seconds: float) -> None:
        """Offer a state of an object, unless there is a newer one."""
        track = self._tracks.pop(key, None)
        if track is None:
            self._make_room()
            track = Track(key, lane)
        elif candidate.version <= track.newest:
            self._tracks[key] = track
            return
        self._tracks[key] = track
        self._add(track, candidate)
        self._idle.pop(key, None)
        source = _source(candidate.carried)
        if track.is_ready and (track.source, track.lane) == (source, lane):
            return
        self._leave_queue(track)
        track.lane, track.source = lane, source
        self._make_ready(track, seconds)

    def get(self, key: ObjectKey) -> Track | None:
        """Return the object of that key, as this node names it."""
        return self._tracks.get(key)

    def forget(self, keys: Iterable[ObjectKey]) -> None:
        """Offer these objects no more."""
        for key in keys:
            track = self._tracks.pop(key, None)
            if track is not None:
                self._leave_queue(track)
            self._idle.pop(key, None)

    def superseded(self, key: ObjectKey, version: Version) -> None:
        """Do not send what is older: the partner has that version already."""
        track = self._tracks.get(key)
        if track is not None and track.newest < version:
            self.forget((key,))

    def everything(self) -> tuple[Track, ...]:
        """Return all objects."""
        return tuple(self._tracks.values())

    def groups(self, lane: Lane, seconds: float) -> list[Group]:
        """Return what waits in a lane, by what can share a frame; what waited longest first."""
        self._wake(seconds)
        waiting = [
            (next(iter(queue.values())).since, group)
            for group, queue in self._ready.items()
            if group[0] is lane
        ]
        return [group for _, group in sorted(waiting, key=lambda each: each[0])]

    def ready(self, group: Group) -> list[Track]:
        """Return what waits in a group, in the order in which it is sent."""
        return list(self._ready.get(group, {}).values())

    def waiting(self, lane: Lane) -> tuple[int, float | None]:
        """Return how many objects wait in a lane, and since when."""
        queues = [queue for group, queue in self._ready.items() if group[0] is lane]
        since = min((next(iter(queue.values())).since for queue in queues), default=None)
        return sum(map(len, queues)), since

    def next_at(self) -> float | None:
        """Return when something is to be decided again."""
        return self._later[0][0] if self._later else None

    def regroup(self, track: Track, source: Source) -> None:
        """Let a track wait among those of another source."""
        since = track.since
        self._leave_queue(track)
        track.source = source
        self._make_ready(track, since)

    def later(self, track: Track, seconds: float) -> None:
        """Decide it again after a while: time may change the answer."""
        self._leave_queue(track)
        self._order += 1
        heappush(self._later, (seconds + self._retry, self._order, track.key))

    def idle(self, track: Track) -> None:
        """Let it be until there is a newer state, or something was changed."""
        self._leave_queue(track)
        self._idle[track.key] = None

    def done(self, track: Track) -> None:
        """Note that the partner has its newest state."""
        self._leave_queue(track)

    def reconsider(self, seconds: float) -> None:
        """Decide everything again that stayed here."""
        again = [*self._idle, *(key for _, _, key in self._later)]
        self._idle.clear()
        self._later.clear()
        self._again(again, seconds)

    def sent(self, track: Track, release: Release, number: int, seconds: float) -> None:
        """Note in which frame a release is on its way."""
        self._leave_queue(track)
        track.last = track.flown = release
        track.flight = number
        self._flying.setdefault(number, []).append((track, release))
        if track.newest != release.source:
            # What is newer and was too young when this left waits for its time.
            self.later(track, seconds)

    def arrived(self, number: int) -> Iterator[Release]:
        """Return what the partner has of frames up to that number."""
        for flown in [each for each in self._flying if each <= number]:
            for track, release in self._flying.pop(flown):
                if track.flight == flown:
                    track.flight = 0
                yield release

    def flying(self) -> Iterator[Release]:
        """Return what is on its way."""
        return (release for flown in self._flying.values() for _, release in flown)

    def lost(self, seconds: float) -> None:
        """Send again what was on its way when the session ended."""
        tracks = {track.key for flown in self._flying.values() for track, _ in flown}
        self._flying.clear()
        self._again(tracks, seconds)

    def again(self, keys: Iterable[ObjectKey], seconds: float) -> None:
        """Send these again, though the partner had them."""
        for key in keys:
            track = self._tracks.get(key)
            if track is not None:
                track.last = None
                self._again((key,), seconds)

    def _again(self, keys: Iterable[ObjectKey], seconds: float) -> None:
        for key in keys:
            track = self._tracks.get(key)
            if track is not None:
                track.flight = 0
                self._make_ready(track, track.since if track.is_ready else seconds)

    def _add(self, track: Track, candidate: Candidate) -> None:
        if not track.needs_age:
            track.candidates = [candidate]
            return
        track.candidates.append(candidate)
        if len(track.candidates) > self._waiting:
            track.candidates = [*track.candidates[:-1:2], candidate]

    def _make_room(self) -> None:
        if len(self._tracks) < self.limit:
            return
        oldest = next(iter(self._tracks.values()))
        if oldest.is_ready:
            self._counts["an object too many"] += 1
        self.forget((oldest.key,))

    def _make_ready(self, track: Track, seconds: float) -> None:
        if track.is_ready:
            return
        track.is_ready, track.since = True, seconds
        self._ready.setdefault((track.lane, track.source), {})[track.key] = track

    def _leave_queue(self, track: Track) -> None:
        if not track.is_ready:
            return
        track.is_ready = False
        group = track.lane, track.source
        del self._ready[group][track.key]
        if not self._ready[group]:
            del self._ready[group]

    def _wake(self, seconds: float) -> None:
        while self._later and self._later[0][0] <= seconds:
            _, _, key = heappop(self._later)
            self._again((key,), seconds)


def _source(carried: Carried | None) -> Source:
    if carried is None:
        return None
    statement = carried.proof.statement
    return statement.session, statement.number
