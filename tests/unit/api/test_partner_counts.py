import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from accord.api import partner_counts
from accord.api.partner_counts import Counted, PartnerCounts
from accord.release.ledger.entry import Body, Count, Refusals
from accord.storage.ledger import Ledger
from accord.storage.ledger_reader import path_of
from support.ledger import AT, NZL, make_ledger, release

HOUR = timedelta(hours=1)


def never() -> bool:
    return False


def refusal(count: int) -> Refusals:
    counts = (Count(clause=None, reason="UNMARKED", sort="a-f-S", count=count),)
    return Refusals(agreement="EXAMPLE-USA-NZL", serial=1, since=AT, until=AT, counts=counts)


def put(ledger: Ledger, hours: float, *bodies: Body) -> None:
    ledger.append(list(bodies), AT + hours * HOUR)


def of(counts: PartnerCounts, hours: float) -> Counted:
    return counts.of(NZL.node, AT + hours * HOUR, is_late=never)


def released(counted: Counted) -> tuple[int, int]:
    return counted.hour.released.total(), counted.day.released.total()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return make_ledger(tmp_path)


def test_hour_and_day_are_counted_apart_by_clause_and_form(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, 0, release(1), release(2, clause="2"))
    put(ledger, 10, release(3), refusal(7))
    found = of(PartnerCounts(tmp_path), 10.5)
    assert released(found) == (1, 3)
    assert found.day.released["EXAMPLE-USA-NZL", 1, "1.1", "grid-1nm"] == 2
    assert found.hour.withheld["EXAMPLE-USA-NZL", 1, "", "UNMARKED"] == 7


def test_what_is_counted_once_is_not_read_again_and_grows_old(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, read = PartnerCounts(tmp_path), list[bytes]()
    real = partner_counts.glance
    monkeypatch.setattr(partner_counts, "glance", lambda data: read.append(data) or real(data))
    put(ledger, 0, release(1))
    assert released(of(counts, 0.1)) == (1, 1)
    put(ledger, 0.2, release(2))
    assert released(of(counts, 0.3)) == (2, 2)
    assert len(read) == 2
    assert released(of(counts, 1.5)) == (0, 2)
    assert released(of(counts, 30)) == (0, 0)


def test_a_ledger_too_long_for_one_answer_is_counted_back_to_a_moment_that_is_said(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_counts, "MAX_LINES", 3)
    for hour in range(6):
        put(ledger, hour, release(hour + 1))
    counts = PartnerCounts(tmp_path)
    found = of(counts, 5.1)
    assert found.day.released.total() == 3
    assert found.since == AT + 3 * HOUR
    put(ledger, 6, release(9))
    assert of(counts, 6.1).day.released.total() == 4


def test_counting_ends_when_the_time_is_up_and_says_since_when_it_counted(
    ledger: Ledger, tmp_path: Path
) -> None:
    for hour in range(3):
        put(ledger, hour, release(hour + 1))
    found = PartnerCounts(tmp_path).of(NZL.node, AT + 3 * HOUR, is_late=lambda: True)
    assert (found.day.released.total(), found.since) == (1, AT + 2 * HOUR)


def test_a_ledger_that_was_begun_anew_is_counted_anew(ledger: Ledger, tmp_path: Path) -> None:
    counts = PartnerCounts(tmp_path)
    put(ledger, 0, release(1), release(2))
    assert released(of(counts, 0.1)) == (2, 2)
    ledger.close()
    (tmp_path / "ledger" / f"{NZL.node}.sqlite").unlink()
    again = make_ledger(tmp_path)
    put(again, 0.2, release(1))
    assert released(of(counts, 0.3)) == (1, 1)


def test_a_partner_without_a_ledger_was_given_nothing(tmp_path: Path) -> None:
    found = of(PartnerCounts(tmp_path), 0)
    assert (released(found), found.since) == ((0, 0), None)


def test_the_header_of_an_object_is_no_state_of_it(ledger: Ledger, tmp_path: Path) -> None:
    put(ledger, 0, release(1, version=(3, 0)), release(2))
    assert released(of(PartnerCounts(tmp_path), 0.1)) == (1, 1)


@pytest.mark.parametrize("data", [b"\x81\x01", bytes.fromhex("85010102f6f6")])
def test_a_line_that_is_torn_counts_nothing_or_is_said(
    ledger: Ledger, tmp_path: Path, data: bytes
) -> None:
    put(ledger, 0, release(1))
    put(ledger, 0.1, release(2))
    with sqlite3.connect(path_of(tmp_path, NZL.node)) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("UPDATE entry SET data = ? WHERE number = 1", (data,))
    file.close()
    assert released(of(PartnerCounts(tmp_path), 0.2)) == (1, 1)
