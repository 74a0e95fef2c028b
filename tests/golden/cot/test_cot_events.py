"""Events of real clients: what they say, and that takproto reads and writes them alike."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.geometry import Circle, Outline, Point
from accord.core.report import Report, Source
from accord.wire.cot import detail, protobuf, tak_pb2, xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.stream import CotStream, read_datagram
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "events.json").read_text("utf-8"))
TAKPROTO: dict[str, dict[str, str]] = json.loads((HERE / "takproto.json").read_text("utf-8"))
NOW = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)
GROUPS = frozenset({"Blue"})
MARKS = ("access", "qos", "opex", "caveat", "releasable_to")
# takproto writes no detail without these, and of these only the attributes that have fields.
TYPED = {"contact", "__group", "precisionlocation", "status", "takv", "track"}

each_event = pytest.mark.parametrize("name", sorted(EXPECTED))


def sent(name: str) -> bytes:
    return (HERE / "events" / f"{name}.xml").read_bytes()


def heard(data: bytes) -> CotEvent:
    stream = CotStream()
    (event,) = stream.receive(data, NOW)
    assert stream.take_faults() == []
    return event


def report(event: CotEvent) -> Report:
    source = Source(node="NZL", channel="tak", speaker="kaka")
    return to_report(event, source=source, groups=GROUPS, received=NOW)


def numbers(point: Point | None) -> list[float | None] | None:
    return None if point is None else [point.lat, point.lon, point.hae]


def drawn(outline: Outline, anchor: Point | None) -> dict[str, Any]:
    if isinstance(outline, Circle):
        return {"centre": numbers(outline.centre), "radius": outline.radius}
    points = [numbers(point) for point in outline.points]
    return {"anchor": numbers(anchor), "closed": outline.closed, "points": points}


def said(body: Body) -> dict[str, Any]:
    """A body in the words of events.json."""
    match body:
        case Position(course=course, speed=speed):
            return {"is": "Position", "course": course, "speed": speed}
        case Message(text=text, sender=sender, room=room):
            return {"is": "Message", "text": text, "sender": sender, "room": room}
        case Alarm(category=category, cancels=cancels):
            return {"is": "Alarm", "category": category, "cancels": cancels}
        case Removal(target=target):
            return {"is": "Removal", "target": target}
        case Shape(outline=outline, anchor=anchor):
            return {"is": "Shape", **drawn(outline, anchor)}
        case Opaque():
            return {"is": "Opaque"}


def frame_of(message: bytes) -> tak_pb2.CotEvent:
    return tak_pb2.TakMessage.FromString(message).cot_event


def test_every_event_has_its_expected_words_and_its_bytes_by_takproto() -> None:
    names = {path.stem for path in (HERE / "events").iterdir()}
    assert names == set(EXPECTED) == set(TAKPROTO)


@each_event
def test_an_event_says_what_its_sender_meant(name: str) -> None:
    expected, event = EXPECTED[name], heard(sent(name))
    found = report(event)
    assert (event.uid, event.type, event.how) == tuple(expected[k] for k in ("uid", "type", "how"))
    assert event.time == event.start == datetime.fromisoformat(expected["time"])
    assert (event.stale - event.start).total_seconds() == expected["valid"]
    assert list(event.point) == expected["point"]
    marks = {mark: getattr(event, mark) for mark in MARKS if getattr(event, mark) is not None}
    assert marks == expected.get("marks", {})
    assert said(found.body) == expected["body"]
    assert (found.author, found.identity.callsign) == (expected["author"], expected["callsign"])
    assert str(found.context) == expected.get("context", "live")
    assert sorted([to.kind.value, to.value] for to in found.to) == expected.get("to", [])
    who = detail.announcement(event)
    assert (who.team if who else None) == expected.get("team")


@each_event
def test_a_datagram_of_the_mesh_says_the_same_as_the_stream(name: str) -> None:
    assert read_datagram(sent(name)) == heard(sent(name))


@each_event
def test_what_takproto_encodes_is_read_as_the_event_that_it_was(name: str) -> None:
    event = heard(sent(name))
    stream = bytes.fromhex(TAKPROTO[name]["stream"])
    decoded, from_mesh = heard(stream), read_datagram(bytes.fromhex(TAKPROTO[name]["mesh"]))
    assert decoded == from_mesh
    assert (
        decoded[1:8]
        == event._replace(
            time=_to_millis(event.time),
            start=_to_millis(event.start),
            stale=_to_millis(event.stale),
        )[1:8]
    )
    assert (decoded.access, decoded.qos, decoded.opex) == (event.access, event.qos, event.opex)
    for element in {element for element, _ in decoded.elements}:
        before, after = _all(event, element), _all(decoded, element)
        if element in TYPED:  # takproto keeps what has a field, and drops the rest
            before = [{key: each[key] for key in after[0]} for each in before]
        assert after == before


def _all(event: CotEvent, element: str) -> list[dict[str, float | str]]:
    return [
        {key: _value(value) for key, value in attributes.items()}
        for name, attributes in event.elements
        if name == element
    ]


def _to_millis(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


@each_event
def test_what_takproto_puts_into_fields_this_node_puts_there_too(name: str) -> None:
    """takproto leaves out what has no field; this node then keeps the whole element as XML."""
    ours = frame_of(protobuf.write(heard(sent(name))))
    theirs = frame_of(bytes.fromhex(TAKPROTO[name]["mesh"])[3:])
    kept_as_xml = {element for element, _ in xml.children(ours.detail.xml_detail.encode())}
    for field in ("contact", "group", "precision_location", "status", "takv", "track"):
        element = {"group": "__group", "precision_location": "precisionlocation"}.get(field, field)
        if ours.detail.HasField(field):
            assert getattr(ours.detail, field) == getattr(theirs.detail, field)
        else:
            assert element in kept_as_xml or not theirs.detail.HasField(field)
    for field in ("uid", "type", "how", "access", "qos", "opex"):
        assert getattr(ours, field) == getattr(theirs, field)
    for field in ("send_time", "start_time", "stale_time", "lat", "lon", "hae", "ce", "le"):
        assert getattr(ours, field) == getattr(theirs, field)


def test_an_event_that_is_cut_short_anywhere_is_refused_or_awaited() -> None:
    whole = sent("atak_position").strip()
    for length in range(len(whole)):
        with pytest.raises(WireError):
            read_datagram(whole[:length])
        assert CotStream().receive(whole[:length], NOW) == []
