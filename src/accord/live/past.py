"""What the journal holds of the past, for one who asks: since when, of one object, of many.

What he may see is decided by what he may see now, and by when this node received it. What a partner
has called back since is not shown, whatever moment is asked for.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import replace
from itertools import islice
from threading import Lock

from accord.core.principal import Principal
from accord.core.report import Report, Source
from accord.live.asked import (
    MOST_LINES,
    MOST_LOOKED,
    POSITIONS,
    UNPARTED,
    Asked,
    Beyond,
    Course,
    GivenUp,
    Held,
    Page,
    Place,
    thinned,
    together,
)
from accord.release.access import may_see
from accord.storage.database import Kept, Reader, Span
from accord.storage.segment import DamagedSegment, OpenSegment, Record

RECALLED = "-recalled"
"""What the uid of a removal ends with that stands for a partner's recall (federation/kept.py)."""

MOST_NEWEST = 200
"""Segments of a channel, the newest, in which it is looked whether somebody may see any of it."""

_RECALLED = RECALLED.encode()
_PARTNER = "partner:"
_LONGEST = 500
"""Letters of a uid that a recall names (federation/kept.py)."""


class Past:
    """Reads the journal for people, and what is `beyond` it where that is asked for.

    `report_of` is None of what nobody can read any more. It is slow work, for threads; `reader`
    opens the journal for reading. Raises StorageFault.
    """

    def __init__(
        self,
        reader: Callable[[], Reader],
        report_of: Callable[[Record], Report | None],
        beyond: Beyond | None = None,
    ) -> None:
        self.reader = reader
        self.report_of = report_of
        self.beyond = beyond
        self._recalls = Recalls()
        self._searched = 0
        self._searching = Lock()

    def held(self) -> Held:
        """Return what is kept of positions."""
        kept = self._journalled()
        beyond: Mapping[str, Span] = {} if self.beyond is None else self.beyond.spans()
        for channel, span in beyond.items():
            known = kept.get(channel, span)
            kept[channel] = Span(min(span.oldest, known.oldest), max(span.newest, known.newest))
        unparted = kept.pop(UNPARTED, None)
        return Held(channels=kept, unparted=unparted)

    def held_for(self, by: Principal) -> Held:
        """Return what is kept of channels of which somebody may see something.

        Looked at are the newest segments of each, or the history where the journal has none.
        """
        held = self.held()
        with closing(self.reader()) as reader:
            rings = {ring.channel: ring for ring in reader.rings() if not ring.is_durable}
            last = reader.number_at(math.inf)
            channels = {
                channel: span
                for channel, span in held.channels.items()
                if (
                    _shows(reader.backwards(rings[channel], last), by)
                    if channel in rings
                    else self._is_beyond_for(by, channel)
                )
            }
        unparted = held.unparted if self._is_beyond_for(by, UNPARTED) else None
        return Held(channels=channels, unparted=unparted)

    def _is_beyond_for(self, by: Principal, channel: str) -> bool:
        return self.beyond is not None and self.beyond.has_for(by, channel)

    def _journalled(self) -> dict[str, Span]:
        with closing(self.reader()) as reader:
            rings = reader.rings()
        return {ring.channel: span for ring, span in rings.items() if not ring.is_durable}

    def further(self, since: float, until: float) -> Beyond | None:
        """Return what is beyond the journal, where it alone has something of that time."""
        if self.beyond is None:
            return None
        kept = self._journalled()
        # Any channel's may be among them: what one ring has lost is looked for there.
        last = max((each.oldest for each in kept.values()), default=math.inf)
        for channel, span in self.beyond.spans().items():
            oldest = kept[channel].oldest if channel in kept else math.inf
            oldest = last if channel == UNPARTED else oldest
            if since < oldest and since <= span.newest and span.oldest <= min(until, oldest):
                return self.beyond
        return None

    def _further(self, asked: Asked) -> Beyond | None:
        return self.further(asked.since, asked.until) if asked.bodies >= POSITIONS else None

    def course(self, asked: Asked, uid: str) -> Course:
        """Return where the object that goes by this uid was."""
        return self.courses(asked, {uid})[uid]

    def courses(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Course]:
        """Return where many objects were."""
        beyond = self._further(asked)
        return self._kept(asked, uids) if beyond is None else beyond.courses(asked, uids)

    def _kept(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Course]:
        spellings = {spelt(each) for each in uids}
        with closing(self.reader()) as reader:
            found = _Found(asked, spellings, self.recalls(reader))
            found.look(_between(reader, asked, *(spellings if len(spellings) == 1 else ())))
        return {uid: found.course(uid, self.report_of) for uid in uids}

    def said(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Sequence[Report]]:
        """Return what was said of objects, in order of receipt.

        The journal's as it came, and the positions that only the history has: these without what
        the history does not keep.
        """
        kept = {uid: each.reports for uid, each in self._kept(asked, uids).items()}
        beyond = self._further(asked)
        if beyond is None:
            return kept
        more = beyond.courses(replace(asked, bodies=POSITIONS), uids)
        return {uid: thinned(together(more[uid].reports, kept[uid]), asked) for uid in uids}

    def newest(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Report]:
        """Return the last that was said of each of many objects of which there is anything.

        However many they are, the journal is read once, from the newest back, and the history for
        those that it has nothing of.
        """
        found = self._newest_kept(asked, uids)
        missing = {each for each in uids if each not in found}
        beyond = self._further(asked) if missing else None
        if beyond is None:
            return found
        return {**found, **beyond.newest(replace(asked, bodies=POSITIONS), missing)}

    def _newest_kept(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Report]:
        if len(uids) == 1:  # the database searches for one by itself
            kept = self._kept(asked, uids).items()
            return {uid: each.reports[-1] for uid, each in kept if each.reports}
        with closing(self.reader()) as reader:
            found = _Newest(asked, {spelt(each) for each in uids}, self.recalls(reader))
            first = reader.number_at(math.nextafter(asked.since, -math.inf))
            for kept in reader.newest_first(asked.since):
                if kept.number <= first or not found.look(kept, self.report_of):
                    break
        return found.reports

    def everything(self, asked: Asked, limit: int) -> list[Report]:
        """Return all that was said, in order of receipt; beyond the limit, the last of it.

        The journal's as it came, and the positions that only the history has.
        """
        found: deque[Record] = deque(maxlen=limit)
        with closing(self.reader()) as reader:
            recalled = self.recalls(reader)
            for segment in _between(reader, asked):
                found.extend(_seen_in(segment, asked, recalled))
        reports = (self.report_of(each) for each in found)
        kept = [each for each in reports if each is not None]
        # Before the first of so many nothing is told anyway.
        if len(found) >= limit:
            asked = replace(asked, since=found[0].received.timestamp())
        beyond = self._further(asked)
        if beyond is None:
            return kept
        return together(beyond.last(replace(asked, bodies=POSITIONS), limit), kept)[-limit:]

    def positions(
        self, asked: Asked, wanted: Callable[[Report], bool], *, after: Place | None, limit: int
    ) -> Page:
        """Return positions of all objects after a place, as many as asked for.

        Where much is looked at in vain the page is short, or empty, and still says what is next.
        """
        beyond = self.beyond
        if after is None:
            beyond = self._further(asked)
        elif not after.is_beyond:
            beyond = None
        elif beyond is None:
            return Page((), None)
        if beyond is not None:
            return beyond.positions(asked, wanted, after=after, limit=limit)
        with closing(self.reader()) as reader:
            hidden = self.recalls(reader)
            first = reader.number_at(math.nextafter(asked.since, -math.inf))
            last = reader.number_at(asked.until) + 1
            first = first if after is None else max(first, after.segment - 1)
            walk = _Walk(asked, hidden, self.report_of, wanted, limit)
            for number, segment in opened(reader.forwards(first, last)):
                begin = 0
                if after is not None and number <= after.segment:
                    begin = after.number + 1 if number == after.segment else len(segment)
                if not walk.take(number, segment, begin):
                    break
        return walk.page()

    def position(self, asked: Asked, at: Place) -> Report | None:
        """Return the position that stands there, where there is one that he may see."""
        if at.is_beyond:
            return None if self.beyond is None else self.beyond.position(asked, at)
        with closing(self.reader()) as reader:
            walk = _Walk(asked, self.recalls(reader), self.report_of, lambda _: True, 1)
            for number, segment in opened(reader.forwards(at.segment - 1, at.segment)):
                walk.take(number, segment, at.number)
        found = walk.page().positions
        return found[0][1] if found and found[0][0] == at else None

    def recalled(self) -> int:
        """Return how often something was called back, so that what is kept can be read anew."""
        with closing(self.reader()) as reader:
            return self.recalls(reader).noted

    def recalls(self, reader: Reader) -> "Recalls":
        """Return all that was called back, as far as it is kept; what is new is searched for."""
        with self._searching:
            last = reader.number_at(math.inf)
            if any(ring.channel.startswith(_PARTNER) for ring in reader.rings()):
                for _, segment in opened(reader.forwards(self._searched, last, _RECALLED)):
                    _note_recalls(segment, self._recalls)
            self._searched = last
        return self._recalls


