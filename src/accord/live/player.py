"""A replay for TAK clients: a picture of its own in a context of its own, played at some speed.

Nothing of it is live: its reports are of the context `replay:NAME`, which no certificate takes part
in, its picture is its own, and it has neither a journal nor partners.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.context import Context, ContextKind
from accord.core.geometry import Box
from accord.core.principal import Group, Principal, Role
from accord.core.report import Report
from accord.core.track import Track
from accord.picture.claims import point_of
from accord.picture.picture import Change, Picture, PictureSettings
from accord.storage.segment import Origin

SLOWEST, FASTEST = 1, 600
"""How much faster than it was a replay may be."""

LONGEST_STEP = timedelta(minutes=10)
"""Of the past that is played in one step, whatever the speed."""


class Played(Protocol):
    """What is played: the journal, the history, or what a partner was given."""

    @property
    def whole(self) -> bool:
        """Whether all that there was is there."""
        ...

    def begin(self, at: datetime) -> Sequence[Report]:
        """Return what made the picture of a moment."""
        ...

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        """Return what came up to a moment, and how far that is."""
        ...


def context_named(name: str) -> Context:
    """Return the context of a replay."""
    return Context(ContextKind.REPLAY, name)


def watching(principal: Principal, name: str, of: Context) -> Principal | str:
    """Return somebody as he watches a replay of a context: he hears, and says nothing.

    In a few words why not, where he takes no part in what is replayed.
    """
    if not principal.takes_part_in(of):
        return f"takes no part in {of}"
    # Under another name, for what he said himself then is shown to him as well.
    return replace(principal, name=f"{principal.name} at {name}", role=Role.READ_ONLY, replay=name)


def himself(principal: Principal) -> Principal:
    """Return whoever `watching` made of him by his own name, and anybody else as he is."""
    if not principal.replay:
        return principal
    return replace(principal, name=principal.name.removesuffix(f" at {principal.replay}"))


class Wanted:
    """What is to be played: of one context, by area and groups where any are said."""

    def __init__(
        self, context: Context, *, area: Box | None = None, groups: frozenset[Group] = frozenset()
    ) -> None:
        self._context = context
        self._area = area
        self._groups = groups

    def of_origin(self, origin: Origin) -> bool:
        """Tell whether something from there can be wanted; what ends something always is."""
        if origin.context != self._context:
            return False
        return origin.body == "removal" or self._is_of_groups(origin.groups)

    def __call__(self, report: Report) -> bool:
        """Tell whether a report is wanted."""
        if report.context != self._context:
            return False
        match report.body:
            case Removal():
                return True
            case Message() | Opaque():
                return False
            case Position() | Shape() | Alarm():
                return self._is_of_groups(report.groups) and self._is_in_area(report)

    def _is_of_groups(self, groups: frozenset[Group]) -> bool:
        return not self._groups or not self._groups.isdisjoint(groups)

    def _is_in_area(self, report: Report) -> bool:
        point = point_of(report)
        return self._area is None or (point is not None and self._area.contains(point))


class Moment:
    """A clock that shows the moment of a replay."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the moment that is shown."""
        return self.at

    def monotonic(self) -> float:
        """Return it in seconds."""
        return self.at.timestamp()


class Player:
    """Plays a stretch of the past, step by step. `clock` shows the moment, and `at` is it.

    `changed` is told of whatever changes after the beginning.
    """

    def __init__(
        self,
        played: Played,
        picture: PictureSettings,
        context: Context,
        *,
        wanted: Callable[[Report], bool],
        evicted: Callable[[Track], None] = lambda _: None,
        changed: Callable[[Change], None] = lambda _: None,
    ) -> None:
        self.picture = Picture(picture, evicted=evicted)
        self.clock = Moment(datetime.fromtimestamp(0, UTC))
        self._changed = changed
        self._played = played
        self._context = context
        self._wanted = wanted

    @property
    def whole(self) -> bool:
        """Whether all that there was is there."""
        return self._played.whole

    @property
    def at(self) -> datetime:
        """The moment that is shown."""
        return self.clock.at

    def begin(self, at: datetime) -> None:
        """Show the picture of a moment."""
        self.clock.at = at
        for each in self._played.begin(at):
            self._apply(each)
        while self.picture.expire(at):
            pass

    def fetch(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        """Return what comes up to a moment, for `show`: slow work, for a thread."""
        return self._played.next(min(to, self.at + LONGEST_STEP))

    def show(self, reports: Sequence[Report], reached: datetime) -> list[Report]:
        """Let these be so; return what is news, in order."""
        news = self._take(reports)
        self.clock.at = max(self.at, reached)
        while changes := self.picture.expire(self.at):
            for change in changes:
                self._changed(change)
        return news

    def _take(self, reports: Sequence[Report]) -> list[Report]:
        news: list[Report] = []
        for each in reports:
            found = self._apply(each)
            if found is not None:
                report, change = found
                self._changed(change)
                news.append(report)
        return news

    def _apply(self, said: Report) -> tuple[Report, Change] | None:
        """Apply what is wanted; return what is news as it is here, and what changed."""
        if not self._wanted(said):
            return None
        report = replace(said, context=self._context)
        change = self.picture.apply(report)
        return None if change is None else (report, change)
