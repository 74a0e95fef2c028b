"""`accord track join|split|prefer|undo|list DIR`: what people decide about tracks."""

import argparse
import json
import sys
from pathlib import Path

from accord.api.correlation import decision_json
from accord.api.story_json import spell_time
from accord.cli.account import account
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Run, Subparsers
from accord.config import load
from accord.core.clock import SystemClock
from accord.core.context import Context
from accord.core.errors import UsageError
from accord.core.naming import printable
from accord.node.directory import JOURNAL
from accord.node.kept import segments
from accord.picture.decisions import APART, Decision, Verdict
from accord.storage.correlation import CORRELATION, Correlation


def add_parser(subparsers: Subparsers) -> None:
    """Add `track` with its subcommands."""
    parser = subparsers.add_parser(
        "track",
        help="what people decide about tracks: join, split, prefer, undo, list",
        description="Say that two tracks are one object, that a claim is of another, or which "
        "claim leads. It holds for what comes and for what is on the picture; a running node takes "
        "note within a second. Partners are not told.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    join = _deciding(commands, Verdict.JOIN, "two tracks are one object")
    join.add_argument("other", metavar="OTHER", help="the uid of the other track")
    for verdict, says in (
        (Verdict.SPLIT, "a claim is of another object: it becomes a track of its own"),
        (Verdict.PREFER, "a claim leads, while it is valid"),
    ):
        about = _deciding(commands, verdict, says)
        about.add_argument(
            "source", metavar="SOURCE", help="the claim's source, such as feed:ais-north"
        )
        about.add_argument(
            "--speaker", metavar="NAME", help="who said it; the feed's name if not given"
        )
    undo = _about(commands, "undo", run_undo, "let a decision not hold any more")
    undo.add_argument("number", type=int, metavar="NUMBER", help="of the decision, as in the list")
    listing = _about(commands, "list", run_list, "what was decided, by whom, when and why")
    add_json(listing)


def _about(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says.capitalize()}.")
    add_directory(parser)
    parser.set_defaults(run=run)
    return parser


def _deciding(commands: Subparsers, verdict: Verdict, says: str) -> argparse.ArgumentParser:
    parser = _about(commands, verdict.value, run_decide, says)
    parser.set_defaults(verdict=verdict)
    parser.add_argument("uid", metavar="UID", help="of the track, or of the claim")
    parser.add_argument("--why", required=True, metavar="TEXT", help="stands beside the decision")
    parser.add_argument(
        "--context", type=_context, default="live", metavar="CONTEXT", help="live if not given"
    )
    return parser


def _context(text: str) -> Context:
    try:
        return Context.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _register(arguments: argparse.Namespace) -> Correlation:
    directory: Path = arguments.directory
    load(directory)
    register = Correlation(directory / CORRELATION)
    register.prepare()
    return register


def run_decide(arguments: argparse.Namespace) -> int:
    """Take a decision."""
    verdict: Verdict = arguments.verdict
    source: str = getattr(arguments, "source", "")
    decided = _register(arguments).keep(
        Decision(
            number=0,
            context=arguments.context,
            verdict=verdict,
            uid=arguments.uid,
            other=getattr(arguments, "other", ""),
            channel=source,
            speaker=_speaker(source, getattr(arguments, "speaker", None)),
            at=SystemClock().now(),
            by=account(),
            why=arguments.why,
        )
    )
    print(printable(_line(decided)))
    for each in _unheard_of(arguments.directory, decided):
        print(
            printable(
                f"{each}: nothing is kept of that in {decided.context}; the decision holds for "
                f"what comes. If a name is wrong: accord track undo "
                f"{arguments.directory} {decided.number}"
            ),
            file=sys.stderr,
        )
    return 0


def _unheard_of(directory: Path, decision: Decision) -> list[str]:
    """Return of what it is about the journal has nothing."""
    uids = decision.uids() if decision.verdict is Verdict.JOIN else (decision.uid,)
    source = f" by {decision.channel} {decision.speaker}" if decision.channel else ""
    return [f"{uid}{source}" for uid in uids if not _is_kept(directory, decision, uid)]


def _is_kept(directory: Path, decision: Decision, uid: str) -> bool:
    """Tell whether the journal has something under a uid, by the source that is said."""
    if not (directory / JOURNAL).is_file():
        return False
    said = uid.partition(APART)[0].encode("utf-8", "surrogatepass")
    source = decision.channel, decision.speaker
    for segment in segments(directory, holding=said):
        is_of = [
            each.context == decision.context
            and (not decision.channel or (each.source.channel, each.source.speaker) == source)
            for each in segment.table
        ]
        found = zip(segment.uids(), segment.origins, strict=True)
        if any(is_of[origin] for each, origin in found if each == said):
            return True
    return False


def _speaker(source: str, given: str | None) -> str:
    if given is not None or not source:
        return given or ""
    channel, _, name = source.partition(":")
    if not name:
        raise UsageError(f"say with --speaker who said it over {channel}")
    return name


def run_undo(arguments: argparse.Namespace) -> int:
    """Undo a decision."""
    undone = _register(arguments).undo(arguments.number, account(), SystemClock().now())
    print(printable(_line(undone)))
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """List decisions, the newest first."""
    decisions = _register(arguments).all()
    if arguments.json:
        print(json.dumps([decision_json(each) for each in decisions], indent=2))
    else:
        print("\n".join(printable(_line(each)) for each in decisions) or "nothing was decided")
    return 0


def _line(decision: Decision) -> str:
    about = decision.other or f"{decision.channel} {decision.speaker}".strip()
    undone = decision.undone
    over = "" if undone is None else f" - undone {spell_time(undone)} by {decision.undone_by}"
    return (
        f"{decision.number}  {decision.verdict} {decision.uid} {about} [{decision.context}]  "
        f"{spell_time(decision.at)} {decision.by}: {decision.why}{over}"
    )
