from typing import Any

import pytest

from accord.wire.errors import Malformed
from accord.wire.peer.report import NO_BASE, Base, Original
from accord.wire.peer.updates import MAX_ORIGINAL, Packed, check, varint, write_body
from support.peer import AT, an_update


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "00"),
        (127, "7f"),  # DWARF 5, table 7.7 and Protocol Buffers, "Base 128 Varints"
        (128, "8001"),
        (129, "8101"),
        (150, "9601"),
        (300, "ac02"),
        (12857, "b964"),
        (16383, "ff7f"),
        (16384, "808001"),
        (624485, "e58e26"),
        (2097151, "ffff7f"),
        (2097152, "80808001"),
        ((1 << 63) - 1, "ffffffffffffffff7f"),
    ],
)
def test_a_varint_is_written_as_dwarf_and_protocol_buffers_show(number: int, written: str) -> None:
    assert varint(number).hex() == written
    packed = Packed(bytes.fromhex(written))
    assert (packed.varint(), packed.is_empty) == (number, True)


@pytest.mark.parametrize(("written", "number"), [("00", 0), ("01", -1), ("02", 1), ("03", -2)])
def test_a_difference_is_written_as_protocol_buffers_show(written: str, number: int) -> None:
    """The zigzag table of the encoding guide."""
    assert Packed(bytes.fromhex(written)).differences(1) == [number]


@pytest.mark.parametrize(
    "written",
    ["", "80", "8000", "ff" * 8, "ff" * 9 + "01", "80" * 9 + "01"],
)
def test_a_varint_that_is_cut_off_too_long_or_not_the_shortest_is_refused(written: str) -> None:
    for read in (Packed.varint, lambda packed: packed.differences(1)):
        with pytest.raises(Malformed):
            read(Packed(bytes.fromhex(written)))


@pytest.mark.parametrize("number", [0, -1, 63, -64, 64, -65, 8_191, -8_192, 8_192, -(1 << 62)])
def test_differences_are_read_one_after_the_other(number: int) -> None:
    written = varint(2 * number if number >= 0 else -2 * number - 1)
    packed = Packed(written + b"\x03" + written + b"\x00")
    assert packed.differences(3) == [number, -2, number]
    assert packed.varint() == 0
    assert packed.is_empty


def test_what_is_the_same_as_the_base_takes_no_byte() -> None:
    update = an_update(lat=None, lon=None, stale=AT + 5000)
    assert write_body(update, NO_BASE._replace(validity=5000), AT) == b"\0\0"


def test_a_moving_ship_takes_thirteen_bytes() -> None:
    update = an_update(
        version=AT - 900, time=AT - 1500, start=AT - 1500, received=AT - 1500,
        stale=AT + 298_500, course=905, speed=735, circular_error=10_000,
    )  # fmt: skip
    base = Base(-412_790_000, 1_747_690_000, 0, 10_000, 900, 720, 300_000)
    assert write_body(update, base, AT).hex() == (
        "1b"  # point, time, course, speed
        "870e"  # version: -900 ms
        "959e01"  # latitude: -10,123
        "b0a301"  # longitude: +10,456
        "af09"  # time: -600 ms from the version
        "0a"  # course: +0.5 degrees
        "1e"  # speed: +15 cm/s
    )


