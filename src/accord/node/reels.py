"""What can be played beside the journal and the history: what a partner was given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from accord.core.report import Report
from accord.node.rebuilt import given_between, seen_by


class GivenReel:
    """What a partner was given, as its picture was and became; from the ledger and the journal."""

    def __init__(self, directory: Path, partner: str, until: datetime) -> None:
        self.lost = 0
        self._directory = directory
        self._partner = partner
        self._until = until
        self._waiting: list[tuple[datetime, Report]] = []

    @property
    def whole(self) -> bool:
        """Whether everything that was given is to be found still."""
        return not self.lost

    def begin(self, at: datetime) -> Sequence[Report]:
        """Return what the partner could see at a moment."""
        groups: dict[int, frozenset[str]] = {}
        seen = seen_by(self._directory, self._partner, at, said_into=groups)
        self._waiting, lost = given_between(self._directory, self._partner, at, self._until)
        self.lost = len(seen.gone) + lost
        # Positions count by when they were given: that is what the partner has of them.
        return [
            replace(each.report, groups=groups[each.entry.number], received=each.entry.at)
            for each in seen.shown
        ]

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        """Return what it was given up to a moment."""
        count = sum(at <= to for at, _ in self._waiting)
        told, self._waiting = self._waiting[:count], self._waiting[count:]
        return [replace(report, received=at) for at, report in told], to
