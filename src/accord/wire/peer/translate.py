"""Reports as messages of the peer protocol, and back. See docs/reference/peer-protocol.md.

What is written is rounded to what the wire has: times down to the millisecond, places to 1e-7
degrees, lengths to the millimetre, courses to a tenth of a degree, speeds to a centimetre a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context
from accord.core.geometry import Circle, Point, Polyline
from accord.core.handling import NotUnderstood
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking, Opex
from accord.core.report import Address, AddressKind, Doubt, Form, Report, Source
from accord.core.report import Original as ReportOriginal
from accord.wire.errors import Malformed, WireError
from accord.wire.peer import contents, plain, updates
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.fields import COURSE
from accord.wire.peer.protocol import Version
from accord.wire.peer.report import (
    Addressee,
    AlarmBody,
    Base,
    CircleBody,
    DoubtFlag,
    Grant,
    Header,
    LineBody,
    Marks,
    Names,
    OpaqueBody,
    Original,
    PeerBody,
    PeerLabel,
    PeerReport,
    Place,
    PositionBody,
    RemovalBody,
    Spoken,
    Subject,
    Update,
    WordsBody,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELEASED = Source(node="", channel="released", speaker="")
"""The source of a report whose form does not keep it."""

_FORMS = (Form.COT_XML, Form.COT_PROTOBUF, Form.AIS)
_ADDRESSES = (AddressKind.CALLSIGN, AddressKind.UID, AddressKind.TEAM)
_DOUBTS = {
    Doubt.IMPOSSIBLE_POSITION: DoubtFlag.IMPOSSIBLE_POSITION,
    Doubt.IMPOSSIBLE_SPEED: DoubtFlag.IMPOSSIBLE_SPEED,
    Doubt.JUMP: DoubtFlag.JUMP,
    Doubt.CLOCK: DoubtFlag.CLOCK,
    Doubt.TWO_PLACES: DoubtFlag.TWO_PLACES,
    Doubt.ON_LAND: DoubtFlag.ON_LAND,
    Doubt.FROZEN: DoubtFlag.FROZEN,
    Doubt.MOTION: DoubtFlag.MOTION,
    Doubt.REBROADCAST: DoubtFlag.REBROADCAST,
    Doubt.INTERFERENCE: DoubtFlag.INTERFERENCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What goes with a report that it does not say itself: whose it is, and by what it may go.

    `path` are the nodes that made other words of the origin's, the last of them this one.
    """

    origin: str
    grant: Grant
    path: tuple[str, ...] = ()


def milliseconds(time: datetime) -> int:
    """Return a time as the wire has it."""
    since = time - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000


def moment(ms: int) -> datetime:
    """Return a time from what the wire has."""
    return _EPOCH + timedelta(milliseconds=ms)


def to_subject(report: Report, leave: Leave) -> Subject:
    """Return everything of a report that does not change from fix to fix."""
    marking, source = report.marking, report.source
    return Subject(
        origin=leave.origin,
        uid=report.uid,
        context=str(report.context),
        kind=report.kind.text,
        how=report.how,
        names=_names(report.identity),
        marks=Marks(
            access=marking.access,
            caveat=marking.caveat,
            releasable_to=marking.releasable_to,
            opex=_opex(marking.opex),
            by_default=marking.by_default,
        ),
        label=None if report.label is None else _label(report.label),
        source=None
        if source == _RELEASED
        else Spoken(
            node=source.node, channel=source.channel, speaker=_speaker(source), hops=source.hops
        ),
        groups=tuple(sorted(report.groups)),
        to=tuple(sorted(Addressee(_ADDRESSES.index(to.kind), to.value) for to in report.to)),
        author=report.author,
        path=leave.path,
    )


def to_header(report: Report, leave: Leave, *, epoch: int) -> Header:
    """Return the header of an object, with this position of it as the base of its updates.

    Raises NotExpressible.
    """
    update = to_update(report, handle=0, version=0, with_original=False)
    header = Header(
        subject=to_subject(report, leave),
        epoch=epoch,
        grant=leave.grant,
        base=Base(
            lat=update.lat or 0,
            lon=update.lon or 0,
            hae=update.hae or 0,
            circular_error=update.circular_error,
            course=update.course or 0,
            speed=update.speed or 0,
            validity=update.stale - update.time,
            receipt=update.received != update.time,
        ),
    )
    _check(lambda: contents.header(plain.header(header)))
    return header


