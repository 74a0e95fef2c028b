"""What is packed into segments is what is read out of them, and nothing else is taken for one."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context, ContextKind
from accord.core.geometry import Polyline
from accord.core.kind import Kind
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.storage.database import Ring
from accord.storage.segment import DamagedSegment, Numbered, OpenSegment, Record, is_durable, pack
from support.builders import a_point, a_report

BODIES: list[tuple[Body, str]] = [
    (Position(point=a_point()), "position"),
    (Shape(outline=Polyline(points=(a_point(),))), "shape"),
    (Message(text="hi", sender="KIWI1", room="All"), "message"),
    (Alarm(category="911"), "alarm"),
    (Removal(target="U2"), "removal"),
    (Opaque(), "opaque"),
]
WORDS = {type(body): word for body, word in BODIES}
# Any text that Python can hold, lone surrogates too: what a client sends as a uid is not ours.
TEXTS = st.text(max_size=8)
NAMES = st.text(min_size=1, max_size=8)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2106, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants them naive
CONTEXTS = st.just(LIVE) | st.builds(
    Context, st.sampled_from([each for each in ContextKind if each.value != "live"]), NAMES
)
SOURCES = st.builds(
    Source,
    node=NAMES,
    channel=st.sampled_from(["tak", "feed:ais"]),
    speaker=TEXTS,
    hops=st.lists(NAMES, max_size=2).map(tuple),
)
ADDRESSES = st.builds(Address, st.sampled_from(AddressKind), TEXTS)
ORIGINALS = st.builds(Original, st.sampled_from(Form), st.binary(max_size=300))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    return a_report(
        draw(TEXTS),
        at=draw(TIMES),
        received=draw(TIMES),
        stale=draw(TIMES | st.just(datetime.max.replace(tzinfo=UTC) - timedelta(days=1))),
        context=draw(CONTEXTS),
        kind=Kind.of(draw(st.sampled_from(["a-f-G", "b-m-p", "u-d-f"]))),
        how=draw(st.sampled_from(["m-g", "h-e"])),
        body=draw(st.sampled_from(BODIES))[0],
        source=draw(SOURCES),
        groups=draw(st.frozensets(TEXTS, max_size=3)),
        to=draw(st.frozensets(ADDRESSES, max_size=2)),
        author=draw(st.none() | TEXTS),
        doubts=draw(st.frozensets(st.sampled_from(Doubt))),
        original=draw(ORIGINALS),
    )


@st.composite
def batches(draw: st.DrawFn) -> list[Numbered]:
    said = draw(st.lists(reports(), min_size=1, max_size=12))
    # Reports of one session share their source, which packing makes use of.
    shared = draw(st.lists(st.sampled_from(said), max_size=12))
    numbered: list[Numbered] = []
    sequence = draw(st.integers(1, 1 << 62))
    for report in [*said, *shared]:
        assert report.original is not None
        sequence += draw(st.integers(1, 5))
        numbered.append((sequence, report, report.original))
    return numbered


def expected(sequence: int, report: Report, original: Original) -> Record:
    return Record(
        sequence=sequence,
        uid=report.uid,
        body=WORDS[type(report.body)],
        context=report.context,
        source=report.source,
        groups=report.groups,
        doubts=report.doubts,
        to=report.to,
        received=report.received,
        stale=report.stale.timestamp(),
        original=original,
    )


@given(batches())
def test_what_is_packed_is_read_again_ring_by_ring_in_order(batch: list[Numbered]) -> None:
    wanted: dict[Ring, list[Record]] = defaultdict(list)
    for numbered in batch:
        report = numbered[1]
        ring = Ring(report.source.channel, is_durable(report))
        wanted[ring].append(expected(*numbered))
    found: dict[Ring, list[Record]] = {}
    for packed in pack(batch):
        segment = OpenSegment(packed.data)
        found[packed.ring] = [segment.record(index) for index in range(len(segment))]
        assert packed.batch == batch[-1][0]
        assert packed.newest == max(each.received.timestamp() for each in found[packed.ring])
    assert found == wanted


@given(batches(), st.data())
def test_what_is_not_whole_is_never_taken_for_a_segment(
    batch: list[Numbered], data: st.DataObject
) -> None:
    packed = pack(batch)[0].data
    place = data.draw(st.integers(0, len(packed) - 1))
    flipped = bytearray(packed)
    flipped[place] ^= data.draw(st.integers(1, 255))
    for damaged in (packed[:place], bytes(flipped), packed + data.draw(st.binary(min_size=1))):
        with pytest.raises(DamagedSegment):
            OpenSegment(damaged)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_segment_or_damage(data: bytes) -> None:
    for candidate in (data, b"ACJ1" + data):
        with pytest.raises(DamagedSegment):
            OpenSegment(candidate)
