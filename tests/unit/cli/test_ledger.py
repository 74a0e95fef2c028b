import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from support.ledger import AUTHOR, NZL, make_ledger, release

PARTNER = NZL.node


@pytest.fixture
def node(tmp_path: Path) -> Path:
    ledger = make_ledger(tmp_path / "node", [release(number) for number in range(1, 6)])
    ledger.sign(AUTHOR)
    ledger.close()
    return tmp_path / "node"


@pytest.mark.parametrize(
    "words",
    [
        ("show", "node", "--day", "yesterday"),
        ("show", "node", "--limit", "0"),
        ("show", "node", "--limit", "-1"),
        ("prove", "node", PARTNER, "three"),
        ("check-proof", "file"),
        ("nothing",),
        (),
    ],
)
def test_wrong_use_exits_with_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["ledger", *words])
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("show", "--partner", "AUS"),
        ("verify", "AUS"),
        ("prove", "AUS", "1"),
        ("export", "AUS", "file"),
        ("compare", "AUS", "file"),
    ],
)
def test_a_partner_that_there_is_no_ledger_for_is_named(
    node: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    action, *rest = words
    assert main(["ledger", action, str(node), *rest]) == 2
    assert "no ledger for a partner AUS" in capsys.readouterr().err


def test_each_action_answers_in_json(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> Any:
        assert main(["ledger", *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert [each["size"] for each in said("list", str(node))] == [5]
    assert [each["number"] for each in said("show", str(node))] == [1, 2, 3, 4, 5]
    assert [each["ok"] for each in said("verify", str(node))] == [True]
    assert said("prove", str(node), PARTNER, "3")["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert said("export", str(node), PARTNER, str(node / "out"))["lines"] == 5
