"""A case as what is worked out from: scenarios, wind and current, and the drift that they make."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from accord.desks.sar.case import Case, Fact
from accord.desks.sar.entry import Entry, NotTaken
from accord.desks.sar.entry import Kind as EntryKind
from accord.desks.sar.facts import (
    FILE,
    LEAST_ERROR,
    MOST_ERROR,
    Known,
    digit_error,
    flow_of,
    grid_of,
    is_steady,
    kept_point,
    moment_of,
    number_of,
    point_of,
    typed_point,
)
from accord.desks.sar.units import Scene, SearchUnit, read_unit
from accord.search.cloud import Drift
from accord.search.drift import Scenario, drift
from accord.search.flow import Flow, Kind, read_series, steady
from accord.search.leeway import ObjectClass

CURRENT_SPREAD = 0.25
WIND_SPREAD = 2.0
"""Knots by which a typed current and wind may be off: IAMSAR's usual probable error of 0.3 kt for a
current, as a spread; for a wind what an observer rounds to."""

_WEATHER = ("wind", "sea", "visibility")
_SCENARIO, _UNIT = "scenario:", "unit:"

USUAL_VISIBILITY = 5.0
"""Nautical miles, where nobody says; the plan says so."""


def scenario_value(said: Mapping[str, str], known: Mapping[str, ObjectClass]) -> str:
    """Return what the fact `scenario:NAME` holds of what a person said. Raises NotTaken."""
    place = typed_point(said.get("position", ""))
    value: dict[str, object] = {
        "position": _spell(place),
        "error": _error(said, place),
        "time": moment_of(said.get("time", "")).isoformat(),
        "time_error": number_of(said.get("time_error", "0"), 0, 10_080, "minutes"),
        "weight": number_of(said.get("weight", "1"), 0.001, 1_000, "as a weight"),
    }
    if said.get("to"):
        value["to"] = _spell(typed_point(said["to"]))
    if said.get("object"):
        if said["object"] not in known:
            raise NotTaken(f"there is no drifting object {said['object'][:40]!r}")
        value["object"] = said["object"]
    return json.dumps(value, sort_keys=True)


def _spell(kept: str) -> str:
    return kept_point(point_of(kept))


def _error(said: Mapping[str, str], place: str) -> float:
    """Return the error that is said of a place, or what its digits left open, a mile at least."""
    if said.get("error"):
        return number_of(said["error"], 0, 200, "nautical miles")
    return max(1.0, digit_error(place))


def position_error(case: Case) -> float:
    """Return the error of a case's position: what is said, or what its digits left open."""
    usual = max(LEAST_ERROR, digit_error(case.text("position")))
    return case.number("position_error", usual)


def scenarios_of(case: Case, known: Mapping[str, ObjectClass]) -> list[Scenario]:
    """Return what may have happened: the scenarios that were written down, or the case's facts.

    Those that cannot be read are left out. Raises NotTaken, which says what is missing.
    """
    written = case.named("scenario:")
    if not written:
        return [_scenario(case, "as reported", _of_facts(case), known)]
    broken = dict(_broken_scenarios(case, known))
    if len(broken) == len(written):
        raise NotTaken("; ".join(broken.values()))
    return [
        _scenario(case, name, _object_in(value), known)
        for name, value in written.items()
        if name not in broken
    ]


def _broken_scenarios(case: Case, known: Mapping[str, ObjectClass]) -> Iterator[tuple[str, str]]:
    """Yield each scenario of which no drift can be worked out, and why."""
    for name, value in case.named(_SCENARIO).items():
        try:
            check_scenario(name, value, known)
        except NotTaken as error:
            yield name, str(error)


def _object_in(value: str) -> dict[str, object]:
    """Return the object that a fact holds, none where it is not one."""
    try:
        said: object = json.loads(value)
    except (ValueError, RecursionError):
        said = None
    return cast("dict[str, object]", said) if isinstance(said, dict) else {}


def units_now(case: Case) -> tuple[list[SearchUnit], list[str]]:
    """Return the units that a case has, and of those that cannot be read why not."""
    units: list[SearchUnit] = []
    broken: list[str] = []
    for uid, value in sorted(case.named(_UNIT).items()):
        try:
            units.append(read_unit(uid, value))
        except NotTaken as error:
            node = case.facts[f"{_UNIT}{uid}"].entry.node
            broken.append(f"{error} (written by {node}); it is left out")
    return units, broken


