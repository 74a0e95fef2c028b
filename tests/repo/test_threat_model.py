"""What the threat model names is there: tests, files of the source, commands of the links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "THREAT-MODEL.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", TEXT)))
SOURCES = sorted(set(re.findall(r"`((?:federation|security|release|live|tak)/[\w/]+\.py)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_it_names_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"def {name}\(" if name else "def test_", text)


@pytest.mark.parametrize("file", SOURCES)
def test_a_file_that_it_names_exists(file: str) -> None:
    assert (ROOT / "src" / "accord" / file).exists()


def test_it_names_some_of_both() -> None:
    assert len(TESTS) > 20
    assert len(SOURCES) > 10


def test_every_hostile_case_names_its_test() -> None:
    table = TEXT.split("## Hostile partners and strangers", 1)[1].split("\n## ", 1)[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
    assert [row for row in rows if "tests/" not in row and "the same" not in row] == []
