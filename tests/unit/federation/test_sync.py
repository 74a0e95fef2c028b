"""What a partner's sync is asked for beside the histories in tests/coalition."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import cbor2
import pytest

from accord.core.body import Opaque
from accord.core.kind import Kind
from accord.core.report import Source
from accord.federation.contents import FileToOffer
from accord.federation.effect import (
    Broken,
    CheckpointCame,
    DocumentCame,
    FileOffered,
    Left,
    Rotated,
)
from accord.federation.held import HeldSync
from accord.federation.outgoing import Outgoing
from accord.federation.settings import SyncSettings
from accord.federation.sync import PartnerSync
from accord.wire.peer.frame import Frame, FrameType
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Farewell,
    Hello,
    Keepalive,
    PeerMessage,
    Records,
)
from accord.wire.peer.protocol import Lane, Profile, Version
from accord.wire.peer.record import (
    Document,
    DocumentKind,
    Outcome,
    Recall,
    RecallOf,
    Rotation,
    RotationOf,
)
from accord.wire.peer.report import Reference
from support.builders import a_report
from support.coalition import AIR, SEA, SMALL, Network, agreement, doubles, edited, short

A, B, C = "AUS-A", "NZL-B", "USA-C"
DATA = bytes(n % 253 for n in range(60_000))


def a_chain(*names: str, settings: SyncSettings | None = None) -> Network:
    network = Network() if settings is None else Network(settings=settings)
    for name in names:
        network.node(name)
    for a, b in pairwise(names):
        network.link(a, b)
    network.run(1)
    return network


def a_frame(message: PeerMessage, kind: FrameType, number: int = 500) -> Frame:
    return Frame(type=kind, number=number, lane=Lane.CONTROL, message=message)


def a_file(data: bytes) -> FileToOffer:
    return FileToOffer(
        digest=sha256(data).digest(), size=len(data), name="chart.png", media="image/png",
        read=lambda at, size: data[at : at + size],
    )  # fmt: skip


def offer(network: Network, data: bytes = DATA, kind: str = SEA) -> None:
    node = network.nodes[A]
    source = Source(node=A, channel="tak", speaker="x")
    report = a_report("FILE", at=node.now.at, kind=Kind.of(kind), source=source, body=Opaque())
    version = node.clock.version("FILE", node.now.at)
    node.syncs[B].offer_file(report, version, a_file(data), node.now)


# Files and long contents.


def test_a_file_is_offered_asked_for_and_comes_whole() -> None:
    network = a_chain(A, B)
    offer(network)
    network.run(5)
    (done,) = network.nodes[B].files()
    assert done.data == DATA
    (offered,) = network.nodes[B].of(FileOffered)
    assert isinstance(offered, FileOffered)
    assert offered.report.source.node == A


def test_a_file_goes_on_after_a_cut_where_it_was() -> None:
    network = a_chain(A, B)
    network.lines[frozenset((A, B))].rate = 12_000.0
    offer(network)
    network.run(3)
    network.cut(A, B)
    network.sent.clear()
    network.join(A, B)
    network.run(30)
    (done,) = network.nodes[B].files()
    assert done.data == DATA
    assert sum(out.size for out in network.frames(A, B)) < 45_000


def test_a_file_whose_clause_ends_is_sent_no_further() -> None:
    network = a_chain(A, B)
    network.lines[frozenset((A, B))].rate = 12_000.0
    offer(network, kind=AIR)
    network.run(2)
    network.nodes[A].policies[B].kinds.discard(AIR)
    network.sent.clear()
    network.run(20)
    assert not [item for out in network.frames(A, B) for item in out.items]
    assert network.nodes[B].files() == []


def test_a_file_that_may_not_leave_is_not_named() -> None:
    network = a_chain(A, B)
    network.nodes[A].policies[B].kinds.clear()
    offer(network)
    network.run(5)
    assert network.nodes[B].of(FileOffered) == []


def test_words_longer_than_a_frame_come_in_chunks_over_cuts_and_restarts() -> None:
    network = a_chain(A, B, settings=SyncSettings(linger=0.0, frame_bytes=900))
    network.nodes[A].chat("LONG", "x" * 10_000)
    network.run(0.02)
    assert isinstance(first_record(network), Reference)
    network.nodes[A].restart(network.nodes[A].held())
    network.nodes[B].restart(network.nodes[B].held())
    network.heal()
    network.run(10)
    assert network.nodes[B].has(A, "LONG")
    assert edited(network, network.nodes[B]) == []
    assert doubles(network.nodes[B]) == []


def test_after_a_cut_no_piece_goes_before_what_it_is_a_piece_of_is_named_again() -> None:
    """A guard that was begun anew meanwhile would not know that it may leave, nor enter it."""
    network = a_chain(A, B, settings=SyncSettings(linger=0.0, frame_bytes=900))
    a = network.nodes[A]
    a.chat("LONG", "x" * 10_000)
    network.run(0.02)
    network.cut(A, B)
    for n in range(30):
        a.mayday(f"D{n}")
    network.lines[frozenset((A, B))].rate = 12_000.0
    network.sent.clear()
    network.join(A, B)
    network.run(60)
    assert network.nodes[B].has(A, "LONG")
    messages = [out.message for out in network.frames(A, B)]
    named = next(place for place, each in enumerate(messages) if names_content(each))
    pieces = [place for place, each in enumerate(messages) if isinstance(each, Chunk)]
    assert pieces
    assert named < pieces[0]


def names_content(message: object) -> bool:
    return isinstance(message, Records) and any(
        isinstance(each.content, Reference) for each in message.records
    )


def first_record(network: Network) -> object:
    return next(
        out.message.records[0].content
        for out in network.frames(A, B)
        if isinstance(out.message, Records)
    )


def test_long_words_are_passed_on_with_their_proof() -> None:
    network = a_chain(A, B, C, settings=SyncSettings(linger=0.0, frame_bytes=2_000))
    network.nodes[A].chat("LONG", "x" * 10_000)
    network.run(10)
    (accept,) = network.nodes[C].accepted
    assert accept.carried.path == (A, B)
    assert accept.carried.reference is not None
    assert edited(network, network.nodes[C]) == []


# This node's own words to its partner.


def test_documents_keys_and_checkpoints_come_over() -> None:
    network = a_chain(A, B)
    sync, now = network.nodes[A].syncs[B], network.nodes[A].now
    document = Document(kind=DocumentKind.AGREEMENT, name="X", serial=2, data=b"x" * 40_000)
    rotation = Rotation(of=RotationOf.LEAF, data=b"key", since=5)
    sync.offer_document(document, now)
    sync.rotate(rotation, now)
    sync.send(Checkpoint(b"note"))
    network.run(5)
    node = network.nodes[B]
    assert node.of(DocumentCame) == [DocumentCame(document=document)]
    assert node.of(Rotated) == [Rotated(rotation=rotation)]
    assert node.of(CheckpointCame) == [CheckpointCame(message=Checkpoint(b"note"))]


def test_a_document_of_an_incident_leaves_as_its_report_may() -> None:
    network = a_chain(A, B)
    node = network.nodes[A]
    document = Document(kind=DocumentKind.INCIDENT, name="SAR 7", serial=1, data=b"words")
    for uid, kind in (("I1", SEA), ("I2", "a-h-G")):
        report = a_report(uid, kind=Kind.of(kind), body=Opaque())
        node.syncs[B].offer_document(
            replace(document, name=uid), node.now, report=report, version=Version(1, 5)
        )
    network.run(5)
    came = [each.document.name for each in network.nodes[B].of(DocumentCame)]  # pyright: ignore
    assert came == ["I1"]


def test_recalling_a_clause_takes_back_all_that_left_by_it() -> None:
    network = a_chain(A, B)
    node = network.nodes[A]
    node.track("S", -40.0, SEA)
    node.track("F", -40.0, AIR)
    network.run(3)
    held = agreement(A, B)
    recall = Recall(of=RecallOf.CLAUSE, agreement=short(held), reason="x", at=1, clause="2")
    node.syncs[B].recall(recall, node.now)
    network.run(3)
    assert network.nodes[B].has(A, "S")
    assert not network.nodes[B].has(A, "F")


def control(sync: PartnerSync) -> Sequence[object]:
    return next(log.entries for log in sync.held().logs if log.lane is Lane.CONTROL)


def test_what_comes_again_before_the_disk_has_it_is_answered_once() -> None:
    network = a_chain(A, B)
    sync = network.nodes[B].syncs[A]
    before = len(control(sync))
    for digest in (bytes(32), bytes(32), b"1" * 32, bytes(32)):
        sync.answer(digest, Outcome.DROPPED, 1, network.nodes[B].now)
    assert len(control(sync)) - before == 2


def test_answers_beyond_the_limit_are_forgotten_and_counted() -> None:
    network = a_chain(A, B, settings=replace(SMALL, max_log_entries=2))
    sync = network.nodes[B].syncs[A]
    for digest in (b"1" * 32, b"2" * 32, b"3" * 32):
        sync.answer(digest, Outcome.DROPPED, 1, network.nodes[B].now)
    assert sync.counts["an answer was forgotten"] == 1


def test_a_newer_state_that_found_no_room_while_an_older_one_flew_goes_too() -> None:
    """An object's header goes in a frame of its own, and its newer state waits meanwhile."""
    network = Network(seed=7, commit=0.05)
    for name in (A, B, C):
        network.node(name)
    for a, b in ((A, B), (B, C), (A, C)):
        network.link(a, b)
    node = network.nodes[B]
    for lat, uid in enumerate(("NZL-B-a-f-A-1", "NZL-B-a-f-A-2", "NZL-B-a-f-A-1"), 1):
        node.track(uid, lat / 100, AIR)
    network.heal()
    network.run(30)
    assert network.nodes[C].has(B, "NZL-B-a-f-A-1") == node.has(B, "NZL-B-a-f-A-1")


