"""Tracks of one sensor whose plots bear no name, such as a radar's: batch by batch.

A plot that belongs to no track begins one; it is shown after CONFIRMED plots, and dropped when too
many looks in a row miss it. Where a look does not reach, nothing can be said: a sensor that falls
silent keeps its tracks until they are STALE.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Point
from accord.fusion import filter as kalman
from accord.fusion.assign import GATE, Indices, assign, candidates
from accord.fusion.filter import Floats

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on the mean sphere."""

CONFIRMED = 3
"""Plots until a track is shown."""

MISSES_NEW = 2
MISSES = 5
"""Looks in a row without a plot after which a track is dropped, before it is shown and after."""

STALE = 120.0
"""Seconds after the last look that tracks are predicted; after a longer gap all begin anew."""

MOST_TRACKS = 50_000

BEYOND = "plots beyond the most tracks"


class Plot(NamedTuple):
    """One plot: where, when (seconds), and its error, one standard deviation in metres."""

    lat: float
    lon: float
    time: float
    error: float


class Tracked(NamedTuple):
    """A track that is shown: its number, where it is, course (degrees true) and speed (m/s)."""

    number: int
    point: Point
    course: float
    speed: float
    error: float


class Tracker:
    """Takes the plots of one look after the other. `counts` says what was left out.

    `fastest` is the speed, in m/s, that nothing it follows exceeds, `noise` how much that turns and
    speeds up: the spectral density of acceleration, m2/s3.
    """

    def __init__(self, *, fastest: float, noise: float, most: int = MOST_TRACKS) -> None:
        self.counts: Counter[str] = Counter()
        self._fastest = fastest
        self._noise = noise
        self._most = most
        self._origin: tuple[float, float] | None = None
        self._states = kalman.none()
        self._numbers = np.empty(0, np.int64)
        self._hits = np.empty(0, np.int64)
        self._misses = np.empty(0, np.int64)
        self._last = 0
        self._at = -math.inf

    def __len__(self) -> int:
        """Return how many tracks there are, those not shown yet too."""
        return len(self._numbers)

    def look(self, plots: Sequence[Plot]) -> list[Tracked]:
        """Take in the plots of one look, and return the tracks that are shown after it."""
        if not plots:
            return []
        table = np.array(plots, np.float64)
        at = float(table[:, 2].max())
        if at - self._at > STALE or at < self._at:
            self._begin_anew(table)
        else:
            kalman.predict(self._states, at - self._at, self._noise)
        self._at = at
        places, late = self._flat(table), at - table[:, 2]
        taken = self._associate(places, late, table[:, 3])
        self._drop()
        # Where it was when the look ended is less certain the earlier in the look it was seen.
        errors = np.hypot(table[:, 3], late * self._fastest / 3.0)
        self._begin(places[~taken], errors[~taken])
        return self._shown()

    def _begin_anew(self, table: Floats) -> None:
        """Forget every track; the plane is where the plots are."""
        self._origin = float(np.median(table[:, 0])), float(table[0, 1])
        self._keep(np.zeros(len(self), bool))

    def _flat(self, table: Floats) -> Floats:
        """Return places on the plane, metres east and north."""
        lat, lon = self._origin or (0.0, 0.0)
        east = (table[:, 1] - lon + 180.0) % 360.0 - 180.0
        # The width of a degree is taken where the plot is, so that what is far lies right as well.
        width = np.cos(np.radians(table[:, 0])) * METRES_PER_DEGREE
        return np.column_stack([east * width, (table[:, 0] - lat) * METRES_PER_DEGREE])

    def _associate(self, places: Floats, late: Floats, errors: Floats) -> NDArray[np.bool_]:
        """Correct tracks by their plots, and return which plots were taken.

        Tracks that are shown choose first: one that has just begun knows little of how it moves,
        so its gate is wide, and most such were begun by false plots.
        """
        taken = np.zeros(len(places), bool)
        shown = self._hits >= CONFIRMED
        self._misses += 1
        for which in (shown, ~shown):
            self._choose(np.flatnonzero(which), taken, places, late, errors)
        return taken

    def _choose(
        self,
        which: Indices,
        taken: NDArray[np.bool_],
        places: Floats,
        late: Floats,
        errors: Floats,
    ) -> None:
        """Correct these tracks by plots that are not taken yet, and note which they took."""
        states, free = self._states, np.flatnonzero(~taken)
        if not len(free):
            return
        spread = np.sqrt(states.spread[which, 0] + float(errors.max()) ** 2)
        # A plot was made a little before the look ended: what moves was a little behind.
        behind = np.hypot(*states.velocity[which].T) * float(late.max())
        reach = math.sqrt(GATE) * spread + behind
        of, to = candidates(states.place[which], places[free], reach)
        of, to = which[of], free[to]
        innovations = places[to] - (states.place[of] - states.velocity[of] * late[to, None])
        variance = states.spread[of, 0] + errors[to] ** 2
        squares = (innovations**2).sum(axis=1) / variance
        inside = squares <= GATE
        of, to, innovations = of[inside], to[inside], innovations[inside]
        # The likelihood counts, so that what is well known is not robbed by what is not.
        chosen = assign(
            of, to, squares[inside] + np.log(variance[inside] / variance.min(initial=1e9))
        )
        kalman.update(states, of[chosen], innovations[chosen], errors[to[chosen]])
        self._misses[of[chosen]] = 0
        self._hits[of[chosen]] += 1
        taken[to[chosen]] = True

    def _drop(self) -> None:
        allowed = np.where(self._hits >= CONFIRMED, MISSES, MISSES_NEW)
        self._keep(self._misses < allowed)

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self._states = kalman.kept(self._states, which)
        self._numbers, self._hits = self._numbers[which], self._hits[which]
        self._misses = self._misses[which]

    def _begin(self, places: Floats, errors: Floats) -> None:
        room = max(0, self._most - len(self))
        if len(places) > room:
            self.counts[BEYOND] += len(places) - room
            places, errors = places[:room], errors[:room]
        count = len(places)
        self._states = kalman.joined(self._states, kalman.begun(places, errors, self._fastest))
        numbers = np.arange(self._last + 1, self._last + 1 + count)
        self._last += count
        self._numbers = np.concatenate([self._numbers, numbers])
        self._hits = np.concatenate([self._hits, np.ones(count, np.int64)])
        self._misses = np.concatenate([self._misses, np.zeros(count, np.int64)])

    def _shown(self) -> list[Tracked]:
        which = self._hits >= CONFIRMED
        lat, lon = self._origin or (0.0, 0.0)
        states = kalman.kept(self._states, which)
        lats = np.clip(lat + states.place[:, 1] / METRES_PER_DEGREE, -90.0, 90.0)
        width = np.maximum(np.cos(np.radians(lats)), 1e-6) * METRES_PER_DEGREE
        lons = (lon + states.place[:, 0] / width + 180.0) % 360.0 - 180.0
        east, north = states.velocity.T
        courses = np.degrees(np.arctan2(east, north)) % 360.0
        speeds = np.minimum(np.hypot(east, north), self._fastest)
        # The radius that holds 90 %, of a circular normal distribution.
        errors = np.sqrt(states.spread[:, 0] * 2 * math.log(10.0))
        rows = np.column_stack([self._numbers[which], lats, lons, courses, speeds, errors]).tolist()
        return [
            Tracked(
                int(number), Point(lat=lat, lon=lon, circular_error=error), course, speed, error
            )
            for number, lat, lon, course, speed, error in rows
        ]
