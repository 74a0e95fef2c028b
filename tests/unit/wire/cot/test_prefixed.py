"""Lengths before messages: 4 bytes in version 1; a byte for compression more in gRPC."""

import struct

import pytest

from accord.wire.cot.prefixed import LONGEST, Prefixed, grpc_prefixed, prefixed
from accord.wire.errors import FrameTooLarge, Unsupported


def test_a_length_stands_most_significant_byte_first() -> None:
    assert prefixed(b"x" * 258) == b"\x00\x00\x01\x02" + b"x" * 258
    assert grpc_prefixed(b"ab") == b"\x00\x00\x00\x00\x02ab"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("is_grpc", [False, True])
def test_messages_do_not_depend_on_how_the_bytes_are_cut(step: int, is_grpc: bool) -> None:
    said = [b"one", b"x" * 40, b"three"]
    write = grpc_prefixed if is_grpc else prefixed
    data = b"".join(map(write, said))
    incoming = Prefixed(limit=100, is_grpc=is_grpc)
    found = [m for at in range(0, len(data), step) for m in incoming.receive(data[at : at + step])]
    assert found == said


@pytest.mark.parametrize("step", [1, 5, 1_000])
def test_what_is_too_long_is_thrown_away_and_counted_and_the_next_is_read(step: int) -> None:
    data = prefixed(b"x" * 101) + prefixed(b"next")
    incoming = Prefixed(limit=100)
    found = [m for at in range(0, len(data), step) for m in incoming.receive(data[at : at + step])]
    assert (found, incoming.skipped) == ([b"next"], 1)


def test_no_more_is_held_than_the_limit_and_its_length() -> None:
    incoming = Prefixed(limit=100)
    incoming.receive(struct.pack(">I", 5_000))
    for _ in range(40):
        incoming.receive(b"x" * 100)
        assert not incoming._rest


def test_a_message_of_nothing_says_nothing() -> None:
    assert Prefixed(limit=10).receive(prefixed(b"") + prefixed(b"a")) == [b"a"]


def test_a_length_that_no_server_sends_ends_it() -> None:
    with pytest.raises(FrameTooLarge):
        Prefixed(limit=10).receive(struct.pack(">I", LONGEST + 1))


def test_what_is_compressed_ends_it() -> None:
    with pytest.raises(Unsupported):
        Prefixed(limit=10, is_grpc=True).receive(b"\x01\x00\x00\x00\x01a")
