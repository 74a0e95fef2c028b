from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from accord.core.geometry import Point
from accord.search.cloud import Cloud, Drift, middle
from accord.search.fault import SearchError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FOUR = np.full(4, 0.25)


def drift() -> Drift:
    start = NOON.timestamp()
    return Drift(
        times=np.array([start, start + 600.0, start + 1200.0]),
        lats=np.array([[-20.0], [-20.0], [-21.0]]),
        lons=np.array([[179.9], [-179.9], [-179.9]]),
        weights=np.array([1.0]),
    )


def test_the_middle_is_a_place_on_either_side_of_the_date_line() -> None:
    lats, lons = np.array([-20.0, -20.0, -21.0, -19.0]), np.array([179.0, -179.0, 180.0, 180.0])
    found = Cloud(when=NOON, lats=lats, lons=lons, weights=FOUR).mean
    assert found.lat == pytest.approx(-20.0, abs=0.01)
    assert abs(found.lon) == pytest.approx(180.0)


def test_what_weighs_more_draws_the_middle_to_itself() -> None:
    lat, lon = middle(np.array([0.0, 0.0]), np.array([10.0, 14.0]), np.array([0.75, 0.25]))
    assert (lat, lon) == pytest.approx((0.0, 11.0), abs=0.01)


def test_the_radius_holds_the_share_of_the_weight() -> None:
    lats = np.array([0.0, 1.0, -1.0, 0.0])
    cloud = Cloud(when=NOON, lats=lats, lons=np.zeros(4), weights=np.array([0.4, 0.3, 0.3, 0.0]))
    assert cloud.radius(0.3) == pytest.approx(0.0, abs=1e-6)
    assert cloud.radius(0.6) == pytest.approx(60.0, rel=0.01)
    assert cloud.radius(1.0) == pytest.approx(60.0, rel=0.01)
    assert cloud.radius(2.0) == pytest.approx(60.0, rel=0.01)


def test_between_two_times_a_particle_is_on_the_short_way_between_its_places() -> None:
    found = drift()
    assert (found.begin, found.end) == (NOON, NOON + timedelta(minutes=20))
    cloud = found.at(NOON + timedelta(minutes=5))
    assert abs(cloud.lons[0]) == pytest.approx(180.0)
    cloud = found.at(NOON + timedelta(minutes=15))
    assert (cloud.lats[0], cloud.lons[0]) == pytest.approx((-20.5, -179.9))
    assert found.at(found.end).lats[0] == pytest.approx(-21.0)


@pytest.mark.parametrize("minutes", [-1, 21])
def test_a_time_outside_of_the_drift_is_refused_with_the_times_that_are_known(minutes: int) -> None:
    with pytest.raises(SearchError, match="from 011200Z JAN 2026 to 011220Z JAN 2026"):
        drift().at(NOON + timedelta(minutes=minutes))


def test_the_weight_beside_a_line_is_that_within_so_many_miles_of_it() -> None:
    # One degree of latitude is 60 miles: two of four lie within ten miles of the meridian.
    lats, lons = np.array([0.0, 0.5, 0.5, 2.0]), np.array([180.0, 179.9, 179.0, 180.0])
    cloud = Cloud(when=NOON, lats=lats, lons=lons, weights=np.array([0.1, 0.2, 0.3, 0.4]))
    line = [Point(lat=0.0, lon=180.0), Point(lat=1.0, lon=-180.0)]
    assert cloud.beside(line, 10.0) == pytest.approx(0.3)
    assert cloud.beside(line, 61.0) == pytest.approx(1.0)
    assert cloud.beside(line[:1] * 2, 1.0) == pytest.approx(0.1)
