"""`accord history`: what a node keeps of every position: how it is, exports, evidence."""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from accord.cli.arguments import add_directory, add_json, moment
from accord.cli.command import Subparsers
from accord.cli.ledger_text import printable
from accord.config import Settings, load
from accord.core.clock import SystemClock
from accord.core.context import Context
from accord.core.errors import AccordError, UsageError
from accord.core.geometry import Box
from accord.core.quantity import spell_size
from accord.node.history_reading import archive_of, moment_text
from accord.node.history_status import HistoryStatus, status_of
from accord.node.history_stores import register_of
from accord.storage.database import StorageFault
from accord.storage.history.contract import Register
from accord.storage.history.question import FOR_EVER, Hold, Question, Stretch
from accord.storage.history.shelf import Why
from accord.wire.moving.formats import Format

_BEGIN = "set keep = true in [history] of accord.toml, and start the node"


def add_parser(subparsers: Subparsers) -> None:
    """Add `history` with its subcommands."""
    parser = subparsers.add_parser(
        "history",
        help="every position that was kept: exports, evidence, how much there is",
        description="The history of a node's directory; the node may run or not.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _add_status(commands)
    _add_export(commands)
    _add_hold(commands)
    _add_release(commands)


def _add_status(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "status",
        help="since when there is what, how much, and what is held as evidence",
        description="How the history is: by channel, evidence, and what is wrong.",
    )
    add_directory(parser)
    add_json(parser)
    parser.set_defaults(run=run_status)


def _add_export(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "export",
        help="write positions as a document",
        description="Write the positions of a stretch of time as GPX, KML, GeoJSON, CSV, MF-JSON "
        "or Parquet. Whoever owns the directory has them of all groups. What a partner released "
        "on a grid stays a cell.",
    )
    add_directory(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="what to write")
    parser.add_argument(
        "--format", required=True, choices=[each.value for each in Format], metavar="FORMAT",
        help=f"one of {', '.join(Format)}",
    )  # fmt: skip
    add_stretch(parser)
    parser.add_argument("--context", default="live", help="live (if not given) or exercise:NAME")
    parser.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME",
        help="only what was said into it; again for more",
    )
    parser.set_defaults(run=run_export)


def add_stretch(
    parser: argparse.ArgumentParser, *, ends: bool = True, with_uid: bool = True
) -> None:
    """Add the options of a stretch of the past."""
    parser.add_argument(
        "--from", dest="since", type=moment, required=True, metavar="TIME",
        help="such as 2026-12-01T06:00:00Z; UTC where no zone is said",
    )  # fmt: skip
    parser.add_argument(
        "--to", dest="until", type=moment, required=ends, metavar="TIME", help="likewise"
    )
    parser.add_argument(
        "--area", type=box, metavar="W,S,E,N",
        help="only what was in it: degrees; from west eastwards, over 180 too",
    )  # fmt: skip
    parser.set_defaults(uid=[])
    if with_uid:
        parser.add_argument(
            "--uid",
            action="append",
            default=[],
            metavar="UID",
            help="only of this object; again for more",
        )


def _add_hold(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "hold",
        help="keep a part of the past as evidence, whatever the budgets say",
        description="What is in a stretch of time, of some objects or in an area, does not go "
        "until it is released. Alerts and cases are held by the node itself.",
    )
    add_directory(parser)
    parser.add_argument("name", metavar="NAME", help="what to call it")
    add_stretch(parser, ends=False)
    parser.add_argument("--why", required=True, metavar="TEXT", help="for whoever finds it later")
    parser.set_defaults(run=run_hold)


def _add_release(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "release",
        help="hold a part of the past no longer",
        description="What was held goes when its age or its channel's budget says so.",
    )
    add_directory(parser)
    parser.add_argument("name", metavar="NAME", help="as it was held")
    parser.set_defaults(run=run_release)


def box(text: str) -> Box:
    """Read W,S,E,N in degrees."""
    wanted = f"{text!r}: give west,south,east,north in degrees"
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(wanted) from None
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError(wanted)
    west, south, east, north = numbers
    try:
        return Box(south=south, west=west, north=north, east=east)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{wanted}: {error}") from None


def stretch_of(arguments: argparse.Namespace) -> Stretch:
    """Return the stretch that the options say. UsageError where it ends before it begins."""
    since: datetime = arguments.since
    until: datetime | None = arguments.until
    if until is not None and until <= since:
        raise UsageError("option --to: give a moment after --from")
    return Stretch(
        since=since.timestamp(),
        until=FOR_EVER if until is None else until.timestamp(),
        uids=frozenset(arguments.uid),
        area=arguments.area,
    )


def context_of(text: str) -> Context:
    """Return the context of that name. UsageError for none."""
    try:
        return Context.parse(text)
    except ValueError:
        raise UsageError(f"option --context: {text!r}: give live or exercise:NAME") from None


def run_status(arguments: argparse.Namespace) -> int:
    """Print how it is; 1 where something is wrong."""
    directory: Path = arguments.directory
    settings = load(directory)
    found = status_of(directory, settings)
    if arguments.json:
        print(json.dumps(None if found is None else _as_json(found), indent=2))
    elif found is None:
        print(_why_none(settings))
    else:
        print("\n".join(map(printable, _lines(found))))
    return 1 if found is not None and found.problems else 0


