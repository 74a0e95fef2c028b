"""Names in the settings -> formats and transports. A new one is a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, assert_never

from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Direction, Group, Principal
from accord.core.report import Report, Source
from accord.feeds import cap
from accord.feeds.feed import Connection, Entrance, Feed, Reader
from accord.feeds.file import Document, Replay, Stamps
from accord.feeds.mqtt import Mqtt, topic_of
from accord.feeds.poll import Poll
from accord.feeds.serial import SerialLine
from accord.feeds.settings import (
    FeedSettings,
    Format,
    Seen,
    Transport,
    place_of,
    sites,
    split_address,
)
from accord.feeds.tcp import TcpClient, TcpServer, never
from accord.feeds.udp import Datagrams
from accord.live.intake import Intake, Speaker
from accord.observe.log import Log
from accord.wire.adsb import sbs
from accord.wire.adsb.cpr import Place
from accord.wire.adsb.squitters import ModeSReader
from accord.wire.adsb.stream import AvrStream, BeastStream
from accord.wire.adsb.translate import ReadsbReader, SbsReader
from accord.wire.ais import own_ship
from accord.wire.ais import stream as ais
from accord.wire.ais.own_ship import NmeaReader
from accord.wire.ais.translate import AisReader
from accord.wire.asterix.stream import AsterixStream
from accord.wire.asterix.translate import AsterixReader
from accord.wire.dis.translate import DisReader
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.message import read as read_geojson
from accord.wire.geojson.translate import FeatureReader
from accord.wire.geojson.xml import read_gpx, read_kml
from accord.wire.json.translate import JsonReader
from accord.wire.plot import stream as plot


class MakeReader(Protocol):
    """Makes the reader of one feed."""

    def __call__(self, *, source: Source, groups: frozenset[Group], context: Context) -> Reader:
        """Return a reader whose reports have this source, these groups and this context."""
        ...


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """What a format needs to be fed live and replayed; `stamps` is None where it has no times."""

    reader: MakeReader
    stamps: Stamps | None
    ordinary: frozenset[str]
    """What its reader counts that is no loss."""


def _beast(
    *, source: Source, groups: frozenset[Group], context: Context, stands_at: Place | None = None
) -> Reader:
    return ModeSReader(
        BeastStream(), source=source, groups=groups, context=context, stands_at=stands_at
    )


def _avr(
    *, source: Source, groups: frozenset[Group], context: Context, stands_at: Place | None = None
) -> Reader:
    return ModeSReader(
        AvrStream(), source=source, groups=groups, context=context, stands_at=stands_at
    )


def _asterix(*, source: Source, groups: frozenset[Group], context: Context) -> Reader:
    return AsterixReader(AsterixStream(), source=source, groups=groups, context=context)


def _asterix_of(settings: FeedSettings) -> MakeReader:
    blocks = AsterixStream(is_datagrams=settings.transport is Transport.UDP)
    return partial(AsterixReader, blocks, sites=sites(settings.radars))


def _plots(
    *,
    source: Source,
    groups: frozenset[Group],
    context: Context,
    of: Seen = Seen.SEA,
    scan: float = 3.0,
    error: float = 50.0,
) -> Reader:
    # It brings arrays and assignments along, which take a second to import and few feeds need.
    from accord.feeds.plots import PlotReader

    return PlotReader(source=source, groups=groups, context=context, of=of, scan=scan, error=error)


_ALWAYS = frozenset({"reports"})
_OF_AIS = _ALWAYS | {"sentences", "static"}
_OF_AIRCRAFT = _ALWAYS | {"frames", "lines", "half a position", "thinned", "TIS-B", "ADS-R"}

FORMATS: dict[Format, FormatEntry] = {
    Format.AIS: FormatEntry(AisReader, Stamps(ais.time_of, ais.with_time), _OF_AIS),
    Format.NMEA: FormatEntry(
        NmeaReader,
        Stamps(own_ship.time_of, own_ship.with_time),
        _OF_AIS | {"said already"},
    ),
    Format.BEAST: FormatEntry(_beast, None, _OF_AIRCRAFT),
    Format.AVR: FormatEntry(_avr, None, _OF_AIRCRAFT),
    Format.SBS: FormatEntry(SbsReader, Stamps(sbs.time_of, sbs.with_time), _OF_AIRCRAFT),
    Format.READSB: FormatEntry(ReadsbReader, None, _ALWAYS),
    Format.GEOJSON: FormatEntry(partial(FeatureReader, read_geojson), None, _ALWAYS),
    Format.GPX: FormatEntry(partial(FeatureReader, read_gpx), None, _ALWAYS),
    Format.KML: FormatEntry(partial(FeatureReader, read_kml), None, _ALWAYS),
    Format.GDACS: FormatEntry(partial(FeatureReader, read_gdacs), None, _ALWAYS),
    Format.CAP: FormatEntry(cap.reader, None, _ALWAYS),
    Format.JSON: FormatEntry(JsonReader, None, _ALWAYS),
    Format.ASTERIX: FormatEntry(_asterix, None, _ALWAYS | {"records"}),
    Format.DIS: FormatEntry(DisReader, None, _ALWAYS),
    Format.PLOTS: FormatEntry(_plots, Stamps(plot.time_of, plot.with_time), _ALWAYS | {"plots"}),
}


_SET: dict[Format, Callable[[FeedSettings], MakeReader]] = {
    Format.NMEA: lambda said: partial(NmeaReader, own_ship=said.own_ship),
    Format.BEAST: lambda said: partial(_beast, stands_at=place_of(said.stands_at)),
    Format.AVR: lambda said: partial(_avr, stands_at=place_of(said.stands_at)),
    Format.ASTERIX: _asterix_of,
    Format.DIS: lambda said: partial(DisReader, number=said.exercise_number),
    Format.JSON: lambda said: partial(JsonReader, fields=said.fields, kind=said.kind),
    Format.PLOTS: lambda said: partial(_plots, of=said.plots_of, scan=said.scan, error=said.error),
}
"""Formats that have settings of their own -> their reader, made by these."""


_WHOLE = {Format.AIS: ais.is_whole, Format.NMEA: ais.is_whole}
"""Formats whose lines tell by a checksum that they are whole, though their end did not come."""


def reader_of(settings: FeedSettings, source: Source) -> Reader:
    """Return what makes reports of the feed's bytes."""
    form = settings.format
    make = _SET[form](settings) if form in _SET else FORMATS[form].reader
    return make(source=source, groups=frozenset(settings.groups), context=settings.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every feed of a node shares; paths in the settings are from `directory`."""

    node: str
    directory: Path
    intake: Intake
    is_congested: Callable[[], bool]
    clock: Clock
    log: Log


def channel(name: str) -> str:
    """Return what the feed of that name is called in sources, and in the journal's rings."""
    return f"feed:{name}"


def build(name: str, settings: FeedSettings, around: Surroundings) -> Feed:
    """Return the feed of that name, ready to run; what it says goes in by the intake."""
    source = Source(node=around.node, channel=channel(name), speaker=name)
    speaker = Speaker(principal=principal(name, settings), source=source)
    return Feed(
        name,
        connection=connection(settings, around.directory, around.clock),
        reader=reader_of(settings, source),
        entrance=Entrance(
            _door(around.intake, speaker), around.is_congested, around.log, settings.max_rate
        ),
        clock=around.clock,
    )


def principal(name: str, settings: FeedSettings) -> Principal:
    """Return who a feed is to the nation: it speaks in its groups and hears nothing."""
    return Principal(
        name=channel(name),
        groups=dict.fromkeys(settings.groups, Direction.IN),
        exercises=frozenset({settings.context.name} if settings.context.name else ()),
    )


def _door(intake: Intake, speaker: Speaker) -> Callable[[Report], bool]:
    def accept(report: Report) -> bool:
        return intake.accept(report, speaker) is None

    return accept


def connection(settings: FeedSettings, directory: Path, clock: Clock) -> Connection:
    """Return where the feed's bytes come from; a path is from the directory."""
    match settings.transport:
        case Transport.FILE:
            return _file(settings, directory / settings.address, clock)
        case Transport.SERIAL:
            return SerialLine(
                settings.address,
                settings.baud,
                is_lines=not settings.format.is_binary,
                is_whole=_WHOLE.get(settings.format, never),
            )
        case Transport.HTTP:
            return Poll(settings.address, every=settings.every)
        case Transport.MQTT:
            return _mqtt(settings, directory)
        case Transport.TCP | Transport.TCP_SERVER | Transport.UDP:
            return _at_a_port(settings)
        case _:
            assert_never(settings.transport)


def _at_a_port(settings: FeedSettings) -> Connection:
    host, port = split_address(settings.address)
    is_lines = not settings.format.is_binary
    is_whole = _WHOLE.get(settings.format, never)
    if settings.transport is Transport.TCP:
        return TcpClient(host, port, is_lines=is_lines, is_whole=is_whole)
    if settings.transport is Transport.UDP:
        return Datagrams(host, port, is_lines=is_lines)
    return TcpServer(host, port, is_lines=is_lines, is_whole=is_whole)


def _mqtt(settings: FeedSettings, directory: Path) -> Connection:
    is_lines = not (settings.format.is_binary or settings.format.is_document)
    secret = directory / settings.password_file if settings.password_file else None
    return Mqtt(topic_of(settings.address), is_lines=is_lines, password_file=secret)


def _file(settings: FeedSettings, path: Path, clock: Clock) -> Connection:
    stamps = FORMATS[settings.format].stamps
    if stamps is None:
        return Document(path, every=settings.every)
    return Replay(path, stamps, clock=clock, speed=settings.speed, loop=settings.loop)
