import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.principal import Direction
from accord.core.report import Form, Report, Source
from accord.feeds.catalogue import (
    FORMATS,
    Surroundings,
    build,
    channel,
    connection,
    principal,
    reader_of,
)
from accord.feeds.feed import FeedState
from accord.feeds.file import Document, Replay
from accord.feeds.mqtt import Mqtt
from accord.feeds.poll import Poll
from accord.feeds.serial import SerialLine
from accord.feeds.settings import FeedSettings, Format, Transport
from accord.feeds.tcp import TcpServer
from accord.feeds.udp import Datagrams
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.picture.query import Filter
from accord.wire.ais.own_ship import NmeaReader
from support.clock import START, ManualClock
from support.nmea import encoded, sentence

EXERCISE = Context.exercise("TASMAN 26")


class Kept:
    """A journal that keeps everything in a list."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def append(self, sequence: int, report: Report) -> bool:
        self.reports.append(report)
        return sequence > 0


def around(picture: Picture, directory: Path) -> Surroundings:
    hub = Hub(
        encoders={Form.COT_XML: lambda r: r.uid.encode()},
        words=Words(WordsSettings(), clock=ManualClock()),
        flush_interval=0,
        schedule=lambda _, run: run(),
    )
    return Surroundings(
        node="NZL",
        directory=directory,
        intake=Intake(IntakeSettings(), picture=picture, journal=Kept(), hub=hub),
        is_congested=lambda: False,
        clock=ManualClock(),
        log=Log(ManualClock()),
    )


@pytest.mark.parametrize(("exercise", "context"), [("", LIVE), ("DEMO", Context.exercise("DEMO"))])
async def test_a_recording_ends_up_on_the_picture_in_its_context(
    tmp_path: Path, exercise: str, context: Context
) -> None:
    line = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8) + b",1328133720087\n"
    (tmp_path / "day.nmea").write_bytes(line)
    settings = FeedSettings(
        format=Format.AIS,
        transport=Transport.FILE,
        address="day.nmea",
        groups=("Watch",),
        exercise=exercise,
    )
    picture = Picture(PictureSettings())
    feed = build("tasman", settings, around(picture, tmp_path))
    await feed.run()
    track = picture.get(context, "MMSI-512000001")
    assert track is not None
    assert track.lead.source == Source(node="NZL", channel=channel("tasman"), speaker="tasman")
    assert track.lead.time == START  # the recording's own day is 2012
    assert track.lead.groups == {"Watch"}
    assert len(picture) == feed.status().accepted == 1
    assert feed.status().state is FeedState.ENDED


async def test_a_feed_over_tcp_tries_to_connect(tmp_path: Path) -> None:
    settings = FeedSettings(
        format=Format.AIS, transport=Transport.TCP, address="127.0.0.1:1", groups=("Watch",)
    )
    feed = build("receiver", settings, around(Picture(PictureSettings()), tmp_path))
    assert feed.status().state is FeedState.WAITING


def test_a_feed_speaks_in_its_groups_and_hears_nothing() -> None:
    settings = FeedSettings(
        format=Format.AIS,
        transport=Transport.FILE,
        address="x",
        groups=("Watch", "Harbour"),
        exercise="DEMO",
    )
    who = principal("tasman", settings)
    assert who.groups == {"Watch": Direction.IN, "Harbour": Direction.IN}
    assert not who.hears
    assert who.takes_part_in(settings.context)
    assert not who.takes_part_in(Context.exercise("OTHER"))


def test_every_format_is_in_the_catalogue() -> None:
    assert set(FORMATS) == set(Format)


@pytest.mark.parametrize(
    ("format_", "transport", "address", "kind"),
    [
        (Format.AIS, Transport.FILE, "day.nmea", Replay),
        (Format.GPX, Transport.FILE, "route.gpx", Document),
        (Format.READSB, Transport.HTTP, "http://192.0.2.1/aircraft.json", Poll),
        (Format.BEAST, Transport.TCP_SERVER, "127.0.0.1:30004", TcpServer),
        (Format.AIS, Transport.UDP, "127.0.0.1:10110", Datagrams),
        (Format.NMEA, Transport.SERIAL, "/dev/ttyS0", SerialLine),
        (Format.JSON, Transport.MQTT, "mqtt://192.0.2.1/vans", Mqtt),
    ],
)
def test_each_transport_is_what_brings_it(
    tmp_path: Path, format_: Format, transport: Transport, address: str, kind: type
) -> None:
    settings = FeedSettings(format=format_, transport=transport, address=address, groups=("W",))
    assert isinstance(connection(settings, tmp_path, ManualClock()), kind)


@pytest.mark.parametrize("format_", Format)
def test_each_format_has_a_reader_whose_reports_are_of_the_feed(format_: Format) -> None:
    transport = Transport.FILE if format_.is_document else Transport.UDP
    settings = FeedSettings(
        format=format_, transport=transport, address="192.0.2.1:1", groups=("W",)
    )
    reader = reader_of(settings, Source(node="NZL", channel="feed:x", speaker="x"))
    assert reader.read(b"\n", received=START, tick=0.0) == []


def test_an_own_ship_is_called_as_the_settings_say() -> None:
    settings = FeedSettings(
        format=Format.NMEA, transport=Transport.TCP, address="192.0.2.1:1", groups=("W",),
        own_ship="512000001",
    )  # fmt: skip
    reader = reader_of(settings, Source(node="NZL", channel="feed:x", speaker="x"))
    assert isinstance(reader, NmeaReader)
    line = sentence("GPRMC,030405,A,4116.8,S,17446.2,E,5,84,020126", "$")
    (report,) = reader.read(line + b"\n", received=START, tick=0.0)
    assert report.uid == "MMSI-512000001"


HAZARDS = Path(__file__).parents[2] / "golden" / "gdacs" / "invented.xml"


async def test_hazards_are_asked_for_by_http_and_are_on_the_picture_in_their_context(
    tmp_path: Path,
) -> None:
    document = HAZARDS.read_bytes()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(document)}\r\n\r\n".encode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + document)
        await writer.drain()
        writer.close()

    picture = Picture(PictureSettings())
    clock = ManualClock(datetime(2026, 11, 26, 3, tzinfo=UTC))
    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        settings = FeedSettings(
            format=Format.GDACS, transport=Transport.HTTP, address=f"http://{host}:{port}/rss.xml",
            groups=("Blue",), exercise="TASMAN 26", every=600.0,
        )  # fmt: skip
        feed = build("gdacs", settings, replace(around(picture, tmp_path), clock=clock))
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            run = tasks.create_task(feed.run())
            while feed.status().accepted + feed.status().refused < 2:  # noqa: ASYNC110  it tells nobody
                await asyncio.sleep(0.01)
            run.cancel()
    assert feed.status().accepted == 2
    tracks = {each.lead.uid: each.lead for each in picture.tracks(Filter(context=EXERCISE))}
    assert tracks.keys() == {"GEO-gdacs-TC9000001", "GEO-gdacs-EQ9000002"}
    assert tracks["GEO-gdacs-TC9000001"].stale == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert list(picture.tracks(Filter(context=LIVE))) == []
