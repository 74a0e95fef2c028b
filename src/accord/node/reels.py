"""What can be played beside the journal: the history, and what a partner was given."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from accord.core.context import Context
from accord.core.report import Report
from accord.live.reel import LOOKED_BACK
from accord.node.rebuilt import given_between, seen_by
from accord.storage.history.archive import Archive
from accord.storage.history.question import Question, Stretch
from accord.wire.moving.message import Row
from accord.wire.moving.translate import report_of

MOST_ROWS = 2_000_000
"""Positions of one stretch of the history that is played."""

PART = timedelta(minutes=10)
"""What is read of the history at once."""


class HistoryReel:
    """The history, as it is played: positions only, for drawings and alarms are the journal's."""

    def __init__(self, archive: Archive, context: Context, until: datetime) -> None:
        self.whole = True
        self._archive = archive
        self._context = context
        self._until = until
        self._read_to: datetime | None = None
        self._waiting: list[Report] = []

    def begin(self, at: datetime) -> Sequence[Report]:
        """Return the newest position of each object by each source, as of a moment."""
        self._read_to, self._waiting = at, []
        newest: dict[tuple[str, ...], Row] = {}
        for row in self._rows(at - LOOKED_BACK, at):
            newest[row.label.course] = row
        return [report_of(each) for each in newest.values()]

    def _rows(self, since: datetime, until: datetime) -> list[Row]:
        stretch = Stretch(since=since.timestamp(), until=until.timestamp())
        question = Question(stretch=stretch, context=self._context)
        with self._archive.look() as look:
            self.whole = self.whole and look.whole
            found: list[Row] = []
            for row in look.rows(question, by_course=False):
                if len(found) >= MOST_ROWS:
                    self.whole = False
                    break
                found.append(row)
        return found

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        """Return what came up to a moment."""
        read_to = self._read_to
        assert read_to is not None  # noqa: S101  it has begun
        while read_to < to:
            # Both ends belong to a stretch: what came at that very moment was told already.
            begin, end = read_to + timedelta(microseconds=1), min(read_to + PART, self._until)
            end = max(end, to)
            self._waiting += map(report_of, self._rows(begin, end))
            read_to = self._read_to = end
        count = sum(each.received <= to for each in self._waiting)
        told, self._waiting = self._waiting[:count], self._waiting[count:]
        return told, to


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
