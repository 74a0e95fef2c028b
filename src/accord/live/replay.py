"""The picture as this node had it, made again from the journal, and what became of it since.

A replay has a picture, views and a clock of its own: what it tells is made by the code that tells
the live picture. Slow work, for a thread; one thread at a time.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import sub

from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.track import Track
from accord.live.past import GivenUp, Past, Recalls, opened
from accord.live.view import FormOf, Frame, View
from accord.live.views import StreamSettings, Views
from accord.picture.picture import Picture, PictureSettings
from accord.release.access import may_see
from accord.storage.database import Reader, Ring
from accord.storage.restore import Restoration
from accord.storage.segment import OpenSegment, Origin, Record
from accord.storage.settings import JournalSettings
from accord.wire.page import message

LOOKED_BACK = timedelta(hours=2)
"""How far before a moment all positions are looked for; beyond, those that are valid still."""

MOST_LINES = 400_000
"""Kept reports of a ring that are looked at; where more could be in it, it is not whole."""

MOST_TRACKS = 50_000
MOST_BYTES = 128 << 20
"""Of the picture of one replay."""

AHEAD = timedelta(minutes=10)
"""A jump by no more than this is played, and not begun anew."""

MOST_AT_ONCE = 60_000
"""Kept reports looked at in one go; a replay that has more to tell goes slower than asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What a replay goes by, as the live picture does."""

    picture: PictureSettings
    journal: JournalSettings
    form_of: FormOf

    def of_one(self) -> PictureSettings:
        """Return what the picture of one replay may hold."""
        picture = self.picture
        return replace(
            picture,
            max_tracks=min(picture.max_tracks, MOST_TRACKS),
            max_bytes=min(picture.max_bytes, MOST_BYTES),
        )


class _Moment:
    """A clock that shows the moment of the replay."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the moment that is shown."""
        return self.at

    def monotonic(self) -> float:
        """Return it in seconds."""
        return self.at.timestamp()


