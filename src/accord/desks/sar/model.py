"""A case as what is worked out from: scenarios, wind and current, and the drift that they make."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import cast

from accord.core.geometry import Point
from accord.desks.sar.case import Case
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import (
    FILE,
    Known,
    flow_of,
    grid_of,
    is_steady,
    moment_of,
    number_of,
    point_of,
    position_of,
)
from accord.desks.sar.units import Scene
from accord.search.cloud import Drift
from accord.search.drift import Scenario, drift
from accord.search.flow import Flow, Kind, read_series, steady
from accord.search.leeway import ObjectClass

CURRENT_SPREAD = 0.25
WIND_SPREAD = 2.0
"""Knots by which a typed current and wind may be off: IAMSAR's usual probable error of 0.3 kt for a
current, as a spread; for a wind what an observer rounds to."""

USUAL_VISIBILITY = 5.0
"""Nautical miles, where nobody says; the plan says so."""

LEAST_ERROR = 0.1
"""Nautical miles of error of a position of which none is said: no fix is without."""


def scenario_value(said: Mapping[str, str], known: Mapping[str, ObjectClass]) -> str:
    """Return what the fact `scenario:NAME` holds of what a person said. Raises NotTaken."""
    value: dict[str, object] = {
        "position": _spell(position_of(said.get("position", ""))),
        "error": number_of(said.get("error", "1"), 0, 200, "nautical miles"),
        "time": moment_of(said.get("time", "")).isoformat(),
        "time_error": number_of(said.get("time_error", "0"), 0, 10_080, "minutes"),
        "weight": number_of(said.get("weight", "1"), 0.001, 1_000, "as a weight"),
    }
    if said.get("to"):
        value["to"] = _spell(position_of(said["to"]))
    if said.get("object"):
        if said["object"] not in known:
            raise NotTaken(f"there is no drifting object {said['object'][:40]!r}")
        value["object"] = said["object"]
    return json.dumps(value, sort_keys=True)


def _spell(point: Point) -> str:
    return f"{point.lat:.6f},{point.lon:.6f}"


def scenarios_of(case: Case, known: Mapping[str, ObjectClass]) -> list[Scenario]:
    """Return what may have happened: the scenarios that were written down, or the case's facts.

    Raises NotTaken, which says what is missing.
    """
    written = case.named("scenario:")
    if not written:
        return [_scenario(case, "as reported", _of_facts(case), known)]
    return [
        _scenario(case, name, cast("dict[str, object]", json.loads(value)), known)
        for name, value in written.items()
    ]


def _of_facts(case: Case) -> dict[str, object]:
    missing = [name for name in ("position", "time") if not case.text(name)]
    if missing:
        raise NotTaken(f"the case says no {' and no '.join(missing)}: nothing can be worked out")
    return {
        "position": case.text("position"),
        "error": case.number("position_error", LEAST_ERROR),
        "time": case.text("time"),
        "time_error": case.number("time_error", 0.0),
    }


def _scenario(
    case: Case, name: str, said: Mapping[str, object], known: Mapping[str, ObjectClass]
) -> Scenario:
    key = str(said.get("object", "")) or case.text("object")
    if key not in known:
        raise NotTaken("the case says no object that drifts; set it, see accord sar objects")
    at = moment_of(str(said["time"]))
    spread = timedelta(minutes=float(str(said.get("time_error", 0))))
    to = said.get("to")
    return Scenario(
        name=name,
        object=known[key],
        point=point_of(str(said["position"])),
        earliest=at - spread,
        latest=at + spread,
        error=float(str(said.get("error", LEAST_ERROR))),
        weight=float(str(said.get("weight", 1.0))),
        track_end=None if to is None else point_of(str(to)),
    )


def flows_of(case: Case, known: Known) -> tuple[Flow, Flow]:
    """Return wind and current. Raises NotTaken where one was not said."""
    wind, current = (
        _flow(case, name, known, (kind, spread))
        for name, kind, spread in (
            ("wind", Kind.WIND, WIND_SPREAD),
            ("current", Kind.CURRENT, CURRENT_SPREAD),
        )
    )
    return wind, current


def _flow(case: Case, name: str, known: Known, of: tuple[Kind, float]) -> Flow:
    text, (kind, spread) = case.text(name), of
    if not text:
        raise NotTaken(f"the case says no {name}; set it, 0/0 where there is none")
    if text.startswith(FILE):
        return grid_of(text, kind, known, spread=spread)
    if "\n" in text:
        return read_series(kind, text, spread=spread)
    return steady(kind, *flow_of(text), spread=spread)


def drift_of(case: Case, known: Known, until: datetime) -> Drift:
    """Return where everything may be until a time; the same case gives the same bits again.

    The seed is the name of the case, so two nodes that share it get the same. Raises NotTaken.
    """
    wind, current = flows_of(case, known)
    scenarios = scenarios_of(case, known.objects)
    return drift(scenarios, wind, current, until=until, seed=case.id, sea=known.sea)


def scene_of(case: Case) -> Scene:
    """Return what it is like on scene."""
    wind = case.text("wind")
    return Scene(
        wind=flow_of(wind)[1] if wind and is_steady(wind) else 0.0,
        sea=case.number("sea", 0.0),
        visibility=case.number("visibility", USUAL_VISIBILITY),
    )


def target_of(case: Case, known: Known) -> str:
    """Return what a lookout searches for: as the case says, or what its object is seen as."""
    if case.text("target"):
        return case.text("target")
    found = known.objects.get(case.text("object"))
    if found is None:
        raise NotTaken("the case says no object; set it, see accord sar objects")
    return found.seen_as


def assumed(case: Case) -> Iterator[str]:
    """Yield what was taken because nobody said it."""
    if not case.text("visibility"):
        yield f"visibility of {USUAL_VISIBILITY:g} NM"
    if not case.text("sea"):
        yield "no sea"
    if not case.text("position_error") and not case.named("scenario:"):
        yield f"an error of position of {LEAST_ERROR:g} NM"
    if case.text("wind") and not is_steady(case.text("wind")):
        yield "no correction of sweep widths for wind, which comes from a table or a file"
