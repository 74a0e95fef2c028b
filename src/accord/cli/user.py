"""`accord user add|list|show|set|password|lock|unlock|remove DIR`: who may sign in to the page."""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Run, Subparsers
from accord.cli.desk import (
    EVERY_EXERCISE,
    check_name,
    exercises_in,
    groups_in,
    print_table,
)
from accord.config import Settings, load
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import spell_groups, spell_names
from accord.core.user import Session, User, UserRole, key_of
from accord.observe.health import as_json
from accord.security import password
from accord.storage.people import PEOPLE, PeopleFault
from accord.storage.users import Users

NO_EXERCISE = "none"
"""Says that he takes part in no exercise any more."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `user` with its subcommands."""
    parser = subparsers.add_parser(
        "user",
        help="who may sign in to the page: add, list, show, set, password, lock, unlock, remove",
        description="The people who sign in with a name and a password. A running node takes note "
        "within a second.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_add(commands)
    listing = _about_all(commands, "list", run_list, "who may sign in")
    add_json(listing)
    show = _about_one(commands, "show", run_show, "one user, and where he is signed in")
    add_json(show)
    _add_set(commands)
    changing = _about_one(
        commands, "password", run_password, "give a user another password; his sessions end"
    )
    _add_password_options(changing)
    _about_one(commands, "lock", run_lock, "let a user not sign in; his sessions end")
    _about_one(commands, "unlock", run_unlock, "let a user sign in again")
    _about_one(commands, "remove", run_remove, "forget a user; his sessions end")


def _about_all(commands: Subparsers, name: str, run: Run, help_: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_, description=f"{help_.capitalize()}.")
    add_directory(parser)
    parser.set_defaults(run=run)
    return parser


def _about_one(commands: Subparsers, name: str, run: Run, help_: str) -> argparse.ArgumentParser:
    parser = _about_all(commands, name, run, help_)
    parser.add_argument("name", metavar="NAME")
    return parser


def _add_add(commands: Subparsers) -> None:
    parser = _about_one(commands, "add", run_add, "let somebody sign in")
    parser.add_argument(
        "--group",
        action="append",
        required=True,
        metavar="GROUP[:in|:out|:both]",
        help="a group; in: speaks in it only, out: hears it only. May be given again",
    )
    parser.add_argument(
        "--exercise",
        action="append",
        default=[],
        metavar="NAME",
        help=f"an exercise that he takes part in, or {EVERY_EXERCISE}. May be given again",
    )
    parser.add_argument(
        "--role", choices=[each.value for each in UserRole], default=UserRole.WATCH.value
    )
    _add_password_options(parser)


def _add_set(commands: Subparsers) -> None:
    parser = _about_one(commands, "set", run_set, "change a user's role, groups or exercises")
    parser.add_argument("--role", choices=[each.value for each in UserRole])
    parser.add_argument(
        "--group",
        action="append",
        metavar="GROUP[:in|:out|:both]",
        help="a group in place of those that he has. May be given again",
    )
    parser.add_argument(
        "--exercise",
        action="append",
        metavar="NAME",
        help=f"an exercise in place of those that he has, {EVERY_EXERCISE}, or {NO_EXERCISE}. "
        "May be given again",
    )


def _add_password_options(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    how.add_argument(
        "--generate", action="store_true", help="make a password, and print it this once"
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where users are entered: the node's settings and its register."""

    settings: Settings
    users: Users

    @classmethod
    def at(cls, directory: Path) -> "_Desk":
        return cls(load(directory), Users(directory / PEOPLE))


def run_add(arguments: argparse.Namespace) -> int:
    """Enter somebody."""
    desk = _Desk.at(arguments.directory)
    check_name(arguments.name)
    exercises = exercises_in(arguments.exercise)
    user = User(
        name=arguments.name,
        role=UserRole(arguments.role),
        groups=groups_in(arguments.group),
        exercises=exercises - {EVERY_EXERCISE},
        every_exercise=EVERY_EXERCISE in exercises,
        added=SystemClock().now(),
    )
    given = _password(arguments, desk.settings.accounts.password_length)
    desk.users.add(user, password.hashed(given))
    print(f"added {user.name}, {user.role.value}")
    _say_generated(arguments, given)
    return 0


def _password(arguments: argparse.Namespace, least: int) -> str:
    """Return the password that is given. UsageError where it is none that can be used."""
    given = _given(arguments)
    try:
        password.check(given, least)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return given


def _given(arguments: argparse.Namespace) -> str:
    if arguments.generate:
        return password.generated()
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask on: give --password-stdin or --generate")
    given = getpass.getpass(f"password for {arguments.name}: ")
    if getpass.getpass("once more: ") != given:
        raise UsageError("the two passwords differ")
    return given


def _say_generated(arguments: argparse.Namespace, given: str) -> None:
    if arguments.generate:
        print(f"password {given}")


def run_list(arguments: argparse.Namespace) -> int:
    """Print everybody."""
    roll = _Desk.at(arguments.directory).users.roll()
    everybody = [(each.user, _sessions(roll.sessions, key)) for key, each in roll.accounts.items()]
    if arguments.json:
        said = [_as_json(user, len(sessions)) for user, sessions in everybody]
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return 0
    head = ("NAME", "ROLE", "GROUPS", "EXERCISES", "STATE", "SIGNED IN", "SESSIONS")
    print_table([head, *(_row(user, len(sessions)) for user, sessions in everybody)])
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one user, and his sessions."""
    roll = _Desk.at(arguments.directory).users.roll()
    key = key_of(arguments.name)
    if key not in roll.accounts:
        raise AccordError(f"there is no user {arguments.name} in the register")
    user, sessions = roll.accounts[key].user, _sessions(roll.sessions, key)
    if arguments.json:
        listed = [
            {"begun": as_json(each.begun), "used": as_json(each.used), "address": each.address}
            for each in sessions
        ]
        said = {**_as_json(user, len(sessions)), "signed_in_from": listed}
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return 0
    name, role, groups, exercises, state, last, _ = _row(user, len(sessions))
    print(f"{name}: {role}, groups {groups}, exercises {exercises}, {state}")
    print(f"last signed in: {last}")
    for each in sessions:
        print(f"  since {each.begun:%Y-%m-%d %H:%M}Z from {each.address}")
    return 0


def _sessions(sessions: Mapping[str, Session], key: str) -> list[Session]:
    return [each for each in sessions.values() if each.key == key]


def _row(user: User, sessions: int) -> tuple[str, ...]:
    exercises = EVERY_EXERCISE if user.every_exercise else spell_names(user.exercises)
    last = "never" if user.last_sign_in is None else f"{user.last_sign_in:%Y-%m-%d %H:%M}Z"
    groups = spell_groups(user.groups)
    return user.name, user.role.value, groups, exercises, _state(user), last, str(sessions)


def _state(user: User) -> str:
    return "may sign in" if user.locked is None else f"locked {user.locked:%Y-%m-%d}"


def _as_json(user: User, sessions: int) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role.value,
        "groups": as_json(user.groups),
        "exercises": sorted(user.exercises),
        "every_exercise": user.every_exercise,
        "state": _state(user),
        "added": as_json(user.added),
        "last_sign_in": as_json(user.last_sign_in),
        "locked": as_json(user.locked),
        "sessions": sessions,
    }


def run_set(arguments: argparse.Namespace) -> int:
    """Change what a user may do and see."""
    if arguments.role is None and not arguments.group and not arguments.exercise:
        raise UsageError("nothing to change: give --role, --group or --exercise")
    exercises = None
    if arguments.exercise:
        exercises = exercises_in(arguments.exercise) - {NO_EXERCISE}
    desk = _Desk.at(arguments.directory)
    user = desk.users.change(
        arguments.name,
        role=None if arguments.role is None else UserRole(arguments.role),
        groups=groups_in(arguments.group) if arguments.group else None,
        exercises=None if exercises is None else exercises - {EVERY_EXERCISE},
        every_exercise=exercises is not None and EVERY_EXERCISE in exercises,
    )
    _, role, groups, named, *_ = _row(user, 0)
    print(f"{user.name} is now {role}, groups {groups}, exercises {named}")
    return 0


def run_password(arguments: argparse.Namespace) -> int:
    """Give a user another password."""
    desk = _Desk.at(arguments.directory)
    given = _password(arguments, desk.settings.accounts.password_length)
    ended = desk.users.set_password(arguments.name, password.hashed(given))
    print(f"{arguments.name} has another password; {_ended(ended)}")
    _say_generated(arguments, given)
    return 0


def run_lock(arguments: argparse.Namespace) -> int:
    """Lock a user out."""
    name: str = arguments.name
    ended = _out(name, lambda: _Desk.at(arguments.directory).users.lock(name, SystemClock().now()))
    print(f"locked {name}; {_ended(ended)}")
    return 0


def run_unlock(arguments: argparse.Namespace) -> int:
    """Let a user in again."""
    _Desk.at(arguments.directory).users.unlock(arguments.name)
    print(f"{arguments.name} may sign in")
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Forget a user."""
    name: str = arguments.name
    ended = _out(name, lambda: _Desk.at(arguments.directory).users.remove(name))
    print(f"removed {name}; {_ended(ended)}")
    return 0


def _out(name: str, change: Callable[[], int]) -> int:
    try:
        return change()
    except PeopleFault as fault:
        raise AccordError(f"{name} can STILL sign in: {fault}, or stop the node") from None


def _ended(sessions: int) -> str:
    return "1 session ended" if sessions == 1 else f"{sessions} sessions ended"
