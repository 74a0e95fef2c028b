"""What the history has of the past, for those who look at it, and for replays.

Who asks is told of what he may see now, as `past` has it; drawings and alarms are the journal's.
"""

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accord.core.context import LIVE, Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.asked import MOST_LINES, MOST_LOOKED, Asked, Course, GivenUp, Page, Place, thinned
from accord.live.marking import DefaultMarkings
from accord.live.reel import LOOKED_BACK
from accord.storage.database import Span, StorageFault
from accord.storage.history.archive import LOOK_AGAIN, Archive
from accord.storage.history.engine import Order
from accord.storage.history.look import Look
from accord.storage.history.question import Question, Stretch
from accord.storage.history.shelf import HistoryFault
from accord.wire.cot.label import label_of
from accord.wire.moving.message import Row
from accord.wire.moving.translate import PastReport, report_of

MOST_ROWS = 2_000_000
"""Positions of one stretch of the history that is played."""

MOST_TRIED = 1_000
"""Positions of a channel that are looked at to find one that was not called back."""

_LATEST = 1e12
_NO_END = datetime(9999, 1, 1, tzinfo=UTC)

PART = timedelta(minutes=10)
"""What is read of the history at once."""


class LongAgo:
    """The history, for `Past`. Slow work, for threads."""

    def __init__(self, archive: Archive, defaults: DefaultMarkings) -> None:
        self._archive = archive
        self._defaults = defaults

    def spans(self) -> Mapping[str, Span]:
        """Return since when and until when there are positions, by channel; empty without any."""
        with _said():
            return {name: Span(*each) for name, each in self._archive.spans().items()}

    @contextmanager
    def _look(self) -> Generator[Look, None, None]:
        with _said(), self._archive.look() as look:
            yield look

    def _report(self, row: Row) -> PastReport:
        return marked(report_of(row), self._defaults)

    def reel(
        self, by: Principal, context: Context, is_awaited: Callable[[], bool]
    ) -> "HistoryReel":
        """Return what somebody is played of a context."""
        return HistoryReel(
            self._archive, context, _NO_END, by=by, is_awaited=is_awaited, report_of=self._report
        )

    def courses(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Course]:
        """Return where objects were."""
        found = {uid: _Chosen(asked) for uid in uids}
        question = _question(asked, uids=frozenset(uids))
        with self._look() as look:
            whole, count = look.whole, 0
            for row in _awaited(look.rows(question, order=Order.RECEIPT, most=MOST_LINES), asked):
                count += 1
                found[row.label.uid].take(row)
        whole = whole and count < MOST_LINES
        return {uid: each.course(self._report, whole=whole) for uid, each in found.items()}

    def newest(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Report]:
        """Return the last position of each object of which there is one."""
        found: dict[str, Row] = {}
        question = _question(asked, uids=frozenset(uids))
        with self._look() as look:
            # Each source's last comes; the last of these counts.
            for row in _awaited(look.rows(question, order=Order.RECEIPT, newest=True), asked):
                found[row.label.uid] = row
        return {uid: self._report(row) for uid, row in found.items()}

    def last(self, asked: Asked, limit: int) -> Sequence[Report]:
        """Return the last positions of all objects, at most so many, in order of receipt."""
        with self._look() as look:
            rows = look.rows(_question(asked), order=Order.LATEST, most=limit)
            return [self._report(row) for row in _awaited(rows, asked)][::-1]

    def has_for(self, by: Principal, channel: str) -> bool:
        """Tell whether somebody may see a position of a channel; of every exercise: if named."""
        always = Stretch(since=0.0, until=_LATEST)
        named = (Context.exercise(each) for each in sorted(by.exercises))
        with self._look() as look:
            for context in (LIVE, *named):
                question = Question.of(by, always, context, frozenset())
                rows = look.rows(
                    replace(question, channel=channel), order=Order.NUMBER, most=MOST_TRIED
                )
                if next(rows, None) is not None:
                    return True
        return False

    def positions(
        self, asked: Asked, wanted: Callable[[Report], bool], *, after: Place | None, limit: int
    ) -> Page:
        """Return positions of all objects after a place, as `Past.positions` does."""
        found: list[tuple[Place, Report]] = []
        last, looked = after, 0
        with self._look() as look:
            for row in _awaited(_few_first(look, asked, after, limit + 1), asked):
                if len(found) >= limit:
                    return Page(found, last)
                looked += 1
                last = _place_of(row)
                report = self._report(row)
                if wanted(report):
                    found.append((last, report))
        return Page(found, last if looked >= MOST_LOOKED else None)

    def position(self, asked: Asked, at: Place) -> Report | None:
        """Return the position that stands there, where there is one that he may see."""
        question = _question(asked, after=Place(at.segment, at.number - 1))
        with self._look() as look:
            for row in look.rows(question, order=Order.NUMBER, most=1):
                if (row.fix.era, row.fix.sequence) == (at.segment, at.number):
                    return self._report(row)
        return None


def _place_of(row: Row) -> Place:
    return Place(row.fix.era, row.fix.sequence, is_beyond=True)


