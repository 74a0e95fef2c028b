"""What is asked of the history, and what is held in it: pure, as conditions that SQL can have."""

from collections.abc import Sequence
from dataclasses import dataclass

from accord.core.context import LIVE, Context
from accord.core.geometry import Box
from accord.core.principal import Group, Principal

Condition = tuple[str, Sequence[object]]
"""A condition of SQL with the values of its question marks."""

FOR_EVER = 4e9
"""Seconds since 1970 that stand for no end (2096)."""

NOWHERE: Condition = ("false", [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the past: a time (seconds since 1970), of some objects, in an area.

    No uids: of all; no area: everywhere.
    """

    since: float
    until: float
    uids: frozenset[str] = frozenset()
    area: Box | None = None

    def condition(self) -> Condition:
        """Return which rows belong to it."""
        return joined(self.conditions(), "OR")

    def conditions(self) -> Sequence[Condition]:
        """Return which rows belong to it, as conditions of which no row meets two."""
        # Microseconds, as the column has them: rounded apart so that both ends are inside.
        parts: list[Condition] = [
            ("received BETWEEN make_timestamp(?::BIGINT) AND make_timestamp(?::BIGINT)",
             [micros(self.since), micros(self.until)]),
        ]  # fmt: skip
        if self.uids:
            marks = ", ".join("?" * len(self.uids))
            parts.append((f"uid IN ({marks})", sorted(self.uids)))
        places: Sequence[Condition] = () if self.area is None else inside(self.area)
        return [joined([*parts, each], "AND") for each in places] or [joined(parts, "AND")]

    def may_meet(self, since: float, until: float, area: Box | None) -> bool:
        """Tell whether something of a stretch of time and an area can belong to it."""
        if since > self.until or until < self.since:
            return False
        return self.area is None or area is None or _meet(self.area, area)


def micros(at: float) -> int:
    """Return a moment in microseconds, within what there can be."""
    return int(max(0.0, min(at, FOR_EVER)) * 1e6)


def inside(area: Box) -> Sequence[Condition]:
    """Return what is in a box, and what reaches into it with its cell."""
    halves = halves_of(area)
    points: list[Condition] = [
        (
            "west IS NULL AND lat BETWEEN ? AND ? AND lon BETWEEN ? AND ?",
            [area.south, area.north, west, east],
        )
        for west, east in halves
    ]
    cells: list[str] = []
    values: list[object] = []
    for west, east in halves:
        # A cell across the antimeridian has its west greater than its east.
        cells.append(
            "(south <= ? AND north >= ? AND CASE WHEN west <= east THEN west <= ? AND east >= ? "
            "ELSE west <= ? OR east >= ? END)"
        )
        values += [area.north, area.south, east, west, east, west]
    return [*points, (f"west IS NOT NULL AND ({' OR '.join(cells)})", values)]


def _meet(one: Box, other: Box) -> bool:
    if one.south > other.north or one.north < other.south:
        return False
    return any(
        west <= far and east >= near
        for west, east in halves_of(one)
        for near, far in halves_of(other)
    )


def halves_of(box: Box) -> Sequence[tuple[float, float]]:
    """Return the western and eastern ends of a box, of both parts where it spans 180 degrees."""
    if box.west <= box.east:
        return ((box.west, box.east),)
    return ((box.west, 180.0), (-180.0, box.east))


def joined(parts: Sequence[Condition], word: str) -> Condition:
    """Return conditions joined by AND or OR."""
    text = f" {word} ".join(f"({text})" for text, _ in parts)
    return text, [value for _, values in parts for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose positions of what stretch and context. `hears` None: whoever owns the directory asks.

    `groups`, where there are any, are the only ones that are wanted; `after`, where it is said, is
    the era and the number after which it goes on; `channel`, where it is said, the only one.
    """

    stretch: Stretch
    context: Context = LIVE
    hears: frozenset[Group] | None = None
    groups: frozenset[Group] = frozenset()
    after: tuple[int, int] | None = None
    channel: str = ""

    @classmethod
    def of(
        cls, by: Principal, stretch: Stretch, context: Context, groups: frozenset[Group]
    ) -> "Question":
        """Return what somebody asks: nothing of a context that he takes no part in."""
        hears = by.hears if by.takes_part_in(context) else frozenset[Group]()
        return cls(stretch=stretch, context=context, hears=hears, groups=groups)

    def conditions(self) -> Sequence[Condition]:
        """Return which rows answer it, as conditions of which no row meets two."""
        parts: list[Condition] = [("context = ?", [str(self.context)])]
        wanted = (self.hears, self.groups or None)
        parts += [_of_groups(each) for each in wanted if each is not None]
        if self.after is not None:
            era, sequence = self.after
            parts.append(("(era > ? OR era = ? AND sequence > ?)", [era, era, sequence]))
        if self.channel:
            parts.append(("channel = ?", [self.channel]))
        return [joined([each, *parts], "AND") for each in self.stretch.conditions()]


def _of_groups(groups: frozenset[Group]) -> Condition:
    if not groups:
        return NOWHERE
    return "list_has_any(groups, ?::VARCHAR[])", [sorted(groups)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What is evidence and outlasts every budget until it is let go. `why` is for people."""

    name: str
    stretch: Stretch
    why: str


def held(holds: Sequence[Hold]) -> Condition:
    """Return which rows one hold or another keeps."""
    return joined([each.stretch.condition() for each in holds], "OR") if holds else NOWHERE
