"""Holds the picture against every rule, and says what arises and what ends. Without a clock."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import assert_never

from accord.core.context import Context
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.desks.watch.alert import Condition
from accord.desks.watch.rules.pairs import ClosestWatcher, MeetWatcher
from accord.desks.watch.rules.seen import Found, Matches, Seen, seen_in
from accord.desks.watch.rules.single import (
    AreaWatcher,
    CallWatcher,
    DarkWatcher,
    FeedWatcher,
    LoiterWatcher,
    NobodyWatcher,
    SpeedWatcher,
    Watcher,
)
from accord.desks.watch.rules.text import (
    Calls,
    Closest,
    Dark,
    Enters,
    Inside,
    Leaves,
    Loiters,
    Meets,
    Nobody,
    Rule,
    SilentFeed,
    Speed,
)
from accord.picture.claims import lead_of
from accord.picture.picture import Change

MAX_TRACKS = 100_000
"""Tracks that one rule remembers; beyond, no new ones are."""


class _Kept:
    """A rule, what it is about, and the tracks that it is about."""

    __slots__ = ("context", "matches", "tracks", "watcher")

    def __init__(self, rule: Rule, counts: Counter[str]) -> None:
        self.context: Context = rule.context
        self.matches = Matches(rule)
        self.watcher = _watcher(rule, counts)
        self.tracks: dict[str, Seen] = {}


class Judge:
    """Keeps to the rules. `counts` says what was left out, or left for later."""

    def __init__(self, rules: Sequence[Rule], counts: Counter[str] | None = None) -> None:
        self.counts = Counter[str]() if counts is None else counts
        self._kept = [_Kept(each, self.counts) for each in rules]
        self._contexts = {each.context for each in self._kept}

    def see(self, change: Change) -> Sequence[Found]:
        """Take note of a change of the picture."""
        track = change.track
        if track is None or track.context not in self._contexts:
            return ()
        if track.status is TrackStatus.REMOVED:
            return list(self._gone(track))
        # A track that only grows old has said nothing.
        return () if change.report is None else list(self._said(track))

    def _said(self, track: Track) -> Iterator[Found]:
        for each in self._kept:
            claim = _claim(track, each.tracks.get(track.id))
            if each.context != track.context or not each.matches(claim):
                continue
            seen = seen_in(track.id, claim)
            if seen is None:
                continue
            if track.id not in each.tracks and len(each.tracks) >= MAX_TRACKS:
                self.counts["tracks beyond what a rule remembers"] += 1
                continue
            each.tracks[track.id] = seen
            yield from each.watcher.see(seen)

    def _gone(self, track: Track) -> Iterator[Found]:
        for each in self._kept:
            if each.context == track.context and each.tracks.pop(track.id, None) is not None:
                yield from each.watcher.forget(track.id)

    def held(self) -> Iterator[Condition]:
        """Yield everything that is so, as it was when it began to be."""
        for each in self._kept:
            yield from each.watcher.holding.all().values()

    def look(self, now: datetime) -> list[Found]:
        """Hold everything against the clock."""
        return [found for each in self._kept for found in each.watcher.look(now, each.tracks)]


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
        case Nobody() as when:
            return NobodyWatcher(rule, when)
        case Dark() as when:
            return DarkWatcher(rule, when)
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
        case SilentFeed() as when:
            return FeedWatcher(rule, when)
        case _ as never:
            assert_never(never)
