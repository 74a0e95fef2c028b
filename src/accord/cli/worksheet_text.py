"""What the worksheets share: how a command is added, how a place is read, how it is told."""

import argparse
import json
from collections.abc import Sequence

from accord.cli.arguments import add_json
from accord.cli.command import Run, Subparsers
from accord.core.errors import UsageError
from accord.core.geometry import Point
from accord.search.positions import read_position

Plain = dict[str, object]


def add_command(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    """Add a worksheet and return its parser."""
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def place(text: str) -> Point:
    """Return the place of a text that can be read in one way only. UsageError has the ways."""
    found, *others = read_position(text)
    if others:
        ways = "; ".join(each.said for each in (found, *others))
        raise UsageError(f"{text!r} can be read as {ways}: say which")
    return found.point


def told(arguments: argparse.Namespace, plain: object, lines: Sequence[str]) -> int:
    """Print the lines, or what machines want; returns the exit code."""
    print(json.dumps(plain, ensure_ascii=False) if arguments.json else "\n".join(lines))
    return 0


def plain_point(point: Point) -> Plain:
    """Return a place as machines want it."""
    return {"lat": point.lat, "lon": point.lon}
