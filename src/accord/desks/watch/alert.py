"""Something that needs attention, from when it arose until somebody has seen that it is over.

The states are those of bridge alert management (IMO MSC.302(87), annex, module C): an alert stays
until its condition is over and a person has acknowledged it, in either order.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from accord.core.context import LIVE, Context
from accord.core.principal import Group


class Priority(StrEnum):
    """How urgent it is; an alarm and a warning sound, a caution does not."""

    ALARM = "alarm"
    WARNING = "warning"
    CAUTION = "caution"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return _RANKS[self]


_RANKS = {each: rank for rank, each in enumerate(Priority)}


class Kind(StrEnum):
    """What an alert is about; alerts of one kind may be shown folded into one line."""

    EMERGENCY = "emergency"
    LINK = "link"
    FEED = "feed"
    NODE = "node"
    RULE = "rule"
    CASE = "case"
    """A case of search and rescue that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What becomes of an alert that nobody has acknowledged for so long: more urgent, offered.

    `priority` None: as it is; `offer_to` empty: to nobody.
    """

    after: timedelta
    priority: Priority | None = None
    offer_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is the case now, and should not be. `key` tells it from all others.

    `uid` is the object it is about, in `context`. `groups` are those who may know of it as they may
    see the object; None where it is about the node itself, which every watch keeper may know.
    """

    key: str
    kind: Kind
    priority: Priority
    text: str
    uid: str | None = None
    context: Context = LIVE
    groups: frozenset[Group] | None = None
    escalation: Escalation | None = None


class AlertState(StrEnum):
    """Where an alert stands."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RECTIFIED = "rectified"
    """It is over, and nobody has acknowledged it."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `times` is how often its condition arose while it was open."""

    number: int
    condition: Condition
    raised: datetime
    times: int = 1
    rectified: datetime | None = None
    acknowledged: datetime | None = None
    acknowledged_by: str = ""
    owner: str = ""
    offered_to: str = ""
    """Whom the owner wants to hand it over to; it is his until that one takes it."""
    quiet_until: datetime | None = None
    """Until then it is acknowledged as soon as it arises again."""
    escalated: datetime | None = None
    """When it was made more urgent, or offered, since nobody had acknowledged it."""
    since: datetime | None = None
    """When it last arose, None where that was when it was raised."""

    @property
    def state(self) -> AlertState:
        """Where it stands."""
        if self.rectified is None:
            seen = self.acknowledged is not None
            return AlertState.ACKNOWLEDGED if seen else AlertState.UNACKNOWLEDGED
        return AlertState.RECTIFIED if self.acknowledged is None else AlertState.ENDED

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody."""
        return self.state is not AlertState.ENDED

    @property
    def order(self) -> tuple[bool, int, bool, float]:
        """Sorts what needs attention first: not acknowledged, then by priority.

        Of those alike what is still so comes before what is over, and then the newest.
        """
        waits = self.state in (AlertState.UNACKNOWLEDGED, AlertState.RECTIFIED)
        is_over = self.rectified is not None
        return not waits, self.condition.priority.rank, is_over, -self.raised.timestamp()


class Act(StrEnum):
    """What happened to an alert, or was noted by a person."""

    RAISED = "raised"
    RAISED_AGAIN = "raised again"
    RECTIFIED = "rectified"
    CORRECTED = "corrected"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    TAKEN = "taken"
    OFFERED = "offered"
    FORGOTTEN = "forgotten"
    NOTED = "noted"
    DRILL_BEGUN = "drill begun"
    DRILL_ENDED = "drill ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill that somebody has declared: every screen says so until it is ended.

    It marks the screens and changes no report: what belongs to an exercise says so itself.
    """

    name: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the watch log. `by` is a person's name, empty for the node itself.

    `alert` is the alert as it stands after it; `uids` are the objects that a note is about.
    """

    at: datetime
    act: Act
    by: str = ""
    text: str = ""
    alert: Alert | None = None
    uids: tuple[str, ...] = ()
    context: Context = LIVE
    groups: frozenset[Group] | None = None
    number: int = 0
    """Its place in the log, 0 until it is kept there."""


def about(alert: Alert, act: Act, at: datetime, *, by: str = "", text: str = "") -> Entry:
    """Return the line that this happened to an alert; whoever may know of that may know of this.

    `text` is what is said instead of the alert's own.
    """
    condition = alert.condition
    return Entry(
        at=at,
        act=act,
        by=by,
        text=text or condition.text,
        alert=alert,
        uids=() if condition.uid is None else (condition.uid,),
        context=condition.context,
        groups=condition.groups,
    )


def raised(number: int, condition: Condition, now: datetime) -> Alert:
    """Return a new alert."""
    return Alert(number=number, condition=condition, raised=now)


def raised_again(alert: Alert, condition: Condition, now: datetime) -> Alert:
    """Return the alert whose condition has come back, or has grown more urgent.

    It wants to be acknowledged again, unless it is to be quiet for a while.
    """
    again = replace(
        alert,
        condition=condition,
        times=alert.times + 1,
        rectified=None,
        since=now,
        escalated=None,
    )
    if alert.quiet_until is not None and now < alert.quiet_until:
        return again
    return replace(again, acknowledged=None, acknowledged_by="", quiet_until=None)
