"""The situation reports of a case: drafts that wait for a person, and what a person has let go."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from accord.core.context import LIVE
from accord.core.rfc3339 import spell
from accord.desks.sar.case import Case
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.search.spelling import spell_time


class State(StrEnum):
    """Whether a person has reviewed a report."""

    DRAFT = "draft"
    REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SitRep:
    """One report: its draft, where it had one here, and what was let go of it."""

    case: Case
    draft: Entry | None
    reviewed: Entry | None

    @property
    def first(self) -> Entry:
        """The line that names it."""
        found = self.draft or self.reviewed
        assert found is not None  # noqa: S101  made of one of them
        return found

    @property
    def last(self) -> Entry:
        """The line whose text holds."""
        return self.reviewed or self.first

    @property
    def state(self) -> State:
        """Whether a person has reviewed it."""
        return State.DRAFT if self.reviewed is None else State.REVIEWED

    @property
    def mark(self) -> str:
        """What stands on every page of it: who has reviewed it, or that nobody has."""
        if self.reviewed is None:
            return "DRAFT - NOT REVIEWED, NOT TO BE SENT"
        return f"REVIEWED BY {self.reviewed.by} AT {spell_time(self.reviewed.entered)}"

    @property
    def exercise(self) -> str:
        """What stands first and last on every page of an exercise."""
        context = self.case.context
        return "" if context == LIVE else f"EXERCISE EXERCISE EXERCISE ({context.name})"


def reports_of(case: Case) -> list[SitRep]:
    """Return all reports of a case, the oldest first."""
    # Only who drafted it can have reviewed it: another node cannot say so.
    let_go = {(e.node, name): e for e in case.log if e.kind is Kind.REPORT for name in e.seen}
    drafts = [
        SitRep(case=case, draft=each, reviewed=let_go.get((each.node, each.id)))
        for each in case.log
        if each.kind is Kind.DRAFT
    ]
    known = {each.reviewed.id for each in drafts if each.reviewed is not None}
    others = [
        SitRep(case=case, draft=None, reviewed=each)
        for each in case.log
        if each.kind is Kind.REPORT and each.id not in known
    ]
    return sorted([*drafts, *others], key=lambda each: (each.first.entered, each.first.id))


def report_of(case: Case, name: str) -> SitRep:
    """Return a report by the line that names it. Raises NotTaken where there is none."""
    found = next((e for e in reports_of(case) if name in (e.first.id, e.last.id)), None)
    if found is None:
        raise NotTaken(f"there is no report {name[:80]!r} of case {case.id}")
    return found


def report_json(report: SitRep, *, own: str, told: int) -> dict[str, object]:
    """Return a report as it is given out; `told` is the last own line that partners were told."""
    draft, reviewed = report.draft, report.reviewed
    is_told = reviewed is not None and (reviewed.node != own or reviewed.number <= told)
    return {
        "id": report.first.id,
        "state": report.state.value,
        "to": report.last.about,
        "text": report.last.value,
        "node": report.first.node,
        "drafted_by": None if draft is None else draft.by,
        "drafted": None if draft is None else spell(draft.entered),
        "reviewed_by": None if reviewed is None else reviewed.by,
        "reviewed": None if reviewed is None else spell(reviewed.entered),
        "told": is_told,
    }


def lines(found: list[SitRep]) -> Iterator[str]:
    """Yield a line for each report."""
    for each in found:
        yield f"{each.first.id}  {each.state.value}  to {each.last.about}  {each.mark}"
    if not found:
        yield "no reports"
