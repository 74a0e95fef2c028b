"""What a kill -9 of a node takes back, at any moment: nothing that anybody was told is there."""

from itertools import pairwise

from accord.core.context import LIVE
from accord.federation.effect import Recalled
from accord.federation.outgoing import Outgoing
from accord.wire.peer.message import Ack, Records, Want
from accord.wire.peer.protocol import Lane
from accord.wire.peer.record import Receipt
from support.coalition import Network, Node, doubles

A, B, C = "AUS-A", "NZL-B", "USA-C"
COMMIT = 0.05
"""Seconds until what a node accepts is on its disk (storage/journal.py, COMMIT_SECONDS)."""


def chain(*names: str) -> Network:
    network = Network(commit=COMMIT)
    for name in names:
        network.node(name)
    for a, b in pairwise(names):
        network.link(a, b)
    network.run(1)
    network.sent.clear()
    return network


def healed(network: Network) -> None:
    network.heal()
    network.run(10)


def waiting(node: Node, partner: str) -> int:
    return node.syncs[partner].status(node.now).lanes[Lane.CHAT].waiting


def acknowledged(network: Network, giver: str, receiver: str) -> bool:
    return any(isinstance(out.message, Ack) for out in network.frames(receiver, giver))


def is_thanks(out: Outgoing) -> bool:
    return isinstance(out.message, Want) and not out.message.blocks


def test_words_are_acknowledged_when_they_are_on_the_disk_and_not_before() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M")
    network.run(COMMIT + 0.02)
    assert network.nodes[B].has(A, "M")
    assert not acknowledged(network, A, B)
    network.run(COMMIT)
    assert acknowledged(network, A, B)


def test_states_are_acknowledged_at_once() -> None:
    network = chain(A, B)
    network.nodes[A].track("T", -40.0)
    network.run(COMMIT + 0.02)
    assert acknowledged(network, A, B)


def test_words_that_came_and_were_not_on_the_disk_come_again() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M")
    network.run(COMMIT + 0.02)
    assert network.nodes[B].has(A, "M")
    network.nodes[B].keep()  # what a link must remember is written between the two
    assert not network.nodes[B].kill().has(A, "M")
    healed(network)
    assert network.nodes[B].has(A, "M")


def test_a_session_that_begins_before_they_are_on_the_disk_acknowledges_nothing_of_it() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M")
    network.run(COMMIT + 0.02)
    network.cut(A, B)
    network.join(A, B)
    network.nodes[B].kill()
    healed(network)
    assert network.nodes[B].has(A, "M")
    assert doubles(network.nodes[B]) == []


def test_words_that_were_acknowledged_go_on_to_the_next() -> None:
    network = chain(A, B, C)
    network.cut(B, C)
    network.nodes[B].keep()
    network.nodes[A].chat("M")
    network.run(1)
    assert acknowledged(network, A, B)
    network.nodes[B].keep(A)  # as when that link ends: what is to go to C is not written whole
    network.nodes[B].kill()
    healed(network)
    assert network.nodes[C].has(A, "M")
    assert doubles(network.nodes[C]) == []


def test_a_node_that_dies_takes_nothing_with_it_that_its_people_said_before() -> None:
    network = chain(A, B)
    network.cut(A, B)
    network.nodes[A].keep()
    network.nodes[A].chat("M")
    network.run(COMMIT)
    network.nodes[A].kill()
    healed(network)
    assert network.nodes[B].has(A, "M")


def test_what_had_arrived_is_not_sent_again_whoever_dies() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M1")
    network.run(1)
    for name in (A, B):
        network.nodes[name].kill()
        healed(network)
    network.nodes[A].chat("M2")
    network.run(1)
    numbers = [
        record.number
        for out in network.frames(A, B) if isinstance(out.message, Records)
        for record in out.message.records
    ]  # fmt: skip
    assert numbers == [1, 2]
    assert waiting(network.nodes[A], B) == 0


def test_what_was_on_its_way_when_its_node_died_keeps_its_number() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M1")
    network.run(COMMIT)  # it is on its way, and does not arrive
    network.nodes[A].kill()
    network.nodes[A].chat("M2")
    healed(network)
    came = [each.report.uid for each in network.nodes[B].accepted]
    assert came == ["M1", "M2"]
    last = network.nodes[A].syncs[B].held().logs[2]
    assert (last.lane, last.last, last.acked) == (Lane.CHAT, 2, 2)


def test_what_was_given_before_its_node_died_can_be_called_back() -> None:
    network = chain(A, B)
    network.nodes[A].chat("M")
    network.run(1)
    again = network.nodes[A].kill()
    healed(network)
    assert again.syncs[B].recall_object(A, LIVE, "M", "why", again.now)
    network.run(1)
    assert not network.nodes[B].has(A, "M")


def test_a_recall_that_was_not_carried_out_on_the_disk_is_carried_out_again() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    node.chat("M")
    network.run(1)
    node.syncs[B].recall_object(A, LIVE, "M", "why", node.now)
    network.run(0.02)
    assert network.nodes[B].of(Recalled)
    network.nodes[B].keep()
    again = network.nodes[B].kill()
    assert again.has(A, "M")
    healed(network)
    assert not again.has(A, "M")
    receipts = [
        record.content
        for out in network.frames(B, A) if isinstance(out.message, Records)
        for record in out.message.records
    ]  # fmt: skip
    assert {receipt.objects for receipt in receipts if isinstance(receipt, Receipt)} == {1}


def test_what_was_called_back_stays_away_after_its_receiver_died() -> None:
    network = chain(A, B)
    node = network.nodes[A]
    node.chat("M")
    network.run(1)
    node.syncs[B].recall_object(A, LIVE, "M", "why", node.now)
    network.run(1)
    again = network.nodes[B].kill()
    healed(network)
    assert not again.has(A, "M")
    assert [key.uid for key, _, _ in again.coalition.versions.buried()] == ["M"]


def test_long_words_are_wanted_until_they_are_on_the_disk() -> None:
    """Whoever is told that they are not wanted any more may forget them."""
    network = chain(A, B)
    network.nodes[A].chat("M", "words " * 10_000)
    while not network.nodes[B].has(A, "M"):
        network.run(0.01)
    network.run(0.02)
    thanks = [out for out in network.frames(B, A) if is_thanks(out)]
    assert not thanks
    network.nodes[B].kill()
    healed(network)
    assert network.nodes[B].has(A, "M")
    assert [out for out in network.frames(B, A) if is_thanks(out)]


def test_a_node_that_begins_another_epoch_sends_what_it_was_asked_to_before_it_died() -> None:
    network = chain(A, B)
    network.cut(A, B)
    node = network.nodes[A]
    node.chat("M")
    network.run(1)
    changes = node.kept[B].changes
    again = node.restart(node.held(), epoch=2)
    again.syncs[B].restore(node.kept[B].held, again.now)
    again.syncs[B].redo(changes, again.now, node.epoch)
    healed(network)
    assert network.nodes[B].has(A, "M")