# The link.


def test_an_idle_link_says_little_and_knows_that_it_is_alive() -> None:
    network = a_chain(A, B)
    network.run(30)
    before = network.bytes_sent(A)
    network.run(600)
    assert 0 < (network.bytes_sent(A) - before) / 600 < 5
    status = network.nodes[A].syncs[B].status(network.nodes[A].now)
    assert status.silent_for is None
    assert status.connected


def test_a_partner_that_says_nothing_is_shown_as_silent() -> None:
    network = a_chain(A, B)
    network.cut(A, B)
    network.run(90)
    status = network.nodes[A].syncs[B].status(network.nodes[A].now)
    assert status.silent_for is not None
    assert status.silent_for >= 90
    assert network.nodes[A].syncs[B].next(network.nodes[A].now) is None


def test_status_says_what_waits_what_flows_and_what_stays() -> None:
    network = a_chain(A, B)
    node = network.nodes[A]
    node.track("S", -40.0)
    node.track("G", -40.0, "a-h-G")
    network.run(3)
    network.cut(A, B)
    node.track("S", -41.0)
    node.chat("M")
    network.run(2)
    status = node.syncs[B].status(node.now)
    assert status.flowing == {("1", "exact"): 1}
    assert status.withheld == {("", "no clause permits it"): 1}
    assert status.lanes[Lane.CHAT].waiting == 1
    assert status.lanes[Lane.TRACKS].lag == pytest.approx(2, abs=0.1)


