"""`accord restore FILE DIR`: a node as it was when `accord backup` wrote FILE."""

import argparse
from pathlib import Path

from accord.cli.command import Subparsers
from accord.cli.init import make_directory
from accord.storage import backup


def add_parser(subparsers: Subparsers) -> None:
    """Add `restore`."""
    parser = subparsers.add_parser(
        "restore",
        help="put back what `accord backup` wrote",
        description="Put a node back into DIR, which is new or empty, as it was when FILE was "
        "written. FILE is read and checked first; where it is damaged, nothing is written. "
        "Never run two of one node.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="what accord backup wrote")
    parser.add_argument("directory", type=Path, metavar="DIR", help="a new or empty directory")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Put it back, and say what is to be done next."""
    directory: Path = arguments.directory
    make_directory(directory)
    done = backup.put_back(arguments.file, directory)
    print(f"restored {done.node} as of {done.made} in {directory}: {len(done.files)} files")
    print("before it starts, see that the node which this is a copy of is stopped, for good")
    print("revoke again whom you revoked since, and deny the partners that you denied")
    print(f"next: accord serve {directory}; accord doctor {directory}")
    return 0
