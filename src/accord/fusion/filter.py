"""Many Kalman filters of constant velocity at once, on the plane of one sensor.

East and north are alike and independent, so each track has one covariance of place and speed for
both. Metres and seconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(slots=True)
class States:
    """Of each track: place (n, 2), velocity (n, 2), and the covariance (n, 3): pp, pv, vv."""

    place: Floats
    velocity: Floats
    spread: Floats

    def __len__(self) -> int:
        """Return how many tracks there are."""
        return len(self.place)


def none() -> States:
    """Return the states of no track."""
    return States(np.empty((0, 2)), np.empty((0, 2)), np.empty((0, 3)))


def begun(places: Floats, errors: Floats, fastest: float) -> States:
    """Return tracks that begin at plots; nothing is known of how they move but the fastest."""
    count = len(places)
    # Three standard deviations are the fastest there is.
    spread = np.column_stack([errors**2, np.zeros(count), np.full(count, (fastest / 3.0) ** 2)])
    return States(places.copy(), np.zeros((count, 2)), spread)


def predict(states: States, seconds: float, noise: float) -> None:
    """Let so many seconds pass; `noise` is the spectral density of acceleration, m2/s3."""
    states.place += states.velocity * seconds
    pp, pv, vv = states.spread.T
    states.spread = np.column_stack([
        pp + 2 * seconds * pv + seconds**2 * vv + noise * seconds**3 / 3,
        pv + seconds * vv + noise * seconds**2 / 2,
        vv + noise * seconds,
    ])  # fmt: skip


def update(states: States, which: NDArray[np.intp], innovations: Floats, errors: Floats) -> None:
    """Correct some tracks by how far their plots lie from where they were expected."""
    pp, pv, vv = states.spread[which].T
    total = pp + errors**2
    gain_p, gain_v = pp / total, pv / total
    states.place[which] += gain_p[:, None] * innovations
    states.velocity[which] += gain_v[:, None] * innovations
    states.spread[which] = np.column_stack([
        (1 - gain_p) * pp, (1 - gain_p) * pv, vv - gain_v * pv
    ])  # fmt: skip


def kept(states: States, which: NDArray[np.bool_]) -> States:
    """Return only some of the tracks."""
    return States(states.place[which], states.velocity[which], states.spread[which])


def joined(first: States, second: States) -> States:
    """Return both, one after the other."""
    return States(
        np.concatenate([first.place, second.place]),
        np.concatenate([first.velocity, second.velocity]),
        np.concatenate([first.spread, second.spread]),
    )
