"""An incident between nodes: each line as a report that agreements decide on, whole or not.

It is CoT of the type `t-x-relief`, and below it a branch for each sort of record: a clause can let
out needs (`resource.words` has "relief need") and nothing of casualties. It stands on no picture.
Lines that name persons, and who wrote a line, do not go along unless names are shared.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import cast

from accord.core import portion
from accord.core.body import Opaque
from accord.core.context import ContextKind
from accord.core.errors import AccordError
from accord.core.handling import NotUnderstood
from accord.core.identity import UNKNOWN_IDENTITY
from accord.core.kind import Kind
from accord.core.marking import Marking, Opex
from accord.core.principal import Direction, Group, Principal
from accord.core.report import Form, Original, Report, Source
from accord.desks.relief.fields import SORTS, is_kept, lacking
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import NOTE, SHARED, shared_as
from accord.desks.relief.line import Line, NotTaken
from accord.desks.relief.reading import MAX_TEXT, time
from accord.live.intake import RELIEF, RELIEF_DESK, Intake, Speaker
from accord.wire.cot import detail, splice
from accord.wire.cot.label import attributes as marks_of
from accord.wire.cot.translate import from_original, to_report, to_xml
from accord.wire.cot.xml import element
from accord.wire.errors import WireError

ELEMENT = "__relief"
SPEAKER = "relief desk"
"""Who says it towards others: the desk, and no person."""

VALID = timedelta(days=90)
"""How long a line is offered to partners."""

MOST_NUMBER = 1 << 53

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,9}", re.ASCII)

GROUPS = "groups"
"""The field of an alert with the groups it is for; a partner's alert is for those it came into."""


class NotReleased(AccordError):
    """The line was not let out of the desk, or is none; the text says why."""


def shared_value(groups: frozenset[Group], marking: str, node: str, *, with_names: bool) -> str:
    """Return how an incident is shared, as it is kept. NotTaken: a mark that nobody knows."""
    _marks(marking, node)
    said = {"groups": sorted(groups), "marking": marking, "names": with_names}
    return json.dumps(said, sort_keys=True)


class ReliefVoice:
    """Says lines of this node's incidents, by the one door in."""

    def __init__(self, intake: Intake, *, node: str) -> None:
        self._intake = intake
        self._node = node
        self._source = Source(node=node, channel=RELIEF_DESK, speaker=SPEAKER)

    def say(self, incident: Incident, line: Line, now: datetime) -> None:
        """Say one line, as the incident is shared. Raises NotReleased."""
        shared, context = shared_as(incident), line.context
        named = cast("list[object]", shared.get("groups", []))
        groups = frozenset(map(str, named))
        exercises = {context.name} if context.kind is ContextKind.EXERCISE else set[str]()
        principal = Principal(
            name=SPEAKER,
            groups=MappingProxyType(dict.fromkeys(groups, Direction.IN)),
            exercises=frozenset(exercises),
        )
        try:
            report = self._report(line, groups, str(shared.get("marking", "")), now)
        except WireError as error:
            raise NotReleased(str(error)) from None
        refused = self._intake.accept(report, Speaker(principal=principal, source=self._source))
        if refused is not None:
            raise NotReleased(refused)

    def _report(self, line: Line, groups: frozenset[Group], marking: str, now: datetime) -> Report:
        context, opex = line.context, Opex.of(line.context)
        blank = Report(
            uid=f"{self._node}.relief.{line.incident}.{line.number}",
            context=context,
            kind=Kind.of(kind_of(line)),
            how="h-g-i-g-o",
            time=now,
            start=now,
            stale=now + VALID,
            received=now,
            body=Opaque(),
            identity=UNKNOWN_IDENTITY,
            marking=replace(_marks(marking, self._node), opex=opex),
            source=self._source,
            groups=groups,
        )
        said = element(ELEMENT, attributes(line)).encode()
        event = from_original(Original(Form.COT_XML, splice.with_child(to_xml(blank), said)))
        report = to_report(event, source=self._source, groups=groups, received=now)
        return replace(report, time=now, start=now, stale=now + VALID)


