import math
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import Point as Spot

from accord.release import area
from accord.release.area import NEAREST, Areas, Found
from accord.release.geojson import load
from support.areas import as_bytes, multi, polygon, rectangle

EARTH = 6_371_008.8
"""Metres: the mean radius of WGS-84; its own radii are within 0.56 % of it."""

SHAPES: dict[str, Any] = {
    "box": rectangle(10.0, 10.0, 11.0, 11.0),
    "wedge": polygon([(9.5, 9.5), (12.0, 10.2), (10.4, 11.8)]),
    "ring": polygon(
        [(9.0, 9.0), (12.0, 9.0), (12.0, 12.0), (9.0, 12.0)],
        [(10.2, 10.2), (10.2, 10.6), (10.6, 10.6), (10.6, 10.2)],
    ),
    "pacific": rectangle(160.0, -60.0, -150.0, 20.0),
    "cut": multi(rectangle(179.0, -1.0, 180.0, 1.0), rectangle(-180.0, -1.0, -179.0, 1.0)),
    "arctic": polygon([(-180, 85), (0, 85), (180, 85), (180, 90), (0, 90), (-180, 90)]),
}
GEOMETRIES = {name: load(as_bytes(shape)) for name, shape in SHAPES.items()}

near_edges = st.tuples(st.floats(8.9, 12.1), st.floats(8.9, 12.1))
near_180 = st.tuples(st.floats(-1.2, 1.2), st.floats(178.8, 180.0) | st.floats(-180.0, -178.8))
near_poles = st.tuples(st.floats(84.5, 90.0), st.floats(-180.0, 180.0))
anywhere = st.tuples(st.floats(-90.0, 90.0), st.floats(-180.0, 180.0))
places = near_edges | near_180 | near_poles | anywhere
radii = st.floats(0.0, 200.0) | st.floats(0.0, 50_000.0) | st.floats(0.0, 2e7) | st.just(0.0)

REMEMBERING = Areas(GEOMETRIES, limit=500)


@given(places, radii)
def test_a_cell_answers_exactly_as_geometry_does(place: tuple[float, float], radius: float) -> None:
    assert REMEMBERING.look_up(*place, radius) == computed(*place, radius)


def computed(lat: float, lon: float, radius: float) -> Found:
    """Return what geometry alone says, whatever is remembered."""
    circle = area._circle(lat, lon, max(radius, NEAREST))  # pyright: ignore[reportPrivateUsage]
    return REMEMBERING._compute(circle, tuple(SHAPES))  # pyright: ignore[reportPrivateUsage]


@given(places, st.floats(1.0, 100_000.0), st.floats(0.0, 360.0), st.floats(0.0, 0.99))
def test_where_the_report_truly_is_is_in_every_area_it_is_inside_and_in_no_other_untouched(
    place: tuple[float, float], radius: float, course: float, part: float
) -> None:
    found = REMEMBERING.look_up(*place, radius)
    lat, lon = beyond(*place, radius * part, course)
    for name, shape in GEOMETRIES.items():
        holds = any(shape.intersects(Spot(lon + turn, lat)) for turn in (-360, 0, 360))
        assert holds or name not in found.inside
        assert not holds or name in found.touched


def beyond(lat: float, lon: float, length: float, course: float) -> tuple[float, float]:
    """Return the end of a great circle on the mean sphere; metres, degrees true."""
    arc, angle, start = length / EARTH, math.radians(course), math.radians(lat)
    sine = math.sin(start) * math.cos(arc) + math.cos(start) * math.sin(arc) * math.cos(angle)
    east = math.atan2(
        math.sin(angle) * math.sin(arc) * math.cos(start), math.cos(arc) - math.sin(start) * sine
    )
    end = math.degrees(math.asin(max(-1.0, min(1.0, sine))))
    return end, (lon + math.degrees(east) + 180.0) % 360.0 - 180.0


@given(places, radii, radii)
def test_a_larger_error_is_inside_no_more_and_touches_no_less(
    place: tuple[float, float], one: float, other: float
) -> None:
    small, large = sorted((one, other))
    assume(large < 1e7)
    fine, coarse = REMEMBERING.look_up(*place, small), REMEMBERING.look_up(*place, large)
    assert coarse.inside <= fine.inside
    assert fine.touched <= coarse.touched


@given(places, radii)
def test_what_is_inside_is_touched(place: tuple[float, float], radius: float) -> None:
    found = REMEMBERING.look_up(*place, radius)
    assert found.inside <= found.touched


@given(places, radii)
def test_the_look_up_never_grows_beyond_its_limit(
    place: tuple[float, float], radius: float
) -> None:
    REMEMBERING.look_up(*place, radius)
    cells = REMEMBERING._cells  # pyright: ignore[reportPrivateUsage]
    assert len(cells) <= REMEMBERING.limit
