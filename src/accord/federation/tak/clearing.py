"""What leaves for a TAK server: a report that the guard has checked, and the messages of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from accord.core.body import Removal
from accord.core.report import AddressKind, Report
from accord.federation.guard.check import Checker, Refused
from accord.federation.guard.passage import released
from accord.release.ledger.entry import Body
from accord.wire.cot import federate
from accord.wire.cot.federated import Contact, Crud, Hops
from accord.wire.cot.translate import to_server
from accord.wire.errors import WireError
from accord.wire.peer.contents import read_content
from accord.wire.peer.report import PeerReport
from accord.wire.peer.translate import report_of

Provenance = tuple[tuple[str, str], ...]


class Unspeakable(Exception):
    """The report may leave, but a TAK server cannot be told it."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """Messages that may leave once their lines are in the ledger."""

    messages: list[bytes]
    lines: list[Body]


class Clearing:
    """Clears the reports of one session. `max_hops` is over how many servers they may go."""

    def __init__(self, checker: Checker, *, own: str, max_hops: int) -> None:
        self._checker = checker
        self._own = own
        self._max_hops = max_hops
        self._contacts: dict[str, str] = {}

    def clear(self, data: bytes, frame: int, now: datetime) -> Cleared:
        """Return what of it leaves, under that number in the ledger. Raises Refused, Unspeakable.

        A user that can be spoken to is told of apart, as the protocol has it: of what was just
        released alone, and once a session.
        """
        content = _report_in(data)
        cleared = self._checker.report(content, None, now)
        try:
            report = report_of(content)
            event = to_server(report)
        except (WireError, ValueError) as error:
            raise Unspeakable(str(error)) from None
        provenance = _provenance(content, self._own)
        hops = Hops(len(provenance), self._max_hops)
        message = federate.event_message(
            event, uids=_addressed(report, AddressKind.UID),
            callsigns=_addressed(report, AddressKind.CALLSIGN),
            groups=tuple(sorted(report.groups)), provenance=provenance, hops=hops,
        )  # fmt: skip
        contacts = (
            federate.contact_message(
                each, groups=tuple(sorted(report.groups)), provenance=provenance, hops=hops
            )
            for each in self._contacts_of(report)
        )
        messages = [message, *contacts]
        lines: list[Body] = [released(cleared, sha256(m).digest(), frame) for m in messages]
        return Cleared(messages, lines)

    def _contacts_of(self, report: Report) -> Iterator[Contact]:
        body, told = report.body, self._contacts
        if isinstance(body, Removal):
            callsign = told.pop(body.target, None)
            if callsign is not None:
                yield Contact(Crud.DELETE, body.target, callsign)
        callsign = report.identity.callsign
        if report.author == report.uid and callsign and told.get(report.uid) != callsign:
            told[report.uid] = callsign
            yield Contact(Crud.CREATE, report.uid, callsign)


def _report_in(data: bytes) -> PeerReport:
    try:
        content = read_content(data)
    except WireError as error:
        raise Refused(f"a report is {error}") from None
    if not isinstance(content, PeerReport):
        raise Refused("what is to leave is no report")
    return content


def _addressed(report: Report, kind: AddressKind) -> tuple[str, ...]:
    """Return those of one kind. Raises Unspeakable for a team: everybody would be told."""
    if any(each.kind is AddressKind.TEAM for each in report.to):
        raise Unspeakable("it is addressed to a team")
    return tuple(sorted(each.value for each in report.to if each.kind is kind))


def _provenance(content: PeerReport, own: str) -> Provenance:
    """Return the nodes that it came over, this one last, each once."""
    subject = content.subject
    return tuple((node, node) for node in dict.fromkeys((subject.origin, *subject.path, own)))
