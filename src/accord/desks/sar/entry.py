"""One line of a case's log: what happened or was said, when, where, and who entered it.

A case is nothing but its entries. They are added and never changed, so that two nodes which share a
case have the same case as soon as they have the same entries, in whatever order these came.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.geometry import Point

LOOK = "look at: "
"""Begins a note of what somebody has to look at."""


class Kind(StrEnum):
    """What an entry is."""

    FACT = "fact"
    """A value of the case: `about` is which one."""
    NOTE = "note"
    SIGHTING = "sighting"
    """Something was seen or heard at a place, or was not."""
    TASK = "task"
    """A unit was given an area and a pattern; `about` is the unit."""
    SENT = "sent"
    """A route was sent to a unit; `about` is the unit."""
    COVERED = "covered"
    """What had been searched by then, in figures."""
    CHECK = "check"
    """Something on the checklist was done; `about` is what."""
    DRAFT = "draft"
    """A situation report that waits for a person to review it; it never leaves the node."""
    REPORT = "report"
    """A situation report that a person has let go; `seen` names the draft that it was."""


class NotTaken(AccordError):
    """What was entered is not right; the text says what, and nothing of it was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `node` and `number` name it; `at` is when it happened, `entered` when it came here.

    `seen` names the entries of the same fact that its writer had before him: what is not among them
    he did not know of. `is_private` entries never leave the node.
    """

    case: str
    node: str
    at: datetime
    entered: datetime
    by: str
    kind: Kind
    about: str = ""
    value: str = ""
    place: Point | None = None
    seen: tuple[str, ...] = ()
    is_private: bool = False
    context: Context = LIVE
    number: int = 0
    """Its place among its node's entries of the case, 0 until it is kept."""

    @property
    def id(self) -> str:
        """What other entries name it by."""
        return f"{self.node}:{self.number}"

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Sorts a log: by when it happened, and the same on every node."""
        return self.at, self.node, self.number
