"""What a restart brings back, and what not. That it loses nothing is in tests/coalition."""

from accord.core.context import LIVE
from support.coalition import Network, agreement, short

A, B = "AUS-A", "NZL-B"


def a_pair() -> Network:
    network = Network()
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.nodes[A].chat("M1")
    network.nodes[A].track("T", -40.0)
    network.run(3)
    network.cut(A, B)
    network.nodes[A].chat("M2")
    return network


def test_another_epoch_brings_back_what_waits_and_no_numbers() -> None:
    network = a_pair()
    node = network.nodes[A].restart(network.nodes[A].held(), epoch=2)
    assert node.syncs[B].given() == ()
    network.heal()
    network.run(5)
    assert network.nodes[B].has(A, "M2")


def test_the_same_epoch_brings_back_handles_and_suspensions() -> None:
    network = a_pair()
    node = network.nodes[A]
    node.syncs[B].suspend(short(agreement(A, B)), "why", node.now)
    again = node.restart(node.held())
    assert [each.number for each in again.syncs[B].given()] == [1]
    assert again.syncs[B].status(again.now).suspended == ("why",)
    network.heal()
    network.run(3)
    assert not network.nodes[B].has(A, "M2")


def test_what_was_recalled_stays_away_after_a_restart() -> None:
    network = a_pair()
    network.heal()
    network.run(3)
    node = network.nodes[A]
    node.syncs[B].recall_object(A, LIVE, "T", "why", node.now)
    network.run(3)
    again = network.nodes[B].restart(network.nodes[B].held())
    assert [key.uid for key, _, _ in again.coalition.versions.buried()] == ["T"]
