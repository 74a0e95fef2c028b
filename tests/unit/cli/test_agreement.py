import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.cli.agreement import moment, named
from accord.release.fault import AgreementError
from support.agreement_command import accord_agreement
from support.small_agreement import FILES, SMALL


def test_times_are_utc_where_they_say_no_zone() -> None:
    assert moment("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert moment("2026-11-01T13:00+13:00") == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(argparse.ArgumentTypeError, match="is no time such as"):
        moment("tomorrow")


def test_names_and_values_are_told_apart_at_the_first_equals_sign() -> None:
    assert named("NZL-A=ed25519:abc=") == ("NZL-A", "ed25519:abc=")
    for wrong in ("NZL-A", "=x", "NZL-A="):
        with pytest.raises(argparse.ArgumentTypeError, match="is not NAME=VALUE"):
            named(wrong)


def test_the_actions_are_those_that_people_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        accord_agreement("--help")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for action in (
        "new", "check", "prove", "explain", "diff", "preview", "sign", "verify", "activate",
        "suspend", "list",
    ):  # fmt: skip
        assert f"\n    {action} " in said


@pytest.mark.parametrize(
    "wrong", [[], ["chek", "a.md"], ["check"], ["sign", "a.md"], ["new", "a.md", "--id", "X"]]
)
def test_wrong_use_ends_with_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        accord_agreement(*wrong)
    assert ended.value.code == 2
    assert "accord agreement" in capsys.readouterr().err


def test_machines_are_told_what_is_wrong_with_line_and_clause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SMALL.replace('- releases "a ship" as exact', '- withholds "a ship"')
    path = tmp_path / "a.md"
    path.write_text(text)
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    assert accord_agreement("check", path, "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    (fault,) = said["faults"]
    assert fault["clause"] == "1"
    assert fault["line"] == text[: text.index('- withholds "a ship"\n')].count("\n") + 1
    assert "released as exact" in fault["sentence"]
    with pytest.raises(AgreementError, match="released as exact"):
        accord_agreement("check", path)


def test_help_says_that_a_keys_file_is_that_of_the_private_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        accord_agreement("key", "--help")
    said = " ".join(capsys.readouterr().out.split())
    assert "FILE the file of the private key" in said
    assert "document" not in said
