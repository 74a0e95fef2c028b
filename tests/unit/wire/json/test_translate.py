import json
from datetime import UTC, datetime, timedelta

import pytest

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.report import Form, Original, Report, Source
from accord.wire.errors import Malformed
from accord.wire.json.translate import VALID, JsonReader, from_original
from support.clock import START

SOURCE = Source(node="NZL", channel="feed:vans", speaker="vans")
GROUPS = frozenset({"Watch"})


def reader(context: Context = LIVE, fields: tuple[str, ...] = ()) -> JsonReader:
    return JsonReader(source=SOURCE, groups=GROUPS, context=context, fields=fields, kind="a-f-G")


def one(of: object, context: Context = LIVE, *fields: str) -> Report:
    data = json.dumps(of).encode()
    (report,) = reader(context, fields).read(data, received=START, tick=0.0)
    assert report.original is not None
    again = from_original(
        report.original, source=SOURCE, groups=GROUPS, received=START, context=context
    )
    assert again == report
    return report


def test_an_object_is_a_report_in_si_units() -> None:
    report = one(
        {"unit": {"no": 7}, "lat": -41.3, "lon": 174.8, "sog": 10, "cog": 90, "name": "Van 7",
         "time": 1_600_000_000, "accuracy": 5, "hae": 12},
        LIVE, "id = unit.no",
    )  # fmt: skip
    assert (report.uid, report.kind.text) == ("JSON-vans-7", "a-f-G")
    assert report.time == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    assert report.stale == report.time + VALID
    point = Point(lat=-41.3, lon=174.8, hae=12.0, circular_error=5.0)
    assert report.body == Position(point=point, course=90.0, speed=10 * 1852 / 3600)
    assert report.identity == Identity(callsign="Van 7", name="Van 7")


def test_a_type_of_its_own_comes_before_the_feeds() -> None:
    of = {"id": "a", "lat": 1, "lon": 2}
    assert one({**of, "type": "a-n-S"}).kind.text == "a-n-S"
    assert one({**of, "type": "b-a-o-tbl"}).kind.text == "a-f-G"


def test_registered_numbers_are_kept_where_they_are_some() -> None:
    of = {"lat": 1, "lon": 2}
    assert one({**of, "mmsi": 512000001}).identity == Identity(mmsi="512000001")
    assert one({**of, "icao": "C81D20"}).identity == Identity(icao="c81d20")
    assert one({**of, "id": "a", "mmsi": "none", "icao": "xyz"}).identity == Identity()


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-01-02T03:04:05", -5, None, "9999-01-01T00:00:00Z"]
)
def test_a_time_that_is_none_is_that_of_receipt(time: object) -> None:
    assert one({"id": "a", "lat": 1, "lon": 2, "time": time}).time == START


def test_it_says_itself_how_long_it_holds() -> None:
    report = one(
        {"id": "a", "lat": 1, "lon": 2, "time": "2026-01-02T03:00:00Z",
         "stale": "2026-01-02T04:00:00+00:00"}
    )  # fmt: skip
    assert report.stale - report.time == timedelta(hours=1)


def test_impossible_movement_is_left_out() -> None:
    report = one({"id": "a", "lat": 85, "lon": 2, "cog": 400, "speed": -1, "accuracy": -3})
    assert report.body == Position(point=Point(lat=85.0, lon=2.0))


@pytest.mark.parametrize("place", [(-91, 174.5), (90.1, 0), (0, 180.5), (1e9, 1e9)])
def test_what_is_nowhere_on_earth_is_counted_and_no_track(place: tuple[float, float]) -> None:
    it = reader(fields=("id = vehicle.number", "lat = position.latitude",
                        "lon = position.longitude"))  # fmt: skip
    lat, lon = place
    of = {"vehicle": {"number": "BAD"}, "position": {"latitude": lat, "longitude": lon}}
    good = {"vehicle": {"number": "OK"}, "position": {"latitude": -41, "longitude": 174.5}}
    (report,) = it.read(json.dumps([of, good]).encode(), received=START, tick=0.0)
    assert report.uid == "JSON-vans-OK"
    assert (it.counts["no such position on Earth"], it.counts["reports"]) == (1, 1)


def test_in_an_exercise_it_bears_the_mark() -> None:
    report = one({"id": "a", "lat": 1, "lon": 2}, Context.exercise("TASMAN"))
    assert str(report.marking.opex) == "e-TASMAN"


def test_what_cannot_be_used_is_counted() -> None:
    it = reader()
    assert it.read(b"<html>", received=START, tick=0.0) == []
    assert it.read(b'[{"id": 1}]', received=START, tick=0.0) == []
    assert (it.counts["malformed"], it.counts["no id or no position"]) == (1, 1)


@pytest.mark.parametrize("form", [Form.JSON, Form.AIS])
def test_what_is_no_position_is_refused(form: Form) -> None:
    with pytest.raises(Malformed):
        from_original(Original(form, b"{}"), source=SOURCE, groups=GROUPS, received=START)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({"time": "yesterday"}, 1),
        ({"time": "2026-01-02T03:04:05"}, 1),
        ({"time": 1e300}, 1),
        ({"time": [1]}, 1),
        ({"time": "", "speed": " ", "course": None}, 0),
        ({"speed": "fast"}, 1),
        ({"speed": "fast", "sog": 10, "cog": 400}, 2),
        ({"course": {"degrees": 4}, "hae": "high", "accuracy": "good", "stale": "soon"}, 4),
        ({"course": "90", "speed": "1.5", "time": "1600000000"}, 0),
    ],
)
def test_a_field_that_says_what_it_cannot_is_counted_and_the_position_is_taken(
    said: dict[str, object], count: int
) -> None:
    of = reader()
    data = json.dumps({"id": "a", "lat": 1, "lon": 2, **said}).encode()
    (report,) = of.read(data, received=START, tick=0.0)
    assert of.counts["field not understood"] == count
    assert report.original is not None
    assert b"strange" not in report.original.data
