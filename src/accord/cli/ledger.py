"""`accord ledger ...`: what was released to partners, and whether the record of it is whole."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

from accord.cli import ledger_anew, ledger_held, ledger_text
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Run, Subparsers

_DESCRIPTION = (
    "The ledger of each partner link: every release, every refusal counted, in a tree of hashes "
    "that both sides sign. A running node need not be stopped."
)


def add_parser(subparsers: Subparsers) -> None:
    """Add `ledger` and its actions."""
    parser = subparsers.add_parser(
        "ledger", help="what was released: verify, show, prove, compare", description=_DESCRIPTION
    )
    actions: Subparsers = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    for add in _ACTIONS:
        add(actions)


def _action(actions: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    description = f"{says[0].upper()}{says[1:]}."
    parser = actions.add_parser(name, help=says, description=description)
    add_json(parser)
    parser.set_defaults(run=run)
    return parser


def _partner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("partner", metavar="PARTNER", help="the partner's node id")


def _file(parser: argparse.ArgumentParser, says: str) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=says)


def _keys(parser: argparse.ArgumentParser, says: str, *, required: bool = False) -> None:
    parser.add_argument(
        "--key", action="append", default=[], metavar="KEY", required=required, help=says
    )


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is no day such as 2026-11-01") from None


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not int(value):
        raise argparse.ArgumentTypeError(f"{value!r} is no number from 1 on")
    return int(value)


def _add_list(actions: Subparsers) -> None:
    parser = _action(
        actions, "list", ledger_held.list_held, "the ledgers of a node, and their keys"
    )
    add_directory(parser)


def _add_show(actions: Subparsers) -> None:
    parser = _action(actions, "show", ledger_text.show, "lines, the newest last")
    add_directory(parser)
    parser.add_argument("--partner", metavar="NODE", help="of this partner; else of all")
    parser.add_argument("--agreement", metavar="ID", help="only of this agreement")
    parser.add_argument("--clause", metavar="NUMBER", help="only what this clause decided")
    parser.add_argument(
        "--kind",
        choices=tuple(ledger_text.KINDS),
        metavar="KIND",
        help="only released, received, refused or recall",
    )
    parser.add_argument("--day", type=_day, metavar="DAY", help="only of this day, UTC")
    parser.add_argument(
        "--limit", type=_count, default=20, metavar="N",
        help="so many of each partner, the newest; 20 if not given",
    )  # fmt: skip


def _add_verify(actions: Subparsers) -> None:
    parser = _action(
        actions, "verify", ledger_held.verify, "find lines that were altered, removed or moved"
    )
    add_directory(parser)
    parser.add_argument(
        "partner", nargs="?", metavar="PARTNER", help="its ledger alone; else every one"
    )
    _keys(parser, "believe this verifier key, and no other that is kept")


def _add_prove(actions: Subparsers) -> None:
    parser = _action(actions, "prove", ledger_held.prove, "prove one line to whoever has the key")
    add_directory(parser)
    _partner(parser)
    parser.add_argument("number", type=_count, metavar="NUMBER", help="the line's")


def _add_check_proof(actions: Subparsers) -> None:
    parser = _action(actions, "check-proof", ledger_text.check, "check such a proof")
    _file(parser, "what `ledger prove` printed")
    _keys(parser, "the ledger's verifier key, and its cosigners'", required=True)


def _add_export(actions: Subparsers) -> None:
    parser = _action(actions, "export", ledger_held.export, "write a ledger for its partner")
    add_directory(parser)
    _partner(parser)
    _file(parser, "where to write it; it must not be there")


def _add_compare(actions: Subparsers) -> None:
    parser = _action(
        actions, "compare", ledger_held.compare, "hold both partners' ledgers against each other"
    )
    add_directory(parser)
    _partner(parser)
    _file(parser, "what the partner exported")
    _keys(parser, "the verifier key of the partner's ledger; else the one that is pinned")


def _add_prune(actions: Subparsers) -> None:
    parser = _action(
        actions, "prune", ledger_held.prune, "remove old lines of a stopped node, keep their roots"
    )
    add_directory(parser)
    _partner(parser)
    parser.add_argument(
        "--through", type=_count, required=True, metavar="NUMBER", help="up to this line"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="stands in the ledger")
    parser.add_argument("--operator", metavar="NAME", help="who does it; stands in the ledger")


def _add_renew(actions: Subparsers) -> None:
    parser = _action(
        actions, "renew", ledger_anew.renew,
        "begin another ledger in place of one that lost lines, and keep that",
    )  # fmt: skip
    add_directory(parser)
    _partner(parser)
    parser.add_argument("--reason", required=True, metavar="TEXT", help="stands in the ledger")


def _add_accept(actions: Subparsers) -> None:
    parser = _action(
        actions, "accept", ledger_anew.accept, "cosign the ledger that a partner has begun anew"
    )
    add_directory(parser)
    _partner(parser)
    parser.add_argument(
        "--number", type=_count, metavar="N", help="which they have begun; the next if not given"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask: somebody has called them")


_ACTIONS: tuple[Callable[[Subparsers], None], ...] = (
    _add_list,
    _add_show,
    _add_verify,
    _add_prove,
    _add_check_proof,
    _add_export,
    _add_compare,
    _add_prune,
    _add_renew,
    _add_accept,
)
"""In the order in which they are used."""
