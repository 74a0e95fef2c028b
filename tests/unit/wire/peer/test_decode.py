"""What is taken of a frame; records, and what is passed on, are tried beside this."""

from typing import Any

import pytest

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.peer import cbor, plain
from accord.wire.peer.decode import MAX_COUNTS, decode_hello
from accord.wire.peer.encode import encode_hello, header_digest
from accord.wire.peer.errors import Forged, NotDeterministic, Replayed, UnknownType
from accord.wire.peer.frame import Known
from accord.wire.peer.message import Keepalive, Updates
from accord.wire.peer.protocol import Lane
from accord.wire.peer.report import Object, Reference
from support.peer import (
    A_GRANT,
    AT,
    AUS,
    NZL,
    SALT,
    USA,
    Way,
    a_header,
    a_hello,
    a_subject,
    an_object,
    an_update,
    is_signed,
    refused,
    signer,
)

# The first frame.


def test_a_hello_is_taken_from_whom_it_is_said_to_be() -> None:
    data = encode_hello(a_hello(), receiver=USA, sign=signer(NZL))[2:]
    assert decode_hello(data, sender=NZL, receiver=USA, verify=is_signed) == a_hello()


@pytest.mark.parametrize(
    ("node", "key", "receiver"),
    [
        pytest.param(AUS, AUS, USA, id="another node than its certificate says"),
        pytest.param(NZL, AUS, USA, id="another's key"),
        pytest.param(NZL, NZL, AUS, id="meant for another"),
    ],
)
def test_a_hello_of_anybody_else_is_forged(node: str, key: str, receiver: str) -> None:
    data = encode_hello(a_hello(node=node), receiver=receiver, sign=signer(key))[2:]
    with pytest.raises(Forged):
        decode_hello(data, sender=NZL, receiver=USA, verify=is_signed)


def test_what_is_no_hello_is_no_first_frame() -> None:
    frame = cbor.read(encode_hello(a_hello(), receiver=USA, sign=signer(NZL))[2:])
    assert isinstance(frame, list)
    for place, value in ((0, 2), (1, 2), (2, 4)):
        data = cbor.write([*frame[:place], value, *frame[place + 1 :]])
        with pytest.raises(Malformed):
            decode_hello(data, sender=NZL, receiver=USA, verify=is_signed)


def test_there_is_one_hello() -> None:
    refused(Way(), [1, 2, 1, AT, [], bytes(64)])


# Every frame.


@pytest.mark.parametrize("frame", [None, 5, [], [14, 5, 1], {}, [14, 5, 6, []], [14, 0, 1, []]])
def test_what_is_no_frame_is_refused(frame: object) -> None:
    refused(Way(), frame)


def test_a_frame_that_is_written_another_way_is_refused() -> None:
    with pytest.raises(NotDeterministic):
        Way().decoder.decode(bytes.fromhex("84180e050180"))


def test_a_frame_is_taken_once_and_in_order() -> None:
    way = Way()
    first, second = (way.encode(Keepalive(), lane=Lane.CONTROL) for _ in range(2))
    assert way.decoder.decode(second) is not None
    for old in (first, second):
        with pytest.raises(Replayed):
            way.decoder.decode(old)


def test_a_frame_of_another_session_is_forged() -> None:
    way, other = Way(), Way(session=bytes(16))
    for each in (way, other):
        each.introduce(an_object())
    with pytest.raises(Forged):
        way.decoder.decode(other.encode(Updates((an_update(),))))


@pytest.mark.parametrize("lane", [Lane.EMERGENCY, Lane.CONTROL])
def test_an_unknown_frame_ends_the_session_where_it_may_matter(lane: Lane) -> None:
    refused(Way(), [17, 2, lane, "whatever"], UnknownType)


def test_an_unknown_frame_is_skipped_and_counted_elsewhere() -> None:
    way = Way()
    assert way.decoder.decode(cbor.write([99, 2, 4, {7: "whatever"}, 5])) is None
    assert way.decoder.counts == {"frame type 99": 1}
    refused(way, [99, 2, 4, 0], Replayed)


def test_what_is_skipped_is_counted_under_so_many_names() -> None:
    way = Way()
    for n in range(MAX_COUNTS + 5):
        way.decoder.decode(cbor.write([100 + n, 2 + n, 4, 0]))
    assert len(way.decoder.counts) == MAX_COUNTS + 1
    assert way.decoder.counts["others"] == 5


