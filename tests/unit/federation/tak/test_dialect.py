import struct

from accord.federation.tak.dialect import Version1
from support.fig import framed


def test_version_1_is_messages_behind_their_length_and_nothing_else() -> None:
    dialect = Version1(limit=100)
    assert dialect.is_ready
    assert not dialect.waits
    assert dialect.to_write() == b""
    dialect.say(b"one")
    dialect.say(b"two")
    dialect.tick(1e9)
    assert dialect.to_write() == framed(b"one") + framed(b"two")
    assert dialect.to_write() == b""


def test_what_comes_is_cut_into_messages_and_too_long_ones_are_counted() -> None:
    dialect = Version1(limit=100)
    assert dialect.receive(framed(b"one") + struct.pack(">I", 101), 0.0) == [b"one"]
    assert dialect.receive(b"x" * 101 + framed(b"two"), 0.0) == [b"two"]
    assert dialect.skipped == 1