def test_everything_is_written_in_the_order_of_its_bits() -> None:
    update = an_update(
        version=AT, time=AT - 1, start=AT - 3, received=AT + 1, stale=AT + 4, lat=1, lon=2,
        hae=-1, circular_error=3, linear_error=4, course=5, speed=6, climb=-7, doubts=9,
        original=Original(2, b"!AIS"),
    )  # fmt: skip
    written = write_body(update, NO_BASE, AT)
    assert written.hex() == (
        "ff3f"  # all thirteen bits
        "00" "02" "04" "01" "02" "0a" "0c" "01" "04"  # version ... circular error
        "0a" "0d" "04" "03" "09"  # stale, climb, linear error, start, doubts
        "02" "04" "21414953"
    )  # fmt: skip
    assert Packed(written).body(0, NO_BASE, AT) == (update, written)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("804000", id="a bit that is not known"),
        pytest.param("020000", id="a time that is the version"),
        pytest.param("80010000", id="a validity that is the header's"),
        pytest.param("80080000", id="a start that is the time"),
        pytest.param("80100000", id="no doubts"),
        pytest.param("8010008008", id="a doubt that is not known"),
        pytest.param("040000", id="a receipt that is the time"),
        pytest.param("8020000300", id="an original of no known form"),
        pytest.param("8020000005aabb", id="an original that is cut off"),
        pytest.param("80200000e1d403", id="an original that is too long"),
        pytest.param("0100feffffffffff7f00", id="a latitude past the pole"),
        pytest.param("010000feffffffffff7f", id="a longitude past the antimeridian"),
        pytest.param("080001", id="a course below north"),
        pytest.param("0800a038", id="a course of 360 degrees"),
        pytest.param("1000feffffff7f", id="a speed past all bounds"),
        pytest.param("2000feffffffffff7f", id="a height past all bounds"),
        pytest.param("400000", id="a circular error that is the header's"),
        pytest.param("4000feffffffff7f", id="a circular error past all bounds"),
        pytest.param("800200feffffff7f", id="a climb past all bounds"),
        pytest.param("800400ffffffffff7f", id="a linear error past all bounds"),
        pytest.param("00feffffffffffff7f", id="a version past the year 9999"),
    ],
)
def test_an_update_that_says_what_cannot_be_is_refused(written: str) -> None:
    with pytest.raises(Malformed):
        Packed(bytes.fromhex(written)).body(0, NO_BASE, AT)


def test_what_is_received_at_its_version_takes_no_byte_where_the_header_says_so() -> None:
    base = NO_BASE._replace(receipt=True)
    update = an_update(lat=None, lon=None, time=AT - 2, start=AT - 2, stale=AT - 2)
    assert write_body(update, base, AT).hex() == "020003"
    later = update._replace(received=AT - 2)
    assert write_body(later, base, AT).hex() == "06000303"
    for each in (update, later):
        assert Packed(write_body(each, base, AT)).body(0, base, AT)[0] == each
    with pytest.raises(Malformed):
        Packed(bytes.fromhex("06000300")).body(0, base, AT)


def test_an_error_that_is_not_known_any_more_is_said() -> None:
    base = NO_BASE._replace(circular_error=5)
    update = an_update(lat=None, lon=None, stale=AT)
    assert write_body(update, base, AT).hex() == "400000"
    assert Packed(bytes.fromhex("400000")).body(0, base, AT)[0] == update


def test_times_are_held_to_the_years_that_there_are() -> None:
    check(an_update())
    for change in ({"version": -1}, {"start": -(1 << 60)}, {"stale": 1 << 60}):
        with pytest.raises(Malformed):
            check(an_update(**change))


def test_bytes_as_received_have_a_limit() -> None:
    check(an_update(original=Original(0, bytes(MAX_ORIGINAL))))
    with pytest.raises(Malformed):
        check(an_update(original=Original(0, bytes(MAX_ORIGINAL + 1))))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ({"stale": AT + 1}, "80010002"),
        ({"climb": -1}, "80020001"),
        ({"linear_error": 3}, "80040003"),
        ({"start": AT - 1}, "80080001"),
        ({"doubts": 4}, "80100004"),
        ({"original": Original(0, b"<")}, "80200000013c"),
        ({"course": 1}, "080002"),
        ({"speed": 1}, "100002"),
        ({"hae": 1}, "200002"),
        ({"circular_error": 1}, "400002"),
    ],
)
def test_each_field_takes_its_bit_and_its_number(said: dict[str, Any], written: str) -> None:
    update = an_update(lat=None, lon=None, stale=AT)._replace(**said)
    assert write_body(update, NO_BASE, AT).hex() == written
    assert Packed(bytes.fromhex(written)).body(0, NO_BASE, AT)[0] == update
