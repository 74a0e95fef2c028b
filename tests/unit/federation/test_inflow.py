"""What a partner may not do. What it may is in tests/coalition."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from accord.federation.effect import Broken, Unverified
from accord.federation.settings import SyncSettings
from accord.wire.peer.frame import Frame, FrameType
from accord.wire.peer.message import Chunk, Farewell, Objects, Records
from accord.wire.peer.protocol import Lane
from accord.wire.peer.record import Record, Void
from accord.wire.peer.report import Object, Reference
from support.coalition import Network, Node
from support.peer import a_header

A, B, C = "AUS-A", "NZL-B", "USA-C"


def a_pair(**settings: int) -> Network:
    network = Network(settings=SyncSettings(linger=0.0, **settings))  # pyright: ignore
    network.node(A)
    network.node(B)
    network.link(A, B)
    network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M")
    network.run(3)
    return network


def take(node: Node, frame: Frame) -> list[object]:
    return [*node.syncs[A].received(frame, node.now)]


def a_frame(message: Objects | Records | Chunk, kind: FrameType, lane: Lane) -> Frame:
    contents = (bytes(32),) * 9
    return Frame(type=kind, number=900, lane=lane, message=message, contents=contents)


def headers(*numbers: int, header: object = None) -> Frame:
    made = a_header() if header is None else header
    objects = tuple(
        Object(number=n, handle=n + 50, header=made)  # pyright: ignore[reportArgumentType]
        for n in numbers
    )
    return a_frame(Objects(objects), FrameType.OBJECTS, Lane.TRACKS)


def records(*numbers: int) -> Frame:
    made = Records(tuple(Record(n, Void()) for n in numbers), None)
    return a_frame(made, FrameType.RECORDS, Lane.CHAT)


@pytest.mark.parametrize(
    "frame",
    [
        lambda: headers(5),
        lambda: headers(2, header=Reference(bytes(32), 9)),
        lambda: records(7),
        lambda: a_frame(Records((Record(2, Reference(bytes(32), 9)),)), FrameType.RECORDS,
                        Lane.CHAT),
    ],
)  # fmt: skip
def test_what_does_not_follow_or_has_no_proof_breaks_the_link(frame: Callable[[], Frame]) -> None:
    network = a_pair()
    (effect,) = take(network.nodes[B], frame())
    assert isinstance(effect, Broken)
    assert effect.reason is Farewell.PROTOCOL


def test_more_handles_than_are_taken_break_the_link() -> None:
    network = a_pair(max_objects=2)
    (effect,) = take(network.nodes[B], headers(2, 3))
    assert isinstance(effect, Broken)


def test_records_that_were_here_change_nothing() -> None:
    network = a_pair()
    assert take(network.nodes[B], records(1, 2)) == []
    assert network.nodes[B].counts["a record that was here"] == 1


def test_a_chunk_that_was_not_asked_for_changes_nothing() -> None:
    network = a_pair()
    frame = a_frame(Chunk(9, 0, bytes(512)), FrameType.CHUNK, Lane.FILES)
    assert take(network.nodes[B], frame) == []


def test_what_comes_from_the_future_is_not_taken() -> None:
    network = a_pair()
    node = network.nodes[A]
    report = replace(network.truth[A, "T", node.has(A, "T") or (0, 0)])  # pyright: ignore
    later = node.clock.version("X", node.now.at)
    node.syncs[B].note(replace(report, uid="X"), later._replace(ms=later.ms + 61_000), node.now)
    network.run(3)
    assert network.nodes[B].has(A, "X") is None
    assert network.nodes[B].counts["it comes from the future"] == 1


def test_content_that_is_too_long_is_not_asked_for() -> None:
    network = a_pair(frame_bytes=900, content_bytes=2_000)
    network.nodes[A].chat("LONG", "x" * 5_000)
    network.run(3)
    assert network.nodes[B].counts["content that is too long"] == 1
    assert network.nodes[B].has(A, "LONG") is None


def test_how_many_objects_of_a_partner_are_remembered_has_a_limit() -> None:
    network = a_pair(max_objects=2, max_log_entries=1)
    for n in range(20):
        network.nodes[A].chat(f"M{n}")
        network.run(0.1)
    assert len(network.nodes[B].syncs[A]._in.taken) <= 6


def words_passed_on(unknown: frozenset[str]) -> Node:
    """What is known to a node of another's states, words and long words, over a third."""
    network = Network(settings=SyncSettings(linger=0.0, frame_bytes=2_000))
    for name in (A, B, C):
        network.node(name)
    network.link(A, B)
    network.link(B, C)
    network.nodes[C].unknown = unknown
    network.nodes[A].track("T", -40.0)
    network.nodes[A].chat("M")
    network.nodes[A].chat("LONG", "x" * 10_000)
    network.run(10)
    return network.nodes[C]


@pytest.mark.parametrize("unknown", [A, B])
def test_what_nobody_here_can_verify_is_not_taken_whole_or_in_chunks(unknown: str) -> None:
    node = words_passed_on(frozenset({unknown}))
    assert not node.accepted
    assert not node.syncs[B]._in.taken  # so that it outbids nothing, and calls nothing back
    assert node.of(Unverified) == [Unverified(nodes=frozenset({unknown}))] * 3


def test_what_others_said_in_a_frame_of_the_unknown_is_taken() -> None:
    node = words_passed_on(frozenset({"GBR-FLEET"}))
    assert {each.report.uid for each in node.accepted} == {"T", "M", "LONG"}
