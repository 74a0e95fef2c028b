import math

import pytest

from accord.release.area import FARTHEST, Areas, Found
from accord.release.geojson import load
from support.areas import as_bytes, multi, polygon, rectangle

NOTHING: frozenset[str] = frozenset()


def areas(limit: int = 1000, **shapes: object) -> Areas:
    return Areas({name: load(as_bytes(shape)) for name, shape in shapes.items()}, limit=limit)


def named(*names: str) -> frozenset[str]:
    return frozenset(names)


# A degree of WGS-84 in metres, as tabled by NGA: of latitude 110,574 at 0, 111,132 at 45 and
# 111,412 at 60 degrees; of longitude 111,320, 78,847 and 55,800.


@pytest.mark.parametrize(
    ("lat", "degree_north", "degree_east"),
    [(0.0, 110_574, 111_320), (45.0, 111_132, 78_847), (-60.0, 111_412, 55_800)],
)
def test_inside_is_what_lies_in_an_area_with_all_of_its_error(
    lat: float, degree_north: float, degree_east: float
) -> None:
    box = areas(box=rectangle(10.0, lat - 1.0, 12.0, lat + 1.0))
    for position, edge in (
        ((lat, 11.99), 0.01 * degree_east),
        ((lat, 10.01), 0.01 * degree_east),
        ((lat + 0.99, 11.0), 0.01 * degree_north),
        ((lat - 0.99, 11.0), 0.01 * degree_north),
    ):
        assert box.inside(*position, edge * 0.96) == named("box")
        assert box.inside(*position, edge * 1.001) == NOTHING
        assert box.touched(*position, edge * 1.001) == named("box")


@pytest.mark.parametrize(
    ("lat", "degree_north", "degree_east"),
    [(0.0, 110_574, 111_320), (45.0, 111_132, 78_847), (-60.0, 111_412, 55_800)],
)
def test_touched_is_what_any_of_the_error_may_overlap(
    lat: float, degree_north: float, degree_east: float
) -> None:
    box = areas(box=rectangle(10.0, lat - 1.0, 12.0, lat + 1.0))
    for position, edge in (
        ((lat, 12.01), 0.01 * degree_east),
        ((lat, 9.99), 0.01 * degree_east),
        ((lat + 1.01, 11.0), 0.01 * degree_north),
        ((lat - 1.01, 11.0), 0.01 * degree_north),
    ):
        assert box.touched(*position, edge * 1.001) == named("box")
        assert box.touched(*position, edge * 0.96) == NOTHING


def test_what_is_on_the_edge_touches_the_area_and_is_not_inside() -> None:
    box = areas(box=rectangle(10.0, 0.0, 12.0, 1.0))
    for place in ((1.0, 12.0), (1.0, 11.0), (0.5, 12.0)):
        assert box.look_up(*place, 0.0) == Found(NOTHING, named("box"))
    assert box.look_up(0.9999999, 11.9999999, 0.0) == Found(named("box"), named("box"))


@pytest.mark.parametrize("radius", [0.0, 5e-324, 1e-9, 0.001])
def test_an_error_of_next_to_nothing_is_one_of_a_millimetre(radius: float) -> None:
    poles = areas(north=ARCTIC)
    assert poles.look_up(90.0, 0.0, radius) == Found(named("north"), named("north"))
    assert poles.look_up(70.0, 0.0, radius) == Found(NOTHING, named("north"))


def test_a_corner_is_cut_by_the_circle_and_not_by_the_square_round_it() -> None:
    # 1,000 m to the north and east of the corner it is 1,414 m away.
    north, east = 1000 / 110_574, 1000 / 111_320
    box = areas(box=rectangle(-1.0, -1.0, 0.0, 0.0))
    assert box.touched(north, east, 1350.0) == NOTHING
    assert box.touched(north, east, 1420.0) == named("box")


