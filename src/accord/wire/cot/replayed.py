"""An event of the past for clients of today: marked as replayed, and under names of its own.

A client keeps what it hears by uid and shows nothing whose time is over. So the uid is another one,
the times are moved to now, and what the client would do with a live contact (call it, keep it,
fetch something of it) is left out. The `opex` says simulation, so that whatever server hears it
from somebody takes it for no live report.
"""

from datetime import datetime
from typing import NamedTuple

from accord.core.marking import Opex, OpexKind
from accord.wire.cot import detail, xml
from accord.wire.cot.message import UNKNOWN, CotPoint
from accord.wire.cot.splice import Detail

PREFIX = "REPLAY"
"""What uids and callsigns of replays begin with."""

ELEMENT = "__replay"
"""The element of `detail` that says which replay it is, and when it was so."""

_LEFT_OUT = frozenset(
    {"contact", "marti", "archive", "fileshare", "mission", "__serverdestination", "takv", "uid",
     detail.EXERCISE, ELEMENT}
)  # fmt: skip


class Showing(NamedTuple):
    """Which replay of which context it is, of which moment, shown when and for how long."""

    name: str
    context: str
    at: datetime
    now: datetime
    stale: datetime


def own_uid(uid: str) -> str:
    """Return the uid that something has in a replay."""
    return f"{PREFIX}-{uid}"[: xml.MAX_UID]


def replayed(event: bytes, showing: Showing) -> bytes:
    """Return the event as clients are shown it. Raises WireError."""
    said = xml.read_again(event)
    opex = Opex(OpexKind.SIMULATION, f"{PREFIX} {showing.name}")
    contact = detail.first(said, "contact")
    callsign = contact.get("callsign") or said.uid
    mark = {
        "id": showing.name, "context": showing.context, "uid": said.uid,
        "time": xml.instant(said.time), "at": xml.instant(showing.at),
    }  # fmt: skip
    inside = Detail.of(event)
    left_out = {n for n, child in enumerate(inside.children) if child.name in _LEFT_OUT}
    kept = inside.inside(leaving_out=left_out).decode("utf-8", "replace")
    return xml.compose(
        uid=own_uid(said.uid),
        type=said.type,
        how=said.how,
        time=showing.now,
        start=showing.now,
        stale=showing.stale,
        point=said.point,
        detail="".join(
            (
                xml.element("contact", {"callsign": f"{PREFIX} {callsign}"}),
                kept,
                xml.element(detail.EXERCISE, {"opex": str(opex)}),
                xml.element(ELEMENT, mark),
            )
        ),
        marks={
            "access": said.access,
            "caveat": said.caveat,
            "releasableTo": said.releasable_to,
            "opex": str(opex),
        },
    )


def removed(uid: str, showing: Showing) -> bytes:
    """Return that what has this uid in the past is to go from the map (TAK's t-x-d-d)."""
    opex = str(Opex(OpexKind.SIMULATION, f"{PREFIX} {showing.name}"))
    link = {"uid": own_uid(uid), "relation": "none", "type": "none"}
    return xml.compose(
        uid=own_uid(f"{uid}-gone"),
        type="t-x-d-d",
        how="m-g",
        time=showing.now,
        start=showing.now,
        stale=showing.stale,
        point=CotPoint(0.0, 0.0, UNKNOWN, UNKNOWN, UNKNOWN),
        detail=xml.element("link", link)
        + xml.element("__forcedelete", {})
        + xml.element(detail.EXERCISE, {"opex": opex}),
        marks={"opex": opex},
    )
