from dataclasses import replace
from itertools import pairwise

import pytest

from accord.core.form import EVERYTHING, ReleaseForm
from accord.core.geometry import Circle, Point, Polyline, distance
from accord.release.coarsen import Coarsening
from support.builders import a_point
from support.forms import GRID, MILE, QUIET, WORDS


def on_grid(form: ReleaseForm = GRID, *, east: float = 0.0, north: float = 0.0) -> Coarsening:
    return Coarsening(form=form, east=east, north=north)


def test_a_point_on_the_grid_is_within_cell_and_offset_of_the_truth_and_says_so() -> None:
    for n in range(500):
        truth = a_point(lat=-41 + n * 0.0137, lon=174 + n * 0.0071)
        given = on_grid(east=MILE / 2, north=-MILE / 2).point(truth)
        assert given is not None
        assert given.circular_error == pytest.approx(1.5 * MILE)
        assert distance(truth, given) <= 1.5 * MILE


@pytest.mark.parametrize(
    ("known", "stated"), [(0.0, 1.5), (100.0, 1.5), (200.0, 2.0), (MILE, 2.5), (10 * MILE, 11.5)]
)
def test_the_error_of_the_fix_is_added_to_the_stated_one(known: float, stated: float) -> None:
    given = on_grid().point(a_point(circular_error=known))
    assert given is not None
    assert given.circular_error == pytest.approx(stated * MILE)


@pytest.mark.parametrize("known", [float("inf"), -1.0])
def test_a_point_whose_error_cannot_be_stated_is_not_given(known: float) -> None:
    assert on_grid().point(a_point(circular_error=known)) is None


def test_the_stated_error_does_not_tell_the_shift() -> None:
    errors = set[float | None]()
    for shift in (0.375 * MILE, 0.45 * MILE, 0.5 * MILE):
        given = on_grid(east=shift, north=shift / 3).point(a_point())
        errors.add(given and given.circular_error)
    assert len(errors) == 1


@pytest.mark.parametrize("lat", [89.999, 89.97, -89.95, 89.0])
@pytest.mark.parametrize("lon", [-179.99, 3.0, 120.0])
def test_near_a_pole_the_stated_error_still_holds_the_truth(lat: float, lon: float) -> None:
    truth = a_point(lat=lat, lon=lon)
    for east in (-MILE / 2, MILE / 2):
        given = on_grid(east=east, north=east).point(truth)
        assert given is not None
        assert given.circular_error is not None
        assert distance(truth, given) <= given.circular_error


def test_heights_are_left_out_of_a_coarse_point() -> None:
    given = on_grid().point(a_point(hae=123.0, linear_error=4.0))
    assert given is not None
    assert (given.hae, given.linear_error) == (None, None)


def test_a_form_without_a_cell_leaves_the_place_and_drops_the_height_it_does_not_keep() -> None:
    truth = a_point(hae=123.0, circular_error=7.0, linear_error=4.0)
    assert on_grid(WORDS).point(truth) == truth
    assert on_grid(QUIET).point(truth) == a_point(circular_error=7.0)


def a_line(*places: tuple[float, float], closed: bool = False) -> Polyline:
    return Polyline(points=tuple(Point(lat=lat, lon=lon) for lat, lon in places), closed=closed)


def test_a_line_becomes_one_of_coarse_points_that_are_not_repeated() -> None:
    line = a_line(*((-41 + n * 0.001, 174.0) for n in range(200)))
    given = on_grid().outline(line)
    assert isinstance(given, Polyline)
    assert 11 <= len(given.points) <= 14  # 0.2 degrees are 12 miles
    assert all(a != b for a, b in pairwise(given.points))
    assert not given.closed


def test_an_area_stays_an_area() -> None:
    corners = ((-41.0, 174.0), (-41.0, 174.5), (-41.5, 174.5), (-41.0, 174.0))
    given = on_grid().outline(a_line(*corners, closed=True))
    assert isinstance(given, Polyline)
    assert given.closed
    assert len(given.points) == 4


def test_a_line_that_is_lost_in_one_cell_is_not_given() -> None:
    assert on_grid().outline(a_line((-41.0, 174.0), (-41.0, 174.00001))) is None
    assert on_grid().outline(Polyline(points=())) is None


def test_a_line_with_a_point_that_cannot_be_given_is_not_given() -> None:
    bad = Point(lat=-41.0, lon=174.0, circular_error=float("inf"))
    good = (Point(lat=-42.0, lon=174.0), Point(lat=-43.0, lon=174.0))
    assert on_grid().outline(Polyline(points=(bad, *good))) is None


@pytest.mark.parametrize(("radius", "given"), [(0.0, 1), (10.0, 1), (MILE, 1), (MILE + 1, 2)])
def test_a_circle_has_a_radius_of_whole_cells(radius: float, given: int) -> None:
    circle = on_grid().outline(Circle(centre=a_point(), radius=radius))
    assert isinstance(circle, Circle)
    assert circle.radius == pytest.approx(given * MILE)
    assert circle.centre == on_grid().point(a_point())


@pytest.mark.parametrize("radius", [-1.0, float("nan"), float("inf")])
def test_a_circle_that_cannot_be_is_not_given(radius: float) -> None:
    assert on_grid().outline(Circle(centre=a_point(), radius=radius)) is None


def test_a_circle_round_nowhere_is_not_given() -> None:
    nowhere = a_point(circular_error=float("inf"))
    assert on_grid().outline(Circle(centre=nowhere, radius=5.0)) is None


def test_a_form_without_a_cell_leaves_the_radius() -> None:
    circle = Circle(centre=a_point(), radius=12.5)
    assert on_grid(replace(WORDS, keep=EVERYTHING)).outline(circle) == circle
