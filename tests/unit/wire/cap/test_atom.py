"""The Atom feed of alerts, held to RFC 4287."""

from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from accord.wire.cap.atom import feed
from accord.wire.cap.message import CapAlert

ATOM = {"a": "http://www.w3.org/2005/Atom"}
BASE = "https://node.example/api/v1/relief/alerts"
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
FLOOD = CapAlert(
    identifier="NZL-1", sender="NZL-JFNZ", sent=NOW, status="Actual", kind="Alert", event="Flood"
)


def test_every_alert_is_an_entry_with_a_link_to_its_cap_document() -> None:
    drill = replace(FLOOD, identifier="NZL 2", status="Exercise", headline="Drill")
    root = etree.fromstring(feed([drill, FLOOD], node="NZL-JFNZ", base=BASE, now=NOW))
    # RFC 4287, 4.1.1 and 4.1.2: feed and entry have exactly one id, title and updated.
    for each in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"a:{name}", ATOM)) == 1
    titles = [each.text for each in root.findall("a:entry/a:title", ATOM)]
    assert titles == ["EXERCISE Alert: Drill", "Alert: Flood"]
    links = [each.get("href") for each in root.findall("a:entry/a:link", ATOM)]
    assert links == [f"{BASE}/NZL%202", f"{BASE}/NZL-1"]
    assert {e.get("type") for e in root.findall("a:entry/a:link", ATOM)} == {"application/cap+xml"}
    assert root.findtext("a:author/a:name", namespaces=ATOM) == "NZL-JFNZ"


def test_a_feed_without_alerts_is_one_all_the_same() -> None:
    root = etree.fromstring(feed([], node="NZL-JFNZ", base=BASE, now=NOW))
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-11-26T03:00:00Z"
    assert root.findall("a:entry", ATOM) == []


def test_an_alert_is_linked_where_it_is_said_to_be() -> None:
    data = feed([FLOOD], node="N", base=BASE, now=NOW, links={"NZL-1": "7/cap"})
    (link,) = etree.fromstring(data).findall("a:entry/a:link", ATOM)
    assert link.get("href") == f"{BASE}/7/cap"
