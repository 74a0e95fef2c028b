"""Names in the settings -> formats and transports. A new one is a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.principal import Direction, Group, Principal
from accord.core.report import Report, Source
from accord.feeds.feed import (
    Connection,
    Entrance,
    Feed,
    FeedSettings,
    Format,
    Reader,
    Transport,
    split_address,
)
from accord.feeds.file import Replay, Stamps
from accord.feeds.tcp import TcpClient
from accord.live.intake import Intake, Speaker
from accord.observe.log import Log
from accord.wire.ais import stream as ais
from accord.wire.ais.translate import AisReader


class MakeReader(Protocol):
    """Makes the reader of one feed."""

    def __call__(self, *, source: Source, groups: frozenset[Group], context: Context) -> Reader:
        """Return a reader whose reports have this source, these groups and this context."""
        ...


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """What a format needs to be fed live and replayed."""

    reader: MakeReader
    stamps: Stamps
    ordinary: frozenset[str]
    """What its reader counts that is no loss."""


FORMATS: dict[Format, FormatEntry] = {
    Format.AIS: FormatEntry(
        AisReader,
        Stamps(ais.time_of, ais.with_time),
        ordinary=frozenset({"reports", "sentences", "static"}),
    ),
}


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
        connection=_connection(settings, around),
        reader=FORMATS[settings.format].reader(
            source=source, groups=frozenset(settings.groups), context=settings.context
        ),
        entrance=Entrance(_door(around.intake, speaker), around.is_congested, around.log),
        clock=around.clock,
    )


def principal(name: str, settings: FeedSettings) -> Principal:
    """Return who a feed is to the nation: it speaks in its groups and hears nothing."""
    return Principal(
        name=channel(name),
        groups=dict.fromkeys(settings.groups, Direction.IN),
        exercises=frozenset({settings.exercise} if settings.exercise else ()),
    )


def _door(intake: Intake, speaker: Speaker) -> Callable[[Report], bool]:
    def accept(report: Report) -> bool:
        return intake.accept(report, speaker) is None

    return accept


def _connection(settings: FeedSettings, around: Surroundings) -> Connection:
    match settings.transport:
        case Transport.FILE:
            return Replay(
                around.directory / settings.address,
                FORMATS[settings.format].stamps,
                clock=around.clock,
                speed=settings.speed,
                loop=settings.loop,
            )
        case Transport.TCP:
            return TcpClient(*split_address(settings.address))
        case _:
            assert_never(settings.transport)
