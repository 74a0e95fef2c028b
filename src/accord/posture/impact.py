"""What commitments change: the posture with them minus the posture without, by the same draws."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import h3.api.basic_int as h3
import numpy as np

from accord.core.context import Context, ContextKind
from accord.posture import cells
from accord.posture.answer import Answer, Line
from accord.posture.applied import Applied, apply
from accord.posture.case import Draft, Ground
from accord.posture.known import Known, Part, Task, Work
from accord.posture.model import Area, AreaKind, Capability, Commitment, Scenario
from accord.posture.presence import presence
from accord.posture.response import Change, Measured, compare, measure
from accord.posture.view import Asked, View
from accord.posture.written import digest

Job = Area | None
"""An area, or the named places where there is none."""

Changes = tuple[tuple[str, Change], ...]
"""What changes in an area, or at each named place, by its name."""

ByJob = dict[str, Changes]
"""By area; the named places together under no name."""

Tell = Callable[[int, int], None]
"""Told how many jobs are done, and of how many."""


def _silent(_done: int, _of: int) -> None:
    """Say nothing."""


class NothingToAnswer(Exception):
    """No area has cells, so that there is nothing to answer about."""


def main_area(scenario: Scenario) -> Area:
    """Return what the answer is told about first: an operation's area, else the largest."""
    drawn = [each for each in scenario.areas.values() if each.cells]
    if not drawn:
        raise NothingToAnswer
    return max(drawn, key=lambda each: (each.kind is AreaKind.OPERATION, len(each.cells), each.id))


