"""docs/reference/markings.md names every word that is read, and its examples are read."""

import re
import tomllib
from pathlib import Path

import pytest

from accord.core import portion
from accord.core.handling import CAVEATS, COMPARTMENTS, LEVELS, NATO_LEVELS, NotUnderstood

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "markings.md").read_text("utf-8")
EXPLAINED = (DOCS / "explain" / "markings.md").read_text("utf-8")


def _row(kind: str) -> set[str]:
    (words,) = re.findall(rf"(?m)^\| {kind} \| (.*) \|$", REFERENCE)
    return set(words.split(", "))


def _spelt(words: dict[str, str]) -> set[str]:
    return {word if word == short else f"{word} ({short})" for word, short in words.items()}


def test_every_word_is_in_the_table_and_no_other() -> None:
    limiting = {word: c.short for word, c in CAVEATS.items() if not c.informs}
    assert _row("levels") == _spelt(dict(LEVELS))
    assert _row("levels of NATO") == _spelt(dict(NATO_LEVELS))
    assert _row("compartments") == COMPARTMENTS
    assert _row("caveats that limit") == _spelt(limiting)
    assert _row("caveats that inform") == CAVEATS.keys() - limiting.keys()


SHOWN = re.findall(r"`(\([^`]*\))`", REFERENCE + EXPLAINED)


def test_portion_marks_are_shown() -> None:
    assert len(SHOWN) > 1


@pytest.mark.parametrize("text", SHOWN)
def test_every_portion_mark_shown_is_one(text: str) -> None:
    portion.check(text)
    with pytest.raises(NotUnderstood):
        portion.check(text[:-1])


def test_the_settings_shown_have_marks() -> None:
    (block,) = re.findall(r"(?s)```toml\n(.*?)```", EXPLAINED)
    settings = tomllib.loads(block)
    sections = (*settings["feed"].values(), *settings["group"].values())
    assert sections
    for section in sections:
        portion.check(section["marking"])
