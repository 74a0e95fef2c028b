"""When each object may be released again: what keeps a form to its cadence."""

from collections.abc import Hashable
from datetime import datetime, timedelta


class Cadence:
    """Remembers for at most `limit` objects when they are due again.

    Nothing that is still waiting is forgotten to make room, since it would be released too soon:
    when all are waiting, another object is not due, which `refused` counts.
    """

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.refused = 0
        self._due: dict[Hashable, datetime] = {}
        self._first_due: datetime | None = None

    def __len__(self) -> int:
        return len(self._due)

    def is_due(self, key: Hashable, at: datetime) -> bool:
        """Tell whether the object has waited long enough, or was never released."""
        due = self._due.get(key)
        return due is None or at >= due

    def take(self, key: Hashable, at: datetime, every: timedelta) -> bool:
        """Note a release now and the wait after it; False when the object is not due."""
        if not self.is_due(key, at):
            return False
        if key not in self._due and len(self._due) >= self.limit and not self._make_room(at):
            self.refused += 1
            return False
        due = at + every
        self._due[key] = due
        if self._first_due is None or due < self._first_due:
            self._first_due = due
        return True

    def _make_room(self, at: datetime) -> bool:
        # While nobody can have become due there is nothing to look for, however often it is asked.
        if self._first_due is not None and at < self._first_due:
            return False
        self._due = {key: due for key, due in self._due.items() if due > at}
        self._first_due = min(self._due.values(), default=None)
        return len(self._due) < self.limit
