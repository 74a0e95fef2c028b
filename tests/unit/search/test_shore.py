import numpy as np

from accord.core.geometry import Point
from accord.search.shore import is_on_land, is_sea
from accord.storage import charts


def test_a_place_on_land_is_told_from_one_at_sea() -> None:
    wet = charts.sea_mask()
    alice_springs, tasman = Point(lat=-23.7, lon=133.9), Point(lat=-40.0, lon=160.0)
    assert is_on_land(wet, alice_springs)
    assert not is_on_land(wet, tasman)


def test_the_corners_of_the_earth_are_places_as_well() -> None:
    wet = np.zeros((1800, 3600), dtype=np.uint8)
    wet[1799, 0] = wet[0, 1800] = 1
    lats, lons = np.array([90.0, -90.0, 90.0]), np.array([180.0, 0.0, 0.0])
    assert is_sea(wet, lats, lons).tolist() == [True, True, False]
