"""What was really covered: tracks of a case's units past what drifts, and what partners report.

A unit searches from when it was given to the case. What its track leaves out is a hole, never taken
for searched; nor is a piece that it cannot have gone. Positions count that one speaker says: the
unit itself, where it does. What others say of it, and what is known only coarsely, is not counted.
"""

import json
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from accord.core.report import Report
from accord.desks.sar.case import Case
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import NM, Known
from accord.desks.sar.model import (
    drift_of,
    left_out,
    scenarios_of,
    scene_at,
    target_of,
    units_now,
    weather_changes,
)
from accord.desks.sar.sitrep import figures
from accord.desks.sar.units import SearchUnit, fastest, read_unit
from accord.picture.claims import point_of
from accord.search.chances import Cell, cells
from accord.search.cloud import Drift
from accord.search.coverage import GAP, Achieved, Fix, Seen
from accord.search.drift import MAX_DAYS
from accord.search.fault import SearchError
from accord.search.speeds import Timed, settled, too_fast
from accord.search.sphere import Floats

LEAST_TOLD = 0.005
"""Probabilities of detection below this are not told to anybody, and count as nothing."""

_UNIT = "unit:"

AHEAD = timedelta(hours=6)
"""A drift is worked out in whole steps of this."""

LONGEST = timedelta(days=MAX_DAYS)

LOOKED = 0.1
"""A cell with less than this was not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCovered:
    """What one unit came to: its sweep width, how many positions counted, and what is missing.

    `others` are positions of it that somebody else said, `too_fast` times in which its positions
    lie further apart than it goes, which is `fastest` in knots.
    """

    uid: str
    name: str
    width: float
    points: int
    coarse: int
    others: int
    holes: tuple[tuple[datetime, datetime], ...]
    too_fast: tuple[tuple[datetime, datetime], ...]
    fastest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What had been covered by a time, and where it may be now.

    `pods` are probabilities of detection by cell, of all together; `own_pods` those of this node's
    units, which may be told to a partner. `left` is where it may be, not having been found.
    `partners` have reported theirs, until when; `doubts` say what could not be read of the case.
    """

    at: datetime
    pos: float
    own_pos: float
    units: tuple[UnitCovered, ...]
    partners: tuple[tuple[str, datetime], ...]
    pods: Mapping[str, float]
    own_pods: Mapping[str, float]
    left: tuple[Cell, ...]
    doubts: tuple[str, ...] = ()

    @property
    def unlooked(self) -> tuple[Cell, ...]:
        """Where nobody has looked yet, the likeliest first."""
        found = (each for each in self.left if self.pods.get(each.cell, 0.0) < LOOKED)
        return tuple(sorted(found, key=lambda each: (-each.chance, each.cell)))


Courses = Mapping[str, Sequence[Report]]
"""Where units were, by uid."""


def covered(case: Case, known: Known, courses: Courses, at: datetime, *, own: str) -> Covered:
    """Return what had been covered by a time. Raises NotTaken, SearchError."""
    achieved = Achieved(drift_of(case, known, horizon(case, known, at)))
    return finished(covering(achieved, case, known, courses, (at, own)))


def horizon(case: Case, known: Known, at: datetime) -> datetime:
    """Return until when a drift is worked out for what is asked of a time: whole steps of it.

    So that what comes later needs no other drift, and the same case has the same one. Raises
    NotTaken.
    """
    begin = min(each.earliest for each in scenarios_of(case, known.objects))
    steps = math.ceil((at - begin) / AHEAD)
    return begin + steps * AHEAD if 1 <= steps <= LONGEST // AHEAD else at


