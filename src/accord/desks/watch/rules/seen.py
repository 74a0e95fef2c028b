"""What rules know of a track: its newest claim, and how that is held against an area."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accord.core.body import Alarm, Position
from accord.core.geometry import Point
from accord.core.principal import Group
from accord.core.report import Report
from accord.desks.watch.alert import Condition, Kind
from accord.desks.watch.conditions import Over, short
from accord.desks.watch.rules.area import Fence
from accord.desks.watch.rules.text import Rule

Found = Condition | Over


@dataclass(frozen=True, slots=True)
class Seen:
    """A track as it was when it last said something."""

    uid: str
    name: str
    point: Point
    course: float | None
    speed: float | None
    received: datetime
    channel: str
    groups: frozenset[Group]
    calls: str


def seen_in(uid: str, lead: Report) -> Seen | None:
    """Return what rules know of it, None where it has no place."""
    body, identity = lead.body, lead.identity
    if not isinstance(body, Position | Alarm) or body.point is None:
        return None
    moves = body if isinstance(body, Position) else Position(point=None)
    return Seen(
        uid,
        identity.name or identity.callsign or uid,
        body.point,
        moves.course,
        moves.speed,
        lead.received,
        lead.source.channel,
        lead.groups,
        body.category if isinstance(body, Alarm) else "",
    )


class Matches:
    """Tells whether a rule is about a kind; asked for every report, so remembered."""

    LIMIT = 4_096

    def __init__(self, rule: Rule) -> None:
        self._kinds = rule.kinds
        self._known: dict[str, bool] = {}

    def __call__(self, lead: Report) -> bool:
        """Tell whether the rule is about this report."""
        text = lead.kind.text
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= self.LIMIT:
                self._known.clear()
            called = isinstance(lead.body, Alarm) and self._kinds == ("a",)
            known = self._known[text] = called or any(map(lead.kind.is_a, self._kinds))
        return known


class Holding:
    """What one rule has said to be the case, and says when that changes."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.fence = None if rule.area is None else Fence(rule.area)
        self._holds: dict[str, Condition] = {}

    def is_near(self, point: Point) -> bool:
        """Tell whether the rule is about this place."""
        return self.fence is None or self.fence.contains(point)

    def holds(self, about: str) -> bool:
        """Tell whether it has been said to be the case."""
        return about in self._holds

    def all(self) -> Mapping[str, Condition]:
        """Return everything of which it has been said."""
        return dict(self._holds)

    def note(self, about: str, *, is_so: bool, say: Callable[[], Condition]) -> list[Found]:
        """Return what it changes that it is so, or is not."""
        if is_so is (about in self._holds):
            return []
        if is_so:
            condition = self._holds[about] = say()
            return [condition]
        return [Over(self._holds.pop(about).key)]

    def key(self, about: str) -> str:
        """Return the key of the condition."""
        return f"{Kind.RULE} {self.rule.name} {self.rule.context} {about}"

    def condition(self, seen: Seen, text: str, *, other: Seen | None = None) -> Condition:
        """Return the condition about one track, or two."""
        about = seen.uid if other is None else f"{seen.uid} {other.uid}"
        groups = seen.groups if other is None else seen.groups & other.groups
        said = f"{self.rule.name}: {seen.name} {text}"
        return Condition(
            key=self.key(about),
            kind=Kind.RULE,
            priority=self.rule.priority,
            text=short(f"{said}. {self.rule.say}" if self.rule.say else said),
            uid=seen.uid,
            context=self.rule.context,
            groups=groups,
        )

    def general(self, text: str) -> Condition:
        """Return a condition that is about no track."""
        said = f"{self.rule.name}: {text}"
        return Condition(
            key=self.key(""),
            kind=Kind.RULE,
            priority=self.rule.priority,
            text=short(f"{said}. {self.rule.say}" if self.rule.say else said),
        )
