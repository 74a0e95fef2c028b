"""Particles: where something may be at one time, and over all the time that it may have drifted."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from accord.core.geometry import Point
from accord.search.fault import SearchError
from accord.search.sphere import Floats, Pair, apart, turned


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
    """All places of all particles, in rows of `times` (seconds since 1970); weights sum to 1."""

    times: Floats
    lats: Floats
    lons: Floats
    weights: Floats

    @property
    def begin(self) -> datetime:
        """The first time."""
        return datetime.fromtimestamp(float(self.times[0]), UTC)

    @property
    def end(self) -> datetime:
        """The last time."""
        return datetime.fromtimestamp(float(self.times[-1]), UTC)

    def at(self, when: datetime) -> Cloud:
        """Return where all are at a time. SearchError for one that was not worked out."""
        lats, lons = self.places(when.timestamp())
        return Cloud(when=when, lats=lats, lons=lons, weights=self.weights)

    def places(self, when: float) -> Pair:
        """Return latitudes and longitudes at so many seconds since 1970, the short way between."""
        if not self.times[0] <= when <= self.times[-1]:
            raise SearchError(
                f"this drift is known from {_spell(self.begin)} to {_spell(self.end)}, no further"
            )
        row = int(np.searchsorted(self.times, when, side="right")) - 1
        row = min(row, len(self.times) - 2)
        share = (when - self.times[row]) / (self.times[row + 1] - self.times[row])
        up = self.lats[row + 1] - self.lats[row]
        right = turned(self.lons[row + 1] - self.lons[row])
        return self.lats[row] + up * share, turned(self.lons[row] + right * share)


def _spell(when: datetime) -> str:
    return f"{when:%d %b %H:%MZ}".upper()
