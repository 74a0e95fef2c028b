from datetime import timedelta

from accord.release.cadence import Cadence
from support.clock import START

MINUTE, TEN = timedelta(minutes=1), timedelta(minutes=10)


def test_what_was_never_released_is_due() -> None:
    assert Cadence(limit=1).is_due("U1", START)


def test_nothing_is_released_again_within_its_cadence() -> None:
    memory = Cadence(limit=10)
    taken = [m for m in range(60) if memory.take("U1", START + m * MINUTE, TEN)]
    assert taken == [0, 10, 20, 30, 40, 50]
    assert not memory.is_due("U1", START + 59 * MINUTE)
    assert memory.is_due("U1", START + 60 * MINUTE)


def test_objects_wait_each_for_itself() -> None:
    memory = Cadence(limit=10)
    assert memory.take("U1", START, TEN)
    assert memory.take("U2", START + MINUTE, TEN)
    assert not memory.take("U1", START + MINUTE, TEN)


def test_a_clock_that_goes_back_releases_nothing_early() -> None:
    memory = Cadence(limit=10)
    assert memory.take("U1", START, TEN)
    assert not memory.take("U1", START - TEN, TEN)


def test_a_full_memory_forgets_only_what_is_due_anyway() -> None:
    memory = Cadence(limit=2)
    assert memory.take("long", START, 2 * TEN)
    assert memory.take("short", START, TEN)
    assert not memory.take("new", START + MINUTE, TEN)
    assert memory.refused == 1
    assert memory.take("new", START + TEN, TEN)
    assert not memory.is_due("long", START + TEN)
    assert len(memory) == 2
    assert memory.refused == 1


def test_a_full_memory_lets_those_it_knows_go_on() -> None:
    memory = Cadence(limit=1)
    assert memory.take("U1", START, TEN)
    assert memory.take("U1", START + TEN, TEN)
    assert len(memory) == 1
    assert memory.refused == 0


def test_a_full_memory_still_refuses_when_those_it_knows_went_on() -> None:
    memory = Cadence(limit=1)
    assert memory.take("U1", START, TEN)
    assert memory.take("U1", START + TEN, TEN)
    assert not memory.take("U2", START + TEN + MINUTE, TEN)
    assert memory.take("U2", START + 2 * TEN, TEN)


def test_a_memory_of_nothing_releases_nothing() -> None:
    memory = Cadence(limit=0)
    assert not memory.take("U1", START, TEN)
    assert not memory.take("U1", START, TEN)
    assert memory.refused == 2
