"""What is asked of the past, and what is answered: by the journal, and by what is beyond it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from accord.core.context import Context
from accord.core.geometry import Box
from accord.core.principal import Principal
from accord.core.report import Report
from accord.release.access import may_see
from accord.storage.database import Span
from accord.storage.segment import Origin

MOST_LINES = 3_000_000
"""Kept reports that one question looks at; beyond, the answer is not whole."""

MOST_LOOKED = 50_000
"""Kept reports that one page of positions is chosen from; beyond, it ends there."""

UNPARTED = ""
"""What the history calls positions that it has not parted by channel yet."""

T = TypeVar("T")

POSITIONS = frozenset({"position"})
"""The names of bodies that say where something is."""


class GivenUp(Exception):
    """Whoever asked does not wait for the answer any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Since when and until when there are positions, by channel, and of all of them.

    `unparted` are those that the history has not parted by channel yet.
    """

    channels: Mapping[str, Span]
    unparted: Span | None = None

    @property
    def span(self) -> Span | None:
        """Since when and until when there is anything, None without any."""
        spans = [*self.channels.values()]
        if self.unparted is not None:
            spans.append(self.unparted)
        if not spans:
            return None
        return Span(min(each.oldest for each in spans), max(each.newest for each in spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where one object was: `reports` of the `count` there were, in order of receipt.

    Not `whole`: not everything that is kept was looked at.
    """

    reports: tuple[Report, ...]
    count: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, about which context and what time (seconds since 1970), and whether he still does.

    Of each stretch of time that is `1/parts` of it, one report is told, of each source. `bodies`
    are what reports may say, by the names of `segment`. Of positions outside an `area` nobody needs
    to be told. Where whoever has the node's directory before him asks (`is_owner`), the groups hide
    nothing of it.
    """

    by: Principal
    context: Context
    since: float
    until: float
    parts: int
    is_awaited: Callable[[], bool] = lambda: True
    bodies: AbstractSet[str] = POSITIONS
    area: Box | None = None
    is_owner: bool = False

    def sees(self, origin: Origin) -> bool:
        """Tell whether he may see what comes from there, and asks about it."""
        return (
            origin.body in self.bodies
            and origin.context == self.context
            and (self.is_owner or may_see(self.by, origin))
        )

    def part_of(self, at: float) -> int:
        """Return in which part of the time that is."""
        return int((at - self.since) / (self.until - self.since) * self.parts)


class Place(NamedTuple):
    """Where a kept report stands: the number of its segment, and which of it it is.

    In the history (`is_beyond`) its era, and its number in that.
    """

    segment: int
    number: int
    is_beyond: bool = False


class Page(NamedTuple):
    """Some positions with their places, in order, and after which place the rest is; None: none."""

    positions: Sequence[tuple[Place, Report]]
    after: Place | None


class Beyond(Protocol):
    """Positions for longer than the journal has them, up to now. Each raises StorageFault."""

    def spans(self) -> Mapping[str, Span]:
        """Return since when and until when there are positions, by channel; empty without any.

        Those that are not parted by channel yet stand under `UNPARTED`.
        """
        ...

    def has_for(self, by: Principal, channel: str) -> bool:
        """Tell whether somebody may see any position of a channel; `UNPARTED`: of any channel."""
        ...

    def courses(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Course]:
        """Return where objects were."""
        ...

    def newest(self, asked: Asked, uids: AbstractSet[str]) -> Mapping[str, Report]:
        """Return the last position of each object of which there is one."""
        ...

    def last(self, asked: Asked, limit: int) -> Sequence[Report]:
        """Return the last positions of all objects, at most so many, in order of receipt."""
        ...

    def positions(
        self, asked: Asked, wanted: Callable[[Report], bool], *, after: Place | None, limit: int
    ) -> Page:
        """Return positions of all objects after a place, as `Past.positions` does."""
        ...

    def position(self, asked: Asked, at: Place) -> Report | None:
        """Return the position that stands there, where there is one that he may see."""
        ...


def together(beyond: Iterable[Report], kept: Sequence[Report]) -> list[Report]:
    """Return what the journal has and what is beyond it as one, in order of receipt.

    What both have is told as the journal has it, which keeps what was received as it came.
    """
    known = {_said(each) for each in kept}
    more = [each for each in beyond if _said(each) not in known]
    return sorted([*more, *kept], key=lambda each: each.received)


def _said(report: Report) -> tuple[object, ...]:
    source = report.source
    return report.uid, source.channel, source.speaker, report.received, report.time


def thinned(numbers: Sequence[T], asked: Asked) -> Sequence[T]:
    """Return at most as many as there are parts, evenly chosen, with both ends."""
    most = max(2, asked.parts)
    if len(numbers) <= most:
        return numbers
    step = (len(numbers) - 1) / (most - 1)
    return [numbers[round(each * step)] for each in range(most)]
