"""The reports that an agreement describes for its examples, made into real ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accord.core.agreement import Agreement, Situation
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Circle, Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import UNMARKED, Opex
from accord.core.portion import read as read_portion
from accord.core.report import Address, AddressKind, Report, Source
from accord.release.toml import Table

_TYPE = re.compile(r"[a-z](?:-\w+)+", re.ASCII)
_VALID_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A report out of an agreement: what was said, when it is decided, and how things stand."""

    name: str
    report: Report
    at: datetime
    giver: str
    synchronised: bool
    incidents: frozenset[str]
    onward: Mapping[str, frozenset[str]]
    missions: Mapping[str, frozenset[str]]

    def situation(self, partner: str) -> Situation:
        """Return how things stand towards one partner."""
        return Situation(
            own=self.giver,
            partner=partner,
            synchronised=self.synchronised,
            incidents=self.incidents,
            onward=self.onward,
            missions=self.missions,
        )


def describe(
    agreement: Agreement, name: str, given: Table, usual: Mapping[str, object]
) -> Described:
    """Return the report with that name; `usual` is what a description leaves unsaid.

    Raises AgreementError.
    """
    table = given.over(usual, ("usual",))
    giver = table.text("from", agreement.givers[0])
    if giver not in agreement.givers:
        raise table.wrong("from", f"{giver!r} is none of the givers")
    at = table.moment("when", agreement.since + (agreement.until - agreement.since) / 2)
    report = _report(table, name, giver, at)
    onward = frozenset(table.texts("granted_to"))
    missions = frozenset(table.texts("missions"))
    described = Described(
        name=name,
        report=report,
        at=at,
        giver=giver,
        synchronised=not table.flag("clock_in_doubt"),
        incidents=frozenset(table.texts("incidents")),
        onward={_originator(report, giver): onward},
        missions={report.uid: missions},
    )
    table.finish()
    return described


def _report(table: Table, name: str, giver: str, at: datetime) -> Report:
    time = at - (table.span("age") or timedelta(0))
    opex = table.read("opex", Opex.parse) if "opex" in table else None
    context = LIVE if opex is None else opex.context
    if "context" in table:
        context = table.read("context", Context.parse)
    hops = tuple(table.texts("hops"))
    return Report(
        uid=table.text("uid", name),
        context=context,
        kind=table.read("kind", _kind),
        how=table.text("how", "m-g"),
        time=time,
        start=time,
        stale=time + _VALID_FOR,
        received=time,
        body=_body(table),
        identity=Identity(
            callsign=table.text("callsign", "") or None,
            name=table.text("name", "") or None,
            mmsi=table.text("mmsi", "") or None,
            nation=table.text("nation", "") or None,
        ),
        marking=replace(UNMARKED, opex=opex),
        source=Source(
            node=hops[0] if hops else table.text("node", giver),
            channel=table.text("channel", "tak"),
            speaker="",
            hops=hops,
        ),
        groups=frozenset(table.texts("groups")),
        to=frozenset(Address(AddressKind.CALLSIGN, value) for value in table.texts("to")),
        label=_label(table, giver, opex),
    )


def _kind(text: str) -> Kind:
    if _TYPE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a CoT type, such as a-f-S")
    return Kind.of(text)


def _label(table: Table, giver: str, opex: Opex | None) -> Label | None:
    if table.flag("unmarked"):
        table.discard("marking")
        return None
    nation = table.text("originator", giver[:3])
    label = table.read("marking", lambda text: read_portion(text, nation=nation))
    return replace(label, opex=opex, by_default=table.flag("by_default"))


def _originator(report: Report, giver: str) -> str:
    return giver[:3] if report.label is None else report.label.originator


def _body(table: Table) -> Body:
    what = table.text("what", "track")
    point = _point(table)
    course, speed = table.number("course"), table.number("speed")
    text, radius = table.text("text", ""), table.metres("radius")
    match what:
        case "track":
            return Position(point=point, course=course, speed=speed)
        case "message":
            return Message(text=text, sender="", room="")
        case "alarm":
            return Alarm(category=text, point=point)
        case "shape":
            if point is None or radius is None:
                raise table.wrong("what", "a shape needs `at` and `radius`")
            return Shape(outline=Circle(centre=point, radius=radius))
        case "removal":
            return Removal(target=text)
        case "opaque":
            return Opaque()
        case _:
            raise table.wrong("what", "track, shape, message, alarm, removal or opaque")


def _point(table: Table) -> Point | None:
    error = table.metres("error")
    if "at" not in table:
        return None
    lat, lon = table.numbers("at", 2)
    try:
        return Point(lat=lat, lon=lon, circular_error=error)
    except ValueError as impossible:
        raise table.wrong("at", str(impossible)) from None
