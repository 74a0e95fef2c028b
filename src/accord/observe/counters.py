"""Counts that stay small: bounded labels, and rates over the last minutes."""

from collections import deque
from collections.abc import Mapping
from datetime import timedelta

OTHER = "other"


class Tally(dict[str, int]):
    """Counts by label; what comes under a label beyond the first `limit` is counted as "other"."""

    def __init__(self, limit: int = 64) -> None:
        super().__init__()
        self._limit = limit

    def __missing__(self, label: str) -> int:
        return 0

    def __setitem__(self, label: str, count: int) -> None:
        # `tally[label] += 1` reads 0 for a new label; what it adds then goes to the common one.
        if label in self or len(self) < self._limit - 1:
            super().__setitem__(label, count)
        else:
            super().__setitem__(OTHER, self[OTHER] + count)


class Rates:
    """How fast totals grew lately, from samples taken every `step` for at most `longest`."""

    def __init__(self, *, step: timedelta, longest: timedelta, limit: int = 64) -> None:
        self._samples: deque[tuple[float, dict[str, int]]] = deque(maxlen=longest // step + 1)
        self._limit = limit

    def sample(self, now: float, totals: Mapping[str, int]) -> None:
        """Note the totals at `now` (monotonic seconds); at most `limit` of them."""
        self._samples.append((now, dict(list(totals.items())[: self._limit])))

    def per_second(self, name: str, window: timedelta) -> float | None:
        """Return the growth of a total per second over the window, or what there is of it.

        None until there are two samples.
        """
        if len(self._samples) < 2:
            return None
        end, last = self._samples[-1]
        begin, first = next(
            sample for sample in self._samples if sample[0] >= end - window.total_seconds()
        )
        if begin == end:
            begin, first = self._samples[-2]
        return (last.get(name, 0) - first.get(name, 0)) / (end - begin)
