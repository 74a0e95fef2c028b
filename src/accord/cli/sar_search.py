"""`accord sar`: units, scenarios, drift, plan, routes, coverage, reports, export."""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from accord.cli import sar_report, sar_text
from accord.cli.arguments import moment
from accord.cli.command import Subparsers
from accord.cli.running import find as find_running
from accord.cli.sar_case import Add, case_of, read_text, timed, told, who
from accord.core.errors import AccordError, UsageError
from accord.core.geometry import Point
from accord.core.naming import printable
from accord.desks.sar.as_json import covered_json, drift_json, helpers_json, plan_json
from accord.desks.sar.case import Case
from accord.desks.sar.cases import Cases, Line
from accord.desks.sar.covered import Courses, covered, units_of, value_of
from accord.desks.sar.entry import Kind
from accord.desks.sar.export import export
from accord.desks.sar.facts import point_of
from accord.desks.sar.model import scenario_value
from accord.desks.sar.planning import Until, plan_search, route_of
from accord.desks.sar.reporting import files_of
from accord.desks.sar.route import FORMS, route_text
from accord.desks.sar.tasking import way_of
from accord.desks.sar.units import arrival, helpers, unit_value
from accord.node import case_files
from accord.search.patterns import PatternKind, pattern_kind


def add_parsers(commands: Subparsers, add: Add) -> None:
    """Add the subcommands of searching."""
    _add_unit(commands, add)
    _add_scenario(commands, add)
    add(commands, "helpers", run_helpers, "who on the live picture could be on scene soonest")
    drift = add(commands, "drift", run_drift, "where it may be, at a time")
    drift.add_argument("--at", type=moment, metavar="TIME", help="now if not given")
    plan = add(commands, "plan", run_plan, "areas and patterns for the units of the case")
    plan.add_argument(
        "--pattern", action="append", default=[], metavar="UNIT=KIND",
        help="parallel (usual), creeping, square, sector or track for a unit; may be given again",
    )  # fmt: skip
    plan.add_argument(
        "--track", action="append", default=[], metavar="UNIT=WAY",
        help="the way that was meant, which a unit searches along: places with ; between, or @FILE "
        "with one a line, GPX or KML; may be given again",
    )  # fmt: skip
    plan.add_argument("--at", type=moment, metavar="TIME", help="as of then; now if not given")
    plan.add_argument("--keep", action="store_true", help="make it the units' tasks, in the log")
    route = add(commands, "route", run_route, "a unit's task as a file, or as words for radio")
    route.add_argument("unit", metavar="UNIT", help="its uid")
    route.add_argument("--as", dest="form", choices=FORMS, default="radio")
    coverage = add(commands, "coverage", run_coverage, "what was really searched, by the tracks")
    coverage.add_argument("--at", type=moment, metavar="TIME", help="by then; now if not given")
    coverage.add_argument("--keep", action="store_true", help="write it into the log")
    sar_report.add_parser(commands, add)
    exporting = add(commands, "export", run_export, "the whole case as a ZIP, for the inquiry")
    exporting.add_argument("file", type=Path, metavar="FILE")


def _add_unit(commands: Subparsers, add: Add) -> None:
    parser = add(commands, "unit", run_unit, "give the case a unit, or change one")
    parser.add_argument("unit", metavar="UID", help="its uid on the picture")
    parser.add_argument("--platform", default="", help="helicopter, aircraft or boat")
    for name, says in (
        ("name", "what it is called"),
        ("speed", "search speed in knots"),
        ("hours", "hours on scene"),
        ("height-ft", "height of eye in feet"),
        ("width", "sweep width in nautical miles, where you know better than the tables"),
        ("arrives", "when it is on scene; by its place and speed if not given"),
    ):
        parser.add_argument(f"--{name}", default="", metavar="VALUE", help=says)
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="since when it searches; now if not given"
    )
    parser.add_argument("--tired", action="store_true", help="its crew is")
    parser.add_argument("--gone", action="store_true", help="it searches no more")


def _add_scenario(commands: Subparsers, add: Add) -> None:
    parser = add(commands, "scenario", run_scenario, "write down what may have happened")
    parser.add_argument("name", metavar="NAME")
    for name, says in (
        ("position", "where, in any notation"),
        ("to", "where the way ended on which it was lost"),
        ("time", "when: 2026-11-26T03:04Z, or 90 min ago"),
        ("error", "50 percent of it within so many nautical miles"),
        ("time-error", "minutes before and after"),
        ("object", "what drifts; as the case says if not given"),
        ("weight", "how likely, beside the other scenarios"),
    ):
        parser.add_argument(f"--{name}", default="", metavar="VALUE", help=says)
    parser.add_argument("--gone", action="store_true", help="take it back")


def _both(arguments: argparse.Namespace) -> tuple[Cases, Case]:
    cases = case_files.cases_of(arguments.directory)
    return cases, case_of(cases, arguments.case)


