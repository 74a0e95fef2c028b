import json
import math
from dataclasses import replace
from typing import Any

import pytest

from accord.api.partner_picture import Seen, Shown, finite, geojson
from accord.core.body import Alarm, Body, Message, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.label import Label
from accord.release.ledger.entry import Entry
from support.builders import a_report
from support.ledger import release
from support.released import RECEIVER, after


def feature(body: Body, **changes: Any) -> Any:
    """The feature of one object that says this."""
    line = release(1)
    shown = Shown(Entry(1, after(0), RECEIVER, line), line, a_report(body=body, **changes))
    seen = Seen(
        partner=RECEIVER, at=after(0), shown=(shown,), gone=(), removed=0, recalled=0, beyond=0
    )
    (found,) = geojson(seen)["features"]  # type: ignore[misc]
    return json.loads(json.dumps(found))


def line(*corners: tuple[float, float], closed: bool = False) -> Shape:
    """Corners are longitude and latitude."""
    points = tuple(Point(lat=lat, lon=lon) for lon, lat in corners)
    return Shape(outline=Polyline(points=points, closed=closed))


def test_where_nothing_is_said_of_the_place_there_is_no_geometry() -> None:
    assert feature(Position(point=None))["geometry"] is None
    words = feature(Message(text="kia ora", sender="A", room="All"))
    assert (words["geometry"], words["properties"]["text"]) == (None, "kia ora")
    assert feature(Alarm(category="b-a-o", point=Point(lat=1, lon=2)))["geometry"] == {
        "type": "Point", "coordinates": [2, 1],
    }  # fmt: skip


def test_course_speed_radius_and_mark_are_properties() -> None:
    label = Label(policy="NZL", level="RESTRICTED", originator="NZL")
    moving = feature(Position(point=Point(lat=1, lon=2), course=90.0, speed=5.0), label=label)
    told = moving["properties"]
    assert (told["course"], told["speed"], told["mark"]) == (90.0, 5.0, "(R)")
    circle = feature(Shape(outline=Circle(centre=Point(lat=1, lon=2), radius=300.0)))
    assert (circle["geometry"]["coordinates"], circle["properties"]["radius_m"]) == ([2, 1], 300.0)


def test_a_line_stays_a_line_and_an_area_is_a_ring_that_runs_counterclockwise() -> None:
    """RFC 7946, 3.1.6: a ring is closed, and an outer one runs counterclockwise."""
    assert feature(line((1, 2), (3, 4)))["geometry"] == {
        "type": "LineString", "coordinates": [[1, 2], [3, 4]],
    }  # fmt: skip
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 0]]]}
    assert feature(line((0, 0), (2, 0), (2, 2), closed=True))["geometry"] == ring
    assert feature(line((0, 0), (2, 2), (2, 0), closed=True))["geometry"] == ring
    assert feature(line((0, 0), (2, 2), closed=True))["geometry"]["type"] == "LineString"


@pytest.mark.parametrize(
    ("corners", "parts"),
    [
        ([(170, 0), (-170, 10)], [[[170, 0], [180, 5]], [[-180, 5], [-170, 10]]]),
        ([(-170, 10), (170, 0)], [[[-170, 10], [-180, 5]], [[180, 5], [170, 0]]]),
        ([(180, 0), (-180, 0)], [[[180, 0], [180, 0]], [[-180, 0], [-180, 0]]]),
    ],
)
def test_a_line_over_the_antimeridian_is_cut_there(
    corners: list[tuple[float, float]], parts: list[list[list[float]]]
) -> None:
    """RFC 7946, 3.1.9."""
    found = feature(line(*corners))["geometry"]
    assert found == {"type": "MultiLineString", "coordinates": parts}


def test_what_is_drawn_has_the_place_of_its_anchor_or_its_first_corner() -> None:
    shape = line((2, 1), (3, 2))
    anchored = replace(shape, anchor=Point(lat=5, lon=6))
    assert [feature(each)["properties"]["lat"] for each in (shape, anchored)] == [1, 5]


def test_a_number_that_json_does_not_have_is_none() -> None:
    said: dict[str, object] = {"error_m": math.inf, "hae_m": math.nan, "lat": 1.5, "line": 3}
    assert finite(said) == {"error_m": None, "hae_m": None, "lat": 1.5, "line": 3}
