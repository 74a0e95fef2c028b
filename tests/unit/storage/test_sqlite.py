import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from accord.core.errors import AccordError
from accord.observe.log import Log
from accord.storage.database import StorageFault
from accord.storage.journal import CHECK_SECONDS, RETRY_SECONDS, Journal
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase, SqliteWriter
from support.clock import ManualClock
from support.database import POSITIONS, a_kept_report, a_segment

MIB = 1 << 20


class LowDisk(SqliteDatabase):
    """On a disk with little left, while `is_low`."""

    is_low = False

    def may_grow(self) -> bool:
        return not self.is_low


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "journal.sqlite"


def a_database(path: Path, *, mib: int = 64, wal: int = 8) -> LowDisk:
    return LowDisk(path, max_bytes=mib * MIB, wal_bytes=wal * MIB)


@pytest.fixture
def database(path: Path) -> LowDisk:
    return a_database(path)


def a_journal(database: SqliteDatabase) -> tuple[Journal, ManualClock]:
    clock = ManualClock()
    return Journal(database, JournalSettings(), clock=clock, log=Log(clock)), clock


def keep(writer: SqliteWriter, *batches: int, size: int = 100) -> None:
    for batch in batches:
        writer.insert([a_segment(batch, size=size)])


def batches(database: SqliteDatabase) -> list[int]:
    with closing(database.reader()) as reader:
        return [kept.batch for kept in reader.oldest_first(0)]


def test_the_file_is_made_with_its_directory_for_its_owner_only(
    path: Path, database: LowDisk
) -> None:
    before = os.umask(0o022)
    try:
        with closing(database.writer()) as writer:
            keep(writer, 1)
            modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"], 0o600
    )


def test_when_it_is_closed_everything_is_in_the_one_file(path: Path, database: LowDisk) -> None:
    writer = database.writer()
    keep(writer, 1)
    writer.close()
    writer.close()
    assert [each.name for each in path.parent.iterdir()] == ["journal.sqlite"]
    assert database.size() == path.stat().st_size


def test_its_size_is_that_of_the_file_the_log_and_the_logs_index(
    path: Path, database: LowDisk
) -> None:
    assert database.size() == 0
    with closing(database.writer()) as writer:
        keep(writer, 1, size=MIB)
        sizes = {each.name: each.stat().st_size for each in path.parent.iterdir()}
        assert len(sizes) == 3
        assert database.size() == sum(sizes.values())


def test_a_sqlite_too_old_is_refused_in_a_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 21, 9))
    with pytest.raises(AccordError, match=r"too old; install a Python with 3\.22 or newer"):
        a_database(path)


