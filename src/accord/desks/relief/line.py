"""One line of an incident's log: what was said of which record, when, and by whom.

An incident is nothing but its lines. They are added and never changed, so that two nodes which
share an incident have the same incident as soon as they have the same lines, in whatever order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.core.errors import AccordError

MAX_AHEAD = timedelta(minutes=10)
"""By how much something may have happened in the future, for clocks that differ."""


class NotTaken(AccordError):
    """What was entered is not right; the text says what, and nothing of it was kept.

    `field` is the one that is wrong, where it is one.
    """

    def __init__(self, text: str, field: str = "") -> None:  # a field of a record
        super().__init__(text)
        self.field = field


class Reach(StrEnum):
    """How far a line may go."""

    SHARED = "shared"
    """To partners, where the incident is shared and their agreement lets it out."""
    NAMES = "names"
    """It names persons: to partners only where the incident is shared with names."""
    OWN = "own"
    """Never out of this node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What somebody said of a record, such as `need:NZL-N1`: the fields, and what they hold.

    A line without a record is a note, with its text in the field `text`. `seen` names the lines of
    the same fields that its writer had before him: what is not among them he did not know of.
    """

    incident: str
    node: str
    at: datetime
    entered: datetime
    by: str
    record: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    seen: tuple[str, ...] = ()
    reach: Reach = Reach.SHARED
    context: Context = LIVE
    number: int = 0
    """Its place among its node's lines of the incident, 0 until it is kept."""

    @property
    def id(self) -> str:
        """What other lines name it by."""
        return f"{self.node}:{self.number}"

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Sorts a log: by when it happened, and the same on every node."""
        return self.at, self.node, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who says something, and when: `at` is when it happened, None for now."""

    name: str
    now: datetime
    at: datetime | None = None

    @property
    def happened(self) -> datetime:
        """When it happened. Raises NotTaken for a time that has not come."""
        if self.at is not None and self.at > self.now + MAX_AHEAD:
            raise NotTaken(f"{self.at.isoformat()} has not come yet", "at")
        return self.at or self.now