def finished(steps: Generator[float, None, Covered]) -> Covered:
    """Return what steps come to when all of them are done."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Covered", done.value)


def covering(
    achieved: Achieved, case: Case, known: Known, courses: Courses, of: tuple[datetime, str]
) -> Generator[float, None, Covered]:
    """Work out what had been covered by a time at a node, step by step; yields the share done.

    `achieved` may hold what was worked out before for the same facts: only what changed costs
    anything. Raises NotTaken, SearchError.
    """
    at, own = of
    units = _all_searched(achieved, case, known, courses, at)
    achieved.forget_reports()
    yield from achieved.work()
    own_pos, own_pods = achieved.pos, _told(achieved.cells(at))
    partners, unread = _partners(case, achieved, at, own)
    left = cells(achieved.posterior(at))
    return Covered(
        at=at,
        pos=achieved.pos,
        own_pos=own_pos,
        units=tuple(units),
        partners=tuple(partners),
        pods=_told(achieved.cells(at, _resolution(left))),
        own_pods=own_pods,
        left=left,
        doubts=(*left_out(case, known.objects), *unread),
    )


def unseen(
    case: Case, known: Known, courses: Courses, drift: Drift, at: datetime, *, own: str
) -> Floats:
    """Return for each particle of a drift the probability that nobody found it by a time."""
    achieved = Achieved(drift)
    _all_searched(achieved, case, known, courses, at)
    _partners(case, achieved, at, own)
    return achieved.unseen()


def _all_searched(
    achieved: Achieved, case: Case, known: Known, courses: Courses, at: datetime
) -> list[UnitCovered]:
    """Take in where all units were until then, and return what each came to."""
    target, found, changes = target_of(case, known), list[UnitCovered](), weather_changes(case)
    for unit in units_of(case):
        widths: dict[int, float] = {}

        def sweep(
            when: datetime, unit: SearchUnit = unit, widths: dict[int, float] = widths
        ) -> float:
            held = bisect_right(changes, when)
            if held not in widths:
                widths[held] = unit.sweep(known.sweeps, target, scene_at(case, when))
            return widths[held]

        found.append(_searched(achieved, case, unit, courses.get(unit.uid, ()), (sweep, at)))
    return found


def _searched(
    achieved: Achieved,
    case: Case,
    unit: SearchUnit,
    reports: Sequence[Report],
    how: tuple[Callable[[datetime], float], datetime],
) -> UnitCovered:
    """Take in where a unit was, how wide it swept when, until a time; return what that comes to."""
    sweep, at = how
    most, begins, ends = fastest(unit), begins_of(case, unit.uid), ends_of(case, unit.uid, at)
    width = sweep(ends)
    speaker = own_speaker(reports)
    said = [each for each in reports if begins <= each.time <= ends and point_of(each) is not None]
    own = [each for each in said if speaker_of(each) == speaker]
    found, coarse = _fixes(own, width)
    fixes = settled(found)
    fast = too_fast(fixes, most)
    # From one that is too fast on it sweeps nothing.
    achieved.tracked(
        unit.uid,
        [
            Fix(when.timestamp(), lat, lon, 0.0 if n in fast else sweep(when))
            for n, (when, lat, lon) in enumerate(fixes)
        ],
    )
    return UnitCovered(
        uid=unit.uid, name=unit.name, width=width, points=len(fixes), coarse=coarse,
        others=len(said) - len(own), holes=tuple(_holes(fixes, begins, ends)),
        too_fast=tuple(_joined(fixes, fast)), fastest=most,
    )  # fmt: skip


Speaker = tuple[str, str, str]
"""A node, a channel of it, and who speaks there."""


def own_speaker(reports: Sequence[Report]) -> Speaker:
    """Return whose positions of a unit count: who first spoke as it, else who says the most."""
    as_it = [each for each in reports if each.author == each.uid]
    if as_it:
        return speaker_of(min(as_it, key=lambda each: each.received))
    counts = Counter(map(speaker_of, reports))
    return max(sorted(counts), key=lambda each: counts[each], default=("", "", ""))


def speaker_of(report: Report) -> Speaker:
    """Return who said something, over whichever nodes it came."""
    source = report.source
    return source.node, source.channel, source.speaker


def _joined(fixes: Sequence[Timed], fast: frozenset[int]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times of pieces that are too fast, those that follow each other as one."""
    for n in sorted(fast):
        if n - 1 not in fast:
            last = next(each for each in range(n + 1, len(fixes)) if each not in fast)
            yield fixes[n][0], fixes[last][0]


