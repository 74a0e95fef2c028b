"""A case between nodes: each line of its log as a report that agreements decide on, whole or not.

It is CoT of the type `t-x-sar`, which stands on no picture. A clause lets it out
(`resource.words` has "search case"); what is private, and who entered a line, never goes along. As
something durable it reaches a partner after every cut, in order.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import cast

from accord.core import portion
from accord.core.body import Opaque
from accord.core.context import ContextKind
from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.core.handling import NotUnderstood
from accord.core.identity import UNKNOWN_IDENTITY
from accord.core.kind import Kind as CotKind
from accord.core.marking import Marking, Opex
from accord.core.principal import Direction, Group, Principal
from accord.core.report import Form, Original, Report, Source
from accord.desks.sar.case import Case
from accord.desks.sar.entry import LOOK, Entry, Kind, NotTaken
from accord.desks.sar.facts import garbled, moment_of
from accord.live.intake import SAR, SAR_DESK, Intake, Speaker
from accord.wire.cot import detail, splice
from accord.wire.cot.label import attributes as marks_of
from accord.wire.cot.translate import from_original, to_report, to_xml
from accord.wire.cot.xml import element
from accord.wire.errors import WireError

ELEMENT = "__sar"
SPEAKER = "search and rescue desk"
"""Who says it towards others: the desk, and no person."""

VALID = timedelta(days=30)

MOST_NUMBER = 1 << 53
MAX_NAME = 200

_OWN_ONLY = frozenset({"shared"})
"""Facts that concern this node alone."""


class NotShared(AccordError):
    """The line was not let out of the desk; the text says why."""


def shared_value(groups: frozenset[Group], marking: str, node: str) -> str:
    """Return what the fact `shared` holds. Raises NotTaken for a mark that nobody understands."""
    _marking(marking, node, None)
    return json.dumps({"groups": sorted(groups), "marking": marking}, sort_keys=True)


class CaseVoice:
    """Says lines of this node's cases, by the one door in."""

    def __init__(self, intake: Intake, *, node: str) -> None:
        self._intake = intake
        self._node = node
        self._source = Source(node=node, channel=SAR_DESK, speaker=SPEAKER)

    def say(self, case: Case, entry: Entry, now: datetime) -> None:
        """Say one line, as the case's fact `shared` has it. Raises NotShared."""
        shared = cast("dict[str, object]", json.loads(case.text("shared", "{}")))
        groups = frozenset(map(str, cast("list[object]", shared.get("groups", []))))
        try:
            report = self._report(entry, groups, str(shared.get("marking", "")), now)
        except WireError as error:
            raise NotShared(str(error)) from None
        context = entry.context
        names = {context.name} if context.kind is ContextKind.EXERCISE else set[str]()
        principal = Principal(
            name=SPEAKER,
            groups=MappingProxyType(dict.fromkeys(groups, Direction.IN)),
            exercises=frozenset(names),
        )
        refused = self._intake.accept(report, Speaker(principal=principal, source=self._source))
        if refused is not None:
            raise NotShared(refused)

    def _report(
        self, entry: Entry, groups: frozenset[Group], marking: str, now: datetime
    ) -> Report:
        context = entry.context
        opex = Opex.of(context)
        blank = Report(
            uid=f"{self._node}.sar.{entry.case}.{entry.number}",
            context=context,
            kind=CotKind.of(SAR),
            how="h-g-i-g-o",
            time=now,
            start=now,
            stale=now + VALID,
            received=now,
            body=Opaque(),
            identity=UNKNOWN_IDENTITY,
            marking=_marking(marking, self._node, opex),
            source=self._source,
            groups=groups,
        )
        said = element(ELEMENT, attributes(entry)).encode()
        event = from_original(Original(Form.COT_XML, splice.with_child(to_xml(blank), said)))
        report = to_report(event, source=self._source, groups=groups, received=now)
        return replace(report, time=now, start=now, stale=now + VALID)


def goes_out(entry: Entry, node: str) -> bool:
    """Tell whether a line of a shared case is said to partners at all."""
    return entry.node == node and not entry.is_private and entry.about not in _OWN_ONLY


def _marking(text: str, node: str, opex: Opex | None) -> Marking:
    if not text:
        return Marking(opex=opex)
    try:
        label = portion.read(text, nation=node[:3])
    except NotUnderstood as error:
        raise NotTaken(str(error)) from None
    marks = marks_of(label, node)
    return Marking(
        access=marks.get("access"),
        caveat=marks.get("caveat"),
        releasable_to=marks.get("releasableTo"),
        opex=opex,
    )


def attributes(entry: Entry) -> dict[str, str]:
    """Return a line as the attributes of its element, without who entered it; `read` takes them."""
    place = entry.place
    return {
        "case": entry.case,
        "number": str(entry.number),
        "at": entry.at.isoformat(),
        "kind": entry.kind.value,
        "about": entry.about,
        "value": entry.value,
        "place": "" if place is None else f"{place.lat!r},{place.lon!r}",
        "seen": " ".join(entry.seen),
    }


def told_as_heard(entry: Entry) -> Entry:
    """Return a partner's line as it is kept: a fact that is garbled as a note that names it.

    It changes no fact, and is not lost: whoever reads the log sees what was said, and why not.
    """
    why = garbled(entry.about, entry.value) if entry.kind is Kind.FACT else ""
    if not why:
        return entry
    words = (
        f"{LOOK}{entry.node} set {entry.about[:80]!r} to {entry.value[:200]!r}, which cannot be "
        f"read and is left out: {why}"
    )
    return replace(entry, kind=Kind.NOTE, about="", value=words)


def heard_in(report: Report, *, own: str) -> Entry | None:
    """Return the line of another node's log that a report is; None for anything else.

    Only what came over a link says it of that node. Raises NotShared for what cannot be read.
    """
    source, original = report.source, report.original
    if report.kind.text != SAR or not source.is_partners or source.node == own:
        return None
    if original is None or original.form not in (Form.COT_XML, Form.COT_PROTOBUF):
        raise NotShared("no line of a case: it came without its bytes")
    try:
        said = detail.first(from_original(original), ELEMENT)
        lat, _, lon = said["place"].partition(",")
        if said["about"] in _OWN_ONLY:
            raise NotShared(f"no line of a case: {said['about']} is each node's own to say")
        return Entry(
            case=_name(said["case"]),
            node=source.node,
            number=_number(said["number"]),
            at=moment_of(said["at"]),
            entered=report.received,
            by=source.node,
            kind=_sort(said["kind"]),
            about=said["about"],
            value=said["value"],
            place=Point(lat=float(lat), lon=float(lon)) if lat else None,
            seen=tuple(said["seen"].split()),
            context=report.context,
        )
    except (WireError, NotTaken, KeyError, ValueError) as error:
        raise NotShared(f"no line of a case: {error}") from None


def _number(text: str) -> int:
    number = int(text)
    if not 0 < number <= MOST_NUMBER:
        raise ValueError(f"{text[:40]!r} is no number of a line")
    return number


def _name(text: str) -> str:
    if not 0 < len(text) <= MAX_NAME:
        raise ValueError(f"the name of a case has 1 to {MAX_NAME} letters")
    return text


def _sort(text: str) -> Kind:
    """Return what a partner's line is. A draft is one that never left its node."""
    kind = Kind(text)
    if kind is Kind.DRAFT:
        raise ValueError("a draft is each node's own")
    return kind
