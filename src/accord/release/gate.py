"""The gate to one partner: decides, counts, and stops its agreement when Cedar says otherwise."""

from collections import Counter
from datetime import datetime

from accord.core.agreement import Reason, Situation, Withheld
from accord.core.report import Report
from accord.release.cadence import Cadence
from accord.release.decide import Released, Towards, decide, is_checked
from accord.release.signature import InForce


class Gate:
    """Lets reports out to one partner under one agreement.

    About one report in a hundred, chosen by the `salt`, is decided by Cedar itself as well; when
    the two differ the gate stops for good, `stopped` says so, and somebody must look. `released`
    counts by clause and form, `withheld` by reason and clause, `checked` what Cedar was asked.
    """

    def __init__(self, agreement: InForce, *, key: bytes, salt: bytes, memory: Cadence) -> None:
        self.agreement = agreement
        self.stopped = False
        self.checked = 0
        self.released: Counter[tuple[str, str]] = Counter()
        self.withheld: Counter[tuple[Reason, str | None]] = Counter()
        self._key = key
        self._salt = salt
        self._memory = memory
        self._towards: tuple[Towards, Towards] | None = None

    def decide(self, report: Report, at: datetime, situation: Situation) -> Released | Withheld:
        """Return what leaves of the report, or why nothing does."""
        decision = self._decide(report, at, situation)
        if isinstance(decision, Released):
            self.released[decision.clause, decision.form.name] += 1
        else:
            self.withheld[decision.reason, decision.clause] += 1
        return decision

    def _decide(self, report: Report, at: datetime, situation: Situation) -> Released | Withheld:
        if self.stopped:
            return Withheld(reason=Reason.STOPPED)
        check = is_checked(report, self._salt)
        self.checked += check
        decision = decide(report, self.agreement, at, towards=self._towards_of(situation)[check])
        if isinstance(decision, Withheld) and decision.reason is Reason.DISAGREES:
            self.stopped = True
        return decision

    def _towards_of(self, situation: Situation) -> tuple[Towards, Towards]:
        """Return the partner as decisions need it, without Cedar's own answer and with it."""
        known = self._towards
        if known is None or known[0].situation is not situation:
            plain, checked = (
                Towards(situation=situation, key=self._key, memory=self._memory, check=check)
                for check in (False, True)
            )
            known = self._towards = plain, checked
        return known
