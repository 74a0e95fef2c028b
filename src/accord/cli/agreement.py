"""`accord agreement ...`: write, check, prove, explain, compare, preview, sign and activate."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from accord.cli import agreement_pause as pausing
from accord.cli import agreement_signing as signing
from accord.cli import agreement_text as text
from accord.cli.arguments import add_directory, add_json, moment
from accord.cli.command import Run, Subparsers
from accord.release.fault import AgreementError

_DESCRIPTION = (
    "Agreements say what of this node's picture a partner gets. One document is the thing that is "
    "signed, read, enforced and proved."
)


def add_parser(subparsers: Subparsers) -> None:
    """Add `agreement` and its actions."""
    parser = subparsers.add_parser(
        "agreement", help="what partners get: write, prove, sign", description=_DESCRIPTION
    )
    actions: Subparsers = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    for add in _ACTIONS:
        add(actions)


def named(value: str) -> tuple[str, str]:
    """Read NAME=VALUE."""
    name, equals, said = value.partition("=")
    if not (name and equals and said):
        raise argparse.ArgumentTypeError(f"{value!r} is not NAME=VALUE")
    return name, said


def _action(actions: Subparsers, name: str, run: Run, says: str) -> argparse.ArgumentParser:
    description = f"{says[0].upper()}{says[1:]}."
    parser = actions.add_parser(name, help=says, description=description)
    add_json(parser)
    parser.set_defaults(run=_said_as_json(run))
    return parser


def _said_as_json(run: Run) -> Run:
    """Say what is wrong with an agreement as JSON too, where JSON was asked for."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except AgreementError as error:
            if not arguments.json:
                raise
            faults = [
                {"line": each.line, "clause": each.clause, "sentence": each.sentence}
                for each in error.faults
            ]
            print(json.dumps({"ok": False, "faults": faults}, indent=2, ensure_ascii=False))
            return error.exit_code

    return told


def _file(
    parser: argparse.ArgumentParser, name: str = "file", says: str = "the agreement's document"
) -> None:
    parser.add_argument(name, type=Path, metavar=name.upper(), help=says)


def _recording(parser: argparse.ArgumentParser, option: str, *, required: bool) -> None:
    parser.add_argument(
        option, dest="recording", type=Path, metavar="FILE", required=required,
        help="AIS, plain or gzipped",
    )  # fmt: skip
    parser.add_argument(
        "--marking", metavar="MARK", help='mark of what has none, such as "(U//REL TO NZL)"'
    )
    parser.add_argument("--giver", metavar="NODE", help="whose recording; else the first giver")
    parser.add_argument(
        "--begins", type=moment, metavar="TIME",
        help="play it as if it had begun then; else when the agreement begins",
    )  # fmt: skip
    parser.add_argument(
        "--exercise", metavar="NAME", help="play it as part of the exercise of that name"
    )
    parser.add_argument(
        "--incident", action="append", default=[], metavar="NAME", help="one that is open"
    )


def _add_new(actions: Subparsers) -> None:
    parser = _action(actions, "new", text.new, "write a text to begin with")
    _file(parser)
    parser.add_argument("--id", required=True, help="such as USA-NZL-2026-01")
    parser.add_argument("--title", required=True, help="what it is about, in a few words")
    for side in ("giver", "receiver"):
        parser.add_argument(
            f"--{side}", type=named, required=True, metavar="NODE=KEY",
            help="node id and the key it signs with, as `agreement key` prints it",
        )  # fmt: skip
    parser.add_argument(
        "--since", type=moment, required=True, metavar="TIME",
        help="when it begins, such as 2026-11-01T00:00:00Z; UTC where no zone is said",
    )  # fmt: skip
    parser.add_argument(
        "--until", type=moment, required=True, metavar="TIME", help="when it ends, not included"
    )
    parser.add_argument(
        "--area", type=named, required=True, metavar="NAME=FILE", help="a GeoJSON polygon"
    )


def _add_check(actions: Subparsers) -> None:
    _file(_action(actions, "check", text.check, "read it, hold it to its examples, and prove it"))