def _why_none(settings: Settings) -> str:
    if settings.history.keep:
        return "there is no history yet: it begins when the node runs; accord status says why not"
    return "there is no history: set keep = true in [history] of accord.toml, and start the node"


def _lines(found: HistoryStatus) -> Iterator[str]:
    upto = moment_text(found.progress.until)
    yield f"{spell_size(found.bytes)} of {spell_size(found.budget)}, taken in up to {upto}"
    for each in found.channels:
        kept = f", {spell_size(each.evidence)} of it evidence" if each.evidence else ""
        yield (
            f"  {each.channel}: {each.positions} positions, {spell_size(each.bytes)}{kept}, "
            f"{moment_text(each.oldest)} to {moment_text(each.newest)}"
        )
    for hold in found.holds:
        yield f"  held: {_of_hold(hold)}"
    for went in found.went:
        beyond = "its budget" if went.why is Why.BUDGET else "the age"
        yield (
            f"  beyond {beyond}: {went.positions} positions of {went.channel} went, "
            f"up to {moment_text(went.until)}"
        )
    if found.progress.lost:
        yield f"  lost: {found.progress.lost}"
    yield from found.problems


def _of_hold(hold: Hold) -> str:
    asked = hold.stretch
    until = "further on" if asked.until >= FOR_EVER else moment_text(asked.until)
    whose = f", {', '.join(sorted(asked.uids))}" if asked.uids else ""
    where = "" if asked.area is None else f", in {_box_text(asked.area)}"
    return f"{hold.name}: {moment_text(asked.since)} to {until}{whose}{where}: {hold.why}"


def _box_text(area: Box) -> str:
    return f"{area.west:g},{area.south:g},{area.east:g},{area.north:g}"


def _as_json(found: HistoryStatus) -> dict[str, object]:
    return {
        "bytes": found.bytes,
        "budget": found.budget,
        "evidence_bytes": found.evidence,
        "taken_in_until": moment_text(found.progress.until),
        "lost": found.progress.lost,
        "channels": [
            {
                "channel": each.channel,
                "positions": each.positions,
                "bytes": each.bytes,
                "evidence_bytes": each.evidence,
                "from": moment_text(each.oldest),
                "to": moment_text(each.newest),
            }
            for each in found.channels
        ],
        "holds": [
            {
                "name": each.name,
                "from": moment_text(each.stretch.since),
                "to": None if each.stretch.until >= FOR_EVER else moment_text(each.stretch.until),
                "uids": sorted(each.stretch.uids),
                "area": None if each.stretch.area is None else _box_text(each.stretch.area),
                "why": each.why,
            }
            for each in found.holds
        ],
        "went": [
            {
                "channel": each.channel,
                "why": each.why.value,
                "positions": each.positions,
                "to": moment_text(each.until),
            }
            for each in found.went
        ],
        "problems": list(found.problems),
    }


_NO_PLACE = {
    Format.GPX: "are known as cells only",
    Format.MF_JSON: "have the time of another of the same object",
}
"""What positions are that a format leaves out."""


def run_export(arguments: argparse.Namespace) -> int:
    """Write the document, and say how much is in it."""
    path: Path = arguments.file
    if path.exists():
        raise UsageError(f"{path} is there already: give another name, or remove it")
    question = Question(
        stretch=stretch_of(arguments),
        context=context_of(arguments.context),
        groups=frozenset(arguments.group),
    )
    form = Format(arguments.format)
    archive = archive_of(arguments.directory, load(arguments.directory), SystemClock())
    try:
        done = archive.export(question, form, path)
    except StorageFault as fault:
        raise AccordError(f"the journal cannot be read: {fault}") from None
    finally:
        archive.close()
    print(f"{done.count} positions in {path}")
    if done.left_out:
        print(f"{done.left_out} positions {_NO_PLACE[form]}, which {form} cannot say: left out")
    if not done.whole:
        print(
            "not whole: the history has not taken in all of the journal; see accord history status"
        )
    return 0


def run_hold(arguments: argparse.Namespace) -> int:
    """Hold it."""
    name, why = _named(arguments.name, "NAME"), _named(arguments.why, "option --why")
    register = _register(arguments.directory)
    if any(each.name == name for each in register.holds()):
        raise UsageError(f"{name} is held already: give another name, or release that")
    if register.hold([Hold(name=name, stretch=stretch_of(arguments), why=why)]):
        raise AccordError("as much is held as can be: release something first")
    print(f"held as {name}")
    return 0


def run_release(arguments: argparse.Namespace) -> int:
    """Hold it no longer."""
    if not _register(arguments.directory).let_go(arguments.name):
        raise UsageError(f"nothing is held as {arguments.name}; see accord history status")
    print(f"{arguments.name} is held no longer")
    return 0


def _named(text: str, what: str) -> str:
    if not text.strip() or len(text) > 200 or not text.isprintable():
        raise UsageError(f"{what}: 1 to 200 printable characters")
    return text


def _register(directory: Path) -> Register:
    register = register_of(directory, load(directory))
    if not register.exists:
        raise AccordError(f"{directory} has no history: {_BEGIN}")
    return register