def left_out(case: Case, known: Mapping[str, ObjectClass]) -> Iterator[str]:
    """Yield which scenarios and units cannot be read, of whom they are, and why."""
    for name, why in _broken_scenarios(case, known):
        yield f"{why} (written by {case.facts[f'{_SCENARIO}{name}'].entry.node}); it is left out"
    yield from units_now(case)[1]


def _of_facts(case: Case) -> dict[str, object]:
    missing = [name for name in ("position", "time") if not case.text(name)]
    if missing:
        raise NotTaken(f"the case says no {' and no '.join(missing)}: nothing can be worked out")
    return {
        "position": case.text("position"),
        "error": position_error(case),
        "time": case.text("time"),
        "time_error": case.number("time_error", 0.0),
    }


def _scenario(
    case: Case, name: str, said: Mapping[str, object], known: Mapping[str, ObjectClass]
) -> Scenario:
    key = str(said.get("object", "")) or case.text("object")
    if key not in known:
        raise NotTaken("the case says no object that drifts; set it, see accord sar objects")
    return _read_scenario(name, said, known[key])


def check_scenario(name: str, value: str, known: Mapping[str, ObjectClass]) -> None:
    """Refuse a fact `scenario:NAME` that no drift can be worked out of. Raises NotTaken."""
    said = _object_in(value)
    key = str(said.get("object", ""))
    if key and key not in known:
        raise NotTaken(f"the scenario {name}: there is no drifting object {key[:40]!r}")
    _read_scenario(name, said, next(iter(known.values())))


def _read_scenario(name: str, said: Mapping[str, object], what: ObjectClass) -> Scenario:
    try:
        at, to = moment_of(str(said["time"])), said.get("to")
        spread = timedelta(minutes=_bounded(said, "time_error", 0.0, 10_080.0))
        return Scenario(
            name=name,
            object=what,
            point=point_of(str(said["position"])),
            earliest=at - spread,
            latest=at + spread,
            error=_bounded(said, "error", LEAST_ERROR, MOST_ERROR),
            weight=_bounded(said, "weight", 1.0, 1_000.0),
            track_end=None if to is None else point_of(str(to)),
        )
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise NotTaken(f"the scenario {name} cannot be read: {error}") from None


def _bounded(said: Mapping[str, object], name: str, usual: float, most: float) -> float:
    number = float(str(said.get(name, usual)))
    if not 0.0 <= number <= most:
        raise ValueError(f"{name} is not from 0 to {most:g}")
    return number


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


def scene_at(case: Case, when: datetime) -> Scene:
    """Return what it was like on scene at a time: by what was last said until then, else first."""
    held = {name: Fact(entry=_held(case, name, when)) for name in _WEATHER if name in case.facts}
    return scene_of(replace(case, facts={**case.facts, **held}))


def weather_changes(case: Case) -> list[datetime]:
    """Return when something was said of what it is like on scene, in order."""
    return sorted(e.at for e in case.log if e.kind is EntryKind.FACT and e.about in _WEATHER)


def _held(case: Case, name: str, when: datetime) -> Entry:
    said = [each for each in case.log if each.kind is EntryKind.FACT and each.about == name]
    until = [each for each in said if each.at <= when]
    if until:
        return max(until, key=lambda each: (each.at, each.entered))
    return min(said, key=lambda each: (each.at, each.entered))


def target_of(case: Case, known: Known) -> str:
    """Return what a lookout searches for: as the case says, or what its object is seen as."""
    if case.text("target"):
        return case.text("target")
    found = known.objects.get(case.text("object"))
    if found is None:
        raise NotTaken("the case says no object; set it, see accord sar objects")
    return found.seen_as


def assumed(case: Case, known: Known) -> Iterator[str]:
    """Yield what was taken because nobody said it, and what was left out."""
    yield from left_out(case, known.objects)
    if not case.text("visibility"):
        yield f"visibility of {USUAL_VISIBILITY:g} NM"
    if not case.text("sea"):
        yield "no sea"
    if not case.text("position_error") and not case.named("scenario:"):
        why = ", as its last digit leaves open" if position_error(case) > LEAST_ERROR else ""
        yield f"an error of position of {position_error(case):g} NM{why}"
    older = [each for each in case.facts if each.startswith("scenario:") and case.text(each)]
    place = case.facts.get("position")
    if older and place and place.entry.at > max(case.facts[each].entry.at for each in older):
        names = ", ".join(each.removeprefix("scenario:") for each in older)
        yield f"the scenarios ({names}) and not the newer position: take back what holds no more"
    if case.text("wind") and not is_steady(case.text("wind")):
        yield "no correction of sweep widths for wind, which comes from a table or a file"
