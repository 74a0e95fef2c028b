"""What rules know of a track: its newest claim, and how that is held against an area."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accord.core.body import Alarm, Position
from accord.core.geometry import Point
from accord.core.principal import Group
from accord.core.report import Report
from accord.desks.watch.alert import Condition, Kind
from accord.desks.watch.conditions import Over, short
from accord.desks.watch.rules.area import Cell, Fence, cell_of
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
    time: datetime
    channel: str
    groups: frozenset[Group]
    calls: str
    says: tuple[str | None, ...]
    cell: Cell


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
        lead.time,
        lead.source.channel,
        lead.groups,
        body.category if isinstance(body, Alarm) else "",
        (identity.name, identity.callsign, identity.mmsi, identity.imo, identity.icao),
        cell_of(body.point),
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
        self.fence = Fence(rule.areas) if rule.areas else None
        self.corrections: dict[str, str] = {}
        self._holds: dict[str, Condition] = {}
        self._began: dict[str, datetime] = {}
        self._over: dict[str, datetime] = {}

    def is_near(self, seen: Seen) -> bool:
        """Tell whether the rule is about where it is."""
        return self.fence is None or self.fence.holds(seen.point, seen.cell)

    @property
    def has_any(self) -> bool:
        """Whether it has been said of any."""
        return bool(self._holds)

    def holds(self, about: str) -> bool:
        """Tell whether it has been said to be the case."""
        return about in self._holds

    def all(self) -> Mapping[str, Condition]:
        """Return everything of which it has been said."""
        return dict(self._holds)

    def note(
        self, about: str, *, is_so: bool, say: Callable[[], Condition], at: datetime
    ) -> list[Found]:
        """Return what it changes that it is so, or is not, at that moment.

        What is to be held is over only when it has not been so for as long.
        """
        if is_so:
            if self._over:
                self._over.pop(about, None)
            if about in self._holds:
                return []
            condition = self._holds[about] = say()
            self._began[about] = at
            self.corrections.pop(condition.key, None)
            return [condition]
        if about not in self._holds:
            return []
        if self.rule.hold and at - self._over.setdefault(about, at) < self.rule.hold:
            return []
        return [Over(self.drop(about))]

    def release(self, about: str) -> list[Found]:
        """Return that it is so no more, however long it was to be held: the track has gone."""
        return [Over(self.drop(about))] if about in self._holds else []

    def drop(self, about: str) -> str:
        """Forget that it has been said, and return the key of the condition."""
        self._over.pop(about, None)
        self._began.pop(about, None)
        return self._holds.pop(about).key

    def overdue(self, now: datetime) -> list[Found]:
        """Return what has been over for as long as it was to be held."""
        hold = self.rule.hold
        over = [about for about, since in self._over.items() if now - since >= hold]
        return [Over(self.drop(about)) for about in over]

    def correct(self, about: str, time: datetime) -> None:
        """Take note that it never was so: something was said before it was found to be silent.

        `time` is when that was, by late data that came only now.
        """
        began = self._began.get(about)
        if began is not None and time < began:
            said = f"corrected by late data: heard at {time:%H:%M:%S}Z"
            self.corrections[self._holds[about].key] = said

    def memory(self) -> dict[str, object]:
        """Return what has been said, to be remembered over a restart."""
        return {
            about: [_spell(condition), self._began[about].timestamp()]
            for about, condition in self._holds.items()
        }

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in what had been said before a restart."""
        for about, (condition, began) in kept.items():
            self._holds[about] = self._read(condition)
            self._began[about] = moment(began)

    def _read(self, kept: Mapping[str, Any]) -> Condition:
        groups = kept["groups"]
        return Condition(
            key=kept["key"],
            kind=Kind.RULE,
            priority=self.rule.priority,
            text=kept["text"],
            uid=kept["uid"],
            context=self.rule.context,
            groups=None if groups is None else frozenset(groups),
            escalation=self.rule.escalation,
        )

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
            escalation=self.rule.escalation,
        )

    def general(self, text: str) -> Condition:
        """Return a condition that is about no track."""
        said = f"{self.rule.name}: {text}"
        return Condition(
            key=self.key(""),
            kind=Kind.RULE,
            priority=self.rule.priority,
            text=short(f"{said}. {self.rule.say}" if self.rule.say else said),
            escalation=self.rule.escalation,
        )


def _spell(condition: Condition) -> dict[str, object]:
    groups = condition.groups
    return {
        "key": condition.key,
        "text": condition.text,
        "uid": condition.uid,
        "groups": None if groups is None else sorted(groups),
    }


def moment(seconds: float) -> datetime:
    """Return a moment as it was kept: seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
