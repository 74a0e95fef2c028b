import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from support.in_process import make_node
from support.statements import STATEMENT


@pytest.fixture
def node(tmp_path: Path) -> Path:
    made = make_node(tmp_path / "node", node="NZL-A", nation="NZL")
    (tmp_path / "joint.yaml").write_text(STATEMENT)
    assert main(["commitment", "add", str(made), str(tmp_path / "joint.yaml")]) == 0
    return made


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["commitment", *arguments]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def test_the_register_says_what_we_owe_are_owed_and_what_nobody_read(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "list", str(node), "--on", "2026-05-02").splitlines()
    assert lines[0] == "commitments of NZL as they stand on 2026-05-02"
    at = lines.index("what we owe")
    assert lines[at + 1] == (
        "  JOINT.1 not confirmed: NZL adds a deployment, to FJI, due 2026-05-01, until 2026-10-31 "
        "(invented)"
    )
    assert "New Zealand will station" in lines[at + 2]
    assert lines[lines.index("what ends within 90 days") + 1] == "  nothing"
    assert lines[-1].startswith("not read yet: JOINT, sentence 4: They look forward")


def test_the_register_can_be_written_as_a_page(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "register.html"
    said(capsys, "list", str(node), "--html", str(page))
    assert "Commitments of NZL as they stand on" in page.read_text("utf-8")
    gone = str(tmp_path / "no" / "register.html")
    assert "cannot be written" in said(capsys, "list", str(node), "--html", gone, code=1)


def test_what_a_person_says_of_a_clause_is_kept(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told_at_once = said(capsys, "confirm", str(node), "JOINT", "1", "--on", "2026-02-11")
    assert told_at_once.startswith("confirmed on 2026-02-11, by ")
    stands = said(
        capsys, "kept", str(node), "JOINT", "1", "--on", "2036-05-01", "--note", "arrived"
    ).splitlines()
    assert stands[0].startswith("kept on 2036-05-01, by ")
    assert stands[0].endswith("; as it stands on 2036-05-01:")
    assert stands[1].startswith("  JOINT.1 late: NZL adds a deployment, to FJI, due 2026-05-01")
    said(capsys, "kept", str(node), "JOINT", "1", "--on", "2026-05-01", "--note", "arrived")
    assert "confirm it first" in said(capsys, "broken", str(node), "JOINT", "2", code=1)
    assert "not both on one day" in said(
        capsys, "broken", str(node), "JOINT", "1", "--on", "2026-05-01", code=1
    )
    one = told(capsys, "show", str(node), "JOINT", "--on", "2026-06-01")
    assert [each["progress"] for each in one["clauses"]] == [
        "kept", "not confirmed", "not measurable",
    ]  # fmt: skip
    assert [each["event"] for each in one["notes"]] == ["confirmed", "kept", "kept"]
    text = said(capsys, "show", str(node), "JOINT", "--on", "2026-06-01")
    assert "2026-05-01 clause 1 kept by " in text
    assert ": arrived" in text
    assert "not read yet: JOINT, sentence 4: They look forward" in text
    listed = told(capsys, "list", str(node), "--on", "2026-06-01")
    assert [each["progress"] for each in listed["owe"]] == ["kept"]


def test_taking_a_statement_in_says_what_is_left_to_do(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "confirm", str(node), "JOINT", "1")
    path = tmp_path / "joint.yaml"
    lines = said(capsys, "add", str(node), str(path)).splitlines()
    assert lines == [
        "JOINT: nothing new; it stays as it was",
        f"2 of 3 clauses to be confirmed, such as: accord commitment confirm {node} JOINT 2",
        "not read yet: sentence 4: They look forward to the future.",
    ]
    path.write_text(STATEMENT.replace("at Nadi", "at Suva"))
    assert said(capsys, "add", str(node), str(path)).splitlines()[:2] == [
        "JOINT: taken",
        f"3 of 3 clauses to be confirmed, such as: accord commitment confirm {node} JOINT 1",
    ]
    for clause in "123":
        said(capsys, "confirm", str(node), "JOINT", clause)
    assert "to be confirmed" not in said(capsys, "add", str(node), str(path))


def test_what_is_not_there_or_not_a_day_is_said(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no clause 9; it has 3" in said(capsys, "kept", str(node), "JOINT", "9", code=1)
    assert "no statement OTHER" in said(capsys, "show", str(node), "OTHER", code=1)
    bad = tmp_path / "bad.yaml"
    bad.write_text(STATEMENT.replace("conf: C", "conf: D"))
    assert "line 7" in said(capsys, "add", str(node), str(bad), code=1)
    with pytest.raises(SystemExit):
        main(["commitment", "list", str(node), "--on", "soon"])
    assert "soon is not a day" in capsys.readouterr().err
