from pathlib import Path

import pytest

from accord.cli.reach import server
from accord.config import load
from accord.core.errors import UsageError
from accord.node.directory import Notice, announced
from accord.observe.log import Log
from accord.security import keystore
from accord.tak.packages import Server
from support.clock import ManualClock
from support.fake_node import a_node_directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A node whose certificate is for localhost and 127.0.0.1, and which has chosen cop.example."""
    made = a_node_directory(tmp_path / "nzl").directory
    settings = made / "accord.toml"
    settings.write_text(settings.read_text().replace("#names = []", 'names = ["cop.example"]'))
    return made


def reached(directory: Path, host: str | None = None) -> Server:
    return server(directory, load(directory), host)


def test_a_name_that_comes_in_at_the_next_start_is_given_to_clients(directory: Path) -> None:
    assert reached(directory).host == "cop.example"
    with pytest.raises(UsageError, match=r"add kea to names in \[certificates\] of accord.toml"):
        reached(directory, "kea")


def test_without_the_authoritys_key_only_names_of_the_certificate_are_given(
    directory: Path,
) -> None:
    (directory / keystore.AUTHORITY_KEY).unlink()
    assert reached(directory).host == "localhost"
    assert reached(directory, "127.0.0.1").host == "127.0.0.1"
    with pytest.raises(UsageError) as refused:
        reached(directory, "cop.example")
    assert str(refused.value) == (
        "--host cop.example: the server certificate is for localhost, 127.0.0.1; "
        "have a server certificate issued that names it, and put it in server/"
    )


def test_a_certificate_without_names_is_refused_with_what_to_do(tmp_path: Path) -> None:
    theirs = a_node_directory(tmp_path / "nzl")
    theirs.issue("server/server", "NZL-X", has_names=False)
    (theirs.directory / keystore.AUTHORITY_KEY).unlink()
    with pytest.raises(UsageError, match=r"server\.pem names no host and no address"):
        reached(theirs.directory)


@pytest.mark.parametrize(
    ("listeners", "said"),
    [
        ({"cot-tls": "127.0.0.1:8089"}, ""),
        ({"cot-tls": "127.0.0.1:18089"}, "on port 18089: start it again without --cot-tls; or"),
        ({}, "has cot_tls off: nobody can connect before it is started again without"),
    ],
)
def test_a_node_that_runs_with_another_port_than_the_packages_is_named(
    directory: Path,
    capsys: pytest.CaptureFixture[str],
    listeners: dict[str, str],
    said: str,
) -> None:
    with announced(Notice(directory, listeners, Log(ManualClock()))):
        assert reached(directory).port == 8089
    err = capsys.readouterr().err
    assert (said in err) if said else (err == "")
