import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from accord.storage.history.shared.address import Address
from accord.storage.history.shared.connection import PASSWORD, Busy, Server
from accord.storage.history.shelf import HistoryFault
from support.moving import SharedKept
from support.postgres import OWNER, Postgres
from support.postgres import PASSWORD as RIGHT


def by_tcp(postgres: Postgres, tmp_path: Path, mode: str = "disable") -> Server:
    name = postgres.database()
    return Server(
        address=Address.parse(
            f"postgresql://{OWNER}@127.0.0.1:{postgres.port}/{name}?sslmode={mode}"
        ),
        node="NZL-A",
        directory=tmp_path,
    )


def test_the_password_is_in_a_file_or_in_the_environment(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = by_tcp(postgres, tmp_path)
    monkeypatch.setenv(PASSWORD, RIGHT)
    with closing(server.open(10.0)) as db:
        assert db.ask("SELECT current_user")[0][0] == OWNER
    monkeypatch.delenv(PASSWORD)
    (tmp_path / "password").write_text(f"{RIGHT}\n")
    with closing(replace(server, password_file=tmp_path / "password").open(10.0)) as db:
        assert db.ask("SELECT 1")[0][0] == 1


def test_a_wrong_password_is_said_without_it(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = by_tcp(postgres, tmp_path)
    monkeypatch.setenv(PASSWORD, "not this one")
    with pytest.raises(HistoryFault, match="cannot be reached: password authentication") as said:
        server.open(10.0)
    assert "not this one" not in str(said.value)
    with pytest.raises(HistoryFault, match=r"password_file .* cannot be read"):
        replace(server, password_file=tmp_path / "none").open(10.0)


def test_a_server_without_tls_is_not_spoken_to_where_tls_is_asked_for(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, RIGHT)
    for mode in ("require", "verify-ca", "verify-full"):
        with pytest.raises(HistoryFault, match="SSL"):
            by_tcp(postgres, tmp_path, mode).open(10.0)


def test_where_nobody_listens_that_is_said_with_where(tmp_path: Path) -> None:
    address = Address.parse("postgresql://a@127.0.0.1:1/d")
    with pytest.raises(HistoryFault, match=r"the history d at 127\.0\.0\.1:1 cannot be reached"):
        Server(address=address, node="NZL-A", directory=tmp_path).open(10.0)


def test_a_database_without_postgis_says_what_an_administrator_does(postgres: Postgres) -> None:
    name = postgres.database()
    postgres.sql(name, "DROP EXTENSION postgis")
    with pytest.raises(HistoryFault, match="CREATE EXTENSION postgis"):
        postgres.server(name).open(10.0)


def test_without_the_driver_it_is_said_how_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    address = Address.parse("postgresql://a@127.0.0.1:1/d")
    with pytest.raises(HistoryFault, match=r"pip install 'accord\[postgres\]'"):
        Server(address=address, node="NZL-A", directory=tmp_path).open(10.0)


def test_what_others_use_is_busy_and_nothing_else_is(shared: SharedKept) -> None:
    with (
        closing(shared.server.open(10.0)) as one,
        closing(shared.server.open(10.0)) as other,
        one.changes(),
    ):
        one.tell("LOCK TABLE hold IN ACCESS EXCLUSIVE MODE")
        other.tell("SET lock_timeout = '10ms'")
        with pytest.raises(Busy, match="lock timeout"):
            other.ask("SELECT * FROM hold")
        with pytest.raises(HistoryFault, match="no_table") as said:
            other.ask("SELECT * FROM no_table")
        assert not isinstance(said.value, Busy)


def test_postgis_may_be_in_any_schema(postgres: Postgres) -> None:
    name = postgres.database()
    postgres.sql(
        name,
        "DROP EXTENSION postgis",
        'CREATE SCHEMA "its own"',
        'CREATE EXTENSION postgis SCHEMA "its own"',
    )
    with closing(postgres.server(name).open(10.0)) as db:
        assert db.ask("SELECT st_x(st_makepoint(1, 2))")[0][0] == 1
