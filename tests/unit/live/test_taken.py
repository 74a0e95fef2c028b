from collections import Counter
from collections.abc import Callable

import pytest

from accord.core.report import Report
from accord.live import taken
from accord.live.taken import GIVEN_BACK, LOOK_EVERY, TOO_MANY, Taken, Watch
from support.builders import a_report

ONE, TWO, THREE = (a_report(uid) for uid in ("ONE", "TWO", "THREE"))


class FakeLine:
    """Bytes written, None where that is not known, and how many of them are acknowledged."""

    def __init__(self) -> None:
        self.sent: int | None = 0
        self.has = 0
        self.asked = 0

    def written(self) -> int | None:
        return self.sent

    def acknowledged(self) -> int:
        self.asked += 1
        return self.has


class Timers:
    """What a watch has asked to be run, and after how long."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.watch = Watch(lambda after, run: self.due.append((after, run)), Counter())

    def run(self) -> None:
        due, self.due = self.due, []
        for _, each in due:
            each()


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def phone(line: FakeLine, timers: Timers) -> Taken:
    return Taken(line, timers.watch, limit=3)


def write(phone: Taken, line: FakeLine, to: int | None, *words: Report) -> None:
    line.sent = to
    phone.wrote(words)


def test_words_are_in_flight_until_the_byte_they_end_with_is_acknowledged(
    phone: Taken, line: FakeLine
) -> None:
    write(phone, line, 100, ONE, TWO)
    write(phone, line, 200, THREE)
    line.has = 99
    assert phone.in_flight() == [ONE, TWO, THREE]
    line.has = 100
    assert phone.in_flight() == [THREE]
    line.has = 200
    assert phone.in_flight() == []


def test_words_whose_end_is_not_known_end_with_what_is_written_when_it_is(
    phone: Taken, line: FakeLine
) -> None:
    write(phone, line, 100, ONE)
    write(phone, line, None, TWO)
    line.has = 100
    assert phone.in_flight() == [TWO]
    line.sent = 250
    assert phone.in_flight() == [TWO]
    line.sent, line.has = 900, 250
    assert phone.in_flight() == []


def test_in_a_disorderly_end_what_was_not_seen_to_be_read_is_not_taken_either(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE)
    write(phone, line, 200, TWO)
    line.has = 100
    assert phone.end(is_orderly=False) == [ONE, TWO]
    assert timers.watch.counts == {GIVEN_BACK: 2}
    assert not phone.is_unsure


def test_who_closes_has_read_what_its_system_had(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE)
    write(phone, line, 200, TWO)
    line.has = 100
    assert phone.end(is_orderly=True) == [TWO]
    assert timers.watch.counts == {GIVEN_BACK: 1}


def test_who_says_something_has_read_what_its_system_was_seen_to_have_before(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE)
    line.has = 100
    timers.run()
    write(phone, line, 200, TWO)
    line.has = 200
    phone.heard()
    assert phone.end(is_orderly=False) == [TWO]


def test_who_has_taken_everything_is_given_nothing_back(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE)
    line.has = 100
    phone.heard()
    assert phone.is_unsure
    phone.heard()
    assert not phone.is_unsure
    assert phone.end(is_orderly=False) == []
    assert timers.watch.counts == {}


def test_beyond_the_limit_the_oldest_count_as_taken_first_those_that_are_acknowledged(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE)
    line.has = 100
    phone.look()
    write(phone, line, 200, TWO, TWO, THREE)
    assert timers.watch.counts == {}
    write(phone, line, 300, THREE)
    assert phone.end(is_orderly=False) == [TWO, THREE, THREE]
    assert timers.watch.counts == {TOO_MANY: 1, GIVEN_BACK: 3}


def test_words_that_somebody_else_is_given_are_waited_for_no_more(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    write(phone, line, 100, ONE, TWO)
    phone.forget({id(ONE), id(THREE)})
    assert phone.end(is_orderly=False) == [TWO]
    assert timers.watch.counts == {GIVEN_BACK: 2}


def test_receivers_are_looked_at_while_they_have_words_in_flight_and_at_no_other_time(
    phone: Taken, line: FakeLine, timers: Timers
) -> None:
    assert timers.due == []
    write(phone, line, 100, ONE)
    write(phone, line, 200, TWO)
    assert [after for after, _ in timers.due] == [LOOK_EVERY]
    timers.run()
    assert [after for after, _ in timers.due] == [LOOK_EVERY]
    line.has = 200
    timers.run()
    assert timers.due == []
    write(phone, line, 300, THREE)
    assert len(timers.due) == 1
    phone.end(is_orderly=True)
    asked = line.asked
    timers.run()
    assert (timers.due, line.asked) == ([], asked)


def test_many_receivers_are_looked_at_in_turns(
    timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taken, "LOOKS_AT_ONCE", 2)
    lines = [FakeLine() for _ in range(3)]
    for each in lines:
        Taken(each, timers.watch, limit=3).wrote([ONE])
        each.has = -1
    timers.run()
    assert sorted(each.asked for each in lines) == [0, 1, 1]
    assert [after for after, _ in timers.due] == [0.0]
    timers.run()
    assert [each.asked for each in lines] == [1, 1, 1]
    assert [after for after, _ in timers.due] == [LOOK_EVERY]
