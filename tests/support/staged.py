"""A stage that plays what a test has in memory, to TAK clients on sockets of the test."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from accord.api.performance import Performance, StageAround, ToPlay
from accord.api.stage import Stage
from accord.core.clock import Clock
from accord.core.context import LIVE
from accord.core.principal import Principal
from accord.core.report import Report
from accord.live.intake import IntakeSettings
from accord.live.outbox import OutboxSettings
from accord.live.player import Played, Player, Wanted
from accord.live.words import WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.tak.replay_room import ReplayRoom, RoomAround
from accord.tak.session import CotSettings, TakSession
from support.clock import ManualClock
from support.released import after
from support.tak import FakePeer, Sent


class Script:
    """What is played, of memory; `fails` is raised instead of it."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self.whole = True
        self.fails: Exception | None = None
        self._reports = list(reports)

    def begin(self, at: datetime) -> Sequence[Report]:
        return self.next(at)[0]

    def next(self, to: datetime) -> tuple[Sequence[Report], datetime]:
        if self.fails is not None:
            raise self.fails
        told = [each for each in self._reports if each.received <= to]
        self._reports = self._reports[len(told) :]
        return told, to


def room_around(
    clock: Clock, acting: Callable[[Principal], Principal] = lambda principal: principal
) -> RoomAround:
    """What clients of a replay share; what is told is written at the next flush."""
    return RoomAround(
        node="NZL-A", intake=IntakeSettings(), outbox=OutboxSettings(), cot=CotSettings(),
        chat=WordsSettings(), picture=PictureSettings(), clock=clock, log=Log(clock),
        schedule=lambda *_: None, acting=acting,
    )  # fmt: skip


class Viewer:
    """A TAK client that watches."""

    def __init__(self, room: ReplayRoom, principal: Principal) -> None:
        watcher = room.let_in(principal)
        assert not isinstance(watcher, str), watcher
        self._room = room
        self.peer = FakePeer()
        self.session = TakSession(
            room.bridge, self.peer, principal=watcher, channel="replay", address="192.0.2.1:5"
        )
        self.session.open()
        self.first = self.uids()
        """What it was shown when it came."""

    def heard(self) -> list[Sent]:
        """Return what it was sent since this was last asked."""
        self._room.flush()
        return self.peer.take()

    def uids(self) -> list[str]:
        return [each.uid for each in self.heard()]


class Theatre:
    """A stage with what there is to play. It is six o'clock plus an hour by its clock."""

    def __init__(self, *reports: Report, picture: PictureSettings | None = None) -> None:
        self.clock = ManualClock(after(3600))
        self.reports = reports
        self.live = Picture(PictureSettings())
        self.scripts: list[Script] = []
        self.fails: Exception | None = None
        self.changes = 0
        self.stage = Stage(
            StageAround(
                played=self._played,
                clients=self._clients,
                picture=picture or PictureSettings(),
                live=self.live,
                form_of=lambda _: None,
                left_alone=PATIENCE,
                clock=self.clock,
                log=Log(self.clock),
            )
        )
        self.stage.changed = self._count

    def _count(self) -> None:
        self.changes += 1

    def _played(
        self, _: ToPlay, wanted: Wanted, since: datetime, is_awaited: Callable[[], bool]
    ) -> Played:
        del wanted, since
        assert is_awaited()
        if self.fails is not None:
            raise self.fails
        self.scripts.append(Script(self.reports))
        return self.scripts[-1]

    def _clients(self, name: str, of: Any, player: Player, alarms: Any) -> ReplayRoom:
        self.room = ReplayRoom(name, of, player, room_around(self.clock), alarms=alarms)
        return self.room

    async def plays(self, by: Principal, begin: float, end: float, **more: Any) -> Performance:
        """Begin a replay of a stretch, in seconds after six."""
        return await self.stage.begin(to_play(begin, end, **more), by)

    async def turns(self, seconds: float) -> None:
        """Let time pass, and the stage take its turn."""
        self.clock.advance(seconds=seconds)
        await self.stage.turn()

    def says(self, report: Report) -> None:
        """Let something be said live."""
        change = self.live.apply(replace(report, context=LIVE))
        assert change is not None
        self.stage.see(change)


PATIENCE = after(900) - after(0)


def to_play(begin: float, end: float, **more: Any) -> ToPlay:
    given = {"context": LIVE, "speed": 1, **more}
    return ToPlay(since=after(begin), until=after(end), **given)
