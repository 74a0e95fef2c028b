"""Accepted reports by sequence number: kept by one writing thread, read again after a restart.

The event loop only puts a report on a list. Every `COMMIT_SECONDS` the writing thread takes the
list, packs it and writes one row per ring in one statement: the two share one interpreter lock,
which every step of SQLite gives away and has to win back from a busy event loop.

When nothing can be written, the node goes on as a picture without history: reports are counted as
not kept, `status` says why and since when, and every `RETRY_SECONDS` it is tried again.
"""

import math
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, groupby, islice
from operator import attrgetter
from types import MappingProxyType

from accord.core.clock import Clock
from accord.core.report import Report
from accord.observe.counters import Tally
from accord.observe.log import Log
from accord.storage.database import Database, Kept, StorageFault, Writer
from accord.storage.restore import Decoders, Restoration
from accord.storage.retention import Retention
from accord.storage.segment import DamagedSegment, Numbered, OpenSegment, Record, pack
from accord.storage.settings import JournalSettings

COMMIT_SECONDS = 0.05
"""Time between commits; with the commit itself, under load, well under 250 ms."""

COMMIT_BYTES = 4 << 20
"""Bytes of originals in one commit, unless a single one is larger; the next commit has the rest."""

STALLED_SECONDS = 5.0
"""Senders wait for a slow disk, but for no commit longer than this."""

RETRY_SECONDS = 5.0
CHECK_SECONDS = 1.0
CONFINED = "the disk has little left: the oldest reports go for the newest"

