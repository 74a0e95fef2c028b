import json
from datetime import timedelta
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.storage.acts import Act, Acts
from support.clock import START
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    acts = Acts(made / "people.sqlite")
    for day in range(3):
        acts.note(
            Act(at=START + timedelta(days=day), who="boss", via="password", whence="192.0.2.9",
                what="user lock", whom=f"user-{day}")
        )  # fmt: skip
    capsys.readouterr()
    return made


def audit(directory: Path, *arguments: str) -> int:
    return main(["audit", "list", str(directory), *arguments])


def test_what_was_done_is_listed_newest_first(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(directory) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["WHEN", "WHO", "BY", "FROM", "WHAT", "WHOM", "DETAIL"]
    assert lines[1].split() == [
        "3", "2026-01-04", "03:04:05Z", "boss", "password", "192.0.2.9", "user", "lock", "user-2",
    ]  # fmt: skip
    assert audit(directory, "--before", "3", "--lines", "1", "--json") == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert said["number"] == 2
    assert said.keys() == {"number", "at", "who", "via", "from", "what", "whom", "detail"}


@pytest.mark.parametrize("wrong", [("--lines", "0"), ("--before", "0"), ("--before", "-1")])
def test_what_is_no_number_of_lines_is_refused(directory: Path, wrong: tuple[str, ...]) -> None:
    assert audit(directory, *wrong) == 2


def test_where_there_is_no_node_there_is_no_audit(tmp_path: Path) -> None:
    assert audit(tmp_path) == 2
