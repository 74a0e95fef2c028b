"""Documents as GPX 1.1 and KML 2.2 (OGC 07-147r2) have them."""

import pytest

from accord.wire.errors import Malformed, TooDeep, Unsupported, WireError
from accord.wire.geojson.message import Feature, GeometryKind
from accord.wire.geojson.xml import MAX_DEPTH, read_gpx, read_kml

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
        (read_gpx, b"<gpx><wpt lat='x' lon='1'/></gpx>", Malformed),
        (read_gpx, b"<gpx><wpt lat='1'/></gpx>", Malformed),
        (read_gpx, b"<gpx><wpt lat='nan' lon='1'/></gpx>", Malformed),
        (read_gpx, b"<gpx>" + b"<a>" * MAX_DEPTH, TooDeep),
        (read_gpx, b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>', Unsupported),
        (read_kml, kml("<Point><coordinates>1</coordinates></Point>"), Malformed),
        (read_kml, kml("<Point><coordinates> </coordinates></Point>"), Malformed),
        (read_kml, kml("<LineString><coordinates>1,1</coordinates></LineString>"), Malformed),
    ],
)
def test_what_is_no_document_is_refused(read: object, data: bytes, why: type[WireError]) -> None:
    assert callable(read)
    with pytest.raises(why):
        read(data)
