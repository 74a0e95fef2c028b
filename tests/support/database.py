"""A database in memory that can be made to fail, and what is put into one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from accord.core.errors import AccordError
from accord.core.report import Form, Original, Report
from accord.storage.database import Kept, Ring, Segment, Span, StorageFault, Stub, Usage
from support.builders import a_report
from support.clock import START

POSITIONS = Ring("tak", is_durable=False)
DURABLE = Ring("tak", is_durable=True)


def a_segment(
    batch: int,
    ring: Ring = POSITIONS,
    *,
    newest: float = math.nan,
    data: bytes = b"",
    size: int = 100,
) -> Segment:
    """A segment of so many bytes; its receipt is its batch number unless told otherwise."""
    at = float(batch) if math.isnan(newest) else newest
    return Segment(ring, batch, at, data or bytes(size))


def a_kept_report(
    uid: str = "U1", data: bytes = b"<event/>", *, at: datetime = START, **changes: Any
) -> Report:
    """A report that can be kept, since it has an original."""
    changes = {"original": Original(Form.COT_XML, data), **changes}
    return a_report(uid, at=at, **changes)


class MemoryDatabase:
    """Keeps segments in a list. `faults` are raised by coming writes, one each; `broken` by all.

    `disk_is_low` confines it to what it holds.
    """

    def __init__(self, budget: int = 1 << 30) -> None:
        self.budget = budget
        self.kept: list[tuple[int, Segment]] = []
        self.faults: list[Exception] = []
        self.broken: Exception | None = None
        self.is_newer = False
        self.is_lost = False
        self.disk_is_low = False
        self.open = 0
        self.opened = 0
        self.calls: list[str] = []

    def prepare(self) -> None:
        if self.is_newer:
            raise AccordError("it is of a newer version")
        self.writer().close()

    def writer(self) -> "MemoryWriter":
        if self.broken is not None:
            raise self.broken
        self.open += 1
        self.opened += 1
        return MemoryWriter(self)

    def reader(self) -> "MemoryReader":
        if self.broken is not None:
            raise self.broken
        self.open += 1
        return MemoryReader(self)

    def size(self) -> int:
        return sum(len(segment.data) for _, segment in self.kept)

    def rings(self) -> dict[Ring, int]:
        """The bytes of each ring."""
        return {ring: usage.size for ring, usage in MemoryWriter(self).usage().items()}


class MemoryWriter:
    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._limit = database.budget
        self._is_confined = False
        self._bound()

    def _bound(self) -> None:
        self._is_confined = self._database.disk_is_low
        held = self._database.size()
        self._limit = (
            min(self._database.budget, held) if self._is_confined else (self._database.budget)
        )

    def _write(self, name: str) -> None:
        self._database.calls.append(name)
        if self._database.broken is not None:
            raise self._database.broken
        if self._database.faults:
            raise self._database.faults.pop(0)

    def insert(self, segments: Sequence[Segment]) -> None:
        self._write("insert")
        if sum(len(segment.data) for segment in segments) > self._room():
            raise StorageFault("database is full")
        kept = self._database.kept
        for segment in segments:
            kept.append((kept[-1][0] + 1 if kept else 1, segment))

    def set_back(self, at: float, *, upto: int, now: float) -> int:
        self._write("set back")
        kept = self._database.kept
        late = [
            index
            for index, (_, each) in enumerate(kept)
            if each.newest > at and (each.batch <= upto or each.newest > now)
        ]
        for index in late:
            kept[index] = (kept[index][0], replace(kept[index][1], newest=at))
        return len(late)

    def probe(self) -> None:
        self._write("probe")

    def usage(self) -> Mapping[Ring, Usage]:
        found: dict[Ring, Usage] = {}
        for _, segment in self._database.kept:
            size, oldest, newest = found.get(segment.ring, (0, math.inf, -math.inf))
            found[segment.ring] = Usage(
                size + len(segment.data), min(oldest, segment.newest), max(newest, segment.newest)
            )
        return found

    def oldest(self, ring: Ring, limit: int) -> Sequence[Stub]:
        return [
            Stub(number, len(segment.data), segment.newest)
            for number, segment in self._database.kept[:-1]
            if segment.ring == ring
        ][:limit]

    def drop(self, ring: Ring, number: int) -> None:
        self._write("drop")
        self._database.kept = [
            (each, segment)
            for each, segment in self._database.kept
            if segment.ring != ring or each > number
        ]

    def room(self) -> int:
        self._database.calls.append("room")
        return self._room()

    def _room(self) -> int:
        return max(self._limit - self._database.size(), 0)

    def excess(self) -> int:
        return max(self._database.size() - self._limit, 0)

    def check(self) -> None:
        self._database.calls.append("check")
        if self._database.is_lost:
            self._database.is_lost = False
            self._database.kept = []
            raise StorageFault("it was deleted")
        self._bound()

    def is_confined(self) -> bool:
        return self._is_confined

    def close(self) -> None:
        self._database.open -= 1


class MemoryReader:
    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def last_batch(self) -> int:
        kept = self._database.kept
        return kept[-1][1].batch if kept else 0

    def newest_first(self, since: float) -> Iterator[Kept]:
        for number, segment in reversed(self._database.kept[:]):
            if segment.ring.is_durable or segment.newest >= since:
                yield Kept(
                    number, segment.batch, segment.ring.is_durable, segment.data, segment.newest
                )

    def oldest_first(self, sequence: int) -> Iterator[Kept]:
        by_batch = sorted(self._database.kept, key=lambda each: (each[1].batch, each[0]))
        for number, segment in by_batch:
            if segment.batch >= sequence:
                yield Kept(
                    number, segment.batch, segment.ring.is_durable, segment.data, segment.newest
                )

    def last_number(self, batch: int) -> int:
        kept = [(each.batch, number) for number, each in self._database.kept if each.batch <= batch]
        return max(kept, default=(0, 0))[1]

    def rings(self) -> Mapping[Ring, Span]:
        usage = MemoryWriter(self._database).usage()
        return {ring: Span(oldest, newest) for ring, (_, oldest, newest) in usage.items()}

    def number_at(self, at: float) -> int:
        return max([n for n, each in self._database.kept if each.newest <= at], default=0)

    def backwards(self, ring: Ring, number: int) -> Iterator[Kept]:
        for each, segment in reversed(self._database.kept[:]):
            if segment.ring == ring and each <= number:
                yield Kept(
                    each, segment.batch, segment.ring.is_durable, segment.data, segment.newest
                )

    def forwards(self, number: int, until: int, holding: bytes = b"") -> Iterator[Kept]:
        for each, segment in self._database.kept[:]:
            if number < each <= until and holding in segment.data:
                yield Kept(
                    each, segment.batch, segment.ring.is_durable, segment.data, segment.newest
                )

    def close(self) -> None:
        self._database.open -= 1


def _kept(number: int, segment: Segment) -> Kept:
    return Kept(number, segment.batch, segment.ring.is_durable, segment.data, segment.newest)
