"""What the journal relies on, of every database."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from accord.storage.database import Database, Ring, StorageFault, Usage
from accord.storage.sqlite import SqliteDatabase
from support.database import DURABLE, POSITIONS, MemoryDatabase, a_segment

MIB = 1 << 20
AIS = Ring("feed:ais", is_durable=False)

Open = Callable[[int], Database]
"""Opens the same database again, with a budget."""


@pytest.fixture(params=["sqlite", "memory"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    memory = MemoryDatabase()

    def open_memory(budget: int) -> Database:
        memory.budget = budget
        return memory

    def open_sqlite(budget: int) -> Database:
        path = tmp_path / "data" / "journal.sqlite"
        return SqliteDatabase(path, max_bytes=budget, wal_bytes=8 * MIB, spare_bytes=0)

    return open_memory if request.param == "memory" else open_sqlite


@pytest.fixture
def database(again: Open) -> Database:
    found = again(64 * MIB)
    found.prepare()
    return found


def batches(database: Database, sequence: int = 0) -> list[int]:
    with closing(database.reader()) as reader:
        return [kept.batch for kept in reader.oldest_first(sequence)]


def keep(database: Database, *batches: int, ring: Ring = POSITIONS, size: int = 100) -> None:
    with closing(database.writer()) as writer:
        for batch in batches:
            writer.insert([a_segment(batch, ring, size=size)])


def test_a_new_one_is_empty(database: Database) -> None:
    with closing(database.reader()) as reader:
        assert reader.last_batch() == 0
        assert list(reader.newest_first(0.0)) == []
        assert list(reader.oldest_first(0)) == []
    with closing(database.writer()) as writer:
        assert writer.usage() == {}
        assert writer.oldest(POSITIONS, 10) == []


def test_what_was_kept_is_read_byte_for_byte_after_it_was_opened_anew(again: Open) -> None:
    segment = a_segment(7, DURABLE, data=bytes(range(256)) * 8192)
    with closing(again(64 * MIB).writer()) as writer:
        writer.insert([segment])
    with closing(again(64 * MIB).reader()) as reader:
        assert reader.last_batch() == 7
        for (kept,) in (list(reader.oldest_first(0)), list(reader.newest_first(0.0))):
            assert (kept.number, kept.batch, kept.is_durable) == (1, 7, True)
            assert kept.newest == segment.newest
            is_same = kept.data == segment.data  # A difference of so much is not to be spelled out.
            assert is_same


def test_reading_begins_with_the_commit_that_holds_the_number(database: Database) -> None:
    keep(database, 10, 20, 30)
    assert batches(database, 10) == [10, 20, 30]
    assert batches(database, 11) == [20, 30]
    assert batches(database, 31) == []


def test_many_segments_of_one_commit_are_read_each_once(database: Database) -> None:
    with closing(database.writer()) as writer:
        writer.insert([a_segment(5, size=10 + each) for each in range(100)])
        writer.insert([a_segment(6)])
    with closing(database.reader()) as reader:
        forth, back = list(reader.oldest_first(5)), list(reader.newest_first(0.0))
    assert [len(kept.data) for kept in forth] == [*range(10, 110), 100]
    assert back == forth[::-1]


def test_backwards_are_read_durable_segments_and_of_the_others_the_recent(
    database: Database,
) -> None:
    with closing(database.writer()) as writer:
        for batch in range(1, 60):
            writer.insert([a_segment(batch, DURABLE if batch % 10 == 0 else POSITIONS)])
    with closing(database.reader()) as reader:
        read = [(kept.batch, kept.is_durable) for kept in reader.newest_first(57.0)]
    assert read == [
        (59, False), (58, False), (57, False),
        (50, True), (40, True), (30, True), (20, True), (10, True),
    ]  # fmt: skip


def test_what_is_kept_is_seen_by_readers_at_once_and_no_reader_holds_up_the_writer(
    database: Database,
) -> None:
    keep(database, *range(1, 41))
    with closing(database.writer()) as writer, closing(database.reader()) as reader:
        backwards, forwards = reader.newest_first(0.0), reader.oldest_first(0)
        next(backwards)
        next(forwards)
        writer.insert([a_segment(41)])
        assert [kept.batch for kept in backwards] == list(range(39, 0, -1))
        assert reader.last_batch() == 41
        assert batches(database)[-1] == 41


def test_usage_is_told_by_ring(database: Database) -> None:
    with closing(database.writer()) as writer:
        writer.insert([a_segment(1, size=10, newest=5.0), a_segment(1, DURABLE, size=20)])
        writer.insert([a_segment(2, AIS, size=40), a_segment(2, size=80, newest=9.0)])
        assert writer.usage() == {
            POSITIONS: Usage(90, 5.0, 9.0),
            DURABLE: Usage(20, 1.0, 1.0),
            AIS: Usage(40, 2.0, 2.0),
        }


def test_the_oldest_of_a_ring_are_named_but_never_the_last_of_all(database: Database) -> None:
    keep(database, 1, 2, 3)
    keep(database, 4, ring=AIS, size=7)
    with closing(database.writer()) as writer:
        stubs = writer.oldest(POSITIONS, 2)
        assert [(stub.size, stub.newest) for stub in stubs] == [(100, 1.0), (100, 2.0)]
        assert len(writer.oldest(POSITIONS, 10)) == 3
        assert writer.oldest(AIS, 10) == []


def test_a_ring_forgets_up_to_a_number_and_the_others_nothing(database: Database) -> None:
    with closing(database.writer()) as writer:
        for batch in (1, 2, 3):
            writer.insert([a_segment(batch), a_segment(batch, DURABLE)])
        second = writer.oldest(POSITIONS, 2)[-1]
        writer.drop(POSITIONS, second.number)
        assert {ring: usage.size for ring, usage in writer.usage().items()} == {
            POSITIONS: 100,
            DURABLE: 300,
        }
    assert batches(database) == [1, 2, 3, 3]


def test_a_number_never_comes_twice(database: Database) -> None:
    keep(database, 1, 2, 3)
    with closing(database.writer()) as writer:
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 10)[-1].number)
    keep(database, 4)
    with closing(database.reader()) as reader:
        assert [kept.number for kept in reader.oldest_first(0)] == [3, 4]


def test_the_last_segment_of_the_commits_up_to_one_is_told(database: Database) -> None:
    with closing(database.writer()) as writer:
        writer.insert([a_segment(2), a_segment(2, DURABLE)])
        writer.insert([a_segment(7)])
    with closing(database.reader()) as reader:
        assert [reader.last_number(batch) for batch in (0, 1, 2, 6, 7, 99)] == [0, 0, 2, 2, 3, 3]


def test_what_does_not_fit_is_kept_not_in_part(again: Open) -> None:
    database = again(12 * MIB)
    with closing(database.writer()) as writer:
        while writer.room() > 2 * MIB:
            writer.insert([a_segment(1, size=MIB)])
        with pytest.raises(StorageFault):
            writer.insert([a_segment(2, size=MIB // 10) for _ in range(40)])
        writer.insert([a_segment(3)])
    assert set(batches(database)) == {1, 3}


def test_room_goes_with_what_comes_and_comes_back_with_what_goes(again: Open) -> None:
    with closing(again(20 * MIB).writer()) as writer:
        empty = writer.room()
        assert MIB < empty <= 20 * MIB
        writer.insert([a_segment(1, size=MIB)])
        writer.insert([a_segment(2)])
        assert writer.room() <= empty - MIB
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 1)[0].number)
        assert writer.room() > empty - MIB // 2


def test_a_smaller_budget_than_before_leaves_an_excess_and_no_room(again: Open) -> None:
    keep(again(64 * MIB), *range(1, 21), size=MIB)
    assert again(16 * MIB).budget == 16 * MIB
    with closing(again(16 * MIB).writer()) as writer:
        before = writer.excess()
        assert 0 < before < 20 * MIB
        assert writer.room() == 0
        writer.drop(POSITIONS, writer.oldest(POSITIONS, 15)[-1].number)
        assert writer.excess() == 0


def test_a_trial_changes_nothing(database: Database) -> None:
    keep(database, 1)
    with closing(database.writer()) as writer:
        writer.probe()
        writer.check()
        assert not writer.is_confined()
    assert batches(database) == [1]


def test_it_takes_what_it_keeps_and_no_more_than_its_budget(database: Database) -> None:
    keep(database, *range(1, 11), size=MIB)
    assert 10 * MIB <= database.size() <= 64 * MIB == database.budget


def test_each_ring_says_since_when_and_until_when_it_has_something(database: Database) -> None:
    with closing(database.reader()) as reader:
        assert reader.rings() == {}
    keep(database, 10, 20, 30)
    keep(database, 25, 40, ring=AIS)
    keep(database, 50, ring=DURABLE)
    with closing(database.reader()) as reader:
        assert reader.rings() == {POSITIONS: (10, 30), AIS: (25, 40), DURABLE: (50, 50)}


def test_a_moment_is_found_among_what_is_left(database: Database) -> None:
    keep(database, *range(10, 100, 10))
    with closing(database.writer()) as writer:
        writer.drop(POSITIONS, 4)
    with closing(database.reader()) as reader:
        found = [reader.number_at(at) for at in (0, 49.9, 50, 59, 60, 89.9, 90, 1e9)]
    assert found == [0, 0, 5, 5, 6, 8, 9, 9]


def test_a_ring_is_read_backwards_from_a_number(database: Database) -> None:
    for batch in range(1, 41):
        keep(database, batch, ring=AIS if batch % 2 else POSITIONS)
    with closing(database.reader()) as reader:
        assert [each.batch for each in reader.backwards(AIS, 36)] == list(range(35, 0, -2))


def test_everything_between_two_numbers_is_read_in_order_and_once(database: Database) -> None:
    for batch in range(1, 41):
        keep(database, batch, ring=AIS if batch % 2 else POSITIONS)
    with closing(database.reader()) as reader:
        assert [each.batch for each in reader.forwards(2, 38)] == list(range(3, 39))
        assert list(reader.forwards(40, 99)) == []


def test_only_what_holds_some_bytes_is_read_where_that_is_asked_for(database: Database) -> None:
    with closing(database.writer()) as writer:
        for batch in range(1, 41):
            data = b"..SHIP-1.." if batch % 2 else b"..SHIP-2.."
            writer.insert([a_segment(batch, data=data)])
    with closing(database.reader()) as reader:
        found = [each.batch for each in reader.forwards(2, 38, b"SHIP-1")]
        assert list(reader.forwards(0, 40, b"SHIP-3")) == []
    assert found == list(range(3, 39, 2))
