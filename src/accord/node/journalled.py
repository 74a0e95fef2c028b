"""What a node's journal has for its history: positions as rows, from one commit on."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from accord.api.track_json import FormOf
from accord.live.marking import DefaultMarkings
from accord.live.past import RECALLED
from accord.node.directory import JOURNAL
from accord.node.kept import report_of
from accord.storage.database import Kept, Reader
from accord.storage.history.look import LONGEST, Key, Taken
from accord.storage.segment import DamagedSegment, OpenSegment
from accord.storage.sqlite import SqliteDatabase
from accord.wire.moving.message import Row
from accord.wire.moving.translate import row_of

MOST_AT_ONCE = 50_000
"""Rows that are taken in by one piece, but for the rest of the last commit."""

MOST_UNTOLD = 400_000
"""Rows that one look goes through which no piece has."""

_MARK = RECALLED.encode()


class Journalled:
    """Reads the journal of a node's directory. Raises StorageFault. Slow work, for threads."""

    def __init__(self, directory: Path, defaults: DefaultMarkings, form_of: FormOf) -> None:
        self._path = directory / JOURNAL
        self._defaults = defaults
        self._form_of = form_of

    def _reader(self) -> Reader:
        return SqliteDatabase(self._path, max_bytes=0).reader()

    def ends(self) -> tuple[int, float]:
        """Return the last commit, and the first receipt of positions; 0 without any."""
        if not self._path.is_file():
            return 0, 0.0
        with closing(self._reader()) as reader:
            spans = [span.oldest for ring, span in reader.rings().items() if not ring.is_durable]
            return reader.last_batch(), min(spans, default=0.0)

    def after(self, era: int, batch: int, most: int = MOST_UNTOLD) -> Taken:
        """Return what came after a commit: whole commits, until there are so many rows."""
        taken = _Taking(era, batch)
        if not self._path.is_file():
            return taken.end(whole=True)
        with closing(self._reader()) as reader:
            taken.number = reader.last_number(batch)
            for number, commit in groupby(reader.oldest_first(batch + 1), key=attrgetter("batch")):
                if len(taken.rows) >= most:
                    return taken.end(whole=False)
                taken.begin(number)
                for kept in commit:
                    taken.note(kept.number)
                    taken.look(kept, self._row)
        return taken.end(whole=True)

    def again(self, era: int, first: int, last: int) -> Iterator[Row]:
        """Yield the rows of what has these numbers, as far as it is kept."""
        if not self._path.is_file():
            return
        taken = _Taking(era, 0)
        with closing(self._reader()) as reader:
            for kept in reader.oldest_first(first):
                taken.look(kept, self._row)
                while taken.rows:
                    row = taken.rows.pop(0)
                    if first <= row.fix.sequence <= last:
                        yield row
                if kept.batch > last:
                    return

    def _row(self, segment: OpenSegment, index: int, era: int) -> Row | None:
        record = segment.record(index)
        report = report_of(record, self._defaults)
        if report is None:
            return None
        given = self._form_of(report)
        return row_of(
            report,
            era=era,
            sequence=record.sequence,
            form="" if given is None else given.form,
            on_grid=given is not None and given.on_grid,
        )


class _Taking:
    """What was taken so far; `number` is the last segment of it.

    Segments bear numbers without a gap, so that a gap is of some that went. A report that has no
    segment was never kept, and is not missing: as one that says what was said already.
    """

    def __init__(self, era: int, batch: int) -> None:
        self.rows: list[Row] = []
        self.batch = batch
        self.number = 0
        self._era = era
        self._before = 0
        self._of_commit = 0
        self._is_first = True
        self._has_gap = False
        self._missing = 0
        self._until = 0.0
        self._recalls: dict[Key, int] = {}
        self._damaged = 0

    def begin(self, batch: int) -> None:
        """Begin a commit: so many numbers of it are not there until they are looked at."""
        if self._has_gap:
            self._missing += self._of_commit
        self._before = 0 if self._has_gap else self._of_commit
        self._of_commit, self._is_first, self._has_gap = batch - self.batch, True, False
        self.batch = batch

    def note(self, number: int) -> None:
        """Note a segment; where some before it went, those were of its commit or the one before."""
        if number != self.number + 1:
            self._has_gap = True
            self._missing += self._before if self._is_first else 0
        self._is_first, self.number = False, number

    def look(self, kept: Kept, row_at: Callable[[OpenSegment, int, int], Row | None]) -> None:
        """Take from a segment; what is damaged is counted."""
        try:
            segment = OpenSegment(kept.data, kept.newest)
            self._of_commit -= len(segment)
            self._until = max(self._until, *segment.received)
            self._take(segment, row_at)
        except DamagedSegment:
            self._damaged += 1

    def _take(
        self, segment: OpenSegment, row_at: Callable[[OpenSegment, int, int], Row | None]
    ) -> None:
        says = [each.body for each in segment.table]
        for index, origin in enumerate(segment.origins):
            if says[origin] == "position" and not segment.is_addressed(index):
                row = row_at(segment, index, self._era)
                if row is not None:
                    self.rows.append(row)
        if "removal" in says:
            self._note_recalls(segment)

    def _note_recalls(self, segment: OpenSegment) -> None:
        for index, uid in enumerate(segment.uids()):
            origin = segment.table[segment.origins[index]]
            if origin.body == "removal" and uid.endswith(_MARK) and origin.source.is_partners:
                record = segment.record(index)
                key = origin.source.channel, record.uid.removesuffix(RECALLED)[:LONGEST]
                self._recalls[key] = record.sequence

    def end(self, *, whole: bool) -> Taken:
        """Return it all."""
        self.begin(self.batch)
        return Taken(
            rows=self.rows,
            batch=self.batch,
            until=self._until,
            recalls=self._recalls,
            damaged=self._damaged,
            missing=self._missing,
            whole=whole,
        )
