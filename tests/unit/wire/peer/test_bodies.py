from typing import Any

import pytest

from accord.wire.errors import Malformed
from accord.wire.peer import bodies
from accord.wire.peer.bodies import BODIES
from accord.wire.peer.frame import SIGNED
from accord.wire.peer.message import Ack, Hello, Objects, Range, RangePart
from accord.wire.peer.protocol import FrameType, Lane, Mark, Profile
from accord.wire.peer.report import Object, Reference
from support.peer import A_GRANT, AT

GRANT = [A_GRANT.agreement, "2.1", "exact"]
HELLO: list[Any] = [2, "NZL", 3, bytes(16), 1, 900, 4096, [["A", 7, bytes(32)]], [], 2, [[4, 9]]]


def test_every_frame_without_signed_items_is_read_here() -> None:
    assert BODIES.keys() == {*FrameType} - SIGNED - {FrameType.RELAYED, FrameType.FORWARDED}


def test_a_hello_is_read() -> None:
    found = bodies.hello(HELLO, AT)
    assert isinstance(found, Hello)
    assert (found.profile, found.clock, found.frame) == (Profile.MODERN, AT, 900)
    assert found.gives[0].serial == 7
    assert found.resume == (Mark(Lane.TRACKS, 9),)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 1),  # the version before, which was never in use
        (0, 3),
        (1, "NZ"),
        (3, bytes(15)),
        (4, 3),
        (5, 511),
        (5, 65_536),
        (6, 1 << 31),
        (7, [["A", 7, bytes(32)]] * 17),
        (10, [[4, 9], [0, 1]]),
        (10, [[5, 9]]),
        (10, [[4, 0]]),
    ],
)
def test_a_hello_that_is_not_in_the_schema_is_refused(place: int, value: object) -> None:
    with pytest.raises(Malformed):
        bodies.hello([*HELLO[:place], value, *HELLO[place + 1 :]], AT)


def test_objects_are_read_with_what_stands_for_a_header() -> None:
    found = BODIES[FrameType.OBJECTS]([[3, 9, [bytes(32), 700], GRANT]])
    assert found == Objects(
        (Object(number=3, handle=9, header=Reference(bytes(32), 700), onward=A_GRANT),)
    )


REFERENCE = [bytes(32), 700]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(FrameType.OBJECTS, [], id="no objects"),
        pytest.param(
            FrameType.OBJECTS,
            [[2, 0, REFERENCE, None], [2, 1, REFERENCE, None]],
            id="headers with one number",
        ),
        pytest.param(FrameType.OBJECTS, [[0, 0, REFERENCE, None]], id="a header numbered 0"),
        pytest.param(FrameType.OBJECTS, [[1, 1 << 28, REFERENCE, None]], id="a handle too high"),
        pytest.param(FrameType.OBJECTS, [[1, 0, [], None]], id="a header that is empty"),
        pytest.param(FrameType.OBJECTS, [[1, 0, [{}, 1], None]], id="a header cut off"),
        pytest.param(FrameType.ACK, [0, []], id="an ack of nothing"),
        pytest.param(FrameType.ACK, [5, [[1, 1], [0, 1]]], id="marks out of order"),
        pytest.param(FrameType.WANT, [0, bytes(32), 0, b"\x80\0"], id="blocks that end in none"),
        pytest.param(FrameType.WANT, [0, bytes(32), 0, b"\1" * 513], id="too many blocks"),
        pytest.param(FrameType.WANT, [65_536, bytes(32), 0, b""], id="a ticket too high"),
        pytest.param(FrameType.CHUNK, [0, 0, b""], id="an empty chunk"),
        pytest.param(FrameType.CHUNK, [0, 0, bytes(4097)], id="a chunk that is too long"),
        pytest.param(FrameType.CHUNK, [0, 1 << 22, b"a"], id="a block past the largest file"),
        pytest.param(FrameType.CHECKPOINT, [b""], id="an empty checkpoint"),
        pytest.param(FrameType.COSIGNATURE, ["text"], id="a cosignature that is no bytes"),
        pytest.param(FrameType.RANGE, [4, 0, []], id="a range without parts"),
        pytest.param(FrameType.RANGE, [4, 1001, [[1, b"", None, None]]], id="too many rounds"),
        pytest.param(
            FrameType.RANGE, [4, 0, [[1, b"b", None, None], [1, b"a", None, None]]], id="bounds"
        ),
        pytest.param(FrameType.RANGE, [4, 0, [[1, b"", bytes(16), b""]]], id="both"),
        pytest.param(FrameType.RANGE, [4, 0, [[1, b"", bytes(15), None]]], id="a fingerprint"),
        pytest.param(FrameType.RANGE, [4, 0, [[1, b"", None, bytes(13)]]], id="half an id"),
        pytest.param(FrameType.RANGE, [4, 0, [[1, b"", None, bytes(24)]]], id="an id twice"),
        pytest.param(FrameType.RANGE, [4, 0, [[1, bytes(13), None, None]]], id="a long prefix"),
        pytest.param(FrameType.PRUNE, [], id="a prune of nobody"),
        pytest.param(FrameType.GRAFT, ["USA", "NZL"], id="a graft out of order"),
        pytest.param(FrameType.KEEPALIVE, [0], id="a keepalive with something in it"),
        pytest.param(FrameType.BYE, [7, ""], id="a reason that is not known"),
        pytest.param(FrameType.BYE, [0, "x" * 257], id="words that are too long"),
    ],
)
def test_what_is_not_in_the_schema_is_refused(kind: FrameType, value: object) -> None:
    with pytest.raises(Malformed):
        BODIES[kind](value)


def test_ids_of_a_range_are_twelve_bytes_each() -> None:
    found = BODIES[FrameType.RANGE]([4, 0, [[1, b"a", None, bytes(12) + b"b" * 12]]])
    assert found == Range(Lane.TRACKS, 0, (RangePart(1, b"a", None, (bytes(12), b"b" * 12)),))


def test_an_ack_is_read() -> None:
    assert BODIES[FrameType.ACK]([5, [[0, 7]]]) == Ack(5, (Mark(Lane.EMERGENCY, 7),))
