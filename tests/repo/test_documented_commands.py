import argparse
import os
import re
import shlex
from pathlib import Path
from typing import cast

import pytest

from accord.cli.main import (
    _parser,  # pyright: ignore[reportPrivateUsage]  what it parses is what can be typed
)

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = {path: path.read_text("utf-8") for path in PAGES}

IN_A_BLOCK = re.compile(r"^ {4}\./accord (.*?)(?: {2,}.*)?$", re.MULTILINE)
IN_A_LINE = re.compile(r"`\./accord ([^`]+)`")
"""Whole commands, as they are typed in a clone; after two spaces stands what a command does."""

ANSWERED_BY_THE_PARSER = ("--version", "--help")

NAMED = re.compile(r"`(?:\./)?accord ([a-z]+)(?: (add|list|revoke))?\b")
RUN = re.compile(
    r"(?:^ {4}|`)(?:python )?(\./\w+|(?:tools|bench|fuzz)/\S+?\.(?:py|sh))\b", re.MULTILINE
)


def of_pages(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return sorted(
        {(path.name, " ".join(filter(None, match.groups()))) for path in PAGES
         for match in pattern.finditer(TEXT[path])}
    )  # fmt: skip


@pytest.mark.parametrize(("page", "command"), of_pages(IN_A_BLOCK) + of_pages(IN_A_LINE))
def test_every_command_can_be_typed_as_it_stands(page: str, command: str) -> None:
    if command in ANSWERED_BY_THE_PARSER:
        return
    try:
        _parser().parse_args(shlex.split(command))
    except SystemExit:
        pytest.fail(f"{page}: ./accord {command}")


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the subcommands of a parser, which argparse itself shows nowhere."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        if type(action).__name__ == "_SubParsersAction":
            return cast("dict[str, argparse.ArgumentParser]", action.choices)
    return {}


@pytest.mark.parametrize(("page", "named"), of_pages(NAMED))
def test_every_command_that_is_named_exists(page: str, named: str) -> None:
    parser = _parser()
    for word in named.split():
        known = commands(parser)
        assert word in known, f"{page}: accord {named}"
        parser = known[word]


@pytest.mark.parametrize(("page", "file"), of_pages(RUN))
def test_every_script_that_is_named_can_be_run(page: str, file: str) -> None:
    path = ROOT / file
    assert path.is_file(), f"{page}: {file}"
    assert path.suffix == ".py" or os.access(path, os.X_OK), f"{file} is not executable"


def test_the_readme_shows_the_commands_that_people_start_with() -> None:
    shown = {command.split()[0] for page, command in of_pages(IN_A_BLOCK) if page == "README.md"}
    assert {"demo", "init", "serve", "status", "doctor"} <= shown
