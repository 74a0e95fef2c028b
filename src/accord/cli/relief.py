"""`accord relief`: incidents, needs and offers, who does what where, accounts, forms, alerts."""

import argparse
import json
from collections.abc import Mapping

from accord.cli import relief_files, relief_text
from accord.cli.arguments import add_json, add_usual, context
from accord.cli.command import Subparsers
from accord.cli.relief_said import (
    add_names,
    command,
    incident_of,
    read_from,
    told,
    typed,
    who,
)
from accord.core.context import LIVE
from accord.core.naming import printable
from accord.desks.relief import alerts
from accord.desks.relief.as_json import fields_json, head_json, incident_json
from accord.desks.relief.fields import SORTS
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Row
from accord.desks.relief.line import NotTaken
from accord.node import case_files
from accord.node.relief_files import incidents_of
from accord.wire.cap import xml as cap
from accord.wire.errors import WireError

ADDED: Mapping[str, str] = {
    "need": "write down what is needed",
    "offer": "write down what is offered",
    "activity": "write down who does what, where and when",
    "movement": "write down what is moved from where to where",
    "account": "account for the persons of a vessel, a village or a site",
    "person": "write down one person; this stays on the node",
    "methane": "write down a METHANE report",
    "medevac": "write down a nine-line request for evacuation",
}
"""What is added to an incident by a command of its name."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `relief` with its subcommands."""
    parser = subparsers.add_parser(
        "relief",
        help="relief: incidents, needs and offers, who does what where, accounts, alerts",
        description="Incidents of relief. The node may run or not.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_open(commands)
    listing = commands.add_parser("list", help="every incident", description="List every incident.")
    add_usual(listing, run_list)
    show = command(commands, "show", run_show, "one incident: its records, its sums and its log")
    add_names(show)
    for sort, says in ADDED.items():
        added = command(commands, sort, run_add, says)
        added.set_defaults(sort=sort)
        known = ", ".join(SORTS[sort].fields)
        added.add_argument("fields", nargs="+", metavar="NAME=VALUE", help=known)
    match = command(commands, "match", run_match, "match a need with an offer")
    match.add_argument("need", metavar="NEED", help="its name, or the end of it, such as n1")
    match.add_argument("offer", metavar="OFFER", help="likewise, such as f2")
    match.add_argument("--quantity", default="", help="as much as both have left if not given")
    put = command(commands, "set", run_set, "change a record; an empty value takes one back")
    put.add_argument("record", metavar="RECORD", help="its name, such as n1, or incident")
    put.add_argument("fields", nargs="+", metavar="NAME=VALUE")
    note = command(commands, "note", run_note, "write into the log")
    note.add_argument("text", metavar="TEXT")
    note.add_argument("--own", action="store_true", help="never to leave this node")
    fields = commands.add_parser(
        "fields", help="which records there are, and their fields", description="List the fields."
    )
    add_json(fields)
    fields.set_defaults(run=run_fields)
    relief_files.add_parsers(commands)


def _add_open(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "open",
        help="open an incident: from what is known, a CAP alert, or a hazard of a feed",
        description="Open an incident. What is not known is left out, and said later with set.",
    )
    add_usual(parser, run_open)
    parser.add_argument(
        "fields", nargs="*", metavar="NAME=VALUE", help=", ".join(SORTS["incident"].fields)
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="what was said")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--cap", metavar="FILE", help="a CAP 1.2 alert")
    source.add_argument(
        "--from-alert", metavar="ID",
        help="a hazard that a feed of GDACS or CAP tells of, as TC1000643",
    )  # fmt: skip
    parser.add_argument(
        "--context", type=context, default=LIVE, metavar="CONTEXT",
        help="live if not given, or exercise:NAME",
    )  # fmt: skip


def run_open(arguments: argparse.Namespace) -> int:
    """Open an incident."""
    incidents, fields = incidents_of(arguments.directory), typed(arguments.fields)
    if arguments.cap is not None:
        try:
            alert = cap.read(read_from(arguments.cap))
        except WireError as error:
            raise NotTaken(str(error)) from None
        fields = {**alerts.opening(alert, arguments.context), **fields}
    elif arguments.from_alert is not None:
        hazard = case_files.hazard(arguments.directory, arguments.from_alert)
        fields = {**alerts.opening_of(hazard, arguments.context), **fields}
    incident = incidents.open(fields, who(), arguments.context, arguments.note)
    if not arguments.json:
        print(f"opened {incident.id} in {incident.context}")
    return told(incident, arguments)


def run_list(arguments: argparse.Namespace) -> int:
    """Print every incident."""
    found = [head_json(each) for each in incidents_of(arguments.directory).store.all()]
    if arguments.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        print("\n".join(map(printable, relief_text.incidents(found))))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one incident."""
    incident = incident_of(incidents_of(arguments.directory), arguments.incident)
    said = incident_json(incident, with_names=arguments.names)
    if arguments.json:
        print(json.dumps(said, indent=1, ensure_ascii=False))
    else:
        lines = (*relief_text.incident(said), "", *relief_text.log(said))
        print("\n".join(map(printable, lines)))
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    """Add a record."""
    return _enter(arguments, Row(sort=arguments.sort, fields=typed(arguments.fields)))


def run_match(arguments: argparse.Namespace) -> int:
    """Match a need with an offer."""
    said = {"need": arguments.need, "offer": arguments.offer, "quantity": arguments.quantity}
    fields = {name: text for name, text in said.items() if text}
    return _enter(arguments, Row(sort="match", fields=fields))


def run_set(arguments: argparse.Namespace) -> int:
    """Change a record."""
    incident = incident_of(incidents_of(arguments.directory), arguments.incident)
    fields = typed(arguments.fields)
    if arguments.record == "incident":
        return _enter(arguments, Row(sort="incident", fields=fields))
    sort = _sort_of(incident, arguments.record)
    return _enter(arguments, Row(sort=sort, id=arguments.record, fields=fields))


def _sort_of(incident: Incident, name: str) -> str:
    """Return the sort that a name begins with the letter of. NotTaken where there is none."""
    letter = name.upper().rpartition("-")[2][:1]
    found = next((each.key for each in SORTS.values() if letter and each.letter == letter), None)
    if found is None:
        raise NotTaken(f"there is no record {name[:80]} on {incident.id}")
    return found


def _enter(arguments: argparse.Namespace, row: Row) -> int:
    incidents = incidents_of(arguments.directory)
    name = incident_of(incidents, arguments.incident).id
    entered = incidents.put(name, row, who())
    return told(entered.incident, arguments, ids=entered.ids)


def run_note(arguments: argparse.Namespace) -> int:
    """Write into the log."""
    incidents = incidents_of(arguments.directory)
    name = incident_of(incidents, arguments.incident).id
    return told(incidents.note(name, arguments.text, who(), is_own=arguments.own), arguments)


def run_fields(arguments: argparse.Namespace) -> int:
    """Print which records there are."""
    if arguments.json:
        print(json.dumps(fields_json(), indent=1, ensure_ascii=False))
    else:
        print("\n".join(relief_text.fields()))
    return 0
