"""What was really covered: tracks of a case's units past what drifts, and what partners report.

A unit searches from when it was given to the case. What its track leaves out is a hole, never taken
for searched; positions that are known only coarsely are not counted either.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import cast

from accord.core.report import Report
from accord.desks.sar.case import Case
from accord.desks.sar.entry import Entry, Kind, NotTaken
from accord.desks.sar.facts import Known
from accord.desks.sar.model import drift_of, scene_of, target_of
from accord.desks.sar.openings import NM
from accord.desks.sar.sitrep import figures
from accord.desks.sar.units import read_unit
from accord.picture.claims import point_of
from accord.search.chances import Cell, cells
from accord.search.coverage import GAP, Achieved, Seen

LEAST_TOLD = 0.005
"""Probabilities of detection below this are not told to anybody, and count as nothing."""

LOOKED = 0.1
"""A cell with less than this was not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCovered:
    """What one unit came to: its sweep width, how many positions counted, and what is missing."""

    uid: str
    name: str
    width: float
    points: int
    coarse: int
    holes: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What had been covered by a time, and where it may be now.

    `pods` are probabilities of detection by cell, of all together; `own_pods` those of this node's
    units, which may be told to a partner. `left` is where it may be, not having been found.
    `partners` have reported theirs, until when.
    """

    at: datetime
    pos: float
    own_pos: float
    units: tuple[UnitCovered, ...]
    partners: tuple[tuple[str, datetime], ...]
    pods: Mapping[str, float]
    own_pods: Mapping[str, float]
    left: tuple[Cell, ...]

    @property
    def unlooked(self) -> tuple[Cell, ...]:
        """Where nobody has looked yet, the likeliest first."""
        found = (each for each in self.left if self.pods.get(each.cell, 0.0) < LOOKED)
        return tuple(sorted(found, key=lambda each: (-each.chance, each.cell)))


Courses = Mapping[str, Sequence[Report]]
"""Where units were, by uid."""


def covered(case: Case, known: Known, courses: Courses, at: datetime, *, own: str) -> Covered:
    """Return what had been covered by a time. Raises NotTaken, SearchError."""
    achieved = Achieved(drift_of(case, known, at))
    target, scene = target_of(case, known), scene_of(case)
    units: list[UnitCovered] = []
    for uid, value in case.named("unit:").items():
        unit = read_unit(uid, value)
        width = unit.sweep(known.sweeps, target, scene)
        fixes, coarse = _fixes(courses.get(uid, ()), case, uid, width)
        achieved.searched(uid, width, fixes)
        units.append(
            UnitCovered(
                uid=uid, name=unit.name, width=width, points=len(fixes), coarse=coarse,
                holes=tuple(_holes(fixes, begins_of(case, uid), at)),
            )
        )  # fmt: skip
    own_pos, own_pods = achieved.pos, _told(achieved.cells(at))
    partners = tuple(_partners(case, achieved, at, own))
    left = cells(achieved.posterior(at))
    return Covered(
        at=at,
        pos=achieved.pos,
        own_pos=own_pos,
        units=tuple(units),
        partners=partners,
        pods=_told(achieved.cells(at, _resolution(left))),
        own_pods=own_pods,
        left=left,
    )


def _told(found: Sequence[Seen]) -> dict[str, float]:
    return {each.cell: each.pod for each in found if each.pod >= LEAST_TOLD}


def begins_of(case: Case, uid: str) -> datetime:
    """Return since when a unit is in the case."""
    name = f"unit:{uid}"
    return min(each.at for each in case.log if each.kind is Kind.FACT and each.about == name)


def _fixes(
    reports: Sequence[Report], case: Case, uid: str, width: float
) -> tuple[list[tuple[datetime, float, float]], int]:
    begins, coarse = begins_of(case, uid), 0
    found: list[tuple[datetime, float, float]] = []
    for report in reports:
        point = point_of(report)
        if point is None or report.time < begins:
            continue
        error = point.circular_error
        if error is not None and error / NM > max(width, 0.5) and error < 9_999_999:
            coarse += 1
            continue
        found.append((report.time, point.lat, point.lon))
    return sorted(found), coarse


def _holes(
    fixes: Sequence[tuple[datetime, float, float]], begins: datetime, at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times from its beginning until now of which no position is known."""
    times = [begins, *(each[0] for each in fixes if each[0] <= at), at]
    for before, after in pairwise(times):
        if after - before > GAP:
            yield before, after


def _partners(
    case: Case, achieved: Achieved, at: datetime, own: str
) -> Iterator[tuple[str, datetime]]:
    """Take in what other nodes reported last, and yield whose and until when."""
    last: dict[str, Entry] = {}
    for entry in case.log:
        if entry.kind is Kind.COVERED and entry.node != own and entry.at <= at:
            last[entry.node] = entry
    for node, entry in sorted(last.items()):
        achieved.reported(node, entry.at, pods_of(entry))
        yield node, entry.at


def pods_of(entry: Entry) -> dict[str, float]:
    """Return the probabilities of detection that a line holds, by cell. Raises NotTaken."""
    found = figures(entry).get("cells")
    if not isinstance(found, dict):
        raise NotTaken(f"the coverage of {entry.node} cannot be read")
    pods = cast("dict[str, object]", found)
    return {cell: float(pod) for cell, pod in pods.items() if isinstance(pod, int | float)}


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