def _few_first(look: Look, asked: Asked, after: Place | None, few: int) -> Iterator[Row]:
    """Yield rows in order of their numbers, MOST_LOOKED at most.

    Mostly the first few are enough for a page, and sorting out these costs a third.
    """
    last, looked = after, 0
    for most in (min(few, MOST_LOOKED), MOST_LOOKED):
        if most > looked:
            question = _question(asked, after=last)
            for row in look.rows(question, order=Order.NUMBER, most=most - looked):
                looked += 1
                last = _place_of(row)
                yield row


def _question(
    asked: Asked, *, uids: frozenset[str] = frozenset(), after: Place | None = None
) -> Question:
    stretch = Stretch(
        since=asked.since, until=min(asked.until, _LATEST), uids=uids, area=asked.area
    )  # fmt: skip
    question = Question(stretch=stretch, context=asked.context)
    if not asked.is_owner:
        question = Question.of(asked.by, stretch, asked.context, frozenset())
    return replace(question, after=None if after is None else (after.segment, after.number))


@contextmanager
def _said() -> Generator[None, None, None]:
    """Let a fault of the history be one of what is kept."""
    try:
        yield
    except HistoryFault as fault:
        raise StorageFault(str(fault)) from None


def _awaited(rows: Iterator[Row], asked: Asked) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % LOOK_AGAIN == 0 and not asked.is_awaited():
            raise GivenUp
        yield row


def marked(report: PastReport, defaults: DefaultMarkings) -> PastReport:
    """Return it with the label that its marks say, or that its channel or groups have."""
    marking = report.marking
    label = label_of(
        marking.access, marking.caveat, marking.releasable_to, marking.opex, report.source.node
    )
    marked = defaults.marked(replace(report, label=label))
    return replace(report, label=marked.label, marking=marked.marking)


class _Chosen:
    """Positions of one object: all, or each source's first in each part, and the last."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._count = 0
        self._all: list[Row] = []
        self._first: dict[tuple[object, ...], Row] = {}
        self._last: Row | None = None

    def take(self, row: Row) -> None:
        """Take the next one, in order of receipt."""
        self._count += 1
        self._last = row
        if self._count <= self._asked.parts:
            self._all.append(row)
        key = (self._asked.part_of(row.fix.received), row.label.course)
        if len(self._first) < 2 * self._asked.parts:
            self._first.setdefault(key, row)

    def course(self, report_of: Callable[[Row], Report], *, whole: bool) -> Course:
        """Return what was found."""
        rows = self._all
        if self._count > self._asked.parts and self._last is not None:
            rows = list(self._first.values())
            rows += [] if rows[-1] is self._last else [self._last]
        told = tuple(report_of(each) for each in thinned(rows, self._asked))
        return Course(reports=told, count=self._count, whole=whole)


class HistoryReel:
    """The history, as it is played: positions only. `by` None: whoever owns the directory plays it.

    Nothing of after `until` is read.
    """

    def __init__(
        self,
        archive: Archive,
        context: Context,
        until: datetime,
        *,
        by: Principal | None = None,
        is_awaited: Callable[[], bool] = lambda: True,
        report_of: Callable[[Row], Report] = report_of,
    ) -> None:
        self.whole = True
        self._archive = archive
        self._context = context
        self._until = until
        self._by = by
        self._is_awaited = is_awaited
        self._report_of = report_of
        self._read_to: datetime | None = None
        self._waiting: list[Report] = []

    def begin(self, at: datetime) -> Sequence[Report]:
        """Return the newest position of each object by each source, as of a moment."""
        self._read_to, self._waiting, self.whole = at, [], True
        found, _ = self._reports(at - LOOKED_BACK, at, newest=True)
        return found

    def _reports(
        self, since: datetime, until: datetime, *, newest: bool = False
    ) -> tuple[list[Report], float]:
        """Return what there is of a stretch, and the last receipt that there is at all."""
        stretch = Stretch(since=since.timestamp(), until=until.timestamp())
        question = Question(stretch=stretch, context=self._context)
        if self._by is not None:
            question = Question.of(self._by, stretch, self._context, frozenset())
        with _said(), self._archive.look() as look:
            self.whole = self.whole and look.whole
            found: list[Report] = []
            for row in look.rows(question, order=Order.RECEIPT, newest=newest):
                if len(found) >= MOST_ROWS:
                    self.whole = False
                    break
                if len(found) % LOOK_AGAIN == 0 and not self._is_awaited():
                    raise GivenUp
                found.append(self._report_of(row))
            return found, look.until

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        """Return what came up to a moment."""
        read_to = self._read_to
        assert read_to is not None  # noqa: S101  it has begun
        while read_to < to:
            # Both ends belong to a stretch: what came at that very moment was told already.
            begin, end = read_to + timedelta(microseconds=1), min(read_to + PART, self._until)
            end = max(end, to)
            found, known = self._reports(begin, end)
            self._waiting += found
            # What comes while this is looked at is read when it is wanted.
            newest = datetime.fromtimestamp(math.floor(known), to.tzinfo)
            read_to = self._read_to = min(end, max(to, newest))
            self._waiting = [each for each in self._waiting if each.received <= read_to]
        count = sum(each.received <= to for each in self._waiting)
        told, self._waiting = self._waiting[:count], self._waiting[count:]
        return told, to
