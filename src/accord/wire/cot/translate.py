"""CotEvent <-> Report: the one place where the format meets the core."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from accord.core.context import LIVE, Context, ContextKind
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.wire.cot import bodies, detail, protobuf, splice, xml
from accord.wire.cot.addressing import EVERYONE, addressees, author
from accord.wire.cot.label import attributes, label_of
from accord.wire.cot.message import CotEvent
from accord.wire.cot.render import to_cot
from accord.wire.errors import Malformed

__all__ = [
    "from_original",
    "report_again",
    "to_cot",
    "to_protobuf",
    "to_report",
    "to_report_like",
    "to_server",
    "to_xml",
]

_IMPOSSIBLE = frozenset({Doubt.IMPOSSIBLE_POSITION})
_NONE: Mapping[str, str] = {}
_NO_DOUBT: frozenset[Doubt] = frozenset()


def to_report(
    event: CotEvent, *, source: Source, groups: frozenset[Group], received: datetime
) -> Report:
    """Return what the event says, with its original. Raises WireError.

    `groups` are those the sender speaks in. An event addressed to groups is said into those of them
    that he speaks in, which may be none.
    """
    named = dict(event.elements[::-1])
    contact = named.get("contact", _NONE)
    callsign = contact.get("callsign", "")
    mark = detail.exercise_mark(event) if detail.EXERCISE in named else None
    marking, context, label = _marks(
        event.access, event.caveat, event.releasable_to, event.opex, mark, source.node
    )
    whom = EVERYONE
    if event.type.startswith("a-"):
        body = bodies.position(event.point, named.get("track", _NONE))
        who = event.uid if contact.get("endpoint") else None
        if "marti" in named:
            whom = addressees(event)
    else:
        body, who, whom = bodies.body(event), author(event), addressees(event)
    lat, lon = event.point[:2]
    return Report(
        uid=event.uid,
        context=context,
        kind=Kind.of(event.type),
        how=event.how,
        time=event.time,
        start=event.start,
        stale=event.stale,
        received=received,
        body=body,
        identity=_identity(callsign) if len(callsign) < 256 else Identity(callsign=callsign),
        marking=marking,
        source=source,
        groups=groups if whom.groups is None else groups & whom.groups,
        to=whom.to,
        author=who,
        label=label,
        doubts=_NO_DOUBT if -90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0 else _IMPOSSIBLE,
        original=_original(event),
    )


def to_report_like(last: Report, event: CotEvent, received: datetime) -> Report:
    """Return what `to_report` would of a position, `last` being of the one that it repeats."""
    point = event.point
    lat, lon = point[:2]
    return Report(
        uid=last.uid,
        context=last.context,
        kind=last.kind,
        how=last.how,
        time=event.time,
        start=event.start,
        stale=event.stale,
        received=received,
        body=bodies.position(point, detail.first(event, "track")),
        identity=last.identity,
        marking=last.marking,
        source=last.source,
        groups=last.groups,
        to=last.to,
        author=last.author,
        label=last.label,
        doubts=_NO_DOUBT if -90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0 else _IMPOSSIBLE,
        original=Original(Form.COT_XML, event.xml),
    )


def from_original(original: Original) -> CotEvent:
    """Return the event again from the bytes that were kept. Raises WireError."""
    data = original.data
    if original.form is Form.COT_XML:
        return xml.read_again(data)
    event = protobuf.read(data, len(data)) if original.form is Form.COT_PROTOBUF else None
    if event is None:
        raise Malformed(f"there is no CoT event in an original of form {original.form}")
    return event


def report_again(
    original: Original, *, source: Source, groups: frozenset[Group], received: datetime
) -> Report:
    """Return the report again from the bytes that were kept. Raises WireError."""
    return to_report(from_original(original), source=source, groups=groups, received=received)


def to_xml(report: Report, more: bytes = b"") -> bytes:
    """Return the report as an XML client is sent it: as it came, less `marti`.

    The exercise mark is added, in both places, to what belongs to an exercise, and the channel's
    default mark to what came without one; `more` is an element to stand in its detail besides.
    Raises WireError.
    """
    original = report.original
    if original is None or original.form not in (Form.COT_XML, Form.COT_PROTOBUF):
        event = to_cot(report).xml
    elif original.form is Form.COT_XML:
        event = original.data
    else:
        event = from_original(original).xml
    event = _undirected(event)
    if b"<__marking" in event:  # says that this node put a mark there, which only it can know
        event = splice.without(event, detail.MARKING)
    label = report.label
    if label is not None and label.by_default:
        event = _labelled(event, label, report.source.node)
    return _marked(splice.with_child(event, more) if more else event, report)


def to_protobuf(report: Report, more: bytes = b"") -> bytes:
    """Return the report as a TakMessage, as a client of version 1 is sent it. Raises WireError.

    Nothing is changed beyond what `to_xml` changes.
    """
    original, event = report.original, to_xml(report, more)
    if original is None or original.form is not Form.COT_PROTOBUF:
        return protobuf.write(xml.read_again(event))
    kept = from_original(original)
    return original.data if event == kept.xml else protobuf.write(xml.read_again(event))


def to_server(report: Report) -> CotEvent:
    """Return the event that a TAK server is told: what `to_xml` says, and its marks as attributes.

    A server looks for marks in fields of their own, which are made from these; a default mark is
    one that holds. Raises WireError.
    """
    event = xml.read_again(to_xml(report))
    label = report.label
    if label is None or not label.by_default:
        return event
    said = attributes(label, report.source.node)
    return event._replace(
        access=said.get("access"),
        caveat=said.get("caveat"),
        releasable_to=said.get("releasableTo"),
    )


def _undirected(event: bytes) -> bytes:
    return splice.without(event, "marti") if b"<marti" in event else event


def _labelled(event: bytes, label: Label, node: str) -> bytes:
    """Show a default mark as one; nobody gave it, so it is no attribute of the event."""
    said = {**attributes(label, node), "by": "default"}
    return splice.with_child(event, xml.element(detail.MARKING, said).encode())


def _marked(event: bytes, report: Report) -> bytes:
    if report.context.kind is not ContextKind.EXERCISE:
        return event
    opex = report.marking.opex
    if opex is None or opex.context != report.context:
        opex = Opex(OpexKind.EXERCISE, report.context.name)
    event = splice.with_attribute(event, "opex", str(opex))
    if b"<__exercise" in event and detail.exercise_mark(xml.read_again(event)) is not None:
        return event
    return splice.with_child(event, xml.element(detail.EXERCISE, {"opex": str(opex)}).encode())


@lru_cache(maxsize=1024)
def _marks(
    access: str | None,
    caveat: str | None,
    releasable_to: str | None,
    opex: str | None,
    mark: str | None,
    node: str,
) -> tuple[Marking, Context, Label | None]:
    """Return the marks, the context that they set and what they say; fails closed."""
    try:
        attribute = None if opex is None else Opex.parse(opex)
        repeated = None if mark is None else Opex.parse(mark)
    except ValueError as unreadable:
        raise Malformed(str(unreadable)) from None
    if repeated is not None and repeated.kind is OpexKind.OPERATION:
        raise Malformed(f"the exercise mark {mark!r} marks no exercise")
    if attribute is not None and repeated not in (None, attribute):
        raise Malformed(f"opex {opex!r} and the exercise mark {mark!r} disagree")
    given = attribute or repeated
    marking = Marking(access=access, caveat=caveat, releasable_to=releasable_to, opex=given)
    label = label_of(access, caveat, releasable_to, given, node)
    return marking, LIVE if given is None else given.context, label


@lru_cache(maxsize=16_384)
def _identity(callsign: str) -> Identity:
    return Identity(callsign=callsign) if callsign else UNKNOWN_IDENTITY


def _original(event: CotEvent) -> Original:
    if event.protobuf is not None:
        return Original(Form.COT_PROTOBUF, event.protobuf)
    return Original(Form.COT_XML, event.xml)
