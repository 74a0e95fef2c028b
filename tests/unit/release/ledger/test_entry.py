"""The bytes are put together by hand from RFC 8949 and docs/reference/ledger.md."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest

from accord.release.ledger.entry import (
    GLANCED,
    MAX_ENTRY,
    MAX_STATEMENT,
    Body,
    Count,
    Gap,
    Pruned,
    Recall,
    Receipt,
    Refusals,
    Seen,
    Suspension,
    begins_as,
    decode,
    encode,
    glance,
    milliseconds,
    moment_of,
    skim,
)
from accord.release.ledger.fault import LedgerFault
from support.ledger import AT, DIGEST, NZL, received, release

NINE_ENTRIES: list[Body] = [
    release(1, operator="kea"),
    received(2),
    Refusals(
        agreement="A",
        serial=1,
        since=AT,
        until=AT + timedelta(minutes=1),
        counts=(
            Count(clause=None, reason="NOT_PERMITTED", sort="sea", count=7),
            Count(clause="2", reason="TOO_YOUNG", sort="air", count=1),
        ),
    ),
    Recall(by=NZL.node, agreement="A", serial=1, clause=None, name="P-1", reason="x", frame=3),
    Receipt(by=NZL.node, frame=3, statement=b"signed"),
    Suspension(by=NZL.node, agreement="A", serial=1, digest=DIGEST, act="suspend", reason="x"),
    Seen(note=b"note"),
    Gap(by="USA", first=4, last=9, reason="restored from a backup"),
    Pruned(through=1024, reason="ten years", operator="kea"),
]


@pytest.mark.parametrize("body", NINE_ENTRIES)
def test_each_kind_is_read_as_it_was_written(body: Body) -> None:
    data = encode(7, milliseconds(AT), NZL.node, body)
    found = decode(data)
    assert (found.number, found.at, found.partner, found.body) == (7, AT, NZL.node, body)
    assert cbor2.dumps(cbor2.loads(data), canonical=True) == data


def test_a_statement_of_a_gap_has_the_bytes_of_the_page() -> None:
    """88 array of 8, 08 kind, 01 number, 1b time, 63 texts of 3, 01 02 frames, 61 text of 1."""
    said = bytes.fromhex("88 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178")
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)  # 1,700,000,000 s
    assert encode(1, milliseconds(at), "NZL", Gap(by="USA", first=1, last=2, reason="x")) == said
    assert decode(said).at == at


@pytest.mark.parametrize(
    "bad",
    [
        "",  # nothing
        "01",  # no array
        "80",  # an empty one
        "88 0a 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178",  # kind 10
        "88 f5 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178",  # kind true
        "88 6161 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178",  # kind "a"
        "87 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02",  # a field less
        "89 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178 00",  # a field more
        "81 08",  # no head
        "88 08 20 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178",  # number -1
        "88 08 01 1bffffffffffffffff 634e5a4c 63555341 01 02 6178",  # a time after the year 9999
        "88 08 01 1b0000018bcfe56800 60 63555341 01 02 6178",  # no partner
        "88 08 01 1b0000018bcfe56800 634e5a4c 63555341 f5 02 6178",  # frame true
        "88 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 4178",  # bytes for text
        "88 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 61ff",  # no UTF-8
        "88 08 1801 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178",  # number 1 in two bytes
        "88 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178 00",  # something follows
        "9f 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 6178 ff",  # of no stated length
        "88 08 01 1b0000018bcfe56800 634e5a4c 63555341 01 02 61",  # torn
        "818181818181818100",  # deep
    ],
)
def test_what_is_no_entry_is_refused(bad: str) -> None:
    with pytest.raises(LedgerFault):
        decode(bytes.fromhex(bad))


def test_an_entry_that_is_too_long_is_not_read() -> None:
    with pytest.raises(LedgerFault, match=f"at most {MAX_ENTRY} bytes"):
        decode(bytes(MAX_ENTRY + 1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreement", ""), ("agreement", "x" * 129), ("serial", -1), ("serial", True),
        ("serial", 1 << 63), ("digest", bytes(31)), ("clause", None), ("name", "x" * 1025),
        ("version", (1,)), ("version", (1, -1)), ("version", (True, 1)), ("version", 3),
        ("payload", bytearray(32)), ("marking", "x" * 513), ("frame", 1.0), ("operator", ""),
    ],
)  # fmt: skip
def test_a_release_outside_its_limits_is_not_written(field: str, value: object) -> None:
    with pytest.raises(LedgerFault, match=f"such a {field}"):
        encode(1, 0, "NZL", replace(release(1), **{field: value}))


@pytest.mark.parametrize(
    "counts",
    [
        (),
        3,
        (Count(clause="", reason="x", sort="x", count=1),),
        (Count(clause=None, reason="x", sort="x", count=-1),),
        (Count(clause=None, reason="x", sort="x", count=1),) * 257,
    ],
)
def test_refusals_outside_their_limits_are_not_read(counts: object) -> None:
    rows = [[c.clause, c.reason, c.sort, c.count] for c in counts] if counts != 3 else 3  # type: ignore[union-attr]
    with pytest.raises(LedgerFault, match="no such counts"):
        decode(cbor2.dumps([3, 1, 0, "NZL", "A", 1, 0, 0, rows]))


@pytest.mark.parametrize("row", [3, ["x"], [None, "x", "x", 1, 1]])
def test_a_count_with_other_columns_is_not_read(row: object) -> None:
    with pytest.raises(LedgerFault, match="no such counts"):
        decode(cbor2.dumps([3, 1, 0, "NZL", "A", 1, 0, 0, [row]]))


def test_an_entry_without_a_partner_or_with_a_negative_number_is_not_written() -> None:
    for number, at, partner in ((-1, 0, "NZL"), (1, -1, "NZL"), (1, 0, "")):
        with pytest.raises(LedgerFault, match="such a"):
            encode(number, at, partner, release(1))


@pytest.mark.parametrize("number", [0, 23, 24, 255, 256, 65_535, 65_536, 1 << 32, (1 << 63) - 1])
@pytest.mark.parametrize("name", ["P-1", "KŌWHAI", "x" * 1_024])
def test_what_went_or_came_is_written_as_cbor_has_it(number: int, name: str) -> None:
    at = milliseconds(AT)
    for kind, body in (
        (1, release(1, name=name, frame=number, version=(number, at))),
        (1, release(1, name=name, frame=number, version=(number, at), operator="kea")),
        (2, received(1, name=name, frame=number, version=(number, at))),
    ):
        said = [getattr(body, each.name) for each in fields(body)]
        row = [kind, number, at, NZL.node, *said]
        assert encode(number, at, NZL.node, body) == cbor2.dumps(row, canonical=True)


def test_of_an_object_that_goes_again_only_what_is_new_is_spelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encode(1, 1, NZL.node, release(1, name="AGAIN"))
    spelled: list[object] = []
    monkeypatch.setattr(cbor2, "dumps", spelled.append)
    encode(2, 2, NZL.node, release(2, name="AGAIN"))
    assert spelled == []


@pytest.mark.parametrize(
    ("field", "text"), [("name", "\ud800"), ("marking", "\ud800"), ("form", "\ud800")]
)
def test_text_that_is_no_unicode_is_not_written(field: str, text: str) -> None:
    with pytest.raises(LedgerFault, match="cannot be written"):
        encode(1, 0, "NZL", release(1, **{field: text}))


def test_a_name_that_is_a_list_is_none() -> None:
    with pytest.raises(LedgerFault, match="such a name"):
        encode(1, 0, "NZL", release(1, name=["P-1"]))


def test_the_longest_entry_that_can_be_is_within_the_limit_or_refused() -> None:
    widest = Count(clause="\U0001f6a2" * 128, reason="x" * 128, sort="x" * 128, count=1)
    refusals = Refusals(agreement="A", serial=1, since=AT, until=AT, counts=(widest,) * 256)
    with pytest.raises(LedgerFault, match="is the limit"):
        encode(1, 0, "NZL", refusals)
    receipt = Receipt(by="NZL", frame=1, statement=bytes(MAX_STATEMENT))
    assert len(encode(1, 0, "NZL", receipt)) < MAX_ENTRY


@pytest.mark.parametrize("number", [1, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32])
def test_number_and_time_are_found_without_reading_the_entry(number: int) -> None:
    data = encode(number, milliseconds(AT), NZL.node, release(1))
    assert begins_as(data, number)
    assert not begins_as(data, number + 1)
    assert moment_of(data, number) == milliseconds(AT)
    assert moment_of(data, number + 1) == 0


def test_what_is_no_entry_begins_as_none() -> None:
    for bad in (b"", b"\x88", b"\x88\x0a\x01", b"\x87\x08\x01"):
        assert not begins_as(bad, 1)
    assert moment_of(encode(1, 5, "NZL", Seen(note=b"x")), 1) == 0


def test_a_moment_is_kept_to_the_millisecond() -> None:
    at = datetime(2026, 12, 1, 6, 0, 0, 123999, tzinfo=UTC)
    assert decode(encode(1, milliseconds(at), "NZL", release(1))).at == AT


@pytest.mark.parametrize("number", [1, 24, 256, 65_536, 2**32])
@pytest.mark.parametrize("name", ["A", "x" * 23, "x" * 24, "x" * 255, "KŌWHAI" * 64])
def test_name_and_version_are_found_without_reading_the_entry(number: int, name: str) -> None:
    versions = [(epoch, ms) for epoch in (0, 1, 300) for ms in (0, 23, 24, 256, 1 << 40)]
    written: list[bytes] = []
    for version in versions:
        line = release(1, name=name, version=version, clause="2.1" * 40)
        skimmed = skim(encode(number, milliseconds(AT), NZL.node, line))
        assert skimmed is not None
        assert skimmed[0] == cbor2.dumps(name)
        written.append(skimmed[1])
    assert sorted(written) == written
    assert len(set(written)) == len(versions)


def test_of_what_is_cut_off_no_name_is_found() -> None:
    data = encode(1, milliseconds(AT), NZL.node, release(1, name="x" * 300))
    for end in (0, 2, 3, 12, 60, 70):
        assert skim(data[:end]) is None


def test_a_glance_has_what_a_release_says_where_it_is_said_to_be() -> None:
    line = release(7, operator="kea")
    row = glance(encode(1, milliseconds(AT), NZL.node, line))
    assert {name: row[place] for name, place in GLANCED.items()} == {
        name: getattr(line, name) for name in GLANCED
    }


def test_a_glance_at_what_is_no_release_is_a_fault() -> None:
    for data in (b"", b"\x80", encode(1, milliseconds(AT), NZL.node, received(1)), b"\x81\x01"):
        with pytest.raises(LedgerFault):
            glance(data)