def kind_of(line: Line) -> str:
    """Return the CoT type of a line: a branch for each sort, and the trunk for all else."""
    sort = SORTS.get(line.record.partition(":")[0])
    return RELIEF if sort is None else f"{RELIEF}{sort.kind}"


def _marks(text: str, node: str) -> Marking:
    if not text:
        return Marking()
    try:
        marks = marks_of(portion.read(text, nation=node[:3]), node)
    except NotUnderstood as error:
        raise NotTaken(str(error), "marking") from None
    access, caveat, releasable = map(marks.get, ("access", "caveat", "releasableTo"))
    return Marking(access=access, caveat=caveat, releasable_to=releasable)


def attributes(line: Line) -> dict[str, str]:
    """Return a line as the attributes of its element, without who wrote it; `heard_in` reads it."""
    fields = {name: text for name, text in line.fields.items() if name != GROUPS}
    return {
        "incident": line.incident,
        "number": str(line.number),
        "at": line.at.isoformat(),
        "record": line.record,
        "fields": json.dumps(fields, sort_keys=True, ensure_ascii=False),
        "seen": " ".join(line.seen),
    }


def heard_in(report: Report, *, own: str) -> Line | None:
    """Return the line of another node's log that a report is; None for anything else.

    Only what came over a link says it of that node. Raises NotReleased for what cannot be read.
    """
    source, original = report.source, report.original
    if not report.kind.text.startswith(RELIEF) or not source.is_partners or source.node == own:
        return None
    if original is None or original.form not in (Form.COT_XML, Form.COT_PROTOBUF):
        raise NotReleased("no line of an incident: it came without its bytes")
    try:
        said = detail.first(from_original(original), ELEMENT)
        line = Line(
            incident=said["incident"][:200],
            node=source.node,
            number=_number(said["number"]),
            at=datetime.fromisoformat(time(said["at"])),
            entered=report.received,
            by=source.node,
            record=said["record"],
            fields=_fields(said, report),
            seen=tuple(said["seen"].split()),
            context=report.context,
        )
    except (WireError, NotTaken, KeyError, ValueError, TypeError, RecursionError) as error:
        raise NotReleased(f"no line of an incident: {error}") from None
    if kind_of(line) != report.kind.text:
        raise NotReleased("no line of an incident: its type is not right")
    _check_alert(line)
    return line


def _number(text: str) -> int:
    number = int(text)
    if not 0 < number <= MOST_NUMBER:
        raise ValueError(f"{text[:40]!r} is no number of a line")
    return number


def _check_alert(line: Line) -> None:
    """Refuse an alert that is another node's, or not whole: what was issued is never changed."""
    sort, _, name = line.record.partition(":")
    if sort != "alert":
        return
    stem = f"{line.incident}-{line.node}-"
    if not name.startswith(stem) or not _COUNT.fullmatch(name.removeprefix(stem)):
        raise NotReleased(f"no line of an incident: {name[:80]!r} is no alert of {line.node}")
    missing = lacking(SORTS[sort], {**line.fields, GROUPS: " "})
    missing += tuple(each for each in ("kind", "sent") if not line.fields.get(each))
    if missing:
        raise NotReleased(f"no line of an incident: the alert lacks {', '.join(missing)}")


def _fields(said: Mapping[str, str], report: Report) -> dict[str, str]:
    """Return the fields of a line, as this desk would have kept them. Raises ValueError."""
    found = cast("dict[str, object]", dict(json.loads(said["fields"])))
    fields = {str(name): str(text) for name, text in found.items()}
    "".join((*fields, *fields.values())).encode()  # half a character raises ValueError
    key, _, name = said["record"].partition(":")
    sort = SORTS.get(key)
    is_note = not said["record"] and set(fields) == {NOTE} and len(fields[NOTE]) <= MAX_TEXT
    if sort is None and not is_note:
        raise ValueError(f"there is no record {said['record'][:40]!r}")
    is_named = bool(name) is (key != "incident") and (not name or _NAME.fullmatch(name))
    if sort is not None and (SHARED in fields or not is_kept(sort, fields) or not is_named):
        raise ValueError(f"the fields of {said['record'][:40]} are not right")
    if key == "alert":
        fields[GROUPS] = "\n".join(sorted(report.groups))
    return fields
