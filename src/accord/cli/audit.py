"""`accord audit list DIR`: what administrators did to the node."""

import argparse
import json
from pathlib import Path

from accord.api.office import act_json
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.desk import print_table
from accord.config import load
from accord.core.errors import UsageError
from accord.storage.acts import MAX_ACTS, Acts
from accord.storage.people import PEOPLE


def add_parser(subparsers: Subparsers) -> None:
    """Add `audit` with its subcommand."""
    parser = subparsers.add_parser(
        "audit",
        help="what administrators did: list",
        description="Who changed what of the node in DIR, when and from where, by commands and by "
        "the page. What stands there is never changed.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    listing = commands.add_parser("list", help="what was done", description="Newest first.")
    add_directory(listing)
    listing.add_argument(
        "--lines", type=int, default=50, metavar="N", help="the last N; 50 if not given"
    )
    listing.add_argument(
        "--before", type=int, metavar="NUMBER", help="go on with those before this number"
    )
    add_json(listing)
    listing.set_defaults(run=run_list)


def run_list(arguments: argparse.Namespace) -> int:
    """Print what was done."""
    directory: Path = arguments.directory
    load(directory)  # UsageError where there is no node
    if not 0 < arguments.lines <= MAX_ACTS:
        raise UsageError(f"--lines: give 1 to {MAX_ACTS}")
    if arguments.before is not None and not 0 < arguments.before < 1 << 62:
        raise UsageError("--before: give the number of a line, 1 or more")
    found = Acts(directory / PEOPLE).newest(before=arguments.before, most=arguments.lines)
    if arguments.json:
        print(json.dumps([act_json(each) for each in found], indent=2, ensure_ascii=False))
        return 0
    rows = [
        (str(each.number), f"{each.act.at:%Y-%m-%d %H:%M:%S}Z", each.act.who, each.act.via,
         each.act.whence or "-", each.act.what, each.act.whom or "-", each.act.detail)
        for each in found
    ]  # fmt: skip
    print_table([("", "WHEN", "WHO", "BY", "FROM", "WHAT", "WHOM", "DETAIL"), *rows])
    return 0
