"""Things in missions as KML: each where it is, and as it is drawn."""

from lxml import etree

from accord.tak.marti.mission_kml import document
from support.cot import cot_xml

KML = "{http://www.opengis.net/kml/2.2}"


def drawn(*events: bytes) -> list[tuple[str, str, str]]:
    """The name of each placemark, what it is drawn as, and its coordinates."""
    text = "".join(document("a & b\x07", events, node="NZL-TEST"))
    root = etree.fromstring(text.encode())
    assert root.findtext(f"{KML}Document/{KML}name") == "a & b "
    found: list[tuple[str, str, str]] = []
    for mark in root.iter(f"{KML}Placemark"):
        shape = mark[-1]
        where = " ".join(each.text or "" for each in shape.iter(f"{KML}coordinates"))
        found.append((mark.findtext(f"{KML}name") or "", shape.tag.removeprefix(KML), where))
    return found


HERE = "174.7700000,-41.2800000"
BENT = "174.0000000,-41.0000000 174.0000000,-42.0000000 175.0000000,-42.0000000"


def test_points_lines_areas_and_circles() -> None:
    corners = '<link point="-41,174"/><link point="-42,174"/><link point="-42,175"/>'
    ring = f'{corners}<link point="-41,174"/>'
    circle = '<shape><ellipse major="100" minor="100" angle="0"/></shape>'
    around = f"{BENT} 174.0000000,-41.0000000"
    assert drawn(
        cot_xml("P", "a-f-G", ""),
        cot_xml("L", "u-d-f", corners),
        cot_xml("A", "u-d-f", ring),
        cot_xml("R", "u-d-r", corners),
        cot_xml("C", "u-d-c-c", circle),
        cot_xml("H", "b-a-o-tbl", '<emergency type="911 Alert"/>'),
    ) == [
        ("P", "Point", HERE),
        ("L", "LineString", BENT),
        ("A", "Polygon", around),
        ("R", "Polygon", around),  # whose first corner is not said twice
        ("C", "Point", HERE),
        ("H", "Point", HERE),
    ]


def test_what_has_no_place_or_cannot_be_read_is_left_out() -> None:
    nowhere = cot_xml("N", "a-f-G", "").replace(b"-41.28", b"91")
    gone = cot_xml("G", "t-x-d-d", '<link uid="P"/>')
    assert drawn(nowhere, b"<event/>", gone) == []
