"""What TAK servers say to each other: a FederatedEvent -> a CotEvent, and how it came.

Both versions of TAK federation carry the same message. It has no `opex`: of what comes without the
exercise mark in its detail nobody can say whether it is live, so it is never taken for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from google.protobuf.message import DecodeError

from accord.wire.cot import detail, fig_pb2, splice, xml
from accord.wire.cot.message import CotEvent, CotPoint
from accord.wire.errors import Malformed

UNSTATED = "e-unknown"
"""The mark of what came without one."""

NO_LIMIT = -1
MAX_NAMES = 64
"""Groups, and servers on the way, of one message that are read."""

MAX_NAME = 256
"""Characters of one of their names."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MILLISECOND = timedelta(milliseconds=1)
_LAST = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z, the last that XML can say
_NO_DETAIL = "<detail></detail></event>"
_OPERATION = "o-"


class Crud(IntEnum):
    """What became of a contact."""

    INVALID = 0
    CREATE = 1
    READ = 2
    UPDATE = 3
    DELETE = 4


@dataclass(frozen=True, slots=True)
class Contact:
    """A user of the other server that can be spoken to."""

    operation: Crud
    uid: str
    callsign: str


@dataclass(frozen=True, slots=True)
class Hops:
    """Over how many servers it came, and may come at most; `NO_LIMIT`: over any number."""

    current: int
    most: int

    @property
    def are_used_up(self) -> bool:
        """Whether it may go no further."""
        return self.most != NO_LIMIT and self.current >= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """One message. `provenance` are the servers that it came over, each by id and name.

    `group_hops` are limits of single groups, None where there are none.
    """

    event: CotEvent | None = None
    contact: Contact | None = None
    groups: tuple[str, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    hops: Hops | None = None
    group_hops: tuple[tuple[str, Hops], ...] | None = None

    @property
    def is_used_up(self) -> bool:
        """Whether it came as far as it may: as a whole, or in every group that has a limit."""
        if self.hops is not None and self.hops.are_used_up:
            return True
        limits = self.group_hops
        return bool(limits) and all(hops.are_used_up for _, hops in limits or ())


def read(message: bytes) -> Federated:
    """Return what a FederatedEvent says. Raises WireError."""
    try:
        said = fig_pb2.FederatedEvent.FromString(message)
    except DecodeError:
        raise Malformed("the frame is no FederatedEvent") from None
    if not (said.HasField("event") or said.HasField("contact")):
        raise Malformed("the FederatedEvent has neither an event nor a contact")
    if len(said.federate_groups) > MAX_NAMES or len(said.federate_provenance) > MAX_NAMES:
        raise Malformed(f"the FederatedEvent names more than {MAX_NAMES} groups or servers")
    return Federated(
        event=_event(said.event) if said.HasField("event") else None,
        contact=_contact(said.contact) if said.HasField("contact") else None,
        groups=tuple(_short(name) for name in said.federate_groups),
        provenance=tuple(
            (_short(each.federation_server_id), _short(each.federation_server_name))
            for each in said.federate_provenance
        ),
        hops=_hops(said.federate_hops) if said.HasField("federate_hops") else None,
        group_hops=_group_hops(said.federate_group_hop_limits),
    )


def _short(name: str) -> str:
    if len(name) > MAX_NAME:
        raise Malformed(f"a name of a group or server is over {MAX_NAME} characters")
    return name


def _hops(said: fig_pb2.FederateHops | fig_pb2.FederateGroupHopLimit) -> Hops:
    return Hops(said.current_hops, said.max_hops)


def _group_hops(said: fig_pb2.FederateGroupHopLimits) -> tuple[tuple[str, Hops], ...] | None:
    if not said.use_federate_group_hop_limits:
        return None
    return tuple((_short(each.group_name), _hops(each)) for each in said.limits)


def _contact(said: fig_pb2.ContactListEntry) -> Contact:
    try:
        operation = Crud(said.operation)
    except ValueError:
        raise Malformed(f"a contact with the operation {said.operation}") from None
    if not said.uid or max(len(said.uid), len(said.callsign)) > xml.MAX_UID:
        raise Malformed(f"a contact's uid is empty, or it or the callsign over {xml.MAX_UID}")
    return Contact(operation, said.uid, said.callsign)


def _event(said: fig_pb2.GeoEvent) -> CotEvent:
    """Return the event, with the exercise mark, whatever it came with."""
    written = xml.compose(
        uid=said.uid,
        type=said.type,
        how=said.coord_source,
        time=_moment(said.send_time),
        start=_moment(said.start_time),
        stale=_moment(said.stale_time),
        point=CotPoint(said.lat, said.lon, said.hae, said.ce, said.le),
        marks={
            "access": "" if said.access == "Undefined" else said.access,
            "caveat": said.caveat,
            "releasableTo": said.releaseable_to,
        },
    )
    event = xml.read(_with_detail(written, said.other))
    return xml.read(_marked(_addressed(_completed(event.xml, event, said), said), event))


def _with_detail(event: bytes, other: str) -> bytes:
    inside = other.strip()
    if not inside:
        return event
    if not inside.startswith("<detail"):
        raise Malformed("the detail of a GeoEvent is no <detail>")
    return event.removesuffix(_NO_DETAIL.encode()) + inside.encode() + b"</event>"


def _completed(written: bytes, event: CotEvent, said: fig_pb2.GeoEvent) -> bytes:
    """Put into the detail what has a field of its own, unless it stands there as well.

    In proto3 a number of 0 cannot be told from none: then nothing is put there.
    """
    there = {name for name, _ in event.elements}
    for name, attributes in _own_fields(said):
        if attributes and name not in there and all(attributes.values()):
            written = splice.with_child(written, xml.element(name, attributes).encode())
    return written


def _own_fields(said: fig_pb2.GeoEvent) -> Sequence[tuple[str, dict[str, str]]]:
    moves = said.speed or said.course
    return (
        ("track", {"speed": _number(said.speed), "course": _number(said.course)} if moves else {}),
        ("status", {"battery": str(said.battery)} if said.battery > 0 else {}),
        ("precisionlocation", {"geopointsrc": said.ploc, "altsrc": said.palt}),
        ("contact", {"callsign": said.screen_name}),
        ("__group", {"name": said.group_name, "role": said.group_role}),
    )


def _number(value: float) -> str:
    return repr(value)


def _addressed(written: bytes, said: fig_pb2.GeoEvent) -> bytes:
    """Say to whom it is addressed as CoT does; in the detail nobody is addressed."""
    whom = (
        *(("uid", uid) for uid in said.ptp_uids),
        *(("callsign", callsign) for callsign in said.ptp_callsigns),
        *(("mission", mission) for mission in said.mission_names),
    )
    if b"<marti" in written:
        written = splice.without(written, "marti")
    if not whom:
        return written
    if len(whom) > MAX_NAMES:
        raise Malformed(f"an event is addressed to more than {MAX_NAMES}")
    inside = "".join(xml.element("dest", {key: name}) for key, name in whom)
    return splice.with_child(written, f"<marti>{inside}</marti>".encode())


def _marked(written: bytes, event: CotEvent) -> bytes:
    """Give it the mark that its detail has, or that of what is not stated.

    An operation's mark says that it is live: that is the one way in which it is.
    """
    mark = detail.exercise_mark(event)
    if mark is not None and mark.startswith(_OPERATION):
        return splice.with_attribute(splice.without(written, detail.EXERCISE), "opex", mark)
    if mark is None:
        child = xml.element(detail.EXERCISE, {"opex": UNSTATED}).encode()
        written = splice.with_child(written, child)
    return splice.with_attribute(written, "opex", UNSTATED if mark is None else mark)


def _moment(millis: int) -> datetime:
    if not 0 <= millis <= _LAST:
        raise Malformed(f"{millis} ms is no time between 1970 and the year 9999")
    return _EPOCH + millis * _MILLISECOND
