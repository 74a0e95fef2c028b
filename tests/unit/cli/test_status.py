import json
from argparse import Namespace
from http.client import HTTPResponse
from pathlib import Path

import pytest

from accord.cli.running import find, get
from accord.cli.status import run
from accord.core.errors import AccordError
from accord.security.tls import client_context
from support.fake_node import FakeNode, a_node_directory
from support.health import a_status
from support.tls import TestAuthority


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return a_node_directory(tmp_path / "nzl")


def _run(directory: Path, *, as_json: bool = False) -> int:
    return run(Namespace(directory=directory, json=as_json))


def test_people_get_tables(authority: TestAuthority, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeNode(authority, a_status()).running():
        assert _run(authority.directory) == 0
    out = capsys.readouterr().out
    assert out.startswith("NZL-X Test node")
    assert "KIWI 1" in out


def test_machines_get_json(authority: TestAuthority, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeNode(authority, a_status()).running():
        assert _run(authority.directory, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["clients"][0]["callsign"] == "KIWI 1"


def test_a_node_that_does_not_run_is_said_not_to(authority: TestAuthority) -> None:
    with pytest.raises(AccordError, match="no node is running") as caught:
        _run(authority.directory)
    assert caught.value.exit_code == 1


def test_an_administrator_without_certificate_is_told_which_file(
    authority: TestAuthority,
) -> None:
    (authority.directory / "clients" / "administrator.key").unlink()
    with pytest.raises(AccordError, match=r"cannot read .*clients/administrator\.key"):
        client_context(authority.directory)


def test_damaged_certificates_are_named(authority: TestAuthority) -> None:
    (authority.directory / "clients" / "administrator.pem").write_text("nonsense")
    with pytest.raises(AccordError, match=r"clients/administrator\.pem and \S+ do not go together"):
        client_context(authority.directory)


def test_an_answer_that_is_no_is_told_with_its_reason(authority: TestAuthority) -> None:
    with FakeNode(authority, a_status()).running():
        node, tls = find(authority.directory), client_context(authority.directory)
        with pytest.raises(AccordError, match="answered 404 to /nothing: Not Found"):
            get(node, "/nothing", tls=tls, accept="text/plain")


def test_a_node_with_a_certificate_that_is_not_its_own_is_not_believed(
    authority: TestAuthority, tmp_path: Path
) -> None:
    stranger = a_node_directory(tmp_path / "stranger")
    tls = client_context(stranger.directory)
    with FakeNode(authority, a_status()).running():
        node = find(authority.directory)
        with pytest.raises(AccordError, match="the node's certificate is not right"):
            get(node, "/api/status", tls=tls, accept="text/plain")


def test_a_node_that_does_not_answer_is_named(authority: TestAuthority) -> None:
    with FakeNode(authority, a_status()).running():
        node, tls = find(authority.directory), client_context(authority.directory)
    with pytest.raises(AccordError, match=r"no answer from 127\.0\.0\.1:\d+"):
        get(node, "/api/status", tls=tls, accept="text/plain")


def test_an_answer_that_is_no_problem_document_is_told_as_it_is(
    authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_response: HTTPResponse) -> bytes:
        return b"gone\nfishing"

    monkeypatch.setattr(HTTPResponse, "read", read)
    with FakeNode(authority, a_status()).running():
        node, tls = find(authority.directory), client_context(authority.directory)
        with pytest.raises(AccordError, match="answered 404 to /nothing: gone fishing"):
            get(node, "/nothing", tls=tls, accept="text/plain")
