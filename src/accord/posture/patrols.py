"""Patrol hours of a posture: who can search an area in some days, and how much of it."""

from collections.abc import Iterator, Sequence

import numpy as np

from accord.posture.answer import Seen
from accord.posture.coverage import Patrol, best_spread, even_spread, hour_rate
from accord.posture.model import Domain, PlatformClass, Scenario
from accord.posture.response import Transit
from accord.posture.stations import Post, Station
from accord.posture.view import SEARCH_ROLE

HOURS_A_DAY = {Domain.AIR: 2.0, Domain.SEA: 12.0}
"""Hours that one usable unit patrols on a day, on average. Invented: nobody publishes it."""

_KM2_IN_NM2 = 1.852**2


def surveillance(
    scenario: Scenario,
    posts: Sequence[Station],
    transit: Transit,
    sizes_km2: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    days: int,
) -> Seen:
    """Return how likely each place is seen in so many days, if all patrolled here and only here."""
    patrols = list(_patrols(scenario, posts, transit, sizes_km2, days=days))
    return Seen(best=best_spread(patrols, sizes_km2), even=even_spread(patrols, sizes_km2))


def _patrols(
    scenario: Scenario,
    posts: Sequence[Station],
    transit: Transit,
    sizes_km2: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    days: int,
) -> Iterator[Patrol]:
    for each in posts:
        platform = scenario.classes[each.post.platform]
        if SEARCH_ROLE not in platform.roles or platform.swath is None:
            continue
        rate = hour_rate(
            transit(each.post).astype(np.float64),
            endurance_h=_endurance(platform),
            swept_km2_h=_swept(platform, platform.swath.value),
            cell_km2=sizes_km2,
        )
        hours = _usable(each) * HOURS_A_DAY[platform.domain] * days
        yield Patrol(_name(each.post), hours, rate)


def _usable(station: Station) -> float:
    """Return how many of its units can go, on average over the draws."""
    return float(sum(np.isfinite(each).mean() for each in station.notices.values()))


def _endurance(platform: PlatformClass) -> float:
    if platform.endurance is not None:
        return platform.endurance
    return platform.ferry / platform.cruise


def _swept(platform: PlatformClass, swath: float) -> float:
    return (platform.search or platform.cruise) * 2.0 * swath * _KM2_IN_NM2


def _name(post: Post) -> str:
    return f"{post.partner} {post.platform} at {post.base}"
