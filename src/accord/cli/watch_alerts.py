"""`accord watch alerts`: the open alerts of a node, and one of them as a CAP 1.2 message."""

import argparse
import json
from pathlib import Path

from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.config import load
from accord.core.errors import AccordError
from accord.core.geometry import Point
from accord.core.naming import printable
from accord.desks.watch.alert import Alert
from accord.desks.watch.cap import cap_of, is_sent
from accord.desks.watch.store import WATCH, WatchStore, as_json
from accord.node import case_files
from accord.picture.claims import point_of
from accord.wire.cap.render import render


def add_parser(commands: Subparsers) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "alerts",
        help="the open alerts of a node, and one of them as a CAP 1.2 message",
        description="List the open alerts, or write one as CAP 1.2. The node may run or not.",
    )
    add_directory(parser)
    add_json(parser)
    parser.add_argument("--cap", type=int, metavar="NUMBER", help="this one as CAP 1.2")
    parser.add_argument("--to", type=Path, metavar="FILE", help="with --cap: where it is written")
    parser.set_defaults(run=run_alerts)


def run_alerts(arguments: argparse.Namespace) -> int:
    """Print the open alerts, or one as CAP."""
    directory: Path = arguments.directory
    node = load(directory).node.id
    store = WatchStore(directory / WATCH)
    store.prepare()
    found = [each for each in store.alerts()[0] if each.is_open]
    if arguments.cap is not None:
        return _cap(arguments, found, node)
    if arguments.json:
        print(json.dumps([as_json(each) for each in found], indent=1, ensure_ascii=False))
        return 0
    for each in found:
        condition = each.condition
        print(printable(f"{each.number}  {condition.priority}  {each.state}  {condition.text}"))
    if not found:
        print("no open alerts")
    return 0


def _cap(arguments: argparse.Namespace, found: list[Alert], node: str) -> int:
    alert = next((each for each in found if each.number == arguments.cap), None)
    if alert is None:
        known = ", ".join(str(each.number) for each in found) or "none"
        raise AccordError(f"there is no open alert number {arguments.cap}; there are: {known}")
    if not is_sent(alert):
        raise AccordError(f"alert {alert.number} is about the node itself, and is not sent out")
    data = render(cap_of(alert, node, _place(arguments.directory, alert)))
    if arguments.to is None:
        print(data.decode(), end="")
        return 0
    try:
        arguments.to.write_bytes(data)
    except OSError as error:
        raise AccordError(f"cannot write {arguments.to}: {error.strerror}") from None
    return 0


def _place(directory: Path, alert: Alert) -> Point | None:
    """Return where its object was last, None where the journal does not know."""
    uid, context = alert.condition.uid, alert.condition.context
    if uid is None:
        return None
    try:
        return point_of(case_files.newest(directory, uid, context))
    except AccordError:
        return None