class Replay:
    """One person's replay of one context. `frames` are as docs/reference/stream.md has them.

    `at` is the moment shown, `since` how far back was looked for it. Not `whole`: there was more
    than is looked at, or than a replay holds. GivenUp when `is_awaited` says so.
    """

    def __init__(
        self,
        past: Past,
        settings: ReplaySettings,
        by: Principal,
        context: Context,
        *,
        name: str,
        is_awaited: Callable[[], bool],
    ) -> None:
        self._past = past
        self._settings = settings
        self._by = by
        self._context = context
        self._name = name
        self._is_awaited = is_awaited
        self._begun = 0
        self._seq = 0
        self._number = 0
        self._clock = _Moment(datetime.fromtimestamp(0, UTC))
        self._views: Views | None = None
        self._picture = self._new_picture()
        self._view: View | None = None
        self.since = self.at
        self.whole = True

    @property
    def at(self) -> datetime:
        """The moment shown."""
        return self._clock.at

    def jump(self, at: datetime) -> list[Frame]:
        """Show the picture of a moment."""
        with closing(self._past.reader()) as reader:
            self._number = reader.number_at(at.timestamp())
            self._views = None
            self._picture = self._new_picture()
            self._clock = _Moment(at)
            self._restore(reader, at)
        self._expire(None)
        self._begun += 1
        self._views = Views(
            StreamSettings(),
            picture=self._picture,
            clock=self._clock,
            form_of=self._settings.form_of,
            boot=f"{self._name}.{self._begun}",
        )
        view = self._view = self._views.open(self._by, self._context)
        self._take_in(view)
        context = f"replay:{self._context}"
        begin = message.snapshot(view.epoch, context, len(view), view=message.REPLAY)
        self._seq = view.seq
        return [begin, *view.since(0)]

    def _new_picture(self) -> Picture:
        return Picture(self._settings.of_one(), evicted=self._note_evicted)

    def _note_evicted(self, track: Track) -> None:
        """Something had no room: from now on the picture is not whole."""
        self.whole = False
        if self._views is not None:
            self._views.evicted(track)

    def _take_in(self, view: View) -> None:
        while view.step():
            self._look_up()

    def _look_up(self) -> None:
        if not self._is_awaited():
            raise GivenUp

    def _restore(self, reader: Reader, at: datetime) -> None:
        picture = self._settings.picture
        restoration = Restoration(
            replace(self._settings.journal, restored_messages=0, restored_bytes=MOST_BYTES),
            now=at,
            max_age=picture.max_age,
            max_stale=picture.lost_after + picture.removed_after,
            wanted=self._is_wanted,
        )
        self.since, self.whole = at - LOOKED_BACK, True
        rings = sorted(reader.rings(), key=_positions_last)
        for ring in rings:
            self._search(reader, ring, restoration, at.timestamp())
        hidden = self._past.recalls(reader)
        for record in restoration.records():
            self._apply(record, hidden, None)

    def _search(self, reader: Reader, ring: Ring, into: Restoration, at: float) -> None:
        """Show a ring to the restoration, the newest first, as far as is looked.

        Of older positions only segments are shown in which one is valid still, or was lately.
        """
        picture, lines, longest = self._settings.picture, 0, 0.0
        lingers = (picture.lost_after + picture.removed_after).total_seconds()
        for _, segment in opened(reader.backwards(ring, self._number)):
            self._look_up()
            newest = max(segment.received)
            is_recent = ring.is_durable or at - newest <= LOOKED_BACK.total_seconds()
            if not is_recent and newest < into.since:
                return
            longest = max(longest, *map(sub, segment.stale, segment.received))
            if is_recent or max(segment.stale) + lingers >= at:
                into.look(segment, is_durable=ring.is_durable)
            lines += len(segment)
            if into.is_full() or (lines > MOST_LINES and is_recent):
                self.whole = False
                return
            if lines > MOST_LINES:
                # What is older can only matter if it is valid for longer than all that was seen.
                self.whole = self.whole and longest + lingers < at - newest
                return

    def _is_wanted(self, origin: Origin) -> bool:
        """Tell whether something is of use for what he sees; what ends or calls always is."""
        return origin.context == self._context and (
            origin.body in ("removal", "alarm") or may_see(self._by, origin)
        )

    def _apply(self, record: Record, hidden: Recalls, views: Views | None) -> None:
        if hidden.hides(record.source.channel, record.uid, record.sequence):
            return
        report = self._past.report_of(record)
        change = None if report is None else self._picture.apply(report)
        if change is not None and views is not None:
            views.note(change)

    def _expire(self, views: Views | None) -> None:
        while changes := self._picture.expire(self.at):
            for each in changes:
                if views is not None:
                    views.note(each)

    def advance(self, to: datetime) -> list[Frame]:
        """Let time pass up to a moment, or as far as can be told at once."""
        views, view = self._views, self._view
        if views is None or view is None or not self.at <= to <= self.at + AHEAD:
            return self.jump(to)
        with closing(self._past.reader()) as reader:
            records, reached = self._next(reader, to)
            hidden = self._past.recalls(reader)
        for record in records:
            self._look_up()
            self._apply(record, hidden, views)
        self._clock.at = reached
        self._expire(views)
        views.begin_round()
        self._take_in(view)
        frames = [] if view.seq == self._seq else list(view.since(self._seq))
        self._seq = view.seq
        return frames

    def _next(self, reader: Reader, to: datetime) -> tuple[Sequence[Record], datetime]:
        """Return what came up to a moment, of positions the newest of each, and how far that is."""
        newest = _Newest(self._is_wanted)
        until = to.timestamp()
        for number, segment in opened(reader.forwards(self._number, 1 << 62)):
            last = max(segment.received)
            if last > until:
                break
            newest.look(segment)
            self._number = number
            if newest.lines >= MOST_AT_ONCE:
                reached = datetime.fromtimestamp(last, UTC)
                return newest.records(), max(self.at, min(to, reached))
        return newest.records(), to


class _Newest:
    """Of positions the newest of each source and object, and everything else."""

    def __init__(self, wanted: Callable[[Origin], bool]) -> None:
        self.lines = 0
        self._wanted = wanted
        self._positions: dict[tuple[object, bytes], tuple[OpenSegment, int]] = {}
        self._others: list[Record] = []

    def look(self, segment: OpenSegment) -> None:
        """Take in a segment; what is addressed to somebody is on no picture."""
        self.lines += len(segment)
        wanted = [each.body != "opaque" and self._wanted(each) for each in segment.table]
        if not any(wanted):
            return
        for index, uid in enumerate(segment.uids()):
            origin = segment.table[segment.origins[index]]
            if not wanted[segment.origins[index]] or segment.is_addressed(index):
                continue
            if origin.body == "position":
                self._positions[origin.source, uid] = segment, index
            elif origin.body != "message":
                self._others.append(segment.record(index))

    def records(self) -> list[Record]:
        """Return them in the order in which they were accepted."""
        positions = (segment.record(index) for segment, index in self._positions.values())
        return sorted([*positions, *self._others], key=_sequence)


def _sequence(record: Record) -> int:
    return record.sequence


def _positions_last(ring: Ring) -> tuple[bool, str]:
    return not ring.is_durable, ring.channel
