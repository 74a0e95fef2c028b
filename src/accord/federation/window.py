"""How many bytes may be on their way at once, and how many in a second and in a day."""

from collections import deque

from accord.federation.moment import Moment
from accord.federation.settings import DAY, SyncSettings


class Window:
    """Bytes on their way that are not acknowledged, and how many there may be.

    It grows while acknowledgements come back without waiting, and shrinks when what is on its way
    waits longer than `window_seconds` in buffers, where nothing can overtake it.
    """

    def __init__(self, settings: SyncSettings) -> None:
        self.size = settings.window_least
        self.in_flight = 0
        self._settings = settings
        self._sent: deque[tuple[int, int, float, bool]] = deque()
        self._least: float | None = None

    @property
    def room(self) -> int:
        """How many bytes more may go now."""
        return max(0, self.size - self.in_flight)

    def sent(self, number: int, size: int, seconds: float) -> None:
        """Note a frame on its way."""
        self.in_flight += size
        is_full = 2 * self.in_flight >= self.size
        self._sent.append((number, size, seconds, is_full))

    def acknowledged(self, number: int, seconds: float) -> None:
        """Note that all frames up to that number have arrived."""
        freed, sent_at, was_full = 0, None, False
        while self._sent and self._sent[0][0] <= number:
            _, size, sent_at, is_full = self._sent.popleft()
            freed += size
            was_full |= is_full
        self.in_flight -= freed
        if sent_at is not None:
            self._adapt(seconds - sent_at, freed, was_full=was_full)

    def clear(self) -> None:
        """Begin a new session: nothing is on its way, and the way may be another."""
        self._sent.clear()
        self.in_flight = 0
        self.size = self._settings.window_least
        self._least = None

    def _adapt(self, took: float, freed: int, *, was_full: bool) -> None:
        settings = self._settings
        self._least = took if self._least is None else min(self._least, took)
        waited = took - self._least
        if waited > settings.window_seconds:
            self.size = max(settings.window_least, self.size * 3 // 4)
        elif was_full and waited < settings.window_seconds / 2:
            self.size = min(settings.window_bytes, self.size + freed)


class Budget:
    """The bytes that may still go to a partner in this second and this day (UTC)."""

    def __init__(self, settings: SyncSettings) -> None:
        self._settings = settings
        self._tokens = float(settings.budget_per_second)
        self._filled_at: float | None = None
        self._day = 0
        self._used = 0

    def room(self, now: Moment, *, urgent: bool) -> int | None:
        """Return how many bytes may go now; None: there is no limit."""
        second, day = self.second(now), self._of_day(now, urgent=urgent)
        if second is None or day is None:
            return second if day is None else day
        return min(second, day)

    def second(self, now: Moment) -> int | None:
        """Return the bytes left of the second's."""
        rate = self._settings.budget_per_second
        if not rate:
            return None
        if self._filled_at is not None:
            self._tokens = min(rate, self._tokens + rate * (now.seconds - self._filled_at))
        self._filled_at = now.seconds
        return max(0, int(self._tokens))

    def day(self, now: Moment) -> int | None:
        """Return the bytes left of the day's, with those that are kept for emergencies."""
        return self._of_day(now, urgent=True)

    def spend(self, size: int, now: Moment) -> None:
        """Note bytes that go."""
        self.room(now, urgent=True)
        self._tokens -= size
        self._used += size

    def wait(self, size: int) -> float:
        """Return the seconds until so many bytes of the second's are there."""
        rate = self._settings.budget_per_second
        return max(0.0, (min(size, rate) - self._tokens) / rate) if rate else 0.0

    @property
    def used(self) -> tuple[int, int]:
        """The day that was counted last, and its bytes: what outlasts the process."""
        return self._day, self._used

    def restore(self, day: int, used: int) -> None:
        """Go on with the bytes of that day."""
        self._day, self._used = day, used

    def _of_day(self, now: Moment, *, urgent: bool) -> int | None:
        most = self._settings.budget_per_day
        day = int(now.ms // (DAY * 1_000))
        if day > self._day:
            # A clock that goes back does not give the day's bytes a second time.
            self._day, self._used = day, 0
        if not most:
            return None
        reserve = 0 if urgent else int(most * self._settings.budget_reserve)
        return max(0, most - reserve - self._used)


class Turns:
    """Whose turn it is among lanes that share: each gets bytes in proportion to its weight."""

    def __init__(self, weights: dict[int, int]) -> None:
        self._weights = weights
        self._served = dict.fromkeys(weights, 0.0)
        self._now = 0.0

    def order(self) -> list[int]:
        """Return the lanes, the one whose turn it is first."""
        return sorted(self._served, key=lambda lane: (max(self._served[lane], self._now), lane))

    def served(self, lane: int, size: int) -> None:
        """Note that a lane sent so many bytes. What it did not use while it was empty is gone."""
        begin = max(self._served[lane], self._now)
        self._now = begin
        self._served[lane] = begin + size / self._weights[lane]
