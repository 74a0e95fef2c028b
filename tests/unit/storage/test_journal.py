import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accord.core.body import Message
from accord.core.errors import AccordError
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.observe.log import Log
from accord.storage.database import StorageFault
from accord.storage.journal import (
    CHECK_SECONDS,
    COMMIT_BYTES,
    CONFINED,
    RETRY_SECONDS,
    STALLED_SECONDS,
    Journal,
    JournalState,
)
from accord.storage.settings import JournalSettings
from support.builders import A_SOURCE, a_report
from support.clock import START, ManualClock
from support.database import DURABLE, POSITIONS, MemoryDatabase, a_kept_report

FULL = StorageFault("the disk is full")
DAY = timedelta(days=1)


class Keeping:
    """A journal in memory, whose writing thread's turns the test takes."""

    def __init__(
        self,
        database: MemoryDatabase | None = None,
        *,
        positions: Mapping[str, int] | None = None,
        **settings: int,
    ) -> None:
        self.clock = ManualClock()
        self.database = database or MemoryDatabase()
        self.journal = Journal(
            self.database,
            JournalSettings(**settings),  # pyright: ignore[reportArgumentType]  none is a duration
            clock=self.clock,
            log=Log(self.clock),
            positions=positions or {},
        )
        self.sequence = 0

    def append(self, count: int = 1, data: bytes = b"<event/>", **changes: Any) -> list[bool]:
        taken: list[bool] = []
        for _ in range(count):
            self.sequence += 1
            report = a_kept_report(f"U{self.sequence}", data, at=self.clock.now(), **changes)
            taken.append(self.journal.append(self.sequence, report))
        return taken

    def keep(self, count: int = 1, **changes: Any) -> None:
        self.append(count, **changes)
        self.journal.write()

    def after_retry(self) -> None:
        """Take the turns up to the next trial, in which reports are taken again."""
        self.clock.advance(seconds=RETRY_SECONDS)
        self.journal.write()

    def read(self, from_sequence: int = 0, limit: int = 10**6) -> list[int]:
        return [record.sequence for record in self.journal.read(from_sequence, limit)]

    @property
    def state(self) -> JournalState:
        return self.journal.status()


@pytest.fixture
def keeping() -> Keeping:
    return Keeping()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="accord")
    return caplog


def decode_as_it_was(
    original: Original, *, source: Source, groups: frozenset[Group], received: object
) -> Report:
    body = Message(text="hi", sender="K", room="R") if original.data == b"hi" else None
    report = a_report(at=START, source=source, groups=groups, original=original)
    return report if body is None else replace(report, body=body)


def test_what_was_appended_is_read_in_order(keeping: Keeping) -> None:
    assert keeping.append(3) == [True, True, True]
    keeping.journal.write()
    keeping.keep(2, how="h-g-i-g-o")
    assert keeping.read() == [1, 2, 3, 4, 5]
    assert keeping.journal.last_sequence() == 5
    assert keeping.state.kept == 5
    assert keeping.database.rings().keys() == {POSITIONS, DURABLE}


def test_all_that_waits_is_one_write(keeping: Keeping) -> None:
    keeping.append(500)
    assert keeping.database.calls == []
    keeping.journal.write()
    assert keeping.database.calls.count("insert") == 1


def test_a_commit_of_many_rings_is_read_in_the_order_of_its_reports(keeping: Keeping) -> None:
    for _ in range(3):
        keeping.append()
        keeping.append(how="h-g-i-g-o")
        keeping.append(source=replace(A_SOURCE, channel="feed:ais"))
    keeping.journal.write()
    assert keeping.read() == list(range(1, 10))
    assert keeping.read(4, 3) == [4, 5, 6]
    assert keeping.read(10) == []


def test_a_record_tells_what_the_report_was(keeping: Keeping) -> None:
    keeping.keep(data=b"<event uid='U1'/>")
    (record,) = keeping.journal.read(0, 1)
    assert (record.uid, record.original.data) == ("U1", b"<event uid='U1'/>")
    assert record.received == START


def test_nothing_to_write_writes_nothing(keeping: Keeping) -> None:
    keeping.journal.write()
    keeping.database.calls.clear()
    keeping.journal.write()
    assert keeping.database.calls == []


def test_every_second_the_database_is_looked_at(keeping: Keeping) -> None:
    keeping.keep()
    for _ in range(3):
        keeping.clock.advance(seconds=CHECK_SECONDS)
        keeping.journal.write()
        keeping.journal.write()
    assert keeping.database.calls.count("check") == 4


