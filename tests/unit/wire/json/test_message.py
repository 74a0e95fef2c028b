import json
from typing import Any

import pytest

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.json.message import MAX_OBJECTS, Said, paths, read, write


def said(of: object, *mapping: str) -> list[Said | None]:
    return list(read(json.dumps(of).encode(), paths(mapping)))


def test_the_usual_names_need_no_mapping() -> None:
    (one,) = said({"id": 7, "latitude": -41.3, "lng": "174.8", "sog": 10, "cog": 90, "time": 1e12})
    assert one == Said("7", -41.3, 174.8, time=1e9, course=90.0, speed=10 * 1852 / 3600)


def test_a_mapping_says_where_each_is() -> None:
    of = {"tracker": {"serial": "A1"}, "position": {"coordinates": {"y": 1.5, "x": 2.5}}, "lat": 9}
    (one,) = said(
        of, "id = tracker.serial", "lat=position.coordinates.y", "lon = position.coordinates.x"
    )
    assert one == Said("A1", 1.5, 2.5)


def test_speeds_come_in_three_units() -> None:
    at = {"id": "a", "lat": 0, "lon": 0}
    speeds = [one.speed for one in said(
        [{**at, "speed": 10}, {**at, "speed_knots": 3600 / 1852}, {**at, "speed_kmh": 36}]
    ) if one]  # fmt: skip
    assert speeds == pytest.approx([10.0, 1.0, 10.0])


@pytest.mark.parametrize(
    "of",
    [
        {"lat": 1, "lon": 2},
        {"id": "a", "lat": 1},
        {"id": "a", "lat": True, "lon": 2},
        {"id": "a", "lat": "north", "lon": 2},
        {"id": "a", "lat": 1e300, "lon": 2},
        {"id": "a", "lat": None, "lon": 2},
        "text",
        7,
        None,
    ],
)
def test_without_an_id_and_a_place_it_is_nothing(of: Any) -> None:
    assert said([of, {"id": "b", "lat": 1, "lon": 2}]) == [None, Said("b", 1.0, 2.0)]


def test_a_path_through_what_is_no_table_finds_nothing() -> None:
    assert said({"id": "a", "lat": 1, "lon": 2, "at": [1]}, "lat = at.lat") == [None]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (1_600_000_000, 1.6e9),
        (1_600_000_000_500, 1_600_000_000.5),
        ("1600000000", 1.6e9),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ([], None),
    ],
)
def test_a_time_is_seconds_milliseconds_or_text(given: object, found: object) -> None:
    (one,) = said({"id": "a", "lat": 1, "lon": 2, "time": given})
    assert one is not None
    assert one.time == found


@pytest.mark.parametrize("data", [b"", b"<html>", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(read(data, paths()))


def test_more_objects_than_are_taken_are_refused() -> None:
    with pytest.raises(FrameTooLarge):
        said([{}] * (MAX_OBJECTS + 1))


@pytest.mark.parametrize(
    "line", ["lat", "lat =", "height = alt", "lat = a..b", "lat = " + ".".join("abcdefghi")]
)
def test_a_mapping_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"OURS = THEIRS|a path is"):
        paths((line,))


def test_what_is_kept_is_read_again_without_the_mapping() -> None:
    (one,) = said({"n": "A1", "lat": 1, "lon": 2, "sog": 3, "hae": 4}, "id = n")
    assert one is not None
    assert list(read(write(one), paths())) == [one]
