from datetime import timedelta

import pytest

from accord.core.principal import Direction
from accord.tak import status
from support.clock import START
from support.cot import STALE, cot_xml
from support.tak import REQUEST, FakeNode, own_position


def test_every_connection_is_shown_with_what_it_said_and_what_waits_for_it() -> None:
    node = FakeNode()
    node.clock.advance(minutes=1)
    b, _ = node.join("B")
    a, _ = node.join("A", groups={"Blue": Direction.IN})
    a.receive(own_position("A1", "ALPHA") + cot_xml("M1", "a-h-G") + b"<event></event>")
    node.tick()
    b.receive(REQUEST)
    b.pause()
    a.receive(cot_xml("M2", "a-h-G"))
    node.tick()
    first, second = status.clients(node.bridge)
    assert (first.name, first.address, first.channel) == ("A", "192.0.2.1:1", "cot-tls")
    assert (first.uid, first.callsign, first.form) == ("A1", "ALPHA", "xml")
    assert first.since == START + timedelta(minutes=1)
    assert first.groups == {"Blue": Direction.IN}
    assert (first.accepted, first.refused, first.sent) == (3, {"malformed": 1}, 0)
    assert (second.name, second.uid, second.callsign, second.form) == ("B", None, None, "protobuf")
    assert (second.accepted, second.sent, second.replaced, second.waiting) == (0, 2, 0, 1)
    assert second.waiting_bytes > 0


def test_every_connection_is_a_source_that_was_last_useful_when_it_last_said_something() -> None:
    node = FakeNode()
    a, _ = node.join("A")
    node.join("B")
    node.clock.advance(minutes=2)
    a.receive(cot_xml("M1", "a-h-G"))
    speaking, silent = status.heard(node.bridge)
    assert (speaking.channel, speaking.speaker, speaking.accepted) == ("cot-tls", "A", 1)
    assert (speaking.since, speaking.last_useful) == (START, START + timedelta(minutes=2))
    assert (silent.speaker, silent.accepted, silent.last_useful) == ("B", 0, None)


def test_connections_are_counted_by_channel() -> None:
    node = FakeNode()
    node.join("A")
    node.join("B")
    assert status.connections(node.bridge) == {"cot-tls": 2}


def dated(uid: str, callsign: str, minute: int) -> bytes:
    """What a client says of itself at that minute past three, valid until the hour is over."""
    stale = STALE[:14] + "59" + STALE[16:]
    said = own_position(uid, callsign, minute=minute)
    return said.replace(STALE.encode(), stale.encode())


@pytest.mark.parametrize(("minute", "said"), [(14, None), (16, "12 min ahead")])
def test_a_clock_that_is_more_than_ten_minutes_ahead_is_named(
    minute: int, said: str | None
) -> None:
    node = FakeNode()
    a, _ = node.join("kiwi-1")
    a.receive(dated("A1", "ALPHA", minute) + cot_xml("M1", "a-h-G"))
    expected = [f"the clock of kiwi-1 (ALPHA) is {said}; set it"] if said else []
    assert list(status.wrong_clocks(node.bridge)) == expected


def test_a_clock_that_is_behind_is_named_until_it_is_set() -> None:
    node = FakeNode()
    node.clock.advance(minutes=12)
    a, _ = node.join("kiwi-1")
    a.receive(dated("A1", "ALPHA", 4))
    assert list(status.wrong_clocks(node.bridge)) == [
        "the clock of kiwi-1 (ALPHA) is 12 min behind; set it"
    ]
    a.receive(dated("A1", "ALPHA", 16))
    assert list(status.wrong_clocks(node.bridge)) == []


def test_markers_of_long_ago_say_nothing_of_a_clock() -> None:
    node = FakeNode()
    node.clock.advance(minutes=20)
    a, _ = node.join("kiwi-1")
    a.receive(dated("A1", "ALPHA", 24) + cot_xml("M1", "a-h-G"))
    assert list(status.wrong_clocks(node.bridge)) == []


def test_many_wrong_clocks_are_counted_beyond_ten() -> None:
    node = FakeNode()
    for number in range(12):
        each, _ = node.join(f"kiwi-{number:02}")
        each.receive(dated(f"A{number}", f"K{number}", 30))
    said = list(status.wrong_clocks(node.bridge))
    assert [text.split(" (")[0] for text in said[:10]] == [
        f"the clock of kiwi-{number:02}" for number in range(10)
    ]
    assert said[10:] == ["the clocks of 2 more clients are wrong"]


def test_a_session_that_ends_is_told_while_it_knows_what_it_said() -> None:
    node = FakeNode()
    told: list[tuple[str, int]] = []
    node.bridge.closing = lambda session: told.append(
        (session.principal.name, status.heard_of(session).accepted)
    )
    a, _ = node.join("A")
    a.receive(cot_xml("M1", "a-h-G"))
    a.closed()
    a.closed()
    assert told == [("A", 1)]
