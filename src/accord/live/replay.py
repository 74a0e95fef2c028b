"""The picture as this node had it, made again from the journal, and what became of it since.

A replay has a picture, views and a clock of its own: what it tells is made by the code that tells
the live picture. Slow work, for a thread; one thread at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track
from accord.live.past import Past
from accord.live.player import Moment, Played
from accord.live.reel import MOST_BYTES, Reel
from accord.live.view import FormOf, Frame, View
from accord.live.views import StreamSettings, Views
from accord.picture.picture import Picture, PictureSettings
from accord.release.access import may_see
from accord.storage.segment import Origin
from accord.storage.settings import JournalSettings
from accord.wire.page import message

MOST_TRACKS = 50_000
"""Of the picture of one replay, and MOST_BYTES."""

AHEAD = timedelta(minutes=10)
"""A jump by no more than this is played, and not begun anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What a replay goes by, as the live picture does."""

    picture: PictureSettings
    journal: JournalSettings
    form_of: FormOf
    history: "Callable[[Principal, Context, Callable[[], bool]], Played] | None" = None
    """Plays positions for somebody that only the history has."""


def of_one(picture: PictureSettings) -> PictureSettings:
    """Return what the picture of one replay may hold."""
    return replace(
        picture,
        max_tracks=min(picture.max_tracks, MOST_TRACKS),
        max_bytes=min(picture.max_bytes, MOST_BYTES),
    )


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
        self._settings = settings
        self._by = by
        self._context = context
        self._name = name
        self._reel = Reel(
            past,
            settings.picture,
            settings.journal,
            wanted=self._is_wanted,
            is_awaited=is_awaited,
        )
        play = settings.history
        self._long_ago = None if play is None else play(by, context, is_awaited)
        self._past = past
        self._is_beyond = False
        self._begun = 0
        self._seq = 0
        self._clock = Moment(datetime.fromtimestamp(0, UTC))
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
        reports = self._begin(at)
        self.since, self.whole = self._reel.since, self._reel.whole and self._is_history_whole
        self._views = None
        self._picture = self._new_picture()
        self._clock = Moment(at)
        for report in reports:
            self._apply(report, None)
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

    def _begin(self, at: datetime) -> Sequence[Report]:
        """Return what made the picture; positions of the history where the journal has no more."""
        moment = at.timestamp()
        self._is_beyond = self._past.further(moment, moment) is not None
        reports: list[Report] = list(self._reel.begin(at))
        if self._is_beyond and self._long_ago is not None:
            reports += self._long_ago.begin(at)
        return reports

    @property
    def _is_history_whole(self) -> bool:
        return not self._is_beyond or self._long_ago is None or self._long_ago.whole

    def _next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        reports, reached = self._reel.next(to)
        if not self._is_beyond or self._long_ago is None:
            return reports, reached
        more, _ = self._long_ago.next(reached)
        self.whole = self.whole and self._long_ago.whole
        return sorted([*reports, *more], key=_received), reached

    def _new_picture(self) -> Picture:
        return Picture(of_one(self._settings.picture), evicted=self._note_evicted)

    def _note_evicted(self, track: Track) -> None:
        """Something had no room: from now on the picture is not whole."""
        self.whole = False
        if self._views is not None:
            self._views.evicted(track)

    def _take_in(self, view: View) -> None:
        while view.step():
            self._reel.look_up()

    def _is_wanted(self, origin: Origin) -> bool:
        """Tell whether something is of use for what he sees; what ends or calls always is."""
        if self._is_beyond and origin.body == "position":
            return False
        return origin.context == self._context and (
            origin.body in ("removal", "alarm") or may_see(self._by, origin)
        )

    def _apply(self, report: Report, views: Views | None) -> None:
        change = self._picture.apply(report)
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
        reports, reached = self._next(to)
        for report in reports:
            self._apply(report, views)
        reached = max(self.at, reached)
        self._clock.at = reached
        self._expire(views)
        views.begin_round()
        self._take_in(view)
        frames = [] if view.seq == self._seq else list(view.since(self._seq))
        self._seq = view.seq
        return frames


def _received(report: Report) -> datetime:
    return report.received
