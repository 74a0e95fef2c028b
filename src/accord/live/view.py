"""The picture of one context as everybody may see it who hears the same groups.

A view says what changed since any of its recent sequence numbers. That is what a browser is sent,
whether it keeps up, is slow, or comes back: nothing is queued for any. What is sent to many is
encoded once.
"""

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from accord.core.body import Body, Shape
from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.live.seen import seen
from accord.picture.claims import point_of
from accord.picture.picture import PictureSettings
from accord.release.access import may_see
from accord.wire.page import columns, message
from accord.wire.page.columns import NO_FIX, Fix
from accord.wire.page.translate import Given, fix_of, meta_of

Frame = str | bytes
"""A text or a binary message."""

FormOf = Callable[[Report], Given | None]
"""By which form a partner released a report; None for what is not a partner's or came whole."""

PIECE = 1_000
"""Tracks that one message tells of."""

STEP = 2_000
"""Tracks taken in, and changes encoded, in one go; between, others get their turn."""

NEW = timedelta(seconds=2)
"""What is no older than this counts as of now."""

TTL_SLACK = 0.1
"""A part of how long reports are valid; a smaller difference is not worth telling."""

LOST, REMOVED, RECALLED = "lost", "removed", "recalled"
NOT_RELEASED, NO_ROOM = "no longer released", "no room"
"""Why a track is gone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """Return a time as the page has it."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


class _Entry:
    """A track of the view, and at which sequence number what of it was told last.

    `whole` is as the picture has it, `shown` the claim that leads for this audience, `meta` what is
    said of it, once that is encoded.
    """

    __slots__ = (
        "claims", "described", "fix", "given", "index", "judged", "last", "meta", "moved", "shown",
        "status", "ttl", "whole",
    )  # fmt: skip

    def __init__(self, index: int, whole: Track, shown: Report) -> None:
        self.index = index
        self.whole = whole
        self.shown = shown
        self.claims = 1
        self.given: Given | None = None
        self.ttl = 0
        self.fix: Fix = NO_FIX
        self.status = TrackStatus.LIVE
        self.meta = ""
        self.described = self.moved = self.judged = self.last = 0


