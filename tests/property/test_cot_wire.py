# pyright: reportPrivateUsage=false
"""CoT from anywhere: chunking does not matter, and hostile bytes cost their sender a fault."""

from contextlib import suppress
from itertools import pairwise
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from accord.wire.cot import protobuf, tak_pb2, xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.splice import Detail, with_child, without
from accord.wire.cot.stream import CotStream, read_datagram
from accord.wire.cot.translate import to_protobuf, to_report, to_xml
from accord.wire.errors import FrameTooLarge, WireError
from support.builders import A_SOURCE
from support.clock import START
from support.cot import cot_xml, mesh_frame, stream_frame
from support.cot_strategies import TEXT, events, spoilt

LIMIT = 600
T = TypeVar("T")
REQUEST = cot_xml("p", "t-x-takp-q", '<TakControl><TakRequest version="1"/></TakControl>')
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
EXPANSION = b'<!DOCTYPE event [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def framed(frame: bytes) -> bytes:
    return stream_frame(protobuf.write(xml.read(frame)))


plain = st.sampled_from([cot_xml(uid) for uid in "ABC"])
whole = st.one_of(plain, events().map(lambda sent: sent.frame))
frames = plain.map(framed)
controls = st.sampled_from([cot_xml("p", "t-x-c-t"), REQUEST, framed(cot_xml("p", "t-x-c-t"))])
between = st.sampled_from([b"", b"\n", b"\0", DECLARATION, b"<!-- -->", b"</event>", b"\xbf", b"?"])
large = st.sampled_from(
    [cot_xml("big", detail="x" * LIMIT), framed(cot_xml("big", detail="x" * LIMIT))]
)
odd = st.one_of(between, large, st.binary(max_size=20), st.just(EXPANSION))
pieces = st.one_of(whole, frames, controls, odd, spoilt(whole), spoilt(frames))
traffic = st.lists(pieces, max_size=8).map(b"".join)


def _message(marks: list[str], inner: str, numbers: list[float], times: list[int]) -> bytes:
    event = tak_pb2.CotEvent(
        **dict(zip(("uid", "type", "how", "access", "opex", "caveat"), marks, strict=True)),
        **dict(zip(("lat", "lon", "hae", "ce", "le"), numbers, strict=True)),
        **dict(zip(("send_time", "start_time", "stale_time"), times, strict=True)),
        detail=tak_pb2.Detail(xml_detail=inner, contact=tak_pb2.Contact(callsign=marks[0])),
    )
    return tak_pb2.TakMessage(cot_event=event).SerializeToString()


def _some(some: st.SearchStrategy[T], count: int) -> st.SearchStrategy[list[T]]:
    return st.lists(some, min_size=count, max_size=count)


MESSAGES = st.builds(
    _message,
    _some(st.one_of(TEXT, st.text(max_size=5)), 6),
    st.one_of(TEXT, st.sampled_from(["</detail>", "<a/>", "<contact/>", "<!--", "]]>", "&a;"])),
    _some(st.floats(), 5),
    _some(st.integers(0, 2**64 - 1), 3),
)


def heard(chunks: list[bytes]) -> tuple[list[CotEvent], list[str], bytes, bool, bool]:
    """Everything that a stream makes of these bytes."""
    stream = CotStream(max_event_bytes=LIMIT, max_depth=8)
    heard = [event for chunk in chunks for event in stream.receive(chunk, START)]
    faults = [f"{type(fault).__name__}: {fault}" for fault in stream.take_faults()]
    return heard, faults, stream.take_replies(), stream.is_lost, stream.speaks_protobuf


@given(data=traffic, cuts=st.lists(st.integers(0, 3000), max_size=12))
def test_what_is_heard_does_not_depend_on_chunking(data: bytes, cuts: list[int]) -> None:
    at = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert heard([data[a:b] for a, b in pairwise(at)]) == heard([data])


@given(data=traffic)
def test_what_is_heard_byte_by_byte_is_the_same(data: bytes) -> None:
    assert heard([bytes((byte,)) for byte in data]) == heard([data])


