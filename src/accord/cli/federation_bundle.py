"""`accord federation export DIR --partner P FILE` and `import DIR FILE`: a link by file."""

import argparse
import asyncio
import json
import os
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from accord.cli import asking
from accord.cli.arguments import add_directory, add_json
from accord.cli.command import Subparsers
from accord.cli.serve import LISTENERS, event_loop_factory
from accord.config import Settings, load
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.core.quantity import about_duration, about_size
from accord.federation import bundle
from accord.node import node, requests
from accord.node.bundles import IN, OUT
from accord.node.requests import Answer, BundleTold, ExportWanted, ImportWanted, Request, Wanted
from accord.security import keystore
from accord.storage.partners import PARTNERS, Partners
from accord.wire.peer.translate import moment

WAIT = 60.0
"""Seconds in which a node writes, or takes in, a bundle."""
LOOK_EVERY = 0.1


def add_parsers(commands: Subparsers) -> None:
    """Add `export` and `import`."""
    export = commands.add_parser(
        "export",
        help="write for a partner, into a file, what a link would carry",
        description="Have the node in DIR write what may leave for a partner now, and is not known "
        "to have arrived, into a new FILE, for two nodes that have no line. Where the node does "
        "not run, its parts do for a moment, without its listeners and feeds. The file is signed "
        "and not encrypted.",
    )
    add_directory(export)
    export.add_argument("file", type=Path, metavar="FILE", help="the file to be written")
    export.add_argument("--partner", required=True, metavar="PARTNER", help="the partner's node id")
    _add_common(export)
    export.set_defaults(run=run_export)
    taken = commands.add_parser(
        "import",
        help="take in a file that a partner's node wrote for this one",
        description="Have the node in DIR take in a FILE that `accord federation export` of a "
        "partner wrote. What is cut off, changed, another's or was here is refused, and changes "
        "nothing. Where the node does not run, its parts do for a moment, without its listeners "
        "and feeds.",
    )
    add_directory(taken)
    taken.add_argument("file", type=Path, metavar="FILE", help="the file")
    _add_common(taken)
    taken.set_defaults(run=run_import)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=WAIT, metavar="SECONDS",
        help=f"so long for the node; {WAIT:g} if not given",
    )  # fmt: skip
    add_json(parser)


def run_export(arguments: argparse.Namespace) -> int:
    """Have a bundle written."""
    directory: Path = arguments.directory
    file: Path = arguments.file
    settings = load(directory)
    if not _is_partner(directory, arguments.partner):
        raise UsageError(_no_partner(arguments.partner))
    if file.exists():
        raise UsageError(f"{file} is there already; a bundle is written into a new file")
    if not os.access(file.parent, os.W_OK):
        raise UsageError(f"{file.parent} is no directory that can be written to")
    told = _done(arguments, settings, ExportWanted(partner=arguments.partner))
    _move(directory / OUT / told.file, file)
    if arguments.json:
        _print_json(told, file)
        return 0
    print(f"{file}: for {told.partner}, {_about(told)}")
    if not told.is_known:
        print(
            f"It only says who this node is: {told.partner} has not said yet what it holds. Have "
            "it imported there, and import here what is exported there."
        )
    if not told.is_whole:
        print("It does not hold everything: export again when the partner has answered.")
    print("It is signed, not encrypted: whoever has it can read it.")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Have a bundle taken in."""
    directory: Path = arguments.directory
    file: Path = arguments.file
    settings = load(directory)
    data = _read(file, settings.link.bundle_bytes)
    head = bundle.read(data).head
    if head.reader != settings.node.id:
        raise AccordError(
            f"this bundle is for {head.reader!r}, and this node is {settings.node.id}"
        )
    if not _is_partner(directory, head.writer):
        raise AccordError(_no_partner(head.writer))
    name = sha256(data).hexdigest()
    keystore.write_private(directory / IN / name, data)
    told = _done(arguments, settings, ImportWanted(partner=head.writer, file=name))
    if arguments.json:
        _print_json(told, file)
        return 0
    age = about_duration(SystemClock().now() - moment(told.made))
    print(f"{file}: of {told.partner}, {_about(told)}, {age} ago; new here: {told.fresh}")
    print(f"{told.partner} learns that it arrived from the next bundle that is exported for it.")
    return 0


def _is_partner(directory: Path, partner: str) -> bool:
    path = directory / PARTNERS
    known = [each.node for each in Partners(path).trusted().partners] if path.exists() else []
    return partner in known


def _no_partner(partner: str) -> str:
    return f"there is no partner {partner!r} of this node, or it is refused"


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except OSError as error:
        raise AccordError(f"cannot read {file}: {error.strerror}") from None
    if len(data) > most:
        raise AccordError(f"{file} is longer than link.bundle_bytes, {about_size(most)}")
    return data


def _move(source: Path, file: Path) -> None:
    """Put what the node wrote where it is wanted; whole, on the disk, or not at all."""
    try:
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-", delete=False) as new:
            try:
                new.write(source.read_bytes())
                new.flush()
                os.fsync(new.fileno())
                Path(new.name).rename(file)
            except OSError:
                Path(new.name).unlink()
                raise
    except OSError as error:
        raise AccordError(f"cannot write {file}: {error.strerror}; it is in {source}") from None
    with suppress(OSError):
        source.unlink()


def _done(arguments: argparse.Namespace, settings: Settings, wanted: Wanted) -> BundleTold:
    """Have the node do it, or its parts where it does not run."""
    directory: Path = arguments.directory
    request = asking.ask(directory, wanted, "by file")
    if asking.runs(directory):
        said = asking.wait_for(directory, request, arguments.wait, lambda _: True)
    else:
        with asyncio.Runner(loop_factory=event_loop_factory()) as runner:
            said = runner.run(_alone(directory, settings, request, arguments.wait))
    if said is None or said.bundle is None:
        raise AccordError(f"the node has not done it in {arguments.wait:g} s")
    return said.bundle


async def _alone(
    directory: Path, settings: Settings, request: Request, seconds: float
) -> Answer | None:
    """Run the node without listeners and feeds until it has answered."""
    quiet = replace(settings.listen, **dict.fromkeys(LISTENERS))
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(
            node.serve(directory, replace(settings, listen=quiet, feed={}), ready=lambda _: None)
        )
        said = await _answer(directory, request, seconds)
        serving.cancel()
    if said is not None and said.refused:
        raise AccordError(said.refused)
    return said


async def _answer(directory: Path, request: Request, seconds: float) -> Answer | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (said := requests.answered(directory, request.number)) is None:  # noqa: ASYNC110
                await asyncio.sleep(LOOK_EVERY)
            return said
    return None


def _about(told: BundleTold) -> str:
    return (
        f"{told.items} reports and records, {about_size(told.bytes)}, made "
        f"{moment(told.made):%Y-%m-%d %H:%M:%SZ}"
    )


def _print_json(told: BundleTold, file: Path) -> None:
    said = {
        "partner": told.partner,
        "file": str(file),
        "bundle": told.id,
        "made": moment(told.made).isoformat(),
        "items": told.items,
        "bytes": told.bytes,
        "introduces_only": not told.is_known,
        "whole": told.is_whole,
        "new": told.fresh,
    }
    print(json.dumps(said, indent=2, ensure_ascii=False))
