"""What administrators did: kept as it was, with what they did, or not at all."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.principal import Principal
from accord.core.user import User, UserRole
from accord.storage import acts as acts_file
from accord.storage.acts import Act, Acts
from accord.storage.people import People, PeopleError, PeopleFault
from accord.storage.users import Users
from support.clock import START

ACT = Act(at=START, who="boss", via="command", whence="host", what="client add", whom="kea")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "people.sqlite"
    People(found).create()
    return found


def test_acts_come_newest_first_with_their_numbers(path: Path) -> None:
    acts = Acts(path)
    for day in range(3):
        acts.note(Act(at=START + timedelta(days=day), who="b", via="v", whence="w", what=f"{day}"))
    assert [(each.number, each.act.what) for each in acts.newest()] == [
        (3, "2"),
        (2, "1"),
        (1, "0"),
    ]
    assert [each.number for each in acts.newest(before=3, most=1)] == [2]
    assert acts.newest()[0].act.at == START + timedelta(days=2)


def test_a_change_and_its_act_are_written_together_or_not_at_all(path: Path) -> None:
    acts, people, users = Acts(path), People(path), Users(path)
    user = User(name="tahi", role=UserRole.WATCH, groups={}, added=START)
    with acts.doing(ACT) as (in_people, in_users):
        in_people.add(Principal(name="kea"), START)
        in_users.add(user, "hash")
    assert [each.principal.name for each in people.memberships(START)] == ["kea"]
    assert list(users.roll().accounts) == ["tahi"]

    def fails() -> None:
        with acts.doing(ACT) as (in_people, in_users):
            in_users.remove("tahi")
            in_people.revoke("nobody", START)

    with pytest.raises(PeopleError):
        fails()
    assert list(users.roll().accounts) == ["tahi"]
    assert [each.act for each in acts.newest()] == [ACT]


def test_what_stands_there_is_changed_by_nobody(path: Path) -> None:
    Acts(path).note(ACT)
    with closing(sqlite3.connect(path)) as file:
        for statement in ("UPDATE act SET who = 'eve'", "DELETE FROM act"):
            with pytest.raises(sqlite3.IntegrityError, match="what was done"):
                file.execute(statement)
    assert Acts(path).newest()[0].act == ACT


def test_beyond_its_limit_the_oldest_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = Acts(path)
    acts.note(ACT)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE sqlite_sequence SET seq = 100000 WHERE name = 'act'")
    acts.note(ACT)
    assert [each.number for each in acts.newest()] == [100_001]
    monkeypatch.setattr(acts_file, "MAX_ACTS", 1)  # the file itself says no, whoever asks
    with pytest.raises(PeopleFault, match="what was done is kept"):
        acts.note(ACT)


def test_a_text_is_cut_where_it_is_too_long(path: Path) -> None:
    Acts(path).note(Act(at=START, who="b", via="v", whence="w", what="x", detail="é" * 600))
    assert Acts(path).newest()[0].act.detail == "é" * 500


def test_a_register_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PeopleFault, match=r"people\.sqlite"):
        Acts(tmp_path / "people.sqlite").note(ACT)
