import pytest

from accord.wire.adsb.stream import AvrStream, BeastStream, Lines

LONG = bytes.fromhex("8d4840d6202cc371c32ce0576098")
SHORT = bytes.fromhex("5d4d20237a55a6")
AHEAD = b"\x00\x01\x02\x03\x04\x05\x06"


def beast(letter: bytes, frame: bytes, ahead: bytes = AHEAD) -> bytes:
    return b"\x1a" + letter + (ahead + frame).replace(b"\x1a", b"\x1a\x1a")


def test_long_and_short_frames_are_read_and_the_rest_is_counted() -> None:
    stream = BeastStream()
    data = (
        beast(b"3", LONG) + beast(b"1", b"\x01\x02") + beast(b"4", bytes(14)) + beast(b"2", SHORT)
    )
    assert list(stream.receive(data)) == [LONG, SHORT]
    assert stream.counts == {"not used": 2}


def test_a_doubled_escape_is_one_byte_also_at_the_end_of_a_write() -> None:
    frame = b"\x8d\x1a" + bytes(11) + b"\x1a"
    data = beast(b"3", frame, b"\x1a" * 7) + beast(b"2", SHORT)
    for cut in range(len(data)):
        stream = BeastStream()
        assert [*stream.receive(data[:cut]), *stream.receive(data[cut:])] == [frame, SHORT]
        assert not stream.counts


def test_what_is_no_frame_costs_only_itself() -> None:
    stream = BeastStream()
    data = b"HTTP/1.1 400" + beast(b"3", LONG) + b"\x1a3short" + b"\x1a9" + beast(b"2", SHORT)
    assert list(stream.receive(data)) == [LONG, SHORT]
    assert stream.counts["malformed"] == 3


def test_bytes_without_a_frame_are_not_kept() -> None:
    stream = BeastStream()
    assert list(stream.receive(b"x" * 10_000)) == []
    assert stream._rest == b""
    assert stream.counts == {"malformed": 1}
    assert list(stream.receive(b"\x1a3" + b"y" * 10_000)) == []
    assert len(stream._rest) < 100


def test_avr_is_read_with_and_without_a_counter() -> None:
    stream = AvrStream()
    lines = b"*%b;\r\n@0123456789ab%b;\n*1234;\n*zz;\n\n" % (
        LONG.hex().encode(),
        SHORT.hex().upper().encode(),
    )
    assert list(stream.receive(lines)) == [LONG, SHORT]
    assert stream.counts == {"not used": 1, "malformed": 1}


@pytest.mark.parametrize("step", [1, 3, 50])
def test_a_line_may_come_in_pieces(step: int) -> None:
    data = b"*%b;\n" % LONG.hex().encode()
    stream = AvrStream()
    found = [e for at in range(0, len(data), step) for e in stream.receive(data[at : at + step])]
    assert found == [LONG]


def test_a_line_over_the_limit_is_counted_and_not_kept() -> None:
    lines = Lines(max_line=10)
    assert list(lines.receive(b"x" * 1_000)) == []
    assert len(lines._rest) == 11
    assert list(lines.receive(b"\nshort\n")) == [b"short"]
    assert lines.counts == {"too large": 1}


@pytest.mark.parametrize(
    ("stream", "whole", "begun"),
    [
        (BeastStream(), b"\x1a2" + bytes(14), b"\x1a2" + bytes(9)),
        (AvrStream(), b"*5D4CA7B62D4B60;\n", b"*5D4CA7B6"),
    ],
)
def test_what_a_connection_left_unfinished_is_no_part_of_the_next(
    stream: BeastStream | AvrStream, whole: bytes, begun: bytes
) -> None:
    assert len(list(stream.receive(whole + begun))) == 1
    assert [stream.let_go(), stream.let_go()] == [True, False]
    assert len(list(stream.receive(whole))) == 1
    assert not stream.counts
