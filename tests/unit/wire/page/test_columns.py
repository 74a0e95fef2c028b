"""Expected bytes are laid out by hand from docs/reference/stream.md."""

import math

import pytest

from accord.wire.page.columns import NO_FIX, UNKNOWN, Fix, ages, fix_at, positions


def test_positions_are_columns_one_after_the_other() -> None:
    data = positions(0, [(1, Fix(2, 3, 4, 5)), (258, Fix(-1, -2, 6, 7))])
    assert data == bytes.fromhex(
        "54524b31" "02000000" "0000000000000000"  # TRK1, n, time
        "01000000" "02010000"  # indexes
        "02000000" "ffffffff"  # longitudes
        "03000000" "feffffff"  # latitudes
        "0400" "0600"  # courses
        "0500" "0700"  # speeds
    )  # fmt: skip


def test_the_time_is_a_double() -> None:
    # 1.0 is 3FF0000000000000 (IEEE 754).
    assert positions(1, [])[8:] == bytes.fromhex("000000000000f03f")


def test_no_positions_are_a_head() -> None:
    assert positions(0, []) == b"TRK1" + bytes(12)


def test_a_position_takes_sixteen_bytes() -> None:
    one = (1, Fix(2, 3, 4, 5))
    assert len(positions(0, [one] * 1000)) == 16 + 16 * 1000


def test_ages_are_columns() -> None:
    assert ages(0, [(1, 60), (2, 2**40)]) == bytes.fromhex(
        "41474531" "02000000" "0000000000000000" "01000000" "02000000" "3c000000" "ffffffff"
    )  # fmt: skip


def test_degrees_are_rounded_to_a_ten_millionth() -> None:
    fix = fix_at(-41.28000004, 174.77000006, None, None)
    assert (fix.lat, fix.lon) == (-412_800_000, 1_747_700_001)
    assert fix_at(90.0, 180.0, None, None)[:2] == (1_800_000_000, 900_000_000)


@pytest.mark.parametrize(
    ("course", "said"),
    [(0.0, 0), (359.99, 35999), (359.999, 0), (360.0, 0), (-90.0, 27000), (450.5, 9050)],
)
def test_a_course_is_hundredths_of_a_degree_below_a_full_turn(course: float, said: int) -> None:
    assert fix_at(0, 0, course, None).course == said


@pytest.mark.parametrize(
    ("speed", "said"), [(0.0, 0), (10.284, 1028), (655.34, 65534), (655.35, 65534), (1e9, 65534)]
)
def test_a_speed_is_centimetres_a_second_as_far_as_they_go(speed: float, said: int) -> None:
    assert fix_at(0, 0, None, speed).speed == said


def test_what_is_no_number_is_unknown() -> None:
    for course, speed in ((None, None), (math.nan, math.nan), (math.inf, -1.0)):
        fix = fix_at(0, 0, course, speed)
        assert (fix.course, fix.speed) == (UNKNOWN, UNKNOWN) == (65535, 65535)
    assert fix_at(0, 0, None, math.inf).speed == 65534


def test_no_place_is_the_least_number_twice() -> None:
    assert NO_FIX == (-2147483648, -2147483648, 65535, 65535)
