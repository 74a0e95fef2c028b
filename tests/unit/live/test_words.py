from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Message
from accord.core.context import Context
from accord.core.principal import Direction, Principal
from accord.core.report import Address, AddressKind, Form, Original, Report
from accord.live.words import Words, WordsSettings
from support.builders import A_SOURCE, a_report
from support.clock import START, ManualClock

KEA = Address(AddressKind.CALLSIGN, "KEA")
TUI = Address(AddressKind.CALLSIGN, "TUI")
LATER = START + timedelta(hours=24)


def said(words: str, *, size: int = 0, **changes: Any) -> Report:
    body = Message(text=words, sender="kiwi-1", room="All Chat Rooms")
    original = Original(Form.COT_XML, bytes(size)) if size else None
    values: dict[str, Any] = {"body": body, "stale": LATER, "original": original, **changes}
    return a_report(words, **values)


def somebody(name: str = "kea", **changes: Any) -> Principal:
    values: dict[str, Any] = {"groups": {"Blue": Direction.BOTH}, **changes}
    return Principal(name=name, **values)


def texts(reports: Iterable[Report]) -> list[str]:
    return [each.uid for each in reports]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def words(clock: ManualClock) -> Words:
    return Words(WordsSettings(max_messages=5, max_bytes=1000, max_people=2), clock=clock)


def test_who_was_never_here_is_told_everything_in_order(words: Words) -> None:
    for text in "abc":
        words.keep(said(text))
    assert texts(words.missed(somebody())) == ["a", "b", "c"]


def test_who_was_away_is_told_what_was_said_since(words: Words) -> None:
    words.keep(said("before"))
    words.left(somebody())
    words.keep(said("meanwhile"))
    assert texts(words.missed(somebody())) == ["meanwhile"]
    words.left(somebody())
    assert texts(words.missed(somebody())) == []


def test_what_was_not_written_before_he_left_is_told_again(words: Words) -> None:
    first, second, third = said("first"), said("second"), said("third")
    for each in (first, second, third):
        words.keep(each)
    words.left(somebody(), unsent=[second])
    words.keep(said("fourth"))
    assert texts(words.missed(somebody())) == ["second", "fourth"]


def test_what_is_stale_is_not_told(words: Words, clock: ManualClock) -> None:
    words.keep(said("short", stale=START + timedelta(minutes=1)))
    words.keep(said("long"))
    clock.advance(minutes=1)
    assert texts(words.missed(somebody())) == ["long"]


def test_nobody_is_told_his_own_words(words: Words) -> None:
    words.keep(said("mine"))
    assert texts(words.missed(somebody(A_SOURCE.speaker))) == []


def test_nobody_is_told_what_he_could_not_have_heard(words: Words) -> None:
    words.keep(said("red", groups=frozenset({"Red"})))
    words.keep(said("exercise", context=Context.exercise("TASMAN")))
    words.keep(said("red to kea", groups=frozenset({"Red"}), to=frozenset({KEA})))
    assert texts(words.missed(somebody())) == []
    assert texts(words.missed_by_name(somebody(), {KEA})) == []
    player = somebody(exercises=frozenset({"TASMAN"}))
    assert texts(words.missed(player)) == ["exercise"]


def test_what_is_for_some_is_told_to_them_only(words: Words) -> None:
    words.keep(said("to kea", to=frozenset({KEA, TUI})))
    words.keep(said("to all"))
    assert texts(words.missed(somebody())) == ["to all"]
    assert texts(words.missed_by_name(somebody("tui"), {TUI})) == ["to kea"]
    assert texts(words.missed_by_name(somebody("moa"), {Address(AddressKind.UID, "MOA")})) == []


def test_what_was_told_by_name_is_not_told_again(words: Words) -> None:
    words.keep(said("to kea", to=frozenset({KEA})))
    assert texts(words.missed_by_name(somebody(), {KEA})) == ["to kea"]
    assert texts(words.missed_by_name(somebody(), {KEA})) == []
    words.left(somebody())
    assert texts(words.missed_by_name(somebody(), {KEA})) == []


def test_what_he_heard_when_it_was_said_is_not_told_again(words: Words) -> None:
    words.keep(said("to both", to=frozenset({KEA, TUI})), told=[somebody()])
    assert texts(words.missed_by_name(somebody(), {KEA})) == []
    assert texts(words.missed_by_name(somebody("tui"), {TUI})) == ["to both"]


