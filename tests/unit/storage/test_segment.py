import json
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Polyline
from accord.core.kind import Kind
from accord.core.report import Address, AddressKind, Doubt, Form, Original, Report, Source
from accord.storage.database import Ring
from accord.storage.segment import (
    MAX_SEGMENT,
    DamagedSegment,
    Numbered,
    OpenSegment,
    Record,
    is_durable,
    pack,
)
from support.builders import A_SOURCE, a_point, a_report
from support.clock import START
from support.database import DURABLE, POSITIONS, a_kept_report

CHAT = Message(text="hi", sender="KIWI1", room="All")


def numbered(*reports: Report) -> list[Numbered]:
    found: list[Numbered] = []
    for sequence, report in enumerate(reports, 1):
        assert report.original is not None
        found.append((sequence, report, report.original))
    return found


def packed(*reports: Report) -> bytes:
    (segment,) = pack(numbered(*reports))
    return segment.data


def records(data: bytes) -> list[Record]:
    segment = OpenSegment(data)
    return [segment.record(index) for index in range(len(segment))]


def with_checksum(body: bytes) -> bytes:
    return b"ACJ1" + struct.pack("<I", zlib.crc32(body)) + body


def test_the_bytes_are_those_of_the_description() -> None:
    """Put together by hand from the table at the head of segment.py."""
    first = a_kept_report(
        "Ü1",
        b"<one/>",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        received=datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        context=Context.exercise("KIWI"),
        to=frozenset({Address(AddressKind.CALLSIGN, "KAKA")}),
        source=Source(node="NZL", channel="tak", speaker="kiwi-1", hops=("AUS",)),
    )
    second = replace(
        first,
        uid="2",
        context=LIVE,
        to=frozenset(),
        doubts=frozenset({Doubt.JUMP}),
        original=Original(Form.AIS, b"!AIVDM"),
    )
    table = (
        b'["cot-xml", "position", "exercise:KIWI", "NZL", "tak", "kiwi-1", ["AUS"], ["Blue"], []]\n'
        b'["ais", "position", "live", "NZL", "tak", "kiwi-1", ["AUS"], ["Blue"], ["jump"]]\n'
    )
    seconds = 1767225600.0  # 2026-01-01T00:00:00Z, by date -d
    body = (
        struct.pack("<II", 2, len(table))
        + table
        + struct.pack("<2Q", 1, 2)
        + struct.pack("<2d", seconds + 1, seconds + 1)
        + struct.pack("<2d", seconds + 300, seconds + 300)
        + struct.pack("<2I", 0, 1)
        + struct.pack("<2I", 3, 1)
        + struct.pack("<2I", 22, 0)
        + struct.pack("<2I", 6, 6)
        + b"\xc3\x9c1"
        + b"2"
        + b'[["callsign", "KAKA"]]'
        + b"<one/>!AIVDM"
    )
    assert packed(first, second) == with_checksum(body)


def test_a_report_comes_back_with_everything_that_was_decided_about_it() -> None:
    report = a_kept_report(
        "U\ud800\n",
        b"\x00\xff",
        context=Context.exercise("A:B\nC"),
        received=START + timedelta(microseconds=1),
        groups=frozenset({"Rot", "Blau"}),
        doubts=frozenset({Doubt.JUMP, Doubt.CLOCK}),
        to=frozenset({Address(AddressKind.UID, "Ü\ud800"), Address(AddressKind.TEAM, "Cyan")}),
    )
    assert records(packed(report)) == [
        Record(
            sequence=1,
            uid="U\ud800\n",
            body="position",
            context=report.context,
            source=A_SOURCE,
            groups=report.groups,
            doubts=report.doubts,
            to=report.to,
            received=report.received,
            stale=report.stale.timestamp(),
            original=Original(Form.COT_XML, b"\x00\xff"),
        )
    ]


@pytest.mark.parametrize(
    ("report", "durable"),
    [
        (a_report(), False),
        (a_report(how="h-g-i-g-o"), True),
        (a_report(how="h-e", author="U1"), False),
        (a_report(how="h-e", author="U2"), True),
        (a_report(kind=Kind.of("b-m-p-s-m")), True),
        (a_report(body=CHAT), True),
        (a_report(body=Removal(target="U2")), True),
        (a_report(body=Alarm(category="911")), True),
        (a_report(body=Opaque()), True),
        (a_report(body=Shape(outline=Polyline(points=(a_point(),)))), True),
    ],
)
def test_all_but_the_positions_that_things_report_is_durable(report: Report, durable: bool) -> None:
    assert is_durable(report) is durable


def test_each_ring_has_a_segment_and_all_of_one_commit_bear_its_last_number() -> None:
    from_feed = replace(A_SOURCE, channel="feed:ais")
    early, late = START, START + timedelta(seconds=9)
    segments = pack(
        numbered(
            a_kept_report("A", at=late),
            a_kept_report("B", body=CHAT),
            a_kept_report("C", at=early),
            a_kept_report("D", source=from_feed),
        )
    )
    assert [(each.ring, each.batch) for each in segments] == [
        (POSITIONS, 4),
        (DURABLE, 4),
        (Ring("feed:ais", is_durable=False), 4),
    ]
    assert segments[0].newest == late.timestamp()
    assert [record.uid for record in records(segments[0].data)] == ["A", "C"]


def test_nothing_makes_no_segment() -> None:
    assert pack([]) == []


