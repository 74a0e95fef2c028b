from datetime import UTC, datetime, timedelta

from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.window import Budget, Turns, Window

SETTINGS = SyncSettings(window_bytes=10_000, window_least=700)


def at(seconds: float) -> Moment:
    return Moment(datetime(2026, 11, 25, tzinfo=UTC) + timedelta(seconds=seconds), seconds)


def test_what_is_on_its_way_takes_room_until_it_is_acknowledged() -> None:
    window = Window(SETTINGS)
    window.sent(2, 300, 0.0)
    window.sent(3, 300, 0.0)
    assert (window.room, window.in_flight) == (100, 600)
    window.acknowledged(2, 9.0)
    assert window.in_flight == 300
    window.clear()
    assert window.room == 700


def test_a_window_grows_while_nothing_waits_up_to_its_most() -> None:
    window = Window(SETTINGS)
    for number in range(2, 100):
        window.sent(number, window.room, number)
        window.acknowledged(number, number + 0.1)
    assert window.size == 10_000


def test_a_window_shrinks_when_what_is_sent_waits_in_buffers() -> None:
    window = Window(SETTINGS)
    for number in range(2, 6):
        window.sent(number, window.room, number)
        window.acknowledged(number, number + 0.1)
    before = window.size
    window.sent(6, window.room, 10)
    window.acknowledged(6, 11)
    assert window.size < before
    for number in range(7, 30):
        window.sent(number, window.room, number * 10)
        window.acknowledged(number, number * 10 + 5)
    assert window.size == 700


def test_without_a_budget_there_is_no_limit() -> None:
    assert Budget(SyncSettings()).room(at(0), urgent=False) is None


def test_a_seconds_budget_fills_again_with_time() -> None:
    budget = Budget(SyncSettings(budget_per_second=1_000))
    assert budget.room(at(0), urgent=False) == 1_000
    budget.spend(1_000, at(0))
    assert budget.room(at(0), urgent=True) == 0
    assert budget.wait(500) == 0.5
    assert budget.room(at(0.5), urgent=False) == 500
    assert budget.room(at(60), urgent=False) == 1_000


def test_a_days_budget_keeps_a_reserve_and_begins_again_at_midnight() -> None:
    budget = Budget(SyncSettings(budget_per_day=1_000))
    budget.spend(900, at(0))
    assert budget.room(at(1), urgent=False) == 0
    assert budget.room(at(1), urgent=True) == budget.day(at(1)) == 100
    assert budget.room(at(86_400), urgent=False) == 900
    # A clock that goes back gives nothing twice.
    budget.spend(500, at(86_400))
    assert budget.room(at(0), urgent=False) == 400


def test_the_smaller_budget_counts_and_outlasts_a_restart() -> None:
    settings = SyncSettings(budget_per_day=1_000, budget_per_second=500)
    budget = Budget(settings)
    assert budget.room(at(0), urgent=False) == 500
    budget.spend(100, at(0))
    again = Budget(settings)
    again.restore(*budget.used)
    assert again.day(at(0)) == 900
    assert Budget(SETTINGS).wait(100) == 0.0


def test_lanes_that_share_get_bytes_by_their_weight() -> None:
    turns = Turns({2: 3, 4: 1})
    served = {2: 0, 4: 0}
    for _ in range(40):
        lane = turns.order()[0]
        turns.served(lane, 100)
        served[lane] += 1
    assert served == {2: 30, 4: 10}


def test_what_a_lane_did_not_use_while_it_was_empty_is_gone() -> None:
    turns = Turns({2: 1, 4: 1})
    for _ in range(50):
        turns.served(2, 100)
    turns.served(4, 100)
    assert turns.order()[0] in (2, 4)
    turns.served(4, 100)
    assert turns.order()[0] == 2
