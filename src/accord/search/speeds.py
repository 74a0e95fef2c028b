"""Whether a thing can have gone from position to position as they say, in the time between them."""

from collections.abc import Sequence
from datetime import datetime

from accord.core.geometry import Point, distance

SLACK_NM = 0.1
"""By so much positions may be off, all together: errors of fix and clock."""

_METRES_PER_NM = 1852.0

Timed = tuple[datetime, float, float]
"""A time, a latitude and a longitude."""


def settled(fixes: Sequence[Timed]) -> list[Timed]:
    """Return positions in order of time, without those of a time at which there are two places."""
    places: dict[datetime, set[tuple[float, float]]] = {}
    for when, lat, lon in fixes:
        places.setdefault(when, set()).add((lat, lon))
    return [(when, *next(iter(found))) for when, found in sorted(places.items()) if len(found) == 1]


def too_fast(fixes: Sequence[Timed], knots: float) -> frozenset[int]:
    """Return after which positions, in order of time, the way to the next is too far for a speed.

    What is left in excess is held against the pieces after it, so that many small leaps are found
    as well: all that is taken together is never longer than the speed allows, but for the slack.
    """
    found: set[int] = set()
    excess = 0.0
    for n in range(len(fixes) - 1):
        (when, *here), (then, *there) = fixes[n], fixes[n + 1]
        miles = distance(_point(here), _point(there)) / _METRES_PER_NM
        excess = max(0.0, excess + miles - knots * (then - when).total_seconds() / 3600.0)
        if excess > SLACK_NM:
            found.add(n)
            excess = SLACK_NM
    return frozenset(found)


def _point(place: Sequence[float]) -> Point:
    return Point(lat=place[0], lon=place[1])
