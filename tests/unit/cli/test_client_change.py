import json
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.principal import Direction, Role
from accord.storage.people import Membership, People
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    assert client("add", made, "kea", "--group", "Blue", "--enrol", "--json") == 0
    capsys.readouterr()
    return made


def client(command: str, directory: Path, *arguments: str) -> int:
    return main(["client", command, str(directory), *arguments])


def kea(directory: Path) -> Membership:
    everybody = People(directory / "people.sqlite").memberships(SystemClock().now())
    return {each.principal.name: each for each in everybody}["kea"]


def test_a_client_is_given_other_groups_a_role_and_exercises(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert client("set", directory, "kea", "--group", "Red:out", "--role", "read-only") == 0
    assert capsys.readouterr().out == "kea is now read-only, groups Red:out, exercises -\n"
    assert client("set", directory, "kea", "--exercise", "TASMAN") == 0
    assert capsys.readouterr().out == "kea is now read-only, groups Red:out, exercises TASMAN\n"
    who = kea(directory).principal
    assert (who.groups, who.role) == ({"Red": Direction.OUT}, Role.READ_ONLY)
    assert client("set", directory, "kea", "--exercise", "any") == 0
    assert kea(directory).principal.every_exercise
    assert client("set", directory, "kea", "--exercise", "none") == 0
    assert not kea(directory).principal.every_exercise


def test_a_token_is_made_anew_and_withdrawn(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people, now = People(directory / "people.sqlite"), SystemClock().now()
    assert client("token", directory, "kea", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said.keys() == {"name", "scan", "token"}
    assert people.check_token("kea", said["token"], now) is None
    assert client("token", directory, "kea") == 0
    shown = capsys.readouterr().out
    assert "tak://com.atakmap.app/enroll?" in shown
    assert people.check_token("kea", said["token"], now) == "unknown user or token"
    assert client("withdraw", directory, "kea") == 0
    assert capsys.readouterr().out == "the token of kea is void\n"
    assert not kea(directory).has_open_token
    assert client("withdraw", directory, "kea") == 1


@pytest.mark.parametrize(
    ("command", "arguments", "code", "says"),
    [
        ("set", ("kea",), 2, "nothing to change"),
        ("set", ("nobody", "--role", "member"), 1, "there is no client nobody"),
        ("set", ("kea", "--group", "Blue:up"), 2, "--group"),
        ("token", ("nobody",), 1, "there is no client nobody"),
    ],
)
def test_what_cannot_be_done_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str], command: str, arguments: tuple[str, ...],
    code: int, says: str,
) -> None:  # fmt: skip
    assert client(command, directory, *arguments) == code
    assert says in capsys.readouterr().err


def test_no_token_is_made_where_nobody_can_enrol(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = directory / "accord.toml"
    settings.write_text(settings.read_text().replace("[listen]", '[listen]\nenrol = "off"', 1))
    assert client("token", directory, "kea") == 2
    assert "enrol is off" in capsys.readouterr().err
