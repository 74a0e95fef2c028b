from typing import Any

import pytest
from shapely import Polygon
from shapely.geometry import shape as shape_of

from accord.api.outline import geometry_of_outline
from accord.core.geometry import Point, Polyline


def drawn(*corners: tuple[float, float], closed: bool = True) -> dict[str, Any]:
    points = tuple(Point(lat=lat, lon=(lon + 180.0) % 360.0 - 180.0) for lon, lat in corners)
    return geometry_of_outline(Polyline(points=points, closed=closed))


def shape(said: dict[str, Any]) -> Any:
    return shape_of(said)


SQUARE = ((170, -10), (190, -10), (190, 10), (170, 10))
COMB = ((170, 0), (190, 0), (190, 10), (175, 10), (175, 20), (190, 20), (190, 30), (170, 30))
WESTERN_COMB = tuple((360 - lon, lat) for lon, lat in COMB)
WITH_A_CORNER_ON_IT = ((170, 0), (180, 5), (190, 0), (190, 20), (170, 20))


@pytest.mark.parametrize("corners", [SQUARE, COMB, WESTERN_COMB, WITH_A_CORNER_ON_IT])
@pytest.mark.parametrize("is_turned", [False, True])
def test_an_area_across_the_antimeridian_is_areas_that_cover_the_same(
    corners: tuple[tuple[float, float], ...], is_turned: bool
) -> None:
    said = drawn(*(corners[::-1] if is_turned else corners))
    assert said["type"] == "MultiPolygon"
    found = shape(said)
    assert found.is_valid
    assert all(part.exterior.is_ccw for part in found.geoms)
    assert found.area == pytest.approx(Polygon(corners).area)
    assert (found.bounds[0], found.bounds[2]) == (-180.0, 180.0)
    for part in found.geoms:
        assert part.bounds[2] - part.bounds[0] < 180.0


def test_a_comb_has_a_part_for_each_tooth() -> None:
    assert len(shape(drawn(*COMB)).geoms) == 3


def test_an_area_elsewhere_is_one_that_runs_against_the_clock() -> None:
    said = drawn((10, 0), (10, 10), (20, 10), (20, 0))
    assert said["type"] == "Polygon"
    assert shape(said).exterior.is_ccw


def test_an_area_that_touches_the_antimeridian_is_whole() -> None:
    said = drawn((170, 0), (179.999, 0), (179.999, 10), (170, 10))
    assert said["type"] == "Polygon"


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(((0, 80), (120, 80), (240, 80)), id="round the pole"),
        pytest.param(((170, 0), (190, 20), (190, 0), (170, 20), (185, 10)), id="through itself"),
    ],
)
def test_what_is_no_area_on_the_map_is_its_line(corners: tuple[tuple[float, float], ...]) -> None:
    said = drawn(*corners)
    assert said["type"] in ("MultiLineString", "MultiPolygon")
    assert said["coordinates"]


def test_a_line_is_cut_where_it_crosses() -> None:
    assert drawn((179, 0), (181, 2), closed=False) == {
        "type": "MultiLineString",
        "coordinates": [[[179.0, 0.0], [180.0, 1.0]], [[-180.0, 1.0], [-179.0, 2.0]]],
    }
    assert drawn((10, 0), (20, 0), closed=False)["type"] == "LineString"


def test_two_corners_are_a_line_there_and_back() -> None:
    assert drawn((10, 0), (20, 0)) == {
        "type": "LineString",
        "coordinates": [[10.0, 0.0], [20.0, 0.0], [10.0, 0.0]],
    }