def run_unit(arguments: argparse.Namespace) -> int:
    """Give the case a unit."""
    cases, case = _both(arguments)
    uid, by = arguments.unit, who(arguments.at)
    names = ("platform", "name", "speed", "hours", "height_ft", "width", "arrives")
    said = {name: getattr(arguments, name) for name in names}
    said["tired"] = "yes" if arguments.tired else ""
    said["arrives"] = timed(said["arrives"])
    if not arguments.gone and not said["arrives"]:
        said["arrives"] = _arrival(arguments.directory, case, uid, by.now)
    value = "" if arguments.gone else unit_value(uid, said, by.now)
    return told(cases.set(case.id, {f"unit:{uid}": value}, by), arguments)


def _arrival(directory: Path, case: Case, uid: str, now: datetime) -> str:
    """Return when a unit is on scene by the journal; empty, which means now, where it has none."""
    if not case.text("position"):
        return ""
    try:
        report = case_files.newest(directory, uid, case.context)
    except AccordError:
        return ""
    return arrival(report, point_of(case.text("position")), now)


def run_scenario(arguments: argparse.Namespace) -> int:
    """Write down what may have happened."""
    cases, case = _both(arguments)
    names = ("position", "to", "time", "error", "time_error", "object", "weight")
    said = {name: value for name in names if (value := getattr(arguments, name))}
    if "time" in said:
        said["time"] = timed(said["time"])
    value = "" if arguments.gone else scenario_value(said, cases.known.objects)
    return told(cases.set(case.id, {f"scenario:{arguments.name}": value}, who()), arguments)


def run_helpers(arguments: argparse.Namespace) -> int:
    """Print who could help, by what the running node has kept of its picture, of all groups."""
    cases, case = _both(arguments)
    find_running(arguments.directory)
    if not case.text("position"):
        raise AccordError("the case says no position yet")
    now = who().now
    tracks = case_files.tracks(arguments.directory, case.context, now)
    scene = point_of(case.text("position"))
    said = helpers_json(helpers(tracks, scene, now=now, own=cases.node))
    _print(arguments, {"helpers": said}, sar_text.helpers(said, looked=len(tracks)))
    return 0


def run_drift(arguments: argparse.Namespace) -> int:
    """Print where it may be."""
    cases, case = _both(arguments)
    said = drift_json(case, cases.known, arguments.at or who().now)
    _print(arguments, said, sar_text.drift(said))
    return 0


def run_plan(arguments: argparse.Namespace) -> int:
    """Print a plan, and keep it where that is asked for."""
    cases, case = _both(arguments)
    now, patterns = arguments.at or who().now, dict(_patterns(arguments.pattern))
    ways = dict(_ways(arguments.track))
    until = Until(now=now, courses=_courses(arguments, case, now), own=cases.node)
    plan = plan_search(case, cases.known, patterns, until, ways)
    if arguments.keep:
        lines = [Line(kind=Kind.TASK, about=t.unit.uid, value=t.value()) for t in plan.tasks]
        cases.add(case.id, lines, who())
    said = plan_json(plan)
    _print(arguments, said, sar_text.plan(said))
    return 0


def _patterns(given: list[str]) -> Iterator[tuple[str, PatternKind]]:
    for each in given:
        unit, equals, kind = each.rpartition("=")
        try:
            yield unit, pattern_kind(kind if equals else "")
        except ValueError as error:
            raise UsageError(f"{each!r} is no UNIT=KIND: {error}") from None


def _ways(given: list[str]) -> Iterator[tuple[str, tuple[Point, ...]]]:
    for each in given:
        unit, equals, way = each.partition("=")
        if not equals:
            raise UsageError(f"{each!r} is no UNIT=WAY")
        yield unit, way_of(read_text(way[1:]) if way.startswith("@") else way)


def run_route(arguments: argparse.Namespace) -> int:
    """Print a unit's task."""
    _, case = _both(arguments)
    route = route_of(case, arguments.unit)
    text = route_text(route, arguments.form, who().now)
    if arguments.json:
        print(json.dumps({"name": route.name, "form": arguments.form, "text": text}))
    else:
        print(text, end="")
    return 0


def run_coverage(arguments: argparse.Namespace) -> int:
    """Print what was searched."""
    cases, case = _both(arguments)
    by = who()
    at = arguments.at or by.now
    found = covered(case, cases.known, _courses(arguments, case, at), at, own=cases.node)
    if arguments.keep:
        cases.add(case.id, [Line(kind=Kind.COVERED, value=value_of(found))], by)
    said = covered_json(found)
    _print(arguments, said, sar_text.coverage(said))
    return 0


def _courses(arguments: argparse.Namespace, case: Case, at: datetime) -> Courses:
    """Return where the units of a case were until a time, by the journal and the history."""
    uids = frozenset(each.uid for each in units_of(case))
    return case_files.courses(arguments.directory, uids, case.context, case.opened, at)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the whole case."""
    _, case = _both(arguments)
    by = who()
    data = export(case, files_of(case), at=by.now, by=by.name)
    try:
        arguments.file.write_bytes(data)
    except OSError as error:
        raise AccordError(f"cannot write {arguments.file}: {error.strerror}") from None
    written = str(arguments.file)
    said: dict[str, object] = {"file": written, "lines": len(case.log), "bytes": len(data)}
    _print(arguments, said, [f"wrote {written}: {len(case.log)} lines of {case.id}"])
    return 0


def _print(
    arguments: argparse.Namespace, said: dict[str, object], lines: Iterator[str] | list[str]
) -> None:
    if arguments.json:
        print(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(printable, lines)))
