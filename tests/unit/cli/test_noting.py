"""What commands change stands in the audit; what they show does not."""

import io
import sys
from pathlib import Path

import pytest

from accord.cli.account import account
from accord.cli.main import main
from accord.storage.acts import Act, Acts
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")

PASSWORD = "correct horse battery staple"


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    capsys.readouterr()
    return made


def noted(directory: Path) -> list[Act]:
    return [each.act for each in reversed(Acts(directory / "people.sqlite").newest())]


def test_what_was_done_is_noted_with_who_and_from_where(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.9 50000 192.0.2.1 22")
    at = str(directory)
    assert main(["--debug", "client", "add", at, "kea", "--group", "Blue", "--enrol"]) == 0
    assert main(["client", "revoke", at, "kea"]) == 0
    first, second = noted(directory)
    assert (first.who, first.via, first.whence) == (account(), "command", "192.0.2.9")
    assert (first.what, first.whom) == ("client add", "kea")
    assert first.detail == "kea --group Blue --enrol"
    assert (second.what, second.whom, second.detail) == ("client revoke", "kea", "kea")


def test_no_password_is_noted(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    given = ["user", "add", str(directory), "tahi", "--group", "Blue", "--password-stdin"]
    assert main(given) == 0
    (act,) = noted(directory)
    assert (act.what, act.whom) == ("user add", "tahi")
    assert act.whence
    assert PASSWORD not in str(act)


def test_what_only_shows_or_fails_is_not_noted(directory: Path) -> None:
    at = str(directory)
    assert main(["client", "list", at]) == 0
    assert main(["client", "revoke", at, "nobody"]) == 1
    assert main(["user", "lock", at, "nobody"]) == 1
    assert noted(directory) == []


def test_what_cannot_be_noted_is_said(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trigger = "CREATE TRIGGER full BEFORE INSERT ON act BEGIN SELECT raise(ABORT, 'no room'); END"
    with Acts(directory / "people.sqlite")._register.open() as file:
        file.execute(trigger)
    assert main(["client", "add", str(directory), "kea", "--group", "Blue", "--enrol"]) == 1
    assert "it is done, and does NOT stand in the audit" in capsys.readouterr().err
