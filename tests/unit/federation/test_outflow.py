"""Which frame goes next. What a cut and a backlog do is in tests/coalition."""

from accord.federation.outflow import size_of
from accord.federation.settings import SyncSettings
from accord.wire.peer.message import Checkpoint, Graft, Keepalive, Prune, Range, RangePart, Want
from accord.wire.peer.protocol import Lane
from support.coalition import Network, agreement, short

A, B = "AUS-A", "NZL-B"


def a_pair(**changes: float) -> Network:
    network = Network(settings=SyncSettings(**{"linger": 0.0, **changes}))  # pyright: ignore
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.run(1)
    network.sent.clear()
    return network


def test_positions_wait_a_little_to_share_a_frame() -> None:
    network = a_pair(linger=0.25)
    node = network.nodes[A]
    for n in range(3):
        node.track(f"T{n}", -40.0)
        network.run(0.01)
    assert network.frames(A, B) == []
    network.run(1)
    assert [len(out.items) for out in network.frames(A, B) if out.lane is Lane.TRACKS] == [3, 3]


def test_the_positions_of_who_calls_for_help_go_with_the_calls() -> None:
    network = a_pair()
    node = network.nodes[A]
    node.mayday("ALARM", author="T")
    network.run(1)
    node.track("T", -40.0)
    network.run(1)
    assert {out.lane for out in network.frames(A, B) if out.items} == {Lane.EMERGENCY}
    assert network.nodes[B].has(A, "T")


def test_nobody_is_asked_again_and_again_while_nothing_may_go() -> None:
    network = a_pair()
    node = network.nodes[A]
    node.syncs[B].suspend(short(agreement(A, B)), "why", node.now)
    node.track("T", -40.0)
    node.chat("M")
    network.run(1)
    assert node.syncs[B].next(node.now) is None
    assert node.syncs[B].next_at(node.now) > network.seconds + 5


def test_a_days_budget_that_is_spent_is_not_looked_at_all_day() -> None:
    network = a_pair(budget_per_day=2_000)
    node = network.nodes[A]
    for n in range(20):
        node.chat(f"M{n}", f"{n:200}")
    network.run(1)
    assert node.syncs[B].next_at(node.now) > network.seconds + 5


def test_a_suspension_is_told_though_nothing_else_leaves() -> None:
    network = a_pair()
    node = network.nodes[A]
    node.syncs[B].suspend(short(agreement(A, B)), "why", node.now)
    network.run(1)
    assert [out.lane for out in network.frames(A, B)] == [Lane.CONTROL]


def test_of_control_messages_that_wait_the_oldest_makes_room() -> None:
    network = a_pair(max_contents=2)
    node = network.nodes[A]
    network.cut(A, B)
    for n in range(4):
        node.syncs[B].send(Checkpoint(bytes([n])))
    network.join(A, B)
    network.run(1)
    sent = [out.message for out in network.frames(A, B) if isinstance(out.message, Checkpoint)]
    assert sent == [Checkpoint(b"\x02"), Checkpoint(b"\x03")]
    assert node.counts["a control message too many"] == 2


def test_a_frame_of_this_nodes_own_is_no_longer_than_is_reckoned() -> None:
    # A frame has its length, type, number, lane and body: docs/reference/peer-protocol.cddl.
    assert size_of(Checkpoint(bytes(100))) >= 108
    assert size_of(Prune(("AUS-A",))) >= 14
    assert size_of(Graft(("AUS-A", "NZL-B"))) >= 20
    part = RangePart(1, b"", ids=(bytes(12),) * 3)
    assert size_of(Range(Lane.TRACKS, 0, (part,))) >= 50
    assert size_of(Keepalive()) >= 8


def test_what_is_wanted_and_not_offered_is_counted() -> None:
    network = a_pair()
    sync = network.nodes[A].syncs[B]
    sync._out.wants(Want(ticket=1, digest=bytes(32), first=0, blocks=b"\x80"))
    assert network.nodes[A].counts["content that is not offered was wanted"] == 1