def spelt(uid: str) -> bytes:
    """Return a uid as segments have it."""
    return uid.encode("utf-8", "surrogatepass")


def opened(segments: Iterable[Kept]) -> Iterator[tuple[int, OpenSegment]]:
    """Yield the segments with their numbers; what is damaged is left out."""
    for each in segments:
        try:
            segment = OpenSegment(each.data, each.newest)
        except DamagedSegment:
            continue
        yield each.number, segment


def _shows(newest: Iterable[Kept], by: Principal) -> bool:
    """Tell whether somebody may see a position in the first of these segments."""
    for _, segment in opened(islice(newest, MOST_NEWEST)):
        sees = [each.body in POSITIONS and may_see(by, each) for each in segment.table]
        if any(sees[of] and not segment.is_addressed(n) for n, of in enumerate(segment.origins)):
            return True
    return False


def _between(reader: Reader, asked: Asked, holding: bytes = b"") -> Iterator[OpenSegment]:
    first = reader.number_at(math.nextafter(asked.since, -math.inf))
    last = reader.number_at(asked.until)
    # The one after may hold something of before its last receipt.
    for _, segment in opened(reader.forwards(first, last + 1, holding)):
        yield segment


def _seen_in(segment: OpenSegment, asked: Asked, recalled: "Recalls") -> Iterator[Record]:
    if not asked.is_awaited():
        raise GivenUp
    sees = [asked.sees(origin) for origin in segment.table]
    for index, origin in enumerate(segment.origins):
        if (
            sees[origin]
            and asked.since <= segment.received[index] <= asked.until
            and not segment.is_addressed(index)
        ):
            record = segment.record(index)
            if not recalled.hides(record.source.channel, record.uid, record.sequence):
                yield record


