"""Rules about one track: where it is, how fast, how long it stays, whether it falls silent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import floor

from accord.core.geometry import Point, distance
from accord.core.quantity import about_duration
from accord.desks.watch.rules.seen import Found, Holding, Seen
from accord.desks.watch.rules.text import (
    KNOT,
    Calls,
    Dark,
    Enters,
    Inside,
    Leaves,
    Loiters,
    Nobody,
    Rule,
    SilentFeed,
    Speed,
)


class Watcher:
    """Watches for one rule. Each method returns what arises and what ends."""

    def __init__(self, rule: Rule) -> None:
        self.holding = Holding(rule)

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of a claim."""
        del seen
        return ()

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Look at the clock, and at everything that the rule is about."""
        del now, tracks
        return ()

    def forget(self, uid: str) -> Sequence[Found]:
        """Take note that a track has gone."""
        return self.end(uid)

    def end(self, uid: str) -> Sequence[Found]:
        """Return that it is so no more of this track."""
        return self.holding.note(uid, is_so=False, say=lambda: self.holding.general(""))


class AreaWatcher(Watcher):
    """In an area, into it, out of it."""

    def __init__(self, rule: Rule, when: Inside | Enters | Leaves) -> None:
        super().__init__(rule)
        self._when = when
        self._was_inside: dict[str, bool] = {}

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the place against the area."""
        holding, uid = self.holding, seen.uid
        inside = holding.is_near(seen.point)
        before = self._was_inside.get(uid)
        self._was_inside[uid] = inside
        match self._when:
            case Inside():
                is_so, text = inside, "is in the area"
            case Enters():
                is_so = inside and (before is False or holding.holds(uid))
                text = "has entered the area"
            case Leaves():
                is_so = not inside and (before is True or holding.holds(uid))
                text = "has left the area"
        return holding.note(uid, is_so=is_so, say=lambda: holding.condition(seen, text))

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget where it was."""
        self._was_inside.pop(uid, None)
        return self.end(uid)


class SpeedWatcher(Watcher):
    """Faster or slower than a speed."""

    def __init__(self, rule: Rule, when: Speed) -> None:
        super().__init__(rule)
        self._when = when

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the speed against the rule's; one that is not known changes nothing."""
        speed, when = seen.speed, self._when
        if speed is None:
            return ()
        beyond = speed > when.than if when.is_faster else speed < when.than
        is_so = beyond and self.holding.is_near(seen.point)
        text = f"goes {speed / KNOT:.1f} kn"
        return self.holding.note(
            seen.uid, is_so=is_so, say=lambda: self.holding.condition(seen, text)
        )


class CallWatcher(Watcher):
    """Calls for help."""

    def __init__(self, rule: Rule, when: Calls) -> None:
        super().__init__(rule)
        self._when = when

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of a call, and of its end."""
        is_so = bool(seen.calls) and self.holding.is_near(seen.point)
        text = f"calls for help: {seen.calls}"
        return self.holding.note(
            seen.uid, is_so=is_so, say=lambda: self.holding.condition(seen, text)
        )


class LoiterWatcher(Watcher):
    """Stays within a distance of one place: of the first that the others are near to."""

    def __init__(self, rule: Rule, when: Loiters) -> None:
        super().__init__(rule)
        self._when = when
        self._since: dict[str, tuple[Point, datetime]] = {}

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the place against the one where it began to stay."""
        uid, holding, when = seen.uid, self.holding, self._when
        began = self._since.get(uid)
        has_left = began is None or distance(began[0], seen.point) > when.within
        if began is None or has_left or not holding.is_near(seen.point):
            self._since[uid] = seen.point, seen.received
            return self.end(uid)
        stayed = seen.received - began[1]
        text = f"has stayed for {about_duration(stayed)}"
        return holding.note(
            uid, is_so=stayed >= when.during, say=lambda: holding.condition(seen, text)
        )

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget where it stayed."""
        self._since.pop(uid, None)
        return self.end(uid)


_Cell = tuple[str, int, int]


class DarkWatcher(Watcher):
    """Says nothing, where its source has heard others near its last place since."""

    CELL = 0.25
    """Degrees: others within a cell or its neighbours, up to 15 or 30 NM away, are near."""

    MAX_CELLS = 100_000

    def __init__(self, rule: Rule, when: Dark) -> None:
        super().__init__(rule)
        self._when = when
        self._heard: dict[_Cell, datetime] = {}

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note that it speaks, and that its source hears what is there."""
        if len(self._heard) >= self.MAX_CELLS:
            self._heard.clear()
        self._heard[self._cell(seen)] = seen.received
        return self.end(seen.uid)

    def _cell(self, seen: Seen) -> _Cell:
        point = seen.point
        return seen.channel, floor(point.lat / self.CELL), floor(point.lon / self.CELL)

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Find those that have fallen silent."""
        found: list[Found] = []
        for uid, seen in tracks.items():
            silent = now - seen.received
            if silent <= self._when.during or self.holding.holds(uid):
                continue
            if self.holding.is_near(seen.point) and self._is_covered(seen):
                text = f"has been silent for {about_duration(silent)}, others near it are heard"
                condition = self.holding.condition(seen, text)
                found += self.holding.note(uid, is_so=True, say=lambda c=condition: c)
        return found

    def _is_covered(self, seen: Seen) -> bool:
        """Tell whether anything near was heard in the later half of its silence."""
        since = seen.received + self._when.during / 2
        channel, row, column = self._cell(seen)
        around = (self._heard.get((channel, row + dy, column + dx)) for dy in _ON for dx in _ON)
        return any(each is not None and each > since for each in around)


_ON = (-1, 0, 1)


class NobodyWatcher(Watcher):
    """For so long there has been none in the area."""

    def __init__(self, rule: Rule, when: Nobody) -> None:
        super().__init__(rule)
        self._when = when
        self._last: datetime | None = None

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of who is there."""
        if not self.holding.is_near(seen.point):
            return ()
        self._last = seen.received
        return self.end("")

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Hold the last that was there against the clock."""
        del tracks
        self._last = self._last or now
        alone = now - self._last
        text = f"nobody has been there for {about_duration(alone)}"
        is_so = alone > self._when.during or self.holding.holds("")
        return self.holding.note("", is_so=is_so, say=lambda: self.holding.general(text))


class FeedWatcher(Watcher):
    """A feed has brought nothing for so long."""

    def __init__(self, rule: Rule, when: SilentFeed) -> None:
        super().__init__(rule)
        self._when = when
        self._last: datetime | None = None

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of what the feed brings."""
        if seen.channel != f"feed:{self._when.name}":
            return ()
        self._last = seen.received
        return self.end("")

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Hold the last that it brought against the clock."""
        del tracks
        self._last = self._last or now
        silent = now - self._last
        text = f"feed {self._when.name} has been silent for {about_duration(silent)}"
        is_so = silent > self._when.during
        return self.holding.note("", is_so=is_so, say=lambda: self.holding.general(text))


FRESH = timedelta(minutes=10)
"""How old a place may be to be held against others."""
