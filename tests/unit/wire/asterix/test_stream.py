import pytest

from accord.wire.asterix.stream import AsterixStream

ONE = bytes.fromhex("30000ef019c94650402047fca653")
OTHER = bytes.fromhex("3e0016990c1964546400ff89f49ffe00b60b12340140")


@pytest.mark.parametrize("step", [1, 2, 5, 100])
def test_blocks_do_not_depend_on_how_the_bytes_come(step: int) -> None:
    stream, data = AsterixStream(), ONE + OTHER + ONE
    found: list[bytes] = []
    for at in range(0, len(data), step):
        found += stream.receive(data[at : at + step])
    assert found == [ONE, OTHER, ONE]
    assert not stream.counts


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\x30\x00\x02", id="a length that is too small"),
        pytest.param(b"\x03\x00\x09", id="a category that there is not"),
        pytest.param(b"\x00" * 50, id="nothing but zeros"),
    ],
)
def test_after_bytes_that_are_no_block_the_next_one_is_found(wrong: bytes) -> None:
    stream = AsterixStream()
    assert stream.receive(wrong + ONE) == [ONE]
    assert stream.receive(wrong + ONE + OTHER + ONE[:7]) == [ONE, OTHER]
    assert stream.receive(ONE[7:]) == [ONE]
    assert stream.counts["malformed"] == 2


def test_bytes_that_are_no_blocks_are_not_kept() -> None:
    stream = AsterixStream()
    for _ in range(100):
        assert stream.receive(b"\x00" * 1000) == []
    assert stream.receive(ONE[:1]) == []
    assert stream.receive(ONE[1:]) == [ONE]


def test_what_is_left_of_a_datagram_is_not_joined_to_the_next() -> None:
    stream = AsterixStream(is_datagrams=True)
    assert stream.receive(ONE + OTHER[:10]) == [ONE]
    assert stream.receive(OTHER) == [OTHER]
    assert stream.counts["malformed"] == 1


def test_what_a_connection_left_unfinished_is_no_part_of_the_next() -> None:
    stream = AsterixStream()
    assert stream.receive(ONE + OTHER[:-1]) == [ONE]
    assert [stream.let_go(), stream.let_go()] == [True, False]
    assert stream.receive(OTHER) == [OTHER]
    assert not stream.counts
