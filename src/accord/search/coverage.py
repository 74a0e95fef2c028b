"""What was really covered: detection from tracks as they were sailed and flown, past what drifts.

A lookout finds a thing at the distance r with a rate of W2/(8 pi r3) for each mile that it moves:
the inverse-cube law, of which parallel tracks come to erf(C sqrt(pi)/2) (Koopman 1946). Here that
is summed along each piece of track for each particle, both of them moving.

Nothing depends on the order in which positions come: pieces are worked out by slots of time, and
a slot once more when a position in it comes late.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from accord.search.chances import cells_of, fitting, looked_up, spell, summed
from accord.search.cloud import Cloud, Drift
from accord.search.fault import SearchError
from accord.search.sphere import RADIUS_NM, Floats, Pair, turned

GAP = timedelta(minutes=3)
"""What lies between two positions further apart than this was not seen, and is a hole."""
MAX_POINTS = 100_000
MAX_WIDTH = 100.0
"""Nautical miles: nobody sweeps wider."""
_MILES_PER_DEGREE = math.radians(RADIUS_NM)
_JOINED = 60.0
"""Seconds: so long a piece may get; less than any gap that is taken for a hole."""
_NEARLY = 0.02
"""Nautical miles: closer to a straight line than a position is known."""
_NEAREST = 1e-8
"""Square miles: nearer than a foot nothing gets more certain."""


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """Where a unit was, and how wide it swept from there on (nautical miles)."""

    when: float
    lat: float
    lon: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hole:
    """A time between two positions of a unit of which nothing is known."""

    unit: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A cell, and the probability that a thing in there would have been found."""

    cell: str
    pod: float


@dataclass(slots=True)
class _Track:
    """A unit's positions in order, and what each slot of time comes to."""

    fixes: list[Fix] = field(default_factory=list[Fix])
    slots: dict[int, Floats] = field(default_factory=dict[int, Floats])
    stale: set[int] = field(default_factory=set[int])
    disputed: set[float] = field(default_factory=set[float])


