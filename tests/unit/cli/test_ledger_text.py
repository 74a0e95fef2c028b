import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.release.ledger.checkpoint import cosign
from accord.release.ledger.entry import Body, Count, Gap, Recall, Receipt, Refusals, Seen
from accord.storage.ledger_reader import path_of
from accord.wire.peer import record as peer
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Outcome
from support.ledger import AT, AUTHOR, KEYS, NZL, WITNESS, make_ledger, release
from support.ledger import USA as OWN

LATER = AT + timedelta(days=2)
AUS = type(NZL)("adf.example", "AUS-HQ")
REFUSED = Refusals(
    agreement="EXAMPLE-USA-NZL",
    serial=1,
    since=AT,
    until=LATER,
    counts=(Count(clause="3.1", reason="TOO_YOUNG", sort="sea", count=7),),
)
RECALLED = Recall(
    by=OWN.node, agreement="A", serial=1, clause="3.1", name=None, reason="x", frame=3
)
BODIES: list[Body] = [
    release(1),
    release(2, clause="2.1"),
    REFUSED,
    Gap(by="USA", first=1, last=2, reason="3.1"),
]


@pytest.fixture
def node(tmp_path: Path) -> Path:
    ledger = make_ledger(tmp_path, BODIES)
    ledger.append([release(3), RECALLED, Seen(note=b"origin\n5\nroot\n")], LATER)
    ledger.keep(cosign(ledger.sign(AUTHOR), WITNESS, 1_800_000_000), KEYS)
    ledger.close()
    make_ledger(tmp_path, [release(9)], partner=AUS).close()
    return tmp_path


def numbers(node: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, int]]:
    assert main(["ledger", "show", str(node), *options, "--json"]) == 0
    said: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return [(each["partner"], each["number"]) for each in said]


def test_lines_of_all_partners_are_shown_the_newest_last(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = [("AUS-HQ", 1), *((NZL.node, number) for number in range(1, 8))]
    assert numbers(node, capsys) == expected
    assert numbers(node, capsys, "--limit", "2") == [("AUS-HQ", 1), (NZL.node, 6), (NZL.node, 7)]


@pytest.mark.parametrize(
    ("outcome", "objects", "said"),
    [
        (Outcome.DROPPED, 1, "dropped, 1 object"), (Outcome.NOT_HELD, 0, "not held, 0 objects"),
        (Outcome.TAKEN, 0, "the new key is taken"), (Outcome.REFUSED, 0, "it is refused"),
    ],
)  # fmt: skip
def test_the_answer_to_a_recall_is_shown_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: Outcome, objects: int, said: str
) -> None:
    answer = peer.Receipt(recall=bytes(32), outcome=outcome, objects=objects, at=2)
    void = content_bytes(peer.Suspended(agreement=bytes(8), reason="x", at=2))
    lines = [
        Receipt(by=NZL.node, frame=4, statement=each)
        for each in (content_bytes(answer), void, b"no cbor")
    ]
    make_ledger(tmp_path, lines).close()
    assert main(["ledger", "show", str(tmp_path)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith(f"receipt: by {NZL.node}, frame 4, said {said}")
    assert [f"statement {void.hex()}" in shown[1], "statement" in shown[2]] == [True, True]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--kind", "released"), [1, 2, 5]),
        (("--kind", "refused"), [3]),
        (("--kind", "recall"), [6]),
        (("--kind", "received"), []),
        (("--agreement", "A"), [6]),
        (("--agreement", "EXAMPLE-USA-NZL", "--kind", "refused"), [3]),
        (("--agreement", "EXAMPLE"), []),
        (("--clause", "3.1", "--agreement", "A"), [6]),
    ],
)
def test_lines_are_chosen_by_agreement_and_kind(
    node: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], expected: list[int]
) -> None:
    found = numbers(node, capsys, "--partner", NZL.node, *options)
    assert found == [(NZL.node, number) for number in expected]


