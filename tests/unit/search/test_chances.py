from datetime import UTC, datetime

import h3.api.basic_int as h3
import numpy as np
import pytest

from accord.search.chances import (
    COARSEST,
    MOST_CELLS,
    cells,
    cells_of,
    counted,
    fitting,
    looked_up,
)
from accord.search.cloud import Cloud
from accord.search.sphere import from_offsets

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def cloud(spread: float, lon: float = 180.0) -> Cloud:
    numbers = np.random.default_rng(7)
    east, north = numbers.normal(0.0, spread, (2, 500))
    lats, lons = from_offsets(-20.0, lon, east, north)
    return Cloud(when=NOON, lats=lats, lons=lons, weights=np.full(500, 1 / 500))


def test_the_cells_of_a_cloud_sum_to_one_and_are_about_it() -> None:
    found = cells(cloud(10.0))
    assert sum(each.chance for each in found) == pytest.approx(1.0)
    assert [each.cell for each in found] == sorted(each.cell for each in found)
    lat, _ = found[0].border[0]
    assert -22.0 < lat < -18.0


def test_weight_is_counted_and_not_particles() -> None:
    lats, lons = np.array([-20.0, -20.0, -30.0]), np.array([175.0, 175.0, 175.0])
    where = cells_of(lats, lons, 5)
    found = {each.cell: each.chance for each in counted(where, np.array([0.1, 0.1, 0.6]))}
    assert sorted(found.values()) == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("spread", [0.01, 1.0, 10.0, 100.0, 1000.0])
def test_a_map_has_a_resolution_that_it_can_show(spread: float) -> None:
    found = fitting(cloud(spread))
    assert COARSEST <= found <= 9
    if spread < 100.0:
        assert len(cells(cloud(spread))) <= MOST_CELLS
    assert h3.get_resolution(h3.str_to_int(cells(cloud(spread))[0].cell)) == found


def test_a_place_finds_the_amount_of_its_cell() -> None:
    lats, lons = np.array([-20.0, -30.0]), np.array([175.0, 175.0])
    here = h3.int_to_str(cells_of(lats, lons, 6)[0])
    assert looked_up(lats, lons, [(here, 0.7)]).tolist() == [0.7, 0.0]
    assert looked_up(lats, lons, []).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("words", [["x"], ["8428309ffffffff", "8528308bfffffff"], ["8"]])
def test_words_that_are_no_cells_of_one_resolution_are_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"no H3 cell|one resolution"):
        looked_up(np.array([0.0]), np.array([0.0]), [(word, 0.5) for word in words])
