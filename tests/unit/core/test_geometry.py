import math

import pytest

from accord.core.geometry import (
    EARTH_MEAN_RADIUS,
    Box,
    Circle,
    Point,
    bearing,
    box_around,
    distance,
)

STATED_ERROR = 0.0056
"""Of `distance`, against the geodesic on the ellipsoid."""


def at(lat: float, lon: float) -> Point:
    return Point(lat=lat, lon=lon)


WELLINGTON, SALAMANCA = at(-41.32, 174.81), at(40.96, -5.50)
FLINDERS_PEAK = at(
    -(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600
)  # Geoscience Australia's test pair for Vincenty's formulae (GRS80)
BUNINYONG = at(-(37 + 39 / 60 + 10.15610 / 3600), 143 + 55 / 60 + 35.38390 / 3600)
LANDS_END = at(50 + 3 / 60 + 59 / 3600, -(5 + 42 / 60 + 53 / 3600))
JOHN_O_GROATS = at(58 + 38 / 60 + 38 / 3600, -(3 + 4 / 60 + 12 / 3600))


@pytest.mark.parametrize(
    ("a", "b", "geodesic"),
    [
        (WELLINGTON, SALAMANCA, 19_959_679.267),  # GeographicLib's own example, WGS-84
        (FLINDERS_PEAK, BUNINYONG, 54_972.271),  # Geoscience Australia
        (at(0.0, 0.0), at(90.0, 0.0), 10_001_965.729),  # the WGS-84 meridian quadrant
        (at(0.0, 0.0), at(0.0, 1.0), 6_378_137.0 * math.pi / 180),  # the equator is a circle
        (at(0.0, 179.5), at(0.0, -179.5), 6_378_137.0 * math.pi / 180),
    ],
)
def test_distance_is_within_its_stated_error_of_the_geodesic(
    a: Point, b: Point, geodesic: float
) -> None:
    assert distance(a, b) == pytest.approx(geodesic, rel=STATED_ERROR)
    assert distance(b, a) == pytest.approx(distance(a, b), rel=1e-12)


def test_distance_on_the_sphere_agrees_with_a_published_one() -> None:
    # Veness, "Calculate distance, bearing and more": 968.9 km for a radius of 6,371 km.
    assert distance(LANDS_END, JOHN_O_GROATS) == pytest.approx(968_900, abs=50)


def test_distance_between_antipodes_is_half_way_round() -> None:
    half_way = math.pi * EARTH_MEAN_RADIUS
    assert distance(at(0.0, 0.0), at(0.0, 180.0)) == pytest.approx(half_way)
    assert distance(at(90.0, 0.0), at(-90.0, 77.0)) == pytest.approx(half_way)


def test_distance_to_itself_is_nothing_and_a_pole_has_one_place() -> None:
    assert distance(WELLINGTON, WELLINGTON) == 0.0
    assert distance(at(90.0, 10.0), at(90.0, -120.0)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "course", "tolerance"),
    [
        (LANDS_END, JOHN_O_GROATS, 9 + 7 / 60 + 11 / 3600, 1 / 3600),  # Veness, to the second
        (at(35.0, 45.0), at(35.0, 135.0), 60.0, 0.5),  # Veness: Baghdad to Osaka starts on 60
        (FLINDERS_PEAK, BUNINYONG, 306 + 52 / 60 + 5.37 / 3600, 0.2),  # on the ellipsoid
        (at(0.0, 0.0), at(1.0, 0.0), 0.0, 1e-9),
        (at(0.0, 179.5), at(0.0, -179.5), 90.0, 1e-9),
        (at(1.0, 0.0), at(0.0, 0.0), 180.0, 1e-9),
        (at(0.0, -179.5), at(0.0, 179.5), 270.0, 1e-9),
    ],
)
def test_bearing_is_the_initial_course_degrees_true(
    a: Point, b: Point, course: float, tolerance: float
) -> None:
    assert bearing(a, b) == pytest.approx(course, abs=tolerance)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(90.1, 0.0), (-90.1, 0.0), (0.0, 180.1), (0.0, -180.1), (math.nan, 0.0), (0.0, math.nan)],
)
def test_a_point_that_cannot_be_is_refused_with_its_figures(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match=f"no such position on Earth: latitude {lat}"):
        at(lat, lon)


