"""What can be played: the journal, the history beyond it, what a partner was given."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from accord.config import Settings
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.report import Report
from accord.live.long_ago import HistoryReel
from accord.live.player import Played, Wanted
from accord.live.reel import Reel
from accord.node.directory import JOURNAL
from accord.node.history_reading import archive_of
from accord.node.kept import past
from accord.node.rebuilt import given_between, seen_by


class Reels:
    """What the node of a directory has to be played. `close` lets the history go."""

    def __init__(self, directory: Path, settings: Settings, clock: Clock) -> None:
        self._directory = directory
        self._settings = settings
        self._past = past(directory, settings.default_markings())
        self._archive = archive_of(directory, settings, clock)

    def played(
        self,
        context: Context,
        wanted: Wanted,
        *,
        since: datetime,
        until: datetime,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Played:
        """Return what was from a moment on: by the journal where it reaches so far.

        AccordError where nothing was kept. It is slow work, for a thread. Raises StorageFault.
        """
        has_journal = (self._directory / JOURNAL).is_file()
        if self._archive.exists:
            oldest = self._past.held().span if has_journal else None
            if oldest is None or since.timestamp() < oldest.oldest:
                return HistoryReel(self._archive, context, until, is_awaited=is_awaited)
        if not has_journal:
            raise AccordError(
                f"{self._directory} has kept nothing yet, so that nothing can be played"
            )
        settings = self._settings
        return Reel(
            self._past, settings.picture, settings.journal,
            wanted=wanted.of_origin, is_awaited=is_awaited,
        )  # fmt: skip

    def close(self) -> None:
        """Let the history go."""
        self._archive.close()


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