class Achieved:
    """What was covered of one drift; it keeps at most `limit` positions, and refuses more."""

    def __init__(self, drift: Drift, *, gap: timedelta = GAP, limit: int = MAX_POINTS) -> None:
        if gap.total_seconds() < _JOINED:
            raise SearchError(f"a gap of {gap}; a minute is the shortest")
        self.limit = limit
        self._drift = drift
        self._gap = gap.total_seconds()
        self._tracks: dict[str, _Track] = {}
        self._reports: dict[str, tuple[datetime, tuple[tuple[str, float], ...]]] = {}

    def searched(
        self, unit: str, width: float, points: Iterable[tuple[datetime, float, float]]
    ) -> None:
        """Take in where a unit was, in any order: time, latitude, longitude.

        SearchError for a width that cannot be, and when there are too many.
        """
        if not 0.0 <= width <= MAX_WIDTH:
            raise SearchError(f"a sweep width of {width:g} NM; 0 to 100 are taken")
        track = self._tracks.setdefault(unit, _Track())
        for when, lat, lon in points:
            self._take(track, Fix(when.timestamp(), lat, lon, width))

    def tracked(self, unit: str, fixes: Iterable[Fix]) -> None:
        """Take these for all that is known of a unit's track; only what changed is worked out anew.

        SearchError when there are too many, or for a width that cannot be.
        """
        new = sorted(fixes)
        for each in new:
            if not 0.0 <= each.width <= MAX_WIDTH:
                raise SearchError(f"a sweep width of {each.width:g} NM; 0 to 100 are taken")
        track = self._tracks.setdefault(unit, _Track())
        others = sum(len(each.fixes) for each in self._tracks.values()) - len(track.fixes)
        if others + len(new) > self.limit:
            raise SearchError(f"more than {self.limit} positions; plan a new search from here")
        old, track.fixes = track.fixes, new
        for fix in set(old) ^ set(new):
            for fixes_of in (old, new):
                self._freshen(track, bisect_left(fixes_of, fix), fixes_of)

    def _take(self, track: _Track, fix: Fix) -> None:
        if sum(len(each.fixes) for each in self._tracks.values()) >= self.limit:
            raise SearchError(f"more than {self.limit} positions; plan a new search from here")
        if fix.when in track.disputed:
            return
        at = bisect_left(track.fixes, fix.when, key=lambda each: each.when)
        known = track.fixes[at] if at < len(track.fixes) else None
        if known == fix:
            return
        self._freshen(track, at, track.fixes)
        if known is None or known.when != fix.when:
            track.fixes.insert(at, fix)
        elif (known.lat, known.lon) == (fix.lat, fix.lon):
            track.fixes[at] = min(known, fix)
        else:
            # In two places at one time: nobody can say by which of them it went.
            track.fixes.pop(at)
            track.disputed.add(fix.when)
        self._freshen(track, at, track.fixes)

    def _freshen(self, track: _Track, at: int, fixes: list[Fix]) -> None:
        """Have the slots about a position of a line worked out once more."""
        near = fixes[max(0, at - 1) : at + 2]
        if not near:
            return
        first, last = self._slot(near[0].when), self._slot(near[-1].when)
        track.stale.update(range(max(0, first), min(last, len(self._drift.times) - 2) + 1))

    def _slot(self, when: float) -> int:
        return int(np.searchsorted(self._drift.times, when, side="right")) - 1

    def reported(self, name: str, when: datetime, pods: Mapping[str, float]) -> None:
        """Take in what somebody else covered until then, by cells; of one name the newest counts.

        SearchError for cells or probabilities that are none.
        """
        if not all(0.0 <= pod <= 1.0 for pod in pods.values()):
            raise SearchError(f"{name} reports a probability of detection that is none")
        lats, lons = self._drift.places(when.timestamp())
        try:
            looked_up(lats[:1], lons[:1], pods.items())
        except ValueError as error:
            raise SearchError(f"{name} reports {error}") from None
        mine = when, tuple(sorted(pods.items()))
        self._reports[name] = max(mine, self._reports.get(name, mine))

    def forget_reports(self) -> None:
        """Forget what others covered; what units of this node did stays."""
        self._reports.clear()

    def work(self) -> Iterator[float]:
        """Work out what came, step by step; yields the share that is done."""
        waiting = sorted((unit, slot) for unit in self._tracks for slot in self._tracks[unit].stale)
        for number, (unit, slot) in enumerate(waiting, 1):
            track = self._tracks[unit]
            track.slots[slot] = self._of_slot(track.fixes, slot)
            track.stale.discard(slot)
            yield number / len(waiting)

    def _of_slot(self, fixes: list[Fix], slot: int) -> Floats:
        """Return what the pieces of a track in one slot come to, for each particle."""
        begin, end = (float(each) for each in self._drift.times[slot : slot + 2])
        first = max(0, bisect_left(fixes, begin, key=lambda each: each.when) - 1)
        found = np.zeros(len(self._drift.weights))
        places = self._drift.lats[slot], self._drift.lons[slot]
        speeds = (
            (self._drift.lats[slot + 1] - places[0]) / (end - begin),
            turned(self._drift.lons[slot + 1] - places[1]) / (end - begin),
        )
        last = bisect_left(fixes, end, key=lambda each: each.when) + 1
        for a, b in _straight(fixes[first:last]):
            if b.when > begin and 0.0 < b.when - a.when <= self._gap and a.width > 0.0:
                span = max(a.when, begin), min(b.when, end)
                found += _passed(a, b, span, places, speeds, begin)
        return found

    @property
    def holes(self) -> tuple[Hole, ...]:
        """When a unit's positions are missing, between its first and its last."""
        return tuple(
            Hole(unit=unit, begin=_time(a.when), end=_time(b.when))
            for unit in sorted(self._tracks)
            for a, b in pairwise(self._tracks[unit].fixes)
            if b.when - a.when > self._gap
        )

    def unseen(self) -> Floats:
        """Return for each particle the probability that nobody found it."""
        for _ in self.work():
            pass
        total = np.zeros(len(self._drift.weights))
        for unit in sorted(self._tracks):
            slots = self._tracks[unit].slots
            for slot in sorted(slots):
                total += slots[slot]
        left = np.exp(-total)
        for name in sorted(self._reports):
            when, pods = self._reports[name]
            left *= 1.0 - looked_up(*self._drift.places(when.timestamp()), pods)
        return left

    @property
    def pos(self) -> float:
        """The cumulative probability of success."""
        return float(self._drift.weights @ (1.0 - self.unseen()))

    def posterior(self, when: datetime) -> Cloud:
        """Return where it may be at a time when it was not found: the weights are what is left.

        SearchError where nothing is left.
        """
        left = self._drift.weights * self.unseen()
        if not left.sum() > 0.0:
            raise SearchError("nothing is left to be searched: look at the scenarios again")
        cloud = self._drift.at(when)
        return Cloud(when=when, lats=cloud.lats, lons=cloud.lons, weights=left / left.sum())

    def cells(self, when: datetime, resolution: int | None = None) -> tuple[Seen, ...]:
        """Return what was covered, by the cells in which it would be at a time.

        This may be told to a partner: it shows no track, and nothing of a sensor but its effect.
        """
        cloud = self._drift.at(when)
        where = cells_of(cloud.lats, cloud.lons, resolution or fitting(cloud))
        seen = summed(where, self._drift.weights * (1.0 - self.unseen()))
        there = summed(where, self._drift.weights)
        return tuple(
            Seen(cell=spell(cell), pod=min(1.0, seen[cell] / there[cell])) for cell in sorted(there)
        )


