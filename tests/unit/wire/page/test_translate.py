import pytest

from accord.core.body import Alarm, Body, Position, Shape
from accord.core.context import Context
from accord.core.geometry import Circle, Point, Polyline, distance
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.report import Doubt, Report, Source
from accord.wire.page.columns import Fix
from accord.wire.page.translate import Given, fix_of, meta_of
from support.builders import a_point, a_report

HEARS = frozenset({"Blue", "Red"})


def meta(
    report: Report, point: Point | None = None, *, given: Given | None = None
) -> dict[str, object]:
    return meta_of(report, point, given=given, hears=HEARS, ttl=300, claims=2)


def test_a_track_of_this_node_says_all_there_is() -> None:
    report = a_report(
        "MMSI-512000123",
        kind=Kind.of("a-n-S-X-M"),
        identity=Identity(mmsi="512000123", name="RANGITATA"),
        source=Source(node="NZL-JFNZ", channel="feed:ais-north", speaker="ais-north"),
        doubts=frozenset({Doubt.JUMP}),
    )
    assert meta(report) == {
        "uid": "MMSI-512000123",
        "name": "RANGITATA",
        "type": "a-n-S-X-M",
        "sidc": "SNSPXM---------",
        "affiliation": "n",
        "body": "position",
        "source": "feed:ais-north",
        "speaker": "ais-north",
        "node": "NZL-JFNZ",
        "partner": None,
        "hops": 0,
        "form": None,
        "cell": None,
        "exercise": None,
        "groups": ["Blue"],
        "ttl": 300,
        "emergency": False,
        "claims": 2,
        "doubts": ["jump"],
        "outline": None,
    }


def test_the_name_of_a_ship_goes_before_its_radio_callsign_and_neither_is_longer_than_256() -> None:
    both = Identity(callsign="UCKZ", name="AKADEMIK FEDOROV")
    assert meta(a_report(identity=both))["name"] == "AKADEMIK FEDOROV"
    assert meta(a_report(identity=Identity(callsign="KIWI 1")))["name"] == "KIWI 1"
    assert meta(a_report(identity=Identity(name="N" * 10_000)))["name"] == "N" * 256
    assert meta(a_report(identity=Identity()))["name"] == ""


def test_only_groups_that_the_audience_hears_are_named() -> None:
    said = meta(a_report(groups=frozenset({"Red", "Blue", "Secret"})))
    assert said["groups"] == ["Blue", "Red"]


def test_an_exercise_is_named() -> None:
    assert meta(a_report(context=Context.exercise("TASMAN 26")))["exercise"] == "TASMAN 26"


def test_what_came_of_a_partner_says_over_which_nodes() -> None:
    source = Source(node="AUS", channel="partner:USA-PAC", speaker="", hops=("FRA", "USA-PAC"))
    said = meta(a_report(source=source))
    assert (said["partner"], said["node"], said["hops"]) == ("USA-PAC", "AUS", 2)


@pytest.mark.parametrize(
    ("kind", "side"),
    [
        ("a-f-G", "f"), ("a-H-A", "h"), ("a-k-S", "k"), ("a-o-S", "u"), ("a-.-S-X", "u"),
        ("a", "u"), ("b-m-p", None), ("t-x", None),
    ],
)  # fmt: skip
def test_the_side_is_one_of_nine_letters_or_none(kind: str, side: str | None) -> None:
    assert meta(a_report(kind=Kind.of(kind)))["affiliation"] == side


@pytest.mark.parametrize(
    ("body", "called", "emergency"),
    [
        (Position(point=None), "position", False),
        (Shape(outline=Circle(centre=a_point(), radius=10.0)), "shape", False),
        (Alarm(category="911"), "alarm", True),
    ],
)
def test_the_sort_of_body_is_said_and_a_call_for_help(
    body: Body, called: str, emergency: bool
) -> None:
    said = meta(a_report(body=body))
    assert (said["body"], said["emergency"]) == (called, emergency)


def test_what_is_released_on_a_grid_is_a_cell_that_holds_all_of_its_error() -> None:
    point = a_point(lat=-41.0, lon=174.0, circular_error=2778.0)
    said = meta(a_report(), point, given=Given("coarse", on_grid=True))
    assert said["form"] == "coarse"
    west, south, east, north = said["cell"]  # pyright: ignore[reportGeneralTypeIssues]
    for side in (Point(lat=south, lon=174.0), Point(lat=north, lon=174.0),
                 Point(lat=-41.0, lon=west), Point(lat=-41.0, lon=east)):  # fmt: skip
        assert 2778.0 <= distance(point, side) <= 2778.0 * 1.02


def test_what_is_released_with_its_own_place_has_no_cell() -> None:
    point = a_point(circular_error=10.0)
    assert meta(a_report(), point, given=Given("delayed", on_grid=False))["cell"] is None


def test_no_place_or_no_error_is_no_cell() -> None:
    grid = Given("presence", on_grid=True)
    assert meta(a_report(), None, given=grid)["cell"] is None
    assert meta(a_report(), a_point(), given=grid)["cell"] is None


def test_a_negative_error_does_no_harm() -> None:
    said = meta(a_report(), a_point(circular_error=-1.0), given=Given("coarse", on_grid=True))
    assert said["cell"] is not None


def test_a_fix_is_the_place_with_course_and_speed_where_there_are_such() -> None:
    moving = a_report(body=Position(point=a_point(), course=90.0, speed=5.0))
    assert fix_of(moving, a_point(lat=1.0, lon=2.0)) == Fix(20_000_000, 10_000_000, 9000, 500)
    assert fix_of(a_report(body=Alarm(category="911")), a_point(lat=1.0, lon=2.0)) == Fix(
        20_000_000, 10_000_000, 65535, 65535
    )
    assert fix_of(moving, None).lon == -(2**31)


ROUND = (Point(lat=-41.2, lon=174.7), Point(lat=-41.3, lon=174.8), Point(lat=-41.3, lon=174.7))


def test_what_is_drawn_says_its_corners_longitude_first() -> None:
    corners = [[174.7, -41.2], [174.8, -41.3], [174.7, -41.3]]
    for closed, type_ in ((False, "line"), (True, "area")):
        shape = Shape(outline=Polyline(points=ROUND, closed=closed))
        said = meta(a_report(body=shape))["outline"]
        assert said == {"type": type_, "points": corners, "radius": None}
    circle = Shape(outline=Circle(centre=ROUND[0], radius=1852.0))
    said = meta(a_report(body=circle))["outline"]
    assert said == {"type": "circle", "points": [[174.7, -41.2]], "radius": 1852.0}


@pytest.mark.parametrize("radius", [0.0, -1.0, float("inf"), float("nan")])
def test_a_circle_without_a_width_is_not_drawn(radius: float) -> None:
    circle = Shape(outline=Circle(centre=ROUND[0], radius=radius))
    assert meta(a_report(body=circle))["outline"] is None


def test_a_long_line_is_told_with_1000_corners_and_both_ends() -> None:
    points = tuple(Point(lat=0.0, lon=n / 100) for n in range(5_000))
    outline = meta(a_report(body=Shape(outline=Polyline(points=points))))["outline"]
    assert isinstance(outline, dict)
    told = [lon for lon, _ in outline["points"]]
    assert (len(told), told[0], told[-1]) == (1_000, 0.0, 49.99)
    assert told == sorted(set(told))


def test_what_is_known_by_its_cell_only_has_no_outline() -> None:
    circle = Shape(outline=Circle(centre=ROUND[0], radius=1852.0))
    given = Given("grid 1 NM", on_grid=True)
    assert meta(a_report(body=circle), given=given)["outline"] is None
