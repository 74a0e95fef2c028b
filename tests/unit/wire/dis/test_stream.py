import pytest

from accord.wire.dis.stream import DisStream
from support.dis import entity_state


def test_the_pdus_of_a_bundle_are_told_apart() -> None:
    one, other = entity_state(number=1), entity_state(number=2)
    stream = DisStream()
    assert stream.receive(one + other) == [one, other]
    assert not stream.counts


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\x07", id="a byte"),
        pytest.param(entity_state()[:-1], id="less than its length"),
        pytest.param(b"\x03" + entity_state()[1:], id="a version that is not read"),
        pytest.param(
            entity_state()[:8] + b"\x00\x0b" + entity_state()[10:], id="a length too small"
        ),
    ],
)
def test_what_is_no_pdu_is_counted_and_what_stood_before_it_is_read(wrong: bytes) -> None:
    stream, whole = DisStream(), entity_state()
    assert stream.receive(whole + wrong) == [whole]
    assert stream.counts["malformed"] == 1
