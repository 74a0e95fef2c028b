"""Where commands enter people: the node's directory, and how names and groups are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from accord.config import Settings, load
from accord.config.settings import check_exercise, read_group
from accord.core.errors import UsageError
from accord.core.naming import check_person
from accord.core.principal import Direction, Group
from accord.storage.people import PEOPLE, People

EVERY_EXERCISE = "any"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where clients are added: the node's directory, its settings and its register."""

    directory: Path
    settings: Settings
    people: People

    @classmethod
    def at(cls, directory: Path) -> "Desk":
        """Open the desk of a node's directory. UsageError when there is no node in it."""
        return cls(directory, load(directory), People(directory / PEOPLE))


def check_name(name: str) -> None:
    """UsageError when this cannot be a client's name, which is also a file's."""
    try:
        check_person(name)
    except ValueError as error:
        raise UsageError(str(error)) from None


def groups_in(texts: Sequence[str]) -> Mapping[Group, Direction]:
    """Read what --group was given. UsageError says what is wrong."""
    try:
        return MappingProxyType(dict(map(read_group, texts)))
    except ValueError as error:
        raise UsageError(f"--group: {error}") from None


def exercises_in(names: Sequence[str]) -> frozenset[str]:
    """Read what --exercise was given. UsageError says what is wrong."""
    try:
        for name in names:
            check_exercise(name)
    except ValueError as error:
        raise UsageError(f"--exercise: {error}") from None
    return frozenset(names)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows, the head first, in columns as wide as they need."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())
