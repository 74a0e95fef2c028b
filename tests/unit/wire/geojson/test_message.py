"""Documents as RFC 7946 has them."""

import json
from typing import Any

import pytest

from accord.wire.errors import FrameTooLarge, Malformed
from accord.wire.geojson import message
from accord.wire.geojson.message import Fault, Feature, GeometryKind, Room, write


def read(data: bytes) -> list[Feature]:
    found = message.read(data)
    assert not found.faults
    return found.features


def feature(geometry: object, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {}, **more}


def of(kind: str, coordinates: object) -> dict[str, object]:
    return {"type": kind, "coordinates": coordinates}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


POINT = of("Point", [174.8, -41.3, 12])
RING = [[1, 1], [2, 1], [2, 2], [1, 1]]


def test_a_feature_stands_alone_or_among_others() -> None:
    one = feature(POINT, id=7, properties={"title": "Buoy"})
    expected = Feature("7", "Buoy", GeometryKind.POINT, ((174.8, -41.3),), {"title": "Buoy"})
    assert read(json.dumps(one).encode()) == [expected]
    assert read(collection(one, feature(None))) == [expected]


def test_lines_and_areas_are_read_and_holes_are_left_out() -> None:
    found = read(
        collection(
            feature(of("LineString", [[1, 1], [2, 2]])), feature(of("Polygon", [RING, RING]))
        )
    )
    assert [each.kind for each in found] == [GeometryKind.LINE, GeometryKind.AREA]
    assert found[1].corners == ((1.0, 1.0), (2.0, 1.0), (2.0, 2.0))


def test_each_part_of_a_geometry_is_a_feature() -> None:
    many = {
        "type": "GeometryCollection",
        "geometries": [POINT, of("MultiPoint", [[1, 1], [2, 2]]), of("MultiPolygon", [[RING]]),
                       of("MultiLineString", [[[1, 1], [2, 2]]])],
    }  # fmt: skip
    found = read(collection(feature(many, id="x")))
    assert [each.id for each in found] == ["x", "x.1", "x.2", "x.3", "x.4"]


def test_what_has_no_identifier_is_known_by_its_name_and_place() -> None:
    one, other = read(collection(feature(POINT), feature(of("Point", [1, 1]), properties=None)))
    assert one.id != other.id
    assert read(collection(feature(POINT)))[0].id == one.id
    (named,) = read(collection(feature(POINT, properties={"id": "a", "name": ""})))
    assert (named.id, named.name) == ("a", "")


def test_what_is_written_is_read_again() -> None:
    for geometry in (POINT, of("LineString", [[1, 1], [2, 2]]), of("Polygon", [RING])):
        (one,) = read(collection(feature(geometry, id="a", properties={"name": "n", "speed": 1})))
        assert read(write(one)) == [one]


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"type": "FeatureCollection"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


WRONG = [
    feature({"type": "Circle"}),
    feature({"type": "GeometryCollection"}),
    feature(of("Point", [1])),
    feature(of("Point", ["1", 2])),
    feature(of("Point", [181, 0])),
    feature(of("Point", [0, 10**400])),
    feature(of("LineString", [[1, 1]])),
    feature(of("Polygon", [])),
    feature(of("Polygon", [[[1, 1], [1, 1]]])),
    feature(of("Polygon", [[[1, 1]]])),
    feature(POINT, properties=[]),
    1,
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_feature_that_is_wrong_costs_only_itself_and_is_said(wrong: object) -> None:
    found = message.read(collection(feature(POINT, id="a"), wrong, feature(POINT, id="b")))
    assert [each.id for each in found.features] == ["a", "b"]
    (fault,) = found.faults
    assert fault.number == 2
    assert str(fault).startswith("feature 2: ")


def test_the_id_of_a_wrong_feature_is_said_where_it_has_one() -> None:
    found = message.read(
        collection(
            feature(of("Point", [1]), id="reef"),
            feature(of("Point", [1]), properties={"id": 7}),
            feature(POINT, id="x", properties=[]),
        )
    )
    assert [each.id for each in found.faults] == ["reef", "7", "x"]
    assert found.faults[0] == Fault(1, "reef", "a position of less than two numbers")
    assert str(found.faults[0]) == "feature 1 (reef): a position of less than two numbers"


def test_features_of_the_same_id_are_told_apart_and_counted() -> None:
    twice = of("MultiPoint", [[1, 1], [2, 2]])
    found = message.read(collection(*[feature(twice, id="a")] * 3, feature(None)))
    assert [each.id for each in found.features] == ["a", "a.1", "a~2", "a.1~2", "a~3", "a.1~3"]
    assert found.repeated == 2
    assert found.nowhere == 1


def test_collections_in_each_other_have_an_end() -> None:
    geometry: dict[str, object] = POINT
    for _ in range(message.MAX_NESTED + 1):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    assert len(message.read(collection(feature(geometry))).faults) == 1


def test_a_document_has_so_many_features_and_corners_at_most() -> None:
    room = Room()
    room.take(message.MAX_CORNERS)
    with pytest.raises(FrameTooLarge):
        room.take(1)
    room = Room()
    for _ in range(message.MAX_FEATURES):
        room.take(1)
    with pytest.raises(FrameTooLarge):
        room.take(1)
