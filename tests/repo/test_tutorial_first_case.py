"""Every command of docs/tutorial/first-case.md is run, in order."""

import re
import shlex
from pathlib import Path

import pytest

from accord.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial" / "first-case.md").read_text("utf-8")


def test_the_commands_of_the_page_do_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    said: dict[str, str] = {}
    for command in re.findall(r"(?m)^\$ accord (.*)$", PAGE):
        name = next(iter(re.findall(r"NZL-RCC-\d+-1", said.get("sar list rcc", ""))), "")
        arguments = [each.replace("NZL-RCC-CASE-1", name) for each in shlex.split(command)]
        assert main(arguments) == 0, command
        said[command] = capsys.readouterr().out
    opened = next(text for command, text in said.items() if "sar open" in command)
    assert "in exercise:RATA 27" in opened
    report = next(text for command, text in said.items() if "--release" in command)
    assert report.startswith("EXERCISE EXERCISE EXERCISE (RATA 27)")
    coverage = next(text for command, text in said.items() if "coverage" in command)
    assert "success 0.0 %" in coverage
    assert (tmp_path / "case.zip").stat().st_size > 1000
