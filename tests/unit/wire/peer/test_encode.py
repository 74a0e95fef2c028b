from hashlib import sha256

import pytest

from accord.wire.errors import FrameTooLarge
from accord.wire.peer import cbor, plain
from accord.wire.peer.encode import (
    OVERHEAD,
    Encoder,
    encode_hello,
    header_digest,
    reference_to,
    size_of_update,
)
from accord.wire.peer.frame import Handles, Known
from accord.wire.peer.message import (
    Ack,
    Bye,
    Checkpoint,
    Chunk,
    Cosignature,
    Farewell,
    Graft,
    Held,
    Keepalive,
    Objects,
    PeerMessage,
    Prune,
    Range,
    RangePart,
    Records,
    Updates,
    Want,
)
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.protocol import FrameType, Lane, Mark, Version
from accord.wire.peer.record import FileOffer, Record, UnknownContent, Void
from accord.wire.peer.report import Object, Reference
from support.peer import (
    A_GRANT,
    AT,
    SALT,
    USA,
    Way,
    a_header,
    a_hello,
    a_subject,
    an_object,
    an_update,
    signer,
    words,
)


def test_a_keepalive_is_seven_bytes() -> None:
    way = Way()
    frame = way.encoder.encode(Keepalive(), number=2, lane=Lane.CONTROL, at=AT)
    assert frame.hex() == "0005840e020180"


def test_a_blank_frame_is_the_signed_one_but_for_the_signature_and_tells_nothing_to_sign() -> None:
    told: list[bytes] = []

    def encoder(*, is_blank: bool) -> Encoder:
        handles = Handles(limit=8)
        handles.put({0: Known(a_header(), header_digest(a_header()))})
        return Encoder(
            session=bytes(16), sender=USA, receiver="NZL-JFNZ", handles=handles,
            sign=lambda data: told.append(data) or bytes(64), is_blank=is_blank,
        )  # fmt: skip

    message = Updates((an_update(handle=0),), None)
    signed, blank = (
        encoder(is_blank=is_blank).encode(message, number=2, lane=Lane.TRACKS, at=AT)
        for is_blank in (False, True)
    )
    assert blank == signed
    assert told[0].startswith(b"\x8a\x6daccord peer 1")
    assert told[1] == b""


def test_a_frame_without_signature_says_no_time() -> None:
    way = Way()
    one, other = (way.encode(Bye(Farewell.STOPPING), lane=Lane.CONTROL, at=at) for at in (AT, 0))
    assert one[3:] == other[3:]


@pytest.mark.parametrize(
    ("message", "number", "lane"),
    [
        (Keepalive(), 1, Lane.CONTROL),
        (Keepalive(), 5, Lane.TRACKS),
        (Records((Record(1, Void()),)), 5, Lane.TRACKS),
        (Records(()), 5, Lane.CHAT),
        (Records((Record(1, Void()),), SALT), 5, Lane.CHAT),
        (Records((Record(1, Void()), Record(2, Void()))), 5, Lane.CHAT),
        (Records((Record(1, Void()), Record(3, Void())), SALT), 5, Lane.CHAT),
        (Records((Record(1, UnknownContent(77)),)), 5, Lane.CHAT),
        (Updates((an_update(3),)), 5, Lane.TRACKS),
        (Updates((an_update(1), an_update(0)), SALT), 5, Lane.TRACKS),
        (Updates((an_update(1), an_update(1)), SALT), 5, Lane.TRACKS),
        (Updates((an_update(2),)), 5, Lane.TRACKS),
        (Objects(tuple(an_object(n, n) for n in range(3, 8))), 5, Lane.TRACKS),
        (a_hello(), 5, Lane.CONTROL),
    ],
)
def test_what_the_receiver_would_refuse_is_not_sent(
    message: PeerMessage, number: int, lane: Lane
) -> None:
    way = Way(limit=4)
    waiting = Object(number=3, handle=2, header=Reference(bytes(32), 9))
    way.encode(Objects((an_object(1, 0), an_object(2, 1), waiting)))
    before = way.encoder.number
    with pytest.raises(ValueError, match=r"."):
        way.encoder.encode(message, number=number, lane=lane, at=AT)
    assert way.encoder.number == before


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (Ack(9, (Mark(Lane.CHAT, 4),)), [9, [[2, 4]]]),
        (Want(ticket=1, digest=bytes(32), first=8, blocks=b"\x80"), [1, bytes(32), 8, b"\x80"]),
        (Chunk(1, 8, b"data"), [1, 8, b"data"]),
        (Checkpoint(b"note"), [b"note"]),
        (Cosignature(b"note"), [b"note"]),
        (
            Range(Lane.TRACKS, 2, (RangePart(5, b"a"), RangePart(6, b"", None, (bytes(12),)))),
            [4, 2, [[5, b"a", None, None], [6, b"", None, bytes(12)]]],
        ),
        (Prune(("AUS",)), ["AUS"]),
        (Graft(("AUS", "CAN")), ["AUS", "CAN"]),
        (Keepalive(), []),
        (Bye(Farewell.CLOCK, "an hour off"), [4, "an hour off"]),
    ],
)
def test_a_frame_is_type_number_lane_and_body(message: PeerMessage, body: object) -> None:
    frame = cbor.read(Way().encode(message, lane=Lane.CONTROL))
    assert frame == [FrameType[type(message).__name__.upper()], 2, Lane.CONTROL, body]


def test_a_frame_over_the_receivers_limit_is_not_made_and_its_number_stays_free() -> None:
    way = Way()
    way.encoder.limit = 900
    with pytest.raises(FrameTooLarge):
        way.encode(Chunk(0, 0, bytes(900)), lane=Lane.FILES)
    assert way.encoder.number == 1
    assert len(way.encode(Chunk(0, 0, bytes(889)), lane=Lane.FILES)) <= 900


def test_a_hello_has_a_limit_too() -> None:
    many = tuple(Held("A" * 128, n, bytes(32)) for n in range(16))
    with pytest.raises(FrameTooLarge):
        encode_hello(a_hello(gives=many, takes=many), receiver=USA, sign=signer(USA))


def test_content_that_is_too_long_has_a_digest_and_a_size() -> None:
    content = content_bytes(words())
    assert content == cbor.write(plain.content(words()))
    assert reference_to(content) == Reference(sha256(content).digest(), len(content))


def test_a_header_is_named_by_the_digest_of_its_bytes() -> None:
    assert header_digest(a_header()) == sha256(cbor.write(plain.header(a_header()))).digest()


def test_the_size_of_updates_is_known_before_they_are_sent() -> None:
    way = Way()
    objects = [an_object(n + 1, n * 40) for n in range(20)]
    way.introduce(*objects)
    updates = tuple(an_update(n * 40, version=AT - n, course=n, speed=n) for n in range(20))
    told = sum(size_of_update(update, a_header(), AT) for update in updates)
    sent = len(way.encode(Updates(updates, SALT))) + 2
    assert told < sent <= told + OVERHEAD


def test_a_file_is_offered_in_the_schemas_order() -> None:
    offer = FileOffer(
        subject=a_subject(), version=Version(3, AT), grant=A_GRANT, digest=bytes(32), size=5,
        name="plan.pdf", media="application/pdf",
    )  # fmt: skip
    _, said = plain.content(offer)
    assert isinstance(said, list)
    assert said[3:] == [bytes(32), 5, "plan.pdf", "application/pdf"]
