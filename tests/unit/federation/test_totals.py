from dataclasses import replace
from datetime import timedelta

from accord.core.report import Report
from accord.federation.outgoing import Item
from accord.federation.totals import Once, Totals
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import Grant
from support.builders import a_report
from support.coalition import agreement, released, short

OUT = agreement("NZL", "USA")


def an_item(ms: int, name: str = "U1") -> Item:
    given = released(a_report(), OUT, "USA", clause="1")
    return Item(
        place=0, origin="NZL", context="live", name=name, version=Version(1, ms),
        grant=Grant(short(OUT), "1", "exact"), released=given,
    )  # fmt: skip


def later(report: Report, seconds: int) -> Report:
    return replace(report, received=report.received + timedelta(seconds=seconds))


def test_what_is_sent_again_after_a_cut_is_the_same_release() -> None:
    totals = Totals(limit=10)
    for item in (an_item(5), an_item(5), an_item(6), an_item(5), an_item(5, "U2")):
        totals.left(item)
    assert totals.released == {("1", "exact"): 3}


def test_what_is_decided_again_is_the_same_report_and_another_reason_another_count() -> None:
    totals, report = Totals(limit=10), a_report()
    for each in (report, report, later(report, 1), report):
        totals.stayed(each, "0.2", "a clause forbids it")
    totals.stayed(report, None, "no clause permits it")
    assert totals.withheld == {("0.2", "a clause forbids it"): 2, ("", "no clause permits it"): 1}


def test_each_agreement_has_its_own_refusal_of_a_report_once() -> None:
    totals, report = Totals(limit=10), a_report()
    assert totals.is_new_refusal(("A", 1), report, None, "UNMARKED")
    assert not totals.is_new_refusal(("A", 1), report, None, "UNMARKED")
    assert totals.is_new_refusal(("B", 1), report, None, "UNMARKED")
    assert totals.is_new_refusal(("A", 1), later(report, 1), None, "UNMARKED")


def test_the_oldest_key_is_forgotten_first() -> None:
    once = Once[tuple[int, int]](2)
    assert [once.is_new(key, (1, 1)) for key in "abc"] == [True] * 3
    assert not once.is_new("c", (1, 1))
    assert once.is_new("a", (1, 1))