def _add_prove(actions: Subparsers) -> None:
    _file(_action(actions, "prove", text.prove, "say which invariants are proved, and which not"))


def _add_explain(actions: Subparsers) -> None:
    parser = _action(actions, "explain", text.explain, "why a partner gets a report, or does not")
    _file(parser)
    parser.add_argument(
        "report", metavar="REPORT", help="an example's name, a file with a CoT event, or a uid"
    )
    parser.add_argument("partner", metavar="PARTNER", help="a receiver's node id")
    _recording(parser, "--recording", required=False)
    parser.add_argument("--at", type=moment, metavar="TIME", help="decide it then")


def _add_diff(actions: Subparsers) -> None:
    parser = _action(actions, "diff", text.diff, "what changes from one text to another")
    _file(parser, "old")
    _file(parser, "new")
    _recording(parser, "--against", required=False)


def _add_preview(actions: Subparsers) -> None:
    parser = _action(actions, "preview", text.preview, "what of a recording the partner would get")
    _file(parser)
    _recording(parser, "--recording", required=True)
    parser.add_argument("--partner", metavar="NODE", help="else the first receiver")
    parser.add_argument(
        "--samples", type=int, default=2, metavar="N",
        help="print so many reports of each clause and form; 2 if not given",
    )  # fmt: skip
    parser.add_argument("--geojson", type=Path, metavar="FILE", help="write what is shown")


def _add_key(actions: Subparsers) -> None:
    parser = _action(actions, "key", signing.key, "make a key to sign with, or show one")
    _file(parser, says="the file of the private key; it is made where there is none")


def _add_sign(actions: Subparsers) -> None:
    parser = _action(actions, "sign", signing.sign, "sign it for one party")
    _file(parser)
    _signer(parser)


def _add_verify(actions: Subparsers) -> None:
    parser = _action(actions, "verify", signing.verify, "say whether all parties have signed it")
    _file(parser)


def _add_activate(actions: Subparsers) -> None:
    parser = _action(
        actions,
        "activate",
        signing.activate,
        "put it in force on a node; it flows once the partner has too",
    )
    add_directory(parser)
    _file(parser)
    parser.add_argument(
        "--trust", type=named, action="append", default=[], metavar="NODE=KEY",
        help="a party's key that was compared by another way",
    )  # fmt: skip


def _add_suspend(actions: Subparsers) -> None:
    parser = _action(
        actions,
        "suspend",
        signing.suspend,
        "stop it at once, for one party alone; a new serial undoes it",
    )
    add_directory(parser)
    parser.add_argument("id", metavar="ID", help="the agreement's id")
    _signer(parser, required=False)
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="what another party signed to stop it"
    )
    parser.add_argument("--withdraw", action="store_true", help="it is over for good")
    parser.add_argument("--reason", metavar="TEXT", help="why; stands in the ledgers")


def _add_pause(actions: Subparsers) -> None:
    parser = _action(
        actions,
        "pause",
        pausing.pause,
        "let nothing flow by it on this node, without any party's key, until it is resumed",
    )
    add_directory(parser)
    parser.add_argument("id", metavar="ID", help="the agreement's id")
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help="why; partners are told, ledgers have it"
    )


def _add_resume(actions: Subparsers) -> None:
    parser = _action(actions, "resume", pausing.resume, "end a pause of this node")
    add_directory(parser)
    parser.add_argument("id", metavar="ID", help="the agreement's id")


def _add_list(actions: Subparsers) -> None:
    add_directory(
        _action(
            actions,
            "list",
            signing.list_held,
            "what a node holds, and how it stands here and at partners",
        )
    )


def _signer(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--node", required=required, help="the party that signs")
    parser.add_argument(
        "--key", type=Path, required=required, metavar="FILE", help="its private key"
    )


_ACTIONS: tuple[Callable[[Subparsers], None], ...] = (
    _add_new,
    _add_check,
    _add_prove,
    _add_explain,
    _add_diff,
    _add_preview,
    _add_key,
    _add_sign,
    _add_verify,
    _add_activate,
    _add_suspend,
    _add_pause,
    _add_resume,
    _add_list,
)
"""In the order in which they are used."""
