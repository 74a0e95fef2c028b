"""The words of posture, as frozen values: who has what where, when, and who said so.

Distances are nautical miles, speeds knots, times hours and days: what the sources and the people
who read the answer use. Everything here belongs to a plan; nothing of it is a live report.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Grade(StrEnum):
    """How far a value can be trusted."""

    STATED = "A"
    """An official or news source says so, or it is a well-known public fact."""
    COMMON = "B"
    """General public knowledge, not checked again."""
    INVENTED = "C"
    """Made up for a demonstration or a plan, and shown as that wherever it appears."""

    @property
    def words(self) -> str:
        """What is shown beside a value of this grade."""
        return _GRADE_WORDS[self]


_GRADE_WORDS = {
    Grade.STATED: "stated by a source",
    Grade.COMMON: "general knowledge, not checked",
    Grade.INVENTED: "invented",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who said a value, how far it can be trusted, from when it is, and until when it holds."""

    grade: Grade
    who: str
    as_of: date
    valid_until: date | None = None

    @property
    def is_invented(self) -> bool:
        """Whether it must be shown as invented."""
        return self.grade is Grade.INVENTED

    def is_stale(self, on: date) -> bool:
        """Tell whether the value does not hold any more; a stale value is never shown as good."""
        return self.valid_until is not None and on > self.valid_until


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """One value and its origin."""

    value: T
    origin: Origin


class Domain(StrEnum):
    """What a platform moves through."""

    AIR = "air"
    SEA = "sea"


_DOMAINS = frozenset(Domain)


@dataclass(frozen=True, slots=True)
class Capability:
    """Something that is asked of a unit: a role, by air, by sea or by either."""

    role: str
    domain: Domain | None = None

    @classmethod
    def parse(cls, text: str) -> "Capability":
        """Read what `str` wrote: `lift-sea`, `sar-air`, `surveillance`, `survey-dive`."""
        role, dash, last = text.rpartition("-")
        if dash and last in _DOMAINS:
            return cls(role, Domain(last))
        return cls(text)

    def __str__(self) -> str:
        return f"{self.role}-{self.domain}" if self.domain else self.role


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A nation that owns units."""

    id: str
    name: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Partners under one arrangement."""

    id: str
    name: str
    members: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A port, an airfield or both. `open_to` are the partners who may use it, None for all."""

    id: str
    name: str
    country: str
    serves: frozenset[Domain]
    lat: float
    lon: float
    origin: Origin
    open_to: frozenset[str] | None = None
    icao: str | None = None

    def is_open_to(self, partner: str) -> bool:
        """Tell whether units of the partner may use it; a country always may use its own."""
        return self.open_to is None or partner == self.country or partner in self.open_to


@dataclass(frozen=True, slots=True)
class Notice:
    """Hours between being told and moving off: the least, the likely and the most."""

    least: float
    likely: float
    most: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.least <= self.likely <= self.most < math.inf:
            raise ValueError(
                f"a notice of {self.least:g}, {self.likely:g}, {self.most:g} hours is not in order:"
                " the least, the likely, the most"
            )

    @property
    def mean(self) -> float:
        """The mean of the triangular distribution between the three."""
        return (self.least + self.likely + self.most) / 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformClass:
    """One type of ship or aircraft; None where a figure is not known.

    `radius` is how far an aircraft goes and still returns, `reach` how far a ship goes in one piece
    or an aircraft ferries one way, `swath` the half-width within which something is seen.
    """

    id: str
    name: str
    domain: Domain
    cruise: float
    notice: Stated[Notice]
    roles: frozenset[str]
    origin: Origin
    sprint: float | None = None
    search: float | None = None
    radius: float | None = None
    reach: float | None = None
    endurance: float | None = None
    swath: Stated[float] | None = None
    crew: int | None = None
    lift: float | None = None

    def can(self, capability: Capability) -> bool:
        """Tell whether the class has the role, in the domain that is asked for if any is."""
        return capability.role in self.roles and capability.domain in (None, self.domain)

    @property
    def ferry(self) -> float:
        """How far it goes one way: as stated, else by endurance at cruise, else twice its radius.

        Infinite where nothing is known.
        """
        if self.reach is not None:
            return self.reach
        if self.endurance is not None:
            return self.endurance * self.cruise
        return math.inf if self.radius is None else 2.0 * self.radius


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One ship or aircraft. `availability` is the share of days on which it could go."""

    id: str
    partner: str
    platform: str
    home: str
    availability: Stated[float]
    origin: Origin
    notice: Stated[Notice] | None = None
    """Its own notice, where it differs from that of its class."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """When something holds: on which days, in which months of the year, for what share of them.

    `first` and `last` are inclusive, None for open; no months means all. `share` is of the whole
    year, as in `share_of_year`: a half over six named months fills these.
    """

    share: float = 1.0
    months: frozenset[int] = frozenset()
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.share <= 1.0:
            raise ValueError(f"a share of {self.share:g} of the year is not above 0 and up to 1")
        if not self.months <= frozenset(range(1, 13)):
            raise ValueError(f"months {sorted(self.months)} are not all from 1 to 12")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError(f"it ends on {self.last}, before it begins on {self.first}")

    @property
    def daily(self) -> float:
        """The share of each day on which it holds at all."""
        return min(1.0, self.share * 12.0 / len(self.months)) if self.months else self.share

    def holds_on(self, day: date) -> bool:
        """Tell whether the day is one of those it is about."""
        return (
            (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
            and (not self.months or day.month in self.months)
        )

    def share_of(self, first: date, after: date) -> float:
        """Return the share of the days from `first` up to, not including, `after`."""
        days = (after - first).days
        held = sum(self.holds_on(first + timedelta(days=n)) for n in range(days))
        return self.daily * held / days


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A unit away from home: at a base, or in refit or lost to the plan where `base` is None.

    `because` names the commitment that brings it about, empty for what is so already.
    """

    unit: str
    base: str | None
    season: Season
    origin: Origin
    because: str = ""


