"""CAP 1.2 from XML: no document type, entity or network."""

import math
from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType

from lxml import etree
from lxml.etree import _Element as Node  # pyright: ignore[reportPrivateUsage]  its one name

from accord.wire.cap.message import CapAlert, CapArea, CapCircle, Degrees
from accord.wire.errors import FrameTooLarge, Malformed, Unsupported

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

MAX_BYTES = 1 << 20
"""Bytes of one alert."""

MAX_FEED = 16 << 20
"""Bytes of a document with many."""

MOST_ALERTS = 2_000
"""Alerts of one document."""

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
"""What `status` and `msgType` may say (3.2.1)."""

_P = f"{{{NAMESPACE}}}"

_LISTS = frozenset({
    "rss",
    "{http://www.w3.org/2005/Atom}feed",
    "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF",
    "{urn:oasis:names:tc:emergency:EDXL:DE:1.0}EDXLDistribution",
})  # fmt: skip
"""What bears alerts, and may have none just now: RSS 2.0, Atom (RFC 4287), RSS 1.0, EDXL-DE 1.0."""


def read(data: bytes) -> CapAlert:
    """Return what an alert says. Raises WireError, which names the element that is wrong."""
    root = _parsed(data, MAX_BYTES, "the alert")
    if root.tag != f"{_P}alert":
        raise Unsupported("the document is no alert of CAP 1.2")
    return _alert(root)


Unread = tuple[str, str]
"""The identifier of an alert that cannot be read, as far as it says one, and why not."""


def read_all(data: bytes) -> tuple[list[CapAlert], list[Unread]]:
    """Return the alerts of a document, such as a feed with alerts in it, in their order.

    One that cannot be read costs only itself. Raises WireError for a document that is none, such as
    a page for people: that there is no alert in it says nothing.
    """
    root = _parsed(data, MAX_FEED, "the document")
    found = list(root.iter(f"{_P}alert"))
    if not found and root.tag not in _LISTS:
        raise Malformed(f"the document is {str(root.tag)[:80]}, no alert of CAP 1.2 and no feed")
    if len(found) > MOST_ALERTS:
        raise FrameTooLarge(f"the document has {len(found)} alerts; at most {MOST_ALERTS} are read")
    alerts: list[CapAlert] = []
    unread: list[Unread] = []
    for each in found:
        try:
            alerts.append(_alert(each))
        except Malformed as error:
            unread.append((_text(each, "identifier")[:200], str(error)))
    return alerts, unread


def _alert(root: Node) -> CapAlert:
    info = root.find(f"{_P}info")
    expires = _text(info, "expires")
    return CapAlert(
        identifier=_required(root, "identifier"),
        sender=_required(root, "sender"),
        sent=_moment(_required(root, "sent"), "sent"),
        status=_one_of(root, "status", STATUSES),
        kind=_one_of(root, "msgType", KINDS),
        event=_text(info, "event"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        urgency=_text(info, "urgency"),
        severity=_text(info, "severity"),
        certainty=_text(info, "certainty"),
        categories=_texts(info, "category"),
        instruction=_text(info, "instruction"),
        sender_name=_text(info, "senderName"),
        expires=_moment(expires, "expires") if expires else None,
        scope=_text(root, "scope"),
        restriction=_text(root, "restriction"),
        references=_text(root, "references"),
        incidents=_text(root, "incidents"),
        areas=() if info is None else tuple(_areas(info)),
        web=_text(info, "web"),
        parameters=MappingProxyType(dict(_parameters(info))),
    )


def _parsed(data: bytes, most: int, what: str) -> Node:
    if len(data) > most:
        raise FrameTooLarge(f"{what} has more than {most} bytes")
    if b"<!DOCTYPE" in data:
        raise Unsupported("a document type definition stands before the alert")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, recover=False,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"{what} is no XML, or is cut off: {error}") from None


def _text(parent: Node | None, name: str) -> str:
    found = None if parent is None else parent.find(f"{_P}{name}")
    return "" if found is None else (found.text or "").strip()


def _texts(parent: Node | None, name: str) -> tuple[str, ...]:
    found = [] if parent is None else parent.findall(f"{_P}{name}")
    return tuple((each.text or "").strip() for each in found)


def _required(parent: Node, name: str) -> str:
    text = _text(parent, name)
    if not text:
        raise Malformed(f"the alert has no {name}")
    return text


def _one_of(parent: Node, name: str, words: tuple[str, ...]) -> str:
    text = _required(parent, name)
    if text not in words:
        raise Malformed(f"the alert's {name} is {text[:40]!r}, none of {', '.join(words)}")
    return text


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed(f"the alert's {name} is {text[:40]!r}, no time with its zone")
    return moment


def _parameters(info: Node | None) -> Iterator[tuple[str, str]]:
    for each in () if info is None else info.findall(f"{_P}parameter"):
        yield _text(each, "valueName"), _text(each, "value")


def _areas(info: Node) -> Iterator[CapArea]:
    for area in info.findall(f"{_P}area"):
        yield CapArea(
            description=_text(area, "areaDesc"),
            polygons=tuple(
                tuple(map(_degrees, (each.text or "").split()))
                for each in area.findall(f"{_P}polygon")
            ),
            circles=tuple(_circle(each.text or "") for each in area.findall(f"{_P}circle")),
        )


def _circle(text: str) -> CapCircle:
    parts = text.split()
    if len(parts) != 2:
        raise Malformed(f"the circle {text[:40]!r} is no centre and radius")
    return CapCircle(centre=_degrees(parts[0]), radius=_number(parts[1]))


def _degrees(text: str) -> Degrees:
    lat, comma, lon = text.partition(",")
    if not comma:
        raise Malformed(f"{text[:40]!r} is no latitude and longitude")
    point = _number(lat), _number(lon)
    if abs(point[0]) > 90.0 or abs(point[1]) > 180.0:
        raise Malformed(f"{text[:40]!r} is not on Earth")
    return point


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Malformed(f"{text[:40]!r} is no number")
    return number
