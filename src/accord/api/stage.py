"""The replay that a node plays to its TAK clients and to browsers: one at a time, steered by one.

It has a context, a picture, views and clients of its own. What is live goes past it, but for a live
call for help, which is told to whoever watches.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from accord.api.performance import Performance, Shown, StageAround, ToPlay
from accord.api.replay import NoReplay
from accord.api.workers import Workers
from accord.core.body import Alarm
from accord.core.context import LIVE
from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.core.report import Report
from accord.core.track import Track, TrackStatus
from accord.live.asked import GivenUp
from accord.live.views import StreamSettings, Views
from accord.observe.broken import noted
from accord.picture.picture import Change
from accord.picture.query import Filter
from accord.storage.database import StorageFault

STEP = 0.25
"""Seconds between two looks at what is next."""

ROUND = 1.0
"""Seconds between two rounds of what browsers are told."""

LONGEST_TURN = 2.0
"""Seconds that pass in one turn at most, however long the last took."""

AT_ONCE = 500
"""Reports that are shown in one go: some milliseconds, and then what is live gets its turn."""

AGAIN = 60.0
"""Seconds after which clients are told again what stands still."""

MOST_ALARMS = 1_000
"""Live calls for help that whoever comes to watch is told of; beyond, they are counted."""

T = TypeVar("T")


class Stage:
    """Plays one replay at a time. `run` keeps it going; `changed` is told when it is another."""

    def __init__(self, around: StageAround) -> None:
        self.on: Performance | None = None
        self.changed: Callable[[], None] = lambda: None
        self.counts: Counter[str] = Counter()
        self._broke = noted("a replay", around.log, self.counts)
        self._around = around
        self._is_beginning = False
        self._made = 0
        self._boot = secrets.token_hex(5)
        self._round_at = 0.0
        self._alarms: dict[str, Track] = {}
        self._workers = Workers("replaying to clients", threads=1, waiting=4)

    async def begin(self, to_play: ToPlay, by: Principal) -> Performance:
        """Begin a replay. NoReplay says why there can be none."""
        around, show = self._around, Performance(to_play, by.name, self._around.clock.monotonic())
        show.watched_by(by)
        self._require_free(by)
        self._is_beginning = True
        try:
            shown = await self._make(show, to_play.since)
        finally:
            self._is_beginning = False
        clients = around.clients(show.name, to_play.context, shown.player, self.alarms)
        clients.pace = show.pace
        show.begun(shown, self._views(shown), clients)
        show.touched = show.turned = around.clock.monotonic()
        self.on = show
        await self._look_for_alarms()
        around.log.event("replay begun", name=show.name, by=show.by, of=str(to_play.context))
        self.changed()
        return show

    def _require_free(self, asks: Principal) -> None:
        if self.on is not None:
            who = f"{self.on.by} plays one" if self.on.may_be_known_to(asks) else "one is played"
            raise NoReplay(f"{who} already; it ends before another begins")
        if self._is_beginning:
            raise NoReplay("another one is just beginning")

    async def _make(self, show: Performance, at: datetime) -> Shown:
        """Return the picture of a moment. NoReplay where it cannot be read."""
        to_play, around = show.to_play, self._around

        def make() -> Shown:
            played = around.played(to_play, to_play.wanted(), at, lambda: not show.ended)
            shown = Shown(to_play, show.context, around, played)
            shown.player.begin(at)
            return shown

        return await self._work(make)

    async def _work(self, work: Callable[[], T]) -> T:
        try:
            return await self._workers.run(work)
        except StorageFault as fault:
            raise NoReplay(f"the journal cannot be read: {fault}") from None

    def _views(self, shown: Shown) -> Views:
        self._made += 1
        return Views(
            StreamSettings(),
            picture=shown.player.picture,
            clock=shown.player.clock,
            form_of=self._around.form_of,
            boot=f"{self._boot}.{self._made}",
        )

    def steer(
        self,
        show: Performance,
        *,
        at: datetime | None = None,
        speed: int | None = None,
        is_playing: bool | None = None,
    ) -> None:
        """Go to another moment of it, at another speed, on or not; what is None stays."""
        to_play = show.to_play
        if at is not None:
            show.sought = min(max(at, to_play.since), to_play.until)
        show.speed = show.speed if speed is None else speed
        show.is_playing = show.is_playing if is_playing is None else is_playing
        if is_playing and show.at >= to_play.until:
            show.sought = to_play.since
        show.clients.pace = show.pace
        # What clients were told holds for as long as it did at the speed before.
        show.again = self._around.clock.monotonic()
        show.touched = show.again
        self.changed()

    def touch(self, name: str) -> None:
        """Note that somebody looks at it: whoever began it has not left it alone."""
        if self.on is not None and self.on.by == name:
            self.on.touched = self._around.clock.monotonic()

    def end(self, show: Performance, why: str) -> None:
        """End it, if that has not been done."""
        if show.ended:
            return
        show.ended = why
        show.clients.end("replay over")
        if self.on is show:
            self.on = None
        self._alarms.clear()
        self._around.log.event("replay over", name=show.name, reason=why)
        self.changed()

    def close(self) -> None:
        """End what is on, and begin nothing more."""
        if self.on is not None:
            self.end(self.on, "the node stops")
        self._workers.close()

    def alarms(self) -> Iterable[Track]:
        """Return the live calls for help."""
        return tuple(self._alarms.values())

    def see(self, change: Change) -> None:
        """Take note of a change of the live picture: whoever watches hears of a call for help."""
        show = self.on
        if show is None:
            return
        report, track = change.report, change.track
        if track is not None and track.context == LIVE:
            self._note(track)
        if report is not None and report.context == LIVE and isinstance(report.body, Alarm):
            show.clients.tell((report,))

    def _note(self, track: Track) -> None:
        is_one = track.status is not TrackStatus.REMOVED and isinstance(track.lead.body, Alarm)
        if not is_one:
            self._alarms.pop(track.id, None)
        elif track.id in self._alarms or len(self._alarms) < MOST_ALARMS:
            self._alarms[track.id] = track
        else:
            self.counts["live alarms that replays have no room for"] += 1

    async def _look_for_alarms(self) -> None:
        live = self._around.live
        for number, track in enumerate(live.tracks(Filter(context=LIVE)), start=1):
            if isinstance(track.lead.body, Alarm):
                self._note(live.get(LIVE, track.id) or replace(track, status=TrackStatus.REMOVED))
            if not number % AT_ONCE:
                await asyncio.sleep(0)
        if self.on is not None:  # for who came meanwhile
            self.on.clients.tell(each.lead for each in self.alarms())

    async def run(self) -> None:
        """Play what is on until cancelled."""
        while True:
            await asyncio.sleep(STEP)
            await self.turn()

    async def turn(self) -> None:
        """Play on, as far as time has come."""
        show = self.on
        if show is None:
            return
        try:
            await self._turn(show)
        except GivenUp:
            return
        except AccordError as error:
            self.end(show, str(error))
        except Exception as error:  # noqa: BLE001  a replay must not end the node
            self.end(show, self._broke(error))

    async def _turn(self, show: Performance) -> None:
        now = self._around.clock.monotonic()
        passed, show.turned = min(now - show.turned, LONGEST_TURN), now
        if now - show.touched >= self._around.left_alone.total_seconds():
            self.end(show, f"{show.by} left it alone")
            return
        if show.sought is not None:
            await self._seek(show, show.sought)
        elif show.is_playing:
            await self._play(show, passed)
        if show.again is not None and now >= show.again and not show.ended:
            show.again = None if show.is_playing else now + AGAIN
            await self._tell(show, show.clients.told_again())
        if now >= self._round_at:
            self._round_at = now + ROUND
            await self._begin_round(show.views)

    async def _seek(self, show: Performance, at: datetime) -> None:
        shown = await self._make(show, at)
        if show.ended or show.sought != at:
            return
        show.sought, show.again = None, None
        told = show.clients.turn_to(shown.player)
        show.begun(shown, self._views(shown), show.clients)
        await self._tell(show, told)
        if not show.is_playing:
            show.again = self._around.clock.monotonic() + AGAIN
        self.changed()

    async def _play(self, show: Performance, passed: float) -> None:
        shown, until = show.shown, show.to_play.until
        to = min(until, shown.player.at + timedelta(seconds=passed * show.speed))
        reports, reached = await self._work(partial(shown.player.fetch, to))
        for first in range(0, len(reports), AT_ONCE):
            if show.ended:
                return
            part = reports[first : first + AT_ONCE]
            show.clients.tell(shown.player.show(part, shown.player.at))
            await asyncio.sleep(0)
        shown.player.show((), reached)
        if shown.player.at >= until and show.sought is None:
            show.is_playing = False
            show.clients.pace = 0
            show.again = self._around.clock.monotonic()
            self.changed()

    async def _tell(self, show: Performance, reports: Sequence[Report]) -> None:
        for first in range(0, len(reports), AT_ONCE):
            if show.ended:
                return
            show.clients.tell(reports[first : first + AT_ONCE])
            await asyncio.sleep(0)

    async def _begin_round(self, views: Views) -> None:
        views.begin_round()
        while views.step():  # noqa: ASYNC110  others get their turn
            await asyncio.sleep(0)
