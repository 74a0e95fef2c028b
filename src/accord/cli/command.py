"""What a file of `cli/` is: `add_parser`, which adds its subcommand."""

import argparse
from collections.abc import Callable
from typing import Protocol

Run = Callable[[argparse.Namespace], int]
"""Does what a subcommand is for and returns the exit code; set with `set_defaults(run=...)`."""


class Subparsers(Protocol):
    """Where a subcommand, or an action of one, is added; what `add_subparsers` returns."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:  # noqa: A002  argparse's own name
        """Add one and return its parser."""
        ...


class Command(Protocol):
    """A file of `cli/`."""

    def add_parser(self, subparsers: Subparsers, /) -> None:
        """Add the subcommand's parser, with a `Run` as its default of `run`."""
        ...
