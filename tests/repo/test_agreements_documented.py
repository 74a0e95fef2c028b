"""docs/reference/agreements.md names every attribute, word and key, and what must be proved."""

import re
from pathlib import Path

import pytest

from accord.core.form import Kept
from accord.release import example, frontmatter
from accord.release.document import MAX_BYTES, MAX_CLAUSES, MAX_LINE
from accord.release.facts import AFFILIATIONS, DOMAINS, WORDS
from accord.release.loaded import built_in
from accord.release.schema import ATTRIBUTES
from support.agreements import example as worked

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "agreements.md").read_text("utf-8")
_READ = re.compile(r"(?:table|given|row)\.(?!wrong|finish)\w+\(\"(\w+)\"|\(table, \"(\w+)\"")


def test_every_attribute_is_in_its_table_with_its_sort_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| `(?:resource|context|principal)\..*$", PAGE)
    assert rows == [
        f"| `{holder.value}.{name}` | {meaning.sort.value} | {meaning.says} |"
        for holder, attributes in ATTRIBUTES.items()
        for name, meaning in attributes.items()
    ]


def test_every_plain_word_is_there() -> None:
    for pattern, word in WORDS.items():
        assert f"| `{pattern}` | {word} |" in PAGE
    assert f"Domains: {', '.join(sorted(set(DOMAINS.values())))}." in PAGE
    assert f"Affiliations: {', '.join(sorted(set(AFFILIATIONS.values())))}." in PAGE
    assert f"What can be kept: {', '.join(f'`{kept}`' for kept in Kept)}." in PAGE


@pytest.mark.parametrize("module", [frontmatter, example])
def test_every_key_that_is_read_is_there(module: object) -> None:
    source = Path(str(getattr(module, "__file__", ""))).read_text("utf-8")
    keys = {first or second for first, second in _READ.findall(source)}
    assert len(keys) > 15
    for key in keys:
        assert re.search(rf"`\[?\[?{key}[.\]`]", PAGE), key


def test_the_limits_and_the_promises_are_those_of_the_code() -> None:
    assert MAX_BYTES == 1 << 20
    assert f"at most 1 MiB and {MAX_CLAUSES} clauses, no line over {MAX_LINE:,} characters" in PAGE
    said = " ".join(PAGE.split())
    for sentence, _ in built_in(worked().agreement):
        assert sentence in said
