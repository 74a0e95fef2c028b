from collections.abc import Mapping, Sequence
from datetime import timedelta

from accord.storage.database import Ring, Segment
from accord.storage.retention import Retention
from accord.storage.settings import JournalSettings
from support.clock import START
from support.database import DURABLE, POSITIONS, MemoryDatabase, MemoryWriter, a_segment

AIS = Ring("feed:ais", is_durable=False)
NOW = START.timestamp()
OVERHEAD = 3 * 4096
"""What the database may take for a segment besides its bytes."""


class Kept:
    """A database whose rings are held."""

    def __init__(
        self,
        *,
        budget: int = 1 << 30,
        positions: Mapping[str, int] | None = None,
        database: MemoryDatabase | None = None,
        **settings: int | timedelta,
    ) -> None:
        self.database = database or MemoryDatabase(budget)
        self.database.budget = budget
        self.writer = MemoryWriter(self.database)
        self.retention = Retention(
            self.writer,
            JournalSettings(**settings),  # pyright: ignore[reportArgumentType]  one type for all
            positions or {},
        )
        self.batch = 0

    def keep(self, *segments: Segment) -> None:
        self.retention.make_room(segments)
        self.writer.insert(segments)
        self.retention.note(segments)

    def keep_many(self, count: int, ring: Ring = POSITIONS, *, size: int = 100) -> None:
        for _ in range(count):
            self.batch += 1
            self.keep(a_segment(self.batch, ring, size=size, newest=NOW + self.batch))

    def batches(self, ring: Ring = POSITIONS) -> Sequence[int]:
        return [each.batch for _, each in self.database.kept if each.ring == ring]


def test_a_ring_within_its_budget_forgets_nothing() -> None:
    kept = Kept(positions_bytes=1000)
    kept.keep_many(10)
    assert kept.batches() == list(range(1, 11))
    assert "drop" not in kept.database.calls


def test_a_ring_beyond_its_budget_forgets_its_oldest() -> None:
    kept = Kept(positions_bytes=1000)
    for _ in range(25):
        kept.keep_many(1)
        assert kept.database.rings()[POSITIONS] <= 1000
    assert kept.batches() in (list(range(16, 26)), list(range(17, 26)))


def test_some_more_goes_at_once_so_that_not_every_commit_deletes() -> None:
    kept = Kept(positions_bytes=64_000)
    kept.keep_many(1000)
    drops = kept.database.calls.count("drop")
    assert drops == 33  # 640 of 1000 fit; one too many goes with ten more, a part in 64
    assert 629 <= len(kept.batches()) <= 640


def test_a_flood_of_positions_pushes_out_no_words_and_no_other_channel() -> None:
    kept = Kept(positions_bytes=1000, durable_bytes=1000)
    kept.keep_many(5, DURABLE)
    kept.keep_many(5, AIS)
    kept.keep_many(100)
    assert kept.batches(DURABLE) == [1, 2, 3, 4, 5]
    assert kept.batches(AIS) == [6, 7, 8, 9, 10]
    assert kept.database.rings()[POSITIONS] == 1000


def test_words_have_a_budget_too() -> None:
    kept = Kept(durable_bytes=300)
    kept.keep_many(5, DURABLE)
    assert kept.batches(DURABLE) == [3, 4, 5]


def test_a_channel_may_have_a_budget_of_its_own_for_positions_only() -> None:
    kept = Kept(positions={"feed:ais": 200}, positions_bytes=1000, durable_bytes=600)
    assert kept.retention.budget(AIS) == 200
    assert kept.retention.budget(Ring("feed:ais", is_durable=True)) == 600
    assert kept.retention.budget(POSITIONS) == 1000
    kept.keep_many(9, AIS)
    assert kept.batches(AIS) == [8, 9]


def test_what_is_larger_than_its_ring_takes_the_whole_ring() -> None:
    kept = Kept(positions_bytes=1000)
    kept.keep_many(3)
    kept.keep_many(1, DURABLE)
    kept.keep(a_segment(9, size=5000))
    assert kept.batches() == [9]


def test_rings_that_are_too_large_together_give_way_largest_positions_first() -> None:
    kept = Kept(budget=100_000)
    kept.keep_many(10, DURABLE, size=3000)
    kept.keep_many(2, AIS, size=3000)
    kept.keep_many(20, size=3000)
    assert kept.batches(DURABLE) == list(range(1, 11))
    assert kept.batches(AIS) == [11, 12]
    assert kept.batches()[0] > 13
    assert kept.batches()[-1] == 32
    assert kept.database.size() + 2 * OVERHEAD < 100_000


