import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from accord.storage import register
from accord.storage.register import RegisterReader, opened, with_advice


class Fault(Exception):
    """What an error of the database becomes."""


def change(path: Path, node: str) -> None:
    with opened(path, "partners", lambda error: Fault(with_advice(error))) as file:
        file.execute("INSERT INTO denial VALUES ('x', ?, '', 0)", (node,))


def nodes(file: sqlite3.Connection) -> list[str]:
    return [node for (node,) in file.execute("SELECT node FROM denial ORDER BY node")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "register.sqlite"
    made.touch()
    change(made, "AUS")
    return made


@pytest.fixture
def reader(path: Path) -> Iterator[RegisterReader[list[str]]]:
    made = RegisterReader(path, "partners", called="the register", load=nodes)
    yield made
    made.close()


def test_a_change_that_fails_leaves_nothing(path: Path) -> None:
    def half_a_change() -> None:
        with opened(path, "partners", lambda error: Fault(str(error))) as file:
            file.execute("DELETE FROM denial")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_change()
    with closing(sqlite3.connect(path)) as file:
        assert nodes(file) == ["AUS"]


def test_an_error_of_the_database_is_told_as_asked(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="UNIQUE"):
        change(path, "AUS")
    with pytest.raises(Fault, match="unable to open"):
        change(tmp_path / "missing.sqlite", "AUS")


def test_what_can_be_done_about_an_error_is_said(path: Path) -> None:
    path.write_bytes(b"no database" * 100)
    with pytest.raises(Fault, match="file is not a database; put back your backup"):
        change(path, "NZL")
    assert with_advice(sqlite3.OperationalError("no code")) == "no code"


def test_another_who_is_changing_it_is_waited_for_only_so_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "_BUSY", 0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Fault, match="locked"):
            change(path, "NZL")


def test_it_is_read_once_while_it_does_not_change(
    path: Path, reader: RegisterReader[list[str]]
) -> None:
    assert reader.read() == ["AUS"]
    assert reader.read() is None
    change(path, "NZL")
    assert reader.read() == ["AUS", "NZL"]
    assert reader.trouble == ""


def test_what_cannot_be_read_is_trouble_until_it_can_again(
    path: Path, reader: RegisterReader[list[str]]
) -> None:
    assert reader.read() == ["AUS"]
    aside = path.rename(path.with_name("aside"))
    assert reader.read() is None
    assert reader.trouble == f"the register {path} cannot be read: No such file or directory"
    path.write_bytes(b"no database" * 100)
    assert reader.read() is None
    assert "file is not a database" in reader.trouble
    aside.rename(path)
    assert reader.read() == ["AUS"]
    assert reader.trouble == ""