class View:
    """What one audience sees of one context. `principal` is anyone of the audience.

    `seq` grows with every change. `before` is what it was before the last round of changes: whoever
    has not come so far is slow.
    """

    def __init__(
        self,
        epoch: str,
        principal: Principal,
        context: Context,
        *,
        picture: PictureSettings,
        form_of: FormOf,
        max_gone: int,
    ) -> None:
        self.epoch = epoch
        self.context = context
        self.principal = principal
        self.users = 0
        self.left: datetime | None = None
        self.seq = 0
        self.before = 0
        self.at = _EPOCH
        self.is_whole = False
        self._picture = picture
        self._form_of = form_of
        self._pending: dict[str, tuple[Track, str]] = {}
        # In order of the last change, so that what changed lately is at the end.
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        # Tracks with claims that this audience may not see: time ends what it sees of them
        # without changing the picture.
        self._partly_seen: dict[str, _Entry] = {}
        self._free: list[int] = []
        self._next_index = 0
        self._gone: deque[tuple[int, int, str]] = deque()
        self._max_gone = max_gone
        self._forgotten = 0
        self._made: dict[int, list[Frame]] = {}

    def __len__(self) -> int:
        """Return how many tracks there are."""
        return len(self._entries)

    def holds(self, seq: int) -> bool:
        """Tell whether it can say what changed since that number."""
        return self._forgotten <= seq <= self.seq

    def note(self, changed: Mapping[str, tuple[Track, str]]) -> None:
        """Let tracks, by id, be looked at in the next steps; with each why, if it is gone."""
        self._pending.update(changed)

    def begin(self, at: datetime) -> None:
        """Begin the round of that moment."""
        self.at = at
        self.before = self.seq
        self._made.clear()
        for track_id, entry in self._partly_seen.items():
            self._pending.setdefault(track_id, (entry.whole, ""))

    def step(self) -> bool:
        """Take in some of what waits; tell whether there is more."""
        pending, seq = self._pending, self.seq + 1
        has_changed = False
        for track_id in list(islice(pending, STEP)):
            track, why = pending.pop(track_id)
            has_changed |= self._take(track, why, seq)
        if has_changed:
            self.seq = seq
            self._made.clear()
        self.is_whole = self.is_whole or not pending
        return bool(pending)

    def _take(self, whole: Track, why: str, seq: int) -> bool:
        entry = self._entries.get(whole.id)
        is_over = whole.status is TrackStatus.REMOVED
        track = None if is_over else seen(whole, self.principal, self.at, self._picture)
        if track is None:
            if entry is None:
                return False
            self._drop(entry, why or LOST if is_over else self._why_unseen(whole), seq)
            return True
        if entry is None:
            entry = self._entries[whole.id] = _Entry(self._index(), whole, track.lead)
            entry.described = seq
        entry.whole = whole
        if len(track.claims) < len(whole.claims):
            self._partly_seen[whole.id] = entry
        else:
            self._partly_seen.pop(whole.id, None)
        is_changed = self._update(entry, track, seq)
        if is_changed:
            entry.last = seq
            self._entries.move_to_end(whole.id)
        return is_changed

    def _why_unseen(self, track: Track) -> str:
        is_told = any(may_see(self.principal, claim) for claim in track.claims.values())
        return LOST if is_told else NOT_RELEASED

    def _update(self, entry: _Entry, track: Track, seq: int) -> bool:
        """Note what of an entry is another; tell whether anything is."""
        before, is_new = entry.shown, entry.described == seq
        shown = entry.shown = track.lead
        has_changed = self._describe(entry, before, len(track.claims), seq)
        if shown is not before or is_new:
            fix = fix_of(shown, point_of(shown))
            # What is heard again at the same place is new as well: the page tells how old it is.
            if fix != NO_FIX or entry.fix != NO_FIX:
                entry.fix, entry.moved, has_changed = fix, seq, True
        if track.status is not entry.status:
            entry.status, entry.judged, has_changed = track.status, seq, True
        return has_changed

    def _describe(self, entry: _Entry, before: Report, claims: int, seq: int) -> bool:
        shown = entry.shown
        given = self._form_of(shown) if shown.source.is_partners else None
        ttl = max(0, int((shown.stale - shown.time).total_seconds()))
        if abs(ttl - entry.ttl) <= TTL_SLACK * entry.ttl:
            ttl = entry.ttl
        is_same = (
            entry.described != seq
            and claims == entry.claims
            and ttl == entry.ttl
            and given == entry.given
            and _is_described_alike(shown, before)
            and not (given is not None and given.on_grid and point_of(shown) != point_of(before))
        )
        if is_same:
            return False
        entry.claims, entry.ttl, entry.given = claims, ttl, given
        entry.meta, entry.described = "", seq
        return True

    def _index(self) -> int:
        if self._free:
            return heapq.heappop(self._free)
        self._next_index += 1
        return self._next_index - 1

    def _drop(self, entry: _Entry, why: str, seq: int) -> None:
        track_id = entry.whole.id
        del self._entries[track_id]
        self._partly_seen.pop(track_id, None)
        heapq.heappush(self._free, entry.index)
        self._gone.append((seq, entry.index, why))
        while len(self._gone) > self._max_gone:
            self._forgotten = self._gone.popleft()[0]

    # What is said.

    def since(self, seq: int) -> Iterable[Frame]:
        """Return what brings a page up to `self.seq`, `ready` last; 0: everything there is.

        What has not changed by much since is encoded once for all who ask; the rest piece by piece
        while it is sent, each track as it is then.
        """
        made = self._made.get(seq)
        if made is not None:
            return made
        gone = [(index, why) for at, index, why in self._gone if at > seq] if seq else []
        changed = self._changed_since(seq)
        frames = self._told(gone, changed, since=seq, upto=self.seq)
        if len(changed) > STEP:
            return frames
        made = self._made[seq] = list(frames)
        return made

    def _changed_since(self, seq: int) -> list[_Entry]:
        found: list[_Entry] = []
        for entry in reversed(self._entries.values()):
            if entry.last <= seq:
                break
            found.append(entry)
        found.reverse()
        return found

    def _told(
        self, gone: Sequence[tuple[int, str]], changed: Sequence[_Entry], *, since: int, upto: int
    ) -> Iterator[Frame]:
        for at in range(0, len(gone), PIECE):
            yield message.gone(gone[at : at + PIECE])
        for at in range(0, len(changed), PIECE):
            here = [each for each in changed[at : at + PIECE] if self._has(each)]
            yield from self._piece(here, since)
        yield message.ready(upto, milliseconds(self.at))

    def _has(self, entry: _Entry) -> bool:
        """Tell whether it has not gone since it was looked up."""
        return self._entries.get(entry.whole.id) is entry

    def _piece(self, entries: Sequence[_Entry], since: int) -> Iterator[Frame]:
        now = milliseconds(self.at)
        described = [self._meta(each) for each in entries if each.described > since]
        if described:
            yield message.tracks(described)
        moved = [each for each in entries if each.moved > since]
        if moved:
            yield columns.positions(now, [(each.index, each.fix) for each in moved])
            old = [(each.index, age) for each in moved if (age := self._age(each))]
            if old:
                yield columns.ages(now, old)
        judged = [(each.index, each.status.value) for each in entries if each.judged > since]
        if judged:
            yield message.states(judged)

    def _age(self, entry: _Entry) -> int:
        """Return how many seconds ago an entry was where it is; 0 for now."""
        age = self.at - min(entry.shown.time, entry.shown.received)
        return int(age.total_seconds()) if age >= NEW else 0

    def _meta(self, entry: _Entry) -> str:
        if not entry.meta:
            shown = entry.shown
            said = meta_of(
                shown,
                point_of(shown),
                given=entry.given,
                hears=self.principal.hears,
                ttl=entry.ttl,
                claims=entry.claims,
            )
            entry.meta = message.track({"i": entry.index, **said})
        return entry.meta


def _is_described_alike(report: Report, before: Report) -> bool:
    """Tell whether two reports say the same of what does not change from fix to fix."""
    return report is before or (
        report.source == before.source
        and report.uid == before.uid
        and (report.identity is before.identity or report.identity == before.identity)
        and report.kind == before.kind
        and report.groups == before.groups
        and _is_drawn_alike(report.body, before.body)
        and report.doubts == before.doubts
    )


def _is_drawn_alike(body: Body, before: Body) -> bool:
    """Tell whether two bodies are of one sort, and drawn with the same outline."""
    if isinstance(body, Shape) and isinstance(before, Shape):
        return body.outline == before.outline
    return type(body) is type(before)
