"""The answer to "what does this commitment change?", as frozen values."""

from dataclasses import dataclass
from datetime import date

from accord.core.context import Context
from accord.posture.applied import Applied
from accord.posture.coverage import Surveillance
from accord.posture.feasibility import Feasibility
from accord.posture.fragility import Loss
from accord.posture.model import Capability, Origin
from accord.posture.presence import Days
from accord.posture.response import Change
from accord.posture.stations import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One capability in one area, or at one named place."""

    area: str
    capability: Capability
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How likely a place of the main area is seen within some days, best spread and even."""

    best: Surveillance
    even: Surveillance


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How the service of the main area within some hours is shared among partners (Shapley)."""

    capability: Capability
    hours: int
    parts: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the main figure becomes when one assumption is moved to its low and its high end."""

    assumption: str
    value: str
    """What is assumed now."""
    origin: Origin
    low_label: str
    high_label: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The best places for more units of a class: how much more of the main area they serve."""

    platform: str
    capability: Capability
    hours: int
    bases: tuple[str, ...]
    gain: float
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Cell by cell of the main area, for the maps: how often somebody is there within the hours."""

    capability: Capability
    hours: int
    before: Floats
    after: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one capability comes to in the main area."""

    shares: tuple[Share, ...]
    losses: tuple[Loss, ...]
    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class WhileKept:
    """The same on those days alone on which a unit is where a clause puts it."""

    share: float
    """Of the year."""
    headline: Change
    cost: Change | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One commitment alone, or all together, against the posture without."""

    commitments: tuple[str, ...]
    applied: Applied
    lines: tuple[Line, ...]
    """Of areas, then of named places; only where something changes."""
    headline: Line | None
    """In the main area, of what most posts can do."""
    most: Line | None
    """What changes more in the main area than the headline, where anything does."""
    cost: Line | None
    """What is served later, or less, in the area where that is most."""
    while_kept: WhileKept | None
    """Of headline and cost; none where a clause holds on all days, or moves nothing."""
    presence: Days
    seen: Seen | None
    shares: tuple[Share, ...]
    losses: tuple[Loss, ...]
    feasibility: tuple[Feasibility, ...]
    bars: tuple[Bar, ...]
    places: tuple[Place, ...]
    """The best for one more unit, and for two."""
    shown: Shown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer: the posture without, and each case against it."""

    context: Context
    scenario: str
    as_of: date
    draws: int
    days: int
    main_area: str
    cells: tuple[int, ...]
    """Of the main area, as the numbers of `Shown` stand."""
    presence: Days
    seen: Seen
    cases: tuple[Case, ...]
    """Each commitment alone, in the order of their names; last, where there are more, all."""
