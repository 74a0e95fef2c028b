import math

import h3
import numpy as np
import pytest

from accord.posture import cells

RADIUS_KM = 6371.0088
WHOLE = 4 * math.pi * RADIUS_KM**2

CELL = 0x831F8CFFFFFFFFF


def cap(degrees: float) -> float:
    """The area of a spherical cap of so many degrees round its middle: 2 pi R^2 (1 - cos)."""
    return 2 * math.pi * RADIUS_KM**2 * (1 - math.cos(math.radians(degrees)))


def test_the_cells_of_the_earth_cover_it_once() -> None:
    # H3's table of cell statistics: 41,162 cells of resolution 3.
    assert len(cells.world().cells) == 41_162
    assert cells.size_km2(int(each) for each in cells.world().cells) == pytest.approx(
        WHOLE, rel=1e-6
    )


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (-18, 180), (10, -179.9), (90, 0), (-90, 50)])
def test_a_circle_has_the_area_of_its_cap_wherever_it_lies(lat: float, lon: float) -> None:
    found = cells.within(lat, lon, math.radians(12) * cells.EARTH_RADIUS_NM)
    assert cells.size_km2(found) == pytest.approx(cap(12), rel=0.02)


@pytest.mark.parametrize("west", [-20.0, 170.0, 175.0, -180.0])
def test_a_box_has_the_area_of_its_zone_wherever_it_lies(west: float) -> None:
    east = (west + 20 + 180) % 360 - 180
    found = cells.in_box(-30, west, -10, east)
    share = 20 / 360 * (math.sin(math.radians(30)) - math.sin(math.radians(10))) / 2
    assert cells.size_km2(found) == pytest.approx(WHOLE * share, rel=0.02)


def test_a_box_all_round_is_a_whole_zone() -> None:
    assert cells.size_km2(cells.in_box(0, -180, 90, 180)) == pytest.approx(WHOLE / 2, rel=0.01)


def test_a_box_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="south 5 is north of -5"):
        cells.in_box(5, 0, -5, 10)


SQUARE = [(-30.0, 170.0), (-30.0, -170.0), (-10.0, -170.0), (-10.0, 170.0)]


def test_an_outline_over_the_date_line_has_what_its_box_has() -> None:
    assert cells.in_outline(SQUARE) == cells.in_box(-30, 170, -10, -170)


@pytest.mark.parametrize("turn", [360.0, -360.0])
def test_an_outline_means_the_same_a_turn_further_on(turn: float) -> None:
    shifted = [(lat, lon + turn) for lat, lon in SQUARE]
    assert cells.in_outline(shifted) == cells.in_outline(SQUARE)


def test_it_does_not_matter_where_an_outline_begins_or_which_way_it_goes() -> None:
    whole = cells.in_outline(SQUARE)
    assert all(cells.in_outline(SQUARE[n:] + SQUARE[:n]) == whole for n in range(4))
    assert cells.in_outline(SQUARE[::-1]) == whole


@pytest.mark.parametrize("pole", [-1.0, 1.0])
@pytest.mark.parametrize("way", [-1, 1])
def test_an_outline_round_a_pole_has_the_area_of_its_cap(pole: float, way: int) -> None:
    ring = [(pole * 60.0, float(lon)) for lon in range(-180, 180, 10)][::way]
    assert cells.size_km2(cells.in_outline(ring)) == pytest.approx(cap(30), rel=0.01)


def test_an_outline_with_a_dent_leaves_the_dent_out() -> None:
    dented = [
        (0.0, 0.0),
        (0.0, 20.0),
        (20.0, 20.0),
        (20.0, 12.0),
        (5.0, 10.0),
        (20.0, 8.0),
        (20.0, 0.0),
    ]
    found = cells.in_outline(dented)
    assert h3.str_to_int(h3.latlng_to_cell(15.0, 10.0, 3)) not in found
    assert h3.str_to_int(h3.latlng_to_cell(3.0, 10.0, 3)) in found


def test_an_outline_of_two_corners_is_refused() -> None:
    with pytest.raises(ValueError, match="2 corners; it needs three"):
        cells.in_outline([(0, 0), (1, 1)])


def test_coarse_cells_are_their_children() -> None:
    coarse = h3.cell_to_parent(h3.int_to_str(CELL), 2)
    assert cells.of_mixed([coarse]) == {
        h3.str_to_int(child) for child in h3.cell_to_children(coarse, 3)
    }


def test_fine_cells_stand_for_the_cell_whose_middle_they_hold() -> None:
    word = h3.int_to_str(CELL)
    middle = h3.cell_to_center_child(word, 4)
    around = [child for child in h3.cell_to_children(word, 4) if child != middle]
    assert cells.of_mixed([middle]) == {CELL}
    assert cells.of_mixed(around) == frozenset()
    assert cells.of_mixed([word]) == {CELL}


def test_areas_that_share_no_ground_share_no_cell() -> None:
    children = h3.cell_to_children(h3.cell_to_parent(h3.int_to_str(CELL), 1), 5)
    one, other = cells.of_mixed(children[::2]), cells.of_mixed(children[1::2])
    assert not one & other
    assert one | other == cells.of_mixed(children)


@pytest.mark.parametrize("word", ["", "abc", "8394e4ffffffff", "zz"])
def test_a_word_that_is_no_cell_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=f"'{word}' is no H3 cell"):
        cells.of_mixed([word])


def test_a_cell_is_found_among_all() -> None:
    assert cells.world().cells[cells.rows_of([CELL])[0]] == CELL
    lats, lons = cells.centres([CELL])
    assert (lats[0], lons[0]) == h3.cell_to_latlng(h3.int_to_str(CELL))
    assert cells.border(CELL) == h3.cell_to_boundary(h3.int_to_str(CELL))
    assert cells.spell(CELL) == h3.int_to_str(CELL)


@pytest.mark.parametrize("cell", [0, 2**62, 0x841F8C1FFFFFFFF])
def test_what_is_no_cell_of_that_size_is_refused(cell: int) -> None:
    with pytest.raises(ValueError, match="is no cell of"):
        cells.rows_of([CELL, cell])


def test_a_great_circle_has_the_length_of_its_arc() -> None:
    quarter = math.pi / 2 * cells.EARTH_RADIUS_NM
    assert cells.great_circle(0, 0, 0, 90) == pytest.approx(quarter)
    assert cells.great_circle(-90, 10, 90, 77) == pytest.approx(2 * quarter)
    # A minute of arc is 1.8532 km on the mean sphere, and a nautical mile 1.852.
    assert cells.great_circle(0, 179.5, 0, -179.5) == pytest.approx(60.04, abs=0.005)
    assert np.shape(cells.great_circle(0.0, 0.0, np.zeros(3), np.zeros(3))) == (3,)
