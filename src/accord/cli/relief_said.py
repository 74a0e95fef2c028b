"""What the files of `accord relief` have in common: which incident, what was typed, what came."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from accord.cli import relief_text
from accord.cli.account import account
from accord.cli.arguments import add_usual
from accord.cli.command import Run, Subparsers
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.desks.relief.as_json import incident_json
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import By

LAST = "last"
"""Names the newest incident that is open."""


def command(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    """Add a command about one incident."""
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    add_usual(parser, run)
    parser.add_argument(
        "incident", metavar="INCIDENT", help=f"its name, or {LAST} for the newest open one"
    )
    return parser


def add_names(parser: argparse.ArgumentParser) -> None:
    """Add the option without which no name of a person is in what comes out."""
    parser.add_argument("--names", action="store_true", help="with names of persons")


def who() -> By:
    """Return who runs this, and when."""
    return By(name=account(), now=SystemClock().now())


def incident_of(incidents: Incidents, name: str) -> Incident:
    """Return an incident by its name, or the newest open one."""
    if name != LAST:
        return incidents.store.incident(name)
    found = next((each for each in incidents.store.all() if not each.is_closed), None)
    if found is None:
        raise AccordError("there is no open incident")
    return found


def typed(given: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE, each name once. UsageError says what is wrong."""
    fields: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageError(f"{each!r} is no NAME=VALUE")
        if name in fields:
            raise UsageError(f"{name} is given twice")
        fields[name] = value
    return fields


def told(incident: Incident, arguments: argparse.Namespace, *, ids: Sequence[str] = ()) -> int:
    """Print what was written: the records with these names, or the lines of the log."""
    said = incident_json(incident, with_names=True)
    if arguments.json:
        print(json.dumps({**said, "entered": list(ids)}, indent=1, ensure_ascii=False))
        return 0
    records = cast("list[relief_text.Json]", said["records"])
    lines = [line for e in records if e["id"] in ids for line in relief_text.record(e)]
    print("\n".join(map(printable, lines or _last(said))))
    return 0


def _last(said: relief_text.Json) -> list[str]:
    """Return the lines that were entered last."""
    lines = cast("list[relief_text.Json]", said["log"])
    newest = max(str(each["entered"]) for each in lines)
    return list(relief_text.log({"log": [e for e in lines if e["entered"] == newest]}))


def write_to(name: str, data: bytes) -> None:
    """Write a file. UsageError where it cannot be written."""
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from None


def read_from(name: str) -> bytes:
    """Read a file. UsageError where it cannot be read."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from None
