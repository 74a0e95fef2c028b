import json
from datetime import UTC, datetime, timedelta

import pytest

from accord.release.ledger.entry import Body, Count, Refusals, Seen, decode, encode, milliseconds
from accord.release.ledger.plain import as_json, spell
from support.ledger import AT, DIGEST, NZL, release


def said(body: Body) -> dict[str, object]:
    return as_json(decode(encode(7, milliseconds(AT), NZL.node, body)))


def test_a_release_is_told_with_its_head_and_bytes_in_hexadecimal() -> None:
    told = said(release(3))
    assert list(told)[:4] == ["number", "time", "partner", "kind"]
    assert (told["number"], told["time"]) == (7, "2026-12-01T06:00:00.123Z")
    assert (told["partner"], told["kind"]) == (NZL.node, "release")
    assert (told["digest"], told["serial"], told["form"]) == (DIGEST.hex(), 1, "grid-1nm")
    assert told["version"] == [3, 1_764_000_000_003]


def test_counts_are_told_each_by_its_parts() -> None:
    counts = (Count(clause="1", reason="x", sort="a-f-S", count=4),)
    until = AT + timedelta(minutes=1)
    refused = Refusals(agreement="A", serial=1, since=AT, until=until, counts=counts)
    told = said(refused)
    assert told["counts"] == [{"clause": "1", "reason": "x", "sort": "a-f-S", "count": 4}]
    assert told["until"] == "2026-12-01T06:01:00.123Z"


def test_a_checkpoint_is_told_as_its_text() -> None:
    note = "origin\n7\nAAAA\n\n\u2014 name sig\n"
    assert said(Seen(note=note.encode()))["note"] == note


@pytest.mark.parametrize("body", [release(1), Seen(note=b"x\n")])
def test_every_line_is_json(body: Body) -> None:
    assert json.loads(json.dumps(said(body))) == said(body)


def test_a_time_is_told_to_the_millisecond() -> None:
    assert spell(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000Z"