def _told(found: Sequence[Seen]) -> dict[str, float]:
    return {each.cell: each.pod for each in found if each.pod >= LEAST_TOLD}


def units_of(case: Case) -> list[SearchUnit]:
    """Return the units that a case has or had, as they last were in it and can be read."""
    found: dict[str, SearchUnit] = {}
    for entry in case.log:
        if entry.kind is Kind.FACT and entry.about.startswith(_UNIT) and entry.value:
            uid = entry.about.removeprefix(_UNIT)
            with suppress(NotTaken):
                found[uid] = read_unit(uid, entry.value)
    stands = {each.uid: each for each in units_now(case)[0]}
    return [each for _, each in sorted({**found, **stands}.items())]


def ends_of(case: Case, uid: str, at: datetime) -> datetime:
    """Return until when a unit searches, of a time until then: when it was released, or that."""
    fact = case.facts.get(f"{_UNIT}{uid}")
    return at if fact is None or fact.value else min(at, fact.entry.at)


def begins_of(case: Case, uid: str) -> datetime:
    """Return since when a unit is in the case."""
    name = f"{_UNIT}{uid}"
    return min(each.at for each in case.log if each.kind is Kind.FACT and each.about == name)


def _fixes(reports: Sequence[Report], width: float) -> tuple[list[Timed], int]:
    coarse = 0
    found: list[Timed] = []
    for report in reports:
        point = point_of(report)
        if point is None:
            continue
        error = point.circular_error
        if error is not None and error / NM > max(width, 0.5) and error < 9_999_999:
            coarse += 1
            continue
        found.append((report.time, point.lat, point.lon))
    return sorted(found), coarse


def _holes(
    fixes: Sequence[Timed], begins: datetime, at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times from its beginning until now of which no position is known."""
    times = [begins, *(each[0] for each in fixes if each[0] <= at), at]
    for before, after in pairwise(times):
        if after - before > GAP:
            yield before, after


def _partners(
    case: Case, achieved: Achieved, at: datetime, own: str
) -> tuple[list[tuple[str, datetime]], list[str]]:
    """Take in what other nodes reported last; return whose and until when, and what is unread."""
    last: dict[str, Entry] = {}
    for entry in case.log:
        if entry.kind is Kind.COVERED and entry.node != own and entry.at <= at:
            last[entry.node] = entry
    taken: list[tuple[str, datetime]] = []
    unread: list[str] = []
    for node, entry in sorted(last.items()):
        try:
            pods, garbled = pods_of(entry)
            achieved.reported(node, entry.at, pods)
        except (NotTaken, SearchError) as error:
            unread.append(f"{error}; the coverage of {node} is left out")
            continue
        taken.append((node, entry.at))
        if garbled:
            unread.append(f"{garbled} cells of the coverage of {node} cannot be read: left out")
    return taken, unread


def pods_of(entry: Entry) -> tuple[dict[str, float], int]:
    """Return the probabilities of detection that a line holds, by cell, and how many are none.

    Raises NotTaken.
    """
    found = figures(entry).get("cells")
    if not isinstance(found, dict):
        raise NotTaken(f"the coverage of {entry.node} cannot be read")
    said = cast("dict[str, object]", found)
    pods = {cell: float(pod) for cell, pod in said.items() if isinstance(pod, int | float)}
    return pods, len(said) - len(pods)


def _resolution(found: Sequence[Cell]) -> int:
    """Return the resolution of H3 cells: bits 52 to 55 of an index, its second digit as written."""
    return int(found[0].cell[1], 16)


def value_of(found: Covered) -> str:
    """Return what a line of coverage holds: this node's own cells, and the figures of all."""
    return json.dumps(
        {
            "pos": round(found.pos, 4),
            "own_pos": round(found.own_pos, 4),
            "units": len(found.units),
            "partners": [node for node, _ in found.partners],
            "cells": {cell: round(pod, 3) for cell, pod in sorted(found.own_pods.items())},
        },
        sort_keys=True,
    )
