"""Drift, plan and coverage as JSON, for the command line and the API."""

from collections.abc import Sequence
from datetime import datetime

from accord.core.rfc3339 import spell
from accord.desks.sar.case import Case
from accord.desks.sar.covered import Covered
from accord.desks.sar.facts import Known
from accord.desks.sar.model import assumed, drift_of
from accord.desks.sar.planning import SearchPlan
from accord.desks.sar.tasking import pair
from accord.desks.sar.units import Helper
from accord.search.chances import Cell, cells

LIMITS = "a decision aid; the coordinator decides"
"""Stands in everything that is worked out."""


def drift_json(case: Case, known: Known, at: datetime) -> dict[str, object]:
    """Return where it may be at a time. Raises NotTaken, SearchError."""
    drift = drift_of(case, known, at)
    cloud = drift.at(at)
    return {
        "at": spell(at),
        "begin": spell(drift.begin),
        "middle": pair(cloud.mean),
        "within_50": round(cloud.radius(0.5), 2),
        "within_90": round(cloud.radius(0.9), 2),
        "particles": len(cloud.weights),
        "seed": case.id,
        "cells": [cell_json(each) for each in cells(cloud)],
        "assumed": list(assumed(case, known)),
        "limits": LIMITS,
    }


def cell_json(cell: Cell, pod: float | None = None) -> dict[str, object]:
    """Return a cell of a map, with what was covered of it."""
    said: dict[str, object] = {
        "cell": cell.cell,
        "chance": round(cell.chance, 6),
        "border": [[round(lat, 5), round(lon, 5)] for lat, lon in cell.border],
    }
    return said if pod is None else {**said, "pod": round(pod, 3)}


def plan_json(plan: SearchPlan) -> dict[str, object]:
    """Return a plan."""
    return {
        "poc": round(plan.poc, 4),
        "expected": round(plan.expected, 4),
        "bound": round(plan.bound, 4),
        "tasks": [
            {
                "unit": each.unit.uid,
                "name": each.unit.name,
                "kind": each.kind.value,
                "begins": spell(each.begins),
                "hours": each.unit.hours,
                "speed": each.unit.speed,
                "spacing": round(each.spacing, 2),
                "width": round(each.width, 2),
                "poc": round(each.poc, 4),
                "pod": round(each.pod, 4),
                "toward": round(each.toward),
                "drift": round(each.drift, 2),
                "corners": [pair(corner) for corner in each.corners],
                "points": [pair(point) for point in each.points],
            }
            for each in plan.tasks
        ],
        "groups": [
            {
                "scenarios": list(each.scenarios),
                "chance": round(each.chance, 4),
                "middle": pair(each.middle),
                "units": list(each.units),
            }
            for each in plan.groups
        ],
        "assumed": list(plan.assumed),
        "limits": LIMITS,
    }


def covered_json(found: Covered) -> dict[str, object]:
    """Return what was covered."""
    return {
        "at": spell(found.at),
        "pos": round(found.pos, 4),
        "own_pos": round(found.own_pos, 4),
        "units": [
            {
                "unit": each.uid,
                "name": each.name,
                "width": round(each.width, 2),
                "points": each.points,
                "coarse": each.coarse,
                "others": each.others,
                "holes": _times(each.holes),
                "too_fast": _times(each.too_fast),
                "fastest": round(each.fastest, 1),
            }
            for each in found.units
        ],
        "partners": [{"node": node, "until": spell(at)} for node, at in found.partners],
        "cells": [cell_json(each, found.pods.get(each.cell, 0.0)) for each in found.left],
        "unlooked": [each.cell for each in found.unlooked],
        "doubts": list(found.doubts),
        "unlooked_chance": round(sum(each.chance for each in found.unlooked), 4),
        "limits": LIMITS,
    }


def _times(found: Sequence[tuple[datetime, datetime]]) -> list[list[str]]:
    return [[spell(begin), spell(end)] for begin, end in found]


def helpers_json(found: Sequence[Helper]) -> list[dict[str, object]]:
    """Return who could help, soonest first."""
    return [
        {
            "uid": each.uid,
            "name": each.name,
            "kind": each.kind,
            "platform": each.platform.value,
            "point": pair(each.point),
            "miles": round(each.miles, 1),
            "course": round(each.course),
            "speed": round(each.speed, 1),
            "assumed": each.is_assumed,
            "hours": round(each.hours, 2),
            "age": round(each.age.total_seconds()),
            "node": each.node,
            "asked": each.asked,
        }
        for each in found
    ]
