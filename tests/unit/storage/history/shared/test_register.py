from contextlib import closing
from pathlib import Path

import pytest

from accord.storage.history.shared.register import SharedRegister
from accord.storage.history.shared.store import SharedStore
from accord.storage.history.shelf import HistoryFault, Progress
from accord.storage.migrate import NewerVersion
from support.moving import SIX, SharedKept, a_row
from support.postgres import Postgres


def test_a_node_that_never_reached_it_has_no_history_and_asks_nobody(
    postgres: Postgres, tmp_path: Path
) -> None:
    server = postgres.server("no_such_database")
    register = SharedRegister(server, tmp_path / "history")
    assert (register.exists, register.journal) == (False, "")
    register.say("cannot be reached", 5.0)
    assert register.exists
    with pytest.raises(HistoryFault, match="cannot be reached"):
        register.progress()


def test_a_node_made_anew_under_its_name_takes_its_journal_in_from_the_beginning(
    postgres: Postgres, tmp_path: Path
) -> None:
    server = postgres.server(postgres.database())
    places = [tmp_path / each for each in ("first", "second")]
    for place in places:
        place.mkdir()
        with closing(SharedStore(server, place)) as store:
            store.sweep()
            assert store.shelf.progress().batch == 0
            store.take_in([a_row(0)], batch=7, until=SIX, recalls={})
    eras = [SharedRegister(server, place).progress() for place in places]
    assert eras == [Progress(era=era, batch=7, until=SIX) for era in (0, 1)]
    with closing(SharedStore(server, places[0])) as store:
        store.sweep()
        assert store.shelf.progress().batch == 7
        store.shelf.begin_era(0)
        assert store.shelf.progress().era == 2


def test_tables_of_a_newer_accord_are_left_alone(shared: SharedKept) -> None:
    with closing(shared.server.open(10.0)) as db:
        db.tell("INSERT INTO version VALUES (99)")
    with pytest.raises(NewerVersion, match="version 99"):
        shared.store.sweep()


def test_what_the_directory_says_is_its_owners_and_damage_is_said(shared: SharedKept) -> None:
    shared.store.shelf.say("full", 1.0)
    for each in shared.directory.iterdir():
        if each.is_file():
            assert each.stat().st_mode & 0o077 == 0
    (shared.directory / "trouble.json").write_text("[")
    assert "cannot be read" in shared.store.shelf.progress().trouble
    (shared.directory / "journal-id").write_bytes(b"\xff")
    with pytest.raises(HistoryFault, match="journal-id cannot be read"):
        shared.store.shelf.progress()


def test_a_role_that_may_make_nothing_uses_what_is_there(
    postgres: Postgres, shared: SharedKept, tmp_path: Path
) -> None:
    """The schema may be made by an administrator, and given to the role."""
    name = shared.server.address.database
    made = postgres.sql(name, "SELECT count(*) FROM accord_history.version")
    with closing(SharedStore(postgres.server(name, "FJI-A"), tmp_path / "other")) as store:
        store.sweep()
    assert postgres.sql(name, "SELECT count(*) FROM accord_history.version") == made