def test_lines_are_chosen_by_partner_clause_and_day(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert numbers(node, capsys, "--partner", "AUS-HQ") == [("AUS-HQ", 1)]
    only = ("--partner", NZL.node)
    assert numbers(node, capsys, *only, "--clause", "2.1") == [(NZL.node, 2)]
    # Of refusals and recalls it is the clause; that a reason names it is not enough.
    assert numbers(node, capsys, *only, "--clause", "3.1") == [(NZL.node, 3), (NZL.node, 6)]
    assert numbers(node, capsys, *only, "--day", "2026-12-03", "--clause", "1.1") == [(NZL.node, 5)]
    assert numbers(node, capsys, *only, "--day", "2026-12-02") == []


def test_a_line_says_what_it_holds(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "show", str(node), "--partner", NZL.node]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(
        "1 2026-12-01T06:00:00.123Z NZL-JFNZ release: agreement EXAMPLE-USA-"
    )
    assert "name P-1, version [3; 1764000000001], payload" in lines[0]
    assert "operator" not in lines[0]
    assert lines[2].endswith("counts [3.1 TOO_YOUNG sea 7]")
    assert lines[6].endswith("seen: note origin at 5")


def test_what_a_partner_called_its_words_does_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_ledger(tmp_path, [release(1, name="\x1b[2JGeoChat\n2", clause="\x9b1")]).close()
    assert main(["ledger", "show", str(tmp_path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "clause ?1, " in line
    assert "name ?[2JGeoChat?2, " in line or "name ?[2JGeoChat at 2, " in line


def test_json_has_digests_in_hexadecimal_and_counts_by_name(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "show", str(node), "--partner", NZL.node, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said[0]["digest"] == release(1).digest.hex()
    assert said[2]["counts"] == [
        {"clause": "3.1", "reason": "TOO_YOUNG", "sort": "sea", "count": 7}
    ]
    assert said[2]["until"] == "2026-12-03T06:00:00.123Z"
    assert said[6]["note"] == "origin\n5\nroot\n"


def test_a_line_that_cannot_be_read_is_named(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(path_of(node, NZL.node)) as connection:
        connection.execute("DROP TRIGGER entry_stays")
        connection.execute("UPDATE entry SET data = data || x'00' WHERE number = 2")
    connection.close()
    assert main(["ledger", "show", str(node), "--partner", NZL.node]) == 1
    assert "line 2 of the ledger for NZL-JFNZ: " in capsys.readouterr().err


@pytest.fixture
def proof(node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["ledger", "prove", str(node), NZL.node, "2"]) == 0
    file = tmp_path / "two.tlog-proof"
    file.write_text(capsys.readouterr().out, "utf-8")
    return file


def keys() -> list[str]:
    return [word for key in KEYS for word in ("--key", key.spell())]


def test_a_proof_is_checked_without_the_ledger(
    proof: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "check-proof", str(proof), *keys()]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0] == "proved: this is a line of pac.example/node/USA-PAC/ledger/NZL-JFNZ, of 7 lines"
    )
    assert said[1] == "cosigned by jfnz.example/node/NZL-JFNZ at 2027-01-15T08:00:00Z"
    assert said[2].startswith("2 2026-12-01T06:00:00.123Z NZL-JFNZ release: ")
    assert main(["ledger", "check-proof", str(proof), *keys(), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert (read["size"], read["line"]["clause"], len(read["cosigned"])) == (7, "2.1", 1)


def test_a_proof_that_was_changed_is_refused(
    proof: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof.write_text(proof.read_text("utf-8").replace("index 1", "index 2"), "utf-8")
    assert main(["ledger", "check-proof", str(proof), *keys()]) == 1
    assert "not in the ledger" in capsys.readouterr().err
    assert main(["ledger", "check-proof", str(proof / "none"), *keys()]) == 2
    assert main(["ledger", "check-proof", str(proof), "--key", "x"]) == 1
