"""CAP 1.2: what an alert of the Common Alerting Protocol says (OASIS, CAP-v1.2-os)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
    "CBRNE", "Other",
)  # fmt: skip
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
"""What these elements of an `info` may say (3.2.2)."""

Degrees = tuple[float, float]
"""Latitude and longitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapCircle:
    """A circle of an area; `radius` in kilometres (3.2.4)."""

    centre: Degrees
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CapArea:
    """Where it is about: words, outlines that end where they begin, and circles."""

    description: str
    polygons: tuple[tuple[Degrees, ...], ...] = ()
    circles: tuple[CapCircle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapAlert:
    """One alert, with its first `info`; texts are empty where it does not have them.

    `status` is Actual, Exercise, System, Test or Draft; `kind` Alert, Update, Cancel, Ack or Error.
    """

    identifier: str
    sender: str
    sent: datetime
    status: str
    kind: str
    event: str = ""
    headline: str = ""
    description: str = ""
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    categories: tuple[str, ...] = ()
    instruction: str = ""
    sender_name: str = ""
    expires: datetime | None = None
    scope: str = ""
    restriction: str = ""
    references: str = ""
    """The messages that an Update or Cancel is about: `sender,identifier,sent`, by blanks."""
    incidents: str = ""
    areas: tuple[CapArea, ...] = ()
    web: str = ""
    """Where more is told of it."""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What its sender says beyond the standard, by `valueName` (3.2.2)."""
