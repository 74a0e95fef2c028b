"""Areas as outlines. Distances are held to the haversine of the core; polygons to CAP 3.2.4."""

import pytest

from accord.core.geometry import Point, distance
from accord.wire.cap.area import (
    CORNERS,
    LARGEST,
    MOST_CORNERS,
    MOST_OUTLINES,
    area_of,
    around,
    fitting,
    middle_of,
    outlines_in,
    read_outlines,
    spelt,
)
from accord.wire.cap.message import CapArea, CapCircle
from accord.wire.errors import Malformed

SQUARE = ((-17.0, 179.0), (-17.0, -179.0), (-19.0, -179.0), (-19.0, 179.0))


@pytest.mark.parametrize("centre", [(-16.2, 167.5), (-17.0, 179.99), (90.0, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("radius", [0.5, 80.0, LARGEST])
def test_every_corner_of_a_circle_lies_its_radius_from_the_centre(
    centre: tuple[float, float], radius: float
) -> None:
    corners = around(CapCircle(centre=centre, radius=radius))
    assert len(set(corners)) == CORNERS
    middle = Point(lat=centre[0], lon=centre[1])
    for lat, lon in corners:
        away = distance(middle, Point(lat=lat, lon=lon))
        assert away == pytest.approx(radius * 1_000.0, rel=1e-6)


def test_polygons_and_circles_are_outlines_and_what_has_no_extent_is_none() -> None:
    area = CapArea(
        description="x",
        polygons=((*SQUARE, SQUARE[0]), SQUARE, SQUARE[:2], ()),
        circles=(CapCircle(centre=(0.0, 0.0), radius=0.0), CapCircle(centre=(0, 0), radius=1e9),
                 CapCircle(centre=(0.0, 0.0), radius=1.0)),
    )  # fmt: skip
    first, second, circle = outlines_in(area)
    assert first == second == SQUARE
    assert len(circle) == CORNERS
    assert area_of("x", [SQUARE]).polygons == ((*SQUARE, SQUARE[0]),)


def test_the_middle_of_a_square_on_the_date_line_is_there() -> None:
    lat, lon = middle_of(SQUARE)
    assert (lat, abs(lon)) == (-18.0, 180.0)


def test_outlines_as_text_are_polygons_of_cap_and_come_back() -> None:
    triangle = ((1.5, 2.25), (3.0, 4.0), (5.0, 2.0))
    text = spelt([SQUARE, triangle])
    assert text.splitlines()[1] == "1.5000,2.2500 3.0000,4.0000 5.0000,2.0000 1.5000,2.2500"
    assert read_outlines(text) == (SQUARE, triangle)
    assert read_outlines("1,2 3,4 5,2") == (((1.0, 2.0), (3.0, 4.0), (5.0, 2.0)),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n", "1 to 50 outlines"),
        ("1,2 3,4 5,2\n" * (MOST_OUTLINES + 1), "1 to 50 outlines"),
        ("1,2 3,4", "three corners"),
        ("1,2 3,4 1,2", "three corners"),
        ("1,2 3,4 north", "no latitude and longitude"),
        ("1,2 3,4 91,0", "no latitude and longitude"),
        ("1,2 3,4 nan,0", "no latitude and longitude"),
        (" ".join(f"{n / 100},{n % 3}" for n in range(MOST_CORNERS + 1)), "at most 2000 corners"),
    ],
)
def test_what_is_no_area_is_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read_outlines(text)


def test_an_area_that_is_too_long_has_fewer_corners_and_says_so() -> None:
    many = around(CapCircle(centre=(-16.0, 167.0), radius=100.0))
    whole, is_whole = fitting([many], 10_000)
    assert (read_outlines(whole)[0][0], is_whole) == (pytest.approx(many[0], abs=1e-4), True)
    thin, is_whole = fitting([many], 300)
    assert not is_whole
    assert len(thin) <= 300
    assert 3 <= len(read_outlines(thin)[0]) < CORNERS
    # Where that does not do, the last outlines go.
    one, is_whole = fitting([many, many], 80)
    assert (len(read_outlines(one)), is_whole) == (1, False)
    assert fitting([many], 10) == ("", False)
    assert fitting([], 10) == ("", True)
