from math import inf

import pytest

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.wire.cot import bodies, xml
from accord.wire.cot.message import CotPoint
from support.cot import UNKNOWN, cot_xml

HERE = Point(lat=-41.28, lon=174.77)
ACCURATE = CotPoint(-41.28, 174.77, 12.0, 4.5, 9.0)


def body(type_: str, detail: str = "", **values: str) -> Body:
    return bodies.body(xml.read(cot_xml(type_=type_, detail=detail, **values)))


def at(lat: float, lon: float, rest: str = UNKNOWN) -> str:
    return f'<point lat="{lat}" lon="{lon}" {rest}/>'


@pytest.mark.parametrize("type_", ["a-f-G-U-C", "b-m-p-s-m", "a", "u-x", "b-i-v"])
def test_most_things_are_positions(type_: str) -> None:
    assert body(type_) == Position(point=HERE)


def test_course_and_speed_are_read_where_they_can_be() -> None:
    def moving(course: str, speed: str) -> Position:
        return bodies.position(ACCURATE, {"course": course, "speed": speed})

    assert moving("90", "1.5") == Position(point=bodies.point(ACCURATE), course=90.0, speed=1.5)
    assert moving("360", "0").course == 360.0
    nothing = [moving("360.1", "999999"), moving("-1", "-1"), moving("nan", "inf"), moving("", "x")]
    assert {(each.course, each.speed) for each in nothing} == {(None, None)}


def test_heights_and_errors_of_nines_are_not_known() -> None:
    assert bodies.point(ACCURATE) == Point(
        lat=-41.28, lon=174.77, hae=12.0, circular_error=4.5, linear_error=9.0
    )
    assert bodies.point(CotPoint(1.0, 2.0, 999999.0, 999999.0, 9999999.0)) == Point(lat=1, lon=2)
    assert bodies.point(CotPoint(1.0, 2.0, 9999999.0, 9999999.0, 999999.0)) == Point(lat=1, lon=2)
    exact = Point(lat=1, lon=2, hae=0.0, circular_error=0.0, linear_error=0.0)
    assert bodies.point(CotPoint(1.0, 2.0, 0.0, 0.0, 0.0)) == exact
    assert bodies.point(CotPoint(1.0, 2.0, -30.0, -1.0, -1.0)) == Point(lat=1, lon=2, hae=-30.0)


def test_the_null_island_of_unknown_error_is_no_position() -> None:
    assert bodies.point(CotPoint(0.0, 0.0, 0.0, 9999999.0, 0.0)) is None
    assert bodies.point(CotPoint(0.0, 0.0, 0.0, 999999.0, 0.0)) is None
    assert bodies.point(CotPoint(0.0, 0.0, 0.0, 5.0, 0.0)) is not None


def test_a_position_that_cannot_be_is_none() -> None:
    assert bodies.point(CotPoint(90.1, 0.0, 0.0, 0.0, 0.0)) is None
    assert bodies.point(CotPoint(0.0, -180.1, 0.0, 0.0, 0.0)) is None


def test_words_have_a_text_a_sender_and_a_room() -> None:
    said = '<__chat chatroom="Cyan" senderCallsign="K"/><remarks>kia ora</remarks>'
    assert body("b-t-f", said) == Message(text="kia ora", sender="K", room="Cyan")
    plain = '<contact callsign="K"/><remarks>hi</remarks>'
    assert body("b-t-f", plain) == Message(text="hi", sender="K", room="")


# Reference: b-a-o-tbl is 911, b-a-o-can a cancellation; taky and FTS cancel by the attribute.
def test_an_alarm_has_a_category_and_can_be_cancelled() -> None:
    assert body("b-a-o-tbl", '<emergency type="911 Alert"/>') == Alarm(
        category="911 Alert", point=HERE
    )
    assert body("b-a-g") == Alarm(category="b-a-g", point=HERE)
    cancelled = body("b-a-o-tbl", '<emergency cancel=" True "/>')
    assert cancelled == Alarm(category="b-a-o-tbl", point=HERE, cancels=True)
    assert body("b-a-o-can") == Alarm(category="b-a-o-can", point=HERE, cancels=True)


def test_a_removal_names_its_target_and_without_one_removes_nothing() -> None:
    assert body("t-x-d-d", '<link uid="T" relation="none"/>') == Removal(target="T")
    assert body("t-x-d-d") == Opaque()


@pytest.mark.parametrize("type_", ["t-x-m-c", "b-f-t-r", "b-f-t-a", "b-t-f-s", "y-a", "t"])
def test_what_is_not_on_the_map_is_carried(type_: str) -> None:
    assert body(type_) == Opaque()


def test_a_type_counts_without_its_suffix() -> None:
    assert body("t-x-d-d;x", '<link uid="T"/>') == Removal(target="T")


