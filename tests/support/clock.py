"""Time as a variable."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


class ManualClock:
    """Stands still until it is told to advance."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, *, seconds: float = 0.0, minutes: float = 0.0, hours: float = 0.0) -> None:
        step = timedelta(seconds=seconds, minutes=minutes, hours=hours)
        self._now += step
        self._monotonic += step.total_seconds()
