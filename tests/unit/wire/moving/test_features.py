import json

from accord.wire.moving import features
from support.moving import a_row


def document(*rows):
    return json.loads("".join(features.write(rows)))


def test_each_position_is_a_point_with_what_is_known_of_it() -> None:
    said = document(a_row(0, name="AORANGI", speed=7.5, doubts=("jump",)), a_row(60))
    assert said["type"] == "FeatureCollection"
    first, second = said["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [178.0, -17.9]}
    properties = first["properties"]
    assert (properties["title"], properties["speed"]) == ("AORANGI", 7.5)
    assert properties["time"] == "2027-03-01T06:00:00.000Z"
    assert properties["doubts"] == "jump"
    assert "speed" not in second["properties"]


def test_no_position_is_a_document_without_features() -> None:
    assert document() == {"type": "FeatureCollection", "features": []}


def test_what_came_on_a_grid_is_the_area_of_its_cell() -> None:
    (said,) = document(a_row(0, cell=(177.0, -19.0, 179.0, -17.0)))["features"]
    # RFC 7946, 3.1.6: counterclockwise, and the first corner again at the end
    assert said["geometry"]["coordinates"] == [
        [[177.0, -19.0], [179.0, -19.0], [179.0, -17.0], [177.0, -17.0], [177.0, -19.0]]
    ]
    assert said["geometry"]["type"] == "Polygon"


def test_a_cell_over_the_antimeridian_is_cut_there() -> None:
    (said,) = document(a_row(0, cell=(179.0, -1.0, -179.0, 1.0)))["features"]
    assert said["geometry"]["type"] == "MultiPolygon"
    assert [part[0][1][0] for part in said["geometry"]["coordinates"]] == [180.0, -179.0]


def test_an_exercise_is_named() -> None:
    (said,) = document(a_row(0, context="exercise:TASMAN"))["features"]
    assert said["properties"]["exercise"] == "TASMAN"
    assert said["properties"]["title"] == "EXERCISE TASMAN: SHIP-1"
