from lxml import etree

from accord.wire.moving import kml
from support.moving import a_row

NS = {"k": "http://www.opengis.net/kml/2.2", "gx": "http://www.google.com/kml/ext/2.2"}


def document(*rows):
    return etree.fromstring("".join(kml.write(rows)).encode())


def test_a_course_is_a_track_with_as_many_moments_as_places() -> None:
    said = document(a_row(0), a_row(60, lat=-17.8))
    assert [each.text for each in said.findall(".//k:when", NS)] == [
        "2027-03-01T06:00:00.000Z", "2027-03-01T06:01:00.000Z"
    ]  # fmt: skip
    assert [each.text for each in said.findall(".//gx:coord", NS)] == [
        "178.0000000 -17.9000000 0", "178.0000000 -17.8000000 0"
    ]  # fmt: skip


def test_what_came_on_a_grid_is_drawn_as_its_cell_and_nowhere_as_a_point() -> None:
    said = document(a_row(0, cell=(177.0, -19.0, 179.0, -17.0), form="coarse"))
    assert said.findall(".//gx:Track", NS) == []
    drawn = said.findtext(".//k:LineString/k:coordinates", namespaces=NS)
    assert drawn is not None
    assert drawn.split()[0] == "177.0000000,-19.0000000"
    assert said.findtext(".//k:TimeStamp/k:when", namespaces=NS) == "2027-03-01T06:00:00.000Z"
    assert "-17.9000000" not in etree.tostring(said).decode()


def test_an_exercise_is_named() -> None:
    said = document(a_row(0, context="exercise:TASMAN"))
    assert said.findtext(".//k:Placemark/k:name", namespaces=NS) == "EXERCISE TASMAN: SHIP-1"
