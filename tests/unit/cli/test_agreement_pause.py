from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.errors import UsageError
from accord.storage.agreements import AGREEMENTS, Agreements
from support.small_agreement import FILES, ID, KEYS, signed, small


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    held = Agreements(tmp_path / AGREEMENTS)
    (tmp_path / AGREEMENTS).mkdir()
    held.activate(small(), FILES, signed(small()), trusted=KEYS)
    return tmp_path


def paused(directory: Path) -> list[str]:
    return [pause.reason for _, pause in Agreements(directory / AGREEMENTS).paused()]


def test_an_agreement_is_paused_without_any_partys_key_and_resumed(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreement", "pause", str(directory), ID, "--reason", "wrong area"]) == 0
    assert paused(directory) == ["wrong area"]
    said = capsys.readouterr().out
    assert said.startswith(f"paused: {ID} serial 1 on this node; partners are told when")
    assert main(["agreement", "list", str(directory)]) == 0
    assert "wrong area" in capsys.readouterr().out
    assert main(["agreement", "resume", str(directory), ID]) == 0
    assert paused(directory) == []


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "x" * 501])
def test_a_reason_must_be_one_that_others_can_read(
    directory: Path, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["agreement", "pause", str(directory), ID, "--reason", reason]) == UsageError.exit_code
    )
    assert "--reason" in capsys.readouterr().err
    assert paused(directory) == []


def test_what_is_not_held_or_not_paused_is_said_in_a_line(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreement", "pause", str(directory), "OTHER", "--reason", "x"]) == 1
    assert "holds no agreement 'OTHER'" in capsys.readouterr().err
    assert main(["agreement", "resume", str(directory), ID]) == 1
    assert "is not paused" in capsys.readouterr().err
    assert main(["agreement", "pause", str(directory / "no"), ID, "--reason", "x"]) == 2


def test_a_disk_that_cannot_be_written_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accord.storage.agreements._write", full)
    assert main(["agreement", "pause", str(directory), ID, "--reason", "x"]) == 1
    monkeypatch.setattr(Agreements, "go_on", full)
    assert main(["agreement", "resume", str(directory), ID]) == 1
    assert capsys.readouterr().err.count("No space left on device") == 2
