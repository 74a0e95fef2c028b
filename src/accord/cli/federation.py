"""`accord federation recall DIR PARTNER`: take back from a partner what it was given."""

import argparse
import json
from contextlib import closing
from pathlib import Path

from accord.cli import asking, federation_bundle, federation_keys
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.config import load
from accord.core.errors import UsageError
from accord.node.recalls import OUTCOMES
from accord.node.requests import RecallWanted, Request, Told
from accord.release.ledger.entry import Recall, decode
from accord.storage.ledger_reader import partners_of, reader_of
from accord.storage.partners import PARTNERS, Partners, UnknownPartner

WAIT = 10.0
"""Seconds in which a partner answers where the link is up."""
LOOK_BACK = 10_000
"""Lines of the ledger among which a recall is looked for."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `federation` with its subcommands."""
    parser = subparsers.add_parser(
        "federation",
        help="take back what a partner was given, or carry by file what a link would",
        description="What went to a partner, how it is taken back, and how it goes without a link.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    federation_keys.add_parser(commands)
    federation_bundle.add_parsers(commands)
    recall = commands.add_parser(
        "recall",
        help="have a partner drop what it was given",
        description="Ask the node in DIR to call back an object, or what an agreement or one "
        "clause of it let out, and say what the partner answers. The node may run or not: it does "
        "it when there is a link.",
    )
    add_directory(recall)
    recall.add_argument("partner", metavar="PARTNER", help="the partner's node id")
    recall.add_argument("--object", metavar="UID", help="this object, by its uid here or there")
    recall.add_argument("--agreement", metavar="ID", help="what this agreement let out")
    recall.add_argument("--clause", metavar="NUMBER", help="only what this clause of it let out")
    recall.add_argument(
        "--reason", required=True, metavar="TEXT", help="why; stands in the ledgers of both nodes"
    )
    recall.add_argument(
        "--wait", type=float, default=WAIT, metavar="SECONDS",
        help=f"so long for the answer; {WAIT:g} if not given",
    )  # fmt: skip
    add_json(recall)
    recall.set_defaults(run=run_recall)


def run_recall(arguments: argparse.Namespace) -> int:
    """Have something called back; 0 when the partner has answered, 1 while it has not."""
    directory: Path = arguments.directory
    wanted = _wanted(arguments)
    load(directory)
    _check_partner(directory, wanted.partner)
    request = asking.ask(directory, wanted, arguments.reason)
    said = asking.wait_for(directory, request, arguments.wait, lambda each: each.is_complete)
    if said is None:
        why = "no link to them" if asking.runs(directory) else "the node does not run"
        _print(arguments, request, "waits", [], f"not sent yet: {why}; it is kept, and done later")
        return 1
    states = [(each, _state(directory, request, each)) for each in said.recalls]
    state = "answered" if said.is_complete else "sent"
    if any(word == "waits" for _, word in states):
        state = "waits"
    _print(arguments, request, state, states, "")
    return 0 if said.is_complete else 1


def _wanted(arguments: argparse.Namespace) -> RecallWanted:
    uid: str | None = arguments.object
    if (uid is None) is (arguments.agreement is None):
        raise UsageError("say --object, or --agreement, and with it perhaps --clause")
    if arguments.clause is not None and arguments.agreement is None:
        raise UsageError("say of which agreement with --agreement: a clause alone is in none")
    return RecallWanted(
        partner=arguments.partner,
        uid=uid or "",
        agreement=arguments.agreement or "",
        clause=arguments.clause or "",
    )


def _check_partner(directory: Path, node: str) -> None:
    path = directory / PARTNERS
    known = [each.node for each in Partners(path).trusted().partners] if path.exists() else []
    if node not in known:
        raise UnknownPartner(node)


def _state(directory: Path, request: Request, told: Told) -> str:
    """Return what became of one recall: the partner's answer, or whether it has left at all."""
    if told.outcome:
        return told.outcome.lower().replace("_", " ")
    return "sent" if _has_left(directory, request, told) else "waits"


def _has_left(directory: Path, request: Request, told: Told) -> bool:
    """Tell whether the ledger has the recall, which is written before it leaves."""
    if told.partner not in partners_of(directory):
        return False
    since = request.at.replace(microsecond=request.at.microsecond // 1_000 * 1_000)
    with closing(reader_of(directory, told.partner)) as reader:
        for seen, (_, data, _) in enumerate(reader.newest_first()):
            entry = decode(data)
            if entry.at < since or seen >= LOOK_BACK:
                return False
            body = entry.body
            if isinstance(body, Recall) and (
                (body.agreement, body.clause or "", body.name or "", body.reason)
                == (told.agreement, told.clause, told.name, request.reason)
            ):
                return True
    return False


_WORDS = {"sent": "sent, no answer yet", "waits": "not sent yet; it is kept, and sent later"}


def _print(
    arguments: argparse.Namespace, request: Request, state: str,
    states: list[tuple[Told, str]], why: str,
) -> None:  # fmt: skip
    if arguments.json:
        said = {
            "number": request.number,
            "partner": arguments.partner,
            "state": state,
            "recalls": [
                {
                    "agreement": told.agreement,
                    "clause": told.clause,
                    "name": told.name,
                    "state": word,
                    "objects": told.objects,
                }
                for told, word in states
            ],
        }
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return
    print(f"request {request.number} to {arguments.partner}{f': {why}' if why else ''}")
    for told, word in states:
        print(f"  {_what(told)}: {_said(told, word)}")
    print("What is reported from now on is decided anew: suspend the agreement to stop that too.")


def _what(told: Told) -> str:
    clause = f"clause {told.clause} of " if told.clause else ""
    return f"{told.name}, by {clause}{told.agreement}" if told.name else f"{clause}{told.agreement}"


def _said(told: Told, word: str) -> str:
    if not told.outcome:
        return _WORDS[word]
    count = f"{told.objects} object{'' if told.objects == 1 else 's'}"
    return f"{OUTCOMES[told.outcome]} ({count})"