class AreaKind(StrEnum):
    """What an area is for."""

    SAR = "sar"
    ZONE = "zone"
    OPERATION = "ops-area"
    BOX = "box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A region as H3 cells; none where only its size is published.

    `published_km2` is what its owner states, to be shown beside what the cells come to.
    """

    id: str
    name: str
    kind: AreaKind
    cells: frozenset[int]
    origin: Origin
    published_km2: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """So many units of a partner work from a base; they are taken from `source` if it is given."""

    partner: str
    platform: str
    base: str
    count: int
    season: Season
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """So many units of a partner are out of use: refit, sale, loss."""

    partner: str
    platform: str
    base: str
    count: int
    season: Season


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnits:
    """A partner gets so many more units at a base."""

    partner: str
    platform: str
    base: str
    count: int
    availability: Stated[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAvailability:
    """The units of a partner and class, at one base if it is given, get another availability."""

    partner: str
    platform: str
    availability: Stated[float]
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNotice:
    """The units of a partner and class, at one base if it is given, get another notice."""

    partner: str
    platform: str
    notice: Stated[Notice]
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAccess:
    """A partner may use a base from now on, or may not any more."""

    partner: str
    base: str
    is_open: bool


class PromiseKind(StrEnum):
    """What is promised and moves no unit."""

    DATA_OPENED = "open_data_flow"
    DATA_CLOSED = "close_data_flow"
    EXERCISE = "exercise"
    CONTRIBUTION = "contribution"
    NOTHING = "nothing_measurable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A clause that changes no number here, and is shown as that.

    `tied_to` is the clause of an agreement that opens or closes a data flow.
    """

    kind: PromiseKind
    text: str
    tied_to: str = ""


Effect = Deploy | Withdraw | AddUnits | SetAvailability | SetNotice | SetAccess | Promise
"""What one clause of a commitment does to a posture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What somebody undertook: its words, and what each clause does, in their order.

    `numbers` are those of its clauses where some are left out; `left_out` says, a sentence each,
    what of its words is not worked out, and why.
    """

    id: str
    text: str
    effects: tuple[Effect, ...]
    origin: Origin
    numbers: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def clauses(self) -> tuple[tuple[int, Effect], ...]:
        """What each clause does, by its number, counted from 1 where it has no other."""
        numbers = self.numbers or range(1, len(self.effects) + 1)
        return tuple(zip(numbers, self.effects, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An island or harbour that people ask for by name."""

    name: str
    lat: float
    lon: float
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All that a plan starts from; every id that is named is there. `as_of` is its baseline day."""

    name: str
    as_of: date
    partners: dict[str, Partner]
    groupings: dict[str, Grouping]
    bases: dict[str, Base]
    classes: dict[str, PlatformClass]
    units: dict[str, Unit]
    deployments: tuple[Deployment, ...]
    areas: dict[str, Area]
    commitments: dict[str, Commitment]
    places: tuple[Place, ...] = ()

    def class_of(self, unit: Unit) -> PlatformClass:
        """Return the class of one of its units."""
        return self.classes[unit.platform]

    def notice_of(self, unit: Unit) -> Stated[Notice]:
        """Return the notice that holds for a unit: its own, else that of its class."""
        return unit.notice or self.class_of(unit).notice
