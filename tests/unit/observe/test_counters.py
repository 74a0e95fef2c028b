from datetime import timedelta

from accord.observe.counters import Rates, Tally

MINUTE = timedelta(minutes=1)


def _rates(**changes: int) -> Rates:
    return Rates(step=timedelta(seconds=5), longest=timedelta(minutes=5), **changes)


def test_a_label_is_counted() -> None:
    tally = Tally()
    tally["malformed"] += 1
    tally["malformed"] += 2
    assert tally == {"malformed": 3}
    assert tally["never seen"] == 0


def test_labels_beyond_the_limit_are_counted_together() -> None:
    tally = Tally(limit=3)
    for label in ("a", "b", "c", "d", "a"):
        tally[label] += 1
    assert tally == {"a": 2, "b": 1, "other": 2}


def test_no_rate_is_stated_before_there_are_two_samples() -> None:
    rates = _rates()
    assert rates.per_second("accepted", MINUTE) is None
    rates.sample(0.0, {"accepted": 5})
    assert rates.per_second("accepted", MINUTE) is None


def test_a_rate_is_the_growth_over_the_window_only() -> None:
    rates = _rates()
    for step in range(61):  # five minutes: ten a second, in the last minute none
        rates.sample(step * 5.0, {"accepted": min(step * 50, 2400)})
    assert rates.per_second("accepted", MINUTE) == 0.0
    assert rates.per_second("accepted", timedelta(minutes=5)) == 8.0


def test_a_young_node_states_the_rate_of_what_there_is() -> None:
    rates = _rates()
    rates.sample(0.0, {"accepted": 0})
    rates.sample(10.0, {"accepted": 30})
    assert rates.per_second("accepted", MINUTE) == 3.0


def test_after_a_pause_longer_than_the_window_the_last_two_samples_count() -> None:
    rates = _rates()
    rates.sample(0.0, {"accepted": 0})
    rates.sample(200.0, {"accepted": 400})
    assert rates.per_second("accepted", MINUTE) == 2.0


def test_samples_and_totals_are_limited() -> None:
    rates = _rates(limit=1)
    for step in range(1000):
        rates.sample(step * 5.0, {"first": step, "second": step})
    assert rates.per_second("second", MINUTE) == 0.0
    assert rates.per_second("first", timedelta(hours=1)) == 0.2
