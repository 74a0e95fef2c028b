"""A list of CAP alerts as an Atom feed (RFC 4287), which programs that read CAP poll."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree
from lxml.etree import _Element as Node  # pyright: ignore[reportPrivateUsage]  its one name

from accord.wire.cap.message import CapAlert
from accord.wire.cap.render import told

ATOM = "http://www.w3.org/2005/Atom"
_EMPTY = f'<feed xmlns="{ATOM}"/>'


def feed(
    alerts: Sequence[CapAlert],
    *,
    node: str,
    base: str,
    now: datetime,
    links: Mapping[str, str] | None = None,
) -> bytes:
    """Return a feed of alerts, which are found under `base`; the newest stands first.

    `links` say by identifier where under it, if not by that.
    """
    root = etree.fromstring(_EMPTY)
    newest = max((each.sent for each in alerts), default=now)
    _add(root, "id", f"urn:accord:{quote(node)}:alerts")
    _add(root, "title", f"Alerts of {node}")
    _add(root, "updated", _spelt(newest))
    _add(_add(root, "author", ""), "name", node)
    etree.SubElement(root, f"{{{ATOM}}}link", rel="self", href=f"{base}.atom")
    for each in alerts:
        path = (links or {}).get(each.identifier) or quote(each.identifier)
        _entry(etree.SubElement(root, f"{{{ATOM}}}entry"), each, f"{base}/{path}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _entry(entry: Node, alert: CapAlert, href: str) -> None:
    mark = "" if alert.status == "Actual" else f"{alert.status.upper()} "
    _add(entry, "id", f"urn:accord:{quote(alert.sender)}:{quote(alert.identifier)}")
    _add(entry, "title", f"{mark}{alert.kind}: {alert.headline or alert.event}")
    _add(entry, "updated", _spelt(alert.sent))
    _add(_add(entry, "author", ""), "name", alert.sender)
    etree.SubElement(
        entry, f"{{{ATOM}}}link", rel="alternate", type="application/cap+xml", href=href
    )
    _add(entry, "summary", alert.description or alert.event)


def _add(parent: Node, name: str, text: str) -> Node:
    made = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    made.text = told(text) or None
    return made


def _spelt(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
