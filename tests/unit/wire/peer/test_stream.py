import pytest

from accord.wire.errors import FrameTooLarge, Malformed, WireError
from accord.wire.peer.frame import LONGEST_HELLO
from accord.wire.peer.stream import PeerStream


def framed(*frames: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(2) + frame for frame in frames)


def test_a_frame_is_given_when_its_last_byte_is_there() -> None:
    stream = PeerStream(limit=900)
    assert stream.receive(b"\0\3ab") == []
    assert stream.waits
    assert stream.receive(b"c\0\1d") == [b"abc", b"d"]
    assert not stream.waits


def test_only_the_first_frame_can_be_as_long_as_a_hello() -> None:
    stream = PeerStream(limit=900)
    hello = bytes(LONGEST_HELLO)
    assert stream.receive(framed(hello)) == [hello]
    assert stream.receive(framed(bytes(900))) == [bytes(900)]
    assert stream.receive(framed(bytes(901))) == []
    assert isinstance(stream.fault, FrameTooLarge)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [(b"\0\0", Malformed), ((LONGEST_HELLO + 1).to_bytes(2), FrameTooLarge)],
)
def test_nothing_is_read_after_a_fault(bad: bytes, fault: type[WireError]) -> None:
    stream = PeerStream(limit=900)
    assert stream.receive(bad + framed(b"a")) == []
    assert isinstance(stream.fault, fault)
    assert stream.receive(framed(b"a")) == []
    assert not stream.waits


def test_what_came_before_a_fault_is_given() -> None:
    stream = PeerStream(limit=900)
    assert stream.receive(framed(b"a") + b"\xff\xff") == [b"a"]
    assert isinstance(stream.fault, FrameTooLarge)


def test_a_length_is_refused_before_any_of_its_bytes_come() -> None:
    stream = PeerStream(limit=900)
    stream.receive(b"\xff\xff")
    assert stream.fault is not None
