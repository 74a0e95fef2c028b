"""Which form of a report an agreement permits, and which clause says so. Nothing is released here.

`accord.release.decide` releases; looking at what would be released is done with this.
"""

from dataclasses import dataclass
from datetime import datetime

from accord.core.agreement import Reason, Situation
from accord.core.form import ReleaseForm
from accord.core.report import Report
from accord.release.compile import NOBODY
from accord.release.facts import Facts
from accord.release.loaded import FORM_RULE, Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The best permitted form, or why there is none; `clause` is what decided, if any did."""

    form: ReleaseForm | None
    clause: str | None
    reason: Reason | None
    facts: Facts | None


def judge(report: Report, loaded: Loaded, at: datetime, situation: Situation) -> Judgement:
    """Return what the clauses say of a report."""
    agreement = loaded.agreement
    partner, own = situation.partner, situation.own
    if partner == own or partner not in loaded.chooses or own not in agreement.givers:
        return Judgement(form=None, clause=None, reason=Reason.NOT_PARTY, facts=None)
    facts = loaded.finder.facts(report, at, situation)
    form, rule = loaded.chooses[partner](facts)
    clause = None if rule == NOBODY else loaded.rules[rule].number
    if form != NOBODY:
        return Judgement(form=agreement.forms[form], clause=clause, reason=None, facts=facts)
    return Judgement(form=None, clause=clause, reason=_reason(clause), facts=facts)


def _reason(clause: str | None) -> Reason:
    if clause is None:
        return Reason.NOT_PERMITTED
    return Reason.TOO_YOUNG if clause.startswith(FORM_RULE) else Reason.FORBIDDEN
