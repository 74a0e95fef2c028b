import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accord.storage import migrate as migrating
from accord.storage.migrate import NewerVersion, migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}


def with_scripts(monkeypatch: pytest.MonkeyPatch, folder: Path, **scripts: str) -> None:
    """Let these be all the migrations there are."""
    (folder / "migrations").mkdir(exist_ok=True)
    for name, script in scripts.items():
        (folder / "migrations" / f"{name}.sql").write_text(script)

    def files(_package: str) -> Path:
        return folder

    monkeypatch.setattr(migrating, "files", files)


def test_a_new_file_gets_everything_and_an_up_to_date_one_nothing(
    connection: sqlite3.Connection,
) -> None:
    migrate(connection, "journal", file="journal.sqlite")
    assert version(connection) >= 1
    assert "segment" in tables(connection)
    changes = connection.total_changes
    migrate(connection, "journal", file="journal.sqlite")
    assert connection.total_changes == changes


def test_each_migration_is_applied_once_in_order(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_scripts(monkeypatch, tmp_path, **{"0001_part": "CREATE TABLE a (x);"})
    migrate(connection, "part", file="f")
    with_scripts(
        monkeypatch,
        tmp_path,
        **{
            "0002_part": "CREATE TABLE b (x); INSERT INTO a VALUES (2);",
            "0003_part": "INSERT INTO a SELECT x + 1 FROM a;",
            "0001_other": "CREATE TABLE other (x);",
        },
    )
    migrate(connection, "part", file="f")
    migrate(connection, "part", file="f")
    assert connection.execute("SELECT x FROM a").fetchall() == [(2,), (3,)]
    assert tables(connection) == {"a", "b"}
    assert version(connection) == 3


def test_a_migration_that_fails_has_changed_nothing(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_scripts(
        monkeypatch,
        tmp_path,
        **{"0001_part": "CREATE TABLE a (x);", "0002_part": "CREATE TABLE b (x); DROP TABLE c;"},
    )
    with pytest.raises(sqlite3.Error, match="no such table: c"):
        migrate(connection, "part", file="f")
    assert tables(connection) == {"a"}
    assert version(connection) == 1
    assert not connection.in_transaction


def test_a_newer_version_is_refused_with_what_to_do(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerVersion) as refused:
        migrate(connection, "journal", file="/data/journal.sqlite")
    assert str(refused.value).startswith("/data/journal.sqlite is of version 99 ")
    assert "start the newer Accord" in str(refused.value)
    assert tables(connection) == set()
