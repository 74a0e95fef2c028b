"""What every database promises is in tests/contract; here is what a damaged file does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accord.storage import sqlite_reader
from accord.storage.sqlite import SqliteDatabase
from support.database import a_segment


def test_a_bad_page_costs_a_search_its_segment_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(SqliteDatabase(path, max_bytes=64 << 20).writer()) as writer:
        for batch in range(1, 41):
            writer.insert([a_segment(batch, data=b"..SHIP-1.." + bytes([batch]) * 9000)])
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    at = data.index(bytes([20]) * 4000)
    page = at // 4096 * 4096
    # The number of the next page of its chain (SQLite file format, 1.6) leads out of the file.
    data[page : page + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with closing(SqliteDatabase(path, max_bytes=64 << 20).reader()) as reader:
        found = [each.batch for each in reader.forwards(0, 99, b"SHIP-1")]
    assert set(range(1, 41)) - set(found) == {20}


def test_a_long_search_is_made_in_pieces_that_have_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_reader, "_SEARCHED_AT_ONCE", 7)
    monkeypatch.setattr(sqlite_reader, "_READ_AT_ONCE", 3)
    path = tmp_path / "journal.sqlite"
    with closing(SqliteDatabase(path, max_bytes=64 << 20).writer()) as writer:
        for batch in range(1, 101):
            writer.insert([a_segment(batch, data=b"SHIP-1" if batch % 3 else b"SHIP-2")])
    with closing(SqliteDatabase(path, max_bytes=64 << 20).reader()) as reader:
        found = [each.batch for each in reader.forwards(0, 1 << 62, b"SHIP-1")]
    assert found == [batch for batch in range(1, 101) if batch % 3]
