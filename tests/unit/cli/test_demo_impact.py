from pathlib import Path
from typing import Any

import pytest

import accord
from accord.cli import demo_impact, impact
from accord.cli.main import main


def test_the_demonstration_asks_what_the_four_commitments_change_and_writes_a_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    opened: list[str] = []

    def run(arguments: Any) -> int:
        asked.append(arguments)
        return 0

    monkeypatch.setattr(impact, "run", run)
    monkeypatch.setattr(demo_impact.webbrowser, "open", opened.append)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["demo", "--impact"]) == 0
    (arguments,) = asked
    assert arguments.commitments == ["C1", "C2", "C3", "C4"]
    assert arguments.scenario.is_file()
    assert arguments.html.name == "answer.html"
    assert opened == [arguments.html.as_uri()]
    assert (arguments.words, arguments.json, arguments.draws) == (True, False, impact.DRAWS)
    arguments.html.parent.rmdir()


def test_without_the_examples_it_says_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(accord, "__file__", str(tmp_path / "src" / "accord" / "__init__.py"))
    assert main(["demo", "--impact"]) == 2
    assert "run ./accord demo in a clone of the source" in capsys.readouterr().err
