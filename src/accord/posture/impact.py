"""What commitments change: the posture with them minus the posture without, by the same draws."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import h3.api.basic_int as h3
import numpy as np

from accord.core.context import Context, ContextKind
from accord.posture import cells
from accord.posture.answer import Answer, Case, Line, Place, Seen, Share, Shown
from accord.posture.applied import Applied, apply
from accord.posture.covering import best_sites
from accord.posture.feasibility import feasibility
from accord.posture.fragility import fragility, who_meets
from accord.posture.model import (
    Area,
    AreaKind,
    Capability,
    Commitment,
    Deploy,
    Domain,
    Scenario,
)
from accord.posture.patrols import SEARCH_ROLE, surveillance
from accord.posture.presence import presence
from accord.posture.response import Change, Measured, Transit, by_cell, compare, measure, respond
from accord.posture.sensitivity import bars
from accord.posture.share import shares_of_service
from accord.posture.stations import Flags, Post, Uniform, stations
from accord.posture.view import Asked, Reach, View

SHARE_HOURS = {Domain.AIR: (24, 72), Domain.SEA: (72, 120)}
"""The two thresholds at which the sharing of the load is told: it hangs on them."""


MORE_UNITS = (1, 2)
"""For so many more units the best places are sought."""

Job = Area | None
"""An area, or the named places where there is none."""

Done = dict[tuple[str, ...], list[Line]]
"""Lines by case."""

Changes = tuple[tuple[str, Change], ...]
"""What changes in an area, or at each named place, by its name."""

CHANGES_A_CASE = 200
"""Areas times capabilities: how many changes are remembered for each case that is."""

K = TypeVar("K")
V = TypeVar("V")

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
    """Asks one scenario; `uniform` and `reach` are shared by all cases.

    Remembers at most `limit` cases, and what changed in each area; `dropped` counts what was
    forgotten to make room.
    """

    def __init__(
        self,
        scenario: Scenario,
        reach: Reach,
        uniform: Uniform,
        *,
        draws: int,
        days: int,
        limit: int = 64,
    ) -> None:
        self.limit = limit
        self.dropped = 0
        self._cases: dict[tuple[Commitment, ...], Case] = {}
        self._changes: dict[tuple[str, bytes, bytes], Changes] = {}
        self._scenario = scenario
        self._asked = Asked(reach, uniform, draws)
        self._days = days
        self._main = main_area(scenario)
        self._cells = tuple(sorted(self._main.cells))
        self._sizes = np.array([cells.size_km2([each]) for each in self._cells])
        self._without = View(self._asked, Applied(scenario=scenario))

    def answer(self, commitments: Sequence[Commitment], *, tell: Tell = _silent) -> Answer:
        """Return what each commitment changes alone and, where there are more, all together.

        What was answered before, of the same commitments, is remembered.
        """
        views = self._views(commitments)
        self._work_out([view for view in views if view.commitments not in self._cases], tell)
        cases = tuple(self._cases[view.commitments] for view in views)
        self._forget(self._cases, self.limit)
        self._forget(self._changes, self.limit * CHANGES_A_CASE)
        return Answer(
            context=Context(ContextKind.PLAN, self._scenario.name),
            scenario=self._scenario.name,
            as_of=self._scenario.as_of,
            draws=self._asked.draws,
            days=self._days,
            main_area=self._main.id,
            cells=self._cells,
            presence=presence(self._scenario),
            seen=self._seen(self._without),
            cases=cases,
        )

    def _forget(self, known: dict[K, V], most: int) -> None:
        while len(known) > most:
            known.pop(next(iter(known)))
            self.dropped += 1

    def _work_out(self, views: Sequence[View], tell: Tell) -> None:
        jobs = self._jobs()
        whole = len(jobs) + len(views)
        lines: dict[tuple[str, ...], list[Line]] = {view.names: [] for view in views}
        for done, job in enumerate(jobs, 1):
            for names, found in self._do(job, views).items():
                lines[names] += found
            tell(done, whole)
        for done, view in enumerate(views, len(jobs) + 1):
            self._cases[view.commitments] = self._case(view, lines[view.names])
            tell(done, whole)

    def _views(self, commitments: Sequence[Commitment]) -> list[View]:
        ordered = sorted(commitments, key=lambda each: each.id)
        sets = [[each] for each in ordered]
        if len(ordered) > 1:
            sets.append(ordered)
        return [View(self._asked, apply(self._scenario, each), each) for each in sets]

    def _jobs(self) -> list[Job]:
        areas: list[Job] = [each for each in self._scenario.areas.values() if each.cells]
        return [*areas, None] if self._scenario.places else areas

    def _do(self, job: Job, views: Sequence[View]) -> Done:
        """Compare one area in every case; what has the same posts and notices is done once."""
        places = self._places_of(job)
        known: dict[bytes, Measured] = {}

        def measured(view: View, capability: Capability) -> Measured:
            mark = view.mark(capability)
            if mark not in known:
                known[mark] = measure(view.hours(capability, places))
            return known[mark]

        def changes(view: View, capability: Capability) -> Changes:
            then, now = self._without.mark(capability), view.mark(capability)
            key = ("" if job is None else job.id, then, now)
            if then != now and key not in self._changes:
                before, after = measured(self._without, capability), measured(view, capability)
                self._changes[key] = tuple(self._compared(job, before, after))
            return self._changes.get(key, ())

        return {
            view.names: [
                Line(area=area, capability=each, change=change)
                for each in view.touched
                for area, change in changes(view, each)
            ]
            for view in views
        }

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

    def _case(self, view: View, lines: Sequence[Line]) -> Case:
        headline = _headline(lines, self._main.id, lambda each: len(view.able(each)))
        capability = None if headline is None else headline.capability
        can_search = any(each.role == SEARCH_ROLE for each in view.touched)
        return Case(
            commitments=view.names,
            applied=view.applied,
            lines=tuple(lines),
            headline=headline,
            cost=_cost([each for each in lines if each.area in self._scenario.areas]),
            presence=presence(view.applied.scenario),
            seen=self._seen(view) if can_search else None,
            shares=() if capability is None else tuple(self._shares(view, capability)),
            losses=() if capability is None else tuple(self._losses(view, capability)),
            feasibility=tuple(feasibility(view.applied)),
            bars=() if headline is None else self._bars(view, headline),
            places=() if capability is None else tuple(self._more(view, capability)),
            shown=None if capability is None else self._shown(view, capability),
        )

    def _seen(self, view: View) -> Seen:
        transit = view.transit(self._cells)
        scenario = view.applied.scenario
        return surveillance(scenario, view.posts, transit, self._sizes, days=self._days)

    def _shares(self, view: View, capability: Capability) -> Iterator[Share]:
        weights = np.full(len(self._cells), 1.0 / len(self._cells))
        for hours in _hours(capability):
            meets = who_meets(view.able(capability), view.transit(self._cells), hours=hours)
            parts = shares_of_service(meets, weights)
            yield Share(capability=capability, hours=hours, parts=parts)

    def _losses(self, view: View, capability: Capability):
        return fragility(
            view.able(capability),
            view.transit(self._cells),
            hours=_hours(capability)[-1],
            shape=(self._asked.draws, len(self._cells)),
        )

    def _bars(self, view: View, headline: Line):
        area = self._scenario.areas.get(headline.area, self._main)
        places = tuple(sorted(area.cells))

        def figure(scenario: Scenario, change: Callable[[Transit], Transit]) -> float | None:
            then = self._response(Applied(scenario=scenario), headline.capability, places, change)
            kept = apply(scenario, view.commitments)
            now = self._response(kept, headline.capability, places, change)
            found = compare(then, now).difference
            return None if found is None else found.mean

        return bars(self._scenario, figure, view.movers)

    def _response(
        self,
        applied: Applied,
        capability: Capability,
        places: tuple[int, ...],
        change: Callable[[Transit], Transit],
    ) -> Measured:
        scenario = applied.scenario
        able = stations(scenario, self._asked.uniform, self._asked.draws, can=capability)
        transit = change(self._asked.reach.transit(scenario, places))
        return measure(respond(able, transit, len(places), self._asked.draws))

    def _more(self, view: View, capability: Capability) -> Iterator[Place]:
        effect = next((each for each in view.effects if isinstance(each, Deploy)), None)
        if effect is None or not self._scenario.classes[effect.platform].can(capability):
            return
        platform = self._scenario.classes[effect.platform]
        sites = [
            each.id
            for each in view.applied.scenario.bases.values()
            if platform.domain in each.serves and each.is_open_to(effect.partner)
        ]
        hours = _hours(capability)[0]
        transit = view.transit(self._cells)
        notice = platform.notice.value.likely
        covers: Flags = np.array(
            [transit(Post(effect.partner, platform.id, site)) + notice <= hours for site in sites]
        )
        late = view.hours(capability, self._cells) > hours
        unserved = late.mean(axis=0) / len(self._cells)
        for count in MORE_UNITS:
            found = best_sites(covers, unserved, count=count)
            if len(found.sites) < count or found.gain <= 0.0:
                break  # one more adds nothing, wherever it stands
            yield Place(
                platform=platform.id,
                capability=capability,
                hours=hours,
                bases=tuple(sites[each] for each in found.sites),
                gain=found.gain,
                gap=found.gap,
            )

    def _shown(self, view: View, capability: Capability) -> Shown:
        hours = _hours(capability)[0]
        return Shown(
            capability=capability,
            hours=hours,
            before=by_cell(self._without.hours(capability, self._cells), hours),
            after=by_cell(view.hours(capability, self._cells), hours),
        )


def _column(measured: Measured, n: int) -> Measured:
    """Return what one of several places comes to."""
    hours = np.where(measured.served, measured.hours, np.float32(np.inf))
    return measure(hours[:, n : n + 1])


def _hours(capability: Capability) -> tuple[int, int]:
    return SHARE_HOURS[capability.domain or Domain.SEA]


def _headline(lines: Sequence[Line], main: str, posts: Callable[[Capability], int]) -> Line | None:
    """Return the line of what most posts can do: what few can do says little of partners."""
    there = [each for each in lines if each.area == main] or list(lines)
    return max(there, key=lambda each: (posts(each.capability), _size(each)), default=None)


def _size(line: Line) -> tuple[float, float]:
    change = line.change
    served = abs(change.after.served - change.before.served)
    return (abs(change.difference.mean) if change.difference else 0.0, served)


def _cost(lines: Sequence[Line]) -> Line | None:
    later = [each for each in lines if each.change.difference and each.change.difference.low > 0]
    if later:
        return max(later, key=_size)
    fewer = [each for each in lines if each.change.after.served < each.change.before.served]
    return max(
        fewer, key=lambda each: each.change.before.served - each.change.after.served, default=None
    )
