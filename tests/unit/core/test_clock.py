import time
from datetime import UTC, datetime, timedelta

from accord.core.clock import Clock, SystemClock
from support.clock import START, ManualClock


def test_the_machine_says_what_time_it_is_in_utc() -> None:
    started = datetime.fromtimestamp(time.time_ns() // 10**9, UTC)
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert started <= now < started + timedelta(minutes=1)


def test_monotonic_time_never_goes_back() -> None:
    clock = SystemClock()
    read = [clock.monotonic() for _ in range(100)]
    assert read == sorted(read)


def test_a_manual_clock_stands_still_until_it_is_told_to_advance() -> None:
    clock = ManualClock()
    as_clock: Clock = clock
    assert as_clock.now() == as_clock.now() == START
    started = as_clock.monotonic()
    clock.advance(hours=1, minutes=1, seconds=1)
    assert as_clock.now() - START == timedelta(seconds=3661)
    assert as_clock.monotonic() - started == 3661.0
