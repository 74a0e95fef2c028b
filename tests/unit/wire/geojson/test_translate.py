import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accord.core.body import Position, Removal, Shape
from accord.core.context import Context
from accord.core.geometry import Point, Polyline
from accord.core.identity import Identity
from accord.core.report import Form, Original, Report, Source
from accord.wire.errors import Malformed
from accord.wire.geojson.message import read
from accord.wire.geojson.translate import VALID_SEEN, FeatureReader, from_original
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:chart", speaker="chart")
GROUPS = frozenset({"Watch"})


def document(*features: dict[str, Any]) -> bytes:
    whole = [{"type": "Feature", "properties": {}, **each} for each in features]
    return json.dumps({"type": "FeatureCollection", "features": whole}).encode()


def point(identifier: str = "A", **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [174.8, -41.3]}
    return {"id": identifier, "geometry": geometry, "properties": properties}


def reader(**settings: Any) -> FeatureReader:
    return FeatureReader(read, source=SOURCE, groups=GROUPS, **settings)


def reports(*features: dict[str, Any], by: FeatureReader | None = None) -> list[Report]:
    return (by or reader()).read(document(*features), received=START, tick=0.0)


def kept(report: Report) -> Report:
    assert report.original is not None
    return from_original(report.original, source=SOURCE, groups=GROUPS, received=START)


def test_a_point_is_a_marker_that_somebody_placed() -> None:
    (report,) = reports(point(name="Wreck"))
    assert report.body == Position(point=Point(lat=-41.3, lon=174.8))
    assert (report.uid, report.kind.text) == ("GEO-chart-A", "b-m-p-s-m")
    assert report.how.startswith("h-")
    assert report.stale == START + timedelta(days=7)
    assert report.identity == Identity(callsign="Wreck", name="Wreck")
    assert kept(report) == report


def test_lines_and_areas_are_drawings() -> None:
    ring = [[1, 1], [2, 1], [2, 2], [1, 1]]
    line, area = reports(
        {"id": 1, "geometry": {"type": "LineString", "coordinates": ring[:2]}},
        {"id": 2, "geometry": {"type": "Polygon", "coordinates": [ring]}},
    )
    points = tuple(Point(lat=lat, lon=lon) for lon, lat in ((1, 1), (2, 1), (2, 2)))
    assert line.body == Shape(outline=Polyline(points=points[:2]))
    assert area.body == Shape(outline=Polyline(points=points, closed=True))
    assert line.kind.text == area.kind.text == "u-d-f"
    assert kept(area) == area


def test_a_thing_says_what_it_is_and_how_it_moves() -> None:
    (report,) = reports(
        point(
            type="a-n-S-X-M", course=90, speed=5.5, callsign="ARAHURA", mmsi=512000001,
            icao="A3E31A", time="2026-01-02T03:00:00Z", stale="2026-01-02T03:10:00+00:00",
        )
    )  # fmt: skip
    assert report.body == Position(point=Point(lat=-41.3, lon=174.8), course=90.0, speed=5.5)
    assert (report.kind.text, report.how) == ("a-n-S-X-M", "m-g")
    assert report.time == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert report.stale == datetime(2026, 1, 2, 3, 10, tzinfo=UTC)
    assert report.identity.mmsi == "512000001"
    assert report.identity.icao == "a3e31a"
    assert kept(report) == report


def test_what_a_feature_says_that_cannot_be_is_left_out() -> None:
    (report,) = reports(
        point(
            type="<b>", course=361, speed=True, mmsi="12", icao="xyz", time="yesterday",
            stale="2026-01-02T03:10:00",
        )
    )  # fmt: skip
    assert report.body == Position(point=Point(lat=-41.3, lon=174.8))
    assert report.identity == Identity()
    assert (report.kind.text, report.time) == ("b-m-p-s-m", START)
    assert report.stale == START + timedelta(days=7)


def test_a_feature_is_never_stale_before_it_starts() -> None:
    (report,) = reports(point(stale="1999-01-02T03:10:00Z", time="9999-01-01T00:00:00Z"))
    assert report.stale == report.time == START


def test_what_the_next_document_has_no_more_goes() -> None:
    by = reader()
    reports(point("A"), point("B"), by=by)
    still, gone = reports(point("B"), by=by)
    assert still.uid == "GEO-chart-B"
    assert gone.body == Removal(target="GEO-chart-A")
    assert kept(gone) == gone


def test_a_feature_that_is_wrong_is_said_and_stays_as_it_was() -> None:
    by = reader()
    reports(point("A"), point("B"), by=by)
    assert by.trouble == ""
    wrong = {**point("A"), "geometry": {"type": "Point", "coordinates": [1]}}
    (still,) = reports(wrong, point("B"), by=by)
    assert still.uid == "GEO-chart-B"
    assert by.trouble == "feature 1 (A): a position of less than two numbers"
    assert by.counts["refused features"] == 1
    # It is gone only when the document has it no more.
    assert [each.body for each in reports(point("B"), by=by)][1:] == [Removal(target="GEO-chart-A")]
    assert by.trouble == ""


def test_of_many_wrong_features_the_first_are_said() -> None:
    by = reader()
    reports(*[{"type": "Feature", "geometry": {}}] * 5, by=by)
    assert by.trouble.count("feature ") == 3
    assert by.trouble.endswith("; 2 more")


def test_the_same_id_twice_is_two_objects_and_said() -> None:
    by = reader()
    assert {each.uid for each in reports(point("A"), point("A"), by=by)} == {
        "GEO-chart-A",
        "GEO-chart-A~2",
    }
    assert by.counts["features with the id of another"] == 1


def test_what_a_document_does_not_say_the_time_of_holds_as_long_as_it_is_unchanged() -> None:
    by = reader()
    assert by.still(received=START) == []
    thing = {**point("A"), "properties": {"type": "a-n-S"}}
    timed = {**point("B"), "properties": {"type": "a-n-S", "time": "2026-01-02T03:00:00Z"}}
    reports(thing, timed, point("C"), by=by)
    assert by.still(received=START + VALID_SEEN / 4) == []
    later = START + VALID_SEEN / 2
    (again,) = by.still(received=later)
    assert (again.uid, again.time, again.stale) == ("GEO-chart-A", later, later + VALID_SEEN)
    assert by.still(received=later) == []


def test_a_document_that_is_none_changes_nothing() -> None:
    by = reader()
    reports(point("A"), by=by)
    assert by.read(b"<html>", received=START, tick=0.0) == []
    assert by.counts["malformed"] == 1
    assert reports(point("A"), by=by)[0].uid == "GEO-chart-A"


def test_an_exercise_marks_its_reports() -> None:
    (report,) = reports(point(), by=reader(context=Context.exercise("DEMO")))
    assert str(report.marking.opex) == "e-DEMO"


@pytest.mark.parametrize(
    "original",
    [
        Original(Form.AIS, b"{}"),
        Original(Form.GEOJSON, b"["),
        Original(Form.GEOJSON, b"[]"),
        Original(Form.GEOJSON, document()),
    ],
)
def test_what_is_no_feature_is_not_read_again(original: Original) -> None:
    with pytest.raises(Malformed):
        from_original(original, source=SOURCE, groups=GROUPS, received=START)
