"""Comparing after a loss. That it finds what differs is in tests/coalition and test_reconcile."""

from accord.wire.peer.message import Range, RangePart
from accord.wire.peer.protocol import Lane
from support.coalition import Network

A, B = "AUS-A", "NZL-B"


def a_loss() -> Network:
    """A giver that has been brought back to before it gave anything."""
    network = Network()
    network.node(A)
    network.node(B)
    network.link(A, B)
    before = network.nodes[A].held()
    network.nodes[A].chat("M")
    network.nodes[A].track("T", -40.0)
    network.run(3)
    network.nodes[A].restart(before)
    network.sent.clear()
    return network


def test_an_emergency_does_not_wait_for_the_comparison_and_the_rest_does() -> None:
    network = a_loss()
    network.lines[frozenset((A, B))].delay = 1.0
    network.heal()
    network.nodes[A].mayday("MAYDAY")
    network.nodes[A].chat("M2")
    network.run(0.5)
    lanes = [out.lane for out in network.frames(A, B) if out.items]
    assert lanes == [Lane.EMERGENCY]
    network.run(10)
    assert network.nodes[B].has(A, "M2")


def test_a_partner_that_does_not_answer_is_not_waited_for_for_ever() -> None:
    network = a_loss()
    network.heal()
    network.nodes[B].syncs[A]._comparing.received = lambda *_: None  # pyright: ignore
    network.nodes[A].chat("M2")
    network.run(30)
    assert not network.nodes[B].has(A, "M2")
    network.run(60)
    assert network.nodes[B].has(A, "M2")


def test_what_nobody_asked_is_not_answered() -> None:
    network = a_loss()
    network.heal()
    network.run(5)
    comparing, now = network.nodes[A].syncs[B]._comparing, network.nodes[A].now
    network.sent.clear()
    comparing.received(Range(Lane.CHAT, 1, (RangePart(1, b""),)), now)
    comparing.received(Range(Lane.TRACKS, 1, (RangePart(1, b""),)), now)
    network.run(1)
    assert network.frames(A, B) == []
