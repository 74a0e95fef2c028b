"""What the guard lets out: each release looked at again, on the message that is to leave.

It knows the agreement's text, the partner and the time, and nothing of how the node decided; of the
rooms that decide it uses the verifier of forms alone, which shares no code with what reduces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from accord.core import portion
from accord.core.agreement import Agreement
from accord.core.context import Context
from accord.core.form import Naming, ReleaseForm
from accord.core.label import Label
from accord.core.report import Report
from accord.federation.guard.state import StateForm
from accord.release.verify import verify
from accord.wire.errors import Malformed
from accord.wire.peer.fields import EARLIEST
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.record import FileOffer
from accord.wire.peer.report import Grant, Header, PeerReport, Subject, Update
from accord.wire.peer.translate import milliseconds, report_of, report_of_update

MAX_SKEW = timedelta(seconds=60)
"""By how much a frame's time may differ from the guard's clock."""
MAX_CACHED = 20_000
"""Headers whose marks have been looked at and are remembered."""
MAX_MARKING = 512
MAX_REASON = 128

_COMMENT = re.compile(r'//[^\n]*|("(?:[^"\\]|\\.)*")')
_PERMIT = re.compile(
    r"\s*(?:@id\([^)]*\)\s*)?permit\s*\(\s*principal\s*"
    r'(?:==\s*Accord::Node::"(?P<node>[^"]*)"\s*|is\s+Accord::Node\s*)?,\s*action\s*'
    r'(?:==\s*(?P<one>Accord::Action::"[^"]*")\s*|in\s*\[(?P<some>[^\]]*)\]\s*)?,'
)
_ACTION = re.compile(r'Accord::Action::"([^"]*)"')
_NAME = re.compile(r"P-[0-9a-f]{32}", re.ASCII)


class Refused(Exception):
    """Something is not to leave. `reason` is one of few; `what` and `clause` say which it is.

    `is_passing`: node and guard look at the disk and the clock at different moments; nothing
    leaves, and nobody has to be called.
    """

    def __init__(
        self, reason: str, *, what: str = "", clause: str | None = None, is_passing: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason[:MAX_REASON]
        self.what = what
        self.clause = clause
        self.is_passing = is_passing


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement that the node holds; `why_not` says what keeps it from being in force."""

    agreement: Agreement
    why_not: str = ""
    digest: bytes = field(init=False)
    since: int = field(init=False)
    until: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", bytes.fromhex(self.agreement.digest))
        object.__setattr__(self, "since", milliseconds(self.agreement.since))
        object.__setattr__(self, "until", milliseconds(self.agreement.until))

    @property
    def key(self) -> bytes:
        """What stands for it in a grant."""
        return self.digest[:AGREEMENT]


class Cleared(NamedTuple):
    """One item that may leave, or came, as the ledger has it."""

    terms: Terms
    clause: str
    form: str
    name: str
    version: Version
    marking: str


class _Warrant(NamedTuple):
    """By what something of one subject may leave, and its mark in words."""

    terms: Terms
    clause: str
    form: ReleaseForm
    state: StateForm
    marking: str