TRIANGLE = '<link point="1,2"/><link point="1,3,50"/><link point="0,3"/>'
CORNERS = (Point(lat=1, lon=2), Point(lat=1, lon=3, hae=50.0), Point(lat=0, lon=3))


def test_a_drawing_is_a_line_and_closed_when_it_ends_where_it_began() -> None:
    open_, closed = body("u-d-f", TRIANGLE), body("u-d-f", TRIANGLE + '<link point="1,2"/>')
    assert open_ == Shape(outline=Polyline(points=CORNERS, closed=False), anchor=HERE)
    ring = Polyline(points=(*CORNERS, CORNERS[0]), closed=True)
    assert closed == Shape(outline=ring, anchor=HERE)


def test_a_rectangle_is_always_closed_and_a_route_never() -> None:
    rectangle = body("u-d-r", TRIANGLE)
    route = body("b-m-r", TRIANGLE + '<link point="1,2"/>')
    assert isinstance(rectangle, Shape)
    assert isinstance(route, Shape)
    assert isinstance(rectangle.outline, Polyline)
    assert isinstance(route.outline, Polyline)
    assert (rectangle.outline.closed, route.outline.closed) == (True, False)


@pytest.mark.parametrize("vertex", ["1", "north,2", "91,2", "nan,2", "1,2,high"])
def test_a_drawing_with_a_point_that_is_none_is_carried_not_guessed(vertex: str) -> None:
    assert body("u-d-f", f'{TRIANGLE}<link point="{vertex}"/>') == Opaque()


def test_a_drawing_of_one_point_is_carried() -> None:
    assert body("u-d-f", '<link point="1,2"/>') == Opaque()


@pytest.mark.parametrize("height", ["9999999.0", "inf", "-inf", "nan"])
def test_the_height_of_a_vertex_is_known_or_not(height: str) -> None:
    shape = body("u-d-f", f'<link point="1,2,{height}"/><link point="3,4,-5"/>')
    assert isinstance(shape, Shape)
    assert isinstance(shape.outline, Polyline)
    assert [point.hae for point in shape.outline.points] == [None, -5.0]


def ellipse(major: object, minor: object) -> str:
    return f'<shape><ellipse major="{major}" minor="{minor}" angle="360"/></shape>'


@pytest.mark.parametrize("radius", [250.0, 0.5])
def test_an_ellipse_of_equal_axes_is_a_circle(radius: float) -> None:
    circle = Circle(centre=HERE, radius=radius)
    assert body("u-d-c-c", ellipse(radius, f"{radius}0")) == Shape(outline=circle, anchor=HERE)


@pytest.mark.parametrize(("major", "minor"), [(250, 100), (0, 0), (inf, inf), (-1, -1)])
def test_an_ellipse_that_is_no_circle_is_carried(major: float, minor: float) -> None:
    assert body("u-d-c-c", ellipse(major, minor)) == Opaque()


def test_a_circle_without_a_centre_is_carried() -> None:
    assert body("u-d-c-c", ellipse(250, 250), point=at(95, 0)) == Opaque()


def line(length: object, bearing: object) -> str:
    return f'<range value="{length}"/><bearing value="{bearing}"/>'


def end(detail: str, point: str) -> Point:
    shape = body("u-rb-a", detail, point=point)
    assert isinstance(shape, Shape)
    assert isinstance(shape.outline, Polyline)
    return shape.outline.points[1]


# A degree of the mean sphere, 6371008.8 m * pi / 180; the other ends by symmetry.
DEGREE = 111_195.08


@pytest.mark.parametrize(
    ("lat", "lon", "length", "bearing", "expected"),
    [
        (0.0, 10.0, DEGREE, 0, (1.0, 10.0)),
        (0.0, 10.0, DEGREE, 90, (0.0, 11.0)),
        (0.0, 179.5, DEGREE, 90, (0.0, -179.5)),
        (-41.0, 174.0, 3 * DEGREE, 180, (-44.0, 174.0)),
        (60.0, 0.0, 60 * DEGREE, 0, (60.0, -180.0)),
        (5.0, 5.0, 0, 45, (5.0, 5.0)),
    ],
)
def test_a_range_and_bearing_line_ends_where_they_lead(
    lat: float, lon: float, length: float, bearing: float, expected: tuple[float, float]
) -> None:
    found = end(line(length, bearing), at(lat, lon))
    assert (found.lat, found.lon) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("detail", [line("far", 0), line(1, ""), line(-1, 0), line("inf", 0), ""])
def test_a_line_without_range_or_bearing_is_carried(detail: str) -> None:
    assert body("u-rb-a", detail) == Opaque()


def test_a_line_from_nowhere_is_carried() -> None:
    assert body("u-rb-a", line(10, 10), point=at(0, 0)) == Opaque()
