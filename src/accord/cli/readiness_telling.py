"""`accord readiness statement` and `statements`: what partners are told, until it is taken back."""

import argparse
import json
from collections.abc import Iterator

from accord.api.readiness_json import statement_json, statements_json
from accord.cli.account import account
from accord.config import load
from accord.core.clock import SystemClock
from accord.core.context import ContextKind
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.core.rfc3339 import spell
from accord.desks.readiness.columns import CAPABILITIES
from accord.desks.readiness.notice import NOTICES
from accord.desks.readiness.register import Register
from accord.desks.readiness.statement import Heard, Statement
from accord.desks.readiness.telling import Telling, Wanted, statement_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `statement` wants to know."""
    parser.add_argument(
        "capability", choices=CAPABILITIES, metavar="CAPABILITY", help="such as surveillance-air"
    )
    parser.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="into which group; repeat it"
    )
    parser.add_argument(
        "--marking", default="", metavar="MARK", help="portion mark; the groups' own if not given"
    )
    parser.add_argument("--withhold", action="store_true", help="say only that it is not told")
    parser.add_argument("--stop", action="store_true", help="state it no more")


def tell(arguments: argparse.Namespace, register: Register) -> int:
    """Tell a capability until it is taken back, or take it back."""
    context, capability = arguments.context, str(arguments.capability)
    if context.kind not in (ContextKind.LIVE, ContextKind.EXERCISE):
        raise UsageError(f"nothing of {context} is stated to anybody: it is no fact")
    if arguments.stop:
        if not register.store.stop(capability, context):
            raise AccordError(f"{capability} is not told in {context}")
        print(f"{capability} is stated no more; what was stated of it runs out")
        return 0
    if not arguments.group:
        raise UsageError("into which groups is it said? give --group NAME")
    now = SystemClock().now()
    wanted = Wanted(
        capability=capability,
        groups=frozenset(arguments.group),
        marking=arguments.marking,
        withhold=arguments.withhold,
    )
    own = load(arguments.directory).node.nation
    said = statement_of(wanted, register.records(context, at=now), now, own=own, context=context)
    register.store.tell(Telling(wanted=wanted, person=account(), since=now, context=context))
    if arguments.json:
        print(json.dumps(statement_json(said), indent=2, ensure_ascii=False))
    else:
        print(printable(_statement(said)))
        print("the node states it within seconds while it runs, and every hour until --stop")
    return 0


def show(arguments: argparse.Namespace, register: Register) -> int:
    """Print what is told, and what nodes stated last."""
    told = [e for e in register.store.tellings() if e.context == arguments.context]
    heard = register.heard(arguments.context)
    if arguments.json:
        print(json.dumps(statements_json(heard, [], told), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(told, heard))))
    return 0


def _lines(told: list[Telling], heard: list[Heard]) -> Iterator[str]:
    yield "told until it is taken back"
    for each in told:
        wanted = each.wanted
        how = "that it is not told" if wanted.withhold else "as it stands"
        mark = f" {wanted.marking}" if wanted.marking else ""
        groups = ", ".join(sorted(wanted.groups))
        since = f"since {spell(each.since)}, by {each.person}"
        yield f"  {wanted.capability}: {how}{mark}, into {groups}, {since}"
    yield from ["  nothing"] if not told else []
    yield "stated last"
    for each in heard:
        yield f"  {each.node} {_statement(each.statement)}"
    yield from ["  nothing"] if not heard else []


def _statement(of: Statement) -> str:
    numbers = ", ".join(f"{n} in {h} h" for h, n in zip(NOTICES, of.numbers, strict=True))
    told = f": {numbers}, each with {of.each:g}" if of.numbers[-1] else ""
    return f"{of.capability}: {of.standing}{told}, until {spell(of.until)}"