def test_a_file_of_a_newer_version_is_refused_with_what_to_do_and_not_changed(
    path: Path, database: LowDisk
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    before = path.read_bytes()
    with pytest.raises(AccordError) as refused:
        a_journal(database)[0].start()
    assert str(refused.value) == (
        f"{path} is of version 9 and this Accord knows versions up to 1: start the newer Accord "
        "that wrote it, or move the file away to begin without it"
    )
    assert path.read_bytes() == before


def test_what_is_no_database_is_left_alone_and_is_no_reason_not_to_start(
    path: Path, database: LowDisk
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    journal, _ = a_journal(database)
    journal.start()
    journal.append(1, a_kept_report())
    journal.stop()
    assert journal.status().reason == "file is not a database (SQLITE_NOTADB)"
    assert path.read_bytes() == b"no database at all" * 100


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFault, match=rf"File exists: {tmp_path}/file"):
        a_database(tmp_path / "file" / "journal.sqlite").prepare()
    with pytest.raises(StorageFault, match=rf"Is a directory: {tmp_path}"):
        a_database(tmp_path).prepare()
    with pytest.raises(StorageFault, match="unable to open database file"):
        a_database(tmp_path / "absent").reader().last_batch()
    empty = a_database(tmp_path / "file").reader()
    with closing(empty), pytest.raises(StorageFault, match="no such table: segment"):
        next(empty.oldest_first(0))


def read_for_ever(path: Path) -> sqlite3.Connection:
    """Another program, in the middle of reading."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM segment").fetchone()
    return other


def test_the_log_stays_within_its_part_while_another_program_reads(
    path: Path, database: LowDisk
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 1)
        with closing(read_for_ever(path)):
            for batch in range(2, 65):
                keep(writer, batch, size=100_000)
                assert database.wal.stat().st_size <= 8 * MIB
            with pytest.raises(StorageFault, match="another program reads the file for so long"):
                keep(writer, *range(65, 85), size=100_000)
            with pytest.raises(StorageFault):
                keep(writer, 1000, size=MIB)
            assert 7 * MIB < database.wal.stat().st_size <= 8 * MIB
        held = batches(database)
        keep(writer, 2000, size=MIB)
        assert database.wal.stat().st_size < 4 * MIB
    assert batches(database) == [*held, 2000]


def test_a_journal_goes_on_when_the_other_program_has_read(path: Path, database: LowDisk) -> None:
    journal, clock = a_journal(database)
    with closing(database.writer()) as writer:
        keep(writer, 1)
    with closing(read_for_ever(path)):
        for sequence in range(2, 200):
            journal.append(sequence, a_kept_report(data=bytes(100_000)))
            journal.write()
        assert journal.status().reason.startswith("another program reads")
    clock.advance(seconds=RETRY_SECONDS)
    journal.write()
    assert journal.append(200, a_kept_report())
    journal.write()
    assert journal.status().recording
    assert [record.sequence for record in journal.read(200, 9)] == [200]
    journal.stop()


def test_more_at_once_than_the_log_may_hold_is_refused(database: LowDisk) -> None:
    with closing(database.writer()) as writer:
        with pytest.raises(StorageFault, match="at once are more than its log may hold"):
            keep(writer, 1, size=8 * MIB)
        keep(writer, 2, size=6 * MIB)
        keep(writer, 3, size=6 * MIB)
    assert batches(database) == [2, 3]


def test_the_file_does_not_grow_while_the_disk_has_little_left(
    path: Path, database: LowDisk
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, *range(1, 11), size=MIB)
        assert not writer.is_confined()
        database.is_low = True
        writer.check()
        assert writer.is_confined()
        size = path.stat().st_size
        assert 10 * MIB < size < 11 * MIB
        assert writer.room() < MIB // 2
        with pytest.raises(StorageFault, match="full"):
            keep(writer, 11, size=MIB)
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 1)[0].number)
        for batch in range(12, 40):
            writer.drop(POSITIONS, writer.oldest(POSITIONS, 1)[0].number)
            keep(writer, batch, size=MIB)
            writer.check()
        assert path.stat().st_size == size
        database.is_low = False
        writer.check()
        keep(writer, 40, size=MIB)
    assert batches(database) == list(range(31, 41))


def test_what_was_only_in_the_log_has_its_place_before_the_disk_is_full(
    path: Path, database: LowDisk
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 1, size=MIB)
        assert path.stat().st_size < MIB
        database.is_low = True
        writer.check()
        assert path.stat().st_size > MIB


def test_a_disk_low_from_the_start_is_heeded(path: Path, database: LowDisk) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 1, 2, size=MIB)
    database.is_low = True
    with closing(database.writer()) as writer:
        assert writer.is_confined()
        with pytest.raises(StorageFault, match="full"):
            keep(writer, 3, size=MIB)


def pages(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA page_count").fetchone()[0]


def test_a_file_made_under_a_larger_budget_shrinks_little_by_little(path: Path) -> None:
    with closing(a_database(path).writer()) as writer:
        keep(writer, *range(1, 31), size=MIB)
    smaller = a_database(path, mib=32, wal=16)
    with closing(smaller.writer()) as writer:
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 20)[-1].number)
        before = pages(path)
        for _ in range(5):
            writer.check()
        assert 5 * 256 <= before - pages(path) <= 5 * 256 + 5  # and pages about pages
        while pages(path) > 16 * MIB // 4096:
            writer.check()
        assert smaller.wal.stat().st_size <= 16 * MIB
        after = pages(path)
        writer.check()
        assert pages(path) == after
    assert path.stat().st_size <= 16 * MIB
    assert batches(smaller) == list(range(21, 31))


@pytest.mark.parametrize("suffix", ["", "-wal"])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_or_log_that_is_gone_is_noticed(
    path: Path, database: LowDisk, suffix: str, is_replaced: bool
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 1)
        writer.check()
        gone = path.with_name(path.name + suffix)
        data = gone.read_bytes()
        # The old file still stands under another name, so that the new one is surely another.
        gone.rename(path.with_name("gone"))
        if is_replaced:
            gone.write_bytes(data)
        with pytest.raises(StorageFault, match="was deleted or replaced"):
            writer.check()


def test_a_journal_whose_file_is_deleted_begins_a_new_one(path: Path, database: LowDisk) -> None:
    journal, clock = a_journal(database)
    journal.append(1, a_kept_report())
    journal.write()
    for each in path.parent.iterdir():
        each.unlink()
    clock.advance(seconds=CHECK_SECONDS)
    journal.append(2, a_kept_report())
    journal.write()
    assert [record.sequence for record in journal.read(0, 9)] == [2]
    assert journal.status().recording
    journal.stop()


def test_a_journal_whose_log_is_deleted_loses_nothing(path: Path, database: LowDisk) -> None:
    journal, clock = a_journal(database)
    journal.append(1, a_kept_report())
    journal.write()
    database.wal.unlink()
    clock.advance(seconds=CHECK_SECONDS)
    journal.append(2, a_kept_report())
    journal.write()
    assert [record.sequence for record in journal.read(0, 9)] == [1, 2]
    journal.stop()


def test_a_damaged_page_costs_its_segment_and_no_other(path: Path, database: LowDisk) -> None:
    with closing(database.writer()) as writer:
        for batch in range(1, 6):
            writer.insert([a_segment(batch, data=bytes([batch]) * 100_000)])
    whole = path.read_bytes()
    page = whole.index(bytes([3]) * 4_092) - 4  # after the number of the next page
    with path.open("r+b") as file:
        file.seek(page)
        file.write(bytes(4096))
    with closing(database.reader()) as reader:
        forth = [(kept.batch, kept.data[:1]) for kept in reader.oldest_first(0)]
        back = [(kept.batch, kept.data[:1]) for kept in reader.newest_first(0.0)]
    assert forth == [(1, b"\1"), (2, b"\2"), (3, b""), (4, b"\4"), (5, b"\5")]
    assert back == forth[::-1]
    with closing(database.writer()) as writer:
        keep(writer, 6)
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 9)[3].number)
    assert batches(database) == [5, 6]


def test_what_was_received_while_the_clock_was_ahead_is_noted_so_and_stays_as_written(
    database: LowDisk,
) -> None:
    with closing(database.writer()) as writer:
        # At 100 the clock went ahead to 5000; at 103 it is right again.
        for batch, newest in ((1, 99.0), (2, 100.0), (3, 5000.0), (4, 5003.0), (5, 103.5)):
            writer.insert([a_segment(batch, newest=newest, data=b"%d" % batch)])
        assert writer.set_back(103.0, upto=4, now=104.0) == 2
        assert writer.set_back(103.0, upto=4, now=104.0) == 0
    with closing(database.reader()) as reader:
        kept = list(reader.oldest_first(0))
        assert [(each.newest, each.data) for each in kept] == [
            (99.0, b"1"), (100.0, b"2"), (103.0, b"3"), (103.0, b"4"), (103.5, b"5")
        ]  # fmt: skip
        assert [reader.number_at(at) for at in (99.5, 103.0, 103.6)] == [1, 4, 5]
        assert reader.rings()[POSITIONS].newest == 103.5


def test_of_what_was_kept_later_only_what_is_still_to_come_is_set_back(database: LowDisk) -> None:
    with closing(database.writer()) as writer:
        for batch, newest in ((1, 99.0), (2, 103.5), (3, 5004.0)):
            writer.insert([a_segment(batch, newest=newest)])
        assert writer.set_back(103.0, upto=1, now=104.0) == 1
    with closing(database.reader()) as reader:
        assert [each.newest for each in reader.oldest_first(0)] == [99.0, 103.5, 103.0]


def test_a_clock_that_is_set_to_before_all_that_is_kept_sets_nothing_back(
    database: LowDisk,
) -> None:
    with closing(database.writer()) as writer:
        keep(writer, 10, 11)
        assert writer.set_back(1.0, upto=11, now=1.0) == 0
