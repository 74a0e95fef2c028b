"""What is remembered of a track besides its claims, to tell a frozen fix and a late repetition."""

from collections import deque
from datetime import datetime, timedelta

from accord.core.body import Body, Position
from accord.core.report import Doubt, Report, Source

FROZEN_AFTER = timedelta(minutes=2)
"""For so long, and over STILL reports, a position stands still to the last digit."""

STILL = 3

MOVES = 2.0
"""Metres a second that say something moves: 4 kn, more than what lies at anchor drifts."""

LATE = timedelta(seconds=90)
"""So much later than another source, the same words are a repetition."""

REMEMBERED = 32
"""Places of a track that are remembered, where several sources tell of it."""

MAX_SOURCES = 64
"""Sources that stand still and say they move; beyond, all begin anew."""

_NOTHING: frozenset[Doubt] = frozenset()
_FROZEN = frozenset({Doubt.FROZEN})
_REBROADCAST = frozenset({Doubt.REBROADCAST})


class Memory:
    """Of one track: since when each source repeats one place, and what was said where.

    Bounded by MAX_SOURCES and REMEMBERED.
    """

    __slots__ = ("_said", "_still")

    def __init__(self) -> None:
        self._still: dict[Source, tuple[datetime, int]] = {}  # MAX_SOURCES at most
        self._said: deque[tuple[float, float, datetime, Source]] = deque(maxlen=REMEMBERED)

    def doubts(self, report: Report, before: Report | None, *, of_many: bool) -> frozenset[Doubt]:
        """Return what is wrong with a report beside those before; `of_many` sources tell of it."""
        body = report.body
        if not isinstance(body, Position) or body.point is None:
            return _NOTHING
        found = self._frozen(report, before)
        if of_many:
            found |= self._repeated(report, body)
        return found

    def _frozen(self, report: Report, before: Report | None) -> frozenset[Doubt]:
        source = report.source
        if before is None or not stands(report.body, before):
            if self._still:
                self._still.pop(source, None)
            return _NOTHING
        since, times = self._still.get(source, (before.time, 1))
        if len(self._still) > MAX_SOURCES:
            self._still.clear()
        self._still[source] = since, times + 1
        is_long = report.time - since >= FROZEN_AFTER and times + 1 >= STILL
        return _FROZEN if is_long else _NOTHING

    def _repeated(self, report: Report, body: Position) -> frozenset[Doubt]:
        point = body.point
        if point is None or body.speed is None or body.speed < MOVES:
            return _NOTHING
        here = (point.lat, point.lon)
        late = any(
            (lat, lon) == here and source != report.source and report.time - at >= LATE
            for lat, lon, at, source in self._said
        )
        if not late:
            self._said.append((*here, report.time, report.source))
        return _REBROADCAST if late else _NOTHING


def stands(body: Body, before: Report | None) -> bool:
    """Tell whether it is to the last digit where it was, and says that it moves."""
    last = None if before is None else before.body
    if not isinstance(body, Position) or not isinstance(last, Position):
        return False
    here, there = body.point, last.point
    if here is None or there is None or here.lat != there.lat or here.lon != there.lon:
        return False
    return (body.speed or 0.0) >= MOVES and (last.speed or 0.0) >= MOVES
