"""What was said in the past, in order, from a moment on: the part that every replay shares.

It looks in the journal for what made the picture of a moment, and then gives what came, of
positions the newest of each at a time. Slow work, for a thread; one thread at a time.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import sub

from accord.core.report import Report
from accord.live.asked import GivenUp
from accord.live.past import Past, Recalls, opened
from accord.picture.picture import PictureSettings
from accord.storage.database import Reader, Ring
from accord.storage.restore import Restoration
from accord.storage.segment import OpenSegment, Origin, Record
from accord.storage.settings import JournalSettings

LOOKED_BACK = timedelta(hours=2)
"""How far before a moment all positions are looked for; beyond, those that are valid still."""

MOST_LINES = 400_000
"""Kept reports of a ring that are looked at; where more could be in it, it is not whole."""

MOST_BYTES = 128 << 20
"""Of what makes the picture of a moment."""

MOST_AT_ONCE = 60_000
"""Kept reports looked at in one go; a replay that has more to tell goes slower than asked."""


class Reel:
    """The journal, as it is played. `wanted` says of which origins; GivenUp where nobody waits.

    `since` is how far back was looked for the moment where it began. Not `whole`: there was more
    than is looked at.
    """

    def __init__(
        self,
        past: Past,
        picture: PictureSettings,
        journal: JournalSettings,
        *,
        wanted: Callable[[Origin], bool],
        is_awaited: Callable[[], bool],
    ) -> None:
        self.since = datetime.fromtimestamp(0, UTC)
        self.whole = True
        self._past = past
        self._picture = picture
        self._journal = journal
        self._wanted = wanted
        self._is_awaited = is_awaited
        self._number = 0

    def begin(self, at: datetime) -> list[Report]:
        """Return what made the picture of a moment, in the order in which it is applied."""
        with closing(self._past.reader()) as reader:
            self._number = reader.number_at(at.timestamp())
            restoration = self._restoration(at)
            self.since, self.whole = at - LOOKED_BACK, True
            for ring in sorted(reader.rings(), key=_positions_last):
                self._search(reader, ring, restoration, at.timestamp())
            hidden = self._past.recalls(reader)
        return self._reports(restoration.records(), hidden)

    def _restoration(self, at: datetime) -> Restoration:
        picture = self._picture
        return Restoration(
            replace(self._journal, restored_messages=0, restored_bytes=MOST_BYTES),
            now=at,
            max_age=picture.max_age,
            max_stale=picture.lost_after + picture.removed_after,
            wanted=self._wanted,
        )

    def look_up(self) -> None:
        """Raise GivenUp where nobody waits any more."""
        if not self._is_awaited():
            raise GivenUp

    def _search(self, reader: Reader, ring: Ring, into: Restoration, at: float) -> None:
        """Show a ring to the restoration, the newest first, as far as is looked.

        Of older positions only segments are shown in which one is valid still, or was lately.
        """
        picture, lines, longest = self._picture, 0, 0.0
        lingers = (picture.lost_after + picture.removed_after).total_seconds()
        for _, segment in opened(reader.backwards(ring, self._number)):
            self.look_up()
            newest = max(segment.received)
            is_recent = ring.is_durable or at - newest <= LOOKED_BACK.total_seconds()
            if not is_recent and newest < into.since:
                return
            longest = max(longest, *map(sub, segment.stale, segment.received))
            if is_recent or max(segment.stale) + lingers >= at:
                into.look(segment, is_durable=ring.is_durable)
            lines += len(segment)
            if into.is_full() or (lines > MOST_LINES and is_recent):
                self.whole = False
                return
            if lines > MOST_LINES:
                # What is older can only matter if it is valid for longer than all that was seen.
                self.whole = self.whole and longest + lingers < at - newest
                return

    def next(self, to: datetime) -> tuple[list[Report], datetime]:
        """Return what came up to a moment, of positions the newest of each, and how far that is."""
        with closing(self._past.reader()) as reader:
            records, reached = self._next(reader, to)
            hidden = self._past.recalls(reader)
        return self._reports(records, hidden), reached

    def _reports(self, records: Iterable[Record], hidden: Recalls) -> list[Report]:
        found: list[Report] = []
        for record in records:
            self.look_up()
            if not hidden.hides(record.source.channel, record.uid, record.sequence):
                report = self._past.report_of(record)
                found += [] if report is None else [report]
        return found

    def _next(self, reader: Reader, to: datetime) -> tuple[Sequence[Record], datetime]:
        newest = _Newest(self._wanted)
        until = to.timestamp()
        for number, segment in opened(reader.forwards(self._number, 1 << 62)):
            last = max(segment.received)
            if last > until:
                break
            newest.look(segment)
            self._number = number
            if newest.lines >= MOST_AT_ONCE:
                return newest.records(), min(to, datetime.fromtimestamp(last, UTC))
        return newest.records(), to


class _Newest:
    """Of positions the newest of each source and object, and everything else."""

    def __init__(self, wanted: Callable[[Origin], bool]) -> None:
        self.lines = 0
        self._wanted = wanted
        self._positions: dict[tuple[object, bytes], tuple[OpenSegment, int]] = {}
        self._others: list[Record] = []

    def look(self, segment: OpenSegment) -> None:
        """Take in a segment; what is addressed to somebody is on no picture."""
        self.lines += len(segment)
        wanted = [each.body != "opaque" and self._wanted(each) for each in segment.table]
        if not any(wanted):
            return
        for index, uid in enumerate(segment.uids()):
            origin = segment.table[segment.origins[index]]
            if not wanted[segment.origins[index]] or segment.is_addressed(index):
                continue
            if origin.body == "position":
                self._positions[origin.source, uid] = segment, index
            elif origin.body != "message":
                self._others.append(segment.record(index))

    def records(self) -> list[Record]:
        """Return them in the order in which they were accepted."""
        positions = (segment.record(index) for segment, index in self._positions.values())
        return sorted([*positions, *self._others], key=_sequence)


def _sequence(record: Record) -> int:
    return record.sequence


def _positions_last(ring: Ring) -> tuple[bool, str]:
    return not ring.is_durable, ring.channel
