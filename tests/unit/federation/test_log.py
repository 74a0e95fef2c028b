from collections import Counter

from accord.federation.log import Entry, LaneLog
from accord.federation.version import ObjectKey
from accord.wire.peer.record import Void


def entry(name: str) -> Entry:
    return Entry(0.0, key=ObjectKey("NZL", "live", name), content=Void())


def a_log(limit: int = 10) -> LaneLog:
    return LaneLog(limit=limit, limit_bytes=1_000_000, retry=5.0, counts=Counter())


def send(log: LaneLog, count: int = 99) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for each in log.unsent():
        if len(found) == count:
            break
        log.sent(each)
        found.append((each.number, "" if each.key is None else each.key.uid))
    return found


def test_entries_are_numbered_in_order_when_they_are_sent() -> None:
    log = a_log()
    for name in "ABC":
        log.add(entry(name))
    assert send(log, 2) == [(1, "A"), (2, "B")]
    assert log.waiting()[0] == 1
    assert send(log) == [(3, "C")]


def test_what_may_not_leave_takes_no_number() -> None:
    log = a_log()
    log.add(entry("A"))
    log.add(entry("B"))
    log.dropped(next(log.unsent()))
    assert send(log) == [(1, "B")]


def test_a_new_session_goes_on_after_what_arrived() -> None:
    log = a_log()
    for name in "ABC":
        log.add(entry(name))
    send(log)
    assert [each.number for each in log.arrived(1)] == [1]
    log.begin(2)
    assert send(log) == [(3, "C")]
    assert [each.number for each in log.flying()] == [3]


def test_a_partner_that_lost_some_is_given_them_under_the_same_numbers() -> None:
    log = a_log()
    for name in "ABC":
        log.add(entry(name))
    send(log)
    list(log.arrived(3))
    log.begin(1)
    assert send(log) == [(2, "B"), (3, "C")]
    log.begin(None)
    assert send(log) == [(1, "A"), (2, "B"), (3, "C")]


def test_a_partner_that_has_more_than_was_given_is_counted_on_from() -> None:
    log = a_log()
    log.add(entry("A"))
    log.begin(7)
    assert send(log) == [(8, "A")]


def test_a_number_that_was_not_kept_stands_for_nothing() -> None:
    log = a_log(limit=2)
    for name in "ABC":
        log.add(entry(name))
        send(log)
        list(log.arrived(log.last))
    assert len(log) == 2
    log.begin(0)
    assert send(log) == [(1, ""), (2, "B"), (3, "C")]


def test_when_there_is_no_room_what_waited_longest_makes_it() -> None:
    counts: Counter[str] = Counter()
    log = LaneLog(limit=2, limit_bytes=1_000_000, retry=5.0, counts=counts)
    for name in "ABC":
        log.add(entry(name))
    assert send(log) == [(1, "B"), (2, "C")]
    assert counts == {"a log was full": 1}


def test_what_is_put_off_comes_after_a_while() -> None:
    log = a_log()
    log.add(entry("A"))
    log.later(next(log.unsent()), 0.0)
    assert not log.has_unsent(4.0)
    assert log.next_at() == 5.0
    assert log.has_unsent(5.0)
    log.later(next(log.unsent()), 5.0)
    log.reconsider()
    assert send(log) == [(1, "A")]


def test_what_is_taken_back_leaves_its_number_empty() -> None:
    log = a_log()
    for name in "ABCD":
        log.add(entry(name))
    send(log, 2)
    log.later(next(log.unsent()), 0.0)
    emptied = log.empty(lambda each: each.key is not None and each.key.uid in "BCD")
    assert [each.number for each in emptied] == [2]
    assert isinstance(emptied[0].content, Void)
    log.reconsider()
    assert send(log) == []


def test_what_a_partner_had_and_lost_comes_once_more() -> None:
    log = a_log()
    log.add(entry("A"))
    send(log)
    list(log.arrived(1))
    log.once_more(lambda each: each.number == 1)
    assert send(log) == [(2, "A")]


def test_a_log_goes_on_after_a_restart() -> None:
    log = a_log()
    for name in "ABC":
        log.add(entry(name))
    send(log, 2)
    list(log.arrived(1))
    again = a_log()
    again.restore(log.last, log.acked, log.entries())
    again.begin(1)
    assert send(again) == [(2, "B"), (3, "C")]


def test_what_stays_among_what_goes_changes_neither_their_order_nor_their_numbers() -> None:
    log = a_log()
    for name in "ABCD":
        log.add(entry(name))
    going: list[Entry] = []
    for each in log.unsent():
        assert each.key is not None
        if each.key.uid == "B":
            log.dropped(each)
        elif each.key.uid == "C":
            log.later(each, 0.0)
        else:
            going.append(each)
    for each in going:
        log.sent(each)
    assert [(each.number, each.key and each.key.uid) for each in going] == [(1, "A"), (2, "D")]
    log.reconsider()
    assert send(log) == [(3, "C")]