def to_update(report: Report, *, handle: int, version: int, with_original: bool = True) -> Update:
    """Return the update of an object. Raises NotExpressible, also where it tells no position."""
    body = report.body
    if not isinstance(body, Position):
        raise NotExpressible("only a position is an update")
    original = _original(report.original) if with_original and report.original else None
    time = milliseconds(report.time)
    update = Update(
        handle,
        version,
        time,
        time if report.start == report.time else milliseconds(report.start),
        milliseconds(report.stale),
        time if report.received == report.time else milliseconds(report.received),
        *(_NOWHERE if body.point is None else _place(body.point)),
        _course(body.course),
        _scaled(body.speed, 100),
        _scaled(body.climb, 100),
        _doubts(report.doubts) if report.doubts else 0,
        original,
    )
    try:
        updates.check(update)
    except Malformed as error:
        raise NotExpressible(f"the report is {error}") from None
    return update


def to_peer_report(
    report: Report, leave: Leave, *, version: Version, with_original: bool = True
) -> PeerReport:
    """Return a whole report. Raises NotExpressible."""
    original = _original(report.original) if with_original else None
    found = PeerReport(
        subject=to_subject(report, leave),
        version=version,
        grant=leave.grant,
        time=milliseconds(report.time),
        start=milliseconds(report.start),
        stale=milliseconds(report.stale),
        received=milliseconds(report.received),
        body=_body(report.body),
        doubts=_doubts(report.doubts),
        original=original,
    )
    _check(lambda: contents.content(plain.content(found)))
    return found


def _check(read: Callable[[], object]) -> None:
    """Raise NotExpressible for what the receiver would refuse to read."""
    try:
        read()
    except (WireError, UnicodeEncodeError) as error:
        raise NotExpressible(f"the report is {error}") from None


def _speaker(source: Source) -> str:
    """Return who spoke; of somebody without a certificate not the address, which is the nation's.

    Such a speaker is called by the channel and the address (`tak.server.Door`).
    """
    is_address = source.speaker.startswith(f"{source.channel}@")
    return source.channel if is_address else source.speaker


def _opex(opex: Opex | None) -> str | None:
    return None if opex is None else str(opex)


def _names(it: Identity) -> Names:
    return Names(it.mmsi, it.imo, it.icao, it.callsign, it.name, it.nation)


def _label(it: Label) -> PeerLabel:
    return PeerLabel(
        policy=it.policy,
        level=it.level,
        originator=it.originator,
        compartments=tuple(sorted(it.compartments)),
        releasable_to=tuple(sorted(it.releasable_to)),
        caveats=tuple(sorted(it.caveats)),
        opex=_opex(it.opex),
        created=None if it.created is None else milliseconds(it.created),
        review=None if it.review is None else milliseconds(it.review),
        by_default=it.by_default,
    )


def _doubts(doubts: frozenset[Doubt]) -> int:
    return sum(_DOUBTS[doubt] for doubt in doubts)


def _original(it: ReportOriginal | None) -> Original | None:
    """Return the bytes as they came, where the protocol has a number for their form.

    It has none for those of a partner, which are no original, nor for feeds that older nodes do
    not know: a partner is told what they say.
    """
    return Original(_FORMS.index(it.form), it.data) if it and it.form in _FORMS else None


def _scaled(value: float | None, by: int) -> int | None:
    if value is None:
        return None
    try:
        return round(value * by)
    except (ValueError, OverflowError):
        raise NotExpressible(f"the report has {value} where a number is due") from None


def _course(value: float | None) -> int | None:
    course = _scaled(value, 10)
    return None if course is None else course % (COURSE + 1)


_NOWHERE = (None, None, None, None, None)


def _place(point: Point) -> Place:
    return Place(
        round(point.lat * 10_000_000),
        round(point.lon * 10_000_000),
        _scaled(point.hae, 1_000),
        _scaled(point.circular_error, 1_000),
        _scaled(point.linear_error, 1_000),
    )


def _place_or_none(point: Point | None) -> Place | None:
    return None if point is None else _place(point)


def _body(body: Body) -> PeerBody:
    found: PeerBody
    match body:
        case Position():
            place = _place_or_none(body.point)
            speed, climb = _scaled(body.speed, 100), _scaled(body.climb, 100)
            found = PositionBody(place, _course(body.course), speed, climb)
        case Shape():
            found = _drawn(body)
        case Message():
            found = WordsBody(body.text, body.sender, body.room)
        case Alarm():
            found = AlarmBody(body.category, _place_or_none(body.point), body.cancels)
        case Removal():
            found = RemovalBody(body.target)
        case Opaque():
            found = OpaqueBody()
        case _:
            assert_never(body)
    return found


