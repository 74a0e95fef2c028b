import getpass
import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.core.principal import Direction
from accord.core.user import Session, UserRole
from accord.security.password import is_right
from accord.storage.users import Account, Users
from support.in_process import make_node

pytestmark = pytest.mark.usefixtures("quick_keys")

PASSWORD = "correct horse battery staple"


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = make_node(tmp_path / "nzl")
    capsys.readouterr()
    return made


def user(command: str, directory: Path, *arguments: str) -> int:
    return main(["user", command, str(directory), *arguments])


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def moana(directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: object) -> Path:
    """The node with moana, who is signed in."""
    type_in(monkeypatch, f"{PASSWORD}\n")
    options = ("--group", "Blue", "--group", "Red:out", "--exercise", "any", "--password-stdin")
    assert user("add", directory, "moana", *options) == 0
    users, now = Users(directory / "people.sqlite"), SystemClock().now()
    session = Session(mark="m", key="moana", begun=now, used=now, address="192.0.2.1")
    users.begin(session, account(directory).hash)
    return directory


def account(directory: Path, key: str = "moana") -> Account:
    return Users(directory / "people.sqlite").roll().accounts[key]


def sessions(directory: Path) -> list[str]:
    return list(Users(directory / "people.sqlite").roll().sessions)


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    return err.removeprefix("accord: ")


def test_a_user_is_entered_with_groups_role_and_password(moana: Path) -> None:
    entered = account(moana)
    assert entered.user.groups == {"Blue": Direction.BOTH, "Red": Direction.OUT}
    assert (entered.user.role, entered.user.every_exercise) == (UserRole.WATCH, True)
    assert is_right(PASSWORD, entered.hash)


def test_a_made_password_is_printed_once_and_is_the_right_one(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert user("add", directory, "rangi", "--group", "B", "--role", "viewer", "--generate") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "added rangi, viewer"
    assert is_right(second.removeprefix("password "), account(directory, "rangi").hash)


@pytest.mark.parametrize(
    ("typed", "code"), [([PASSWORD, PASSWORD], 0), ([PASSWORD, "another password"], 2)]
)
def test_on_a_terminal_the_password_is_asked_for_twice(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str],
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return typed[len(asked) - 1]

    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", ask)
    assert user("add", directory, "rangi", "--group", "Blue") == code
    assert len(asked) == 2
    if code:
        assert "differ" in refusal(capsys)
    else:
        assert is_right(PASSWORD, account(directory, "rangi").hash)


def test_without_a_terminal_it_is_said_how_to_give_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, PASSWORD)
    assert user("add", directory, "rangi", "--group", "Blue") == 2
    assert "--password-stdin or --generate" in refusal(capsys)


