"""The situation report, in the order of IAMSAR (volume II, appendix I), filled from the log.

It is a draft until a person lets it go; the draft says where each line comes from by its words.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.desks.sar.case import Case
from accord.desks.sar.entry import Entry, Kind
from accord.desks.sar.facts import digit_error, flow_of, is_steady, point_of
from accord.search.spelling import spell_time

NOTHING = "NOT KNOWN"

_NO_LETTER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What would make one line of a report read as several, or as something else."""

MOST_ACTIONS = 30
"""Lines of the log under J; the whole of it is in the export."""

_ACTIONS = {
    Kind.NOTE: "",
    Kind.SIGHTING: "SIGHTING: ",
    Kind.TASK: "TASKED ",
    Kind.SENT: "ROUTE SENT TO ",
    Kind.CHECK: "DONE: ",
}


def number_of_next(case: Case, node: str) -> int:
    """Return the number that this node's next report of the case has."""
    return 1 + sum(each.kind is Kind.REPORT and each.node == node for each in case.log)


def sitrep(case: Case, *, node: str, to: str, at: datetime) -> str:
    """Return the report as it stands now."""
    number = number_of_next(case, node)
    mark = "" if case.context == LIVE else f"EXERCISE EXERCISE EXERCISE ({case.context.name})"
    phase = case.text("phase", "alert")
    urgency = {"distress": "DISTRESS", "alert": "URGENCY"}.get(phase, "ROUTINE")
    final = " FINAL" if case.is_closed else ""
    lines = [
        mark,
        urgency,
        spell_time(at),
        f"FROM {node}",
        f"TO {to}",
        f"SITREP {number}{final}  CASE {case.id}",
        *_paragraphs(case),
        mark,
    ]
    return "\n".join(_NO_LETTER.sub(" ", each) for each in lines if each) + "\n"


def _paragraphs(case: Case) -> Iterator[str]:
    title = case.text("title", NOTHING)
    vessel = case.text("vessel")
    yield f"A. IDENTITY OF CASUALTY: {vessel or title}"
    yield f"B. POSITION: {_position(case)}"
    yield f"C. SITUATION: {case.text('phase', NOTHING).upper()}; {case.text('nature', title)}"
    yield f"D. NUMBER OF PERSONS: {case.text('persons', NOTHING)}"
    yield f"E. ASSISTANCE REQUIRED: {_assistance(case)}"
    yield f"F. COORDINATING RCC: {case.text('lead')}"
    yield f"G. DESCRIPTION OF CASUALTY: {_description(case)}"
    yield f"H. WEATHER ON SCENE: {_weather(case)}"
    yield "J. INITIAL ACTIONS TAKEN:"
    yield from _actions(case)
    yield "K. SEARCH AREA:"
    yield from _areas(case)
    yield f"L. CO-ORDINATING INSTRUCTIONS: {case.text('action', 'AS TASKED')}"
    yield f"M. FUTURE PLANS: {case.text('further', NOTHING)}"
    yield "N. ADDITIONAL INFORMATION:"
    yield from _results(case)


def _position(case: Case) -> str:
    text = case.text("position")
    if not text:
        return NOTHING
    typed = digit_error(text)
    error = case.text("position_error", f"{typed:g}" if typed else "")
    within = f", 50 PERCENT WITHIN {error} NM" if error else ""
    time = case.moment("time")
    return f"{spelled(point_of(text))}{within}{'' if time is None else f' AT {spell_time(time)}'}"


def spelled(point: Point) -> str:
    """Return a place in degrees and minutes."""
    return f"{_dm(point.lat, 'NS', 2)} {_dm(point.lon, 'EW', 3)}"


def _dm(degrees: float, letters: str, width: int) -> str:
    tenths = round(abs(degrees) * 600)
    whole, minutes = divmod(tenths, 600)
    return f"{whole:0{width}d}-{minutes / 10:04.1f}{letters[degrees < 0]}"


