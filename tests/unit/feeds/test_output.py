import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pyais
import pytest

from accord.core.context import Context
from accord.core.identity import Identity
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Report
from accord.feeds import output
from accord.feeds.output import AisOutput
from accord.live.hub import Hub
from accord.live.outbox import OutboxSettings
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.wire.ais.encode import sentences
from support.builders import a_report
from support.clock import START, ManualClock

WHO = Principal(name="ais", groups={"Blue": Direction.BOTH})


def ship(number: int, **changes: Any) -> Report:
    mmsi = f"51200000{number}"
    return a_report(f"MMSI-{mmsi}", identity=Identity(mmsi=mmsi), **changes)


class Plotting:
    """A picture, and what tells plotters of it."""

    def __init__(self, **settings: int) -> None:
        clock = ManualClock()
        self.picture = Picture(PictureSettings())
        self.hub = Hub(
            encoders={Form.AIS: sentences},
            words=Words(WordsSettings(), clock=clock),
            flush_interval=0,
            schedule=lambda _, run: run(),
        )
        self.output = AisOutput(
            self.hub,
            principal=WHO,
            picture=self.picture.everything,
            outbox=OutboxSettings(**settings),
            log=Log(clock),
        )
        self.port = 0

    def hears(self, *reports: Report) -> None:
        for each in reports:
            self.picture.apply(each)
            self.hub.publish(each)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        bound = socket.create_server(("127.0.0.1", 0))
        self.port = bound.getsockname()[1]
        server = await self.output.listen(bound)
        try:
            yield
        finally:
            server.close()

    @asynccontextmanager
    async def plotter(self) -> AsyncIterator[asyncio.StreamReader]:
        before = len(self.output.plotters)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while len(self.output.plotters) == before and not reader.at_eof():  # noqa: ASYNC110
            await asyncio.sleep(0)
        yield reader
        writer.close()


async def told(reader: asyncio.StreamReader) -> int:
    """The number of the ship that the next place is of."""
    while True:
        said = pyais.decode(await reader.readuntil(b"\r\n")).asdict()
        if said["msg_type"] == 18:
            return int(str(said["mmsi"]))


async def test_a_plotter_is_told_the_live_ships_and_then_what_comes() -> None:
    plotting = Plotting()
    stale = ship(2, stale=START - timedelta(seconds=1), start=START - timedelta(minutes=1))
    plotting.hears(ship(1), stale)
    async with plotting.listening(), plotting.plotter() as reader:
        assert await told(reader) == 512000001
        plotting.hears(
            a_report("phone"),
            ship(3, context=Context.exercise("DEMO")),
            ship(4, groups=frozenset({"Red"})),
            ship(5),
        )
        assert await told(reader) == 512000005


async def test_a_plotter_that_leaves_is_forgotten() -> None:
    plotting = Plotting()
    async with plotting.listening():
        async with plotting.plotter():
            assert len(plotting.hub.receivers) == 1
        while plotting.output.plotters:  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0)
    assert not plotting.hub.receivers


async def test_there_are_so_many_plotters_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MAX_PLOTTERS", 1)
    plotting = Plotting()
    async with plotting.listening(), plotting.plotter(), plotting.plotter() as other:
        assert await other.read() == b""
    assert plotting.output.counts == {"too many plotters": 1}


async def test_a_plotter_that_does_not_read_is_cut_off_and_holds_up_nobody() -> None:
    plotting = Plotting(socket_buffer=1_000, limit_reports=50)
    async with plotting.listening(), plotting.plotter() as reader:
        (plotter,) = plotting.output.plotters
        plotter.pause_writing()
        plotting.hears(ship(1), ship(2), ship(1))
        plotter.resume_writing()
        assert [await told(reader), await told(reader)] == [512000001, 512000002]
        plotter.pause_writing()
        plotting.hears(
            *(a_report(f"U{n}", identity=Identity(mmsi=f"5120{n:05}")) for n in range(60))
        )
        with suppress(ConnectionError):
            await reader.read()
    assert plotting.output.counts == {"too slow": 1}