def test_words_give_way_when_no_positions_are_left() -> None:
    kept = Kept(budget=100_000)
    kept.keep_many(3, size=10_000)
    kept.keep_many(12, DURABLE, size=10_000)
    assert kept.batches() == []
    assert kept.batches(DURABLE)[-1] == 15
    assert len(kept.batches(DURABLE)) >= 6


def test_how_much_room_there_is_is_asked_seldom() -> None:
    kept = Kept()
    kept.keep_many(1000)
    assert kept.database.calls.count("room") == 1
    kept.retention.sweep(START)
    kept.keep_many(1000)
    assert kept.database.calls.count("room") == 2


def test_when_nothing_can_go_the_database_decides() -> None:
    kept = Kept(budget=1000)
    kept.keep(a_segment(1, size=500))
    kept.retention.make_room([a_segment(2, size=400)])
    assert kept.batches() == [1]


def test_positions_go_at_their_age_and_words_at_theirs() -> None:
    kept = Kept(positions_age=timedelta(hours=1), durable_age=timedelta(hours=2))
    for hours in (3.0, 1.5, 0.5):
        for ring in (POSITIONS, DURABLE):
            kept.batch += 1
            kept.keep(a_segment(kept.batch, ring, newest=NOW - hours * 3600))
    kept.retention.sweep(START)
    assert kept.batches() == [5]
    assert kept.batches(DURABLE) == [4, 6]


def test_the_last_segment_of_all_stays_whatever_its_age() -> None:
    kept = Kept(positions_age=timedelta(hours=1))
    kept.keep(a_segment(1, newest=NOW - 9999))
    kept.keep(a_segment(2, newest=NOW - 9998))
    for _ in range(3):
        kept.retention.sweep(START)
    assert kept.batches() == [2]
    assert kept.retention.span() == (NOW - 9998, NOW - 9998)


def test_a_clock_that_was_wrong_keeps_what_is_before_a_newer_one() -> None:
    """A segment from the future holds up those after it, and is not itself taken for old."""
    kept = Kept(positions_age=timedelta(hours=1))
    for batch, newest in enumerate((NOW + 9999, NOW - 9999, NOW), 1):
        kept.keep(a_segment(batch, newest=newest))
    kept.retention.sweep(START)
    assert kept.batches() == [1, 2, 3]


def test_a_sweep_is_short_however_much_is_too_old() -> None:
    kept = Kept(positions_age=timedelta(hours=1))
    for batch in range(1, 1201):
        kept.keep(a_segment(batch, newest=NOW - 9999))
    kept.retention.sweep(START)
    assert kept.database.calls.count("drop") == 8
    assert len(kept.batches()) == 1200 - 512
    for _ in range(2):
        kept.retention.sweep(START)
    assert kept.batches() == [1200]


def test_a_sweep_that_has_nothing_to_do_asks_nothing() -> None:
    kept = Kept()
    kept.keep_many(3)
    kept.database.calls.clear()
    kept.retention.sweep(START)
    assert kept.database.calls == []


def test_a_ring_whose_budget_was_larger_before_shrinks_little_by_little() -> None:
    before = Kept()
    before.keep_many(2000)
    kept = Kept(database=before.database, positions_bytes=20_000)
    kept.keep(a_segment(2001))
    assert kept.database.rings()[POSITIONS] > 190_000
    for _ in range(4):
        kept.retention.sweep(START)
    assert kept.database.rings()[POSITIONS] == 20_000
    assert kept.batches()[-1] == 2001


def test_a_database_whose_budget_was_larger_before_shrinks_little_by_little() -> None:
    before = Kept()
    before.keep_many(100, DURABLE)
    before.keep_many(900)
    kept = Kept(database=before.database, budget=30_000)
    kept.retention.sweep(START)
    assert kept.database.size() == 100_000 - 8 * 64 * 100
    kept.retention.sweep(START)
    assert kept.database.size() == 30_000
    assert kept.batches(DURABLE) == list(range(1, 101))


def test_what_is_there_is_counted_when_it_begins() -> None:
    before = Kept()
    before.keep_many(9)
    kept = Kept(database=before.database, positions_bytes=1050)
    assert kept.retention.span() == (NOW + 1, NOW + 9)
    kept.keep(a_segment(10), a_segment(10, DURABLE))
    kept.keep(a_segment(11))
    assert kept.batches() == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_without_anything_kept_there_is_no_span() -> None:
    assert Kept().retention.span() is None
