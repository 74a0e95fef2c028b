from lxml import etree

from accord.wire.moving import gpx
from support.moving import a_row

NS = {"g": "http://www.topografix.com/GPX/1/1", "a": gpx.OWN}


def document(*rows):
    return etree.fromstring("".join(gpx.write(rows)).encode())


def test_a_course_is_a_track_with_its_points_in_order() -> None:
    said = document(
        a_row(0, name="AORANGI", lat=-17.9, course=45.0, speed=7.5, hae=2.0, climb=0.0,
              doubts=("jump",)),
        a_row(60, name="AORANGI", lat=-17.8),
    )  # fmt: skip
    assert said.findtext("g:trk/g:name", namespaces=NS) == "AORANGI"
    points = said.findall(".//g:trkpt", NS)
    assert [(each.get("lat"), each.get("lon")) for each in points] == [
        ("-17.9000000", "178.0000000"), ("-17.8000000", "178.0000000")
    ]  # fmt: skip
    assert points[1].findtext("g:time", namespaces=NS) == "2027-03-01T06:01:00.000Z"
    assert points[0].findtext("g:extensions/a:speed", namespaces=NS) == "7.50"
    assert points[0].findtext("g:extensions/a:doubts", namespaces=NS) == "jump"
    assert points[1].find("g:extensions", NS) is None


def test_elements_stand_in_the_order_of_the_schema() -> None:
    # GPX 1.1, trkType: name, cmt, desc, src, link, number, type, extensions, trkseg
    said = document(a_row(0))
    assert [etree.QName(each).localname for each in said[0]] == [
        "name", "desc", "src", "type", "trkseg"
    ]  # fmt: skip


def test_an_exercise_is_named() -> None:
    said = document(a_row(0, context="exercise:TASMAN"))
    assert said.findtext("g:trk/g:name", namespaces=NS) == "EXERCISE TASMAN: SHIP-1"


def test_what_came_on_a_grid_is_no_point() -> None:
    assert document(a_row(0, cell=(177.0, -19.0, 179.0, -17.0))).findall("g:trk", NS) == []
