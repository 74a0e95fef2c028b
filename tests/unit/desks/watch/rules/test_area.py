import pytest

from accord.core.geometry import Box, Circle, Point
from accord.desks.watch.rules.area import Fence, Polygon


def at(lat: float, lon: float) -> Point:
    return Point(lat=lat, lon=lon)


SQUARE = Polygon((at(0, 0), at(0, 10), at(10, 10), at(10, 0)))
# Fiji's main islands, across 180 degrees.
ACROSS = Polygon((at(-19, 177), at(-19, -178), at(-16, -178), at(-16, 177)))


@pytest.mark.parametrize(
    ("lat", "lon", "inside"), [(5, 5, True), (5, 11, False), (11, 5, False), (5, -5, False)]
)
def test_a_polygon_holds_what_is_inside(lat: float, lon: float, inside: bool) -> None:
    assert SQUARE.contains(at(lat, lon)) is inside


def test_a_hollow_in_a_polygon_is_outside() -> None:
    hook = Polygon((at(0, 0), at(0, 10), at(10, 10), at(10, 8), at(2, 8), at(2, 0)))
    assert hook.contains(at(1, 1))
    assert hook.contains(at(9, 9))
    assert not hook.contains(at(9, 1))


@pytest.mark.parametrize("lon", [177.5, 180.0, -180.0, -178.5])
def test_a_polygon_may_lie_across_the_antimeridian(lon: float) -> None:
    assert ACROSS.contains(at(-17, lon))


@pytest.mark.parametrize("lon", [176.0, -177.0, 0.0])
def test_what_is_beyond_it_is_outside(lon: float) -> None:
    assert not ACROSS.contains(at(-17, lon))


def test_a_polygon_has_three_corners() -> None:
    with pytest.raises(ValueError, match="three"):
        Polygon((at(0, 0), at(1, 1)))


@pytest.mark.parametrize(
    "area",
    [
        Circle(centre=at(-17, 180), radius=50_000),
        Box(south=-18, west=179, north=-16, east=-179),
        ACROSS,
    ],
)
def test_a_fence_says_the_same_as_its_area(area: Circle | Box | Polygon) -> None:
    fence = Fence((area,))
    for lon in (179.8, -179.8, 178.9, 0.0):
        assert fence.contains(at(-17, lon)) is area.contains(at(-17, lon))


def test_an_area_as_wide_as_an_ocean_is_one_among_others() -> None:
    fence = Fence((Box(south=-60, west=150, north=10, east=-70), SQUARE))
    assert fence.contains(at(-40, -100))
    assert fence.contains(at(5, 5))
    assert not fence.contains(at(-40, 0))
