"""`accord sar`: cases of search and rescue, from the first call to the report."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from accord.cli import sar_search, sar_text
from accord.cli.arguments import add_json, add_usual, context, moment
from accord.cli.command import Run, Subparsers
from accord.cli.sar_case import LAST, case_of, read_text, timed, told, who
from accord.core.context import LIVE
from accord.core.errors import UsageError
from accord.core.naming import printable
from accord.desks.sar.case import Case
from accord.desks.sar.cases import LOOK, Cases, Line
from accord.desks.sar.entry import Kind, NotTaken
from accord.desks.sar.export import case_json, entry_json
from accord.desks.sar.facts import FACTS, position_of
from accord.desks.sar.forcing import keep_flow
from accord.desks.sar.openings import (
    Opening,
    from_beacon,
    from_call,
    from_cap,
    from_hazard,
    from_report,
)
from accord.desks.sar.voice import shared_value
from accord.node import case_files
from accord.wire.cap import xml as cap
from accord.wire.errors import WireError
from accord.wire.sit185 import message as sit185

GRIDS = (".nc", ".nc4", ".grib", ".grib2", ".grb", ".grb2")
"""Files of wind and current on a grid."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `sar` with its subcommands."""
    parser = subparsers.add_parser(
        "sar",
        help="search and rescue: cases, drift, search plans, coverage, reports",
        description="Cases of search and rescue. A decision aid: the coordinator decides. The node "
        "may run or not.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_open(commands)
    listing = commands.add_parser("list", help="every case", description="List every case.")
    add_usual(listing, run_list)
    _command(commands, "show", run_show, "one case: its facts, its checklist and its log")
    _add_set(commands)
    _add_note(commands)
    check = _command(commands, "check", run_check, "tick something off the checklist")
    check.add_argument("item", metavar="ITEM", help="as `show` calls it")
    objects = commands.add_parser(
        "objects", help="what drifts, and what is searched for", description="List the tables."
    )
    add_json(objects)
    objects.set_defaults(run=run_objects)
    share = _command(commands, "share", run_share, "say a case to partners, or no longer")
    share.add_argument(
        "--group", action="append", default=[], metavar="GROUP", help="into it; may be given again"
    )
    share.add_argument("--marking", default="", metavar="MARK", help="such as (R//REL TO USA)")
    share.add_argument("--stop", action="store_true", help="say nothing more of it")
    lead = _command(commands, "lead", run_lead, "take the lead of a case, or offer it")
    lead.add_argument("--to", metavar="NODE", help="offer it to this node")
    lead.add_argument("--reason", default="", metavar="TEXT", help="why, where it was not offered")
    sar_search.add_parsers(commands, _command)


def _command(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    add_usual(parser, run)
    parser.add_argument("case", metavar="CASE", help=f"its name, or {LAST} for the newest open one")
    return parser


def _add_open(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "open",
        help="open a case: from a call, a beacon message, a track or an alert",
        description="Open a case. What is not known is left out, and said later with set.",
    )
    add_usual(parser, run_open)
    _add_facts(parser)
    parser.add_argument("--note", default="", metavar="TEXT", help="what the caller said")
    parser.add_argument(
        "--at", type=moment, metavar="TIME",
        help="when this was said; if not given, the time that the message or the caller says",
    )  # fmt: skip
    parser.add_argument(
        "--context", type=context, default=LIVE, metavar="CONTEXT",
        help="live if not given, or exercise:NAME",
    )  # fmt: skip
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--beacon", metavar="FILE", help="the text of a Cospas-Sarsat SIT 185 message; - for input"
    )
    source.add_argument("--cap", metavar="FILE", help="a CAP 1.2 alert")
    source.add_argument(
        "--from-alert",
        metavar="ID",
        help="a hazard that a feed of GDACS or CAP tells of, as TC1000643",
    )
    source.add_argument("--track", metavar="UID", help="the newest that the journal has of a track")


def _add_facts(parser: argparse.ArgumentParser) -> None:
    for name in _ASKED:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=_ASKED[name])


_ASKED: Mapping[str, str] = {
    "title": "what the case is called",
    "phase": "uncertainty, alert or distress",
    "position": "last known position, in any notation",
    "position_error": "50 percent of it within so many nautical miles",
    "time": "when it was there: 2026-11-26T03:04Z, or 90 min ago",
    "object": "what drifts; see accord sar objects",
    "persons": "persons on board",
    "wind": "from degrees/knots, such as 230/25",
    "current": "towards degrees/knots",
}


def _add_set(commands: Subparsers) -> None:
    parser = _command(commands, "set", run_set, "set facts, all or none; an empty value takes back")
    parser.add_argument(
        "facts", nargs="+", metavar="NAME=VALUE", help=f"{', '.join(FACTS)}; @FILE reads a value"
    )
    parser.add_argument(
        "--at", type=moment, metavar="TIME", help="when it was so; now if not given"
    )


def _add_note(commands: Subparsers) -> None:
    parser = _command(commands, "note", run_note, "write a line into the log")
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--position", metavar="PLACE", help="where, in any notation")
    parser.add_argument("--at", type=moment, metavar="TIME", help="when; now if not given")
    parser.add_argument("--sighting", action="store_true", help="it was seen or heard there")
    parser.add_argument("--private", action="store_true", help="never to leave this node")