class Checker:
    """Checks releases of one node to one partner. `know` is told which agreements there are.

    Raises Refused.
    """

    def __init__(self, *, own: str, partner: str) -> None:
        self._own = own
        self._partner = partner
        self._terms: Mapping[bytes, Terms] = {}
        self._warrants: dict[tuple[bytes, Grant | None], _Warrant] = {}

    def know(self, terms: Mapping[bytes, Terms]) -> None:
        """Take these agreements, by what stands for them in grants, in place of those before."""
        self._terms = terms
        self._warrants.clear()

    def header(self, header: Header, digest: bytes, onward: Grant | None, now: datetime) -> Cleared:
        """Clear a header. The position that its updates are counted from is looked at as one."""
        warrant = self._known(header, digest, onward, now)
        base, form, uid = header.base, warrant.form, header.subject.uid
        is_placed = (base.lat, base.lon) != (0, 0)
        time = _old_enough(form, now)
        told = Update(
            0, 0, time, time, time, time,
            lat=base.lat if is_placed else None,
            lon=base.lon if is_placed else None,
            hae=base.hae or None,
            circular_error=base.circular_error or None,
            course=base.course or None,
            speed=base.speed or None,
        )  # fmt: skip
        at = milliseconds(now)
        self._in_time(warrant, at)
        self._in_state(told, warrant, uid, at)
        return _cleared(warrant, uid, Version(header.epoch, 0))

    def update(
        self, header: Header, digest: bytes, onward: Grant | None, update: Update, now: datetime
    ) -> Cleared:
        """Clear one state of an object whose header has left; `digest` is the header's."""
        warrant = self._warrants.get((digest, onward)) or self._known(header, digest, onward, now)
        version = Version(header.epoch, update.version)
        uid, at = header.subject.uid, _ms(now)
        self._in_time(warrant, at)
        self._version(version, warrant, uid)
        self._in_state(update, warrant, uid, at)
        return _cleared(warrant, uid, version)

    def _known(
        self, header: Header, digest: bytes, onward: Grant | None, now: datetime
    ) -> _Warrant:
        """Return what was found out about a header, or find it out."""
        key = digest, onward
        warrant = self._warrants.get(key)
        if warrant is None:
            warrant = self._warrant(header.subject, header.grant, onward)
            self._bare(header.subject, warrant, now)
            if len(self._warrants) >= MAX_CACHED:
                self._warrants.clear()
            self._warrants[key] = warrant
        return warrant

    def _bare(self, subject: Subject, warrant: _Warrant, now: datetime) -> None:
        """Hold everything that an object says besides its states against the form."""
        time = _old_enough(warrant.form, now)
        header = Header(subject=subject, epoch=0, grant=_NO_GRANT)
        report = report_of_update(header, Update(0, 0, time, time, time, time))
        wrong = verify(report, warrant.form, at=now)
        if wrong is not None:
            raise self._refused(wrong, subject.uid, warrant)

    def _in_state(self, update: Update, warrant: _Warrant, uid: str, at: int) -> None:
        wrong = warrant.state.fault(update, at)
        if wrong:
            raise self._refused(wrong, uid, warrant)

    def report(self, it: PeerReport, onward: Grant | None, now: datetime) -> Cleared:
        """Clear a whole report."""
        warrant = self._warrant(it.subject, it.grant, onward)
        self._in_time(warrant, milliseconds(now))
        self._version(it.version, warrant, it.subject.uid)
        self._in_form(report_of(it), warrant, now)
        return _cleared(warrant, it.subject.uid, it.version)

    def offer(self, it: FileOffer, onward: Grant | None, now: datetime) -> Cleared:
        """Clear the offer of a file, which only a form that keeps everything lets out."""
        warrant = self._warrant(it.subject, it.grant, onward)
        self._in_time(warrant, milliseconds(now))
        self._version(it.version, warrant, it.subject.uid)
        if not warrant.form.exact:
            raise self._refused("a file has no form but the exact one", it.subject.uid, warrant)
        return _cleared(warrant, it.subject.uid, it.version)

    def granted(self, grant: Grant, what: str, now: datetime) -> Cleared:
        """Clear what is no report, such as an incident, by the grant that is given for it."""
        terms, clause, form = self._clause_and_form(grant, what)
        warrant = _Warrant(terms, clause, form, StateForm.of(form), "")
        self._in_time(warrant, milliseconds(now))
        return Cleared(terms, clause, form.name, what, Version(0, 0), "unmarked")

    def held(self, prefix: bytes) -> Terms:
        """Return the agreement that is spoken of, in force or not."""
        terms = self._terms.get(prefix)
        if terms is None:
            raise Refused("by no agreement that the guard knows", what=prefix.hex())
        return terms

    def has_area(self, data: bytes) -> bool:
        """Tell whether this is the file of an area that an agreement of both nodes names."""
        digest = sha256(data).hexdigest()
        return any(
            area.sha256 == digest
            for terms in self._terms.values()
            if {self._own, self._partner} <= {party.node for party in terms.agreement.parties}
            for area in terms.agreement.areas
        )

    def recall_of(self, prefix: bytes, clause: str, uid: str) -> Terms:
        """Return the agreement of a recall; nothing stands in it that could not be released.

        `clause` is empty where all by the agreement is called back, `uid` where no one object is.
        """
        terms = self.held(prefix)
        if clause and all(each.number != clause for each in terms.agreement.clauses):
            raise Refused("calls back by no such clause", what=uid, clause=clause)
        named = any(form.identity is Naming.KEPT for form in terms.agreement.forms)
        if uid and not named and _NAME.fullmatch(uid) is None:
            raise Refused("names an object other than by a pseudonym", what=uid)
        return terms

    def _warrant(self, subject: Subject, grant: Grant, onward: Grant | None) -> _Warrant:
        """Look at everything about an object that does not change with the time."""
        maker = subject.path[-1] if subject.path else subject.origin
        if (onward is None) is not (maker == self._own):
            raise Refused("another node's, and not said to be passed on", what=subject.uid)
        terms, clause, form = self._clause_and_form(onward or grant, subject.uid)
        found = _Warrant(terms, clause, form, StateForm.of(form), "")
        label = self._label(subject, found)
        if subject.origin != self._own or label.originator != self._own[:3]:
            self._may_pass_on(subject, found)
        return found._replace(marking=marking_of(label))

    def _clause_and_form(self, grant: Grant, what: str) -> tuple[Terms, str, ReleaseForm]:
        terms = self.held(grant.agreement)
        agreement = terms.agreement
        if self._own not in agreement.givers or self._partner not in agreement.receivers:
            raise Refused("the agreement does not run this way", what=what)
        try:
            cedar = agreement.clause(grant.clause).cedar
            form = agreement.form(grant.form)
        except KeyError:
            raise Refused("by no such clause or form", what=what, clause=grant.clause) from None
        if not permits(cedar, form.name, self._partner):
            raise Refused("the clause permits no such form", what=what, clause=grant.clause)
        return terms, grant.clause, form

    def _label(self, subject: Subject, warrant: _Warrant) -> Label:
        """Return the mark of an object, looked at as a release needs it."""
        try:
            report = report_of_update(
                Header(subject=subject, epoch=0, grant=_NO_GRANT), Update(0, 0, 0, 0, 0, 0)
            )
        except Malformed:
            raise self._refused("its marks are not understood", subject.uid, warrant) from None
        label, agreement = report.label, warrant.terms.agreement
        if label is None:
            raise self._refused("it has no mark", subject.uid, warrant)
        if self._partner[:3] not in label.releasable_to:
            raise self._refused("it is not marked for the partner", subject.uid, warrant)
        if agreement.levels.rank(label) is None:
            raise self._refused("its level is not in the agreement", subject.uid, warrant)
        context = Context.parse(subject.context)
        opex = [each.context for each in (label.opex, report.marking.opex) if each is not None]
        if context not in agreement.contexts or any(each != context for each in opex):
            raise self._refused("its context is none of the agreement's", subject.uid, warrant)
        return label

    def _may_pass_on(self, subject: Subject, warrant: _Warrant) -> None:
        """Look at whether it was given to be passed on to the partner.

        Where this node has an agreement with its origin, that one says so. Of what came over
        others it holds none, and theirs do.
        """
        given = [
            terms.agreement
            for terms in self._terms.values()
            if self._own in terms.agreement.receivers and not terms.why_not
        ]
        direct = [agreement for agreement in given if subject.origin in agreement.givers]
        if not any(self._partner[:3] in agreement.onward for agreement in direct or given):
            raise self._refused("its originator has not granted it", subject.uid, warrant)

    def _in_time(self, warrant: _Warrant, at: int) -> None:
        terms = warrant.terms
        if terms.why_not or not terms.since <= at < terms.until:
            raise Refused(
                "the agreement is not in force",
                what=terms.agreement.id,
                clause=warrant.clause,
                is_passing=True,
            )

    def _version(self, version: Version, warrant: _Warrant, uid: str) -> None:
        step = warrant.state.step
        # The version tells no more of the time than the form; objects are told apart within it.
        if step and (version.ms - EARLIEST) % step > _WITHIN:
            raise self._refused("its version tells more of the time than its form", uid, warrant)

    def _in_form(self, report: Report, warrant: _Warrant, now: datetime) -> None:
        form = warrant.form
        newest = max(report.time, report.received)
        if form.min_age and now - newest < form.min_age:
            raise self._refused(f"younger than {form.min_age}", report.uid, warrant)
        wrong = verify(report, form, at=now)
        if wrong is not None:
            raise self._refused(wrong, report.uid, warrant)

    def _refused(self, reason: str, uid: str, warrant: _Warrant) -> Refused:
        return Refused(reason, what=uid, clause=warrant.clause)


