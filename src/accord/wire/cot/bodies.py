"""What a CotEvent says, as a body of the core; which body an event has is told by its type."""

import math
from collections.abc import Mapping

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import EARTH_MEAN_RADIUS, Circle, Outline, Point, Polyline
from accord.wire.cot import detail
from accord.wire.cot.message import UNKNOWN_FROM, CotEvent, CotPoint

_CANCEL = "b-a-o-can"
_SHAPES = ("u-d", "u-r-b", "u-rb-a", "b-m-r")
_CARRIED = ("t", "y", "b-f-t", "b-t-f")


def body(event: CotEvent) -> Body:
    """Return what the event says: chat, alarm, removal, shape or position, else Opaque."""
    base = event.type.partition(";")[0]
    if base == "b-t-f":
        return _message(event)
    if _is_under(base, "b-a"):
        return _alarm(event, base)
    if base == "t-x-d-d":
        target = detail.linked_uid(event)
        return Opaque() if target is None else Removal(target=target)
    if _is_under(base, *_SHAPES):
        outline = _outline(event, base)
        return Opaque() if outline is None else Shape(outline=outline, anchor=point(event.point))
    if _is_under(base, *_CARRIED):
        return Opaque()
    return position(event.point, detail.first(event, "track"))


def position(at: CotPoint, track: Mapping[str, str]) -> Position:
    """Return where the event's object is; `track` are the attributes of that element."""
    if not track:
        return Position(point=point(at))
    course, speed = _number(track.get("course", "")), _number(track.get("speed", ""))
    return Position(
        point=point(at),
        course=course if course is not None and course <= 360.0 else None,
        speed=speed if speed is not None and speed < UNKNOWN_FROM else None,
    )


def point(at: CotPoint) -> Point | None:
    """Return the position, None where none is given (0, 0 of unknown error) or it cannot be."""
    lat, lon, hae, ce, le = at
    if lat == lon == 0.0 and ce >= UNKNOWN_FROM:
        return None
    try:
        return Point(
            lat=lat,
            lon=lon,
            hae=hae if hae < UNKNOWN_FROM else None,
            circular_error=ce if 0.0 <= ce < UNKNOWN_FROM else None,
            linear_error=le if 0.0 <= le < UNKNOWN_FROM else None,
        )
    except ValueError:
        return None


def _is_under(base: str, *ancestors: str) -> bool:
    return any(base == ancestor or base.startswith(f"{ancestor}-") for ancestor in ancestors)


def _number(text: str) -> float | None:
    """Return a number from 0 up, None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < math.inf else None


def _message(event: CotEvent) -> Message:
    words = detail.chat(event)
    callsign = words.sender or detail.first(event, "contact").get("callsign", "")
    return Message(text=words.text, sender=callsign, room=words.room)


def _alarm(event: CotEvent, base: str) -> Alarm:
    emergency = detail.first(event, "emergency")
    cancels = base == _CANCEL or emergency.get("cancel", "").strip().lower() == "true"
    category = emergency.get("type") or base
    return Alarm(category=category, point=point(event.point), cancels=cancels)


def _outline(event: CotEvent, base: str) -> Outline | None:
    if _is_under(base, "u-rb-a"):
        return _range_line(event)
    ellipse = detail.ellipse(event)
    if ellipse is not None:
        return _circle(event, ellipse)
    points = [_vertex(text) for text in detail.vertices(event)]
    known = tuple(vertex for vertex in points if vertex is not None)
    if len(known) < 2 or len(known) < len(points):
        return None
    closed = _is_under(base, "u-d-r") or (not _is_under(base, "b-m-r") and known[0] == known[-1])
    return Polyline(points=known, closed=closed)


def _circle(event: CotEvent, ellipse: detail.Ellipse) -> Circle | None:
    """Return a circle; an ellipse that is not one has no outline here."""
    centre = point(event.point)
    if centre is None or ellipse.major != ellipse.minor or not 0.0 < ellipse.major < math.inf:
        return None
    return Circle(centre=centre, radius=ellipse.major)


def _vertex(text: str) -> Point | None:
    try:
        lat, lon, *heights = (float(part) for part in text.split(","))
        hae = heights[0] if heights and abs(heights[0]) < UNKNOWN_FROM else None
        return Point(lat=lat, lon=lon, hae=hae)
    except ValueError:
        return None


def _range_line(event: CotEvent) -> Polyline | None:
    """Return the line from the event's point over `range` metres at `bearing` degrees true."""
    anchor = point(event.point)
    length = _number(detail.first(event, "range").get("value", ""))
    course = _number(detail.first(event, "bearing").get("value", ""))
    if anchor is None or length is None or course is None:
        return None
    return Polyline(points=(anchor, _beyond(anchor, length, course)))


def _beyond(start: Point, length: float, course: float) -> Point:
    """Return the end of a great circle on the mean sphere; metres, degrees true."""
    arc, angle, lat = length / EARTH_MEAN_RADIUS, math.radians(course), math.radians(start.lat)
    sine = math.sin(lat) * math.cos(arc) + math.cos(lat) * math.sin(arc) * math.cos(angle)
    east = math.sin(angle) * math.sin(arc) * math.cos(lat)
    lon = math.radians(start.lon) + math.atan2(east, math.cos(arc) - math.sin(lat) * sine)
    turned = (math.degrees(lon) + 180.0) % 360.0 - 180.0
    return Point(lat=math.degrees(math.asin(max(-1.0, min(1.0, sine)))), lon=turned)
