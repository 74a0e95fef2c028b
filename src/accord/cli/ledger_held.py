"""The half of `accord ledger` that holds ledgers against their signatures and each other."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from accord.cli.ledger_text import sentence
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.naming import printable
from accord.node.directory import held
from accord.release.ledger.audit import Audited, told
from accord.release.ledger.checkpoint import origin_of, read_checkpoint
from accord.release.ledger.compare import Compared, Comparison
from accord.release.ledger.entry import decode
from accord.release.ledger.export import Exported, Import, spell_export
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import VerifierKey, pinned_keys, read_key, read_note
from accord.release.ledger.proof import spell_proof
from accord.storage.ledger import Ledger
from accord.storage.ledger_audit import audited, pinned
from accord.storage.ledger_reader import LedgerReader, ended_of, partners_of, reader_of


@dataclass(frozen=True, slots=True)
class Held:
    """One ledger of a node; `signed` is the size of its last checkpoint."""

    partner: str
    origin: str
    size: int
    signed: int
    keys: tuple[str, ...]


def list_held(arguments: argparse.Namespace) -> int:
    """Print the ledgers of a node: how long, up to where signed, and the keys to check them by."""
    directory: Path = arguments.directory
    held = [_held(directory, each) for each in (*partners_of(directory), *ended_of(directory))]
    if arguments.json:
        print(json.dumps([asdict(each) for each in held], indent=2))
        return 0
    for each in held:
        print(f"{each.partner}: {each.size} lines, signed up to {each.signed}")
        for key in each.keys:
            print(f"  {key}")
    if not held:
        print(
            "no ledgers yet: each begins when the node first runs with a partner; the partners are "
            f"in accord partner list {arguments.directory}"
        )
    return 0


def _held(directory: Path, partner: str) -> Held:
    with closing(reader_of(directory, partner)) as reader:
        keys = tuple(key.spell() for key in reader.verifiers())
        return Held(partner, reader.owner.origin, reader.size(), reader.signed(), keys)


def verify(arguments: argparse.Namespace) -> int:
    """Say of each ledger what was altered, removed or moved. Exit code 1 when anything was."""
    directory: Path = arguments.directory
    # One that another was begun in place of is not whole: that is why. It is verified by name.
    partners = [arguments.partner] if arguments.partner else partners_of(directory)
    if not partners:
        raise UsageError(
            f"{directory} has no ledger yet: each begins when the node first runs with a partner"
        )
    found = {each: audited(directory, each, arguments.key) for each in partners}
    if arguments.json:
        print(json.dumps([_as_json(*each) for each in found.items()], indent=2))
    else:
        for each in found.items():
            _print(*each)
    return 0 if all(each.is_right for each in found.values()) else 1


def _as_json(partner: str, found: Audited) -> dict[str, object]:
    return {
        "partner": partner,
        "ok": found.is_right,
        "size": found.size,
        "root": found.root.hex(),
        "checkpoints": found.checkpoints,
        "signed": found.signed,
        "cosigned": found.cosigned,
        "pruned": found.pruned,
        "findings": [asdict(each) for each in found.findings],
        "untold": found.untold,
    }


def _print(partner: str, found: Audited) -> None:
    state = "whole" if found.is_right else "NOT WHOLE"
    print(
        f"{partner}: {state}, {found.size} lines; signed up to {found.signed}, "
        f"cosigned by the partner up to {found.cosigned}"
    )
    if found.pruned:
        print(f"  lines up to {found.pruned} were pruned, as the ledger says")
    for each in found.findings:
        print(f"  {told(each)}")
    if found.untold:
        print(f"  and {found.untold} more")


def prove(arguments: argparse.Namespace) -> int:
    """Print the proof of one line, against the last checkpoint that has it."""
    with closing(reader_of(arguments.directory, arguments.partner)) as reader:
        number, data, _ = reader.row(arguments.number)
        note = reader.note()
        size = read_checkpoint(read_note(note).text).size
        if size < number:
            raise LedgerFault(f"line {number} is not signed yet: the last checkpoint is of {size}")
        proof = spell_proof(data, number - 1, reader.inclusion(number, size), note)
        if arguments.json:
            keys = [key.spell() for key in reader.verifiers()]
            print(json.dumps({"proof": proof, "keys": keys}, ensure_ascii=False))
            return 0
        print(sentence(decode(data)), file=sys.stderr)
        sys.stdout.write(proof)
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write a ledger up to its last checkpoint, for the partner it is about."""
    with closing(reader_of(arguments.directory, arguments.partner)) as reader:
        note = reader.note()
        size = read_checkpoint(read_note(note).text).size
        head = _head(reader, size)
        try:
            with arguments.file.open("xb") as file:
                for piece in spell_export(head, _lines(reader, head.pruned + 1, size), note):
                    file.write(piece)
        except OSError as error:
            raise AccordError(f"cannot write {arguments.file}: {error.strerror}") from None
    said = {"file": str(arguments.file), "partner": arguments.partner, "lines": size - head.pruned}
    print(json.dumps(said) if arguments.json else f"{arguments.file}: {said['lines']} lines")
    return 0


