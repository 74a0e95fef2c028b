from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from accord.wire.cap.message import CapCircle
from accord.wire.cap.xml import MAX_BYTES, MAX_FEED, MOST_ALERTS, NAMESPACE, read, read_all
from accord.wire.errors import FrameTooLarge, Malformed, Unsupported

GOLDEN = Path(__file__).parents[3] / "golden" / "gdacs"

ALERT = """<?xml version = "1.0" encoding = "UTF-8"?>
<alert xmlns = "urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KSTO1055887203</identifier>
  <sender>KSTO@NWS.NOAA.GOV</sender>
  <sent>2003-06-17T14:57:00-07:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>SEVERE THUNDERSTORM</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <headline>SEVERE THUNDERSTORM WARNING</headline>
    <description> AT 254 PM PDT... </description>
    <area>
      <areaDesc>EXTREME NORTH CENTRAL TUOLUMNE COUNTY</areaDesc>
      <polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14</polygon>
      <circle>32.9525,-115.5527 1.5</circle>
    </area>
  </info>
</alert>
"""
"""The example of CAP-v1.2-os, appendix A.2, shortened, with the circle of appendix A.3."""


def test_the_example_of_the_standard_is_read() -> None:
    found = read(ALERT.encode())
    assert found.identifier == "KSTO1055887203"
    assert found.sender == "KSTO@NWS.NOAA.GOV"
    assert found.sent == datetime(2003, 6, 17, 14, 57, tzinfo=timezone(timedelta(hours=-7)))
    assert (found.status, found.kind) == ("Actual", "Alert")
    assert (found.event, found.headline) == ("SEVERE THUNDERSTORM", "SEVERE THUNDERSTORM WARNING")
    assert (found.urgency, found.severity, found.certainty) == ("Immediate", "Severe", "Observed")
    assert found.description == "AT 254 PM PDT..."
    (area,) = found.areas
    assert area.description == "EXTREME NORTH CENTRAL TUOLUMNE COUNTY"
    assert area.polygons[0][0] == area.polygons[0][-1] == (38.47, -120.14)
    assert area.circles == (CapCircle(centre=(32.9525, -115.5527), radius=1.5),)


def test_an_alert_without_info_is_read() -> None:
    begin, end = ALERT.index("<info>"), ALERT.index("</info>") + len("</info>")
    found = read((ALERT[:begin] + ALERT[end:]).encode())
    assert (found.event, found.areas) == ("", ())


def test_elements_without_text_are_empty() -> None:
    text = ALERT.replace(
        "38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14", ""
    )
    text = text.replace("<event>SEVERE THUNDERSTORM</event>", "<event/>")
    found = read(text.encode())
    assert (found.event, found.areas[0].polygons) == ("", ((),))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<identifier>KSTO1055887203</identifier>", "", "has no identifier"),
        ("2003-06-17T14:57:00-07:00", "2003-06-17T14:57:00", "no time with its zone"),
        ("2003-06-17T14:57:00-07:00", "yesterday", "no time with its zone"),
        ("Actual", "Perhaps", "none of Actual"),
        ("32.9525,-115.5527 1.5", "32.9525,-115.5527", "no centre and radius"),
        ("32.9525,-115.5527 1.5", "", "no centre and radius"),
        ("32.9525,-115.5527 1.5", "32.9525,-115.5527 wide", "no number"),
        ("32.9525,-115.5527 1.5", "32.9525 1.5", "no latitude and longitude"),
        ("32.9525,-115.5527 1.5", "92.9525,-115.5527 1.5", "not on Earth"),
        ("32.9525,-115.5527 1.5", "nan,-115.5527 1.5", "no number"),
        ("</alert>", "", "cut off"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(ALERT.replace(old, new).encode())


def test_entities_other_documents_and_giants_are_refused() -> None:
    with pytest.raises(Unsupported, match="document type"):
        read(b'<!DOCTYPE alert [<!ENTITY a "b">]>' + ALERT.encode())
    with pytest.raises(Unsupported, match=r"no alert of CAP 1\.2"):
        read(ALERT.replace("cap:1.2", "cap:1.1").encode())
    with pytest.raises(FrameTooLarge):
        read(b" " * (MAX_BYTES + 1))


def test_a_document_with_alerts_in_it_costs_only_those_that_cannot_be_read() -> None:
    found, unread = read_all((GOLDEN / "invented-cap.xml").read_bytes())
    assert [each.identifier for each in found] == ["GDACS_TC_9000001_2", "TEST-1"]
    assert unread == [("HALF", "the alert has no sent")]
    cyclone = found[0]
    assert cyclone.web.endswith("eventid=9000001")
    assert cyclone.parameters["eventtype"] == "TC"
    assert len(cyclone.areas[0].polygons) == 2
    assert read_all(ALERT.encode()) == ([read(ALERT.encode())], [])
    assert read_all(b"<rss/>") == ([], [])
    assert read_all(b'<feed xmlns="http://www.w3.org/2005/Atom"/>') == ([], [])


@pytest.mark.parametrize(
    "document",
    ['<html xmlns="http://www.w3.org/1999/xhtml"><body>Down for maintenance</body></html>',
     "<feed/>", '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>'],
)  # fmt: skip
def test_a_page_in_place_of_a_feed_is_no_feed_without_alerts(document: str) -> None:
    with pytest.raises(Malformed, match="and no feed"):
        read_all(document.encode())


def test_a_document_of_too_many_alerts_or_none_at_all_is_refused() -> None:
    with pytest.raises(FrameTooLarge, match="at most 2000"):
        read_all(f'<r xmlns:c="{NAMESPACE}">{"<c:alert/>" * (MOST_ALERTS + 1)}</r>'.encode())
    with pytest.raises(Malformed, match="no XML"):
        read_all(b"<rss>")
    with pytest.raises(FrameTooLarge):
        read_all(b" " * (MAX_FEED + 1))
    with pytest.raises(Unsupported):
        read_all(b"<!DOCTYPE rss><rss/>")
