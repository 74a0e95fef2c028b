"""The command `accord`: one file beside this one per subcommand.

Exit codes: 0 done; 1 failed, one line says why; 2 wrong use or bad settings, one line says which.
"""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import cast

from accord.cli import noting
from accord.cli.command import Command, Run
from accord.core.errors import AccordError

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""


COMMANDS: tuple[str, ...] = (
    "demo", "init", "serve", "client", "user", "mission", "certificates", "audit", "feed",
    "agreement", "partner", "federation", "ledger", "why", "picture", "track", "history", "replay",
    "watch", "readiness", "sar", "relief", "worksheet", "commitment", "impact", "status", "doctor",
    "backup", "restore",
)  # fmt: skip
"""Every subcommand, in the order of the help: each a file beside this one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    # All of them take seconds to import, and one is wanted.
    first = next((each for each in words if not each.startswith("-")), "")
    parsed = _parser((first,) if first in COMMANDS else COMMANDS).parse_args(words)
    try:
        return _run(words, parsed)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read our output has gone. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the outermost boundary: people get a sentence
        return _fail(error, debug=parsed.debug)


def _run(words: Sequence[str], parsed: argparse.Namespace) -> int:
    run: Run = parsed.run
    code = run(parsed)
    if code == 0:
        noting.note(words, parsed)
    return code


def _parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord", description="One operational picture for partners who do not share an owner."
    )
    parser.add_argument("--version", action="version", version=f"accord {version('accord')}")
    parser.add_argument(
        "--debug", action="store_true", help="log more, and show the traceback of a failure"
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name in commands:
        _command(name).add_parser(subparsers)
    return parser


def _command(name: str) -> Command:
    return cast("Command", import_module(f"accord.cli.{name}"))


def _fail(error: Exception, *, debug: bool) -> int:
    error = _the_one_to_tell(error)
    if debug:
        traceback.print_exception(error)
    if isinstance(error, AccordError):
        print(f"accord: {error}", file=sys.stderr)
        return error.exit_code
    where = "above" if debug else _keep_traceback(error)
    said = f"{type(error).__name__}: {error}".replace("\n", " ")
    print(f"accord: unexpected failure: {said}; the traceback is {where}", file=sys.stderr)
    return 1


def _the_one_to_tell(error: Exception) -> Exception:
    """Out of a group, return an error that was raised on purpose, or else the first."""
    while isinstance(error, ExceptionGroup):
        group = cast("ExceptionGroup[Exception]", error)
        error = (group.subgroup(AccordError) or group).exceptions[0]
    return error


def _keep_traceback(error: Exception) -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="accord-failure-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    return f"in {file.name}"