def _head(reader: LedgerReader, size: int) -> Exported:
    pruned = reader.pruned()
    if pruned > size:
        raise LedgerFault(f"the last checkpoint is of {size}, and lines up to {pruned} are pruned")
    return Exported(reader.owner.origin, pruned, tuple(reader.peaks(pruned)))


def _lines(reader: LedgerReader, first: int, last: int) -> Iterator[bytes]:
    for _, data, _ in reader.lines(first, last):
        yield data


def prune(arguments: argparse.Namespace) -> int:
    """Remove whole segments of lines; the ledger says so itself. The node must not run."""
    directory: Path = arguments.directory
    with closing(reader_of(directory, arguments.partner)) as reader:
        owner = reader.owner
    with held(directory), closing(Ledger(reader.path, owner, [])) as ledger:
        through = ledger.prune(
            arguments.through, arguments.reason, arguments.operator, SystemClock().now()
        )
        size = ledger.size()
    said = {"partner": arguments.partner, "through": through, "line": size}
    if arguments.json:
        print(json.dumps(said))
    else:
        print(f"lines up to {through} are removed; line {size} says so")
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Hold this node's ledger for a partner against the one the partner exported."""
    comparison = Comparison()
    with closing(reader_of(arguments.directory, arguments.partner)) as reader:
        owner = reader.owner
        keys = _authors(arguments.directory, arguments.partner, owner.node, arguments.key)
        try:
            with arguments.file.open("rb") as file:
                theirs = Import(file.read, keys)
                if (theirs.head.node, theirs.head.partner) != (owner.partner, owner.node):
                    raise LedgerFault(
                        f"this is the ledger of {theirs.head.node} for {theirs.head.partner}"
                    )
                for entry in theirs.entries():
                    comparison.theirs(entry)
        except OSError as error:
            raise UsageError(f"cannot read {arguments.file}: {error.strerror}") from None
        for _, data, _ in reader.lines():
            comparison.ours(decode(data))
    return _say(arguments, comparison.given(), comparison.taken())


def _authors(directory: Path, partner: str, own: str, given: Sequence[str]) -> list[VerifierKey]:
    if given:
        return [read_key(each) for each in given]
    found = pinned(directory, partner)
    if found is None:
        raise UsageError(f"{directory} has no key of {partner}: give it with --key")
    # Also of the ledgers before and after the one that is cosigned here.
    return [
        pinned_keys(origin_of(found.name, own, number), key)[0]
        for number in range(1, found.ledger + 2)
        for key in found.ledger_keys()
    ]


def _say(arguments: argparse.Namespace, given: Compared, taken: Compared) -> int:
    agrees = given.agrees and taken.agrees
    if arguments.json:
        said = {"ok": agrees, "given": _compared(given), "taken": _compared(taken)}
        print(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        _print_direction(f"sent to {arguments.partner}", given)
        _print_direction(f"received from {arguments.partner}", taken)
    return 0 if agrees else 1


def _compared(found: Compared) -> dict[str, object]:
    clauses = [
        {"agreement": agreement, "serial": serial, "clause": clause, **asdict(tally)}
        for (agreement, serial, clause), tally in found.clauses.items()
    ]
    return {"excused": found.excused, "clauses": clauses}


def _print_direction(title: str, found: Compared) -> None:
    print(f"{title}:")
    for (agreement, serial, clause), tally in found.clauses.items():
        state = "agrees" if tally.agrees else "DIFFERS"
        print(
            f"  {agreement} serial {serial}, clause {printable(clause)}: sent {tally.sent}, "
            f"received {tally.received}, lost on the way {tally.lost.count}: {state}"
        )
        if tally.later.count:
            print(f"    after the end of that file: {tally.later.count}, not compared")
        for name, each in (
            ("missing at the receiver", tally.missing),
            ("not in the sender's ledger", tally.unsent),
            ("not the same on both sides", tally.differing),
        ):
            if each.count:
                print(f"    {name}: {each.count}, lines {', '.join(map(str, each.lines))}")
    if found.excused:
        print(f"  {found.excused} are not compared: a ledger says itself that lines are gone")
    if not found.clauses:
        print("  nothing")
