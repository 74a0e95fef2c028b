"""The rows of one link, done again on another. That they lose nothing is in tests/coalition."""

import cbor2
import pytest

from accord.federation.held import Plain
from accord.wire.peer.protocol import Lane
from support.coalition import Network, agreement, short

A, B = "AUS-A", "NZL-B"


def a_pair() -> Network:
    network = Network()
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.run(1)
    return network


def through_cbor(rows: tuple[Plain, ...]) -> list[Plain]:
    return [cbor2.loads(cbor2.dumps(row)) for row in rows]


def test_what_happened_is_told_once() -> None:
    network = a_pair()
    network.cut(A, B)
    sync = network.nodes[A].syncs[B]
    sync.changes()
    version = network.nodes[A].chat("M")
    network.nodes[A].kept[B].changes.clear()
    sync.note(network.truth[A, "M", version], version, network.nodes[A].now)
    (row,) = sync.changes()
    assert isinstance(row, tuple)
    assert row[:2] == (0, Lane.CHAT)
    assert sync.changes() == ()


def test_done_again_the_rows_lead_to_the_same() -> None:
    network = a_pair()
    node = network.nodes[A]
    before = node.kept[B].held
    node.kept[B].changes.clear()
    node.track("T", -40.0)
    node.chat("M1")
    node.chat("M2")
    network.run(3)
    network.cut(A, B)
    node.chat("M3")
    rows = through_cbor(tuple(node.kept[B].changes))
    other = a_pair()
    sync = other.nodes[A].syncs[B]
    sync.restore(before, other.nodes[A].now)
    sync.redo(rows, other.nodes[A].now, before.epoch)
    again, held = sync.held(), node.syncs[B].held()
    assert [log.last for log in again.logs] == [log.last for log in held.logs]
    assert again.last_header == held.last_header == 1
    given = {key.uid: had for key, had in sync.had()}
    assert sorted(given) == ["M1", "M2"]
    assert {had.version for had in given.values()} == {None}  # the partner says what arrived


def test_of_another_epoch_of_the_node_numbers_count_for_nothing() -> None:
    network = a_pair()
    node = network.nodes[A]
    node.track("T", -40.0)
    node.chat("M")
    network.run(3)
    rows = through_cbor(tuple(node.kept[B].changes))
    other = a_pair()
    sync = other.nodes[A].syncs[B]
    sync.redo(rows, other.nodes[A].now, epoch=2)
    assert sync.held().last_header == 0
    assert [log.last for log in sync.held().logs] == [0, 0, 0, 0]


def test_headers_that_were_given_anew_are_not_taken_for_those_before() -> None:
    network = a_pair()
    node = network.nodes[A]
    for name in ("T1", "T2", "T3"):
        node.track(name, -40.0)
    network.run(3)
    handles = node.syncs[B]._out.handles
    handles.changes()
    handles.only_up_to(1)
    assert handles.changes() == (1, 1)
    handles.gave(1, 3)
    assert [each.number for each in handles.objects()] == [1]
    assert (handles.last, handles.changes()) == (3, (1, 3))


def test_what_came_of_another_life_of_the_partner_begins_anew() -> None:
    network = a_pair()
    sync = network.nodes[B].syncs[A]
    sync.redo([(3, 5, ((int(Lane.CHAT), 7),), (), ())], network.nodes[B].now, 1)
    held = sync.held()
    assert (held.their_epoch, held.marks) == (5, ((int(Lane.CHAT), 7),))


@pytest.mark.parametrize(
    "row",
    [(), (9,), 5, (0, 77, ()), (0, 2, (1, 2)), (3, 1, None, ((1, 2),), ()), (3, 1, 5, (), ())],
)
def test_what_is_spoilt_is_said(row: Plain) -> None:
    network = a_pair()
    with pytest.raises(ValueError, match="what happened to a link is spoilt"):
        network.nodes[A].syncs[B].redo([row], network.nodes[A].now, 1)


def test_what_the_partner_suspended_is_remembered() -> None:
    network = a_pair()
    node, other = network.nodes[A], network.nodes[B]
    node.syncs[B].suspend(short(agreement(A, B)), "a mistake", node.now)
    network.run(3)
    assert other.syncs[A].held().suspended_there == ((short(agreement(A, B)), "a mistake"),)
    again = other.restart(other.held())
    assert again.syncs[A].held().suspended_there == ((short(agreement(A, B)), "a mistake"),)
