"""Two events that happened, worked out by the same model: how far its hours can be believed.

What happened is from official and news sources of the time, as dates and parts of days; hours are
read out of them and are good to some six.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accord.posture.cells import great_circle


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """One unit's way to one event. `transit_h` is at its faster and at its slower speed."""

    event: str
    unit: str
    distance_nm: float
    transit_h: tuple[float, float]
    observed: str
    observed_h: float
    lesson: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterCheck:
    """Routes against published distances: relative errors, and how many are within 5 %."""

    pairs: int
    median: float
    mean: float
    within_5: float
    shortest: float
    """By how much of the great circle the shortest route is below it; negative if it is."""


ROUTER = RouterCheck(pairs=242, median=0.0088, mean=0.0255, within_5=0.8595, shortest=0.0011)
"""Of the router at a fifth of a degree, as answers use it, by the pairs that nobody doubts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ship:
    unit: str
    sprint: float
    cruise: float
    observed: str
    hours: float
    lesson: str


AUCKLAND_NUKUALOFA_NM = 1099.0
"""NGA Pub. 151; its other direction says 1009, which is less than the great circle."""
WHENUAPAI = (-36.788, 174.630)
PORT_VILA = (-17.699, 168.320)

_TONGA = "Tonga, eruption of 15 January 2022, 04:15 UTC"
_SHIPS = (
    _Ship(
        unit="HMNZS Wellington",
        sprint=21.0,
        cruise=15.0,
        observed="sailed 18 January, arrived on the evening of the 20th",
        hours=55.0,
        lesson="under way as at sprint; it sailed some three days after the eruption",
    ),
    _Ship(
        unit="HMNZS Aotearoa",
        sprint=20.0,
        cruise=16.0,
        observed="sailed 18 January, arrived 12 h after Wellington",
        hours=67.0,
        lesson="under way as at cruise",
    ),
    _Ship(
        unit="HMNZS Canterbury",
        sprint=19.0,
        cruise=15.0,
        observed="sailed on the night of 21 January, arrived on the 26th",
        hours=104.0,
        lesson="30 h longer than the model; loading and permission had come before",
    ),
)
_VANUATU = "Vanuatu, earthquake of 17 December 2024, 01:47 UTC"
_C130_KT = 330.0
_C130_SLOW_KT = 290.0


def tonga_and_vanuatu() -> tuple[Backtest, ...]:
    """Return what the model says of the two events, beside what happened."""
    sea = AUCKLAND_NUKUALOFA_NM
    air = float(great_circle(*WHENUAPAI, *PORT_VILA))
    ships = (
        Backtest(
            event=_TONGA,
            unit=each.unit,
            distance_nm=sea,
            transit_h=(sea / each.sprint, sea / each.cruise),
            observed=each.observed,
            observed_h=each.hours,
            lesson=each.lesson,
        )
        for each in _SHIPS
    )
    flight = Backtest(
        event=_VANUATU,
        unit="first RNZAF transport, C-130",
        distance_nm=air,
        transit_h=(air / _C130_KT, air / _C130_SLOW_KT),
        observed="on the ground 11:30 on 19 December, counted from the earthquake",
        observed_h=46.0,
        lesson="a flight of four hours; the first aircraft turned away with an engine warning, so "
        "availability is a probability",
    )
    return (*ships, flight)


def check_router(
    routes: Sequence[float], published: Sequence[float], great_circles: Sequence[float]
) -> RouterCheck:
    """Return how routes compare with published distances of the same pairs."""
    ours, book = np.array(routes), np.array(published)
    error = np.abs(ours - book) / book
    return RouterCheck(
        pairs=len(book),
        median=float(np.median(error)),
        mean=float(error.mean()),
        within_5=float((error <= 0.05).mean()),
        shortest=float((ours / np.array(great_circles) - 1.0).min()),
    )