def test_words_to_one_who_left_before_saying_his_name_wait_for_him(words: Words) -> None:
    words.keep(said("to kea", to=frozenset({KEA})))
    words.left(somebody())
    assert texts(words.missed_by_name(somebody(), {KEA})) == ["to kea"]


def test_what_was_told_by_name_and_not_written_is_told_again(words: Words) -> None:
    direct = said("to kea", to=frozenset({KEA}))
    words.keep(direct, told=[somebody()])
    words.left(somebody(), unsent=[direct])
    assert texts(words.missed_by_name(somebody(), {KEA})) == ["to kea"]


def test_what_was_not_written_and_is_forgotten_by_now_is_gone(words: Words) -> None:
    words.left(somebody(), unsent=[said("long ago")])
    assert texts(words.missed(somebody())) == []


def test_the_number_of_messages_has_a_limit(words: Words) -> None:
    for text in "abcdefg":
        words.keep(said(text))
    assert texts(words.missed(somebody())) == ["c", "d", "e", "f", "g"]
    assert words.counts == {"messages forgotten": 2}


def test_their_bytes_have_a_limit(words: Words) -> None:
    words.keep(said("a", size=500))
    words.keep(said("b", size=500))
    assert texts(words.missed(somebody())) == ["a", "b"]
    words.keep(said("c", size=1))
    assert texts(words.missed(somebody())) == ["b", "c"]
    words.keep(said("too large for all", size=1001))
    assert texts(words.missed(somebody())) == []
    words.keep(said("d", size=1000))
    assert texts(words.missed(somebody())) == ["d"]


def test_the_number_of_people_has_a_limit(words: Words) -> None:
    words.keep(said("heard by all"))
    for name in ("kea", "tui", "kea", "moa"):
        words.left(somebody(name))
    assert texts(words.missed(somebody("tui"))) == ["heard by all"]
    assert texts(words.missed(somebody("kea"))) == []
    assert texts(words.missed(somebody("moa"))) == []
    assert words.counts == {"people forgotten": 1}


def test_what_was_called_back_is_told_nobody_any_more(words: Words) -> None:
    for text in ("a", "b"):
        words.keep(said(text, size=500))
    dropped = words.drop(A_SOURCE.channel, "a")
    assert dropped is not None
    assert texts([dropped]) == ["a"]
    assert words.drop("partner:USA-X", "b") is None
    assert words.drop(A_SOURCE.channel, "a") is None
    words.keep(said("c", size=500))
    assert texts(words.missed(somebody())) == ["b", "c"]


def test_what_is_remembered_is_shown_again_with_ones_own_words_and_none_of_others_talks(
    words: Words,
) -> None:
    own = replace(A_SOURCE, speaker="kea")
    words.keep(said("to all"))
    words.keep(said("to kea", to=frozenset({KEA})))
    words.keep(said("to tui", to=frozenset({TUI})))
    words.keep(said("kea to tui", to=frozenset({TUI}), source=own))
    assert texts(words.recent(somebody(), {KEA})) == ["to all", "to kea", "kea to tui"]
    stranger = somebody("weka", groups={"Red": Direction.BOTH})
    assert texts(words.recent(stranger, {KEA})) == []


def test_a_partners_speaker_of_the_same_name_is_somebody_else(words: Words) -> None:
    theirs = replace(A_SOURCE, channel="partner:USA-PAC", speaker="kea")
    words.keep(said("theirs", to=frozenset({TUI}), source=theirs))
    assert texts(words.recent(somebody(), {KEA})) == []


def test_who_was_not_sent_what_he_was_to_be_is_told_it_by_that_name_in_order(words: Words) -> None:
    first, second, third = (said(text, to=frozenset({KEA})) for text in ("a", "b", "c"))
    for each in (first, second, third):
        words.keep(each, told=[somebody()], reached={KEA})
    assert texts(words.untold(somebody(), {TUI}, [first, third])) == []
    assert texts(words.untold(somebody("eve"), {KEA}, [first, third])) == []
    assert texts(words.untold(somebody(), {KEA}, [third, first])) == ["a", "c"]
    assert texts(words.missed_by_name(somebody(), {KEA})) == ["a", "c"]
    assert texts(words.missed_by_name(somebody(), {KEA})) == []
