"""What went to one partner and what stayed, since the node started: every report once.

A report is decided again whenever a link is made anew, and is sent again until it has arrived.
Neither makes it another report.
"""

from collections import Counter
from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

from accord.core.report import Report
from accord.federation.outgoing import Item

Stamp = TypeVar("Stamp", datetime, tuple[int, int])


class Once(Generic[Stamp]):
    """Tells what is newer than all that came under the same key; remembers `limit` keys."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._newest: dict[Hashable, Stamp] = {}

    def is_new(self, key: Hashable, at: Stamp) -> bool:
        """Tell whether this is newer than what was last asked about under that key; note it."""
        before = self._newest.get(key)
        if before is not None and at <= before:
            return False
        if before is None and len(self._newest) >= self._limit:
            del self._newest[next(iter(self._newest))]
        self._newest[key] = at
        return True


class Totals:
    """Counts of `released` by clause and form, and of `withheld` by clause and reason."""

    def __init__(self, *, limit: int) -> None:
        self.released: Counter[tuple[str, str]] = Counter()
        self.withheld: Counter[tuple[str, str]] = Counter()
        self._left = Once[tuple[int, int]](limit)
        self._stayed = Once[datetime](limit)
        self._refused = Once[datetime](limit)

    def left(self, item: Item) -> None:
        """Count a release, unless the same was sent before."""
        version = item.version.epoch, item.version.ms
        if self._left.is_new((item.origin, item.context, item.name), version):
            self.released[item.grant.clause, item.grant.form] += 1

    def stayed(self, report: Report, clause: str | None, reason: str) -> None:
        """Count what stays, unless it stayed before for the same reason."""
        if self._stayed.is_new((*_object(report), clause, reason), report.received):
            self.withheld[clause or "", reason] += 1

    def is_new_refusal(
        self, agreement: tuple[str, int], report: Report, clause: str | None, reason: str
    ) -> bool:
        """Tell whether an agreement (id, serial) has not yet withheld this report for that."""
        return self._refused.is_new((agreement, *_object(report), clause, reason), report.received)


def _object(report: Report) -> tuple[Hashable, ...]:
    return report.context, report.uid, report.source.node