class Impact:
    """Asks one scenario. What is `known` from before is not worked out again."""

    def __init__(self, scenario: Scenario, asked: Asked, *, days: int, work: Work) -> None:
        base = digest((replace(scenario, commitments={}), asked.draws, days))
        self.known = Known(base, work)
        self._scenario = scenario
        self._asked = asked
        self._many = work.many
        without = View(asked, Applied(scenario=scenario))
        self._ground = Ground(scenario, main_area(scenario), without, days)

    def answer(self, commitments: Sequence[Commitment], *, tell: Tell = _silent) -> Answer:
        """Return what each commitment changes alone and, where there are more, all together."""
        views = self._views(commitments)
        jobs = self._jobs()
        whole = len(jobs) + len(views)
        seen = self._ground.seen(self._ground.without, self.known)
        searched = (self._ground.seen(each, self.known) for each in views if each.searches)
        # What is seen is a programme to be solved, which others need not wait for.
        first = _tasks([seen, *searched])
        changes = self._changes(views, jobs, first, lambda done: tell(done, whole))
        drafts = [
            Draft(self._ground, view, self._lines(view, jobs, changes), self.known)
            for view in views
        ]
        for each in drafts:
            each.find_ways()
        tasks = _tasks(part for each in drafts for part in each.parts)
        for done in self._done(tasks, len(views)):
            tell(len(jobs) + done, whole)
        return Answer(
            context=Context(ContextKind.PLAN, self._scenario.name),
            scenario=self._scenario.name,
            as_of=self._scenario.as_of,
            draws=self._asked.draws,
            days=self._ground.days,
            main_area=self._ground.area.id,
            cells=self._ground.cells,
            presence=presence(self._scenario),
            seen=seen.value,
            cases=tuple(each.case() for each in drafts),
        )

    def _done(self, tasks: Sequence[Task], of: int) -> Iterator[int]:
        """Do tasks, and yield how far they are, up to `of`."""
        for count, _ in enumerate(self._many(tasks), 1):
            yield of * count // len(tasks)
        yield of

    def _views(self, commitments: Sequence[Commitment]) -> list[View]:
        ordered = sorted(commitments, key=lambda each: each.id)
        sets = [[each] for each in ordered]
        if len(ordered) > 1:
            sets.append(ordered)
        return [View(self._asked, apply(self._scenario, each), each) for each in sets]

    def _jobs(self) -> list[Job]:
        areas: list[Job] = [each for each in self._scenario.areas.values() if each.cells]
        return [*areas, None] if self._scenario.places else areas

    def _changes(
        self,
        views: Sequence[View],
        jobs: Sequence[Job],
        first: Sequence[Task],
        tell: Callable[[int], None],
    ) -> dict[str, ByJob]:
        """Compare each posture with the one without, in every area; by what is compared."""
        found: defaultdict[str, ByJob] = defaultdict(dict)
        wanted: dict[str, tuple[View, Capability]] = {}
        parts: dict[str, Part[ByJob]] = {}
        for view in views:
            for capability in view.touched:
                key = self._key(view, capability)
                if key and key not in parts:
                    parts[key] = self.known.part(ByJob, key, lambda key=key: found[key])
                    wanted[key] = view, capability
        missing = {key: wanted[key] for key, part in parts.items() if not part.is_known}
        if missing or first:
            # Ways are looked for before many work at once: each is, once found, there for all.
            for view in (self._ground.without, *views):
                view.find_ways(self._ground.cells)

        def task(job: Job) -> Task:
            return lambda: self._compare(job, missing, found)

        tasks = [*first, *(task(each) for each in jobs if missing)]
        for done in self._done(tasks, len(jobs)):
            tell(done)
        for key in missing:
            parts[key].work()
        return {key: part.value for key, part in parts.items()}

    def _key(self, view: View, capability: Capability) -> str:
        """Return what a comparison hangs on; nothing where nothing is different."""
        then, now = self._ground.without.mark(capability), view.mark(capability)
        return "" if then == now else f"changes {then} {now}"

    def _compare(
        self, job: Job, wanted: dict[str, tuple[View, Capability]], found: dict[str, ByJob]
    ) -> None:
        """Compare one area; what has the same posts and notices is measured once."""
        places = self._places_of(job)
        known: dict[str, Measured] = {}

        def measured(view: View, capability: Capability) -> Measured:
            mark = view.mark(capability)
            if mark not in known:
                known[mark] = measure(view.hours(capability, places))
            return known[mark]

        for key, (view, capability) in wanted.items():
            before = measured(self._ground.without, capability)
            changes = self._compared(job, before, measured(view, capability))
            found[key][_name(job)] = tuple(changes)

    def _places_of(self, job: Job) -> tuple[int, ...]:
        if job is not None:
            return tuple(sorted(job.cells))
        return tuple(
            h3.latlng_to_cell(each.lat, each.lon, cells.RESOLUTION)
            for each in self._scenario.places
        )

    def _compared(
        self, job: Job, before: Measured, after: Measured
    ) -> Iterator[tuple[str, Change]]:
        if np.array_equal(before.hours, after.hours):
            return
        if job is not None:
            yield job.id, compare(before, after)
            return
        for n, place in enumerate(self._scenario.places):
            then, now = _column(before, n), _column(after, n)
            if not np.array_equal(then.hours, now.hours):
                yield place.name, compare(then, now)

    def _lines(self, view: View, jobs: Sequence[Job], changes: dict[str, ByJob]) -> list[Line]:
        return [
            Line(area=area, capability=capability, change=change)
            for job in jobs
            for capability in view.touched
            for area, change in changes.get(self._key(view, capability), {}).get(_name(job), ())
        ]


def _tasks(parts: Iterable[Part[Any]]) -> list[Task]:
    """Return the work on those parts that are not known, on each once."""
    wanted = {id(each): each for each in parts if not each.is_known}
    return [each.work for each in wanted.values()]


def _name(job: Job) -> str:
    return "" if job is None else job.id


def _column(measured: Measured, n: int) -> Measured:
    """Return what one of several places comes to."""
    hours = np.where(measured.served, measured.hours, np.float32(np.inf))
    return measure(hours[:, n : n + 1])
