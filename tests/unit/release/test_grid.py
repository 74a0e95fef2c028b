import math

import pytest

from accord.core.geometry import Point, distance
from accord.release.grid import cell_at, moved

MILE = 1852.0


ECCENTRICITY_SQUARED = 0.00669437999014  # WGS-84 (NIMA TR8350.2, table 3.3)


def size_of_cell(lat: float, side: float) -> tuple[float, float]:
    """Return height and width in degrees, from the centres of the next cells north and east."""
    here, step = cell_at(lat, 10.0, side), side / 500_000
    north, east = here, here
    while north[0] == here[0]:
        lat += step
        north = cell_at(lat, 10.0, side)
    lon = 10.0
    while east[1] == here[1] and lon < 400.0:
        lon += step
        east = cell_at(here.lat, (lon + 180.0) % 360.0 - 180.0, side)
    return north.lat - here.lat, (east.lon - here.lon) % 360.0 or 360.0


def test_cells_at_the_equator_divide_a_degree_of_published_length() -> None:
    # A degree of WGS-84 at the equator: 110,574.3 m of latitude, 111,319.5 m of longitude.
    height, width = size_of_cell(0.001, 1000.0)
    assert height == pytest.approx(1000 / 110_574.3, rel=1e-3)
    assert width == pytest.approx(1000 / 111_319.5, rel=1e-3)


@pytest.mark.parametrize("lat", [-89.9, -60.0, -0.004, 0.0, 41.28, 88.0])
@pytest.mark.parametrize("side", [1000.0, MILE, 10 * MILE, 300_000.0])
def test_a_cell_is_nowhere_narrower_than_its_side(lat: float, side: float) -> None:
    lat = min(lat, 90 - side / 50_000)
    height, width = size_of_cell(lat, side)
    shortest_degree = 110_574.27
    assert height * shortest_degree >= side * 0.9999
    edge = math.radians(abs(cell_at(lat, 10.0, side).lat) + height / 2)
    parallel = (
        6_378_137 * math.cos(edge) / math.sqrt(1 - ECCENTRICITY_SQUARED * math.sin(edge) ** 2)
    )
    assert width == 360.0 or math.radians(width) * parallel >= side * 0.9999


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(90.0, 0.0), (90.0, 180.0), (-90.0, -180.0), (0.0, 180.0), (0.0, -180.0), (89.99, 33.0)],
)
@pytest.mark.parametrize("side", [10.0, MILE, 1_000_000.0])
def test_every_place_has_a_cell_that_reaches_it(lat: float, lon: float, side: float) -> None:
    cell = cell_at(lat, lon, side)
    away = distance(Point(lat=cell.lat, lon=cell.lon), Point(lat=lat, lon=lon))
    assert away <= cell.reach * 1.0056 + 0.2


def test_180_west_and_180_east_are_one_place() -> None:
    assert cell_at(12.0, 180.0, MILE) == cell_at(12.0, -180.0, MILE)


def test_the_cap_round_a_pole_is_one_cell() -> None:
    caps = {cell_at(89.999, lon, MILE)[:2] for lon in range(-180, 180, 7)}
    assert len(caps) == 1


def test_one_cell_can_be_all_there_is() -> None:
    assert cell_at(45.0, 45.0, 1e9)[:2] == (0.0, 0.0)


def test_a_centre_has_six_decimals() -> None:
    cell = cell_at(-41.28, 174.77, MILE)
    assert (cell.lat, cell.lon) == (round(cell.lat, 6), round(cell.lon, 6))


@pytest.mark.parametrize(
    ("start", "east", "north", "end"),
    [
        ((0.0, 0.0), 111_319.49, 0.0, (0.0, 1.0)),  # a degree of the WGS-84 equator
        ((0.0, 0.0), 0.0, 111_319.49, (1.0, 0.0)),
        ((60.0, 0.0), 55_659.75, 0.0, (60.0, 1.0)),  # half as long where the cosine is a half
        ((0.0, 179.5), 111_319.49, 0.0, (0.0, -179.5)),
        ((0.0, -179.5), -111_319.49, 0.0, (0.0, 179.5)),
        ((89.5, 20.0), 0.0, 111_319.49, (90.0, 20.0)),
        ((-89.5, 20.0), 0.0, -111_319.49, (-90.0, 20.0)),
    ],
)
def test_a_place_moves_by_metres(
    start: tuple[float, float], east: float, north: float, end: tuple[float, float]
) -> None:
    assert moved(*start, east=east, north=north) == pytest.approx(end, abs=1e-6)


@pytest.mark.parametrize("lat", [0.0, -45.0, 80.0, 89.999, 90.0])
@pytest.mark.parametrize(("east", "north"), [(900.0, 0.0), (-700.0, -900.0), (900.0, 900.0)])
def test_nothing_moves_further_than_it_is_to(lat: float, east: float, north: float) -> None:
    there = moved(lat, 10.0, east=east, north=north)
    away = distance(Point(lat=lat, lon=10.0), Point(lat=there[0], lon=there[1]))
    assert away <= math.hypot(east, north) * 1.0056
