from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.desks.watch.alert import (
    Act,
    Alert,
    AlertState,
    Condition,
    Entry,
    Escalation,
    Kind,
    Priority,
)
from accord.desks.watch.board import (
    LONGEST_QUIET,
    Board,
    NoSuchAlert,
    NotYours,
    WatchSettings,
)
from support.clock import START

CALL = Condition(
    key="emergency live KIWI",
    kind=Kind.EMERGENCY,
    priority=Priority.ALARM,
    text="KIWI: 911 Alert",
    uid="KIWI",
    groups=frozenset({"Blue"}),
)
FEED = Condition(
    key="feed feed:ais",
    kind=Kind.FEED,
    priority=Priority.CAUTION,
    text="ais is connected and silent",
)
LATER = START + timedelta(minutes=1)


def a_board(**settings: Any) -> Board:
    return Board(WatchSettings(**settings))


def done(board: Board, entries: Iterable[Entry]) -> list[Entry]:
    happened = list(entries)
    board.apply(happened)
    return happened


@pytest.fixture
def board() -> Board:
    board = a_board()
    done(board, board.arise(CALL, START))
    return board


def only(board: Board) -> Alert:
    (alert,) = board.alerts()
    return alert


def test_what_arises_is_one_alert_that_nobody_has_acknowledged(board: Board) -> None:
    assert only(board).state is AlertState.UNACKNOWLEDGED
    assert only(board).condition == CALL
    assert done(board, board.arise(CALL, LATER)) == []
    assert only(board).times == 1


def test_nothing_takes_effect_before_it_was_kept() -> None:
    board = a_board()
    entries = list(board.arise(CALL, START))
    assert board.alerts() == []
    board.apply(entries)
    assert len(board) == 1


def test_the_line_of_an_alert_is_for_whoever_may_know_of_it(board: Board) -> None:
    (line,) = done(board, board.acknowledge(1, "aroha", LATER))
    assert (line.act, line.by, line.at) == (Act.ACKNOWLEDGED, "aroha", LATER)
    assert (line.uids, line.groups, line.context) == (("KIWI",), CALL.groups, CALL.context)


def test_an_alert_stays_until_it_is_over_and_acknowledged_whichever_comes_first(
    board: Board,
) -> None:
    done(board, board.end(CALL.key, LATER))
    assert only(board).state is AlertState.RECTIFIED
    done(board, board.acknowledge(1, "aroha", LATER))
    assert board.alerts() == []
    done(board, board.arise(CALL, LATER))
    done(board, board.acknowledge(2, "aroha", LATER))
    assert only(board).state is AlertState.ACKNOWLEDGED
    done(board, board.end(CALL.key, LATER))
    assert board.alerts() == []


def test_what_comes_back_before_it_was_acknowledged_is_the_same_alert_once_more(
    board: Board,
) -> None:
    done(board, board.end(CALL.key, LATER))
    (line,) = done(board, board.arise(CALL, LATER))
    assert line.act is Act.RAISED_AGAIN
    assert (only(board).number, only(board).times) == (1, 2)
    assert only(board).state is AlertState.UNACKNOWLEDGED


def test_what_grows_more_urgent_wants_to_be_acknowledged_again() -> None:
    board = a_board()
    done(board, board.arise(FEED, START))
    done(board, board.acknowledge(1, "aroha", START))
    done(board, board.arise(replace(FEED, priority=Priority.WARNING), LATER))
    assert only(board).state is AlertState.UNACKNOWLEDGED
    done(board, board.acknowledge(1, "aroha", LATER))
    assert done(board, board.arise(FEED, LATER)) == []


def test_what_is_to_be_quiet_stays_acknowledged_when_it_comes_back_and_not_for_longer(
    board: Board,
) -> None:
    done(board, board.acknowledge(1, "aroha", START, quiet=timedelta(hours=1)))
    worse = replace(CALL, text="KIWI: worse")
    within = replace(only(board), rectified=LATER)
    board.apply([Entry(at=LATER, act=Act.RECTIFIED, alert=replace(within, acknowledged=None))])
    done(board, board.arise(worse, LATER))
    assert only(board).quiet_until == START + timedelta(hours=1)
    board.apply([Entry(at=LATER, act=Act.RECTIFIED, alert=replace(within, acknowledged=None))])
    done(board, board.arise(worse, START + timedelta(hours=2)))
    assert only(board).state is AlertState.UNACKNOWLEDGED
    assert only(board).quiet_until is None


def test_nothing_is_quiet_for_longer_than_a_day(board: Board) -> None:
    done(board, board.acknowledge(1, "aroha", START, quiet=timedelta(days=400)))
    assert only(board).quiet_until == START + LONGEST_QUIET


def test_to_acknowledge_twice_changes_nothing(board: Board) -> None:
    done(board, board.acknowledge(1, "aroha", LATER))
    assert done(board, board.acknowledge(1, "wiremu", LATER)) == []
    assert only(board).acknowledged_by == "aroha"


def test_what_ends_though_it_never_arose_changes_nothing(board: Board) -> None:
    assert done(board, board.end("another", LATER)) == []
    done(board, board.end(CALL.key, LATER))
    assert done(board, board.end(CALL.key, LATER)) == []


