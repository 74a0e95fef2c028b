"""How a time is written for people: as a date-time group, everywhere the same."""

from datetime import UTC, datetime, timedelta

HALF_A_MINUTE = timedelta(seconds=30)


def spell_time(when: datetime) -> str:
    """Return a time to the nearest minute as rescue centres write it: 260304Z NOV 2026."""
    nearest = when.astimezone(UTC) + HALF_A_MINUTE
    return f"{nearest:%d%H%MZ %b %Y}".upper()
