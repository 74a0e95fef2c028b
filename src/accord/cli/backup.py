"""`accord backup DIR FILE`: all that a node's directory holds, in one file."""

import argparse
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from accord.cli.command import Subparsers
from accord.config import SETTINGS_FILE, load
from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.core.naming import printable
from accord.core.quantity import spell_size
from accord.security import keystore
from accord.storage import backup


def add_parser(subparsers: Subparsers) -> None:
    """Add `backup`."""
    parser = subparsers.add_parser(
        "backup",
        help="copy a node into one file; the node may run",
        description="Copy all that the node in DIR holds into FILE, which is new: settings, keys, "
        "registers, journal, cases, files. The node may run meanwhile. FILE is read again before "
        "it takes its name. Who has it can be this node: keep it as you keep its keys.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="the node's directory")
    parser.add_argument("file", type=Path, metavar="FILE", help="what to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the backup, and say what is in it and what is not."""
    directory: Path = arguments.directory
    file: Path = arguments.file
    settings = load(directory)
    if file.exists():
        raise UsageError(f"{file} is there already: give another name, or remove it")
    if not file.parent.is_dir():
        raise UsageError(f"{file.parent} is no directory")
    if file.resolve().is_relative_to(directory.resolve()):
        raise UsageError(f"{file} is in {directory} itself: give a place outside, on another disk")
    now = SystemClock().now()
    done = backup.write(directory, file, node=settings.node.id, made=f"{now:%Y-%m-%dT%H:%M:%SZ}")
    made = done.manifest
    size = spell_size(file.stat().st_size)
    print(f"backed up {made.node}: {len(made.files)} files, {size}, in {file}")
    for each in done.left_out:
        print(f"not in it: {each}")
    if not (directory / keystore.AUTHORITY_KEY).exists():
        print(f"not in it: {keystore.AUTHORITY_KEY}, which is kept elsewhere")
    if settings.history.store:
        print("not in it: the history, which is in PostgreSQL")
    text = (directory / SETTINGS_FILE).read_text("utf-8")
    for name, path in _elsewhere(directory, tomllib.loads(text)):
        print(f"not in it: {printable(path)}, which {name} in {SETTINGS_FILE} names")
    return 0


def _elsewhere(
    directory: Path, table: Mapping[str, object], section: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield each setting that names a file outside the directory."""
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if isinstance(value, dict):
            yield from _elsewhere(directory, cast("dict[str, object]", value), name)
        elif key.endswith("file") and isinstance(value, str) and _is_outside(directory, value):
            yield name, value


def _is_outside(directory: Path, path: str) -> bool:
    """Tell it of a path as it is written: where a link in the directory leads is in the backup."""
    return ".." in Path(path).parts or not (directory / path).is_relative_to(directory)
