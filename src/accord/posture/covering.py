"""Where one more unit, or a few, would serve most: maximal covering (Church and ReVelle 1974)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from accord.core.errors import AccordError

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

_MOST_NODES = 2_000
"""Of one search; within these a choice may not be proven the best."""

_NEARLY = 1e-9
"""Of the bound: what the solver's own arithmetic leaves open."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Chosen sites, the weight that they add, and the most that any choice could add."""

    sites: tuple[int, ...]
    gain: float
    bound: float

    @property
    def gap(self) -> float:
        """By how much of itself the gain could be short of the best; 0 where it is proven best."""
        short = self.bound - self.gain
        return short / self.bound if short > _NEARLY * self.bound else 0.0


class NoPlacing(AccordError):
    """The solver found no choice of sites."""


def best_sites(covers: NDArray[np.bool_], weights: NDArray[np.float64], *, count: int) -> Placing:
    """Return the sites (rows) that together cover the places (columns) of most weight.

    The first of those alike. It may not be proven the best: see the gap.
    """
    if count == 1:
        return _best_site(covers, weights)
    # Half a second to import: not before there is something to be solved.
    from scipy.optimize import Bounds, milp

    sites, places = covers.shape
    found = milp(
        -np.concatenate([np.zeros(sites), weights]),
        integrality=np.repeat(np.array([1, 0]), [sites, places]),
        bounds=Bounds(0.0, 1.0),
        constraints=_rows(covers, count),
        options={"node_limit": _MOST_NODES, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise NoPlacing(f"no choice of sites was found: {found.message}")
    chosen = tuple(int(each) for each in np.flatnonzero(found.x[:sites] > 0.5))
    return Placing(chosen, _gain(covers, weights, chosen), -float(found.mip_dual_bound))


def _best_site(covers: NDArray[np.bool_], weights: NDArray[np.float64]) -> Placing:
    gains = covers @ weights
    site = int(np.argmax(gains))
    gain = float(gains[site])
    return Placing((site,), gain, gain)


def _gain(covers: NDArray[np.bool_], weights: NDArray[np.float64], sites: Sequence[int]) -> float:
    return float(covers[list(sites)].any(axis=0) @ weights)


def _rows(covers: NDArray[np.bool_], count: int) -> "LinearConstraint":
    """Return that so many sites are chosen at most, and no place is covered without a site."""
    from scipy.optimize import LinearConstraint
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    sites, places = covers.shape
    most = hstack([csr_array(np.ones((1, sites))), csr_array((1, places))])
    covered = hstack([csr_array(-covers.T.astype(np.float64)), eye_array(places)])
    limits = np.concatenate([[float(count)], np.zeros(places)])
    return LinearConstraint(vstack([most, covered]), -np.inf, limits)
