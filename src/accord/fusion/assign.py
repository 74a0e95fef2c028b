"""Which plot is of which track: global nearest neighbour, inside gates."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from accord.fusion.filter import Floats

GATE = 13.8
"""Of the chi-square distribution of two degrees: 99.9 % of true plots lie within."""

NONE_COSTS = GATE
"""What it costs to leave a track without a plot; a pair costs more only outside its gate."""

Indices = NDArray[np.intp]


def candidates(tracks: Floats, plots: Floats, reach: Floats) -> tuple[Indices, Indices]:
    """Return every pair of a track and a plot within its reach, in metres."""
    if not len(tracks) or not len(plots):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    found = KDTree(plots).query_ball_point(tracks, reach, return_sorted=True)
    counts = np.fromiter(map(len, found), np.intp, len(found))
    of = np.repeat(np.arange(len(tracks)), counts)
    to = np.concatenate([np.asarray(each, np.intp) for each in found])
    return of, to


def assign(of: Indices, to: Indices, costs: Floats) -> Indices:
    """Return which of the candidate pairs hold: at most one for each track and each plot.

    The sum of the costs is the least there is, a track without a plot at NONE_COSTS. Pairs that
    share neither track nor plot are settled by themselves, and most are alone.
    """
    if not len(of):
        return np.empty(0, np.intp)
    tracks, track = np.unique(of, return_inverse=True)
    plots, plot = np.unique(to, return_inverse=True)
    alone = (np.bincount(track)[track] == 1) & (np.bincount(plot)[plot] == 1)
    chosen = [np.flatnonzero(alone)]
    rest = np.flatnonzero(~alone)
    if len(rest):
        size = len(tracks) + len(plots)
        pairs = (np.ones(len(rest)), (track[rest], len(tracks) + plot[rest]))
        _, label = connected_components(coo_array(pairs, shape=(size, size)), directed=False)
        labels = label[track[rest]]
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        chosen += [_least(of, to, costs, rest[each]) for each in np.split(order, cuts)]
    return np.sort(np.concatenate(chosen))


def _least(of: Indices, to: Indices, costs: Floats, pairs: Indices) -> Indices:
    """Return which of these pairs make the least sum."""
    rows, row = np.unique(of[pairs], return_inverse=True)
    columns, column = np.unique(to[pairs], return_inverse=True)
    # A column for each track stands for "none of them".
    table = np.full((len(rows), len(columns) + len(rows)), 1e9)
    table[row, column] = costs[pairs]
    table[np.arange(len(rows)), len(columns) + np.arange(len(rows))] = NONE_COSTS
    which = np.full(table.shape, -1, np.intp)
    which[row, column] = pairs
    found = which[linear_sum_assignment(table)]
    return found[found >= 0]
