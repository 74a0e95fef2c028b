"""Counts what is withheld from a partner, for one entry in the ledger per interval."""

from collections import Counter
from datetime import datetime

from accord.release.ledger.entry import MAX_COUNTS, Count, Refusals

OTHER = "other"
"""In place of the reason and the sort of track where an interval has too many of them."""

_Line = tuple[str | None, str, str]


class Tally:
    """What one agreement withheld since `since`, by clause, reason and sort of track."""

    def __init__(self, agreement: str, serial: int, since: datetime) -> None:
        self._agreement = agreement
        self._serial = serial
        self._since = since
        self._counts: Counter[_Line] = Counter()

    def add(self, clause: str | None, reason: str, sort: str) -> None:
        """Count one report. Beyond the lines that an entry may have, all go into one line."""
        line = clause, reason, sort
        if line not in self._counts and len(self._counts) >= MAX_COUNTS - 1:
            line = None, OTHER, OTHER
        self._counts[line] += 1

    def take(self, until: datetime) -> Refusals | None:
        """Return what was counted and begin anew; None where nothing was."""
        since, self._since = self._since, until
        counts, self._counts = self._counts, Counter()
        if not counts:
            return None
        return Refusals(
            agreement=self._agreement,
            serial=self._serial,
            since=since,
            until=until,
            counts=tuple(
                Count(clause=clause, reason=reason, sort=sort, count=counts[clause, reason, sort])
                for clause, reason, sort in sorted(counts, key=_order)
            ),
        )


def _order(line: _Line) -> tuple[str, str, str]:
    clause, reason, sort = line
    return clause or "", reason, sort