def _drawn(shape: Shape) -> PeerBody:
    outline, anchor = shape.outline, _place_or_none(shape.anchor)
    if isinstance(outline, Polyline):
        return LineBody(tuple(_place(p) for p in outline.points), outline.closed, anchor)
    return CircleBody(_place(outline.centre), _scaled(outline.radius, 1_000) or 0, anchor)


def report_of_update(header: Header, update: Update) -> Report:
    """Return the report that an update makes under its header. Raises Malformed."""
    point = None
    if update.lat is not None and update.lon is not None:
        point = _point(
            Place(update.lat, update.lon, update.hae, update.circular_error, update.linear_error)
        )
    body = Position(
        point=point,
        course=_unscaled(update.course, 10),
        speed=_unscaled(update.speed, 100),
        climb=_unscaled(update.climb, 100),
    )
    return _report(header.subject, update, body)


def report_of(report: PeerReport) -> Report:
    """Return the report. Raises Malformed."""
    return _report(report.subject, report, _body_of(report.body))


def _report(subject: Subject, said: Update | PeerReport, body: Body) -> Report:
    try:
        context, marks = Context.parse(subject.context), subject.marks
        marking = Marking(
            access=marks.access,
            caveat=marks.caveat,
            releasable_to=marks.releasable_to,
            opex=_opex_of(marks.opex),
            by_default=marks.by_default,
        )
    except ValueError as error:
        raise Malformed(str(error)) from None
    original = said.original
    return Report(
        uid=subject.uid,
        context=context,
        kind=Kind.of(subject.kind),
        how=subject.how,
        time=moment(said.time),
        start=moment(said.start),
        stale=moment(said.stale),
        received=moment(said.received),
        body=body,
        identity=Identity(**subject.names._asdict()),
        marking=marking,
        source=_RELEASED if subject.source is None else _source_of(subject.source),
        groups=frozenset(subject.groups),
        to=frozenset(Address(_ADDRESSES[kind], value) for kind, value in subject.to),
        author=subject.author,
        doubts=frozenset(doubt for doubt, flag in _DOUBTS.items() if flag & said.doubts),
        label=None if subject.label is None else _label_of(subject.label),
        original=None if original is None else ReportOriginal(_FORMS[original.form], original.data),
    )


def _opex_of(text: str | None) -> Opex | None:
    return None if text is None else Opex.parse(text)


def _label_of(it: PeerLabel) -> Label | None:
    """Return the label; None where a word of it is not understood here, so it goes no further."""
    try:
        return Label(
            policy=it.policy,
            level=it.level,
            originator=it.originator,
            compartments=frozenset(it.compartments),
            releasable_to=frozenset(it.releasable_to),
            caveats=frozenset(it.caveats),
            opex=_opex_of(it.opex),
            created=None if it.created is None else moment(it.created),
            review=None if it.review is None else moment(it.review),
            by_default=it.by_default,
        )
    except (NotUnderstood, ValueError):
        return None


def _source_of(it: Spoken) -> Source:
    return Source(node=it.node, channel=it.channel, speaker=it.speaker, hops=it.hops)


def _unscaled(value: int | None, by: int) -> float | None:
    return None if value is None else value / by


def _point(place: Place) -> Point:
    return Point(
        lat=place.lat / 10_000_000,
        lon=place.lon / 10_000_000,
        hae=_unscaled(place.hae, 1_000),
        circular_error=_unscaled(place.circular_error, 1_000),
        linear_error=_unscaled(place.linear_error, 1_000),
    )


def _point_or_none(place: Place | None) -> Point | None:
    return None if place is None else _point(place)


def _body_of(body: PeerBody) -> Body:
    found: Body
    match body:
        case PositionBody():
            found = Position(
                point=_point_or_none(body.place),
                course=_unscaled(body.course, 10),
                speed=_unscaled(body.speed, 100),
                climb=_unscaled(body.climb, 100),
            )
        case CircleBody():
            circle = Circle(centre=_point(body.centre), radius=body.radius / 1_000)
            found = Shape(outline=circle, anchor=_point_or_none(body.anchor))
        case LineBody():
            line = Polyline(points=tuple(_point(p) for p in body.points), closed=body.closed)
            found = Shape(outline=line, anchor=_point_or_none(body.anchor))
        case WordsBody():
            found = Message(text=body.text, sender=body.sender, room=body.room)
        case AlarmBody():
            place = _point_or_none(body.place)
            found = Alarm(category=body.category, point=place, cancels=body.cancels)
        case RemovalBody():
            found = Removal(target=body.target)
        case OpaqueBody():
            found = Opaque()
        case _:
            assert_never(body)
    return found