class _Walk:
    """Positions one after the other, until there are enough of them."""

    def __init__(
        self,
        asked: Asked,
        hidden: "Recalls",
        report_of: Callable[[Record], Report | None],
        wanted: Callable[[Report], bool],
        limit: int,
    ) -> None:
        self._asked = asked
        self._hidden = hidden
        self._report_of = report_of
        self._wanted = wanted
        self._limit = limit
        self._found: list[tuple[Place, Report]] = []
        self._looked = 0
        self._last: Place | None = None
        self._after: Place | None = None

    def take(self, number: int, segment: OpenSegment, begin: int) -> bool:
        """Take from a segment; False when there is enough, and it is known what comes next."""
        if not self._asked.is_awaited():
            raise GivenUp
        sees = [self._asked.sees(origin) for origin in segment.table]
        if not any(sees):
            return True
        for index in range(begin, len(segment)):
            if not sees[segment.origins[index]] or segment.is_addressed(index):
                continue
            if not self._asked.since <= segment.received[index] <= self._asked.until:
                continue
            if len(self._found) >= self._limit or self._looked >= MOST_LOOKED:
                self._after = self._found[-1][0] if len(self._found) >= self._limit else self._last
                return False
            self._last = Place(number, index)
            self._look(self._last, segment.record(index))
        return True

    def _look(self, at: Place, record: Record) -> None:
        self._looked += 1
        if self._hidden.hides(record.source.channel, record.uid, record.sequence):
            return
        report = self._report_of(record)
        if report is not None and self._wanted(report):
            self._found.append((at, report))

    def page(self) -> Page:
        """Return what was found."""
        return Page(self._found, self._after)


class Recalls:
    """What partners have called back, and up to which of what they said; `noted` counts it."""

    def __init__(self) -> None:
        self.noted = 0
        self._upto: dict[tuple[str, str], int] = {}

    def note(self, record: Record) -> None:
        """Take in a removal that stands for a recall."""
        self.noted += 1
        key = record.source.channel, record.uid.removesuffix(RECALLED)
        self._upto[key] = max(record.sequence, self._upto.get(key, 0))

    def hides(self, channel: str, uid: str, sequence: int) -> bool:
        """Tell whether what was said then has been called back since."""
        return bool(self._upto) and sequence < self._upto.get((channel, uid[:_LONGEST]), 0)


def _note_recalls(segment: OpenSegment, into: Recalls) -> None:
    for index, uid in enumerate(segment.uids()):
        if uid.endswith(_RECALLED) and _is_removal(segment, index):
            into.note(segment.record(index))


def _is_removal(segment: OpenSegment, index: int) -> bool:
    origin = segment.table[segment.origins[index]]
    return origin.body == "removal" and origin.source.is_partners


