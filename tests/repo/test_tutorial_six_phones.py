"""Every command of docs/tutorial/six-phones.md is run, in order."""

import re
import shlex
from pathlib import Path

import pytest

from accord.cli.main import main
from support.keys import quick_keys as quick_keys

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "six-phones.md").read_text("utf-8")


def test_the_commands_of_the_page_let_six_phones_in_and_one_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    quick_keys: None,
) -> None:
    assert "`accord` is `./accord`" in PAGE  # all that a fresh checkout has
    monkeypatch.chdir(tmp_path)
    said: list[tuple[str, str]] = []
    for command in re.findall(r"(?m)^\$ accord (.*)$", PAGE):
        assert main(shlex.split(command)) == 0, command
        said.append((command, capsys.readouterr().out))
    told = dict(said)
    listed = told["client list rescue"]
    assert len(re.findall(r"(?m)^rata-\d .*is to enrol", listed)) == 6
    assert len(list((tmp_path / "rescue" / "clients").glob("rata-*-trust.zip"))) == 6
    codes = [text for command, text in said if "client add" in command]
    assert len({re.findall(r"token=(\S+)", text)[0] for text in codes}) == len(codes) == 7
    assert re.search(r"client revoke +rata-6", told["audit list rescue"])
    assert "authority/ca.pem" not in told["certificates rescue --warned"]
