from datetime import timedelta

from accord.federation.settings import SyncSettings
from accord.node.past import Past
from support.clock import START


def test_two_partners_share_no_counts() -> None:
    first, second = Past.none(SyncSettings()), Past.none(SyncSettings())
    first.refused["x"] += 1
    first.link.closed["x"] += 1
    first.totals.withheld["1", "x"] += 1
    assert (second.refused, second.link.closed, second.totals.withheld) == ({}, {}, {})


def test_reports_are_counted_and_the_last_is_known() -> None:
    past = Past.none(SyncSettings())
    assert (past.reports.count, past.reports.last) == (0, None)
    past.reports.came(START)
    past.reports.came(START + timedelta(seconds=1))
    assert (past.reports.count, past.reports.last) == (2, START + timedelta(seconds=1))
