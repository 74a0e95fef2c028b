"""CAP 1.2 to XML, as the schema of OASIS has it: its elements in its order."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree
from lxml.etree import _Element as Node  # pyright: ignore[reportPrivateUsage]  its one name

from accord.wire.cap.message import CapAlert, CapArea
from accord.wire.cap.xml import NAMESPACE

_EMPTY = f'<alert xmlns="{NAMESPACE}"/>'
"""The element without a prefix, as readers of CAP in the wild expect it."""

_UNTOLD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
"""What XML 1.0 has no place for (2.2)."""

_SPACED = re.compile(r"[\s,<&]+")
"""What an identifier and a sender must not have in them (3.2.1)."""


def render(alert: CapAlert) -> bytes:
    """Return an alert as an XML document in UTF-8; what is empty is left out."""
    root = etree.fromstring(_EMPTY)
    for name, text in _head(alert):
        _add(root, name, text)
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    for name, text in _info(alert):
        _add(info, name, text)
    for area in alert.areas:
        _area(etree.SubElement(info, f"{{{NAMESPACE}}}area"), area)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(alert: CapAlert) -> Iterator[tuple[str, str]]:
    yield "identifier", _SPACED.sub("-", alert.identifier)
    yield "sender", _SPACED.sub("-", alert.sender)
    yield "sent", spelt(alert.sent)
    yield "status", alert.status
    yield "msgType", alert.kind
    yield "scope", alert.scope or "Public"
    yield "restriction", alert.restriction
    yield "references", alert.references
    yield "incidents", alert.incidents


def _info(alert: CapAlert) -> Iterator[tuple[str, str]]:
    for category in alert.categories or ("Other",):
        yield "category", category
    yield "event", alert.event
    yield "urgency", alert.urgency or "Unknown"
    yield "severity", alert.severity or "Unknown"
    yield "certainty", alert.certainty or "Unknown"
    yield "expires", "" if alert.expires is None else spelt(alert.expires)
    yield "senderName", alert.sender_name
    yield "headline", alert.headline
    yield "description", alert.description
    yield "instruction", alert.instruction


def _area(parent: Node, area: CapArea) -> None:
    _add(parent, "areaDesc", area.description or "not said")
    for outline in area.polygons:
        _add(parent, "polygon", " ".join(f"{lat:g},{lon:g}" for lat, lon in outline))
    for circle in area.circles:
        lat, lon = circle.centre
        _add(parent, "circle", f"{lat:.6f},{lon:.6f} {circle.radius:g}")


def _add(parent: Node, name: str, text: str) -> None:
    if text:
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = told(text)


def told(text: str) -> str:
    """Return a text with a mark in place of what XML has no place for."""
    return _UNTOLD.sub("\ufffd", text)


def spelt(moment: datetime) -> str:
    """Return a time in UTC; the zone is written -00:00, never Z (3.3.2)."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"
