"""A replay for TAK clients on listeners of its own: a process without a journal, without partners.

Who connects is admitted as at the node, hears the groups that he hears there, and says nothing.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from accord.config import Endpoint, Settings
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.errors import AccordError, UsageError
from accord.core.geometry import Box
from accord.core.principal import Group, Principal
from accord.live.player import Played, Player, Wanted, context_named
from accord.node import listeners
from accord.node.reels import GivenReel, Reels
from accord.observe.log import Log
from accord.security.admission import Admission
from accord.security.tls import server_context
from accord.storage.channels import Choices, ChoicesReader
from accord.storage.database import StorageFault
from accord.storage.people import PEOPLE, PeopleReader
from accord.storage.tak_file import TAK
from accord.tak.replay_room import ReplayRoom, RoomAround
from accord.tak.server import Door, bind_stream, serve_stream

STEP = 0.25
"""Seconds between two looks at what is next."""

LINGER = 1.0
"""Seconds that clients have to read the last of it."""


def room_around(
    settings: Settings, clock: Clock, log: Log, *, acting: Callable[[Principal], Principal]
) -> RoomAround:
    """Return what clients of a replay share with those of the node."""
    return RoomAround(
        node=settings.node.id,
        intake=settings.intake,
        outbox=settings.outbox,
        cot=settings.cot,
        chat=settings.chat,
        picture=settings.picture,
        clock=clock,
        log=log,
        schedule=asyncio.get_running_loop().call_later,
        acting=acting,
    )


def name_of(since: datetime) -> str:
    """Return a name for a replay that begins there; no two are called the same."""
    return f"{since:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


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
    return ReplayDone(room.told, room.whole, room.clients.unwritten)


class _Switched:
    """Which channels clients have switched off at the node, which may run meanwhile or not.

    AccordError where that is kept and cannot be read; what was read before holds if it fails later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = ChoicesReader(path)
        self._choices = Choices()
        self.look()
        if self._reader.trouble:
            raise AccordError(self._reader.trouble)

    def look(self) -> bool:
        """Read it again where it has changed, and tell whether it has."""
        # A node that never ran has no such file: nobody has switched anything.
        found = self._reader.read() if self._path.is_file() else None
        if found is not None:
            self._choices = found
        return found is not None

    def acting(self, principal: Principal) -> Principal:
        """Return a client with the channels that it has not switched off."""
        return self._choices.acting(principal)

    def close(self) -> None:
        """Let the file go."""
        self._reader.close()


class _Room:
    """Everything that one replay has."""

    def __init__(
        self, directory: Path, settings: Settings, asked: ReplayAsked, *, clock: Clock, log: Log
    ) -> None:
        self.told = 0
        self._directory = directory
        self._settings = settings
        self._asked = asked
        self._clock = clock
        name = name_of(asked.since)
        context = context_named(name)
        wanted = Wanted(asked.context, area=asked.area, groups=asked.groups)
        self._reels = Reels(directory, settings, clock)
        self._player = Player(self._played(wanted), settings.picture, context, wanted=wanted)
        self._register = PeopleReader(directory / PEOPLE)
        self._admission = Admission(self._register.read, clock=clock)
        if self._register.trouble:
            raise AccordError(self._register.trouble)
        self._switched = _Switched(directory / TAK)
        self.clients = ReplayRoom(
            name,
            asked.context,
            self._player,
            room_around(settings, clock, log, acting=self._switched.acting),
        )
        self.clients.pace = asked.speed

    def _played(self, wanted: Wanted) -> Played:
        asked = self._asked
        if asked.partner:
            return GivenReel(self._directory, asked.partner, asked.until)
        return self._reels.played(asked.context, wanted, since=asked.since, until=asked.until)

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
            anonymous = self.clients.let_in(plain)
            if isinstance(anonymous, str) and not is_tls:
                raise UsageError(
                    f"who connects without a certificate {anonymous}: leave out --cot-tcp"
                )
            socket = bind_stream(endpoint.host, endpoint.port)
            opened.callback(socket.close)
            door = Door(
                bridge=self.clients.bridge,
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

    def _admit(self, certificate: bytes) -> Principal | str:
        principal = self._admission.admit(certificate)
        return principal if isinstance(principal, str) else self.clients.let_in(principal)

    async def begin(self) -> None:
        """Make the picture of the first moment."""
        await asyncio.to_thread(self._player.begin, self._asked.since)
        for track in self._player.picture.everything():
            self.told += len(track.claims)

    async def wait(self) -> None:
        """Wait for the first client."""
        while not len(self.clients):  # noqa: ASYNC110  sessions tell nobody that they begin
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
            self.clients.tell(news)
            self.told += len(news)
        self.clients.flush()
        await asyncio.sleep(LINGER)

    def _throw_out(self) -> None:
        """Cut off everybody who is not admitted any more."""
        self._admission.look()
        self.clients.throw_out(self._admission.bearer)
        if self._switched.look():
            self.clients.regroup()

    @property
    def whole(self) -> bool:
        """Whether all that there was could be played."""
        return self._player.whole

    def end(self) -> None:
        """Let everybody go."""
        self.clients.end("replay over")
        self._register.close()
        self._switched.close()
        self._reels.close()
