"""Notices that this machine's clock is set while the node runs."""

from datetime import datetime, timedelta

from accord.core.clock import Clock
from accord.core.quantity import about_duration

STEP = 2.0
"""Seconds by which a clock is set at once at the least; what is less, it drifts or is slewed."""

TOLD_FOR = timedelta(hours=1)
"""How long it is a problem that the clock was set back."""


class ClockWatch:
    """Compares the time of day with the time that never jumps, at each look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()
        self._told_until = 0.0
        self._said = ""

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def look(self, latest: datetime) -> float:
        """Return by how many seconds the clock was set since the last look; below 0: back.

        `latest` is when the last thing was received: one still to come shows that the clock was
        ahead for a moment between two looks.
        """
        before, self._offset = self._offset, self._now()
        by = self._offset - before
        ahead = (latest - self._clock.now()).total_seconds()
        if by > -STEP and ahead >= STEP:
            by = -ahead
        if abs(by) < STEP:
            return 0.0
        if by < 0:
            self._told_until = self._clock.monotonic() + TOLD_FOR.total_seconds()
            self._said = (
                f"this machine's clock was set back by {about_duration(timedelta(seconds=-by))} at "
                f"{self._clock.now():%Y-%m-%d %H:%MZ}: what came while it was ahead counts as "
                "received then; see that it is set by a time server"
            )
        return by

    @property
    def trouble(self) -> str:
        """What there is to say of it; nothing an hour after."""
        return self._said if self._clock.monotonic() < self._told_until else ""
