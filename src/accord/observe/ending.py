"""How near the end of a certificate is."""

from datetime import datetime, timedelta
from enum import StrEnum


class Ending(StrEnum):
    """The warning that stands: 90, 30 and 7 days ahead, and when it is too late."""

    LATER = "later"
    QUARTER = "90 days"
    MONTH = "30 days"
    WEEK = "7 days"
    ENDED = "ended"


AHEAD = timedelta(days=90)
"""The first warning."""

_STAGES = (
    (timedelta(0), Ending.ENDED),
    (timedelta(days=7), Ending.WEEK),
    (timedelta(days=30), Ending.MONTH),
    (AHEAD, Ending.QUARTER),
)


def ending(ends: datetime, now: datetime) -> Ending:
    """Return the warning that stands for what ends then."""
    left = ends - now
    return next((stage for within, stage in _STAGES if left <= within), Ending.LATER)
