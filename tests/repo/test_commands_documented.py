"""docs/reference/commands.md has every command with every option, and no other."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from accord.cli.main import (
    _parser,  # pyright: ignore[reportPrivateUsage]  what it parses is what can be typed
)

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text("utf-8")
ANSWERED_BY_THE_PARSER = {"-h", "--help"}


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # pyright: ignore[reportPrivateUsage]


def commands(
    parser: argparse.ArgumentParser, *name: str
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command that has no further ones, as it is typed."""
    for action in actions(parser):
        if type(action).__name__ == "_SubParsersAction":
            for word, below in cast("dict[str, argparse.ArgumentParser]", action.choices).items():
                yield from commands(below, *name, word)
            return
    yield " ".join(name), parser


COMMANDS = dict(commands(_parser()))


def options(parser: argparse.ArgumentParser) -> set[str]:
    found = {option for action in actions(parser) for option in action.option_strings}
    return found - ANSWERED_BY_THE_PARSER


def usage(command: str, parser: argparse.ArgumentParser) -> str:
    """The command with what must stand behind it, in order."""
    words = [str(each.metavar) for each in actions(parser) if not each.option_strings]
    return " ".join(["accord", command, *words])


def sections() -> dict[str, str]:
    parts = re.split(r"(?m)^## `(.*)`$", PAGE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def shown(text: str) -> dict[str, str]:
    """Each option in a table, and what stands behind it in the same cell."""
    return dict(re.findall(r"(?m)^\| `(--[\w-]+) ?([^`]*)` \|", text))


def test_every_command_has_a_section_with_what_it_is_given() -> None:
    assert sections().keys() == {usage(name, parser) for name, parser in COMMANDS.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_in_its_table_and_no_other(command: str) -> None:
    parser = COMMANDS[command]
    assert shown(sections()[usage(command, parser)]).keys() == options(parser)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_is_shown_with_a_value_where_it_takes_one(command: str) -> None:
    parser = COMMANDS[command]
    said = shown(sections()[usage(command, parser)])
    takes = {
        each.option_strings[-1]: each.nargs != 0 for each in actions(parser) if each.option_strings
    }
    assert {option: bool(value) for option, value in said.items()} == {
        option: value for option, value in takes.items() if option in said
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_what_must_be_given_is_said_to_be(command: str) -> None:
    parser = COMMANDS[command]
    text = sections()[usage(command, parser)]
    if "All but `--json` must be given" in text:
        wanted = options(parser) - {"--json"}
    else:
        wanted = set(re.findall(r"(?m)^\| `(--[\w-]+)[^`]*` \| must be given", text))
    required = {
        each.option_strings[-1] for each in actions(parser) if each.option_strings and each.required
    }
    assert wanted == required


def test_the_options_before_the_command_are_there() -> None:
    before = PAGE.partition("\n## ")[0]
    assert shown(before).keys() == options(_parser())
