import json
import os
import shutil
from argparse import Namespace
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from accord.cli import doctor
from accord.cli.doctor import Finding, Patient, examine, run
from accord.config import load
from accord.core.clock import SystemClock
from support.clock import START, ManualClock
from support.fake_node import FakeNode, a_node_directory
from support.health import a_status
from support.tls import END, TestAuthority


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return a_node_directory(tmp_path / "nzl")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def patient(authority: TestAuthority, clock: ManualClock) -> Patient:
    directory = authority.directory
    return Patient(directory=directory, settings=load(directory), clock=clock)


def _failures(patient: Patient) -> dict[str, Finding]:
    return {each.check: each for each in examine(patient) if not each.is_ok}


def _failure(patient: Patient, check: str) -> str:
    failed = _failures(patient)[check]
    return f"{failed.said}; {failed.advice}"


def test_a_node_that_does_not_run_has_nothing_else_wrong(patient: Patient) -> None:
    failures = _failures(patient)
    assert list(failures) == ["node"]
    assert "start it with serve" in failures["node"].said


def test_a_certificate_is_named_with_its_subject_names_and_end(patient: Patient) -> None:
    said = {each.check: each.said for each in examine(patient)}
    assert "CN=NZL-X, ends 2120-01-01 00:00 UTC" in said["server/server.pem"]
    assert "for localhost, 127.0.0.1" in said["server/server.pem"]
    assert "CN=test authority" in said["authority/ca.pem"]


def test_an_ended_certificate_is_named_with_field_and_day(
    patient: Patient, authority: TestAuthority
) -> None:
    day = START - timedelta(days=1)
    authority.issue("server/server", "NZL-X", end=day)
    assert list(_failures(patient)) == ["server/server.pem", "node"]
    said = _failure(patient, "server/server.pem")
    assert said == (
        "notAfter is 2026-01-01 03:04 UTC: it has ended; "
        "start the node again, which makes a new one"
    )


def test_a_certificate_of_tomorrow_points_to_the_clock(
    patient: Patient, authority: TestAuthority, clock: ManualClock
) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    authority.issue("server/server", "NZL-X", begin=tomorrow, end=END)
    said = _failure(patient, "server/server.pem")
    assert said.startswith("notBefore is")
    assert said.endswith("; set the clock")


def test_a_certificate_of_another_authority_is_found(patient: Patient, tmp_path: Path) -> None:
    other = TestAuthority(tmp_path / "other")
    for path in other.issue("server/server", "NZL-X"):
        shutil.copy(path, patient.directory / "server")
    assert "issuer: it was not issued by authority/ca.pem" in _failure(patient, "server/server.pem")


def test_a_missing_or_damaged_certificate_is_named(patient: Patient) -> None:
    path = patient.directory / "server" / "server.pem"
    path.write_text("nonsense")
    assert f"{path} is no PEM certificate" in _failure(patient, "server/server.pem")
    path.unlink()
    said = _failure(patient, "server/server.pem")
    assert said == f"cannot read {path}: No such file or directory; put it back"


def test_a_certificate_without_names_is_no_failure(patient: Patient) -> None:
    ca = (patient.directory / "authority" / "ca.pem").read_bytes()
    assert (
        "for" not in doctor.certificate_is_valid(patient, Path("authority/ca.pem")).split("ends")[1]
    )
    assert ca


def test_a_key_that_others_may_read_is_found(patient: Patient) -> None:
    path = patient.directory / "authority" / "ca.key"
    path.chmod(0o644)
    said = _failure(patient, "authority/ca.key")
    assert said == f"others may read it (mode 644); chmod 600 {path}"


def test_a_key_of_another_certificate_is_found(patient: Patient) -> None:
    shutil.copy(
        patient.directory / "clients" / "administrator.key",
        patient.directory / "server" / "server.key",
    )
    assert "not the key of server/server.pem" in _failure(patient, "server/server.key")


def test_a_damaged_key_is_found(patient: Patient) -> None:
    (patient.directory / "server" / "server.key").write_text("nonsense")
    assert "cannot be read as a PEM key" in _failure(patient, "server/server.key")


def test_a_clock_that_was_set_back_is_found(patient: Patient, clock: ManualClock) -> None:
    path = patient.directory / "accord.toml"
    later = clock.now().timestamp() + 3600
    os.utime(path, (later, later))
    assert f"{path} was written on" in _failure(patient, "clock")


