"""However much comes, and how unevenly: no ring and no database outgrows its budget."""

import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from accord.storage.database import Database, Ring, Segment, Writer
from accord.storage.retention import Retention
from accord.storage.settings import JournalSettings
from accord.storage.sqlite import SqliteDatabase
from support.clock import START
from support.database import MemoryDatabase, a_segment

MIB = 1 << 20
RINGS = [Ring(channel, durable) for channel in ("tak", "feed:ais") for durable in (False, True)]
COMMIT = 3
"""Segments of one commit, at most."""


@st.composite
def traffic(draw: st.DrawFn, *, largest: int) -> list[list[tuple[Ring, int]]]:
    """Commits: of each segment the ring and the size."""
    one = st.tuples(st.sampled_from(RINGS), st.integers(1, largest))
    return draw(st.lists(st.lists(one, min_size=1, max_size=COMMIT), min_size=1, max_size=80))


class Rings:
    """What is kept, as retention is asked to bound it, and all that ever came."""

    def __init__(self, writer: Writer, settings: JournalSettings) -> None:
        self.writer = writer
        self.retention = Retention(writer, settings, {"feed:ais": settings.positions_bytes // 2})
        self.came: dict[Ring, list[int]] = defaultdict(list)
        self.batch = 0

    def commit(self, parts: list[tuple[Ring, int]]) -> list[Segment]:
        self.batch += 1
        at = START.timestamp() + self.batch
        segments = [a_segment(self.batch, ring, size=size, newest=at) for ring, size in parts]
        self.retention.make_room(segments)
        self.writer.insert(segments)
        self.retention.note(segments)
        for ring, size in parts:
            self.came[ring].append(size)
        if self.batch % 7 == 0:
            self.retention.sweep(START + timedelta(seconds=self.batch))
        return segments

    def check(self) -> None:
        """See that each ring is within its budget, and that only its oldest has gone."""
        for ring, usage in self.writer.usage().items():
            assert usage.size <= self.retention.budget(ring)
            newest_first = self.came[ring][::-1]
            assert usage.size in [sum(newest_first[:n]) for n in range(len(newest_first) + 1)]


@given(traffic(largest=5_000), st.integers(60_000, 200_000), st.integers(250_000, 900_000))
def test_no_ring_outgrows_its_budget_and_only_the_oldest_goes(
    commits: list[list[tuple[Ring, int]]], ring: int, whole: int
) -> None:
    database = MemoryDatabase(whole)
    writer = database.writer()
    rings = Rings(writer, JournalSettings(positions_bytes=ring, durable_bytes=ring))
    for commit in commits:
        segments = rings.commit(commit)
        rings.check()
        assert database.size() <= whole
        kept = [segment for _, segment in database.kept[-len(segments) :]]
        assert kept == segments


@settings(max_examples=15)
@given(traffic(largest=MIB))
def test_file_and_log_together_stay_within_the_budget_on_disk(
    commits: list[list[tuple[Ring, int]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database: Database = SqliteDatabase(
            Path(folder) / "journal.sqlite", max_bytes=24 * MIB, wal_bytes=12 * MIB, spare_bytes=0
        )
        with closing(database.writer()) as writer:
            rings = Rings(writer, JournalSettings(positions_bytes=32 * MIB))
            for commit in commits:
                rings.commit(commit)
                rings.check()
                assert database.size() <= database.budget
