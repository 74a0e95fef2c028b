"""The one decision: what of a report leaves for a partner now. All that leaves goes through it.

`Released` can be made nowhere else, and nothing but a `Released` is encoded for a partner.
"""

import zlib
from dataclasses import InitVar
from datetime import datetime

from accord.core.agreement import Agreement, Reason, Situation, Withheld
from accord.core.form import ReleaseForm
from accord.core.label import Label
from accord.core.report import Report
from accord.core.value import value
from accord.release.cadence import Cadence
from accord.release.cedar import milliseconds
from accord.release.judge import Judgement, judge
from accord.release.reduce import reduce
from accord.release.signature import InForce
from accord.release.verify import verify

CHECKED = 100
"""One report in so many is decided by Cedar itself as well."""

_TOKEN = object()


@value
class Released:
    """A report as it may leave for one partner, in the form and by the clause that permit it."""

    report: Report
    form: ReleaseForm
    clause: str
    agreement: str
    serial: int
    partner: str
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        # It is not kept, so that `dataclasses.replace` cannot hand it on to a changed copy.
        if token is not _TOKEN:
            raise TypeError("only accord.release.decide.decide releases")


@value
class Towards:
    """A partner, as a decision needs it: how things stand, its secret key, and what it was sent.

    `check`: decide by Cedar itself as well.
    """

    situation: Situation
    key: bytes
    memory: Cadence
    check: bool = False


def decide(
    report: Report, agreement: InForce, at: datetime, *, towards: Towards
) -> Released | Withheld:
    """Return the report in the best form that the agreement permits, or why it is withheld.

    A report that is released counts as sent in `towards.memory`.
    """
    loaded, situation = agreement.loaded, towards.situation
    said = judge(report, loaded, at, situation)
    if towards.check and not _cedar_agrees(said, agreement, situation):
        return Withheld(reason=Reason.DISAGREES, clause=said.clause)
    if said.form is None or said.clause is None:
        return Withheld(reason=said.reason or Reason.NOT_PERMITTED, clause=said.clause)
    reason = _broken_rule(report, agreement, at, situation)
    if reason is not None:
        return Withheld(reason=reason, clause=said.clause)
    reduced = reduce(report, said.form, partner_key=towards.key, at=at, memory=towards.memory)
    if isinstance(reduced, Reason):
        return Withheld(reason=reduced, clause=said.clause)
    if verify(reduced, said.form, at=at) is not None:
        return Withheld(reason=Reason.NOT_REDUCIBLE, clause=said.clause)
    return Released(
        report=reduced,
        form=said.form,
        clause=said.clause,
        agreement=loaded.agreement.id,
        serial=loaded.agreement.serial,
        partner=situation.partner,
        token=_TOKEN,
    )


def is_checked(report: Report, salt: bytes) -> bool:
    """Tell whether this report is one of those that Cedar decides as well: about one in CHECKED.

    Which ones cannot be foreseen without the salt.
    """
    uid = report.uid.encode("utf-8", "surrogatepass")
    time = milliseconds(report.time).to_bytes(8, signed=True)
    return zlib.crc32(time, zlib.crc32(uid, zlib.crc32(salt))) % CHECKED == 0


def _cedar_agrees(said: Judgement, agreement: InForce, situation: Situation) -> bool:
    if said.facts is None:
        return said.form is None
    receiver = agreement.loaded.receivers[situation.partner]
    form = None if said.form is None else said.form.name
    return agreement.loaded.reference.agrees(said.facts, receiver, form)


def _broken_rule(
    report: Report, agreement: InForce, at: datetime, situation: Situation
) -> Reason | None:
    """Return which rule of every agreement a release would break, looked at without its clauses.

    The clauses were proved to keep these. This is the belt beside the braces: it reads the report
    itself, so that a mistake in finding facts or in compiling lets nothing out.
    """
    terms, label = agreement.loaded.agreement, report.label
    if not terms.since <= at < terms.until:
        return Reason.NOT_IN_FORCE
    if not situation.synchronised:
        return Reason.CLOCK
    if label is None or situation.partner[:3] not in label.releasable_to:
        return Reason.UNMARKED
    if terms.levels.name(label) is None:
        return Reason.LEVEL
    if not _is_in_context(report, label, terms):
        return Reason.CONTEXT
    return None if _is_granted(report, label, situation) else Reason.NOT_GRANTED


def _is_in_context(report: Report, label: Label, terms: Agreement) -> bool:
    opex = label.opex
    return report.context in terms.contexts and (opex is None or opex.context == report.context)


def _is_granted(report: Report, label: Label, situation: Situation) -> bool:
    own, originator = situation.own, label.originator
    if originator == own[:3] and report.source.node == own and not report.source.hops:
        return True
    return situation.partner[:3] in situation.onward.get(originator, ())
