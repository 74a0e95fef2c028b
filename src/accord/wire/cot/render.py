"""Reports that did not come as CoT, or have lost their original, as CotEvents."""

import re
from collections.abc import Sequence
from typing import assert_never

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.report import AddressKind, Report
from accord.wire.cot import xml
from accord.wire.cot.message import UNKNOWN, CotEvent, CotPoint
from accord.wire.cot.xml import element

_ROUTE = "b-m-r"
_NOWHERE = CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN)
_not_xml = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_cot(report: Report) -> CotEvent:
    """Return the report as an event made from its fields; what CoT cannot say is left out."""
    marking = report.marking
    inside = f"{_contact(report)}{_inside(report, report.body)}"
    return xml.read(
        xml.compose(
            uid=_clean(report.uid),
            type=report.kind.text,
            how=report.how,
            time=report.time,
            start=report.start,
            stale=report.stale,
            point=_point(_place(report.body)),
            detail=_clean(inside),
            marks={
                "access": marking.access,
                "caveat": marking.caveat,
                "releasableTo": marking.releasable_to,
                "opex": None if marking.opex is None else str(marking.opex),
            },
        )
    )


def _clean(text: str) -> str:
    return _not_xml.sub("", text)


def _place(body: Body) -> Point | None:
    match body:
        case Position(point=point) | Alarm(point=point):
            return point
        case Shape(anchor=anchor, outline=Circle(centre=centre)):
            return anchor or centre
        case Shape(anchor=anchor):
            return anchor
        case Message() | Removal() | Opaque():
            return None
        case _:
            assert_never(body)


def _point(point: Point | None) -> CotPoint:
    if point is None:
        return _NOWHERE
    rest = (point.hae, point.circular_error, point.linear_error)
    return CotPoint(point.lat, point.lon, *(UNKNOWN if value is None else value for value in rest))


def _contact(report: Report) -> str:
    """Return the name to show, without an endpoint: this is no client that can be called."""
    name = report.identity.name or report.identity.callsign
    return element("contact", {"callsign": name}) if name else ""


def _inside(report: Report, body: Body) -> str:
    match body:
        case Position():
            return _track(body) + _numbers(report)
        case Shape():
            return _shape(report, body)
        case Message():
            return _chat(report, body)
        case Alarm():
            return _emergency(report, body)
        case Removal():
            return element("link", {"uid": body.target, "relation": "none"})
        case Opaque():
            return ""
        case _:
            assert_never(body)


def _track(body: Position) -> str:
    known = {"course": body.course, "speed": body.speed}
    attributes = {name: repr(value) for name, value in known.items() if value is not None}
    return element("track", attributes) if attributes else ""


def _numbers(report: Report) -> str:
    """Return the registered numbers as words, since CoT has no element for them."""
    who = report.identity
    numbers = {"MMSI": who.mmsi, "IMO": who.imo, "ICAO": who.icao, "nation": who.nation}
    said = ", ".join(f"{name} {value}" for name, value in numbers.items() if value)
    return element("remarks", {}, said) if said else ""


def _shape(report: Report, body: Shape) -> str:
    if isinstance(body.outline, Polyline) and report.kind.is_a(_ROUTE):
        return _waypoints(report.uid, body.outline.points)
    if isinstance(body.outline, Circle):
        radius = repr(body.outline.radius)
        ellipse = element("ellipse", {"major": radius, "minor": radius, "angle": "360"})
        return f"<shape>{ellipse}</shape>"
    return "".join(
        element(
            "link", {"point": f"{p.lat!r},{p.lon!r}" + ("" if p.hae is None else f",{p.hae!r}")}
        )
        for p in body.outline.points
    )


def _waypoints(uid: str, points: Sequence[Point]) -> str:
    """Return the points of a route as TAK clients have them: each a waypoint of its own."""
    return "".join(
        element(
            "link",
            {
                "uid": f"{uid}.{number}",
                "callsign": f"{number:02d}",
                "type": "b-m-p-w",
                "point": f"{point.lat!r},{point.lon!r}",
                "relation": "c",
            },
        )
        for number, point in enumerate(points, 1)
    )


def _chat(report: Report, body: Message) -> str:
    """Return GeoChat: words to one person are in the conversation that is named for his uid."""
    person = _only_person(report)
    conversation = person or body.room
    room = {
        "id": conversation,
        "chatroom": body.room,
        "senderCallsign": body.sender,
        "messageId": report.uid.rpartition(".")[2],
    }
    people = {"uid0": report.author, "uid1": person} if report.author else {}
    said = {name: uid for name, uid in people.items() if uid}
    group = element("chatgrp", {"id": conversation, **said})
    link = element("link", {"uid": report.author, "relation": "p-p"}) if report.author else ""
    chat = f"<__chat{xml.written(room)}>{group}</__chat>"
    return f"{chat}{link}{element('remarks', {}, body.text)}"


def _only_person(report: Report) -> str | None:
    """Return the uid of the one whom the words are for, None where they are for more."""
    uids = [each.value for each in report.to if each.kind is AddressKind.UID]
    return uids[0] if len(uids) == len(report.to) == 1 else None


def _emergency(report: Report, body: Alarm) -> str:
    link = element("link", {"uid": report.author, "relation": "p-p"}) if report.author else ""
    cancel = {"cancel": "true"} if body.cancels else {}
    return link + element("emergency", {"type": body.category, **cancel})
