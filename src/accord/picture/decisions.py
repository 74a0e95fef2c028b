"""What people decided about tracks: these two are one, this claim is of something else, this leads.

A decision is never changed; it is undone, and both stay on record. What is decided holds for
reports from before and after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from accord.core.context import Context
from accord.core.report import Report
from accord.core.track import Said
from accord.picture.claims import K, lead_of
from accord.picture.places import base_of

APART = "~s"
"""Between the uid of a claim that was put apart, and the number of the decision."""


class Verdict(StrEnum):
    """What can be decided."""

    JOIN = "join"
    SPLIT = "split"
    PREFER = "prefer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision, who made it, when, and why.

    `uid` is that of a claim. To join: `other` is the uid of what is the same object. To split or
    prefer: `channel` and `speaker` are those of the claim's source.
    """

    number: int
    context: Context
    verdict: Verdict
    uid: str
    other: str = ""
    channel: str = ""
    speaker: str = ""
    at: datetime
    by: str
    why: str
    undone: datetime | None = None
    undone_by: str = ""

    @property
    def claim(self) -> "_Claim":
        """Whose claim it is about."""
        return self.context, self.uid, self.channel, self.speaker

    @property
    def name(self) -> str:
        """The uid of what was put apart."""
        return f"{self.uid}{APART}{self.number}"

    def uids(self) -> tuple[str, ...]:
        """Return the uids of what it changes."""
        if self.verdict is Verdict.JOIN:
            return self.uid, self.other
        return (self.uid, self.name) if self.verdict is Verdict.SPLIT else (self.uid,)


_Claim = tuple[Context, str, str, str]


class Decisions:
    """The decisions that hold, ready to be asked for every report."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self.holding = tuple(each for each in decisions if each.undone is None)
        self._together: dict[tuple[Context, str], tuple[str, ...]] = {}
        self._apart: dict[_Claim, str] = {}
        self._names: dict[tuple[Context, str], str] = {}
        self._preferred: dict[_Claim, int] = {}
        for each in self.holding:
            self._take(each)

    def _take(self, decision: Decision) -> None:
        context = decision.context
        if decision.verdict is Verdict.JOIN:
            one = *self.together(context, decision.uid), *self.together(context, decision.other)
            together = tuple(dict.fromkeys(one))
            self._together.update(dict.fromkeys(((context, uid) for uid in together), together))
        elif decision.verdict is Verdict.SPLIT:
            self._apart[decision.claim] = decision.name
            self._names[context, decision.name] = decision.uid
        else:
            self._preferred[decision.claim] = decision.number

    def __bool__(self) -> bool:
        """Tell whether anything was decided."""
        return bool(self.holding)

    def together(self, context: Context, uid: str) -> tuple[str, ...]:
        """Return every uid that is joined with this one, itself among them."""
        return self._together.get((context, uid), (uid,))

    def said(self, report: Report) -> Said:
        """Return what a claim is kept by: each of those that were joined has one of its own.

        So both are there still when that is undone.
        """
        if (report.context, report.uid) in self._together:
            return report.source, report.uid
        return report.source

    def named(self, report: Report) -> Report:
        """Return a report under the name that its source's claims were given when put apart.

        Places of one identity that were joined with it are one that jumps, under its own uid.
        """
        together = self._together.get((report.context, report.uid), ())
        if together and (base := base_of(report.uid)) in together and base != report.uid:
            report = replace(report, uid=base)
        if not self._apart:
            return report
        name = self._apart.get(_claim_of(report))
        return report if name is None else replace(report, uid=name)

    def is_apart(self, report: Report) -> bool:
        """Tell whether the report is of what was put apart: no number brings it back."""
        return (report.context, report.uid) in self._names

    def unnamed(self, report: Report) -> Report:
        """Return a report of what was put apart as its source said it."""
        uid = self._names.get((report.context, report.uid))
        return report if uid is None else replace(report, uid=uid)

    def lead(self, claims: Mapping[K, Report]) -> Report:
        """Return the claim that is shown: the one that was preferred last, while it is valid."""
        if self._preferred:
            now = max(each.received for each in claims.values())
            preferred = [
                (number, claim)
                for claim in claims.values()
                if (number := self._preferred.get(_claim_of(claim))) is not None
                and claim.stale > now
            ]
            if preferred:
                return max(preferred, key=lambda each: each[0])[1]
        return lead_of(claims)


def _claim_of(report: Report) -> _Claim:
    return report.context, report.uid, report.source.channel, report.source.speaker


NO_DECISIONS = Decisions()
"""Nobody has decided anything."""