CONGESTED = 0.5
"""The part of the queue from which senders should be slowed down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalState:
    """How the journal is. `reason` and `since` say what is wrong, and since when.

    That is why nothing is kept, or, while `recording`, what it costs to keep everything. `oldest`
    and `newest` are receipts kept, to the segment; `counts` are of the last restoration.
    """

    recording: bool
    reason: str
    since: datetime | None
    bytes_on_disk: int
    budget: int
    waiting: int
    waiting_bytes: int
    limit_bytes: int
    oldest: datetime | None
    newest: datetime | None
    kept: int
    not_kept: Mapping[str, int]
    counts: Mapping[str, int]


class Journal:
    """Keeps reports. `append`, `is_congested` and `status` are for one thread, the event loop's.

    `positions` are bytes of positions by channel, where they are not the settings'.
    """

    def __init__(
        self,
        database: Database,
        settings: JournalSettings,
        *,
        clock: Clock,
        log: Log,
        positions: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._database = database
        self._settings = settings
        self._positions = positions
        self._clock = clock
        self._log = log
        self._waiting: list[Numbered] = []
        # The loop alone changes the first, the writing thread the second: no lock is needed.
        self._appended_bytes = 0
        self._settled_bytes = 0
        self._refused = Tally()
        self._lost = Tally()
        self._counts: Mapping[str, int] = {}
        self._kept = 0
        self._span: tuple[float, float] | None = None
        self._writer: Writer | None = None
        self._retention: Retention | None = None
        self._fault: StorageFault | None = None
        self._since: datetime | None = None
        self._reason = ""
        self._is_confined = False
        self._busy_since = math.inf
        self._settled = 0
        self._is_shut = False
        self._retry_at = 0.0
        self._check_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._ahead: tuple[float, int] | None = None

    def start(self) -> None:
        """Begin to write. AccordError when the data is of a newer version than this Accord.

        Anything else that is wrong with the database is a reason not to keep, never not to start.
        """
        try:
            self._database.prepare()
        except StorageFault as fault:
            self._settle((), fault)
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Write what waits and end; blocks for at most `timeout` seconds."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)
        if self._waiting:
            self._lost["stopped"] += len(self._waiting)
            self._waiting.clear()

    def _run(self) -> None:
        while not self._stopping.wait(COMMIT_SECONDS):
            self.write()
        self._is_shut = False
        while self._waiting and not self._is_shut:
            self.write()
        self._is_shut = True
        self._close()

    def append(self, sequence: int, report: Report) -> bool:
        """Let a report be kept; False, and counted, when it will not be. Never blocks.

        `sequence` is greater than any before.
        """
        original = report.original
        if original is None:
            self._refused["without original"] += 1
            return False
        after = self._appended_bytes + len(original.data)
        waiting, settings = self._waiting, self._settings
        if (
            self._is_shut
            or after - self._settled_bytes > settings.queue_bytes
            or len(waiting) >= settings.queue_reports
        ):
            self._refused[self._why_not()] += 1
            return False
        self._appended_bytes = after
        waiting.append((sequence, report, original))
        return True

    def set_back(self, at: datetime) -> None:
        """Let nothing that was appended count as received later than that: the clock was ahead.

        What is kept stays as it was written; beside it is noted when it was received at the latest.
        """
        waiting = self._waiting[-1:]
        upto = waiting[0][0] if waiting else self._settled
        before = at.timestamp() if self._ahead is None else min(self._ahead[0], at.timestamp())
        self._ahead = before, upto

    @property
    def settled(self) -> int:
        """The last number of those that were appended of which it is settled: kept, or lost."""
        return self._settled

    def _why_not(self) -> str:
        if not self._is_shut:
            return "queue full"
        return str(self._fault or "stopped")

    def is_congested(self) -> bool:
        """Tell whether senders should wait: the queue fills although it is being written."""
        settings = self._settings
        return (
            len(self._waiting) > CONGESTED * settings.queue_reports
            or self._appended_bytes - self._settled_bytes > CONGESTED * settings.queue_bytes
        ) and not (self._fault or self._stalled())

    def _stalled(self) -> float:
        """Return for how many seconds a commit has taken too long; 0 when none does."""
        busy = self._clock.monotonic() - self._busy_since
        return busy if busy > STALLED_SECONDS else 0.0

    def write(self) -> None:
        """Commit what waits, or the first COMMIT_BYTES of it; the writing thread's turn."""
        now = self._clock.monotonic()
        if self._is_shut:
            # What comes until the next turn is the trial.
            self._is_shut = now < self._retry_at
            return
        batch = self._next()
        is_due = now >= self._check_at
        if not (batch or is_due or self._fault or self._ahead):
            return
        if is_due:
            self._check_at = now + CHECK_SECONDS
        self._busy_since = now
        fault = self._attempt(batch, is_due=is_due, after=self._fault)
        if fault is not None and self._fault is None:
            self._log.burst("journal opened anew", reason=str(fault))
            fault = self._attempt(batch, is_due=is_due, after=fault)
        self._settle(batch, fault)
        self._busy_since = math.inf

    def _next(self) -> list[Numbered]:
        # The loop may append meanwhile; slicing and deleting are one step each for it.
        batch = self._waiting[:]
        if self._appended_bytes - self._settled_bytes <= COMMIT_BYTES:
            return batch
        sizes = list(accumulate(len(original.data) for _, _, original in batch))
        return batch[: max(1, bisect_right(sizes, COMMIT_BYTES))]

    def _attempt(
        self, batch: Sequence[Numbered], *, is_due: bool, after: StorageFault | None
    ) -> StorageFault | None:
        """Write the batch, after a fault with a trial first. Return the fault."""
        try:
            writer, retention = self._open()
            if after is not None:
                writer.probe()
            if is_due:
                writer.check()
                retention.sweep(self._clock.now())
            if batch:
                segments = pack(batch)
                retention.make_room(segments)
                writer.insert(segments)
                retention.note(segments)
            if self._ahead is not None:
                retention = self._mend(
                    writer, self._ahead, batch[-1][0] if batch else self._settled
                )
            self._span, self._is_confined = retention.span(), writer.is_confined()
        except Exception as error:  # noqa: BLE001  a batch that breaks the code must not end the thread
            self._close()
            if isinstance(error, StorageFault):
                return error
            return StorageFault(f"{type(error).__name__}: {error}")
        return None

    def _mend(self, writer: Writer, ahead: tuple[float, int], kept: int) -> Retention:
        """Note what was received while the clock was ahead, until all of it is kept."""
        at, upto = ahead
        count = writer.set_back(at, upto=upto, now=self._clock.now().timestamp())
        if count:
            self._log.event("journal set back", segments=count, to=str(_moment(at)))
        if kept >= upto and self._ahead == ahead:
            self._ahead = None
        self._retention = Retention(writer, self._settings, self._positions)
        return self._retention

    def _open(self) -> tuple[Writer, Retention]:
        if self._writer is None or self._retention is None:
            self._writer = self._database.writer()
            self._retention = Retention(self._writer, self._settings, self._positions)
        return self._writer, self._retention

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = self._retention = None

    def _settle(self, batch: Sequence[Numbered], fault: StorageFault | None) -> None:
        """Let go of a batch that was kept, or was not; then take none until the next trial."""
        if fault is None:
            self._kept += len(batch)
        else:
            self._lost[str(fault)] += len(batch)
            self._retry_at = self._clock.monotonic() + RETRY_SECONDS
            self._is_shut = True
        self._become(fault)
        del self._waiting[: len(batch)]
        if batch:
            self._settled = batch[-1][0]
        self._settled_bytes += sum([len(original.data) for _, _, original in batch])

    def _become(self, fault: StorageFault | None) -> None:
        """Note how it is now; one line where that is news."""
        reason = CONFINED if fault is None and self._is_confined else str(fault or "")
        if reason != self._reason:
            if fault is not None:
                self._log.trouble("journal keeps nothing", reason=reason)
            elif reason:
                self._log.trouble("journal does not grow", reason=reason)
            else:
                self._log.event("journal is well again")
        if not reason:
            self._since = None
        elif self._since is None or (fault is None) is not (self._fault is None):
            self._since = self._clock.now()
        self._fault, self._reason = fault, reason

    def status(self) -> JournalState:
        """Say how the journal is."""
        recording, reason, since = self._trouble()
        oldest, newest = self._span or (None, None)
        return JournalState(
            recording=recording,
            reason=reason,
            since=since,
            bytes_on_disk=self._database.size(),
            budget=self._database.budget,
            waiting=len(self._waiting),
            waiting_bytes=self._appended_bytes - self._settled_bytes,
            limit_bytes=self._settings.queue_bytes,
            oldest=_moment(oldest),
            newest=_moment(newest),
            kept=self._kept,
            not_kept=_together(self._refused, self._lost),
            counts=dict(self._counts),
        )

    def _trouble(self) -> tuple[bool, str, datetime | None]:
        """Return whether it keeps reports, and what is wrong since when."""
        stalled = self._stalled()
        if stalled and self._fault is None:
            since = self._clock.now() - timedelta(seconds=stalled)
            return False, f"the disk has not answered for {stalled:.0f} s", since
        return self._fault is None, self._reason, self._since

    def last_sequence(self) -> int:
        """Return the number of the last report kept; 0 when there is none, or it cannot be read."""
        try:
            with closing(self._database.reader()) as reader:
                return reader.last_batch()
        except StorageFault as fault:
            self._log.trouble("journal cannot be read", reason=str(fault))
            return 0

    def restore(
        self,
        now: datetime,
        *,
        max_age: timedelta,
        decode: Decoders,
        max_stale: timedelta = timedelta(hours=2),
    ) -> Iterator[Report]:
        """Yield the reports that make the picture again, in the order in which to apply them.

        Without those received longer than `max_age` ago or stale for longer than `max_stale`; see
        Restoration for what neither applies to. What cannot be read is left out and counted.
        """
        restoration = Restoration(self._settings, now=now, max_age=max_age, max_stale=max_stale)
        try:
            with closing(self._database.reader()) as reader:
                for kept in reader.newest_first(restoration.since):
                    if restoration.is_full():
                        break
                    self._look(restoration, kept)
        except StorageFault as fault:
            self._log.trouble("journal cannot be read", reason=str(fault))
        yield from restoration.reports(decode)
        self._counts = restoration.counts
        self._log.event("journal restored", **restoration.counts)

    def _look(self, restoration: Restoration, kept: Kept) -> None:
        try:
            restoration.look(OpenSegment(kept.data, kept.newest), is_durable=kept.is_durable)
        except DamagedSegment as damage:
            restoration.counts["damaged"] += 1
            if restoration.counts["damaged"] == 1:
                self._log.trouble("journal damaged", segment=kept.number, reason=str(damage))

    def read(self, from_sequence: int, limit: int) -> Iterator[Record]:
        """Yield kept reports from a sequence number on, in order; at most `limit`.

        What was forgotten or is damaged is left out. Raises StorageFault.
        """
        with closing(self._database.reader()) as reader:
            records = _in_order(reader.oldest_first(from_sequence), self._log)
            wanted = (record for record in records if record.sequence >= from_sequence)
            yield from islice(wanted, limit)


def _in_order(segments: Iterator[Kept], log: Log) -> Iterator[Record]:
    for _, commit in groupby(segments, key=attrgetter("batch")):
        records: list[Record] = []
        for kept in commit:
            try:
                segment = OpenSegment(kept.data, kept.newest)
                records += map(segment.record, range(len(segment)))
            except DamagedSegment as damage:
                log.burst("journal damaged", segment=kept.number, reason=str(damage))
        yield from sorted(records, key=attrgetter("sequence"))


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _together(*tallies: Mapping[str, int]) -> dict[str, int]:
    together: dict[str, int] = {}
    for tally in tallies:
        for reason, count in dict(tally).items():
            together[reason] = together.get(reason, 0) + count
    return together
