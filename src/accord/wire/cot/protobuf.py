"""CotEvent <-> TakMessage, TAK protocol version 1 (reference: commoncommo protobuf, takproto)."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from google.protobuf.message import DecodeError

from accord.wire.cot import tak_pb2, xml
from accord.wire.cot.message import CotEvent, CotPoint
from accord.wire.cot.splice import Detail
from accord.wire.errors import Malformed

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)
_LAST = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z, the last that XML can say
_UNDEFINED = "Undefined"  # what an absent `access` means


def read(message: bytes, max_depth: int = xml.MAX_DEPTH) -> CotEvent | None:
    """Return the event in a TakMessage, None where it carries none. Raises WireError."""
    try:
        tak = tak_pb2.TakMessage.FromString(message)
    except DecodeError:
        raise Malformed("the frame is no TakMessage") from None
    if not tak.HasField("cot_event"):
        return None
    return xml.read(_xml(tak.cot_event), max_depth)._replace(protobuf=message)


def write(event: CotEvent) -> bytes:
    """Return the event as a TakMessage: as it was received, or made from its XML."""
    if event.protobuf is not None:
        return event.protobuf
    access = None if event.access == _UNDEFINED else event.access
    tak = tak_pb2.TakMessage(
        cot_event=tak_pb2.CotEvent(
            type=event.type,
            access=access,
            qos=event.qos,
            opex=event.opex,
            uid=event.uid,
            send_time=_millis(event.time),
            start_time=_millis(event.start),
            stale_time=_millis(event.stale),
            how=event.how,
            **event.point._asdict(),
            detail=_detail(event),
            caveat=event.caveat,
            releasable_to=event.releasable_to,
        )
    )
    return tak.SerializeToString()


def _detail(event: CotEvent) -> tak_pb2.Detail | None:
    """Move what has a field of its own into it; leave each other element whole in `xml_detail`."""
    if not event.elements and b"<detail" not in event.xml:
        return None
    detail = Detail.of(event.xml)
    often = Counter(name for name, _ in event.elements)
    typed: dict[str, Any] = {}
    moved: set[int] = set()
    for place, (name, attributes) in enumerate(event.elements):
        if name in _TYPED and often[name] == 1 and detail.children[place].is_plain:
            field, convert = _TYPED[name]
            value = convert(attributes)
            if value is not None:
                typed[field] = value
                moved.add(place)
    rest = detail.inside(leaving_out=moved).decode()
    return tak_pb2.Detail(xml_detail=rest, **typed)


def _texts(make: Callable[..., Any], *names: str) -> Callable[[Mapping[str, str]], Any]:
    """Return a converter for an element that has exactly these attributes.

    An empty text cannot be told from an absent one in proto3, so it stays in XML.
    """

    def convert(attributes: Mapping[str, str]) -> Any:
        if set(attributes) != set(names) or not all(attributes.values()):
            return None
        return make(**attributes)

    return convert


def _contact(attributes: Mapping[str, str]) -> tak_pb2.Contact | None:
    if not {"callsign"} <= set(attributes) <= {"callsign", "endpoint"}:
        return None
    return tak_pb2.Contact(**attributes) if all(attributes.values()) else None


def _status(attributes: Mapping[str, str]) -> tak_pb2.Status | None:
    battery = attributes.get("battery", "")
    if len(attributes) > 1 or not (battery.isascii() and battery.isdigit() and len(battery) < 10):
        return None
    return tak_pb2.Status(battery=int(battery))


def _track(attributes: Mapping[str, str]) -> tak_pb2.Track | None:
    if set(attributes) != {"speed", "course"}:
        return None
    try:
        speed, course = float(attributes["speed"]), float(attributes["course"])
    except ValueError:
        return None
    # What another would not read as a number must not be made one.
    if not all(map(xml.is_decimal, attributes.values())) or not isfinite(speed + course):
        return None
    return tak_pb2.Track(speed=speed, course=course)


_TYPED: Mapping[str, tuple[str, Callable[[Mapping[str, str]], Any]]] = {
    "contact": ("contact", _contact),
    "__group": ("group", _texts(tak_pb2.Group, "name", "role")),
    "precisionlocation": (
        "precision_location",
        _texts(tak_pb2.PrecisionLocation, "geopointsrc", "altsrc"),
    ),
    "status": ("status", _status),
    "takv": ("takv", _texts(tak_pb2.Takv, "device", "platform", "os", "version")),
    "track": ("track", _track),
}


def _xml(event: tak_pb2.CotEvent) -> bytes:
    marks = {
        "access": event.access,
        "qos": event.qos,
        "opex": event.opex,
        "caveat": event.caveat,
        "releasableTo": event.releasable_to,
    }
    return xml.compose(
        uid=event.uid,
        type=event.type,
        how=event.how,
        time=_moment(event.send_time),
        start=_moment(event.start_time),
        stale=_moment(event.stale_time),
        point=CotPoint(event.lat, event.lon, event.hae, event.ce, event.le),
        detail=_detail_xml(event.detail),
        marks=marks,
    )


def _detail_xml(detail: tak_pb2.Detail) -> str:
    """Return the inside of `detail`; an element in `xml_detail` wins over the field of its name."""
    names: set[str] = set()
    if detail.xml_detail:
        names = {name for name, _ in xml.children(detail.xml_detail.encode())}
    typed: list[str] = []
    for name, (field, _) in _TYPED.items():
        if detail.HasField(field) and name not in names:
            typed.append(xml.element(name, _attributes(getattr(detail, field))))
    return detail.xml_detail + "".join(typed)


def _attributes(message: Any) -> dict[str, str]:
    """Return the fields of a message as text; an empty text is an attribute that was not there."""
    values = {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}
    return {name: str(value) for name, value in values.items() if value != ""}


def _millis(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND


def _moment(millis: int) -> datetime:
    if millis > _LAST:
        raise Malformed(f"{millis} ms is after the year 9999")
    return _EPOCH + millis * _MILLISECOND