def test_a_file_that_goes_meanwhile_is_no_failure(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(directory: Path, _pattern: str) -> list[Path]:
        return [directory / "gone"]

    monkeypatch.setattr(Path, "rglob", listed)
    assert "clock" not in _failures(patient)


class _Usage(NamedTuple):
    free: int


def test_a_full_disk_is_found(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def nearly_full(_path: Path) -> _Usage:
        return _Usage(free=1 << 20)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    assert _failure(patient, "disk") == "1 MiB free; free at least 256 MiB"


def test_a_directory_of_another_user_is_found(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _mode: int) -> bool:
        return False

    monkeypatch.setattr(os, "access", refuse)
    assert "may not write" in _failure(patient, "disk")


def _run(directory: Path, *, as_json: bool = False) -> int:
    return run(Namespace(directory=directory, json=as_json))


def test_a_healthy_node_is_found_healthy(
    authority: TestAuthority, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeNode(authority, a_status()).running():
        assert _run(authority.directory) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert any("one client heard the other" in line for line in lines)


def test_problems_that_the_node_knows_of_are_failures(
    authority: TestAuthority, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeNode(authority, a_status(problems=("disk: nearly full",))).running():
        assert _run(authority.directory, as_json=True) == 1
    findings = json.loads(capsys.readouterr().out)
    assert [each["said"] for each in findings if not each["is_ok"]] == ["disk: nearly full"]


def test_a_port_that_does_not_answer_is_found(
    authority: TestAuthority, capsys: pytest.CaptureFixture[str]
) -> None:
    node = FakeNode(authority, a_status())
    with node.running():
        pass
    assert _run(authority.directory) == 1
    out = capsys.readouterr().out
    assert "FAIL  port cot-tls" in out
    assert "look at the node's log" in out
    assert "FAIL  message over TLS" in out
    assert "FAIL  status" in out


def test_a_register_that_is_damaged_or_gone_is_found(patient: Patient) -> None:
    path = patient.directory / "people.sqlite"
    advice = "put back your backup, see docs/how-to/run-as-a-service.md"
    path.write_bytes(b"nonsense" * 1000)
    assert f"file is not a database; {advice}" in _failure(patient, "people.sqlite")
    path.unlink()
    assert f"unable to open database file; {advice}" in _failure(patient, "people.sqlite")


@pytest.mark.parametrize(
    ("name", "mode", "right"),
    [(".", 0o755, 700), ("people.sqlite", 0o640, 600), ("clients/kiwi-1.zip", 0o644, 600)],
)
def test_what_others_may_read_is_found(patient: Patient, name: str, mode: int, right: int) -> None:
    path = patient.directory / name
    path.touch()
    path.chmod(mode)
    said = _failure(patient, "permissions")
    assert said == f"others may use {path} (mode {mode:o}); chmod {right} {path}"


def test_a_secret_that_others_may_read_is_found(patient: Patient) -> None:
    settings = patient.directory / "accord.toml"
    named = 'issuer = "https://there"\npage = "https://here"\nclient_id = "x"'
    settings.write_text(
        settings.read_text().replace(
            "[openid]", f'[openid]\n{named}\nclient_secret_file = "openid.secret"'
        )
    )
    patient = replace(patient, settings=load(patient.directory))
    assert "secrets" not in _failures(patient)  # who needs a file that is not there says so
    secret = patient.directory / "openid.secret"
    secret.write_text("x")
    secret.chmod(0o644)
    assert _failure(patient, "secrets") == (
        f"[openid] client_secret_file: others may read {secret} (mode 644); chmod 600 {secret}"
    )
    secret.chmod(0o600)
    assert "secrets" not in _failures(patient)


def test_a_chosen_name_that_the_certificate_lacks_is_found(patient: Patient) -> None:
    settings = patient.directory / "accord.toml"
    settings.write_text(settings.read_text().replace("#names = []", 'names = ["cop.example"]'))
    patient = replace(patient, settings=load(patient.directory))
    said = _failure(patient, "server/server.pem")
    assert said == (
        "it is not for cop.example, which names in [certificates] lists; "
        "start the node again, which makes a new one"
    )
