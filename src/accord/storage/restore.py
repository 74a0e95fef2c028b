"""What the picture needs after a restart, found from the newest segment backwards."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Protocol

from accord.core.context import Context, ContextKind
from accord.core.marking import Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.storage.segment import OpenSegment, Origin, Record
from accord.storage.settings import JournalSettings
from accord.wire.errors import WireError


class Decode(Protocol):
    """Reads a report again from its original. Raises WireError or ValueError."""

    def __call__(
        self, original: Original, *, source: Source, groups: frozenset[Group], received: datetime
    ) -> Report:
        """Return the report."""
        ...


Decoders = Mapping[Form, Decode]


class Restoration:
    """Chooses among the reports of segments that are shown to it newest first.

    Per context, source and uid the newest claim, unless it is over: received before `since` and not
    of something placed that is not stale yet, or stale before `stale_since`. An alarm is over by
    its age only. All removals, and the newest messages. What is addressed to somebody is on no
    picture, and comes back only if it is a message. Where the last word about something durable is
    over, it comes back with the claims of others before it, since it ends them.

    Each kind has a limit, and all of it one in bytes: once `is_full`, nothing older is wanted.
    Of origins that `wanted` is not true of, nothing is taken.
    """

    def __init__(
        self,
        settings: JournalSettings,
        *,
        now: datetime,
        max_age: timedelta,
        max_stale: timedelta,
        wanted: Callable[[Origin], bool] = lambda _: True,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.since = (now - max_age).timestamp()
        self._stale_since = (now - max_stale).timestamp()
        self._now = now.timestamp()
        self._settings = settings
        self._wanted = wanted
        self._sources: dict[tuple[Context, Source], int] = {}
        self._bytes = 0
        self._seen: dict[tuple[int, bytes], int] = {}
        self._claims: dict[tuple[int, bytes], Record] = {}
        self._over: dict[tuple[Context, str], Record] = {}
        self._others: dict[str, list[Record]] = {"message": [], "removal": []}

    def look(self, segment: OpenSegment, *, is_durable: bool) -> None:
        """Take what is wanted of a segment. Raises DamagedSegment."""
        self.counts["scanned"] += len(segment)
        sources = [self._number(origin) for origin in segment.table]
        bodies = [each.body if self._wanted(each) else "opaque" for each in segment.table]
        uids = segment.uids()
        for index in range(len(segment) - 1, -1, -1):
            origin = segment.origins[index]
            body = bodies[origin]
            if body in self._others:
                self._take_other(body, segment, index)
            elif body != "opaque" and not segment.is_addressed(index):
                key = sources[origin], uids[index]
                if self._supersedes(key, segment.sequences[index]):
                    self._seen[key] = segment.sequences[index]
                    before = self._claims.pop(key, None)
                    if before is not None:
                        self._bytes -= _size(before)
                    if self._is_current(body, segment, index, is_durable=is_durable):
                        self._claims[key] = self._take(segment, index)
                    elif is_durable:
                        self._take_over(segment, index)

    def is_full(self) -> bool:
        """Tell whether as many bytes were taken as may be."""
        if self._bytes < self._settings.restored_bytes:
            return False
        self.counts["ended at the limit of bytes"] = 1
        return True

    def _take(self, segment: OpenSegment, index: int) -> Record:
        record = segment.record(index)
        self._bytes += _size(record)
        return record

    def _number(self, origin: Origin) -> int:
        """Return the source's number; below 0 where it makes no claims, or there are too many."""
        if origin.body in self._others or origin.body == "opaque":
            return -1
        known = self._sources.get((origin.context, origin.source))
        if known is not None:
            return known
        if len(self._sources) >= self._settings.restored_claims:
            return -1
        return self._sources.setdefault((origin.context, origin.source), len(self._sources))

    def _supersedes(self, key: tuple[int, bytes], sequence: int) -> bool:
        """Note that there is such a claim; within one commit, segments may be out of order."""
        before = self._seen.get(key)
        if before is not None:
            return sequence > before
        if len(self._seen) >= self._settings.restored_claims or key[0] < 0:
            self.counts["claims beyond the limit"] += 1
            return False
        return True

    def _is_current(self, body: str, segment: OpenSegment, index: int, *, is_durable: bool) -> bool:
        is_recent = segment.received[index] >= self.since
        if body == "alarm":
            return is_recent
        stale = segment.stale[index]
        return (is_recent and stale >= self._stale_since) or (is_durable and stale >= self._now)

    def _take_over(self, segment: OpenSegment, index: int) -> None:
        record = segment.record(index)
        before = self._over.get((record.context, record.uid))
        if before is None or record.sequence > before.sequence:
            self._over[record.context, record.uid] = self._take(segment, index)

    def _ends(self) -> Iterator[Record]:
        """Yield the last words that end claims before them."""
        for claim in self._claims.values():
            over = self._over.get((claim.context, claim.uid))
            if over is not None and over.sequence > claim.sequence:
                del self._over[over.context, over.uid]
                yield over

    def _take_other(self, body: str, segment: OpenSegment, index: int) -> None:
        taken, settings = self._others[body], self._settings
        limit = settings.restored_messages if body == "message" else settings.restored_removals
        if len(taken) < limit:
            taken.append(self._take(segment, index))
        else:
            self.counts[f"{body}s beyond the limit"] += 1

    def records(self) -> Iterator[Record]:
        """Yield what was chosen, in the order in which it once was accepted."""
        chosen = [*self._claims.values(), *self._ends(), *chain(*self._others.values())]
        for everything in (self._seen, self._claims, self._over, self._others):
            everything.clear()
        chosen.sort(key=attrgetter("sequence"), reverse=True)
        while chosen:
            yield chosen.pop()

    def reports(self, decoders: Decoders) -> Iterator[Report]:
        """Yield what was chosen, read again; what cannot be read is counted."""
        for record in self.records():
            report = self._report(record, decoders)
            if report is not None:
                self.counts["restored"] += 1
                yield report

    def _report(self, record: Record, decoders: Decoders) -> Report | None:
        decode = decoders.get(record.original.form)
        if decode is None:
            self.counts[f"of form {record.original.form}, which nobody reads"] += 1
            return None
        try:
            report = decode(
                record.original, source=record.source, groups=record.groups,
                received=record.received,
            )  # fmt: skip
        except (WireError, ValueError):
            self.counts["unreadable"] += 1
            return None
        return as_kept(report, record)


def _size(record: Record) -> int:
    return len(record.original.data) + len(record.uid)


def as_kept(report: Report, record: Record) -> Report:
    """Return the report with what intake once decided about it, whatever its original says."""
    said = (report.uid, report.context, report.groups, report.to, report.doubts)
    if said == (record.uid, record.context, record.groups, record.to, record.doubts):
        return report
    return replace(
        report,
        uid=record.uid,
        context=record.context,
        marking=_marking(report, record.context),
        groups=record.groups,
        to=record.to,
        doubts=record.doubts,
    )


def _marking(report: Report, context: Context) -> Marking:
    """Return the report's marks; what came by a form without any bears its exercise's."""
    if report.context == context or context.kind is not ContextKind.EXERCISE:
        return report.marking
    said = report.marking.opex
    is_simulated = said is not None and said.kind is OpexKind.SIMULATION
    kind = OpexKind.SIMULATION if is_simulated else OpexKind.EXERCISE
    return replace(report.marking, opex=Opex(kind, context.name))
