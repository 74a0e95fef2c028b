import json

from accord.wire.moving import mfjson
from support.moving import a_row


def features(*rows):
    return json.loads("".join(mfjson.write(rows)))["features"]


def test_a_course_is_a_moving_point() -> None:
    # OGC 19-045r3, 7.2.2: as many moments as coordinates
    (said,) = features(a_row(0, speed=7.5), a_row(60, lat=-17.8))
    moving = said["temporalGeometry"]
    assert moving["type"] == "MovingPoint"
    assert moving["datetimes"] == ["2027-03-01T06:00:00.000Z", "2027-03-01T06:01:00.000Z"]
    assert moving["coordinates"] == [[178.0, -17.9], [178.0, -17.8]]
    (speed,) = said["temporalProperties"]
    assert speed["datetimes"] == ["2027-03-01T06:00:00.000Z"]
    assert (speed["speed"]["values"], speed["speed"]["form"]) == ([7.5], "MTS")


def test_moments_rise_and_none_stands_twice() -> None:
    (said,) = features(a_row(60, time=100.0), a_row(61, time=50.0), a_row(62, time=100.0))
    assert said["temporalGeometry"]["datetimes"] == [
        "1970-01-01T00:00:50.000Z", "1970-01-01T00:01:40.000Z"
    ]  # fmt: skip


def test_what_has_the_time_of_another_is_left_out_and_told() -> None:
    left_out: list[int] = []
    rows = [a_row(60, time=100.0), a_row(61, time=100.0), a_row(62, time=100.0), a_row(63)]
    (said,) = json.loads("".join(mfjson.write(rows, left_out=left_out.append)))["features"]
    assert len(said["temporalGeometry"]["datetimes"]) == 2
    assert sum(left_out) == 2


def test_what_came_on_a_grid_is_a_moving_polygon() -> None:
    point, cell = features(a_row(0), a_row(60, cell=(177.0, -19.0, 179.0, -17.0)))
    assert point["temporalGeometry"]["type"] == "MovingPoint"
    assert cell["temporalGeometry"]["type"] == "MovingPolygon"
    assert cell["temporalGeometry"]["coordinates"][0][0][0] == [177.0, -19.0]


def test_an_exercise_is_named() -> None:
    (said,) = features(a_row(0, context="exercise:TASMAN"))
    assert said["properties"]["exercise"] == "TASMAN"