def test_an_alert_is_one_persons_until_it_is_handed_over_and_taken(board: Board) -> None:
    done(board, board.take(1, "aroha", START))
    assert done(board, board.take(1, "aroha", START)) == []
    with pytest.raises(NotYours, match="aroha"):
        done(board, board.take(1, "wiremu", START))
    with pytest.raises(NotYours, match="aroha"):
        done(board, board.offer(1, "wiremu", "wiremu", START))
    done(board, board.offer(1, "aroha", "wiremu", START))
    assert (only(board).owner, only(board).offered_to) == ("aroha", "wiremu")
    assert done(board, board.offer(1, "aroha", "wiremu", START)) == []
    done(board, board.take(1, "wiremu", START))
    assert (only(board).owner, only(board).offered_to) == ("wiremu", "")


def test_an_owner_can_take_back_what_he_offered(board: Board) -> None:
    done(board, board.offer(1, "aroha", "wiremu", START))
    done(board, board.take(1, "aroha", START))
    with pytest.raises(NotYours):
        done(board, board.take(1, "wiremu", START))


def test_what_is_not_open_can_be_neither_acknowledged_nor_taken(board: Board) -> None:
    for act in (board.acknowledge, board.take):
        with pytest.raises(NoSuchAlert, match="7"):
            list(act(7, "aroha", START))


def test_what_needs_attention_comes_first_and_the_most_urgent_of_it_before_all() -> None:
    board = a_board()
    for condition in (FEED, CALL, replace(FEED, key="feed feed:adsb")):
        done(board, board.arise(condition, START))
    done(board, board.acknowledge(2, "aroha", START))
    assert [each.number for each in board.alerts()] == [1, 3, 2]


def test_beyond_the_limit_what_was_seen_and_is_least_urgent_is_forgotten_and_said() -> None:
    board = a_board(max_alerts=2)
    done(board, board.arise(CALL, START))
    done(board, board.arise(FEED, START))
    done(board, board.acknowledge(1, "aroha", START))
    done(board, board.arise(replace(CALL, key="emergency live MOA"), LATER))
    (line,) = board.forget(LATER)
    assert (line.act, line.alert and line.alert.number) == (Act.FORGOTTEN, 1)
    assert {each.number for each in board.alerts()} == {2, 3}
    assert board.counts == {"alerts forgotten": 1}
    done(board, board.arise(CALL, LATER))
    assert [line.alert and line.alert.number for line in board.forget(LATER)] == [2]


def test_a_board_goes_on_where_another_stopped(board: Board) -> None:
    again = Board(WatchSettings(), board.alerts(), last=9)
    assert done(again, again.arise(CALL, LATER)) == []
    (line,) = done(again, again.arise(FEED, LATER))
    assert line.alert is not None
    assert line.alert.number == 10


def test_alerts_that_arise_together_have_numbers_of_their_own() -> None:
    board = a_board()
    entries = [*board.arise(CALL, START), *board.arise(FEED, START)]
    board.apply(entries)
    assert sorted(each.number for each in board.alerts()) == [1, 2]


def waiting(**escalation: Any) -> tuple[Board, Condition]:
    condition = Condition(
        key="rule x", kind=Kind.RULE, priority=Priority.WARNING, text="x",
        escalation=Escalation(after=timedelta(minutes=5), **escalation),
    )  # fmt: skip
    board = Board(WatchSettings())
    board.apply(board.arise(condition, START))
    return board, condition


def test_what_nobody_acknowledges_is_made_more_urgent_and_offered_once() -> None:
    board, condition = waiting(priority=Priority.ALARM, offer_to="kea")
    assert list(board.escalate(START + timedelta(minutes=4))) == []
    at = START + timedelta(minutes=5)
    (entry,) = board.escalate(at)
    assert entry.act is Act.ESCALATED
    board.apply([entry])
    (alert,) = board.alerts()
    assert (alert.condition.priority, alert.offered_to) == (Priority.ALARM, "kea")
    assert alert.escalated == at
    assert list(board.escalate(at + timedelta(hours=1))) == []
    assert list(board.arise(condition, at)) == []  # the rule still says so, less urgently
    board.apply(board.take(alert.number, "kea", at))
    assert board.alerts()[0].owner == "kea"


def test_what_is_acknowledged_or_over_is_not_escalated() -> None:
    for end in ("acknowledge", "end"):
        board, condition = waiting(priority=Priority.ALARM)
        done = (
            board.end(condition.key, START) if end == "end" else board.acknowledge(1, "kiwi", START)
        )
        board.apply(done)
        assert list(board.escalate(START + timedelta(hours=1))) == []


def test_what_comes_back_waits_anew() -> None:
    board, condition = waiting(offer_to="kea")
    board.apply(board.acknowledge(1, "kiwi", START))
    board.apply(board.end(condition.key, START))
    again = START + timedelta(hours=1)
    board.apply(board.arise(condition, again))
    (number,) = (each.number for each in board.alerts())
    assert list(board.escalate(again + timedelta(minutes=4))) == []
    (entry,) = board.escalate(again + timedelta(minutes=5))
    assert entry.alert is not None
    assert entry.alert.number == number
    assert entry.alert.condition.priority is Priority.WARNING


def test_an_escalation_never_makes_it_less_urgent() -> None:
    board, _ = waiting(priority=Priority.CAUTION)
    (entry,) = board.escalate(START + timedelta(minutes=5))
    assert entry.alert is not None
    assert entry.alert.condition.priority is Priority.WARNING


def test_an_alert_that_was_wrong_is_corrected_in_words() -> None:
    board, condition = waiting(offer_to="kea")
    (entry,) = board.end(condition.key, START, correction="heard at 12:00:00Z")
    assert (entry.act, entry.text) == (Act.CORRECTED, "x (heard at 12:00:00Z)")
