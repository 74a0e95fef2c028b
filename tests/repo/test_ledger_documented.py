"""docs/reference/ledger.md has every kind of line with its fields, and bytes that are a line."""

import json
import re
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import cbor2

from accord.core.agreement import Reason
from accord.federation.guard.passage import digest_of_subject, digest_of_update
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
from accord.release.ledger.tally import OTHER
from accord.wire.peer.contents import read_content, read_header
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.report import Update

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
    lines = PAGE.partition("### Payload")[0]
    block = re.findall(r"(?m)^    ((?:[0-9a-f]{2,} )*[0-9a-f]{2,})  +\S", lines)
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


GOLDEN = Path(__file__).parents[1] / "golden" / "peer"


def golden(name: str) -> Any:
    """A frame as it was written by hand, read by another library than the node's."""
    return cbor2.loads(bytes.fromhex(json.loads((GOLDEN / f"{name}.json").read_text())["hex"]))


def test_the_payload_of_the_golden_ship_is_the_one_that_is_worked_out_there() -> None:
    section = PAGE.partition("### Payload")[2].partition("### Receipts")[0]
    lines = re.findall(r"(?m)^    ((?:[0-9a-f]+ +)*[0-9a-f]{2,})(?: {2,}|$)", section)
    state = bytes.fromhex("".join(lines))
    subject, *update = cbor2.loads(state)
    (_, _, header, _), *_ = golden("objects")[3]
    assert subject == sha256(cbor2.dumps(header[:3], canonical=True)).digest()
    read = read_header(cbor2.dumps(header, canonical=True))
    assert digest_of_subject(read) == subject
    original = update.pop()
    assert original is None
    payload = sha256(state).hexdigest()
    assert digest_of_update(subject, Update(0, *update)).hex() == payload
    assert f"`{payload}`" in section
    assert f"`{sha256(cbor2.dumps(header, canonical=True)).hexdigest()}`" in section
    (record,) = golden("record_alarm")[4][2]
    whole = cbor2.dumps(record, canonical=True)
    assert sha256(content_bytes(read_content(whole))).hexdigest() == sha256(whole).hexdigest()
    assert f"`{sha256(whole).hexdigest()}`" in section
    assert f"{len(whole)} bytes" in section


def test_every_reason_stands_there_with_its_sentence() -> None:
    section = PAGE.partition("### What was withheld")[2].partition("## Tree")[0]
    rows = dict(re.findall(r"(?m)^\| `([A-Z_]+)` \| (.*) \|$", section))
    assert rows == {each.name: each.value for each in Reason}
    assert f"`{OTHER}`" in section
