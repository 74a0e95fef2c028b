import sqlite3
from pathlib import Path

import pytest

from accord.storage.tak_file import TakFault, TakFile


def test_a_secret_is_made_once_and_is_of_this_file_alone(tmp_path: Path) -> None:
    one, other = TakFile(tmp_path / "one"), TakFile(tmp_path / "other")
    one.prepare()
    other.prepare()
    secret = one.secret("tokens")
    assert len(secret) == 32
    assert TakFile(tmp_path / "one").secret("tokens") == secret
    assert len({secret, other.secret("tokens"), one.secret("another")}) == 3
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()

    def fail() -> None:
        with file.change() as rows:
            rows.execute("INSERT INTO secret VALUES ('x', x'00')")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    with file.look() as rows:
        assert rows.execute("SELECT count(*) FROM secret").fetchone() == (0,)


def test_what_is_wrong_with_the_file_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "tak.sqlite"
    broken.write_bytes(b"no database at all, but long enough to be looked at" * 30)
    file = TakFile(broken)
    with pytest.raises(TakFault, match="put back your backup"):
        file.prepare()
    with pytest.raises(TakFault), file.look() as rows:
        rows.execute("SELECT 1 FROM secret")
    with pytest.raises(TakFault), file.change():
        pass
    with pytest.raises(TakFault):
        TakFile(tmp_path / "none" / "tak.sqlite").prepare()
    with pytest.raises(TakFault), TakFile(tmp_path / "missing").look():
        pass


def test_who_only_looks_cannot_change(tmp_path: Path) -> None:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    with pytest.raises(TakFault), file.look() as rows:
        rows.execute("INSERT INTO secret VALUES ('x', x'00')")
    with sqlite3.connect(tmp_path / "tak.sqlite") as rows:
        assert rows.execute("SELECT count(*) FROM secret").fetchone() == (0,)
