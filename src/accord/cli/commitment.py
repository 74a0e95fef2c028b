"""`accord commitment`: what was said, what it binds whom to, and what became of it."""

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from accord.cli.account import account
from accord.cli.arguments import add_directory, add_json, day
from accord.cli.command import Run, Subparsers
from accord.cli.impact_sources import read_text, write_text
from accord.config import load
from accord.core.clock import SystemClock
from accord.core.naming import printable
from accord.desks.commitment.as_json import held_json, register_json
from accord.desks.commitment.page import register_page
from accord.desks.commitment.progress import Line, Register, register
from accord.desks.commitment.record import Event, Held, Note
from accord.desks.commitment.store import COMMITMENTS, CommitmentStore
from accord.desks.commitment.tied import tied_in


def add_parser(subparsers: Subparsers) -> None:
    """Add `commitment` with its subcommands."""
    parser = subparsers.add_parser(
        "commitment",
        help="the register of commitments: what we owe, what we are owed, what expires",
        description="Statements, the clauses that people read out of them, and what became of "
        "each. The node may run or not.",
    )
    commands: Subparsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    adding = _command(commands, "add", run_add, "take a statement into the register")
    adding.add_argument("file", type=Path, metavar="FILE", help="the statement, as YAML")
    listing = _command(commands, "list", run_list, "what is owed, and how it stands")
    _asked(listing)
    listing.add_argument("--html", type=Path, metavar="FILE", help="write it as a page")
    showing = _command(commands, "show", run_show, "one statement, with its clauses")
    showing.add_argument("id", metavar="ID", help="its name")
    _asked(showing)
    for event, says in _SAYS.items():
        saying = _command(commands, _VERBS[event], _noting(event), says)
        saying.add_argument("id", metavar="ID", help="the name of the statement")
        saying.add_argument("clause", type=int, metavar="CLAUSE", help="its number")
        saying.add_argument("--on", type=day, metavar="DATE", help="the day it is about; today")
        saying.add_argument("--note", default="", metavar="TEXT", help="in words")


_SAYS = {
    Event.CONFIRMED: "say that a sentence means what a clause says",
    Event.KEPT: "say that a clause was kept",
    Event.BROKEN: "say that a clause was broken",
}
_VERBS = {Event.CONFIRMED: "confirm", Event.KEPT: "kept", Event.BROKEN: "broken"}


def _command(commands: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    add_directory(parser)
    parser.set_defaults(run=run)
    return parser


def _asked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", type=day, metavar="DATE", help="as it stands then; today")
    add_json(parser)


def _store(directory: Path) -> CommitmentStore:
    store = CommitmentStore(directory / COMMITMENTS)
    store.prepare()
    return store


def run_add(arguments: argparse.Namespace) -> int:
    """Keep a statement."""
    load(arguments.directory)
    store = _store(arguments.directory)
    added = store.add(read_text(arguments.file), account(), SystemClock().now())
    record = added.held.record
    ahead = [each.number for each in record.clauses if not added.held.confirmed(each.number)]
    print(f"{record.id}: {'taken' if added.is_new else 'nothing new; it stays as it was'}")
    if ahead:
        confirm = f"accord commitment confirm {arguments.directory} {record.id} {ahead[0]}"
        count = f"{len(ahead)} of {len(record.clauses)} clauses"
        print(f"{count} to be confirmed, such as: {confirm}")
    for number in record.unread():
        print(printable(f"not read yet: sentence {number}: {record.sentences[number - 1]}"))
    return 0


def _register(directory: Path, helds: Sequence[Held], on: date) -> Register:
    """Return how statements stand on a day, and what is tied to agreements how it does now."""
    nation, tied = load(directory).node.nation, tied_in(directory, SystemClock().now())
    return register(helds, nation, on, tied=tied)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the register."""
    found = _register(arguments.directory, _store(arguments.directory).all(), _on(arguments))
    if arguments.html is not None:
        write_text(arguments.html, register_page(found))
    if arguments.json:
        print(json.dumps(register_json(found), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(found))))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one statement."""
    held = _store(arguments.directory).held(arguments.id)
    found = _register(arguments.directory, [held], _on(arguments))
    if arguments.json:
        print(json.dumps(held_json(held, found), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _of_one(held, found))))
    return 0


def _on(arguments: argparse.Namespace) -> date:
    on: date | None = arguments.on
    return on or SystemClock().now().date()


def _noting(event: Event) -> Run:
    def run(arguments: argparse.Namespace) -> int:
        load(arguments.directory)
        note = Note(
            record=arguments.id,
            clause=arguments.clause,
            event=event,
            day=_on(arguments),
            by=account(),
            at=SystemClock().now(),
            text=arguments.note,
        )
        held = _store(arguments.directory).note(note)
        print("\n".join(map(printable, _now_stands(held, note, arguments.directory))))
        return 0

    return run


def _now_stands(held: Held, note: Note, directory: Path) -> Iterator[str]:
    """Yield how a clause stands after what was said of it."""
    on = max(note.day, note.at.date())
    found = _register(directory, [held], on)
    lines = (*found.owe, *found.owed, *found.others)
    yield f"{note.event} on {note.day}, by {note.by}; as it stands on {on}:"
    yield from _of([each for each in lines if each.clause.number == note.clause])


def _lines(register: Register) -> Iterator[str]:
    yield f"commitments of {register.nation} as they stand on {register.on}"
    for title, lines in (
        ("what we owe", register.owe),
        ("what we are owed", register.owed),
        ("between others, or nobody's", register.others),
        ("what ends within 90 days", register.expiring),
    ):
        yield title
        yield from _of(lines)
    yield from _unread(register)


def _unread(register: Register) -> Iterator[str]:
    for record, number in register.unread:
        yield f"not read yet: {record.id}, sentence {number}: {record.sentences[number - 1]}"


def _of(lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        yield "  nothing"
    for line in lines:
        clause = line.clause
        due = "" if clause.due is None else f", due {clause.due}"
        until = "" if clause.until is None else f", until {clause.until}"
        whom = f", to {clause.owed_to}" if clause.owed_to else ""
        yield (
            f"  {line.record.id}.{clause.number} {line.progress}: {clause.owed_by or 'nobody'} "
            f"{clause.binding}{whom}{due}{until} ({line.record.origin.grade.words})"
        )
        yield f"    {line.sentence}"
        if line.tied:
            yield f"    tied to an agreement: {line.tied}"


def _of_one(held: Held, register: Register) -> Iterator[str]:
    record = held.record
    yield f"{record.id}: {record.title}"
    yield f"  {', '.join(record.parties)}, {record.date}, {record.source}"
    yield f"  {record.origin.grade.words}; added by {held.added_by} at {held.added.isoformat()}"
    yield from _of((*register.owe, *register.owed, *register.others))
    yield from _unread(register)
    for note in held.notes:
        said = f": {note.text}" if note.text else ""
        yield f"  {note.day} clause {note.clause} {note.event} by {note.by}{said}"
