"""A replay for TAK clients on listeners of its own: a process without a journal, without partners.

Who connects is admitted as at the node, hears the groups that he hears there, and says nothing.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from accord.config import Endpoint, Settings
from accord.core.body import Removal
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.errors import AccordError, UsageError
from accord.core.geometry import Box
from accord.core.principal import Group, Principal
from accord.core.report import Form, Report
from accord.live.hub import Hub
from accord.live.intake import Intake
from accord.live.long_ago import HistoryReel
from accord.live.player import Played, Player, Wanted, context_named, watching
from accord.live.reel import Reel
from accord.live.words import Words
from accord.node import listeners
from accord.node.directory import JOURNAL
from accord.node.history_reading import archive_of
from accord.node.kept import past
from accord.node.reels import GivenReel
from accord.observe.log import Log
from accord.picture.picture import Picture
from accord.security.admission import Admission
from accord.security.tls import server_context
from accord.storage.database import StorageFault
from accord.storage.people import PEOPLE, PeopleReader
from accord.tak.server import Door, bind_stream, serve_stream
from accord.tak.session import Bridge
from accord.wire.cot import protobuf, xml
from accord.wire.cot.replayed import Showing, removed, replayed
from accord.wire.cot.stream import frame
from accord.wire.cot.translate import to_xml
from accord.wire.errors import WireError

STEP = 0.25
"""Seconds between two looks at what is next."""

LEAST_VALID = timedelta(seconds=5)
"""How long what is shown holds at least, so that it does not go grey between two steps."""

LINGER = 1.0
"""Seconds that clients have to read the last of it."""

_NO_REPLAY = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayAsked:
    """What is to be played, how fast, and where TAK clients find it."""

    since: datetime
    until: datetime
    context: Context
    speed: float = 1.0
    area: Box | None = None
    groups: frozenset[Group] = frozenset()
    partner: str = ""
    cot_tls: Endpoint | None = None
    cot_tcp: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class ReplayDone:
    """How much was told, whether that was all there was, and what could not be written."""

    told: int
    whole: bool
    unwritten: int


async def play(
    directory: Path, settings: Settings, asked: ReplayAsked, *, clock: Clock, log: Log,
    ready: Callable[[str], None],
) -> ReplayDone:  # fmt: skip
    """Play it to whoever connects, beginning with the first. AccordError says why it cannot be."""
    room = _Room(directory, settings, asked, clock=clock, log=log)
    try:
        async with AsyncExitStack() as opened:
            await room.begin()
            ready(" ".join(f"{name}={at}" for name, at in room.listen(opened).items()))
            await room.wait()
            await room.go_on()
    except StorageFault as fault:
        raise AccordError(f"the journal cannot be read: {fault}") from None
    finally:
        room.end()
    return ReplayDone(room.told, room.whole, room.unwritten)


class _Room:
    """Everything that one replay has."""

    def __init__(
        self, directory: Path, settings: Settings, asked: ReplayAsked, *, clock: Clock, log: Log
    ) -> None:
        self.told = 0
        self.unwritten = 0
        self._directory = directory
        self._settings = settings
        self._asked = asked
        self._clock = clock
        self._name = f"{asked.since:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self._context = context_named(self._name)
        wanted = Wanted(asked.context, area=asked.area, groups=asked.groups)
        self._player = Player(self._played(wanted), settings.picture, self._context, wanted=wanted)
        self._register = PeopleReader(directory / PEOPLE)
        self._admission = Admission(self._register.read, clock=clock)
        if self._register.trouble:
            raise AccordError(self._register.trouble)
        self._bridge = self._bridged(log)

    def _played(self, wanted: Wanted) -> Played:
        asked, directory, settings = self._asked, self._directory, self._settings
        if asked.partner:
            return GivenReel(directory, asked.partner, asked.until)
        kept = past(directory, settings.default_markings())
        archive = archive_of(directory, settings, self._clock)
        if archive.exists:
            has_journal = (directory / JOURNAL).is_file()
            oldest = kept.held().span if has_journal else None
            if oldest is None or asked.since.timestamp() < oldest.oldest:
                return HistoryReel(archive, asked.context, asked.until)
        if not (directory / JOURNAL).is_file():
            raise AccordError(f"{directory} has kept nothing yet, so that nothing can be played")
        return Reel(
            kept, settings.picture, settings.journal,
            wanted=wanted.of_origin, is_awaited=lambda: True,
        )  # fmt: skip

    def _bridged(self, log: Log) -> Bridge:
        settings, picture = self._settings, self._player.picture
        hub = Hub(
            encoders={
                Form.COT_XML: self._write,
                Form.COT_PROTOBUF: lambda report: self._framed(self._write(report)),
            },
            words=Words(settings.chat, clock=self._clock),
            flush_interval=settings.outbox.flush_interval,
            schedule=asyncio.get_running_loop().call_later,
        )
        return Bridge(
            node=settings.node.id,
            clock=self._clock,
            intake=Intake(settings.intake, picture=Picture(settings.picture), journal=_Nowhere(),
                          hub=hub),
            hub=hub,
            picture=picture.everything,
            is_congested=lambda: False,
            outbox=settings.outbox,
            cot=settings.cot,
            log=log,
        )  # fmt: skip

    def _framed(self, event: bytes) -> bytes:
        return frame(protobuf.write(xml.read_again(event))) if event else b""

    def _write(self, report: Report) -> bytes:
        """Write it as clients are shown it, at the moment at which it is written."""
        now, at, speed = self._clock.now(), self._player.at, self._asked.speed
        left = max(_NO_REPLAY, report.stale - at) / speed
        stale = now + (max(left, LEAST_VALID) if report.stale > at else _NO_REPLAY)
        showing = Showing(self._name, str(self._asked.context), at, now, stale)
        try:
            if isinstance(report.body, Removal):
                return removed(report.body.target, showing)
            return replayed(to_xml(replace(report, context=self._asked.context)), showing)
        except (WireError, ValueError):
            self.unwritten += 1
            return b""

    def listen(self, opened: AsyncExitStack) -> Mapping[str, str]:
        """Listen; return the addresses by name."""
        found: dict[str, str] = {}
        asked = self._asked
        plain = self._settings.plaintext.principal(listeners.COT_TCP)
        for name, endpoint in (
            (listeners.COT_TLS, asked.cot_tls), (listeners.COT_TCP, asked.cot_tcp),
        ):  # fmt: skip
            if endpoint is None:
                continue
            is_tls = name == listeners.COT_TLS
            anonymous = self._let_in(plain)
            if isinstance(anonymous, str) and not is_tls:
                raise UsageError(
                    f"who connects without a certificate {anonymous}: leave out --cot-tcp"
                )
            socket = bind_stream(endpoint.host, endpoint.port)
            opened.callback(socket.close)
            door = Door(
                bridge=self._bridge,
                channel=name,
                settings=self._settings.connections,
                admit=self._admit if is_tls else None,
                anonymous=plain if isinstance(anonymous, str) else anonymous,
            )
            tls = None
            if is_tls:
                tls = server_context(self._directory, clients=listeners.CERTIFICATES[name])
            opened.callback(serve_stream(door, socket, tls).close)
            found[name] = str(listeners.address(socket))
        return found

    def _let_in(self, principal: Principal) -> Principal | str:
        return watching(principal, self._name, self._asked.context)

    def _admit(self, certificate: bytes) -> Principal | str:
        principal = self._admission.admit(certificate)
        return principal if isinstance(principal, str) else self._let_in(principal)

    async def begin(self) -> None:
        """Make the picture of the first moment."""
        await asyncio.to_thread(self._player.begin, self._asked.since)
        for track in self._player.picture.everything():
            self.told += len(track.claims)

    async def wait(self) -> None:
        """Wait for the first client."""
        while not self._bridge.sessions:  # noqa: ASYNC110  sessions tell nobody that they begin
            await asyncio.sleep(STEP)

    async def go_on(self) -> None:
        """Play until the end, at the speed that was asked for or as fast as it goes."""
        asked, player = self._asked, self._player
        begun = self._clock.monotonic()
        while player.at < asked.until:
            await asyncio.sleep(STEP)
            self._throw_out()
            gone = timedelta(seconds=(self._clock.monotonic() - begun) * asked.speed)
            to = min(asked.until, asked.since + gone)
            if to <= player.at:
                continue
            news = player.show(*await asyncio.to_thread(player.fetch, to))
            for report in news:
                self._bridge.hub.publish(report)
            self.told += len(news)
        self._bridge.hub.flush()
        await asyncio.sleep(LINGER)

    def _throw_out(self) -> None:
        """Cut off everybody who is not admitted any more."""
        self._admission.look()
        for session in tuple(self._bridge.sessions):
            why = self._admission.why_gone(session.principal, self._let_in)
            if why is not None:
                session.end(why)

    @property
    def whole(self) -> bool:
        """Whether all that there was could be played."""
        return self._player.whole

    def end(self) -> None:
        """Let everybody go."""
        for session in tuple(self._bridge.sessions):
            session.end("replay over")
        self._register.close()


class _Nowhere:
    """Keeps nothing: what is said to a replay is refused, and goes nowhere."""

    def append(self, sequence: int, report: Report) -> bool:
        """Keep nothing."""
        del sequence, report
        return True
