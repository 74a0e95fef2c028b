"""Particles: where something may be at one time, and over all the time that it may have drifted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Point
from accord.search.fault import SearchError
from accord.search.spelling import spell_time
from accord.search.sphere import Floats, Pair, apart, offsets, turned

Rows = NDArray[np.intp]
"""Which of the particles."""

_GOOD_PART = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Where all particles are at one time, and how much each of them weighs; the sum is 1."""

    when: datetime
    lats: Floats
    lons: Floats
    weights: Floats

    @property
    def mean(self) -> Point:
        """The weighted middle."""
        lat, lon = middle(self.lats, self.lons, self.weights)
        return Point(lat=lat, lon=lon)

    def radius(self, share: float) -> float:
        """Return the nautical miles about the middle that hold this share of the weight."""
        here = self.mean
        miles = apart(here.lat, here.lon, self.lats, self.lons)
        order = np.argsort(miles)
        row = int(np.searchsorted(np.cumsum(self.weights[order]), share))
        return float(miles[order][min(row, len(miles) - 1)])

    def beside(self, line: Sequence[Point], miles: float) -> float:
        """Return the weight within so many nautical miles of a line."""
        near = np.zeros(len(self.weights), dtype=bool)
        for a, b in pairwise(line):
            east, north = offsets(a.lat, a.lon, self.lats, self.lons)
            end = offsets(a.lat, a.lon, b.lat, b.lon)
            x, y = float(end[0]), float(end[1])
            share = np.clip((east * x + north * y) / max(x * x + y * y, 1e-9), 0.0, 1.0)
            near |= np.hypot(east - share * x, north - share * y) <= miles
        return float(self.weights[near].sum())


def middle(lats: Floats, lons: Floats, weights: Floats) -> tuple[float, float]:
    """Return the weighted middle of places, wherever on the Earth they are."""
    lat, lon = np.radians(lats), np.radians(lons)
    out = float(weights @ (np.cos(lat) * np.cos(lon)))
    east = float(weights @ (np.cos(lat) * np.sin(lon)))
    north = float(weights @ np.sin(lat))
    up = math.degrees(math.atan2(north, math.hypot(out, east)))
    return up, math.degrees(math.atan2(east, out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All places of all particles, in rows of `times` (seconds since 1970); weights sum to 1.

    `scenarios` are the names of what the particles belong to with how many of them, in their order.
    """

    times: Floats
    lats: Floats
    lons: Floats
    weights: Floats
    scenarios: tuple[tuple[str, int], ...] = ()

    @property
    def begin(self) -> datetime:
        """The first time."""
        return datetime.fromtimestamp(float(self.times[0]), UTC)

    @property
    def end(self) -> datetime:
        """The last time."""
        return datetime.fromtimestamp(float(self.times[-1]), UTC)

    def part(self, rows: Rows) -> "Drift":
        """Return some of the particles by themselves, as if nothing else were."""
        weights = self.weights[rows]
        return Drift(
            times=self.times, lats=self.lats[:, rows], lons=self.lons[:, rows],
            weights=weights / weights.sum(),
        )  # fmt: skip

    def named(self, rows: Rows) -> tuple[str, ...]:
        """Return the scenarios of which a good part is among these particles."""
        ends = np.cumsum([number for _, number in self.scenarios])
        of_each = np.searchsorted(ends, rows, side="right")
        return tuple(
            name for n, (name, number) in enumerate(self.scenarios)
            if int((of_each == n).sum()) >= _GOOD_PART * number
        )  # fmt: skip

    def at(self, when: datetime) -> Cloud:
        """Return where all are at a time. SearchError for one that was not worked out."""
        lats, lons = self.places(when.timestamp())
        return Cloud(when=when, lats=lats, lons=lons, weights=self.weights)

    def places(self, when: float) -> Pair:
        """Return latitudes and longitudes at so many seconds since 1970, the short way between."""
        if not self.times[0] <= when <= self.times[-1]:
            span = f"{spell_time(self.begin)} to {spell_time(self.end)}"
            raise SearchError(f"this drift is known from {span}, no further")
        row = int(np.searchsorted(self.times, when, side="right")) - 1
        row = min(row, len(self.times) - 2)
        share = (when - self.times[row]) / (self.times[row + 1] - self.times[row])
        up = self.lats[row + 1] - self.lats[row]
        right = turned(self.lons[row + 1] - self.lons[row])
        return self.lats[row] + up * share, turned(self.lons[row] + right * share)
