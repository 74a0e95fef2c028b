from datetime import timedelta

import pytest

from accord.federation.endings import Endings
from accord.observe.log import Log
from support.agreements import example
from support.clock import ManualClock

TERMS = example().agreement


def test_an_agreement_is_spoken_of_30_7_and_1_days_before_it_ends_and_when_it_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    endings = Endings(Log(ManualClock()))
    days = (40.0, 31.0, 30.0, 29.0, 8.0, 7.0, 6.9, 2.0, 1.0, 0.5, 0.0, -1.0)
    said: list[float] = []
    for left in days:
        before = len(caplog.records)
        endings.look([TERMS], TERMS.until - timedelta(days=left))
        said += [left] * (len(caplog.records) - before)
    assert said == [30.0, 7.0, 1.0, 0.0]
    until = f"until={TERMS.until:%Y-%m-%dT%H:%MZ}"
    first, *_, last = (record.getMessage() for record in caplog.records)
    assert first == f"agreement ends soon agreement={TERMS.id} serial={TERMS.serial} {until}"
    assert last == f"agreement has ended agreement={TERMS.id} serial={TERMS.serial} {until}"


def test_a_node_that_begins_late_says_once_what_has_passed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    endings = Endings(Log(ManualClock()))
    for _ in range(3):
        endings.look([TERMS], TERMS.until - timedelta(hours=1))
    assert len(caplog.records) == 1
