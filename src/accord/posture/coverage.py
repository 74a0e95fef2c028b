"""Surveillance: how patrol hours are best spread over places, and what is seen then.

A place that is patrolled with `effort` (area swept over its own area) is seen at least once with
probability 1 - exp(-effort), by the law of random search (Koopman 1946). The best spread is a
linear programme: the law is replaced by its chords, which never promise more than it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accord.core.errors import AccordError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

KNOTS = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3.0, 5.0])
"""Where the chords meet. The widest gap to the law is 0.0102; effort beyond the last is waste."""


class NoOptimum(AccordError):
    """The solver did not prove an optimum; it says what it found instead."""


@dataclass(frozen=True, slots=True)
class Patrol:
    """Hours of one source. `rate[c]` is the share of place c that one hour of its budget sweeps.

    The hours to fly there and back are in `rate`: it is zero where nothing is left to search with.
    """

    source: str
    hours: float
    rate: Floats


@dataclass(frozen=True, slots=True)
class Surveillance:
    """How likely each place is seen, and the mean weighted by the places' sizes."""

    seen: Floats
    mean: float
    never: float
    """The share of the size of all places that nobody reaches."""


def hour_rate(
    transit_h: Floats, *, endurance_h: float, swept_km2_h: float, cell_km2: Floats
) -> Floats:
    """Return `Patrol.rate` of a source that flies there and back in each sortie."""
    on_station = np.clip(1.0 - 2.0 * transit_h / endurance_h, 0.0, 1.0)
    return on_station * swept_km2_h / cell_km2


def even_spread(patrols: Sequence[Patrol], sizes: Floats) -> Surveillance:
    """Return what is seen when each source spends the same hours on each place in its reach."""
    effort = np.zeros(len(sizes))
    for each in patrols:
        reached = each.rate > 0
        if reached.any():
            effort += each.rate * each.hours / np.count_nonzero(reached)
    return _seen(patrols, effort, sizes)


def best_spread(patrols: Sequence[Patrol], sizes: Floats) -> Surveillance:
    """Return what is seen when hours are spread so that the mean is greatest."""
    useful = [each for each in patrols if each.hours > 0 and (each.rate > 0).any()]
    if not useful:
        return even_spread((), sizes)
    found = _seen(patrols, _Programme(useful, sizes).effort(), sizes)
    # Where even is best, the chords can miss it by their gap.
    return max(found, even_spread(patrols, sizes), key=lambda each: each.mean)


def _seen(patrols: Sequence[Patrol], effort: Floats, sizes: Floats) -> Surveillance:
    share = sizes / sizes.sum()
    seen = 1.0 - np.exp(-effort)
    reached = np.zeros(len(sizes), dtype=np.bool_)
    for each in patrols:
        reached |= each.rate > 0
    return Surveillance(seen, float(share @ seen), float(share @ ~reached))


class _Programme:
    """Variables: hours of each source at each place in its reach, then each place's chords.

    Rows: the hours of each source, then for each place that its chords use no more effort than
    there is.
    """

    def __init__(self, patrols: Sequence[Patrol], sizes: Floats) -> None:
        self._places = len(sizes)
        reach = [np.flatnonzero(each.rate > 0) for each in patrols]
        self._source: Places = np.repeat(np.arange(len(patrols)), [len(each) for each in reach])
        self._place: Places = np.concatenate(reach)
        self._rate: Floats = np.concatenate(
            [each.rate[its] for each, its in zip(patrols, reach, strict=True)]
        )
        self._hours = np.array([each.hours for each in patrols])
        self._share = sizes / sizes.sum()

    def effort(self) -> Floats:
        """Solve it, and return the effort at each place."""
        wide = np.diff(KNOTS)
        slope = np.diff(1.0 - np.exp(-KNOTS)) / wide
        flown = len(self._place)
        worth = np.concatenate([np.zeros(flown), np.outer(self._share, slope).ravel()])
        most = np.concatenate([self._hours[self._source], np.tile(wide, self._places)])
        limits = np.concatenate([self._hours, np.zeros(self._places)])
        hours = _solve(worth, self._rows(len(wide)), limits, most)[:flown]
        effort = np.bincount(self._place, weights=hours * self._rate, minlength=self._places)
        return np.asarray(effort, dtype=np.float64)

    def _rows(self, chords: int) -> "csr_array":
        from scipy.sparse import csr_array  # see _solve

        flown, sources = len(self._place), len(self._hours)
        column = np.arange(flown)
        chord = np.arange(self._places * chords)
        entries = np.concatenate([np.ones(flown), -self._rate, np.ones(len(chord))])
        rows = np.concatenate([self._source, sources + self._place, sources + chord // chords])
        columns = np.concatenate([column, column, flown + chord])
        shape = (sources + self._places, flown + len(chord))
        return csr_array((entries, (rows, columns)), shape=shape)


def _solve(worth: Floats, rows: "csr_array", limits: Floats, most: Floats) -> Floats:
    # Half a second to import: not before there is something to be solved.
    from scipy.optimize import Bounds, LinearConstraint, milp

    found = milp(
        -worth,
        bounds=Bounds(0.0, most),
        constraints=LinearConstraint(rows, -np.inf, limits),
        # HiGHS stays for minutes in the presolve of such programmes, past any time limit.
        options={"presolve": False},
    )
    if found.status != 0:
        raise NoOptimum(f"the spread of patrol hours was not solved: {found.message}")
    return np.asarray(found.x, dtype=np.float64)
