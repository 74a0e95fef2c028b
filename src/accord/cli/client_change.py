"""`accord client set|token|withdraw DIR NAME`: what changes for who may connect already."""

import argparse
import json

import segno

from accord.cli import reach
from accord.cli.arguments import add_directory
from accord.cli.command import Subparsers
from accord.cli.desk import EVERY_EXERCISE, Desk, exercises_in, groups_in
from accord.core.clock import SystemClock
from accord.core.enrolment import scan_text
from accord.core.errors import UsageError
from accord.core.naming import spell_groups, spell_names
from accord.core.principal import Role

NO_EXERCISE = "none"
"""Says that it takes part in no exercise any more."""


def add_parsers(commands: Subparsers) -> None:
    """Add the subcommands to those of `client`."""
    change = commands.add_parser(
        "set",
        help="change a client's role, groups or exercises",
        description="Change what NAME may do. Its certificates stay; what is connected is cut, and "
        "connects again.",
    )
    _about(change)
    change.add_argument("--role", choices=[each.value for each in Role])
    change.add_argument(
        "--group",
        action="append",
        metavar="GROUP[:in|:out|:both]",
        help="a group in place of those that it has. May be given again",
    )
    change.add_argument(
        "--exercise",
        action="append",
        metavar="NAME",
        help=f"an exercise in place of those that it has, {EVERY_EXERCISE}, or {NO_EXERCISE}. "
        "May be given again",
    )
    change.set_defaults(run=run_set)
    token = commands.add_parser(
        "token",
        help="make another one-time token",
        description="Make another one-time token for NAME, and show it as a QR code. The one "
        "before is void; certificates stay.",
    )
    _about(token)
    token.add_argument("--host", help="how the client reaches this machine")
    token.add_argument("--json", action="store_true", help="for machines; no QR code")
    token.set_defaults(run=run_token)
    withdraw = commands.add_parser(
        "withdraw",
        help="make a one-time token void",
        description="Let the one-time token of NAME be used no more.",
    )
    _about(withdraw)
    withdraw.set_defaults(run=run_withdraw)


def _about(parser: argparse.ArgumentParser) -> None:
    add_directory(parser)
    parser.add_argument("name", metavar="NAME")


def run_set(arguments: argparse.Namespace) -> int:
    """Change what a client may do and see."""
    if arguments.role is None and not arguments.group and not arguments.exercise:
        raise UsageError("nothing to change: give --role, --group or --exercise")
    exercises = None
    if arguments.exercise:
        exercises = exercises_in(arguments.exercise) - {NO_EXERCISE}
    who = Desk.at(arguments.directory).people.change(
        arguments.name,
        role=None if arguments.role is None else Role(arguments.role),
        groups=groups_in(arguments.group) if arguments.group else None,
        exercises=None if exercises is None else exercises - {EVERY_EXERCISE},
        every_exercise=exercises is not None and EVERY_EXERCISE in exercises,
    )
    named = EVERY_EXERCISE if who.every_exercise else spell_names(who.exercises)
    print(
        f"{who.name} is now {who.role.value}, groups {spell_groups(who.groups)}, exercises {named}"
    )
    return 0


def run_token(arguments: argparse.Namespace) -> int:
    """Make another token, and show it this once."""
    desk = Desk.at(arguments.directory)
    if desk.settings.listen.enrol is None:
        raise UsageError("the listener enrol is off in accord.toml: no client could enrol")
    server = reach.server(desk.directory, desk.settings, arguments.host)
    now, valid = SystemClock().now(), desk.settings.certificates.token_valid
    token = desk.people.issue_token(arguments.name, now=now, valid=valid)
    port = server.enrolment_port
    scan = scan_text(server.host, port, username=arguments.name, token=token)
    if arguments.json:
        print(json.dumps({"name": arguments.name, "scan": scan, "token": token}))
        return 0
    segno.make(scan, error="m").terminal(compact=True)
    print(scan)
    print(f"token {token} can be used once, until {now + valid:%Y-%m-%d %H:%M} UTC")
    return 0


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Make a token void."""
    Desk.at(arguments.directory).people.withdraw_token(arguments.name)
    print(f"the token of {arguments.name} is void")
    return 0
