"""By when: the times that the board has columns for, and the probability to be there by one."""

import math
from collections.abc import Sequence

NOTICES = (1, 24, 72, 240)
"""Hours: now, a day, three days, ten days. Who is there within the hour is there now."""


def notice_is_over(notice: Sequence[float], hours: float) -> float:
    """Return the probability that a notice of least, likely and most hours is over by then.

    The triangular distribution, which rises from the least to the likely and falls to the most.
    """
    least, likely, most = notice
    if hours >= most:
        return 1.0
    if hours <= least:
        return 0.0
    if hours <= likely:
        return (hours - least) ** 2 / ((most - least) * (likely - least))
    return 1.0 - (most - hours) ** 2 / ((most - least) * (most - likely))


def at_least(chances: Sequence[float], most: int) -> tuple[float, ...]:
    """Return the probability of at least 1, 2, ... of independent events, up to `most` or all.

    In any order of theirs the same to the last digit that is shown.
    """
    exactly = [1.0] + [0.0] * most
    for chance in chances:
        for k in range(most, 0, -1):
            exactly[k] = exactly[k] * (1.0 - chance) + exactly[k - 1] * chance
        exactly[0] *= 1.0 - chance
    told = range(1, min(most, len(chances)) + 1)
    return tuple(min(1.0, max(0.0, 1.0 - math.fsum(exactly[:k]))) for k in told)