def test_a_frame_in_a_lane_that_is_not_its_own_is_refused() -> None:
    refused(Way(), [14, 2, 4, []])


@pytest.mark.parametrize("frame", [[14, 2, 1, [], 0], [4, 2, 3, AT, [None, []]]])
def test_a_frame_of_another_length_is_refused(frame: object) -> None:
    refused(Way(), frame)


# State objects.


def test_a_handle_stands_for_the_last_header_that_it_was_given() -> None:
    way = Way()
    newer = a_header(epoch=4)
    way.introduce(an_object(1, 7))
    way.introduce(Object(number=2, handle=7, header=newer))
    assert way.decoder.handles.get(7) == Known(newer, header_digest(newer))


def test_more_handles_than_agreed_are_refused() -> None:
    way = Way(limit=2)
    way.introduce(an_object(1, 7), an_object(2, 8))
    refused(way, [2, 9, 4, [[3, 9, [bytes(32), 5], None]]], FrameTooLarge)


@pytest.mark.parametrize(
    ("subject", "onward"),
    [
        pytest.param(a_subject(origin=AUS), None, id="another's object as one's own"),
        pytest.param(a_subject(origin=NZL), A_GRANT, id="one's own as another's"),
        pytest.param(a_subject(origin=AUS, path=(USA,)), None, id="another's words as one's own"),
        pytest.param(a_subject(origin=AUS, path=(NZL,)), A_GRANT, id="one's own words passed on"),
    ],
)
def test_a_header_says_truly_whose_it_is(subject: Any, onward: Any) -> None:
    forged = Object(number=1, handle=0, header=a_header(subject=subject), onward=onward)
    way = Way()
    refused(way, [2, 2, 4, [plain.an_object(forged)]], Forged)
    assert len(way.decoder.handles) == 0


def test_a_node_may_make_other_words_of_anothers_in_its_own_name() -> None:
    way = Way()
    way.introduce(an_object(subject=a_subject(origin=AUS, path=(NZL,))))
    assert way.send(Updates((an_update(),))).message == Updates((an_update(),))


def test_updates_wait_for_a_header_that_comes_in_chunks() -> None:
    way = Way()
    header = a_header()
    waiting = Object(number=1, handle=0, header=Reference(header_digest(header), 300))
    way.introduce(waiting)
    way.encoder.handles.fill(header_digest(header), header)
    data = way.encode(Updates((an_update(),)))
    with pytest.raises(Malformed):
        way.decoder.decode(data)
    way.decoder.number -= 1
    way.decoder.handles.fill(header_digest(header), header)
    assert way.decoder.decode(data) is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([None, b""], id="no updates"),
        pytest.param([None, b"\0\0\0" * 2], id="several without salt"),
        pytest.param([SALT, b"\0\0\0"], id="one with salt"),
        pytest.param([None, b"\5\0\0"], id="a handle that stands for nothing"),
        pytest.param([None, b"\0\0"], id="an update that is cut off"),
        pytest.param([bytes(15), b"\0\0\0"], id="half a salt"),
        pytest.param([None, "abc"], id="no bytes"),
    ],
)
def test_updates_that_break_the_rules_are_refused(body: list[object]) -> None:
    way = Way()
    way.introduce(an_object(1, 0), an_object(2, 1))
    refused(way, [3, 9, 4, AT, body, bytes(64)])


def test_more_updates_than_a_frame_holds_are_refused() -> None:
    way = Way(limit=3000)
    header = plain.header(a_header())
    for first in (0, 1500):
        objects = [[n + 1, n, header, None] for n in range(first, first + 1500)]
        way.decoder.decode(cbor.write([2, 2 + first, 4, objects]))
    refused(way, [3, 9000, 4, AT, [SALT, b"\0\0\0" * 2049], bytes(64)], FrameTooLarge)


@pytest.mark.parametrize("signature", [bytes(64), signer(USA)(b"")])
def test_an_update_with_a_wrong_signature_is_forged(signature: bytes) -> None:
    way = Way()
    way.introduce(an_object())
    refused(way, [3, 9, 4, AT, [None, b"\0\0\0"], signature], Forged)


def test_a_signature_is_for_one_header_only() -> None:
    """The same bytes under a header that says something else are not the same claim."""
    way = Way()
    way.introduce(an_object())
    data = way.encode(Updates((an_update(),)))
    way.decoder.handles.put({0: Known(a_header(), bytes(32))})
    with pytest.raises(Forged):
        way.decoder.decode(data)
