import math

import pytest

from accord.wire.asterix.polar import Site, place
from accord.wire.errors import Malformed

EQUATOR = Site(0.0, 0.0, 0.0)
A = 6_378_137.0


def test_along_the_equator_the_range_is_the_chord_of_its_circle() -> None:
    lat, lon = place(EQUATOR, 2 * A * math.sin(math.radians(2.0) / 2), 90.0, 0.0)
    assert (lat, lon) == pytest.approx((0.0, 2.0), abs=1e-9)


def test_straight_up_is_right_above() -> None:
    assert place(Site(45.0, 9.0, 100.0), 9_900.0, 77.0, 10_000.0) == pytest.approx(
        (45.0, 9.0), abs=1e-6
    )


def test_nothing_away_is_the_radar_itself() -> None:
    assert place(Site(45.0, 9.0, 100.0), 0.0, 0.0, 100.0) == pytest.approx((45.0, 9.0))


def test_a_height_that_the_range_does_not_reach_is_right_above() -> None:
    assert place(Site(45.0, 9.0, 0.0), 1_000.0, 0.0, 20_000.0) == pytest.approx((45.0, 9.0))


@pytest.mark.parametrize(
    ("lat", "lon", "height", "rho", "theta"),
    [
        # pymap3d 3, geodetic2aer from 41.3 S 174.8 E, 500 m.
        (-40.1, 176.2, 9_144.0, 178_539.66145895, 42.0606789911),
        (-42.0, 173.5, 500.0, 133_317.58640365, 233.8940173512),
    ],
)
def test_places_are_as_pymap3d_has_them(
    lat: float, lon: float, height: float, rho: float, theta: float
) -> None:
    found = place(Site(-41.3, 174.8, 500.0), rho, theta, height)
    assert found == pytest.approx((lat, lon), abs=1e-6)


def test_a_range_through_the_earth_is_refused() -> None:
    with pytest.raises(Malformed):
        place(EQUATOR, 20_000_000.0, 0.0, 0.0)
