"""Which form of a report an agreement permits, and which clause says so. Nothing is released here.

`accord.release.decide` releases; looking at what would be released is done with this.
"""

from datetime import datetime
from typing import NamedTuple

from accord.core.agreement import Reason, Situation
from accord.core.form import ReleaseForm
from accord.core.report import Report
from accord.release.compile import NOBODY
from accord.release.facts import Facts
from accord.release.loaded import FORM_RULE, Loaded


class Judgement(NamedTuple):
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
        return Judgement(None, None, Reason.NOT_PARTY, None)
    facts = loaded.finder.facts(report, at, situation)
    form, rule = loaded.chooses[partner](facts)
    clause = None if rule == NOBODY else loaded.rules[rule].number
    if form != NOBODY:
        return Judgement(agreement.forms[form], clause, None, facts)
    return Judgement(None, clause, _reason(clause), facts)


def _reason(clause: str | None) -> Reason:
    if clause is None:
        return Reason.NOT_PERMITTED
    return Reason.TOO_YOUNG if clause.startswith(FORM_RULE) else Reason.FORBIDDEN