def _assistance(case: Case) -> str:
    return "NONE, CASE IS CLOSED" if case.is_closed else "SEARCH AND RESCUE UNITS"


def _description(case: Case) -> str:
    parts = (case.text("object"), case.text("beacon"))
    return "; ".join(each for each in parts if each) or NOTHING


def _weather(case: Case) -> str:
    said: list[str] = []
    for name, word in (("wind", "WIND FROM"), ("current", "CURRENT TO")):
        text = case.text(name)
        if text and is_steady(text):
            degrees, knots = flow_of(text)
            said.append(f"{word} {degrees:03.0f} {knots:g} KT")
        elif text:
            said.append(f"{word} AS IN A TABLE OR FILE")
    for name, word, unit in (("sea", "SEA", "M"), ("visibility", "VISIBILITY", "NM")):
        if case.text(name):
            said.append(f"{word} {case.text(name)} {unit}")
    if case.text("weather"):
        said.append(case.text("weather"))
    return ", ".join(said) or NOTHING


def _actions(case: Case) -> Iterator[str]:
    told = [each for each in case.log if each.kind in _ACTIONS and not each.is_private]
    if len(told) > MOST_ACTIONS:
        yield f"   ({len(told) - MOST_ACTIONS} EARLIER LINES ARE IN THE LOG)"
    for each in told[-MOST_ACTIONS:]:
        yield f"   {spell_time(each.at)} {each.node}: {_action(each)}"
    if not told:
        yield "   NONE"


def _action(entry: Entry) -> str:
    words = entry.value.partition("\n")[0]
    at = "" if entry.place is None else f" AT {spelled(entry.place)}"
    match entry.kind:
        case Kind.TASK:
            task = figures(entry)
            return f"TASKED {entry.about}: {task.get('kind')} FROM {_begins(task)}"
        case Kind.SENT | Kind.CHECK:
            return f"{_ACTIONS[entry.kind]}{entry.about} {words}".rstrip()
        case _:
            return f"{_ACTIONS[entry.kind]}{words}{at}"


def _begins(task: Mapping[str, object]) -> str:
    """Return when a task begins; a partner's may not be readable."""
    try:
        return spell_time(datetime.fromisoformat(str(task.get("begins"))))
    except (ValueError, OverflowError):
        return "A TIME THAT CANNOT BE READ"


def figures(entry: Entry) -> dict[str, object]:
    """Return the figures of a line that the desk wrote, none where it cannot be read."""
    try:
        said: object = json.loads(entry.value)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", said) if isinstance(said, dict) else {}


def _areas(case: Case) -> Iterator[str]:
    tasks = {each.about: each for each in case.log if each.kind is Kind.TASK}
    for unit, entry in tasks.items():
        task = figures(entry)
        places = " ".join(_corners(task))
        yield f"   {unit}: {task.get('kind')} SPACING {task.get('spacing')} NM {places}".rstrip()
    if not tasks:
        yield "   NONE ASSIGNED"


def _corners(task: Mapping[str, object]) -> list[str]:
    """Return the corners of a task's area; a partner's may not be readable."""
    corners = cast("list[list[float]]", task.get("corners", []))
    try:
        return [spelled(Point(lat=lat, lon=lon)) for lat, lon in corners]
    except (ValueError, TypeError):
        return ["CORNERS THAT CANNOT BE READ"]


def _results(case: Case) -> Iterator[str]:
    """Yield the last figures of what was covered, and what people differ about."""
    last = case.last(Kind.COVERED)
    if last is None:
        yield "   NOTHING SEARCHED THAT IS KNOWN HERE"
    else:
        done = figures(last)
        yield (
            f"   AT {spell_time(last.at)} CUMULATIVE PROBABILITY OF SUCCESS {done.get('pos')}, BY "
            f"{done.get('units')} UNITS"
        )
    for name in case.disputed:
        yield f"   NOT AGREED BETWEEN CENTRES: {name.upper()}"
    if case.is_closed:
        yield f"   CASE CLOSED: {case.text('closed')}"