def _time(when: float) -> datetime:
    return datetime.fromtimestamp(when, UTC)


def _straight(fixes: list[Fix]) -> Iterator[tuple[Fix, Fix]]:
    """Yield a track's pieces; positions that lie on the way between others are left out."""
    at = 0
    while at < len(fixes) - 1:
        end = at + 1
        while end + 1 < len(fixes) and _is_straight(fixes[at : end + 2]):
            end += 1
        yield fixes[at], fixes[end]
        at = end


def _is_straight(fixes: list[Fix]) -> bool:
    a, b = fixes[0], fixes[-1]
    if not 0.0 < b.when - a.when <= _JOINED:
        return False
    near = _NEARLY / _MILES_PER_DEGREE
    wide = max(0.01, math.cos(math.radians(a.lat)))
    for each in fixes[1:-1]:
        lat, lon = _along(a, b, each.when)
        off = (each.lon - lon + 180.0) % 360.0 - 180.0
        if each.width != a.width or abs(each.lat - lat) > near or abs(off) * wide > near:
            return False
    return True


def _passed(
    a: Fix, b: Fix, span: tuple[float, float], places: Pair, speeds: Pair, begin: float
) -> Floats:
    """Return what one straight piece of track comes to for each particle, both moving.

    In the plane about the searcher: what lies far from it counts for nearly nothing.
    """
    (lat, lon), (next_lat, next_lon) = (_along(a, b, when) for when in span)
    wide = _MILES_PER_DEGREE * math.cos(math.radians((lat + next_lat) / 2.0))
    after, lasts = span[0] - begin, span[1] - span[0]
    east = turned(places[1] + speeds[1] * after - lon) * wide
    north = (places[0] + speeds[0] * after - lat) * _MILES_PER_DEGREE
    own_east, own_north = (next_lon - lon) * wide, (next_lat - lat) * _MILES_PER_DEGREE
    way_east = speeds[1] * (lasts * wide) - own_east
    way_north = speeds[0] * (lasts * _MILES_PER_DEGREE) - own_north
    way = np.maximum(np.hypot(way_east, way_north), 1e-9)
    # Along the way past each other, from the point where the two are nearest.
    start = (east * way_east + north * way_north) / way
    aside = np.maximum(((east * way_north - north * way_east) / way) ** 2, _NEAREST)
    end = start + way
    passed = (end / np.sqrt(aside + end**2) - start / np.sqrt(aside + start**2)) / aside
    return passed * (a.width**2 / (8.0 * math.pi) * math.hypot(own_east, own_north)) / way


def _along(a: Fix, b: Fix, when: float) -> tuple[float, float]:
    """Return where a unit was between two positions; the longitude may go past 180."""
    share = (when - a.when) / (b.when - a.when)
    return a.lat + (b.lat - a.lat) * share, a.lon + (
        (b.lon - a.lon + 180.0) % 360.0 - 180.0
    ) * share
