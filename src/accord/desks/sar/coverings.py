"""Coverage of cases as it grows: what was worked out is kept, and new positions cost their part."""

from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from accord.core.report import Report, Source
from accord.desks.sar.case import Case
from accord.desks.sar.covered import Courses, Covered, covering, horizon
from accord.desks.sar.entry import Kind
from accord.desks.sar.facts import Known
from accord.desks.sar.model import drift_of
from accord.search.coverage import Achieved

MOST = 8
"""Cases whose coverage is kept; of more, the one that was asked for longest ago goes."""

OVERLAP = timedelta(minutes=1)
"""What came so long before the last look is read once more: it may not have been kept yet."""

_NO_MATTER = frozenset({
    "title", "phase", "persons", "nature", "weather", "vessel", "action", "further", "beacon",
    "source", "lead", "offered", "shared", "closed",
})  # fmt: skip
"""Facts that change nothing of what was covered."""


class State(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Run:
    """Coverage that is being worked out: `done` of 1; `trouble` says why there is none."""

    id: str
    case: str
    by: str
    at: datetime
    state: State = State.WAITING
    done: float = 0.0
    trouble: str = ""
    found: Covered | None = None
    is_cancelled: bool = False

    def follow(self, steps: Generator[float, None, Covered]) -> None:
        """Do the steps until they are done or somebody cancels. Raises what they raise."""
        if self.is_cancelled:
            self.state = State.CANCELLED
            return
        self.state = State.WORKING
        while not self.is_cancelled:
            try:
                self.done = next(steps)
            except StopIteration as done:
                self.found, self.done, self.state = done.value, 1.0, State.DONE
                return
        steps.close()
        self.state = State.CANCELLED

    def fail(self, trouble: str) -> None:
        """Say why there is nothing."""
        self.state, self.trouble = State.FAILED, trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked: by whom, whose positions differ by what he may see, and until when.

    `read` returns where units were that was received between two times; `recalled` a number that
    is another when partners have called something back.
    """

    case: Case
    known: Known
    own: str
    who: Hashable
    at: datetime
    read: Callable[[datetime, datetime], Courses]
    recalled: Callable[[], int]


_Heard = tuple[datetime, datetime, Source]


@dataclass(slots=True, kw_only=True)
class _Kept:
    """What was worked out for one case, as one may see it, and on which facts it rests."""

    basis: Hashable
    achieved: Achieved
    end: datetime
    reports: dict[str, dict[_Heard, Report]] = field(
        default_factory=dict[str, dict[_Heard, Report]]
    )
    until: datetime | None = None

    def take(self, courses: Courses) -> None:
        """Take in what is new."""
        for uid, reports in courses.items():
            known = self.reports.setdefault(uid, {})
            known.update({(e.received, e.time, e.source): e for e in reports})

    def courses(self) -> Courses:
        """Return all of it, in order of receipt."""
        return {
            uid: [found[key] for key in sorted(found, key=lambda key: key[:2])]
            for uid, found in self.reports.items()
        }


class Coverings:
    """Keeps coverage of `limit` cases; `dropped` counts those that had to go, `whole` fresh ones.

    One thread at a time may work.
    """

    def __init__(self, *, limit: int = MOST) -> None:
        self.dropped = 0
        self.whole = 0
        self._limit = limit
        self._kept: dict[Hashable, _Kept] = {}

    def work(self, asking: Asking) -> Generator[float, None, Covered]:
        """Work out what is new, step by step; yields the share done. Raises NotTaken, SearchError.

        What is asked of a time before the last one is worked out by itself.
        """
        key = asking.case.id, asking.who
        kept = self._kept.pop(key, None)
        basis = _basis(asking.case), asking.recalled()
        if kept is not None and kept.until is not None and asking.at < kept.until:
            self._kept[key] = kept
            fresh = self._fresh(asking, basis)
            fresh.take(asking.read(asking.case.opened, asking.at))
            return (yield from _steps(fresh, asking))
        if kept is None or kept.basis != basis or not asking.at <= kept.end:
            kept = self._fresh(asking, basis)
        since = asking.case.opened if kept.until is None else kept.until - OVERLAP
        kept.take(asking.read(max(since, asking.case.opened), asking.at))
        kept.until = asking.at
        found = yield from _steps(kept, asking)
        self._keep(key, kept)
        return found

    def _fresh(self, asking: Asking, basis: Hashable) -> _Kept:
        self.whole += 1
        drift = drift_of(asking.case, asking.known, horizon(asking.case, asking.known, asking.at))
        return _Kept(basis=basis, achieved=Achieved(drift), end=drift.end)

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        self._kept[key] = kept
        while len(self._kept) > self._limit:
            del self._kept[next(iter(self._kept))]
            self.dropped += 1


def _steps(kept: _Kept, asking: Asking) -> Generator[float, None, Covered]:
    return covering(
        kept.achieved, asking.case, asking.known, kept.courses(), (asking.at, asking.own)
    )


def _basis(case: Case) -> Hashable:
    """Return the lines that a drift and the widths of its lookouts rest on."""
    return tuple(
        each.id for each in case.log if each.kind is Kind.FACT and each.about not in _NO_MATTER
    )