def test_what_is_kept_while_nothing_is_given_is_no_lag_and_goes_once_it_is_given() -> None:
    network = a_chain(A, B)
    node = network.nodes[A]
    sync = node.syncs[B]
    gives, takes = sync.hello(node.now).gives, sync.hello(node.now).takes
    network.cut(A, B)
    sync.agree((), takes)
    network.heal()
    network.run(2)
    node.chat("M")
    node.track("S", -41.0)
    network.run(60)
    lanes = sync.status(node.now).lanes
    assert [(lane.waiting, lane.bytes, lane.lag) for lane in lanes.values()] == [(0, 0, 0.0)] * 6
    assert (lanes[Lane.CHAT].held_back, lanes[Lane.TRACKS].held_back) == (1, 1)
    network.cut(A, B)
    sync.agree(gives, takes)
    network.heal()
    network.run(5)
    lanes = sync.status(node.now).lanes
    assert sum(lane.held_back + lane.waiting for lane in lanes.values()) == 0
    assert sync.status(node.now).flowing == {("1", "exact"): 2}


BREAKS: list[Callable[[Hello], Hello]] = [
    lambda hello: replace(hello, node="USA-X"),
    lambda hello: replace(hello, profile=Profile.CNSA),
]


@pytest.mark.parametrize("change", BREAKS)
def test_a_hello_of_another_node_or_profile_is_refused(change: Callable[[Hello], Hello]) -> None:
    network = a_chain(A, B)
    network.cut(A, B)
    hello = change(network.nodes[B].syncs[A].hello(network.nodes[B].now))
    assert network.nodes[A].syncs[B].connected(hello, network.nodes[A].now) is not None