def test_a_hole_is_outside() -> None:
    ring = [(0.0, 0.0), (3.0, 0.0), (3.0, 3.0), (0.0, 3.0)]
    hole = [(1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (2.0, 1.0)]
    around = areas(around=polygon(ring, hole))
    assert around.look_up(1.5, 1.5, 10.0) == Found(NOTHING, NOTHING)
    assert around.look_up(0.5, 0.5, 10.0) == Found(named("around"), named("around"))
    assert around.inside(1.5, 0.995, 1000.0) == NOTHING


@pytest.mark.parametrize(
    "across",
    [
        rectangle(170.0, -50.0, -170.0, -30.0),
        multi(rectangle(170.0, -50.0, 180.0, -30.0), rectangle(-180.0, -50.0, -170.0, -30.0)),
        rectangle(-190.0 + 360.0, -50.0, -170.0, -30.0),
    ],
)
@pytest.mark.parametrize("lon", [180.0, -180.0, 179.99, -179.99, 179.5, -179.5])
def test_an_area_goes_on_across_180_degrees(across: object, lon: float) -> None:
    found = areas(across=across).look_up(-40.0, lon, 5000.0)
    assert found == Found(named("across"), named("across"))


def test_an_error_reaches_across_180_degrees() -> None:
    east = areas(east=rectangle(-180.0, -50.0, -170.0, -30.0))
    assert east.look_up(-40.0, 179.99, 5000.0) == Found(NOTHING, named("east"))
    assert east.look_up(-40.0, 179.9, 5000.0) == Found(NOTHING, NOTHING)
    assert east.look_up(-40.0, -179.99, 5000.0) == Found(NOTHING, named("east"))


ARCTIC = polygon([(-180, 70), (0, 70), (180, 70), (180, 90), (0, 90), (-180, 90)])
ANTARCTIC = polygon([(-180, -90), (0, -90), (180, -90), (180, -70), (0, -70), (-180, -70)])


@pytest.mark.parametrize("lon", [-180.0, -3.0, 120.0])
def test_areas_round_a_pole_hold_what_is_at_it(lon: float) -> None:
    poles = areas(north=ARCTIC, south=ANTARCTIC)
    assert poles.look_up(90.0, lon, 1000.0) == Found(named("north"), named("north"))
    assert poles.look_up(-90.0, lon, 1000.0) == Found(named("south"), named("south"))
    assert poles.look_up(89.9, lon, 50_000.0).inside == named("north")
    assert poles.look_up(-71.0, lon, 200_000.0) == Found(NOTHING, named("south"))


def test_an_error_reaches_over_a_pole() -> None:
    # 90 N is 111.7 km away and the area 111.7 km beyond.
    beyond = areas(beyond=rectangle(170.0, 80.0, 180.0, 89.0))
    assert beyond.touched(89.0, 0.0, 224_000.0) == named("beyond")
    assert beyond.touched(89.0, 0.0, 60_000.0) == NOTHING


def test_an_error_of_half_the_world_is_anywhere() -> None:
    world = areas(
        half=polygon([(0, -90), (170, -90), (170, 90), (0, 90)]),
        small=rectangle(0.0, 0.0, 0.1, 0.1),
    )
    everything = Found(NOTHING, named("half", "small"))
    assert world.look_up(50.0, 90.0, 19_000_000.0) == everything
    assert world.look_up(50.0, 90.0, FARTHEST) == everything


def test_a_wide_error_short_of_a_pole_goes_round_the_world() -> None:
    far = areas(far=rectangle(-100.0, -1.0, -99.0, 1.0), north=rectangle(0.0, 89.8, 1.0, 89.9))
    found = far.look_up(0.0, 90.0, 9_800_000.0)
    assert found.touched >= named("far")
    assert found.inside == NOTHING


@pytest.mark.parametrize(
    "place",
    [
        (None, 11.0, 10.0),
        (0.0, None, 10.0),
        (0.0, 11.0, None),
        (0.0, 11.0, -1.0),
        (0.0, 11.0, math.nan),
        (0.0, 11.0, math.inf),
    ],
)
def test_what_is_not_known_is_inside_nothing_and_may_touch_everything(
    place: tuple[float | None, float | None, float | None],
) -> None:
    two = areas(box=rectangle(10.0, -1.0, 12.0, 1.0), far=rectangle(50.0, 50.0, 51.0, 51.0))
    assert two.look_up(*place) == Found(NOTHING, named("box", "far"))
    assert two.inside(*place) == NOTHING
    assert two.touched(*place) == named("box", "far")


def test_no_areas_hold_nothing() -> None:
    assert areas().look_up(0.0, 0.0, 10.0) == Found(NOTHING, NOTHING)


def test_a_cell_well_inside_or_outside_answers_without_geometry() -> None:
    box = areas(box=rectangle(10.0, -1.0, 12.0, 1.0))
    for n in range(100):
        assert box.inside(0.001 + n * 5e-5, 11.002, 10.0) == named("box")
        assert box.inside(20.001 + n * 5e-5, 11.002, 10.0) == NOTHING
    assert (box.hits, box.computed) == (200, 0)


def test_a_cell_on_the_edge_is_computed_each_time_and_gives_each_its_own_answer() -> None:
    box = areas(box=rectangle(10.0, -1.0, 12.0053, 1.0))
    assert box.inside(0.001, 12.0051, 10.0) == named("box")
    assert box.inside(0.001, 12.0055, 10.0) == NOTHING
    assert (box.hits, box.computed) == (0, 2)


def test_near_an_edge_a_finer_cell_answers_without_geometry() -> None:
    box = areas(box=rectangle(10.0, -1.0, 12.0053, 1.0))
    assert box.inside(0.001, 12.0010, 10.0) == named("box")
    assert box.inside(0.001, 12.0090, 10.0) == NOTHING
    assert (box.hits, box.computed) == (2, 0)


def test_a_larger_error_has_a_cell_of_its_own() -> None:
    box = areas(box=rectangle(10.0, -1.0, 12.0, 1.0))
    assert box.inside(0.5, 11.0, 10.0) == named("box")
    assert box.inside(0.5, 11.0, 60_000.0) == NOTHING
    assert box.inside(0.5, 11.0, 10.0) == named("box")


def test_the_cache_keeps_to_its_limit_and_still_answers() -> None:
    box = areas(limit=3, box=rectangle(10.0, -1.0, 12.0, 1.0))
    for n in range(10):
        assert box.inside(0.0, 11.0 + n / 50, 10.0) == named("box")
    assert box.dropped == 7
    assert box.inside(0.0, 11.0, 10.0) == named("box")
    assert box.dropped == 8
