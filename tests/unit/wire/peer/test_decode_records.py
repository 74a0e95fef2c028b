"""Frames of records: numbered, signed together, said in fewer bytes where they are alike."""

from hashlib import sha256
from typing import Any

import pytest

from accord.wire.errors import FrameTooLarge, WireError
from accord.wire.peer import cbor, plain
from accord.wire.peer.errors import Forged, UnknownType
from accord.wire.peer.message import Records
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.proof import leaf, root, salt_of, statement_bytes
from accord.wire.peer.protocol import FrameType, Lane
from accord.wire.peer.record import (
    Record,
    Statement,
    UnknownContent,
    Void,
)
from support.peer import (
    AT,
    AUS,
    NZL,
    SALT,
    SESSION,
    USA,
    Way,
    a_subject,
    alike,
    refused,
    signer,
    words,
)


def signed_records(
    listed: list[Any], *, lane: int = 3, salt: bytes | None = None, first: int = 1
) -> list[Any]:
    """A frame of records made by hand, with a signature that holds."""
    leaves = [leaf(salt_of(salt, n), cbor.write(each)) for n, each in enumerate(listed)]
    statement = Statement(
        SESSION, NZL, USA, FrameType.RECORDS, 2, Lane(lane), AT, len(leaves), root(leaves)
    )
    signature = signer(NZL)(statement_bytes(statement))
    return [4, 2, lane, AT, [salt, first, listed], signature]


def test_records_arrive_with_the_digests_of_their_contents() -> None:
    records = (Record(7, words()), Record(8, Void()))
    frame = Way().send(Records(records, SALT), lane=Lane.CHAT)
    assert frame.message == Records(records, SALT)
    assert frame.contents[0] == sha256(content_bytes(words())).digest()
    assert frame.contents[1] == sha256(content_bytes(Void())).digest()


@pytest.mark.parametrize(
    ("listed", "salt", "first"),
    [
        pytest.param([[8, []], [8, []]], SALT, (1 << 63) - 1, id="a number too high"),
        pytest.param([[8, []], {}], None, 1, id="several without salt"),
        pytest.param([[8, []]], SALT, 1, id="one with salt"),
        pytest.param([[8, []]], None, 0, id="from no number on"),
        pytest.param([[8]], None, 1, id="no content"),
        pytest.param([{1: 2}], None, 1, id="otherwise than nothing"),
        pytest.param([8], None, 1, id="neither whole nor otherwise"),
    ],
)
def test_records_that_break_the_rules_are_refused(
    listed: list[Any], salt: bytes | None, first: int
) -> None:
    with pytest.raises(WireError):
        Way().decoder.decode(cbor.write(signed_records(listed, salt=salt, first=first)))


def test_a_frame_without_records_is_refused() -> None:
    refused(Way(), [4, 2, 3, AT, [None, 1, []], bytes(64)])


def test_a_changed_record_is_forged() -> None:
    frame = signed_records([[4, [bytes(8), "why", AT]]])
    frame[4][2][0][1][1] = "Why"
    refused(Way(), frame, Forged)


def test_unknown_content_is_skipped_and_counted_but_keeps_its_number() -> None:
    way = Way()
    frame = way.decoder.decode(cbor.write(signed_records([[9, {1: 2}], [8, []]], salt=SALT)))
    assert frame is not None
    assert frame.message == Records((Record(1, UnknownContent(9)), Record(2, Void())), SALT)
    assert way.decoder.counts == {"content 9": 1}


@pytest.mark.parametrize("lane", [0, 1])
def test_unknown_content_ends_the_session_where_it_may_matter(lane: int) -> None:
    refused(Way(), signed_records([[9, {1: 2}]], lane=lane), UnknownType)


def test_a_report_of_anothers_object_is_forged() -> None:
    report = words(subject=a_subject(origin=AUS))
    refused(Way(), signed_records([plain.content(report)]), Forged)


def test_what_records_share_is_said_once_in_a_lane_of_a_session() -> None:
    way = Way()
    first, other = Records(alike(3), SALT), Records(alike(3, 13), SALT)
    sizes = [len(way.encode(each, lane=Lane.CHAT)) for each in (first, other)]
    in_another_lane = len(way.encode(other, lane=Lane.DURABLE))
    assert sizes[1] < sizes[0] - 90
    assert in_another_lane == sizes[0]


def test_what_is_signed_of_a_record_does_not_depend_on_what_was_said_before() -> None:
    way, other = Way(), Way()
    way.send(Records(alike(1)), lane=Lane.CHAT)
    later = way.send(Records(alike(2, 11), SALT), lane=Lane.CHAT)
    other.encoder.number += 1
    alone = other.send(Records(alike(2, 11), SALT), lane=Lane.CHAT)
    assert later.proof == alone.proof
    assert later.contents == alone.contents


def test_a_frame_that_is_refused_changes_nothing_of_what_was_said_last() -> None:
    way = Way()
    way.send(Records(alike(1)), lane=Lane.CHAT)
    data: Any = cbor.read(way.encode(Records(alike(2, 11), SALT), lane=Lane.CHAT))
    refused(way, [*data[:5], bytes(64)], Forged)
    way.decoder.number -= 1
    assert way.decoder.decode(cbor.write(data)) is not None


def test_little_bytes_that_say_much_are_refused() -> None:
    """A byte could stand for the longest record again, two thousand times."""
    report = words("x" * 1_500)
    listed = [plain.content(report), *([{}] * 40)]
    refused(Way(), [4, 2, 3, AT, [SALT, 1, listed], bytes(64)], FrameTooLarge)
    with pytest.raises(FrameTooLarge):
        Way().encode(Records(tuple(Record(n, report) for n in range(1, 42)), SALT), lane=Lane.CHAT)