def test_the_ends_of_the_ranges_are_positions() -> None:
    assert at(90.0, 180.0).hae is None
    assert at(-90.0, -180.0).circular_error is None


@pytest.mark.parametrize(
    ("south", "west", "north", "east", "problem"),
    [
        (1.0, 0.0, 0.0, 1.0, "south 1.0 to north 0.0 is not a range of latitudes"),
        (-91.0, 0.0, 0.0, 1.0, "range of latitudes"),
        (0.0, 0.0, math.nan, 1.0, "range of latitudes"),
        (0.0, -181.0, 1.0, 0.0, "west -181.0, east 0.0 are not longitudes"),
        (0.0, 0.0, 1.0, 181.0, "are not longitudes"),
    ],
)
def test_a_box_that_cannot_be_is_refused(
    south: float, west: float, north: float, east: float, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Box(south=south, west=west, north=north, east=east)


def test_a_box_holds_its_edges_and_nothing_outside() -> None:
    box = Box(south=-42.0, west=174.0, north=-41.0, east=175.0)
    assert box.contains(at(-41.5, 174.5))
    assert all(box.contains(at(lat, lon)) for lat in (-42.0, -41.0) for lon in (174.0, 175.0))
    outside = [(-42.1, 174.5), (-40.9, 174.5), (-41.5, 173.9), (-41.5, 175.1)]
    assert not any(box.contains(at(lat, lon)) for lat, lon in outside)


def test_a_box_whose_west_is_greater_than_its_east_spans_the_antimeridian() -> None:
    fiji = Box(south=-20.0, west=176.0, north=-15.0, east=-178.0)
    inside = [(-18.0, 178.0), (-18.0, 180.0), (-18.0, -180.0), (-18.0, -179.0)]
    assert all(fiji.contains(at(lat, lon)) for lat, lon in inside)
    outside = [(-18.0, 175.0), (-18.0, -177.0), (-18.0, 0.0), (-14.0, 179.0)]
    assert not any(fiji.contains(at(lat, lon)) for lat, lon in outside)


def test_a_circle_holds_what_is_within_its_radius_on_any_side_of_the_antimeridian() -> None:
    circle = Circle(centre=at(-17.0, 179.9), radius=30_000.0)
    assert circle.contains(at(-17.0, -179.9))  # 0.2 degrees at 17 south are about 21 km
    assert not circle.contains(at(-17.0, -179.5))  # and 0.6 about 64 km


@pytest.mark.parametrize("field", ["hae", "circular_error", "linear_error"])
def test_a_point_has_no_height_or_error_that_is_not_a_number(field: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        Point(**{"lat": 0.0, "lon": 0.0, field: math.nan})
    assert getattr(Point(**{"lat": 0.0, "lon": 0.0, field: math.inf}), field) == math.inf


def test_the_box_around_a_circle_holds_it_across_the_antimeridian_and_over_a_pole() -> None:
    across = box_around(Circle(centre=Point(lat=-17.0, lon=179.9), radius=50_000.0))
    assert across.west > across.east
    # 50 km are 0.47 degrees of longitude at 17 degrees south.
    assert across.contains(Point(lat=-17.0, lon=-179.64))
    assert not across.contains(Point(lat=-17.0, lon=-179.5))
    pole = box_around(Circle(centre=Point(lat=89.9, lon=10.0), radius=50_000.0))
    assert (pole.west, pole.east, pole.north) == (-180.0, 180.0, 90.0)
    assert pole.contains(Point(lat=89.9, lon=-170.0))
