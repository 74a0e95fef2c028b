import math

import numpy as np
import pytest

from accord.core.geometry import Point, bearing, distance
from accord.search.sphere import (
    RADIUS_NM,
    apart,
    course,
    from_offsets,
    moved,
    offsets,
    parts,
    stepped,
    turned,
)

AUCKLAND, LEVUKA = Point(lat=-36.8, lon=174.8), Point(lat=-17.7, lon=-178.8)


def test_distance_and_course_are_those_of_the_core() -> None:
    a, b = AUCKLAND, LEVUKA
    assert float(apart(a.lat, a.lon, b.lat, b.lon)) == pytest.approx(distance(a, b) / 1852)
    assert float(course(a.lat, a.lon, b.lat, b.lon)) == pytest.approx(bearing(a, b))


def test_what_moves_there_has_come_that_far_on_that_course() -> None:
    a, b = AUCKLAND, LEVUKA
    miles = apart(a.lat, a.lon, b.lat, b.lon)
    lat, lon = moved(a.lat, a.lon, course(a.lat, a.lon, b.lat, b.lon), miles)
    assert (float(lat), float(lon)) == pytest.approx((b.lat, b.lon))


def test_offsets_lead_there_and_back_over_the_date_line() -> None:
    lats, lons = np.array([-20.5, -19.0]), np.array([-179.5, 179.0])
    east, north = offsets(-20.0, 179.9, lats, lons)
    assert (east > 0).tolist() == [True, False]
    back = from_offsets(-20.0, 179.9, east, north)
    assert np.allclose(back[0], lats)
    assert np.allclose(back[1], lons)


def test_a_short_step_is_as_good_as_a_great_circle() -> None:
    lats, lons = stepped(np.array([-45.0]), np.array([179.999]), np.array([0.3]), np.array([-0.4]))
    exact = moved(-45.0, 179.999, math.degrees(math.atan2(0.3, -0.4)), 0.5)
    assert float(apart(lats, lons, *exact)[0]) < 1e-4
    assert lons[0] < -179.9


def test_a_mile_is_a_minute_of_the_mean_sphere() -> None:
    assert math.radians(1 / 60) * RADIUS_NM == pytest.approx(1.0, abs=0.001)


def test_longitudes_turn_to_below_180() -> None:
    assert turned(np.array([180.0, 190.0, -181.0, 10.0])).tolist() == [-180.0, -170.0, 179.0, 10.0]


def test_parts_are_east_and_north() -> None:
    east, north = parts(90.0, 2.0)
    assert (float(east), float(north)) == pytest.approx((2.0, 0.0))
