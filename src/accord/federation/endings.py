"""Agreements that end: said thirty, seven and one day before, and when they have."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accord.core.agreement import Agreement
from accord.observe.log import Log

NOTICES = (timedelta(days=30), timedelta(days=7), timedelta(days=1), timedelta(0))
"""How long before its end an agreement is spoken of in the log."""


class Endings:
    """Speaks of each agreement once as it passes each of the notices."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._told: dict[str, int] = {}

    def look(self, agreements: Iterable[Agreement], now: datetime) -> None:
        """Say which of the agreements in force have passed another notice."""
        passed = {each.digest: (each, _passed(each, now)) for each in agreements}
        for digest, (terms, count) in passed.items():
            if count > self._told.get(digest, 0):
                has_ended = terms.until <= now
                what = "agreement has ended" if has_ended else "agreement ends soon"
                self._log.trouble(
                    what, agreement=terms.id, serial=terms.serial,
                    until=f"{terms.until:%Y-%m-%dT%H:%MZ}",
                )  # fmt: skip
        self._told = {digest: count for digest, (_, count) in passed.items()}


def _passed(terms: Agreement, now: datetime) -> int:
    return sum(terms.until - now <= notice for notice in NOTICES)
