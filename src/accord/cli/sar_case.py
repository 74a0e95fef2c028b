"""What the files of `accord sar` have in common: which case, who says so, what came of it."""

import argparse
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from accord.cli import sar_text
from accord.cli.account import account
from accord.cli.command import Run, Subparsers
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.desks.sar.case import Case
from accord.desks.sar.cases import By, Cases
from accord.desks.sar.export import case_json

_FROM_NOW = re.compile(
    r"now|(?P<before>\d+(?:\.\d+)?) ?(?P<unit>h|min) ago"
    r"|in (?P<after>\d+(?:\.\d+)?) ?(?P<units>h|min)"
)

LAST = "last"
"""Names the newest case that is open."""


class Add(Protocol):
    """Adds a subcommand that is about one case."""

    def __call__(
        self,
        commands: Subparsers,
        name: str,
        run: Run,
        says: str,
    ) -> argparse.ArgumentParser:
        """Add it."""
        ...


def who(at: datetime | None = None) -> By:
    """Return who runs this, and when."""
    return By(name=account(), now=SystemClock().now(), at=at)


def timed(text: str) -> str:
    """Return a time as it is kept, of one that is said from now on: `90 min ago`, `in 2 h`."""
    found = _FROM_NOW.fullmatch(text.strip().lower())
    if found is None:
        return text
    number, unit = float(found["before"] or found["after"] or 0), found["unit"] or found["units"]
    span = timedelta(hours=number) if unit == "h" else timedelta(minutes=number)
    now = SystemClock().now()
    return (now + (span if found["after"] else -span)).isoformat(timespec="seconds")


def case_of(cases: Cases, name: str) -> Case:
    """Return a case by its name, or the newest open one. NoSuchCase where there is none."""
    if name != LAST:
        return cases.store.case(name)
    found = next((each for each in cases.store.all() if not each.is_closed), None)
    if found is None:
        raise AccordError("there is no open case")
    return found


def read_text(name: str) -> str:
    """Return the text of a file, or of the input for -. UsageError where it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from None


def told(case: Case, arguments: argparse.Namespace) -> int:
    """Print what has just been written into a case's log."""
    if arguments.json:
        print(json.dumps(case_json(case), indent=1, ensure_ascii=False))
    else:
        entered = max(each.entered for each in case.log)
        lines = [each for each in case.log if each.entered == entered]
        print("\n".join(printable(sar_text.line(each)) for each in lines))
    return 0
