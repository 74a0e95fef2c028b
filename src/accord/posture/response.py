"""How soon the first suitable unit is at each place, and what a commitment changes in that.

The hours are notice and transit of the first unit that can go. Places are H3 cells, each counted
once. What nobody reaches has no hours: it is not served, and stands in no mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.posture.stations import Flags, Floats, Post, Station

THRESHOLDS = (6, 24, 72, 120)
"""Hours within which the share of an area is told."""

_NORMAL_95 = 1.959964
"""Of the normal distribution, for an interval of 95 %."""
_SAME = 1e-3
"""Hours below which two means are told as equal: what single precision cannot tell apart."""

_ROWS = 64
"""Draws that are worked on at once: the numbers of an area then stay near the processor."""

Means = NDArray[np.float64]

Transit = Callable[[Post], Floats]
"""Hours from a post to each of some cells; infinite where it cannot get."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the 95 % interval of the mean, by its standard error over the draws."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What an area has of one capability. No mean and no worst place where nobody comes."""

    mean: float | None
    """Hours, over all that is served."""
    worst: float | None
    worst_at: int | None
    """The place that waits longest on average, among those ever served: its number."""
    within: dict[int, float]
    served: float


@dataclass(frozen=True, slots=True)
class Change:
    """Before and after. `difference` is over what is served both before and after."""

    before: Summary
    after: Summary
    difference: Interval | None
    before_mean: float | None
    """Over what is served both before and after, so that the difference is that of the means."""
    after_mean: float | None
    better: float
    """The share of draws in which the area is served sooner."""
    worse: float


def respond(posts: Sequence[Station], transit: Transit, cells: int, draws: int) -> Floats:
    """Return hours by draw (rows) and cell (columns); infinite where nobody comes."""
    best = np.full((draws, cells), np.inf, dtype=np.float32)
    work = np.empty((_ROWS, cells), dtype=np.float32)
    hours = ((each.notice, transit(each.post)) for each in posts)
    coming = [(notice, way) for notice, way in hours if np.isfinite(way).any()]
    for first in range(0, draws, _ROWS):
        rows = best[first : first + _ROWS]
        room = work[: len(rows)]
        for notice, way in coming:
            np.add(notice[first : first + _ROWS, None], way[None, :], out=room)
            np.minimum(rows, room, out=rows)
    return best


@dataclass(frozen=True, slots=True)
class Measured:
    """Hours by draw and cell, and what they come to; zero hours where nobody comes."""

    hours: Floats
    served: Flags
    summary: Summary


def measure(hours: Floats) -> Measured:
    """Return hours by draw and cell with what they come to; infinite is not served."""
    served = np.isfinite(hours)
    known = hours if served.all() else np.where(served, hours, np.float32(0.0))
    return Measured(known, served, _summary(hours, known, served))


def _summary(hours: Floats, known: Floats, served: Flags) -> Summary:
    count = _count(served, axis=0)
    total = known.sum(axis=0, dtype=np.float64)
    within = {limit: float(np.count_nonzero(hours <= limit) / hours.size) for limit in THRESHOLDS}
    share = float(count.sum() / hours.size)
    if not count.any():
        return Summary(None, None, None, within, share)
    means = np.divide(total, count, out=np.full(len(count), -1.0), where=count > 0)
    worst = int(np.argmax(means))
    mean = float(total.sum() / count.sum())
    return Summary(mean, float(means[worst]), worst, within, share)


def compare(before: Measured, after: Measured) -> Change:
    """Return what changes between two results of the same draws."""
    both = before.served & after.served
    count = _count(both, axis=1)
    told = count > 0
    means_before = _sums(before, both)[told] / count[told]
    means_after = _sums(after, both)[told] / count[told]
    steps = means_after - means_before
    sooner, later = _better(before, after, steps, told)
    return Change(
        before=before.summary,
        after=after.summary,
        difference=interval(steps) if len(steps) else None,
        before_mean=float(means_before.mean()) if len(steps) else None,
        after_mean=float(means_after.mean()) if len(steps) else None,
        better=sooner,
        worse=later,
    )


def _sums(measured: Measured, both: Flags) -> Means:
    hours = measured.hours if both.all() else measured.hours * both
    return hours.sum(axis=1, dtype=np.float64)


def _count(flags: Flags, *, axis: int) -> NDArray[np.intp]:
    """Count along one axis; where all are set, which is usual, there is nothing to count."""
    if flags.all():
        size, each = int(flags.shape[1 - axis]), int(flags.shape[axis])
        return np.full((size,), each, dtype=np.intp)
    return np.asarray(np.count_nonzero(flags, axis=axis), dtype=np.intp)


def _better(before: Measured, after: Measured, steps: Means, told: Flags) -> tuple[float, float]:
    """Return the shares of draws that are better and worse: sooner, or where alike, more served."""
    sign = np.zeros(len(told))
    sign[told] = np.where(np.abs(steps) > _SAME, np.sign(steps), 0.0)
    gone = _count(before.served, axis=1) - _count(after.served, axis=1)
    sign = np.where(sign == 0.0, np.sign(gone), sign)
    return float((sign < 0).mean()), float((sign > 0).mean())


def interval(values: Means) -> Interval:
    """Return the mean of paired differences and its 95 % interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, mean, mean)
    half = _NORMAL_95 * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    return Interval(mean, mean - half, mean + half)


def by_cell(hours: Floats, limit: float) -> Floats:
    """Return for each cell the share of draws in which somebody is there within the hours."""
    return (np.count_nonzero(hours <= limit, axis=0) / len(hours)).astype(np.float32)
