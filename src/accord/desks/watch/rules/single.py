"""Rules about one track: where it is, how fast, how long it stays, whether it falls silent."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import floor
from typing import Any

from accord.core.geometry import Point, distance
from accord.core.quantity import about_duration
from accord.desks.watch.alert import Condition
from accord.desks.watch.rules.seen import Found, Holding, Seen, moment
from accord.desks.watch.rules.text import (
    KNOT,
    Calls,
    Dark,
    Enters,
    Inside,
    Leaves,
    Loiters,
    Rule,
    SilentFeed,
    SilentPartner,
    Speed,
    SpeedChanges,
    Turns,
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
        return self.holding.release(uid)

    def end(self, uid: str, at: datetime) -> Sequence[Found]:
        """Return that it is so no more of this track."""
        return self.holding.note(uid, is_so=False, say=_nothing, at=at)

    def memory(self) -> Mapping[str, object]:
        """Return what it has to remember over a restart, for JSON."""
        return {}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in what it had to remember."""
        del kept


def _nothing() -> Condition:
    raise AssertionError("what is not so says nothing")


class AreaWatcher(Watcher):
    """In an area, into it, out of it."""

    def __init__(self, rule: Rule, when: Inside | Enters | Leaves) -> None:
        super().__init__(rule)
        self._when = when
        self._was_inside: dict[str, bool] = {}

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the place against the area."""
        holding, uid = self.holding, seen.uid
        inside = holding.is_near(seen)
        before = self._was_inside.get(uid)
        if inside is before and not holding.has_any:
            return ()  # most of the time, of most tracks
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
        return holding.note(
            uid, is_so=is_so, say=lambda: holding.condition(seen, text), at=seen.received
        )

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget where it was."""
        self._was_inside.pop(uid, None)
        return super().forget(uid)


class SpeedWatcher(Watcher):
    """Faster or slower than a speed."""

    def __init__(self, rule: Rule, when: Speed) -> None:
        super().__init__(rule)
        self._when = when

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the speed against the rule's; one that is not known changes nothing."""
        speed, when, holding = seen.speed, self._when, self.holding
        if speed is None:
            return ()
        beyond = speed > when.than if when.is_faster else speed < when.than
        is_so = beyond and holding.is_near(seen)
        if not is_so and not holding.has_any:
            return ()

        def say() -> Condition:
            return holding.condition(seen, f"goes {speed / KNOT:.1f} kn")

        return holding.note(seen.uid, is_so=is_so, say=say, at=seen.received)


class CallWatcher(Watcher):
    """Calls for help."""

    def __init__(self, rule: Rule, when: Calls) -> None:
        super().__init__(rule)
        self._when = when

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of a call, and of its end."""
        is_so = bool(seen.calls) and self.holding.is_near(seen)
        if not is_so and not self.holding.has_any:
            return ()

        def say() -> Condition:
            return self.holding.condition(seen, f"calls for help: {seen.calls}")

        return self.holding.note(seen.uid, is_so=is_so, say=say, at=seen.received)


class LoiterWatcher(Watcher):
    """Stays within a distance of one place: of the first that the others are near to."""

    def __init__(self, rule: Rule, when: Loiters) -> None:
        super().__init__(rule)
        self._when = when
        self._since: dict[str, tuple[Point, datetime]] = {}
        self._newest: datetime | None = None

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold the place against the one where it began to stay."""
        uid, holding, when = seen.uid, self.holding, self._when
        self._newest = seen.received
        began = self._since.get(uid)
        has_left = began is None or distance(began[0], seen.point) > when.within
        if began is None or has_left or not holding.is_near(seen):
            self._since[uid] = seen.point, seen.received
            return self.end(uid, seen.received)
        stayed = seen.received - began[1]
        text = f"has stayed for {about_duration(stayed)}"
        return holding.note(
            uid,
            is_so=stayed >= when.during,
            say=lambda: holding.condition(seen, text),
            at=seen.received,
        )

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget where it stayed."""
        self._since.pop(uid, None)
        return super().forget(uid)

    def memory(self) -> Mapping[str, object]:
        """Return since when each has been where, of those that have been for a while."""
        newest = self._newest
        return {
            uid: (point.lat, point.lon, since.timestamp())
            for uid, (point, since) in self._since.items()
            if newest is not None and newest - since >= self._when.during / 4
        }

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in since when each has been where."""
        for uid, (lat, lon, since) in kept.items():
            self._since[uid] = Point(lat=lat, lon=lon), moment(since)


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
        self.holding.correct(seen.uid, seen.time)
        return self.end(seen.uid, seen.received)

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
            if self.holding.is_near(seen) and self._is_covered(seen):
                text = f"has been silent for {about_duration(silent)}, others near it are heard"
                condition = self.holding.condition(seen, text)
                found += self.holding.note(uid, is_so=True, say=lambda c=condition: c, at=now)
        return found

    def _is_covered(self, seen: Seen) -> bool:
        """Tell whether anything near was heard in the later half of its silence."""
        since = seen.received + self._when.during / 2
        channel, row, column = self._cell(seen)
        around = (self._heard.get((channel, row + dy, column + dx)) for dy in _ON for dx in _ON)
        return any(each is not None and each > since for each in around)


_ON = (-1, 0, 1)


class SilenceWatcher(Watcher, ABC):
    """For so long there has been none of something."""

    def __init__(self, rule: Rule, during: timedelta) -> None:
        super().__init__(rule)
        self._during = during
        self._last: datetime | None = None

    @abstractmethod
    def is_it(self, seen: Seen) -> bool:
        """Tell whether this is what is waited for."""

    @abstractmethod
    def text(self, silent: timedelta) -> str:
        """Return in a few words that it has been silent for so long."""

    def see(self, seen: Seen) -> Sequence[Found]:
        """Take note of what there is."""
        if not self.is_it(seen):
            return ()
        self._last = seen.received
        self.holding.correct("", seen.time)
        return self.end("", seen.received)

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """Hold the last that there was against the clock."""
        del tracks
        self._last = self._last or now
        silent = now - self._last
        if silent <= self._during:
            return self.end("", now)
        text = self.text(silent)
        return self.holding.note("", is_so=True, say=lambda: self.holding.general(text), at=now)

    def memory(self) -> Mapping[str, object]:
        """Return when there was any."""
        return {} if self._last is None else {"last": self._last.timestamp()}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in when there was any."""
        if "last" in kept:
            self._last = moment(kept["last"])


class NobodyWatcher(SilenceWatcher):
    """For so long there has been none in the area."""

    def is_it(self, seen: Seen) -> bool:
        """Tell whether it is in the area."""
        return self.holding.is_near(seen)

    def text(self, silent: timedelta) -> str:
        """Return for how long nobody has been there."""
        return f"nobody has been there for {about_duration(silent)}"


class SourceWatcher(SilenceWatcher):
    """A feed has brought nothing for so long, or a partner given nothing."""

    def __init__(self, rule: Rule, when: SilentFeed | SilentPartner) -> None:
        super().__init__(rule, when.during)
        self._kind = "feed" if isinstance(when, SilentFeed) else "partner"
        self._name = when.name
        self._channel = f"{self._kind}:{when.name}"

    def is_it(self, seen: Seen) -> bool:
        """Tell whether it came from there."""
        return seen.channel == self._channel

    def text(self, silent: timedelta) -> str:
        """Return for how long it has been silent."""
        return f"{self._kind} {self._name} has been silent for {about_duration(silent)}"


class ChangeWatcher(Watcher):
    """Its course or speed has changed by so much within so long."""

    STEPS = 6
    """Values of a track that are remembered over that time."""

    SLOWEST = 1.0
    """Metres a second below which a course says nothing."""

    def __init__(self, rule: Rule, when: Turns | SpeedChanges) -> None:
        super().__init__(rule)
        self._when = when
        self._step = when.during / self.STEPS
        self._before: dict[str, deque[tuple[datetime, float]]] = {}

    def _value(self, seen: Seen) -> float | None:
        if isinstance(self._when, SpeedChanges):
            return seen.speed
        return seen.course if (seen.speed or 0.0) >= self.SLOWEST else None

    def _by(self, now: float, before: float) -> float:
        if isinstance(self._when, SpeedChanges):
            return abs(now - before)
        return abs((now - before + 180.0) % 360.0 - 180.0)

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold it against what it said before; what it does not say changes nothing."""
        value, at, uid = self._value(seen), seen.received, seen.uid
        if value is None:
            return ()
        before = self._before.get(uid)
        if before is None:
            before = self._before[uid] = deque(maxlen=self.STEPS + 1)
        while before and at - before[0][0] > self._when.during:
            before.popleft()
        most = max((self._by(value, each) for _, each in before), default=0.0)
        if not before or at - before[-1][0] >= self._step:
            before.append((at, value))
        is_so = most > self._when.by and self.holding.is_near(seen)
        return self.holding.note(
            uid,
            is_so=is_so,
            say=lambda: self.holding.condition(seen, self._text(most)),
            at=at,
        )

    def _text(self, most: float) -> str:
        during = about_duration(self._when.during)
        if isinstance(self._when, SpeedChanges):
            return f"has changed its speed by {most / KNOT:.0f} kn within {during}"
        return f"has turned by {most:.0f} degrees within {during}"

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget what it said."""
        self._before.pop(uid, None)
        return super().forget(uid)


class IdentityWatcher(Watcher):
    """It has said another name, callsign or number than before."""

    WORDS = ("name", "callsign", "MMSI", "IMO number", "ICAO address")

    LASTS = timedelta(minutes=30)
    """For how long it is told that it did."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._said: dict[str, tuple[str | None, ...]] = {}
        self._changed: dict[str, datetime] = {}

    def see(self, seen: Seen) -> Sequence[Found]:
        """Hold what it says against what it said before; what it said not yet is no change."""
        uid, before = seen.uid, self._said.get(seen.uid)
        if before == seen.says:
            return ()
        known = before or seen.says
        self._said[uid] = tuple(now or was for now, was in zip(seen.says, known, strict=True))
        changes = [
            f"{word} {was} to {now}"
            for word, was, now in zip(self.WORDS, known, seen.says, strict=True)
            if was and now and was != now
        ]
        if not changes or not self.holding.is_near(seen):
            return ()
        self._changed[uid] = seen.received
        text = f"has changed its {' and its '.join(changes)}"
        # Another change while the first is still told of is a new alert.
        return [
            *self.holding.release(uid),
            *self.holding.note(
                uid,
                is_so=True,
                say=lambda: self.holding.condition(seen, text),
                at=seen.received,
            ),
        ]

    def look(self, now: datetime, tracks: Mapping[str, Seen]) -> Sequence[Found]:
        """End what was told long enough."""
        del tracks
        over = [uid for uid, at in self._changed.items() if now - at >= self.LASTS]
        found: list[Found] = []
        for uid in over:
            del self._changed[uid]
            found += self.end(uid, now)
        return found

    def forget(self, uid: str) -> Sequence[Found]:
        """Forget what it said."""
        self._said.pop(uid, None)
        self._changed.pop(uid, None)
        return super().forget(uid)

    def memory(self) -> Mapping[str, object]:
        """Return which were told to have changed; what each says is learnt from the picture."""
        return {uid: at.timestamp() for uid, at in self._changed.items()}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Take in which were told to have changed."""
        self._changed.update({uid: moment(at) for uid, at in kept.items()})


FRESH = timedelta(minutes=10)
"""How old a place may be to be held against others."""
