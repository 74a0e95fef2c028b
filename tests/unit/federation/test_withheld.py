from datetime import timedelta

from accord.federation.guard.talk import Withheld as Told
from accord.federation.withheld import Withheld
from accord.release.ledger.entry import Count
from support.clock import START

MS = 1_767_323_045_678  # START


def test_reports_are_counted_by_agreement_clause_reason_and_sort() -> None:
    withheld = Withheld()
    for sort in ("ship", "ship", "aircraft"):
        withheld.count(("A-1", 3), "0.2", "unmarked", sort, START)
    withheld.count(("B-1", 1), None, "no clause permits it", "ship", START + timedelta(seconds=1))
    assert withheld.take(START + timedelta(seconds=60)) == [
        Told("A-1", 3, MS, MS + 60_000, (
            Count(clause="0.2", reason="unmarked", sort="aircraft", count=1),
            Count(clause="0.2", reason="unmarked", sort="ship", count=2),
        )),
        Told("B-1", 1, MS + 1_000, MS + 60_000, (
            Count(clause=None, reason="no clause permits it", sort="ship", count=1),
        )),
    ]  # fmt: skip


def test_what_was_taken_is_not_counted_again() -> None:
    withheld = Withheld()
    withheld.count(("A-1", 3), None, "unmarked", "ship", START)
    withheld.take(START)
    assert withheld.take(START) == []