def run_open(arguments: argparse.Namespace) -> int:
    """Open a case."""
    cases = case_files.cases_of(arguments.directory)
    typed = {name: value for name in _ASKED if (value := getattr(arguments, name)) is not None}
    if "time" in typed:
        typed["time"] = timed(typed["time"])
    opening = _opening(arguments, typed)
    by = who(arguments.at)
    case = cases.open(opening, by)
    if arguments.json:
        print(json.dumps({**case_json(case), "doubts": list(opening.doubts)}, ensure_ascii=False))
    else:
        done = "opened" if case.opened == by.now else "the message goes to the open case"
        print(f"{done} {case.id} in {case.context}")
        for each in (*(f"{LOOK}{doubt}" for doubt in opening.doubts), *_looks(case)):
            print(printable(each))
        print("\n".join(map(printable, sar_text.facts(case))))
    return 0


def _looks(case: Case) -> list[str]:
    """Return what the desk found that somebody has to look at."""
    return [each.value for each in case.log if each.value.startswith(LOOK)]


def _opening(arguments: argparse.Namespace, typed: Mapping[str, str]) -> Opening:
    """Return what it begins with; what was typed holds before what a message says."""
    if arguments.beacon is not None:
        text = read_text(arguments.beacon)
        try:
            made = from_beacon(sit185.read(text), text, arguments.context)
        except WireError as error:
            raise NotTaken(str(error)) from None
    elif arguments.cap is not None:
        try:
            made = from_cap(cap.read(Path(arguments.cap).read_bytes()), arguments.context)
        except OSError as error:
            raise UsageError(f"cannot read {arguments.cap}: {error.strerror}") from None
        except WireError as error:
            raise NotTaken(str(error)) from None
    elif arguments.from_alert is not None:
        made = from_hazard(case_files.hazard(arguments.directory, arguments.from_alert))
    elif arguments.track is not None:
        made = from_report(case_files.newest(arguments.directory, arguments.track))
    else:
        return from_call(typed, arguments.note, arguments.context)
    return made.with_typed(typed, arguments.note)


def run_list(arguments: argparse.Namespace) -> int:
    """Print every case."""
    found = case_files.cases_of(arguments.directory).store.all()
    if arguments.json:
        print(json.dumps([case_json(each) for each in found], indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(printable, sar_text.cases(found))))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one case."""
    case = case_of(case_files.cases_of(arguments.directory), arguments.case)
    if arguments.json:
        said = {**case_json(case), "log": [entry_json(each) for each in case.log]}
        print(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        lines = (*sar_text.facts(case), "", *sar_text.checklist(case), "", *sar_text.log(case))
        print("\n".join(map(printable, lines)))
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Set facts."""
    cases = case_files.cases_of(arguments.directory)
    facts: dict[str, str] = {}
    for given in arguments.facts:
        name, equals, value = given.partition("=")
        if not equals:
            raise UsageError(f"{given!r} is no NAME=VALUE")
        facts[name] = _of_file(value[1:], cases) if value.startswith("@") else value
    case = cases.set(case_of(cases, arguments.case).id, facts, who(arguments.at))
    return told(case, arguments)


def _of_file(name: str, cases: Cases) -> str:
    """Return what a file says: a table as it is, a grid kept beside the cases."""
    if Path(name).suffix.lower() not in GRIDS:
        return read_text(name)
    try:
        return keep_flow(Path(name).read_bytes(), cases.known)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from None


def run_note(arguments: argparse.Namespace) -> int:
    """Write into the log."""
    cases = case_files.cases_of(arguments.directory)
    line = Line(
        kind=Kind.SIGHTING if arguments.sighting else Kind.NOTE,
        value=arguments.text,
        place=None if arguments.position is None else position_of(arguments.position),
        is_private=arguments.private,
    )
    return told(cases.log(case_of(cases, arguments.case).id, line, who(arguments.at)), arguments)


def run_check(arguments: argparse.Namespace) -> int:
    """Tick something off."""
    cases = case_files.cases_of(arguments.directory)
    return told(cases.tick(case_of(cases, arguments.case).id, arguments.item, who()), arguments)


def run_share(arguments: argparse.Namespace) -> int:
    """Share a case."""
    cases = case_files.cases_of(arguments.directory)
    groups = frozenset(arguments.group)
    if not groups and not arguments.stop:
        raise UsageError("say into which group with --group, or --stop")
    value = "" if arguments.stop else shared_value(groups, arguments.marking, cases.node)
    return told(cases.share(case_of(cases, arguments.case).id, value, who()), arguments)


def run_lead(arguments: argparse.Namespace) -> int:
    """Offer or take the lead."""
    cases = case_files.cases_of(arguments.directory)
    case = case_of(cases, arguments.case)
    if arguments.to:
        return told(cases.offer(case.id, arguments.to, who()), arguments)
    return told(cases.lead(case.id, who(), arguments.reason), arguments)


def run_objects(arguments: argparse.Namespace) -> int:
    """Print what drifts and what is searched for."""
    known = case_files.known(Path())
    if arguments.json:
        objects = [
            {"key": each.key, "name": each.name, "seen_as": each.seen_as, "doubt": each.doubt}
            for each in known.objects.values()
        ]
        said = {"objects": objects, "targets": list(known.sweeps.targets)}
        print(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        print("\n".join(sar_text.objects(known)))
    return 0