_ms = lru_cache(maxsize=1)(milliseconds)
"""All states of a frame leave at one moment."""
_NO_GRANT = Grant(bytes(AGREEMENT), "", "")
_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)
_WITHIN = 999
"""Milliseconds; how far the count of versions inside one cadence may go."""


def permits(cedar: str, form: str, partner: str) -> bool:
    """Tell whether a clause's text is a permit of that form for that partner, by its head alone."""
    text = _COMMENT.sub(lambda found: found[1] or "", cedar)
    head = _PERMIT.match(text)
    if head is None or head["node"] not in (None, partner):
        return False
    named = head["one"] or head["some"]
    return named is None or form in _ACTION.findall(named)


def marking_of(label: Label | None) -> str:
    """Return the mark as the ledger has it, on either side of a link."""
    if label is None:
        return "unmarked"
    return portion.write(label, nation=label.originator)[:MAX_MARKING]


def _cleared(warrant: _Warrant, uid: str, version: Version) -> Cleared:
    return Cleared(warrant.terms, warrant.clause, warrant.form.name, uid, version, warrant.marking)


def _old_enough(form: ReleaseForm, now: datetime) -> int:
    """Return a time (ms) that the form can have now; a header states none of its own."""
    time = now - form.min_age
    if form.cadence is not None:
        time -= (time - _YEAR_ONE) % form.cadence
    return milliseconds(time)
