"""What is withheld from one partner, counted until its guard enters it in the ledger."""

from datetime import datetime

from accord.core.report import Report
from accord.federation.guard import talk
from accord.release.ledger.tally import Tally
from accord.wire.peer.translate import milliseconds

SORT = 3
"""Parts of a CoT type by which what is withheld is counted, such as a-f-S."""


def sort_of(report: Report) -> str:
    """Return by what a report is counted that is withheld."""
    return "-".join(report.kind.text.split("-")[:SORT])


class Withheld:
    """Counts by agreement, clause, reason and sort of track."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], Tally] = {}

    def count(
        self, agreement: tuple[str, int], clause: str | None, reason: str, sort: str, now: datetime
    ) -> None:
        """Count one report; an agreement is its id and its serial."""
        if agreement not in self._counts:
            self._counts[agreement] = Tally(*agreement, now)
        self._counts[agreement].add(clause, reason, sort)

    def take(self, now: datetime) -> list[talk.Withheld]:
        """Return what the guard is to enter, and begin anew."""
        taken = [counts.take(now) for counts in self._counts.values()]
        self._counts.clear()
        return [
            talk.Withheld(
                each.agreement,
                each.serial,
                milliseconds(each.since),
                milliseconds(each.until),
                each.counts,
            )
            for each in taken
            if each is not None
        ]
