"""A query by area finds what looking at every track would find."""

from hypothesis import given
from hypothesis import strategies as st

from accord.core.body import Position
from accord.core.context import LIVE
from accord.core.geometry import Area, Box, Circle, Point
from accord.picture.picture import Picture, PictureSettings
from accord.picture.query import Filter
from support.builders import a_report

EDGES = st.sampled_from([-180.0, -179.99, -1.0, 0.0, 1.0, 179.99, 180.0])
lats = st.one_of(st.floats(-90.0, 90.0), st.sampled_from([-90.0, -89.99, 0.0, 89.99, 90.0]))
lons = st.one_of(st.floats(-180.0, 180.0), EDGES)
points = st.builds(Point, lat=lats, lon=lons)
radii = st.one_of(st.floats(0.0, 21e6), st.sampled_from([0.0, 1.0, 2_000.0, 150_000.0]))


@st.composite
def areas(draw: st.DrawFn) -> Area:
    if draw(st.booleans()):
        return Circle(centre=draw(points), radius=draw(radii))
    south, north = sorted((draw(lats), draw(lats)))
    return Box(south=south, west=draw(lons), north=north, east=draw(lons))


GRID = [
    Point(lat=lat + 0.5, lon=lon + 0.5)
    for lat in range(-85, 90, 17)
    for lon in range(-175, 180, 13)
]


@given(st.lists(points, max_size=20), st.sampled_from([[], GRID]), st.lists(areas(), min_size=1))
def test_a_query_by_area_overlooks_nothing(
    drawn: list[Point], others: list[Point], wanted: list[Area]
) -> None:
    picture = Picture(PictureSettings())
    placed = {f"U{number}": point for number, point in enumerate([*drawn, *others])}
    for uid, point in placed.items():
        picture.apply(a_report(uid, body=Position(point=point)))
    for area in wanted:
        found = [track.id for track in picture.tracks(Filter(context=LIVE, area=area))]
        assert sorted(found) == sorted(uid for uid in placed if area.contains(placed[uid]))
