"""The half of `accord ledger` that goes on after a ledger lost lines, as by a restored backup."""

import argparse
import json
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

from accord.cli.partner_exchange import YES, Desk
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.federation.guard.passage import first_frame
from accord.federation.latch import Latch
from accord.node.directory import held
from accord.release.ledger.checkpoint import number_of, origin_of
from accord.release.ledger.entry import Body, Gap, Seen
from accord.release.ledger.fault import LedgerFault
from accord.storage.ledger import Ledger
from accord.storage.ledger_reader import LedgerReader, Owner, ended_name, path_of, reader_of
from accord.storage.partners import UnknownPartner

MAX_REASON = 500
"""Characters of a reason."""


def renew(arguments: argparse.Namespace) -> int:
    """Begin another ledger for a partner, and keep the one before it. The node must not run."""
    directory, partner, reason = arguments.directory, arguments.partner, arguments.reason
    if not 0 < len(reason) <= MAX_REASON or not reason.isprintable():
        raise UsageError(f"option --reason: 1 to {MAX_REASON} printable characters")
    desk = Desk.at(directory)
    path, now = path_of(directory, partner), SystemClock().now()
    with held(directory):
        with closing(reader_of(directory, partner)) as before:
            number = number_of(before.owner.origin) + 1
            owner = Owner(origin_of(desk.name, partner, number), desk.name.node, partner)
            new = _begin(path.with_name(f".{partner}.new.sqlite"), owner, before, reason, now)
        kept = path_of(directory, ended_name(partner, number - 1))
        for end in ("", "-wal", "-shm"):
            _move(path.with_name(f"{path.name}{end}"), kept.with_name(f"{kept.name}{end}"))
        _move(new, path)
        Latch.of(directory, partner).open()
    said = {"partner": partner, "number": number, "kept": str(kept)}
    if arguments.json:
        print(json.dumps(said))
    else:
        print(f"ledger {number} for {partner} is begun; the one before it is kept as {kept}")
        print(f"There, somebody accepts it once: accord ledger accept DIR {desk.name.node}")
    return 0


def _begin(
    path: Path, owner: Owner, before: LedgerReader, reason: str, now: datetime
) -> Path:  # fmt: skip
    """Make a ledger that says of itself what it has no lines of, and what was before it."""
    path.unlink(missing_ok=True)
    frame = first_frame(now)
    lines: list[Body] = [
        Gap(by=node, first=0, last=frame, reason=reason) for node in (owner.node, owner.partner)
    ]
    lines += [Seen(note=note) for note in before.notes()[-1:]]
    with closing(Ledger(path, owner, [])) as ledger:
        ledger.append(lines, now)
        ledger.inherit(before)
    return path


def _move(old: Path, new: Path) -> None:
    if new.exists():
        raise LedgerFault(f"there is a ledger {new} already")
    try:
        if old.exists():
            old.rename(new)
    except OSError as error:
        raise LedgerFault(f"cannot move {old}: {error.strerror}") from None


def accept(arguments: argparse.Namespace) -> int:
    """Cosign from now on the ledger that a partner has begun in place of another."""
    desk = Desk.at(arguments.directory)
    partner = desk.partners.trusted().partner(arguments.partner)
    if partner is None:
        raise UnknownPartner(arguments.partner)
    number: int = arguments.number or partner.ledger + 1
    if number <= partner.ledger:
        raise UsageError(f"option --number: ledger {partner.ledger} is cosigned already")
    if not arguments.yes:
        _ask(desk, partner.node, number)
    desk.partners.begin_ledger(partner.node, number)
    if arguments.json:
        print(json.dumps({"partner": partner.node, "number": number}))
    else:
        print(f"ledger {number} of {partner.node} is cosigned from now on")
    return 0


def _ask(desk: Desk, node: str, number: int) -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is here to ask; say --yes when somebody has called them")
    said = [
        f"{node} begins ledger {number} for this node. {_last(desk, node)}",
        "What they lost is in the ledger here; nothing of it can be denied by them. Call them:",
        "was it they who did it, and do they say why? If not, somebody rewrites their record.",
        f"Type {YES}: ",
    ]
    print("\n".join(said), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != YES:
        raise AccordError("nothing was changed")


def _last(desk: Desk, node: str) -> str:
    partner = desk.partners.trusted().partner(node)
    if partner is None or not path_of(desk.directory, node).exists():
        return "Nothing of one before it is cosigned here."
    origin = origin_of(partner.name, desk.name.node, partner.ledger)
    with closing(reader_of(desk.directory, node)) as reader:
        last = reader.witnessed(origin)
    if last is None:
        return "Nothing of the one before it is cosigned here."
    return f"Of the one before it {last.size} lines are cosigned here."
