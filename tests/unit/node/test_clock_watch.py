from datetime import timedelta

import pytest

from accord.node.clock_watch import ClockWatch
from support.clock import START, ManualClock


class SetClock(ManualClock):
    """A clock that can be set: the time that never jumps goes on."""

    def set(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def test_a_clock_that_runs_or_is_slewed_was_not_set() -> None:
    clock = SetClock()
    watch = ClockWatch(clock)
    clock.advance(hours=1)
    clock.set(1.5)
    assert (watch.look(START), watch.trouble) == (0.0, "")


@pytest.mark.parametrize("by", [7200.0, -7200.0])
def test_a_clock_that_is_set_is_seen_once(by: float) -> None:
    clock = SetClock()
    watch = ClockWatch(clock)
    clock.set(by)
    assert watch.look(START - timedelta(days=1)) == by
    assert watch.look(START - timedelta(days=1)) == 0.0


def test_a_clock_that_was_ahead_between_two_looks_is_seen_by_what_was_received_then() -> None:
    watch = ClockWatch(SetClock())
    assert watch.look(START + timedelta(seconds=1)) == 0.0
    assert watch.look(START + timedelta(hours=2)) == -7200.0
    assert watch.trouble.startswith("this machine's clock was set back by 2 h at ")


def test_that_it_was_set_back_is_a_problem_for_an_hour() -> None:
    clock = SetClock()
    watch = ClockWatch(clock)
    clock.set(-7200)
    watch.look(START - timedelta(days=1))
    assert watch.trouble.startswith("this machine's clock was set back by 2 h at ")
    clock.advance(seconds=3599)
    assert watch.trouble
    clock.advance(seconds=1)
    assert watch.trouble == ""
