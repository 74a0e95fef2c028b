from datetime import timedelta

from accord.core.principal import Direction
from accord.tak import status
from support.clock import START
from support.cot import cot_xml
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