@given(st.lists(st.one_of(plain, frames), max_size=12))
def test_sound_events_in_any_mixture_are_all_heard(sound: list[bytes]) -> None:
    found, faults, _, is_lost, _ = heard([b"".join(sound)])
    assert len(found) == len(sound)
    assert (faults, is_lost) == ([], False)


@given(spoilt(whole), plain)
def test_after_something_spoilt_sound_events_are_heard_again(bad: bytes, sound: bytes) -> None:
    # The first may be taken by what was left open. A length that was spoilt can take any number.
    stream = CotStream(max_event_bytes=len(bad) + LIMIT)
    stream.receive(bad + sound, START)
    assert b"\xbf" in bad or stream.receive(sound, START)


@given(st.one_of(traffic, MESSAGES.map(stream_frame)))
def test_hostile_bytes_on_a_stream_raise_nothing_and_are_bounded(data: bytes) -> None:
    stream = CotStream(max_event_bytes=LIMIT, max_depth=8)
    for at in range(0, len(data), 50):
        for event in stream.receive(data[at : at + 50], START):
            assert len(event.protobuf or event.xml) <= LIMIT
            relay(event)
        assert len(stream._buffer) <= 1024 + 50  # what may stand before an event, and one write
        assert len(stream.take_faults()) <= 50


def relay(event: CotEvent) -> None:
    """Do with an event what a node does: accept it, and if it may be, send it in every form."""
    with suppress(WireError):
        report = to_report(event, source=A_SOURCE, groups=frozenset({"Blue"}), received=START)
        must_not_raise(lambda: (to_xml(report), to_protobuf(report)))


def must_not_raise(encode: object) -> None:
    try:
        assert callable(encode)
        encode()
    except WireError as fault:
        raise AssertionError("what was accepted cannot be sent") from fault


@given(st.one_of(spoilt(whole), spoilt(plain.map(framed).map(mesh_frame)), st.binary(max_size=64)))
def test_a_datagram_is_an_event_or_a_fault(data: bytes) -> None:
    with suppress(WireError):
        event = read_datagram(data)
        assert event is None or event.uid


@given(MESSAGES)
def test_a_message_is_an_event_or_a_fault(message: bytes) -> None:
    with suppress(WireError):
        event = protobuf.read(message)
        assert event is not None
        relay(event)


@given(spoilt(whole))
def test_parts_of_events_are_found_or_refused(frame: bytes) -> None:
    with suppress(WireError):
        left = Detail.of(without(frame, "marti")).children
        assert "marti" not in [each.name for each in left]
    with suppress(WireError):
        before = [each.name for each in Detail.of(frame).children]
        more = Detail.of(with_child(frame, b"<x/>")).children
        assert [each.name for each in more] == [*before, "x"]
    with suppress(WireError):
        whole = Detail.of(frame)
        inside = whole.inside(leaving_out={0, 2})
        alone = Detail.of(b"<event><detail>%b</detail></event>" % inside).children
        names = [each.name for n, each in enumerate(whole.children) if n not in {0, 2}]
        assert [each.name for each in alone] == names


@given(whole, st.sampled_from(["&a;", "&b;", "&lol;"]))
def test_no_entity_is_ever_expanded(frame: bytes, entity: str) -> None:
    with_entity = frame.replace(b"</event>", b"<x>%b</x></event>" % entity.encode())
    found, faults, *_ = heard([EXPANSION + with_entity + with_entity])
    assert not found
    assert faults[0].startswith("Unsupported")
    assert all(fault.startswith(("Unsupported", "FrameTooLarge")) for fault in faults)


@given(st.integers(1, 300), st.integers(1, 100))
def test_limits_hold_whatever_they_are(length: int, depth: int) -> None:
    frame = cot_xml(detail="<a>" * depth + "x" * length + "</a>" * depth)
    fits = CotStream(max_event_bytes=len(frame), max_depth=depth + 2)
    assert len(fits.receive(frame, START)) == 1
    small = CotStream(max_event_bytes=len(frame) - 1, max_depth=depth + 2)
    assert small.receive(frame, START) == []
    assert [type(fault) for fault in small.take_faults()] == [FrameTooLarge]
    flat = CotStream(max_event_bytes=len(frame), max_depth=depth + 1)
    assert flat.receive(frame, START) == []
    assert [fault.reason for fault in flat.take_faults()] == ["too deep"]
