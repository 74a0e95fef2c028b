import math

import pytest

from accord.core.geometry import Point, distance
from accord.search.area import (
    Leg,
    best_square,
    datum,
    diverging,
    minimax,
    minimax_error,
    search_radius,
    square,
    total_error,
)
from accord.search.detection import Conditions
from accord.search.fault import SearchError

PLACE = Point(lat=-20.0, lon=179.99)


def test_without_drift_the_radius_is_the_errors_times_the_safety_factor() -> None:
    found = datum(PLACE, [], x=1.0, y=0.5, safety=1.1)
    assert (found.point, found.drift) == (PLACE, 0.0)
    assert found.radius == pytest.approx(1.65)
    assert search_radius(1.0, 0.5, 10.0) == pytest.approx(4.5)


@pytest.mark.parametrize("given", [(-1, 0, 0, 1), (0, -1, 0, 1), (0, 0, -1, 1), (0, 0, 0, 0)])
def test_errors_that_cannot_be_are_refused(given: tuple[float, float, float, float]) -> None:
    x, y, drift, safety = given
    with pytest.raises(SearchError, match="errors of"):
        search_radius(x, y, drift, safety=safety)


def test_errors_add_up_as_squares_and_two_datums_as_their_middle() -> None:
    assert total_error(3.0, 4.0, 12.0) == pytest.approx(13.0)
    assert minimax_error(10.0, 3.0, 5.0) == 9.0


def test_between_two_datums_the_middle_has_the_error_of_both() -> None:
    left, right = (
        datum(PLACE, [Leg(toward=toward, speed=2.0, hours=5.0)], x=0.0, y=0.0)
        for toward in (330.0, 30.0)
    )
    found = minimax(left, right)
    # an equilateral triangle of 10 miles; half of 10 + 3 + 3
    assert found.between == pytest.approx(10.0, abs=0.01)
    assert found.error == pytest.approx(8.0, abs=0.01)
    assert distance(found.point, PLACE) / 1852 == pytest.approx(10.0 * math.sqrt(0.75), rel=1e-3)


def test_divergence_is_to_both_sides() -> None:
    assert diverging(10.0, 30.0) == (340.0, 10.0, 40.0)


def test_a_square_lies_along_its_direction_over_the_date_line() -> None:
    corners = square(PLACE, 10.0, 90.0)
    # to the east: the left ahead is the north-east
    assert corners[0].lat > PLACE.lat
    assert corners[0].lon < 0.0
    for corner in corners:
        assert distance(PLACE, corner) / 1852 == pytest.approx(10.0 * math.sqrt(2.0))


@pytest.mark.parametrize("effort", [0.0, -1.0, float("nan"), 1e7])
def test_an_effort_that_is_none_is_refused(effort: float) -> None:
    with pytest.raises(SearchError, match="a relative effort"):
        best_square(effort, Conditions.NORMAL)
