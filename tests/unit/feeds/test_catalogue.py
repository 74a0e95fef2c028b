from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.principal import Direction
from accord.core.report import Form, Report, Source
from accord.feeds.catalogue import FORMATS, Surroundings, build, channel, principal
from accord.feeds.feed import FeedSettings, FeedState, Format, Transport
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from support.clock import START, ManualClock
from support.nmea import encoded


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
