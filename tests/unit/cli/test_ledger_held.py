import base64
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.core.partner import Partner, Profile
from accord.node.directory import held
from accord.release.ledger.audit import MAX_FINDINGS, SEGMENT
from accord.release.ledger.checkpoint import cosign
from accord.release.ledger.entry import Gap
from accord.release.ledger.note import Signer
from accord.storage.ledger_reader import path_of
from accord.storage.partners import PARTNERS, Partners
from support.ledger import (
    AT,
    AUTHOR,
    KEYS,
    NZL,
    ORIGIN,
    OTHER_AUTHOR,
    USA,
    WITNESS,
    key,
    make_ledger,
    received,
    release,
)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """The ledger of USA for NZL: five releases, one received; cosigned."""
    directory = tmp_path / "usa"
    ledger = make_ledger(directory, [*(release(number) for number in range(1, 6)), received(7)])
    ledger.keep(cosign(ledger.sign(AUTHOR), WITNESS, 1_800_000_000), KEYS)
    ledger.close()
    return directory


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The mirror of it at NZL."""
    directory = tmp_path / "nzl"
    bodies = [*(received(number) for number in range(1, 6)), release(7)]
    ledger = make_ledger(directory, bodies, mine=NZL, partner=USA)
    ledger.sign(OTHER_AUTHOR)
    ledger.close()
    return directory


def run(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    assert main(["ledger", *map(str, words)]) == code
    printed = capsys.readouterr()
    return printed.err if not printed.out else printed.out


def alter(directory: Path, *statements: str) -> None:
    with sqlite3.connect(path_of(directory, NZL.node)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS entry_stays")
        for each in statements:
            connection.execute(each)
    connection.close()


def test_the_list_has_sizes_and_keys(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(capsys, "list", ours).splitlines()
    assert said[0] == "NZL-JFNZ: 6 lines, signed up to 6"
    assert {each.strip() for each in said[1:]} == {key.spell() for key in KEYS}
    make_ledger(tmp_path / "new").close()
    assert "0 lines, signed up to 0" in run(capsys, "list", tmp_path / "new")


def test_a_whole_ledger_is_said_to_be(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "verify", ours)
    assert said == ("NZL-JFNZ: whole, 6 lines; signed up to 6, cosigned by the partner up to 6\n")


def test_an_altered_line_is_named_with_exit_code_1(
    ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter(ours, "UPDATE entry SET data = data || x'00' WHERE number = 3")
    said = run(capsys, "verify", ours, NZL.node, code=1)
    assert said.splitlines()[0].startswith("NZL-JFNZ: NOT WHOLE, 6 lines")
    assert said.splitlines()[1:] == ["  line 3 was altered"]
    (read,) = json.loads(run(capsys, "verify", ours, "--json", code=1))
    assert (read["ok"], read["findings"]) == (
        False,
        [{"says": "was altered", "first": 3, "last": 3}],
    )


def test_only_the_keys_that_are_given_are_believed(
    ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Signer(ORIGIN, key("stranger")).key.spell()
    assert "cannot be believed" in run(capsys, "verify", ours, "--key", other, code=1)
    said = run(capsys, "verify", ours, "--key", KEYS[0].spell())
    assert "cosigned by the partner up to 0" in said


def pin(directory: Path, ledger_key: str) -> None:
    register = Partners(directory / PARTNERS)
    register.prepare()
    partner = Partner(
        node=NZL.node, trust_domain=NZL.trust_domain, profile=Profile.MODERN, authority=b"x",
        party_key="ed25519:x", release_key="ed25519:y", ledger_key=ledger_key, made=AT,
    )  # fmt: skip
    register.add(partner, AT)


def spelt(node: str) -> str:
    return "ed25519:" + base64.b64encode(key(node).public_key().public_bytes_raw()).decode()


def test_the_partners_key_is_the_pinned_one_whatever_the_ledger_says(
    ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin(ours, spelt("NZL"))
    assert "cosigned by the partner up to 6" in run(capsys, "verify", ours)
    pin(ours, spelt("somebody else"))
    assert "cosigned by the partner up to 0" in run(capsys, "verify", ours)


def test_without_a_ledger_there_is_nothing_to_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "has no ledger" in run(capsys, "verify", tmp_path, code=2)


def test_many_findings_and_pruned_lines_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = SEGMENT + MAX_FINDINGS + 20
    ledger = make_ledger(tmp_path, [release(number) for number in range(1, count)])
    ledger.prune(SEGMENT, "ten years", None, AT)
    ledger.close()
    assert "lines up to 1024 were pruned" in run(capsys, "verify", tmp_path)
    alter(tmp_path, "UPDATE entry SET data = data || x'00' WHERE number < 1144")
    assert "\n  and 19 more\n" in run(capsys, "verify", tmp_path, code=1)


def test_a_line_is_proved_by_the_last_checkpoint(
    ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = json.loads(run(capsys, "prove", ours, NZL.node, 6, "--json"))
    assert read["proof"].split("\n")[2] == "index 5"
    assert set(read["keys"]) == {key.spell() for key in KEYS}
    ledger = make_ledger(ours)
    ledger.append([release(8)], AT)
    ledger.close()
    assert "is not signed yet" in run(capsys, "prove", ours, NZL.node, 7, code=1)
    assert "has no line 9" in run(capsys, "prove", ours, NZL.node, 9, code=1)


def exported(directory: Path, partner: str, file: Path) -> Path:
    assert main(["ledger", "export", str(directory), partner, str(file)]) == 0
    return file


KEY = ("--key", OTHER_AUTHOR.key.spell())


def test_ledgers_that_say_the_same_agree(
    ours: Path, theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(theirs, USA.node, tmp_path / "theirs")
    assert capsys.readouterr().out == f"{file}: 6 lines\n"
    said = run(capsys, "compare", ours, NZL.node, file, *KEY)
    line = (
        "  EXAMPLE-USA-NZL serial 1, clause 1.1: sent {0}, received {0}, lost on the way 0: agrees"
    )
    assert said.splitlines() == [
        "sent to NZL-JFNZ:", line.format(5), "received from NZL-JFNZ:", line.format(1)
    ]  # fmt: skip


def compared(capsys: pytest.CaptureFixture[str], ours: Path, file: Path) -> Any:
    return json.loads(run(capsys, "compare", ours, NZL.node, file, *KEY, "--json", code=1))


def test_what_is_missing_is_told_for_the_side_that_lacks_it(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [received(1), received(2), received(99), received(3, marking="x"), release(8)]
    directory = tmp_path / "nzl"
    ledger = make_ledger(directory, bodies, mine=NZL, partner=USA)
    ledger.sign(OTHER_AUTHOR)
    ledger.close()
    file = exported(directory, USA.node, tmp_path / "theirs")
    capsys.readouterr()
    read = compared(capsys, ours, file)
    (given,), (taken,) = read["given"]["clauses"], read["taken"]["clauses"]
    assert (read["ok"], given["sent"], given["received"]) == (False, 5, 4)
    assert given["missing"] == {"count": 2, "lines": [4, 5]}
    assert given["unsent"] == {"count": 1, "lines": [3]}
    assert given["differing"] == {"count": 1, "lines": [3]}
    assert taken["unsent"] == {"count": 1, "lines": [6]}
    said = run(capsys, "compare", ours, NZL.node, file, *KEY, code=1)
    assert "    missing at the receiver: 2, lines 4, 5\n" in said
    assert "clause 1.1: sent 5, received 4, lost on the way 0: DIFFERS\n" in said


def test_the_partners_key_is_asked_for_where_it_is_not_pinned(
    ours: Path, theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(theirs, USA.node, tmp_path / "theirs")
    capsys.readouterr()
    assert "give it with --key" in run(capsys, "compare", ours, NZL.node, file, code=2)
    pin(ours, spelt("NZL"))
    assert "agrees" in run(capsys, "compare", ours, NZL.node, file)
    pin(ours, spelt("somebody else"))
    assert "is not signed by it" in run(capsys, "compare", ours, NZL.node, file, code=1)


def test_an_export_of_another_link_or_with_changed_lines_is_refused(
    ours: Path, theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = exported(ours, NZL.node, tmp_path / "mine")
    capsys.readouterr()
    own = ("--key", AUTHOR.key.spell())
    assert "this is the ledger of USA-PAC for NZL-JFNZ" in run(
        capsys, "compare", ours, NZL.node, mine, *own, code=1
    )
    file = exported(theirs, USA.node, tmp_path / "theirs")
    file.write_bytes(file.read_bytes().replace(b"P-3", b"P-4"))
    capsys.readouterr()
    assert "are not the 6" in run(capsys, "compare", ours, NZL.node, file, *KEY, code=1)
    missing = tmp_path / "none"
    assert "cannot read" in run(capsys, "compare", ours, NZL.node, missing, *KEY, code=2)


def test_an_export_is_not_written_over_anything(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = exported(ours, NZL.node, tmp_path / "mine")
    capsys.readouterr()
    assert "cannot write" in run(capsys, "export", ours, NZL.node, file, code=1)


def test_a_pruned_ledger_is_exported_and_compared_by_what_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = SEGMENT + 40
    numbers = range(1, count + 1)
    mine = make_ledger(tmp_path / "usa", [release(number) for number in numbers])
    mine.sign(AUTHOR)
    mine.close()
    other = make_ledger(
        tmp_path / "nzl", [received(number) for number in numbers], mine=NZL, partner=USA
    )
    other.prune(SEGMENT, "old", None, AT)
    early = tmp_path / "early"
    other.append([Gap(by=USA.node, first=900, last=901, reason="restored")], AT)
    other.sign(OTHER_AUTHOR)
    other.close()
    file = exported(tmp_path / "nzl", USA.node, early)
    capsys.readouterr()
    said = run(capsys, "compare", tmp_path / "usa", NZL.node, file, *KEY)
    # With the frame that is still there in part: 1020 to 1024 are gone, 1025 to 1039 are not.
    assert "sent 1064, received 40, lost on the way 0: agrees" in said
    assert "  1024 are not compared: a ledger says itself that lines are gone\n" in said


def test_a_checkpoint_from_before_the_pruning_does_not_carry_an_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = make_ledger(tmp_path, [release(1)])
    ledger.sign(AUTHOR)
    ledger.append([release(number) for number in range(2, SEGMENT + 9)], AT)
    ledger.prune(SEGMENT, "old", None, AT)
    ledger.close()
    file = tmp_path / "out"
    assert "lines up to 1024 are pruned" in run(capsys, "export", tmp_path, NZL.node, file, code=1)


def test_old_lines_are_removed_from_a_stopped_node_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_ledger(tmp_path, [release(number) for number in range(1, SEGMENT + 9)]).close()
    words = ("prune", tmp_path, NZL.node, "--through", SEGMENT + 5, "--reason", "ten years")
    with held(tmp_path):
        assert "stop that one first" in run(capsys, *words, code=1)
    said = run(capsys, *words)
    assert said == "lines up to 1024 are removed; line 1033 says so\n"
    assert "lines up to 1024 were pruned" in run(capsys, "verify", tmp_path)
    shown = json.loads(run(capsys, "show", tmp_path, "--limit", 1, "--json"))
    assert (shown[0]["kind"], shown[0]["reason"]) == ("pruned", "ten years")
    again = json.loads(run(capsys, *words, "--operator", "kea", "--json"))
    assert again == {"partner": NZL.node, "through": 1024, "line": 1034}


def test_nothing_to_compare_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_ledger(tmp_path / "usa").close()
    other = make_ledger(
        tmp_path / "nzl", [Gap(by=USA.node, first=1, last=1, reason="x")], mine=NZL, partner=USA
    )
    other.sign(OTHER_AUTHOR)
    other.close()
    file = exported(tmp_path / "nzl", USA.node, tmp_path / "theirs")
    capsys.readouterr()
    said = run(capsys, "compare", tmp_path / "usa", NZL.node, file, *KEY)
    assert said.splitlines()[1] == "  nothing"
