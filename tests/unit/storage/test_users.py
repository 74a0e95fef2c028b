import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.principal import Direction
from accord.core.user import Session, User, UserRole
from accord.storage import users as users_file
from accord.storage.people import People, PeopleError, PeopleFault
from accord.storage.users import RollReader, Users
from support.clock import START

MOANA = User(
    name="Moana",
    role=UserRole.WATCH,
    groups={"Blue": Direction.BOTH, "Red": Direction.OUT, "White": Direction.IN},
    exercises=frozenset({"TASMAN", "PACIFIC"}),
    added=START,
)
MINUTE = timedelta(minutes=1)


def a_session(mark: str = "m1", key: str = "moana", begun: timedelta = MINUTE) -> Session:
    at = START + begun
    return Session(mark=mark, key=key, begun=at, used=at, address="192.0.2.1")


@pytest.fixture
def register(tmp_path: Path) -> Users:
    People(tmp_path / "people.sqlite").create()
    return Users(tmp_path / "people.sqlite")


@pytest.fixture
def moana(register: Users) -> Users:
    register.add(MOANA, "hash-1")
    return register


def user(register: Users, key: str = "moana") -> User:
    return register.roll().accounts[key].user


def test_a_user_is_read_as_he_was_entered(moana: Users) -> None:
    (account,) = moana.roll().accounts.values()
    assert account.user == MOANA
    assert account.hash == "hash-1"
    assert "hash-1" not in repr(account)


def test_a_name_is_entered_once_whatever_its_case(moana: Users) -> None:
    with pytest.raises(PeopleError, match="a user Moana already"):
        moana.add(replace(MOANA, name="mOANA"), "hash-2")
    assert user(moana) == MOANA


def test_there_are_no_more_users_than_the_limit(
    moana: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_file, "MAX_USERS", 1)
    with pytest.raises(PeopleError, match="holds 1 users"):
        moana.add(replace(MOANA, name="other"), "hash")


def test_signing_in_begins_a_session_and_is_noted(moana: Users) -> None:
    moana.begin(a_session(), "hash-1")
    assert moana.roll().sessions == {"m1": a_session()}
    assert user(moana).last_sign_in == START + MINUTE


def test_another_password_ends_every_session_of_that_user_and_no_others(moana: Users) -> None:
    moana.add(replace(MOANA, name="rangi"), "hash-r")
    moana.begin(a_session("m1"), "hash-1")
    moana.begin(a_session("m2"), "hash-1")
    moana.begin(a_session("r1", "rangi"), "hash-r")
    assert moana.set_password("MOANA", "hash-2") == 2
    assert list(moana.roll().sessions) == ["r1"]
    assert moana.roll().accounts["moana"].hash == "hash-2"
    assert moana.roll().accounts["rangi"].hash == "hash-r"


def test_role_and_groups_are_changed_and_the_rest_stays(moana: Users) -> None:
    moana.begin(a_session(), "hash-1")
    changed = moana.change("MOANA", role=UserRole.ADMINISTRATOR, groups={"Green": Direction.OUT})
    assert changed == user(moana)
    assert (changed.role, changed.groups) == (UserRole.ADMINISTRATOR, {"Green": Direction.OUT})
    assert (changed.exercises, changed.added) == (MOANA.exercises, START)
    assert list(moana.roll().sessions) == ["m1"]
    again = moana.change("moana", exercises=frozenset(), every_exercise=True)
    assert (again.exercises, again.every_exercise) == (frozenset(), True)
    assert (again.role, again.groups) == (changed.role, changed.groups)
    assert moana.change("moana", role=UserRole.VIEWER).every_exercise


def test_locking_ends_every_session_and_lets_none_begin_until_unlocked(moana: Users) -> None:
    moana.begin(a_session("m1"), "hash-1")
    assert moana.lock("moana", START) == 1
    assert user(moana).locked == START
    with pytest.raises(PeopleError, match="changed"):
        moana.begin(a_session("m2"), "hash-1")
    assert moana.roll().sessions == {}
    assert moana.lock("moana", START + MINUTE) == 0
    assert user(moana).locked == START  # since when he is
    moana.unlock("Moana")
    moana.begin(a_session("m3"), "hash-1")
    assert list(moana.roll().sessions) == ["m3"]