class _Newest:
    """The newest of each object, while commits are looked at from the last back."""

    def __init__(self, asked: Asked, uids: AbstractSet[bytes], recalled: Recalls) -> None:
        self.reports: dict[str, Report] = {}
        self._asked = asked
        self._missing = set(uids)
        self._recalled = recalled
        self._lines = 0
        self._batch = -1
        self._sequences: dict[bytes, int] = {}

    def look(self, kept: Kept, report_of: Callable[[Record], Report | None]) -> bool:
        """Take from a segment; False when nothing before it is newer, or there is no more to do."""
        if not self._asked.is_awaited():
            raise GivenUp
        if kept.batch != self._batch:  # the rings of one commit stand in no order of time
            self._batch = kept.batch
            self._missing.difference_update(self._sequences)
            self._sequences.clear()
        if not self._missing or self._lines > MOST_LINES:
            return False
        for _, segment in opened([kept]):
            self._lines += len(segment)
            self._take(segment, report_of)
        return True

    def _take(self, segment: OpenSegment, report_of: Callable[[Record], Report | None]) -> None:
        asked, uids = self._asked, segment.uids()
        if self._missing.isdisjoint(uids):
            return
        sees = [asked.sees(origin) for origin in segment.table]
        for index in range(len(uids) - 1, -1, -1):
            uid, sequence = uids[index], segment.sequences[index]
            if (
                uid in self._missing
                and sequence > self._sequences.get(uid, -1)
                and sees[segment.origins[index]]
                and asked.since <= segment.received[index] <= asked.until
                and not segment.is_addressed(index)
            ):
                self._note(uid, segment.record(index), report_of)

    def _note(
        self, uid: bytes, record: Record, report_of: Callable[[Record], Report | None]
    ) -> None:
        if self._recalled.hides(record.source.channel, record.uid, record.sequence):
            return
        report = report_of(record)
        if report is not None:
            self._sequences[uid] = record.sequence
            self.reports[record.uid] = report


class _Found:
    """Positions of objects: all, or of too many each source's first in each part, and the last."""

    def __init__(self, asked: Asked, uids: AbstractSet[bytes], recalled: Recalls) -> None:
        self._asked = asked
        self._uids = uids
        self._recalled = recalled
        self._lines = 0
        self._whole = True
        self._counts: dict[bytes, int] = {}
        self._chosen: dict[bytes, dict[tuple[int, Source], Record]] = {}
        self._all: dict[bytes, list[Record]] = {}
        self._last: dict[bytes, Record] = {}

    def look(self, segments: Iterator[OpenSegment]) -> None:
        """Take from the segments what is asked for, as far as one question goes."""
        for segment in segments:
            if not self._asked.is_awaited():
                raise GivenUp
            self._lines += len(segment)
            if self._lines > MOST_LINES:
                self._whole = False
                return
            self._take(segment)

    def _take(self, segment: OpenSegment) -> None:
        asked = self._asked
        sees = [asked.sees(origin) for origin in segment.table]
        if not any(sees):
            return
        last: dict[bytes, int] = {}
        for index, uid in enumerate(segment.uids()):
            if (
                uid in self._uids
                and sees[segment.origins[index]]
                and asked.since <= segment.received[index] <= asked.until
                and not segment.is_addressed(index)
            ):
                self._note(segment, index, uid, last)
        for uid, index in last.items():
            self._last[uid] = segment.record(index)

    def _note(self, segment: OpenSegment, index: int, uid: bytes, last: dict[bytes, int]) -> None:
        """Take one position, unless it was called back; it is the last of this segment so far."""
        origin = segment.table[segment.origins[index]]
        name = uid.decode("utf-8", "surrogatepass")
        if self._recalled.hides(origin.source.channel, name, segment.sequences[index]):
            return
        last[uid] = index
        count = self._counts[uid] = self._counts.get(uid, 0) + 1
        if count <= self._asked.parts:
            self._all.setdefault(uid, []).append(segment.record(index))
        key = self._asked.part_of(segment.received[index]), origin.source
        chosen = self._chosen.setdefault(uid, {})
        if key not in chosen and len(chosen) < 2 * self._asked.parts:
            chosen[key] = segment.record(index)

    def course(self, name: str, report_of: Callable[[Record], Report | None]) -> Course:
        """Return what was found of one."""
        uid = spelt(name)
        count = self._counts.get(uid, 0)
        if count <= self._asked.parts:
            found = self._all.get(uid, [])
        else:
            found = [*self._chosen[uid].values(), self._last[uid]]
        records = {each.sequence: each for each in found}
        in_order = (report_of(records[number]) for number in thinned(sorted(records), self._asked))
        reports = tuple(each for each in in_order if each is not None)
        return Course(reports=reports, count=count, whole=self._whole)
