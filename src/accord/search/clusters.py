"""Clouds that lie apart: what scenarios far from each other, or two sides of downwind, come to.

Particles are laid on squares that are small beside the whole cloud; squares that touch belong
together. What is found so is looked at again by itself, in smaller squares.
"""

from collections.abc import Sequence

import numpy as np

from accord.search.cloud import Cloud, Rows, middle
from accord.search.sphere import Floats, offsets

MOST = 8
"""Clouds that are told apart."""
_SIDE = 0.25
"""Of a square, in spreads of the cloud."""
_SPARSE = 0.0005
"""Of the weight: a square with less joins nothing."""
_LEAST = 0.02
"""Of the weight: less is no cloud of its own."""
_FEWEST = 25
"""Particles: of fewer nobody can say how they lie."""

Square = tuple[int, int]


def parted(cloud: Cloud) -> tuple[Rows, ...]:
    """Return the particles of each cloud that lies apart from the others, the likeliest first."""
    waiting, found = [np.arange(len(cloud.weights))], list[Rows]()
    while waiting:
        rows = waiting.pop()
        parts = _split(cloud, rows) if len(found) + len(waiting) < MOST - 1 else [rows]
        if len(parts) == 1:
            found.append(rows)
        else:
            waiting += parts
    return tuple(sorted(found, key=lambda each: (-float(cloud.weights[each].sum()), int(each[0]))))


def _split(cloud: Cloud, rows: Rows) -> list[Rows]:
    """Return the parts that these particles lie in, so many that all can be told apart."""
    weights = cloud.weights[rows]
    total = float(weights.sum())
    if not total > 0.0:
        return [rows]
    lats, lons = cloud.lats[rows], cloud.lons[rows]
    east, north = offsets(*middle(lats, lons, weights / total), lats, lons)
    side = _SIDE * _spread(east, north, weights / total)
    if not side > 0.0:
        return [rows]
    laid = np.floor(np.stack([east, north]) / side).astype(int)
    squares, where = np.unique(laid, axis=1, return_inverse=True)
    where = where.ravel()
    held = np.bincount(where, weights=weights)
    full = {(int(x), int(y)): n for n, (x, y) in enumerate(squares.T) if held[n] > _SPARSE * total}
    groups = _touching(full)
    label = np.full(len(held), -1)
    for number, group in enumerate(groups):
        label[[full[each] for each in group]] = number
    of_each: Rows = label[where]
    cores = [
        number for number in range(len(groups))
        if (of_each == number).sum() >= _FEWEST
        and float(weights[of_each == number].sum()) >= _LEAST * total
    ]  # fmt: skip
    if not 1 < len(cores) <= MOST // 2:
        return [rows]
    return [rows[each] for each in _nearest(np.stack([east, north]), of_each, cores)]


def _spread(east: Floats, north: Floats, weights: Floats) -> float:
    return float(np.sqrt(weights @ (east**2 + north**2)))


def _touching(squares: Sequence[Square] | dict[Square, int]) -> list[list[Square]]:
    """Return the squares in groups of those that touch, by sides or corners."""
    left, groups = set(squares), list[list[Square]]()
    for first in sorted(left):
        if first not in left:
            continue
        left.discard(first)
        group = [first]
        for x, y in group:
            beside = {(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= beside
            group += sorted(beside)
        groups.append(group)
    return groups


def _nearest(places: Floats, of_each: Rows, cores: Sequence[int]) -> list[Rows]:
    """Return the particles of each core; those of none are with the nearest middle of one."""
    middles = np.stack([places[:, of_each == each].mean(axis=1) for each in cores])
    miles = np.hypot(
        places[0][:, None] - middles[None, :, 0], places[1][:, None] - middles[None, :, 1]
    )
    chosen = miles.argmin(axis=1)
    for number, each in enumerate(cores):
        chosen[of_each == each] = number
    return [np.flatnonzero(chosen == number) for number in range(len(cores))]
