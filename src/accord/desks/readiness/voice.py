"""A statement of readiness as a report: what agreements decide, and partners are given.

It is CoT of the type `t-x-readiness`, which stands on no picture: a report that the picture carries
without understanding it. An agreement lets it out as a clause says (`resource.words` has "readiness
statement"), whole or not at all, since a form that leaves something out has no place for it.
"""

from dataclasses import replace
from types import MappingProxyType

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
from accord.desks.readiness.statement import Heard, NoStatement, Statement, attributes, read
from accord.live.intake import READINESS, READINESS_DESK, Intake, Speaker
from accord.wire.cot import detail, splice
from accord.wire.cot.label import attributes as marks_of
from accord.wire.cot.translate import from_original, to_report, to_xml
from accord.wire.cot.xml import element
from accord.wire.errors import WireError

ELEMENT = "__readiness"
SPEAKER = "readiness desk"
"""Who states it towards others: the desk, and no person."""


class NotStated(AccordError):
    """The statement was not let out of the desk; the text says why."""


class StatementVoice:
    """Says statements of this node, by the one door in."""

    def __init__(self, intake: Intake, *, node: str) -> None:
        self._intake = intake
        self._node = node
        self._source = Source(node=node, channel=READINESS_DESK, speaker=SPEAKER)

    def say(self, statement: Statement, groups: frozenset[Group], marking: str) -> Report:
        """Say a statement into groups, under a portion mark or, without one, the groups' default.

        Raises NotStated.
        """
        report = self.report(statement, groups, marking)
        context = statement.context
        names = {context.name} if context.kind is ContextKind.EXERCISE else set[str]()
        principal = Principal(
            name=SPEAKER,
            groups=MappingProxyType(dict.fromkeys(groups, Direction.IN)),
            exercises=frozenset(names),
        )
        refused = self._intake.accept(report, Speaker(principal=principal, source=self._source))
        if refused is not None:
            raise NotStated(refused)
        return report

    def report(self, statement: Statement, groups: frozenset[Group], marking: str) -> Report:
        """Return a statement as a report, made of the statement alone. Raises NotStated."""
        kind = statement.context.kind
        if kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
            raise NotStated(f"nothing of {statement.context} is stated to anybody: it is no fact")
        blank = Report(
            uid=f"{self._node}.readiness.{statement.capability}",
            context=statement.context,
            kind=Kind.of(READINESS),
            how="h-g-i-g-o",
            time=statement.as_of,
            start=statement.as_of,
            stale=statement.until,
            received=statement.as_of,
            body=Opaque(),
            identity=UNKNOWN_IDENTITY,
            marking=self._marking(marking, statement),
            source=self._source,
            groups=groups,
        )
        said = element(ELEMENT, attributes(statement)).encode()
        event = from_original(Original(Form.COT_XML, splice.with_child(to_xml(blank), said)))
        report = to_report(event, source=self._source, groups=groups, received=statement.as_of)
        return replace(report, time=statement.as_of, start=statement.as_of, stale=statement.until)

    def _marking(self, text: str, statement: Statement) -> Marking:
        opex = Opex.of(statement.context)
        if not text:
            return Marking(opex=opex)
        try:
            label = portion.read(text, nation=self._node[:3])
        except NotUnderstood as error:
            raise NotStated(str(error)) from None
        marks = marks_of(label, self._node)
        return Marking(
            access=marks.get("access"),
            caveat=marks.get("caveat"),
            releasable_to=marks.get("releasableTo"),
            opex=opex,
        )


def heard_in(report: Report, *, own: str) -> Heard | None:
    """Return the statement of another node that a report is; None for anything else.

    Only what came over a link says it of that node: a client here could say it of anybody. Raises
    NoStatement for a statement that cannot be read.
    """
    source, original = report.source, report.original
    if report.kind.text != READINESS or not source.is_partners or source.node[:3] == own[:3]:
        return None
    if original is None or original.form not in (Form.COT_XML, Form.COT_PROTOBUF):
        raise NoStatement("no statement of readiness: it came without its bytes")
    try:
        said = detail.first(from_original(original), ELEMENT)
    except WireError as error:
        raise NoStatement(f"no statement of readiness: {error}") from None
    statement = read(said, report.context)
    return Heard(node=source.node, statement=statement, received=report.received)