def test_a_segment_holds_no_more_than_its_limit_unless_one_report_does() -> None:
    sizes = [MAX_SEGMENT // 2, MAX_SEGMENT // 2, 1, MAX_SEGMENT + 1, 1]
    segments = pack(numbered(*[a_kept_report(data=bytes(size)) for size in sizes]))
    inside = [[len(each.original.data) for each in records(one.data)] for one in segments]
    assert inside == [sizes[:2], [1], [MAX_SEGMENT + 1], [1]]
    assert {segment.batch for segment in segments} == {5}


def test_segments_of_one_ring_repeat_only_the_origins_that_they_use() -> None:
    """Else many speakers and large reports would make of one commit many times its bytes."""
    speakers = [replace(A_SOURCE, speaker=f"kiwi-{number}") for number in range(100)]
    reports = [a_kept_report(data=bytes(MAX_SEGMENT // 2 + 1), source=each) for each in speakers]
    segments = pack(numbered(*reports))
    assert [len(OpenSegment(each.data).table) for each in segments] == [1] * 100
    assert [records(each.data)[0].source for each in segments] == speakers


def test_reports_of_one_origin_share_its_line() -> None:
    (segment,) = pack(numbered(*[a_kept_report(f"U{number}") for number in range(1000)]))
    assert len(OpenSegment(segment.data).table) == 1


def test_what_differs_in_any_part_of_the_origin_has_a_line_of_its_own() -> None:
    """All of one session, whose source is one object."""
    report = a_kept_report()
    different = [
        report,
        replace(report, doubts=frozenset({Doubt.JUMP})),
        replace(report, groups=frozenset({"Red"})),
        replace(report, context=Context.exercise("KIWI")),
        replace(report, original=Original(Form.COT_PROTOBUF, b"x")),
        replace(report, doubts=frozenset({Doubt.CLOCK})),
    ]
    found = records(packed(*different))
    assert [(each.doubts, each.groups, each.context, each.original.form) for each in found] == [
        (each.doubts, each.groups, each.context, each.original.form)
        for each in different
        if each.original is not None
    ]


def test_uids_and_addressees_are_told_without_the_records() -> None:
    directed = a_kept_report("B", to=frozenset({Address(AddressKind.UID, "X")}))
    segment = OpenSegment(packed(a_kept_report("Ä"), directed))
    assert segment.uids() == [b"\xc3\x84", b"B"]
    assert [segment.is_addressed(0), segment.is_addressed(1)] == [False, True]
    assert len(segment) == 2


@pytest.mark.parametrize("cut", [0, 3, 8, 15, 16, 60, -1])
def test_a_cut_segment_is_damaged(cut: int) -> None:
    with pytest.raises(DamagedSegment):
        OpenSegment(packed(a_kept_report())[:cut])


def test_every_flipped_bit_is_noticed() -> None:
    data = packed(a_kept_report(), a_kept_report("U2", b"<two/>"))
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(DamagedSegment):
            OpenSegment(bytes(damaged))


def test_more_bytes_than_it_says_are_damage() -> None:
    data = packed(a_kept_report())
    with pytest.raises(DamagedSegment):
        OpenSegment(with_checksum(data[8:] + b"x"))


@pytest.mark.parametrize(
    "table",
    [
        b"[]\n",
        b"{\n",
        b"7\n",
        b'["sonar", "position", "live", "N", "tak", "k", [], [], []]\n',
        b'["ais", "position", "dream:X", "N", "tak", "k", [], [], []]\n',
        b"",
    ],
)
def test_a_table_of_origins_that_cannot_be_read_is_damage(table: bytes) -> None:
    columns = struct.pack("<Q2d4I", 1, 0.0, 0.0, 0, 1, 0, 1)
    body = struct.pack("<II", 1, len(table)) + table + columns + b"UX"
    with pytest.raises(DamagedSegment):
        OpenSegment(with_checksum(body))


def a_crafted_segment(received: float, uid: bytes, to: bytes) -> bytes:
    """One whose checksum is right, whatever is in it."""
    table = json.dumps(["ais", "position", "live", "N", "tak", "k", [], [], []]).encode() + b"\n"
    columns = struct.pack("<Q2d4I", 1, received, 0.0, 0, len(uid), len(to), 1)
    return with_checksum(struct.pack("<II", 1, len(table)) + table + columns + uid + to + b"X")


@pytest.mark.parametrize(
    ("received", "uid", "to"),
    [
        (0.0, b"\xff", b""),
        (0.0, b"U", b'[["planet", "X"]]'),
        (0.0, b"U", b"[7]"),
        (1e30, b"U", b""),
    ],
)
def test_a_report_that_cannot_be_read_is_damage(received: float, uid: bytes, to: bytes) -> None:
    assert OpenSegment(a_crafted_segment(0.0, b"U", b"")).record(0).uid == "U"
    segment = OpenSegment(a_crafted_segment(received, uid, to))
    with pytest.raises(DamagedSegment):
        segment.record(0)


def test_a_segment_of_no_reports_is_empty() -> None:
    assert len(OpenSegment(with_checksum(struct.pack("<II", 0, 0)))) == 0


def test_every_body_has_a_word_of_its_own() -> None:
    bodies = [
        Position(point=None), CHAT, Alarm(category="911"), Removal(target="X"), Opaque(),
        Shape(outline=Polyline(points=(a_point(),))),
    ]  # fmt: skip
    words = [records(packed(a_kept_report(body=body)))[0].body for body in bodies]
    assert words == ["position", "message", "alarm", "removal", "opaque", "shape"]