def test_acknowledging_what_was_never_sent_breaks_the_link() -> None:
    network = a_chain(A, B)
    sync, now = network.nodes[A].syncs[B], network.nodes[A].now
    (effect,) = sync.received(a_frame(Ack(9_999), FrameType.ACK), now)
    assert isinstance(effect, Broken)


def test_goodbye_and_signs_of_life_are_understood_and_a_second_hello_is_not() -> None:
    network = a_chain(A, B)
    sync, now = network.nodes[A].syncs[B], network.nodes[A].now
    assert sync.received(a_frame(Keepalive(), FrameType.KEEPALIVE), now) == []
    bye = a_frame(Bye(Farewell.STOPPING, "bye"), FrameType.BYE)
    assert sync.received(bye, now) == [Left(reason=Farewell.STOPPING, words="bye")]
    (effect,) = sync.received(a_frame(sync.hello(now), FrameType.HELLO), now)
    assert isinstance(effect, Broken)
    network.cut(A, B)
    assert sync.received(bye, now) == []


def test_agreements_changed_on_a_live_link_ask_for_a_new_session() -> None:
    network = a_chain(A, B)
    sync = network.nodes[A].syncs[B]
    assert not sync.agree([agreement(A, B)], [agreement(B, A)])
    assert sync.agree([agreement(A, B, 2)], [agreement(B, A)])


# What outlasts the process.


def test_what_is_kept_goes_through_cbor() -> None:
    network = a_chain(A, B, C)
    network.nodes[A].track("T", -40.0)
    network.run(3)
    network.cut(B, C)
    network.nodes[A].chat("M", "passed on")
    network.nodes[B].chat("N", "own")
    network.run(3)
    held = network.nodes[B].syncs[C].held()
    again = HeldSync.from_tuple(cbor2.loads(cbor2.dumps(held.to_tuple())))
    assert again == held
    network.nodes[B].restart({name: s.held() for name, s in network.nodes[B].syncs.items()})
    network.heal()
    network.run(5)
    came = {each.report.uid: each.carried.path for each in network.nodes[C].accepted}
    assert came == {"T": (A, B), "M": (A, B), "N": (B,)}


@pytest.mark.parametrize("spoilt", [(), (1, 2), None, 5])
def test_what_is_kept_in_another_shape_is_not_read(spoilt: object) -> None:
    with pytest.raises(ValueError, match="another shape"):
        HeldSync.from_tuple(spoilt)  # pyright: ignore[reportArgumentType]


def test_what_is_spoilt_changes_nothing() -> None:
    network = a_chain(A, B)
    sync = network.nodes[A].syncs[B]
    with pytest.raises(ValueError, match="spoilt"):
        sync.restore(replace(sync.held(), given=((1, 2),)), network.nodes[A].now)


def test_what_only_stands_for_its_content_in_a_frame_is_had_from_the_sync_for_the_guard() -> None:
    """The guard lets no frame out that stands for what it was not given."""
    network = Network(settings=replace(SMALL, frame_bytes=700))
    for name in ("AUS-A", "NZL-B"):
        network.node(name)
    network.link("AUS-A", "NZL-B")
    seen: list[bytes | None] = []

    def watch(giver: str, receiver: str, outgoing: Outgoing) -> None:
        if giver == "AUS-A" and isinstance(outgoing.message, Records):
            for record in outgoing.message.records:
                assert isinstance(record.content, Reference)
                seen.append(network.nodes[giver].syncs[receiver].content(record.content.digest))

    network.watch = watch
    network.nodes["AUS-A"].chat("W", "all is well " * 100)
    network.run(1)
    assert [b"all is well all is well" in (each or b"") for each in seen] == [True]
    assert network.nodes["AUS-A"].syncs["NZL-B"].content(bytes(32)) is None
