"""Arguments that many commands take, and how their values are read."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from accord.cli.command import Run
from accord.core.context import Context


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Add the directory of a node."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="the node's directory")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets a command answer in JSON."""
    parser.add_argument("--json", action="store_true", help="for machines")


def add_usual(parser: argparse.ArgumentParser, run: Run) -> None:
    """Add the directory and JSON, and what is run."""
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def moment(value: str) -> datetime:
    """Read a time of the command line; UTC where it says no zone."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is no time such as 2026-11-01T00:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def day(text: str) -> date:
    """Read a day of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2026-11-01") from None


def context(value: str) -> Context:
    """Read a context of the command line."""
    try:
        return Context.parse(value)
    except ValueError:
        message = f"{value!r} is no context: live, exercise:NAME or plan:ID"
        raise argparse.ArgumentTypeError(message) from None
