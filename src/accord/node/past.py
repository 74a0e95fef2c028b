"""What is counted of a partner since the node started, whatever became of its links."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from accord.federation.link_status import LinkCounts
from accord.federation.settings import SyncSettings
from accord.federation.totals import Totals


@dataclass(slots=True)
class Reports:
    """How many reports of a partner were accepted, and when the last was."""

    count: int = 0
    last: datetime | None = None

    def came(self, at: datetime) -> None:
        """Count one."""
        self.count += 1
        self.last = at


@dataclass(frozen=True, slots=True)
class Past:
    """The counts of one partner: a link that is made anew goes on with them."""

    totals: Totals
    link: LinkCounts = field(default_factory=LinkCounts)
    refused: Counter[str] = field(default_factory=Counter[str])
    reports: Reports = field(default_factory=Reports)

    @classmethod
    def none(cls, settings: SyncSettings) -> "Past":
        """Return that of a partner which this node has had nothing to do with."""
        return cls(Totals(limit=settings.max_objects + 4 * settings.max_log_entries))
