"""A CotEvent -> a FederatedEvent, as TAK servers say it to each other."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from accord.wire.cot import fig_pb2, xml
from accord.wire.cot.federated import Contact, Hops
from accord.wire.cot.message import CotEvent
from accord.wire.cot.splice import Detail

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)
_BATTERY = 9  # digits that an int32 has room for


def event_message(
    event: CotEvent,
    *,
    uids: tuple[str, ...] = (),
    callsigns: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    provenance: tuple[tuple[str, str], ...] = (),
    hops: Hops | None = None,
) -> bytes:
    """Return the message of an event, addressed to those alone where there are any.

    What of the detail has a field of its own moves there, the rest stays in it. `provenance` and
    `hops` are of version 2; in version 1 they say nothing. Raises WireError.
    """
    said = fig_pb2.GeoEvent(
        send_time=_millis(event.time),
        start_time=_millis(event.start),
        stale_time=_millis(event.stale),
        **event.point._asdict(),
        uid=event.uid,
        type=event.type,
        coord_source=event.how,
        ptp_uids=uids,
        ptp_callsigns=callsigns,
        access=event.access or "",
        caveat=event.caveat or "",
        releaseable_to=event.releasable_to or "",
    )
    _fill_detail(said, event)
    return _federated(groups, provenance, hops, event=said)


def contact_message(
    contact: Contact,
    *,
    groups: tuple[str, ...] = (),
    provenance: tuple[tuple[str, str], ...] = (),
    hops: Hops | None = None,
) -> bytes:
    """Return the message that a user can be spoken to from now on, or no more."""
    said = fig_pb2.ContactListEntry(
        operation=contact.operation.value,  # type: ignore[arg-type]  # the generated types want their enum
        uid=contact.uid,
        callsign=contact.callsign,
    )
    return _federated(groups, provenance, hops, contact=said)


def _federated(
    groups: tuple[str, ...],
    provenance: tuple[tuple[str, str], ...],
    hops: Hops | None,
    **said: Any,
) -> bytes:
    limit = None if hops is None else fig_pb2.FederateHops(
        max_hops=hops.most, current_hops=hops.current
    )  # fmt: skip
    return fig_pb2.FederatedEvent(
        federate_groups=groups,
        federate_provenance=[
            fig_pb2.FederateProvenance(federation_server_id=id_, federation_server_name=name)
            for id_, name in provenance
        ],
        federate_hops=limit,
        **said,
    ).SerializeToString()


def _fill_detail(said: fig_pb2.GeoEvent, event: CotEvent) -> None:
    """Move what has a field; an empty detail is said too, for some build none otherwise."""
    found = Detail.of(event.xml)
    often = Counter(name for name, _ in event.elements)
    moved: set[int] = set()
    for place, (name, attributes) in enumerate(event.elements):
        fields = _fields_of(name, attributes)
        if fields is not None and often[name] == 1 and found.children[place].is_plain:
            for field, value in fields.items():
                setattr(said, field, value)
            moved.add(place)
    said.other = f"<detail>{found.inside(leaving_out=moved).decode()}</detail>"


def _fields_of(name: str, attributes: Mapping[str, str]) -> dict[str, float | int | str] | None:
    """Return the fields that say the whole of an element, None where there are none."""
    if name == "track" and set(attributes) == {"speed", "course"}:
        return _track(attributes)
    if name == "status" and set(attributes) == {"battery"}:
        battery = attributes["battery"]
        is_number = battery.isascii() and battery.isdigit() and len(battery) <= _BATTERY
        return {"battery": int(battery)} if is_number else None
    if name == "precisionlocation" and set(attributes) == {"geopointsrc", "altsrc"}:
        return {"ploc": attributes["geopointsrc"], "palt": attributes["altsrc"]}
    return None


def _track(attributes: Mapping[str, str]) -> dict[str, float | int | str] | None:
    try:
        speed, course = float(attributes["speed"]), float(attributes["course"])
    except ValueError:
        return None
    # What another would not read as a number must not be made one.
    if not all(map(xml.is_decimal, attributes.values())) or not isfinite(speed + course):
        return None
    return {"speed": speed, "course": course}


def _millis(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND
