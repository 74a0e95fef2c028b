"""Holds the picture against every rule, and says what arises and what ends. Without a clock."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from accord.core.context import Context
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.desks.watch.alert import Condition
from accord.desks.watch.rules.pairs import ClosestWatcher, MeetWatcher
from accord.desks.watch.rules.seen import Found, Matches, Seen, seen_in
from accord.desks.watch.rules.single import (
    AreaWatcher,
    CallWatcher,
    ChangeWatcher,
    DarkWatcher,
    IdentityWatcher,
    LoiterWatcher,
    NobodyWatcher,
    SourceWatcher,
    SpeedWatcher,
    Watcher,
)
from accord.desks.watch.rules.storm import Storm
from accord.desks.watch.rules.text import (
    Calls,
    Closest,
    Dark,
    Enters,
    IdentityChanges,
    Inside,
    Leaves,
    Loiters,
    Meets,
    Nobody,
    Rule,
    SilentFeed,
    SilentPartner,
    Speed,
    SpeedChanges,
    Turns,
)
from accord.picture.claims import lead_of
from accord.picture.picture import Change

Memory = Mapping[str, Any]
"""What a rule remembers, as JSON has it."""

MAX_TRACKS = 100_000
"""Tracks that one rule remembers; beyond, no new ones are."""


class _Kept:
    """A rule, what it is about, and the tracks that it is about."""

    __slots__ = ("rule", "storm", "tracks", "watcher")

    def __init__(self, rule: Rule, tracks: dict[str, Seen], counts: Counter[str]) -> None:
        self.rule = rule
        self.storm = Storm(rule)
        self.watcher = _watcher(rule, counts)
        self.tracks = tracks


class _Alike:
    """The rules about one context and the same kinds: what they are told of is worked out once."""

    __slots__ = ("context", "matches", "rules", "tracks")

    def __init__(self, rules: Sequence[Rule], counts: Counter[str]) -> None:
        self.context: Context = rules[0].context
        self.matches = Matches(rules[0])
        self.tracks: dict[str, Seen] = {}
        self.rules = [_Kept(each, self.tracks, counts) for each in rules]


class Judge:
    """Keeps to the rules. `counts` says what was left out, or left for later."""

    def __init__(self, rules: Sequence[Rule], counts: Counter[str] | None = None) -> None:
        self.counts = Counter[str]() if counts is None else counts
        alike: dict[tuple[Context, tuple[str, ...]], list[Rule]] = {}
        for each in rules:
            alike.setdefault((each.context, each.kinds), []).append(each)
        self._alike = [_Alike(each, self.counts) for each in alike.values()]
        by_name = {kept.rule.name: kept for group in self._alike for kept in group.rules}
        self._kept = [by_name[each.name] for each in rules]
        self._contexts = {each.context for each in rules}

    def see(self, change: Change) -> Sequence[Found]:
        """Take note of a change of the picture."""
        track = change.track
        if track is None or track.context not in self._contexts:
            return ()
        if track.status is TrackStatus.REMOVED:
            return list(self._gone(track))
        # A track that only grows old has said nothing.
        return () if change.report is None else self._said(track)

    def _said(self, track: Track) -> list[Found]:
        found: list[Found] = []
        for alike in self._alike:
            if alike.context != track.context:
                continue
            known = alike.tracks.get(track.id)
            claim = _claim(track, known)
            seen = seen_in(track.id, claim) if alike.matches(claim) else None
            if seen is None:
                continue
            if known is None and len(alike.tracks) >= MAX_TRACKS:
                self.counts["tracks beyond what a rule remembers"] += 1
                continue
            alike.tracks[track.id] = seen
            for each in alike.rules:
                found += each.watcher.see(seen)
        return found

    def _gone(self, track: Track) -> Iterator[Found]:
        for alike in self._alike:
            if alike.context == track.context and alike.tracks.pop(track.id, None) is not None:
                for each in alike.rules:
                    yield from each.watcher.forget(track.id)

    def settle(self) -> None:
        """Let go of what was remembered of tracks that are not on the picture any more."""
        for each in self._kept:
            for about, condition in each.watcher.holding.all().items():
                if condition.uid is not None and condition.uid not in each.tracks:
                    each.watcher.holding.release(about)

    def held(self) -> Iterator[Condition]:
        """Yield everything that is so, as it was when it began to be; a storm as one."""
        for each in self._kept:
            yield from each.storm.folded(each.watcher.holding.all().values())

    def look(self, now: datetime) -> list[Found]:
        """Hold everything against the clock."""
        return [
            found
            for each in self._kept
            for found in (
                *each.watcher.look(now, each.tracks),
                *each.watcher.holding.overdue(now),
            )
        ]

    def correction(self, key: str) -> str:
        """Return why what is over by this key never was so; empty where it was. Told once."""
        found = (each.watcher.holding.corrections.pop(key, "") for each in self._kept)
        return next(filter(None, found), "")

    def memory(self) -> dict[str, Memory]:
        """Return what each rule has to remember over a restart, by the rule's name."""
        return {
            each.rule.name: {
                "rule": repr(each.rule),
                "held": each.watcher.holding.memory(),
                "knows": each.watcher.memory(),
            }
            for each in self._kept
        }

    def remember(self, kept: Mapping[str, Memory]) -> None:
        """Take in what rules had to remember; a rule that has been changed since begins anew."""
        for each in self._kept:
            known = kept.get(each.rule.name)
            if known is None or known["rule"] != repr(each.rule):
                continue
            try:
                each.watcher.holding.remember(known["held"])
                each.watcher.remember(known["knows"])
            except (KeyError, TypeError, ValueError):
                self.counts["memories of rules that cannot be read"] += 1


def _claim(track: Track, known: Seen | None) -> Report:
    """Return what a rule goes by: the leading claim of those that the people heard who are told.

    What others are told under the same uid neither raises nor ends what these were told of.
    """
    if known is None or not known.groups.isdisjoint(track.lead.groups):
        return track.lead
    theirs = {s: c for s, c in track.claims.items() if not known.groups.isdisjoint(c.groups)}
    return lead_of(theirs) if theirs else track.lead


def _watcher(rule: Rule, counts: Counter[str]) -> Watcher:  # noqa: PLR0911  one line for each condition
    match rule.when:
        case Inside() | Enters() | Leaves() as when:
            return AreaWatcher(rule, when)
        case Loiters() as when:
            return LoiterWatcher(rule, when)
        case Meets() as when:
            return MeetWatcher(rule, when, counts)
        case Speed() as when:
            return SpeedWatcher(rule, when)
        case Closest() as when:
            return ClosestWatcher(rule, when, counts)
        case Calls() as when:
            return CallWatcher(rule, when)
        case IdentityChanges():
            return IdentityWatcher(rule)
        case _ as when:
            return _of_time(rule, when)


def _of_time(
    rule: Rule, when: Nobody | Dark | SilentFeed | SilentPartner | Turns | SpeedChanges
) -> Watcher:
    match when:
        case Nobody():
            return NobodyWatcher(rule, when.during)
        case Dark():
            return DarkWatcher(rule, when)
        case SilentFeed() | SilentPartner():
            return SourceWatcher(rule, when)
        case Turns() | SpeedChanges():
            return ChangeWatcher(rule, when)
        case _ as never:
            assert_never(never)