def test_no_session_begins_by_a_password_that_was_changed_meanwhile(moana: Users) -> None:
    moana.set_password("moana", "hash-2")
    with pytest.raises(PeopleError, match="changed"):
        moana.begin(a_session(), "hash-1")


def test_whoever_is_removed_is_gone_with_his_sessions(moana: Users) -> None:
    moana.begin(a_session(), "hash-1")
    assert moana.remove("moana") == 1
    roll = moana.roll()
    assert (dict(roll.accounts), dict(roll.sessions)) == ({}, {})
    with pytest.raises(PeopleError, match="changed"):
        moana.begin(a_session("m2"), "hash-1")


@pytest.mark.parametrize("change", ["set_password", "lock", "unlock", "remove"])
def test_what_is_changed_must_be_there(moana: Users, change: str) -> None:
    more = {"set_password": ["hash"], "lock": [START]}.get(change, [])
    with pytest.raises(PeopleError, match="no user rangi"):
        getattr(moana, change)("rangi", *more)


def test_a_session_is_ended_once_and_for_all(moana: Users) -> None:
    moana.begin(a_session("m1"), "hash-1")
    moana.begin(a_session("m2"), "hash-1")
    moana.end("m1")
    moana.end("m1")
    assert list(moana.roll().sessions) == ["m2"]


def test_beyond_the_limit_the_session_used_longest_ago_ends(
    moana: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_file, "MAX_SESSIONS", 2)
    for number in range(1, 3):
        moana.begin(a_session(f"m{number}", begun=number * MINUTE), "hash-1")
    moana.note_uses({"m1": START + 10 * MINUTE})
    moana.begin(a_session("m3", begun=3 * MINUTE), "hash-1")
    assert set(moana.roll().sessions) == {"m1", "m3"}


def test_a_new_session_stays_though_the_clock_was_set_back(
    moana: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_file, "MAX_SESSIONS", 1)
    moana.begin(a_session("m1"), "hash-1")
    moana.begin(a_session("m2"), "hash-1")
    assert set(moana.roll().sessions) == {"m2"}


def test_uses_are_noted_and_never_go_back(moana: Users) -> None:
    moana.begin(a_session("m1"), "hash-1")
    moana.note_uses({"m1": START + 5 * MINUTE, "gone": START})
    moana.note_uses({"m1": START + 2 * MINUTE})
    assert moana.roll().sessions["m1"].used == START + 5 * MINUTE
    moana.note_uses({}, frozenset({"m1"}))
    assert dict(moana.roll().sessions) == {}


def test_what_a_browser_sends_is_nowhere_in_the_file(moana: Users) -> None:
    with closing(sqlite3.connect(moana.path)) as file:
        columns = {row[1] for row in file.execute("PRAGMA table_info(session)")}
    assert columns == {"mark", "account", "begun", "used", "address"}


def test_the_reader_tells_of_changes_and_of_nothing_else(moana: Users) -> None:
    reader = RollReader(moana.path)
    first = reader.read()
    assert first is not None
    assert list(first.accounts) == ["moana"]
    assert reader.read() is None
    moana.begin(a_session(), "hash-1")
    second = reader.read()
    assert second is not None
    assert list(second.sessions) == ["m1"]
    reader.close()


def test_a_register_of_before_there_were_users_is_brought_up(tmp_path: Path) -> None:
    people = People(tmp_path / "people.sqlite")
    people.create()
    with closing(sqlite3.connect(people.path)) as file:
        file.executescript(
            "DROP TABLE session; DROP TABLE account; DROP TABLE saved_view; DROP TABLE act; "
            "ALTER TABLE person DROP COLUMN vouched; "
            "ALTER TABLE certificate DROP COLUMN device; PRAGMA user_version = 1"
        )
    register = Users(people.path)
    register.add(MOANA, "hash")
    assert list(register.roll().accounts) == ["moana"]


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "people.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(PeopleFault, match="put back your backup"):
        Users(tmp_path / "people.sqlite").roll()
