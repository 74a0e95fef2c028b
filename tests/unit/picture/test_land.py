import pytest

from accord.picture.land import COLUMNS, NO_LAND, ROWS, Land
from support.builders import a_point


def with_cells(*cells: tuple[int, int]) -> Land:
    bits = bytearray(ROWS * COLUMNS // 8)
    for row, column in cells:
        number = row * COLUMNS + column
        bits[number // 8] |= 0x80 >> number % 8
    return Land(bytes(bits))


def test_a_cell_is_a_tenth_of_a_degree_from_the_south_and_from_the_antimeridian() -> None:
    land = with_cells((900, 1801), (1799, 3599))
    assert land.holds(a_point(0.05, 0.15))
    assert not land.holds(a_point(0.05, 0.05))
    assert not land.holds(a_point(-0.05, 0.15))
    assert land.holds(a_point(90.0, 179.95))


def test_180_degrees_east_is_180_degrees_west() -> None:
    land = with_cells((900, 0))
    assert land.holds(a_point(0.05, 180.0))
    assert land.holds(a_point(0.05, -180.0))


def test_nothing_is_land_where_nothing_is_known() -> None:
    assert not NO_LAND.holds(a_point(55.6, 37.3))


def test_other_bytes_are_no_land() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        Land(b"\0\0\0")
