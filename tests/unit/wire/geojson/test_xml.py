"""Documents as GPX 1.1 and KML 2.2 (OGC 07-147r2) have them."""

import pytest

from accord.wire.errors import Malformed, TooDeep, Unsupported, WireError
from accord.wire.geojson import xml
from accord.wire.geojson.message import Fault, Feature, GeometryKind
from accord.wire.geojson.xml import MAX_DEPTH


def read_gpx(data: bytes) -> list[Feature]:
    found = xml.read_gpx(data)
    assert not found.faults
    return found.features


def read_kml(data: bytes) -> list[Feature]:
    found = xml.read_kml(data)
    assert not found.faults
    return found.features


GPX = b"""<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">
  <metadata><name>not a feature</name></metadata>
  <wpt lat="-41.3" lon="174.8"><name>Heads</name><sym>x</sym></wpt>
  <rte><name>In</name><rtept lat="-41.4" lon="174.8"><name>A</name></rtept>
    <rtept lat="-41.3" lon="174.9"/></rte>
  <trk><name>Out</name><trkseg><trkpt lat="1" lon="1"/><trkpt lat="2" lon="2"/></trkseg>
    <trkseg><trkpt lat="3" lon="3"/></trkseg>
    <trkseg><trkpt lat="4" lon="4"/><trkpt lat="5" lon="5"/></trkseg></trk>
</gpx>"""


def test_waypoints_routes_and_segments_of_tracks_are_features() -> None:
    assert read_gpx(GPX) == [
        Feature("Heads", "Heads", GeometryKind.POINT, ((174.8, -41.3),), {}),
        Feature("In", "In", GeometryKind.LINE, ((174.8, -41.4), (174.9, -41.3)), {}),
        Feature("Out", "Out", GeometryKind.LINE, ((1.0, 1.0), (2.0, 2.0)), {}),
        Feature("Out.2", "Out", GeometryKind.LINE, ((4.0, 4.0), (5.0, 5.0)), {}),
    ]


def kml(placemark: str) -> bytes:
    return (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name>'
        f"<Placemark>{placemark}</Placemark></Document></kml>"
    ).encode()


def test_points_lines_and_outer_rings_of_placemarks_are_features() -> None:
    found = read_kml(
        kml(
            "<name>A</name><MultiGeometry><Point><coordinates>174.8,-41.3,0</coordinates></Point>"
            "<LineString><coordinates>1,1 2,2</coordinates></LineString>"
            "<Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates>"
            "</LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2"
            "</coordinates></LinearRing></innerBoundaryIs></Polygon></MultiGeometry>"
        )
    )
    assert [(each.id, each.kind, len(each.corners)) for each in found] == [
        ("A", GeometryKind.POINT, 1),
        ("A.2", GeometryKind.LINE, 2),
        ("A.3", GeometryKind.AREA, 3),
    ]


def test_a_placemark_without_a_name_is_known_by_its_place() -> None:
    (one,) = read_kml(kml("<Point><coordinates>1,1</coordinates></Point>"))
    assert (len(one.id), one.name) == (16, "")


def test_coordinates_outside_of_a_placemark_are_read_past() -> None:
    assert read_kml(b"<kml><LookAt><coordinates>x</coordinates></LookAt></kml>") == []


@pytest.mark.parametrize(
    ("read", "data", "why"),
    [
        (read_gpx, b"<html/>", Malformed),
        (read_gpx, b"<gpx>", Malformed),
        (read_gpx, b'<?xml version="1.0" encoding="klingon"?><gpx/>', Malformed),
        (read_gpx, b"", Malformed),
        (read_gpx, b"<gpx>" + b"<a>" * MAX_DEPTH, TooDeep),
        (read_gpx, b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>', Unsupported),
    ],
)
def test_what_is_no_document_is_refused(read: object, data: bytes, why: type[WireError]) -> None:
    assert callable(read)
    with pytest.raises(why):
        read(data)


@pytest.mark.parametrize(
    "wrong",
    [
        "<wpt lat='x' lon='1'/>",
        "<wpt lat='1'/>",
        "<wpt lat='nan' lon='1'/>",
        "<wpt lat='91' lon='1'/>",
        "<rte><rtept lat='1' lon='1'/><rtept/></rte>",
        "<trk><trkseg><trkpt lat='1' lon='1'/><trkpt lat='1' lon='181'/></trkseg></trk>",
    ],
)
def test_what_is_wrong_in_gpx_costs_only_itself_and_is_said(wrong: str) -> None:
    whole = "<wpt lat='{0}' lon='{0}'><name>{0}</name></wpt>"
    found = xml.read_gpx(f"<gpx>{whole.format(1)}{wrong}{whole.format(3)}</gpx>".encode())
    assert [each.id for each in found.features] == ["1", "3"]
    assert [each.number for each in found.faults] == [2]


SHORT = "<LineString><coordinates>1,1</coordinates></LineString>"
FLAT = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,2</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon>"
)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("<Point><coordinates>1</coordinates></Point>", "coordinates that are no places"),
        ("<Point><coordinates>1,91</coordinates></Point>", "a position that is not on Earth"),
        ("<Point><coordinates> </coordinates></Point>", "a geometry without a place"),
        (SHORT, "a line of less than two points"),
        (FLAT, "an area of less than three corners"),
    ],
)
def test_what_is_wrong_in_kml_costs_only_itself_and_is_said(wrong: str, why: str) -> None:
    good = "<name>good</name><Point><coordinates>1,1</coordinates></Point>"
    two = f'{good}</Placemark><Placemark id="bad">{wrong}</Placemark><Placemark id="last">{good}'
    found = xml.read_kml(kml(two))
    assert [each.id for each in found.features] == ["good", "last"]
    assert found.faults == [Fault(2, "bad", why)]


def test_a_wrong_placemark_without_an_id_is_called_by_its_name() -> None:
    found = xml.read_kml(kml(f"<name>reef</name>{SHORT}"))
    assert found.faults[0].id == "reef"


def test_a_placemark_has_its_own_id_and_the_same_one_twice_is_counted() -> None:
    one = '<Placemark id="p"><Point><coordinates>1,1</coordinates></Point></Placemark>'
    found = xml.read_kml(f"<kml>{one}{one}</kml>".encode())
    assert [each.id for each in found.features] == ["p", "p~2"]
    assert found.repeated == 1
