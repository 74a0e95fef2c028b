"""`accord certificates DIR`: when certificates end."""

import argparse
import json
from pathlib import Path

from accord.api.certificate_calendar import calendar
from accord.api.office_clients import certificate_json
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.desk import print_table
from accord.config import load
from accord.core.clock import SystemClock
from accord.observe.ending import Ending
from accord.observe.health import about_duration
from accord.storage.people import PEOPLE, People


def add_parser(subparsers: Subparsers) -> None:
    """Add `certificates`."""
    parser = subparsers.add_parser(
        "certificates",
        help="when certificates end",
        description="Every certificate of the node in DIR and of who may connect, what ends first "
        "first, with a warning 90, 30 and 7 days ahead.",
    )
    add_directory(parser)
    parser.add_argument(
        "--warned", action="store_true", help="only those that end within 90 days, or have ended"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the calendar."""
    directory: Path = arguments.directory
    settings = load(directory).certificates
    now = SystemClock().now()
    found = calendar(directory, People(directory / PEOPLE), settings, now)
    if arguments.warned:
        found = [each for each in found if each.warning is not Ending.LATER]
    if arguments.json:
        print(json.dumps([certificate_json(each) for each in found], indent=2, ensure_ascii=False))
        return 0
    rows = [
        (each.of, f"{each.ends:%Y-%m-%d}", about_duration(each.ends - now),
         *(("", "") if each.warning is Ending.LATER else (each.warning, each.remedy)))
        for each in found
    ]  # fmt: skip
    print_table([("CERTIFICATE", "ENDS", "IN", "WARNING", "WHAT TO DO"), *rows])
    return 0
