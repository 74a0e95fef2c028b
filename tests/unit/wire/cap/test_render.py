"""CAP 1.2 out, held to what the schema of OASIS says (CAP-v1.2-os, 3.2 and its XML schema)."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree

from accord.wire.cap import xml
from accord.wire.cap.message import (
    CATEGORIES,
    CERTAINTIES,
    SEVERITIES,
    URGENCIES,
    CapAlert,
    CapArea,
    CapCircle,
)
from accord.wire.cap.render import render, spelt

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"

ALERT = [
    "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction",
    "addresses", "code", "note", "references", "incidents", "info",
]  # fmt: skip
INFO = [
    "language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience",
    "eventCode", "effective", "onset", "expires", "senderName", "headline", "description",
    "instruction", "web", "contact", "parameter", "resource", "area",
]  # fmt: skip
AREA = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
REQUIRED = {
    "alert": {"identifier", "sender", "sent", "status", "msgType", "scope"},
    "info": {"category", "event", "urgency", "severity", "certainty"},
    "area": {"areaDesc"},
}
WORDS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport",
                 "Infra", "CBRNE", "Other"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-,+]\d\d:\d\d")

WHOLE = CapAlert(
    identifier="NZL-1", sender="NZL-JFNZ", sent=datetime(2026, 11, 26, 3, tzinfo=UTC),
    status="Exercise", kind="Update", scope="Restricted", restriction="for partners",
    references="NZL-JFNZ,NZL-0,2026-11-26T02:00:00-00:00", incidents="LOLA", event="Flood",
    headline="Rivers <rise> & fall", description="two\nlines", instruction="go up",
    urgency="Immediate", severity="Severe", certainty="Likely", categories=("Met", "Rescue"),
    sender_name="Rescue", expires=datetime(2026, 11, 27, 3, tzinfo=UTC),
    areas=(CapArea(
        description="Malampa",
        polygons=(((-16.0, 167.0), (-17.0, 167.0), (-17.0, 168.0), (-16.0, 167.0)),),
        circles=(CapCircle(centre=(-16.2, 167.5), radius=80.5),),
    ),),
)  # fmt: skip
LEAST = CapAlert(
    identifier="a b,c", sender="<x>&y", sent=datetime(2026, 11, 26, 3, tzinfo=UTC),
    status="Actual", kind="Alert", event="Flood", areas=(CapArea(description=""),),
)  # fmt: skip


def faults(data: bytes) -> list[str]:
    """What the schema would not take."""
    root = etree.fromstring(data)
    found: list[str] = []
    for parent, order in ((root, ALERT), *((e, INFO) for e in root.iter(f"{NAMESPACE}info")),
                          *((e, AREA) for e in root.iter(f"{NAMESPACE}area"))):  # fmt: skip
        names = [str(each.tag).removeprefix(NAMESPACE) for each in parent]
        places = [order.index(name) for name in names]
        name = str(parent.tag).removeprefix(NAMESPACE)
        if places != sorted(places):
            found.append(f"{name}: order {names}")
        found += [f"{name}: no {each}" for each in REQUIRED[name] - set(names)]
    for each in root.iter():
        name, text = str(each.tag).removeprefix(NAMESPACE), each.text or ""
        if name in WORDS and text not in WORDS[name]:
            found.append(f"{name}: {text}")
        if name in ("sent", "expires") and not TIME.fullmatch(text):
            found.append(f"{name}: {text}")
        if name in ("identifier", "sender") and re.search(r"[\s,<&]", text):
            found.append(f"{name}: {text}")
    return found


@pytest.mark.parametrize("alert", [WHOLE, LEAST])
def test_what_goes_out_is_as_the_schema_has_it(alert: CapAlert) -> None:
    assert faults(render(alert)) == []


def test_what_went_out_is_read_again_as_it_was() -> None:
    assert xml.read(render(WHOLE)) == WHOLE


def test_what_xml_has_no_place_for_does_not_break_it() -> None:
    data = render(replace(WHOLE, headline="bell \x07 half \ud800 end"))
    assert xml.read(data).headline == "bell \ufffd half \ufffd end"


def test_a_time_is_spelt_in_utc_with_its_zone_as_cap_wants_it() -> None:
    nz = timezone(timedelta(hours=13))
    assert spelt(datetime(2026, 11, 26, 16, 4, 5, tzinfo=nz)) == "2026-11-26T03:04:05-00:00"


def test_the_words_that_can_be_said_are_those_of_the_schema() -> None:
    assert set(CATEGORIES) == WORDS["category"]
    assert set(URGENCIES) == WORDS["urgency"]
    assert set(SEVERITIES) == WORDS["severity"]
    assert set(CERTAINTIES) == WORDS["certainty"]
