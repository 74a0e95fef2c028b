"""docs/reference/ledger.md has every kind of line with its fields, and bytes that are a line."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from accord.release.ledger.audit import SEGMENT
from accord.release.ledger.entry import (
    KIND_NAMES,
    MAX_COUNTS,
    MAX_ENTRY,
    MAX_STATEMENT,
    Body,
    Gap,
    decode,
)
from accord.release.ledger.export import FIRST_BYTES
from accord.release.ledger.note import MAX_NOTE, Scheme
from accord.release.ledger.proof import FIRST_LINE

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "ledger.md").read_text("utf-8")


def test_every_kind_stands_there_with_its_fields_in_order() -> None:
    rows = re.findall(r"(?m)^\| (\d) \| `(\w+)` \| (.*) \|$", PAGE)
    shown = [(int(number), name, re.findall(r"`(\w+)`", said)) for number, name, said in rows]
    assert shown == [
        (number, KIND_NAMES[kind], [each.name for each in fields(kind)])
        for number, kind in enumerate(get_args(Body), start=1)
    ]


def test_every_field_is_explained() -> None:
    section = PAGE.partition("| Field | Is |")[2].partition("\n\n")[0]
    first = [row.split(" | ")[0] for row in section.splitlines()]
    explained = set(re.findall(r"`(\w+)`", " ".join(first)))
    assert explained == {each.name for kind in get_args(Body) for each in fields(kind)}


def test_the_example_is_the_line_it_says() -> None:
    block = re.findall(r"(?m)^    ((?:[0-9a-f]{2,} )*[0-9a-f]{2,})  +\S", PAGE)
    entry = decode(bytes.fromhex(" ".join(block)))
    assert (entry.number, entry.partner) == (1, "NZL")
    assert entry.at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert entry.body == Gap(by="USA", first=1, last=2, reason="x")


def test_limits_and_names_are_those_of_the_code() -> None:
    for limit in (MAX_ENTRY, MAX_STATEMENT, MAX_NOTE):
        assert f"{limit:,} bytes" in PAGE
    assert f"1 to {MAX_COUNTS} arrays" in PAGE
    assert f"each {SEGMENT:,} lines" in PAGE
    assert f"`{FIRST_BYTES.decode().strip()}` and a line break" in PAGE
    for scheme in (Scheme.P384, Scheme.P384_TIMED):
        assert f"`{scheme.value[1:].decode()}`" in PAGE
    assert f"c2sp.org/{FIRST_LINE.split('/')[1].split('@')[0]}" in PAGE
