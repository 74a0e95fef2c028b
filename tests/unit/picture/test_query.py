from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Area, Box, Circle, Point
from accord.core.identity import Identity
from accord.core.kind import Affiliation, Kind
from accord.core.report import Report, Source
from accord.core.track import Track, TrackStatus
from accord.picture.query import Cells, Filter, cell_of
from support.builders import a_report
from support.clock import START

WORLD = Box(south=-90.0, west=-180.0, north=90.0, east=180.0)


def a_track(status: TrackStatus = TrackStatus.LIVE, **changes: Any) -> Track:
    report: Report = a_report(**changes)
    return Track(
        id=report.uid,
        context=report.context,
        claims={report.source: report},
        lead=report,
        status=status,
    )


def at(lat: float, lon: float) -> Point:
    return Point(lat=lat, lon=lon)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Filter(context=LIVE), True),
        (Filter(context=Context.exercise("X")), False),
        (Filter(context=LIVE, statuses=frozenset({TrackStatus.LIVE})), True),
        (Filter(context=LIVE, statuses=frozenset({TrackStatus.LOST})), False),
        (Filter(context=LIVE, newer_than=START - timedelta(seconds=1)), True),
        (Filter(context=LIVE, newer_than=START), False),
        (Filter(context=LIVE, groups=frozenset({"Blue", "Red"})), True),
        (Filter(context=LIVE, groups=frozenset({"Red"})), False),
        (Filter(context=LIVE, kinds=("a-.-S", "a-f-G")), True),
        (Filter(context=LIVE, kinds=("a-.-S",)), False),
        (Filter(context=LIVE, area=Circle(centre=at(-41.3, 174.8), radius=10_000)), True),
        (Filter(context=LIVE, area=Circle(centre=at(-36.8, 174.8), radius=10_000)), False),
    ],
)
def test_each_part_of_a_filter_narrows(wanted: Filter, matches: bool) -> None:
    track = a_track(kind=Kind.of("a-f-G-U-C"))  # in Wellington
    assert wanted.matches(track) is matches


SHIP = Identity(name="RANGITATA", callsign="ZMRA", mmsi="512000123", imo="9074729", icao="c81234")


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("U-17", True),
        ("u-1", True),
        ("rangi", True),
        ("ITATA", True),
        ("zmra", True),
        ("000123", True),
        ("9074", True),
        ("C812", True),
        ("a-N-s", True),
        ("n-S-X", False),  # a type is found by its beginning
        ("moana", False),
        ("", True),
    ],
)
def test_text_finds_a_uid_a_name_a_number_or_the_beginning_of_a_type(
    text: str, finds: bool
) -> None:
    track = a_track(uid="U-17", identity=SHIP, kind=Kind.of("a-n-S-X-M"))
    assert Filter(context=LIVE, text=text).matches(track) is finds


def test_text_finds_nothing_in_what_is_not_said() -> None:
    assert not Filter(context=LIVE, text="none").matches(a_track(identity=Identity()))


def test_one_of_several_sides_and_of_several_sources_will_do() -> None:
    source = Source(node="USA-PAC", channel="partner:USA-PAC", speaker="x")
    track = a_track(kind=Kind.of("a-n-S"), source=source)
    for sides, finds in (("n", True), ("fn", True), ("f", False)):
        wanted = Filter(context=LIVE, affiliations=frozenset(map(Affiliation, sides)))
        assert wanted.matches(track) is finds
    for sources, finds in (
        ({"partner:USA-PAC", "tak"}, True), ({"USA-PAC"}, True), ({"x"}, False)
    ):  # fmt: skip
        assert Filter(context=LIVE, sources=frozenset(sources)).matches(track) is finds
    drawing = a_track(kind=Kind.of("u-d-f"))
    assert not Filter(context=LIVE, affiliations=frozenset(Affiliation)).matches(drawing)


def test_what_is_nowhere_is_in_no_area() -> None:
    nowhere = a_track(body=Position(point=None))
    assert Filter(context=LIVE).matches(nowhere)
    assert not Filter(context=LIVE, area=WORLD).matches(nowhere)


def test_cells_are_one_degree_wide_and_the_antimeridian_is_one_meridian() -> None:
    assert cell_of(at(-41.9, 174.1)) == cell_of(at(-41.1, 174.9))
    assert cell_of(at(-41.1, 174.9)) != cell_of(at(-41.1, 175.1))
    assert cell_of(at(0.0, 180.0)) == cell_of(at(0.0, -180.0))


def cells_with(*points: Point) -> Cells[Point]:
    cells: Cells[Point] = Cells()
    for point in points:
        cells.move(point, None, cell_of(point))
    return cells


CROWD = tuple(at(lat + 0.5, lon + 0.5) for lat in range(-90, 90, 5) for lon in range(-180, 180, 5))
"""Enough cells that a small area is looked up cell by cell."""


@pytest.mark.parametrize("others", [(), CROWD], ids=["few cells", "many cells"])
@pytest.mark.parametrize(
    ("area", "inside"),
    [
        (Box(south=-42.0, west=174.0, north=-41.0, east=175.0), [(-41.5, 174.5), (-41.0, 175.0)]),
        (
            Box(south=-20.0, west=176.0, north=-15.0, east=-178.0),
            [(-18.0, 176.0), (-18.0, 180.0), (-18.0, -180.0), (-15.0, -178.0)],
        ),
        (Box(south=0.0, west=10.9, north=0.0, east=10.1), [(0.0, 11.5), (0.0, 10.0), (0.0, -5.0)]),
        (WORLD, [(90.0, 0.0), (-90.0, 180.0), (0.0, -180.0)]),
        (
            Circle(centre=at(-17.0, 179.9), radius=50_000.0),
            [(-17.0, -179.8), (-17.0, 179.5), (-16.6, 179.9)],
        ),
        (Circle(centre=at(89.9, 0.0), radius=50_000.0), [(89.9, 180.0), (90.0, 50.0)]),
        (Circle(centre=at(-89.9, 0.0), radius=50_000.0), [(-89.9, 180.0), (-90.0, 50.0)]),
        (Circle(centre=at(80.0, 0.0), radius=1_200_000.0), [(80.0, 50.0), (89.5, 170.0)]),
        (Circle(centre=at(0.0, 0.0), radius=20_100_000.0), [(0.0, 180.0), (-90.0, 0.0)]),
        (Circle(centre=at(10.0, 20.0), radius=0.0), [(10.0, 20.0)]),
    ],
)
def test_nothing_inside_an_area_is_overlooked(
    area: Area, inside: list[tuple[float, float]], others: tuple[Point, ...]
) -> None:
    points = {at(lat, lon) for lat, lon in inside}
    near = list(cells_with(*points, *others).near(area))
    assert points <= set(near)
    assert len(near) == len(set(near))


def test_what_is_far_away_is_not_even_looked_at() -> None:
    cells = cells_with(*CROWD)
    small = Box(south=-40.5, west=170.1, north=-39.1, east=175.9)
    assert 0 < len(list(cells.near(small))) <= 4
    assert len(list(cells_with(CROWD[0], CROWD[-1]).near(small))) == 0


def test_a_thing_is_in_one_cell_or_none_and_empty_cells_go() -> None:
    cells: Cells[str] = Cells()
    cells.move("thing", None, 7)
    cells.move("other", None, 7)
    cells.move("thing", 7, 8)
    assert sorted(cells.near(WORLD)) == ["other", "thing"]
    cells.move("other", 7, None)
    assert len(cells) == 1
    cells.move("thing", 8, None)
    assert len(cells) == 0