def test_a_short_password_is_refused_by_the_length_of_the_settings(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = directory / "accord.toml"
    text = settings.read_text()
    assert "#password_length = 12" in text
    settings.write_text(text.replace("#password_length = 12", "password_length = 20"))
    type_in(monkeypatch, "nineteen characters\n")
    assert user("add", directory, "rangi", "--group", "Blue", "--password-stdin") == 2
    assert "give 20 characters or more" in refusal(capsys)


@pytest.mark.parametrize(
    "arguments",
    [("../etc", "--group", "Blue"), ("x", "--group", "Blue:up"),
     ("x", "--group", "B", "--exercise", "")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nobody_entered(
    directory: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert user("add", directory, *arguments, "--generate") == 2
    refusal(capsys)
    assert Users(directory / "people.sqlite").roll().accounts == {}


def test_a_name_is_entered_once(moana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert user("add", moana, "MOANA", "--group", "Blue", "--generate") == 1
    assert "a user moana already" in refusal(capsys)


def test_the_list_has_everybody_and_no_password(
    moana: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert user("list", moana) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["NAME", "ROLE", "GROUPS", "EXERCISES"]
    assert row.split()[:4] == ["moana", "watch", "Blue,Red:out", "any"]
    assert row.endswith("1")
    assert user("list", moana, "--json") == 0
    out = capsys.readouterr().out
    (said,) = json.loads(out)
    assert (said["name"], said["sessions"], said["locked"]) == ("moana", 1, None)
    assert said["groups"] == {"Blue": "both", "Red": "out"}
    assert "argon2" not in out


def test_one_user_is_shown_with_where_he_is_signed_in(
    moana: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert user("show", moana, "Moana") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("moana: watch, groups Blue,Red:out")
    assert lines[2].endswith("from 192.0.2.1")
    assert user("show", moana, "moana", "--json") == 0
    (begun,) = json.loads(capsys.readouterr().out)["signed_in_from"]
    assert begun["address"] == "192.0.2.1"
    assert user("show", moana, "rangi") == 1
    assert "no user rangi" in refusal(capsys)


def test_another_password_ends_the_sessions(
    moana: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    type_in(monkeypatch, "another good password")
    assert user("password", moana, "moana", "--password-stdin") == 0
    assert capsys.readouterr().out == "moana has another password; 1 session ended\n"
    assert is_right("another good password", account(moana).hash)
    assert sessions(moana) == []
    assert user("password", moana, "moana", "--generate") == 0
    made = capsys.readouterr().out.splitlines()[1].removeprefix("password ")
    assert is_right(made, account(moana).hash)


def test_role_groups_and_exercises_are_changed_each_by_itself(
    moana: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert user("set", moana, "Moana", "--role", "administrator") == 0
    said = capsys.readouterr().out
    assert said == "moana is now administrator, groups Blue,Red:out, exercises any\n"
    assert user("set", moana, "moana", "--group", "Green:in", "--exercise", "TASMAN") == 0
    changed = account(moana).user
    assert (changed.role, changed.groups) == (UserRole.ADMINISTRATOR, {"Green": Direction.IN})
    assert (changed.exercises, changed.every_exercise) == ({"TASMAN"}, False)
    assert user("set", moana, "moana", "--exercise", "none") == 0
    assert account(moana).user.exercises == frozenset()
    assert sessions(moana) == ["m"]


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("moana",), 2, "nothing to change"),
        (("moana", "--group", "Blue:up"), 2, "--group"),
        (("rangi", "--role", "viewer"), 1, "no user rangi"),
    ],
)
def test_what_cannot_be_set_is_said_and_changes_nothing(
    moana: Path,
    arguments: tuple[str, ...],
    code: int,
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = account(moana).user
    capsys.readouterr()
    assert user("set", moana, *arguments) == code
    assert why in refusal(capsys)
    assert account(moana).user == before


def test_locking_and_unlocking(moana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert user("lock", moana, "moana") == 0
    assert capsys.readouterr().out == "locked moana; 1 session ended\n"
    assert account(moana).user.locked is not None
    assert sessions(moana) == []
    assert user("unlock", moana, "moana") == 0
    assert account(moana).user.locked is None


def test_whoever_is_removed_is_gone(moana: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert user("remove", moana, "moana") == 0
    assert capsys.readouterr().out == "removed moana; 1 session ended\n"
    assert user("remove", moana, "moana") == 1
    assert "no user moana" in refusal(capsys)


@pytest.mark.parametrize("command", ["lock", "remove"])
def test_who_could_not_be_thrown_out_is_said_loudly(
    moana: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(moana / "people.sqlite")) as file:
        file.execute("DROP TABLE session")
    capsys.readouterr()
    assert user(command, moana, "moana") == 1
    assert "moana can STILL sign in" in refusal(capsys)


def test_revoking_a_client_says_that_a_user_of_that_name_can_still_sign_in(
    moana: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["client", "add", str(moana), "moana", "--group", "Blue", "--json"]) == 0
    capsys.readouterr()
    assert main(["client", "revoke", str(moana), "moana"]) == 0
    assert f"accord user lock {moana} moana" in capsys.readouterr().out