def test_a_large_queue_is_written_in_parts_of_bounded_size() -> None:
    keeping = Keeping()
    keeping.append(10, data=bytes(COMMIT_BYTES // 4))
    for _ in range(3):
        keeping.journal.write()
    assert keeping.state.waiting == 0
    batches = [segment.batch for _, segment in keeping.database.kept]
    assert sorted(set(batches)) == [4, 8, 10]
    assert keeping.read() == list(range(1, 11))


def test_a_report_larger_than_a_commit_is_kept_alone(keeping: Keeping) -> None:
    keeping.append(data=bytes(COMMIT_BYTES + 1))
    keeping.append()
    keeping.journal.write()
    assert (keeping.state.kept, keeping.state.waiting) == (1, 1)
    keeping.journal.write()
    assert keeping.read() == [1, 2]


def test_what_has_no_original_is_counted_as_not_kept(keeping: Keeping) -> None:
    assert not keeping.journal.append(1, a_report())
    assert keeping.state.not_kept == {"without original": 1}


def test_a_queue_full_of_reports_takes_no_more_until_it_is_written() -> None:
    keeping = Keeping(queue_reports=3)
    assert keeping.append(5) == [True, True, True, False, False]
    assert keeping.state.not_kept == {"queue full": 2}
    keeping.journal.write()
    assert keeping.append(1) == [True]


def test_a_queue_full_of_bytes_takes_no_more_until_it_is_written() -> None:
    keeping = Keeping(queue_bytes=100)
    assert keeping.append(3, data=bytes(40)) == [True, True, False]
    assert keeping.state.waiting_bytes == 80
    assert keeping.append(1, data=bytes(20)) == [True]
    keeping.journal.write()
    assert keeping.state.waiting_bytes == 0
    assert keeping.append(1, data=bytes(100)) == [True]


@pytest.mark.parametrize(("count", "data"), [(6, b""), (1, bytes(51))])
def test_senders_wait_while_more_than_half_of_the_queue_waits(count: int, data: bytes) -> None:
    keeping = Keeping(queue_reports=10, queue_bytes=100)
    keeping.append(count - 1, data=data)
    assert not keeping.journal.is_congested()
    keeping.append(1, data=data)
    assert keeping.journal.is_congested()
    keeping.journal.write()
    assert not keeping.journal.is_congested()


def test_senders_never_wait_for_a_journal_that_keeps_nothing() -> None:
    keeping = Keeping(queue_reports=10)
    keeping.database.broken = FULL
    keeping.keep()
    keeping.after_retry()
    keeping.append(10)
    assert not keeping.journal.is_congested()


def test_a_fault_is_tried_again_at_once_with_the_database_opened_anew(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep()
    keeping.database.faults = [StorageFault("it was deleted")]
    keeping.keep()
    assert keeping.read() == [1, 2]
    assert keeping.database.opened == 2
    assert keeping.state.recording
    assert said.messages == ['journal opened anew reason="it was deleted"']


def test_two_faults_make_a_picture_without_history_that_says_so(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep()
    keeping.database.broken = FULL
    keeping.keep(3)
    state = keeping.state
    assert (state.recording, state.reason, state.since) == (False, "the disk is full", START)
    assert state.not_kept == {"the disk is full": 3}
    assert state.kept == 1
    assert said.messages[1:] == ['journal keeps nothing reason="the disk is full"']
    assert keeping.append(2) == [False, False]
    assert keeping.state.not_kept == {"the disk is full": 5}
    assert keeping.state.waiting_bytes == 0


def test_it_is_tried_again_every_few_seconds_and_costs_one_turns_reports(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep()
    keeping.database.broken = FULL
    keeping.keep()
    for _ in range(3):
        keeping.clock.advance(seconds=RETRY_SECONDS - 1)
        keeping.journal.write()
        assert keeping.append() == [False]
        keeping.clock.advance(seconds=1)
        keeping.journal.write()
        assert keeping.append() == [True]
        keeping.journal.write()
    keeping.after_retry()
    keeping.database.broken = None
    keeping.append()
    keeping.clock.advance(seconds=1)
    keeping.journal.write()
    state = keeping.state
    assert (state.recording, state.reason, state.since) == (True, "", None)
    assert keeping.read() == [1, 9]
    assert state.not_kept == {"the disk is full": 7}
    assert [line for line in said.messages if line.startswith("journal keeps")] == [
        'journal keeps nothing reason="the disk is full"',
    ]


def test_a_trial_is_made_though_nothing_is_said(keeping: Keeping) -> None:
    keeping.database.broken = FULL
    keeping.keep()
    keeping.database.broken = None
    keeping.after_retry()
    keeping.journal.write()
    assert keeping.state.recording
    assert keeping.database.calls.count("probe") == 1


def test_since_when_nothing_is_kept_is_told_though_the_reason_changes(keeping: Keeping) -> None:
    keeping.database.broken = FULL
    keeping.keep()
    keeping.database.broken = StorageFault("the disk is gone")
    keeping.after_retry()
    keeping.journal.write()
    state = keeping.state
    assert (state.reason, state.since) == ("the disk is gone", START)


def test_a_report_that_breaks_the_code_costs_one_commit_and_ends_nothing(
    keeping: Keeping,
) -> None:
    keeping.keep()
    keeping.database.faults = [RuntimeError("what is this"), RuntimeError("what is this")]
    keeping.keep()
    assert keeping.state.reason == "RuntimeError: what is this"
    keeping.after_retry()
    keeping.keep()
    assert keeping.read() == [1, 3]
    assert keeping.state.recording


def test_a_database_that_becomes_of_a_newer_version_is_said(keeping: Keeping) -> None:
    keeping.database.broken = AccordError("it is of a newer version")
    keeping.keep()
    assert keeping.state.reason == "AccordError: it is of a newer version"


def test_a_disk_with_little_left_keeps_the_newest_and_says_so(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep(100, data=bytes(1000))
    keeping.keep(300, data=bytes(1000))
    held = keeping.database.size()
    keeping.clock.advance(seconds=1)
    keeping.database.disk_is_low = True
    keeping.keep()
    state = keeping.state
    assert (state.recording, state.reason) == (True, CONFINED)
    assert state.since == START + timedelta(seconds=1)
    for _ in range(5):
        keeping.keep(50, data=bytes(1000))
        assert keeping.database.size() <= held
    assert keeping.state.since == START + timedelta(seconds=1)
    assert keeping.read()[-1] == keeping.sequence
    assert keeping.state.not_kept == {}
    keeping.clock.advance(seconds=1)
    keeping.database.disk_is_low = False
    keeping.journal.write()
    assert (keeping.state.reason, keeping.state.since) == ("", None)
    assert said.messages == [f'journal does not grow reason="{CONFINED}"', "journal is well again"]


def test_after_a_fault_a_low_disk_counts_from_when_reports_were_kept_again(
    keeping: Keeping,
) -> None:
    keeping.database.broken = FULL
    keeping.keep()
    keeping.database.broken = None
    keeping.database.disk_is_low = True
    keeping.after_retry()
    keeping.journal.write()
    assert keeping.state.since == START + timedelta(seconds=RETRY_SECONDS)
    assert keeping.state.recording


def test_a_file_deleted_under_it_is_begun_anew(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep(3)
    keeping.database.is_lost = True
    keeping.clock.advance(seconds=CHECK_SECONDS)
    keeping.keep()
    assert keeping.read() == [4]
    assert said.messages == ['journal opened anew reason="it was deleted"']


def test_rings_hold_what_the_settings_say() -> None:
    keeping = Keeping(positions={"feed:ais": 4_000}, positions_bytes=10_000)
    for _ in range(40):
        keeping.append(1, data=bytes(900))
        keeping.append(1, data=bytes(900), source=replace(A_SOURCE, channel="feed:ais"))
        keeping.journal.write()
    sizes = {ring.channel: size for ring, size in keeping.database.rings().items()}
    assert 8_000 < sizes["tak"] <= 10_000
    assert 2_000 < sizes["feed:ais"] <= 4_000


def test_status_tells_the_span_of_what_is_kept_also_after_a_restart() -> None:
    keeping = Keeping()
    assert (keeping.state.oldest, keeping.state.newest) == (None, None)
    keeping.keep()
    keeping.clock.advance(seconds=9)
    keeping.keep()
    assert keeping.state.oldest == START
    assert keeping.state.newest == START + timedelta(seconds=9)
    again = Keeping(keeping.database)
    again.journal.write()
    assert again.state.oldest == START
    assert again.state.newest == START + timedelta(seconds=9)


def test_status_tells_sizes_and_limits() -> None:
    keeping = Keeping(MemoryDatabase(12345), queue_bytes=1000)
    keeping.append(2, data=bytes(10))
    state = keeping.state
    assert (state.waiting, state.waiting_bytes, state.limit_bytes) == (2, 20, 1000)
    assert (state.bytes_on_disk, state.budget) == (0, 12345)
    keeping.journal.write()
    assert keeping.state.bytes_on_disk == keeping.database.size() > 20


def test_the_data_of_a_newer_version_is_not_begun_with(keeping: Keeping) -> None:
    keeping.database.is_newer = True
    with pytest.raises(AccordError, match="newer version"):
        keeping.journal.start()


def test_nothing_else_about_the_database_keeps_a_node_from_starting(keeping: Keeping) -> None:
    keeping.database.broken = FULL
    keeping.journal.start()
    assert not keeping.state.recording
    keeping.journal.stop()
    assert keeping.state.reason == "the disk is full"
    assert keeping.database.open == 0


def test_stopping_writes_all_that_waits_and_closes_the_database() -> None:
    keeping = Keeping()
    keeping.append(10, data=bytes(COMMIT_BYTES // 4))
    keeping.journal.start()
    keeping.journal.stop()
    assert keeping.read() == list(range(1, 11))
    assert keeping.database.open == 0
    assert keeping.state.not_kept == {}


def test_what_comes_after_the_end_is_counted(keeping: Keeping) -> None:
    keeping.journal.start()
    keeping.journal.stop()
    assert keeping.append() == [False]
    assert keeping.state.not_kept == {"stopped": 1}


def test_what_cannot_be_written_at_the_end_is_counted(keeping: Keeping) -> None:
    keeping.append(3, data=bytes(COMMIT_BYTES))
    keeping.database.broken = FULL
    keeping.journal.start()
    keeping.journal.stop()
    assert keeping.state.not_kept == {"the disk is full": 1, "stopped": 2}


def test_a_journal_that_never_wrote_counts_what_waits(keeping: Keeping) -> None:
    keeping.append(2)
    keeping.journal.stop()
    assert keeping.state.not_kept == {"stopped": 2}


class SlowDatabase(MemoryDatabase):
    """Answers the first write only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = threading.Event()
        self.may_answer = threading.Event()

    def size(self) -> int:
        if threading.current_thread().name == "journal":
            self.is_asked.set()
            assert self.may_answer.wait(30)
        return super().size()


@pytest.fixture
def slow() -> Iterator[Keeping]:
    """A journal whose disk is busy with its first commit."""
    database = SlowDatabase()
    keeping = Keeping(database, queue_reports=10)
    keeping.append()
    keeping.journal.start()
    assert database.is_asked.wait(30)
    yield keeping
    database.may_answer.set()
    keeping.journal.stop()


def test_senders_wait_for_a_slow_disk_but_not_for_one_that_hangs(slow: Keeping) -> None:
    slow.append(8)
    slow.clock.advance(seconds=STALLED_SECONDS)
    assert slow.journal.is_congested()
    assert slow.state.recording
    slow.clock.advance(seconds=1)
    assert not slow.journal.is_congested()
    state = slow.state
    assert (state.recording, state.reason) == (False, "the disk has not answered for 6 s")
    assert state.since == START


def test_a_full_queue_before_a_slow_disk_loses_history_only(slow: Keeping) -> None:
    assert slow.append(11) == [True] * 9 + [False] * 2
    assert slow.state.not_kept == {"queue full": 2}


def test_stopping_does_not_wait_for_ever(slow: Keeping) -> None:
    slow.append(2)
    slow.journal.stop(timeout=0.01)
    assert slow.state.not_kept == {"stopped": 3}


def test_the_picture_is_restored_and_what_was_found_is_counted(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep(3)
    keeping.keep(data=b"hi", body=Message(text="hi", sender="K", room="R"))
    decode = {Form.COT_XML: decode_as_it_was}
    reports = list(keeping.journal.restore(START, max_age=DAY, decode=decode))
    assert [report.uid for report in reports] == ["U1", "U2", "U3", "U4"]
    assert keeping.state.counts == {"scanned": 4, "restored": 4}
    assert said.messages == ["journal restored scanned=4 restored=4"]
    assert keeping.database.open == 1  # the writer's


def test_what_lies_long_ago_is_not_restored(keeping: Keeping) -> None:
    keeping.keep()
    decode = {Form.COT_XML: decode_as_it_was}
    later = START + timedelta(hours=3)
    stale = {"max_age": DAY, "decode": decode, "max_stale": timedelta(hours=4)}
    assert len(list(keeping.journal.restore(later, **stale))) == 1  # pyright: ignore[reportArgumentType]
    assert list(keeping.journal.restore(later, max_age=DAY, decode=decode)) == []
    hour = timedelta(hours=1)
    assert list(keeping.journal.restore(later, max_age=hour, decode=decode)) == []


def test_restoring_ends_at_its_limit_of_bytes() -> None:
    keeping = Keeping(restored_bytes=1500)
    for _ in range(5):
        keeping.keep(data=bytes(1000))
    decode = {Form.COT_XML: decode_as_it_was}
    reports = list(keeping.journal.restore(START, max_age=DAY, decode=decode))
    assert [report.uid for report in reports] == ["U4", "U5"]
    assert keeping.state.counts["scanned"] == 2
    assert keeping.state.counts["ended at the limit of bytes"] == 1


def damage(database: MemoryDatabase, place: int) -> None:
    number, segment = database.kept[place]
    broken = segment.data[:-1] + bytes([segment.data[-1] ^ 1])
    database.kept[place] = number, replace(segment, data=broken)


def test_a_damaged_segment_costs_its_reports_and_no_others(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        keeping.keep(2)
    damage(keeping.database, 1)
    damage(keeping.database, 2)
    assert keeping.read() == [1, 2, 7, 8]
    decode = {Form.COT_XML: decode_as_it_was}
    reports = list(keeping.journal.restore(START, max_age=DAY, decode=decode))
    assert [report.uid for report in reports] == ["U1", "U2", "U7", "U8"]
    assert keeping.state.counts["damaged"] == 2
    why = 'reason="its checksum does not match"'
    assert said.messages[:2] == [
        f"journal damaged segment=2 {why}",
        f"journal damaged segment=3 {why}",
    ]


def test_a_journal_that_cannot_be_read_restores_nothing_and_says_so(
    keeping: Keeping, said: pytest.LogCaptureFixture
) -> None:
    keeping.keep()
    keeping.database.broken = StorageFault("the disk is gone")
    assert keeping.journal.last_sequence() == 0
    decode = {Form.COT_XML: decode_as_it_was}
    assert list(keeping.journal.restore(START, max_age=DAY, decode=decode)) == []
    assert said.messages[:2] == ['journal cannot be read reason="the disk is gone"'] * 2
    with pytest.raises(StorageFault):
        keeping.read()


def test_what_came_while_the_clock_was_ahead_is_received_no_later_than_it_was_set_back() -> None:
    keeping = Keeping()
    keeping.keep()
    right = keeping.clock.now()
    keeping.clock.advance(hours=2)
    keeping.keep(2)
    keeping.append()  # not written yet
    later = right + timedelta(seconds=5)
    keeping.journal.set_back(later)
    keeping.journal.set_back(later + timedelta(seconds=1))  # of both, the first counts
    keeping.journal.write()
    database = keeping.database
    assert [each.newest for _, each in database.kept] == [
        right.timestamp(), later.timestamp(), later.timestamp()
    ]  # fmt: skip
    keeping.keep()
    assert database.calls.count("set back") == 1


def test_a_journal_that_cannot_be_written_is_set_back_when_it_can_be() -> None:
    keeping = Keeping()
    keeping.keep()
    keeping.journal.set_back(START - timedelta(seconds=1))
    keeping.database.broken = FULL
    keeping.journal.write()
    keeping.database.broken = None
    keeping.after_retry()
    keeping.journal.write()
    (_, kept) = keeping.database.kept[0]
    assert kept.newest == (START - timedelta(seconds=1)).timestamp()


def test_all_that_waits_is_set_back_however_many_commits_it_takes() -> None:
    keeping = Keeping()
    keeping.keep()
    right = keeping.clock.now()
    keeping.clock.advance(hours=2)
    keeping.append(3, data=bytes(COMMIT_BYTES // 2 + 1))
    keeping.journal.set_back(right)
    for _ in range(4):
        keeping.journal.write()
    assert {each.newest for _, each in keeping.database.kept} == {right.timestamp()}
    assert len(keeping.read()) == 4
