"""The node's own replay: what is played, how TAK clients enter, and who is thrown out."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from starlette.routing import BaseRoute

from accord.api import staging
from accord.api.caller import Caller, Callers
from accord.api.performance import StageAround, ToPlay
from accord.api.stage import Stage
from accord.config import Settings
from accord.core.context import Context
from accord.core.principal import Principal
from accord.core.track import Track
from accord.federation.released_form import ReleasedForms
from accord.live.player import Played, Player, Wanted
from accord.live.replay import of_one
from accord.node import listeners
from accord.node.history_reading import past_forms
from accord.node.reels import Reels
from accord.node.replaying import room_around
from accord.picture.picture import Picture
from accord.security.accept import Peer
from accord.security.admission import Admission
from accord.tak.replay_room import ReplayRoom
from accord.tak.server import Door
from accord.tak.session import Bridge, TakSession, spell_address

Tell = Callable[[Mapping[str, object], Callable[[Caller], bool]], None]
"""Tells something to the pages of whom the second is true."""


class Staging:
    """Made in a running event loop. `bridge` is that of the live clients: it counts the refused."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        *,
        admission: Admission,
        picture: Picture,
        bridge: Bridge,
    ) -> None:
        self._settings = settings
        self._admission = admission
        self._bridge = bridge
        self._around = room_around(
            settings,
            bridge.clock,
            bridge.log,
            acting=lambda principal: bridge.acting(principal),  # noqa: PLW0108  it is set later
        )
        self._reels = Reels(directory, settings, bridge.clock)
        self._room: ReplayRoom | None = None
        self._unwritten_before = 0
        self.stage = Stage(
            StageAround(
                played=self._played,
                clients=self._clients,
                picture=of_one(settings.picture),
                live=picture,
                form_of=past_forms(ReleasedForms(directory, bridge.clock).of),
                left_alone=settings.replay.left_alone,
                clock=bridge.clock,
                log=bridge.log,
            )
        )

    def tell_pages(self, tell: Tell) -> None:
        """Tell pages whenever another replay is played, or the same otherwise."""
        self.stage.changed = lambda: tell(*staging.news(self.stage))

    def __len__(self) -> int:
        """Return how many TAK clients watch."""
        return 0 if self._room is None else len(self._room)

    def counts(self) -> Mapping[str, int]:
        """Return what there was no room for, and what could not be written, by reason."""
        return {**self.stage.counts, "reports that cannot be written": self._unwritten}

    @property
    def _unwritten(self) -> int:
        return self._unwritten_before + (0 if self._room is None else self._room.unwritten)

    def _played(
        self, to_play: ToPlay, wanted: Wanted, since: datetime, is_awaited: Callable[[], bool]
    ) -> Played:
        return self._reels.played(
            to_play.context, wanted, since=since, until=to_play.until, is_awaited=is_awaited
        )

    def _clients(
        self, name: str, of: Context, player: Player, alarms: Callable[[], Iterable[Track]]
    ) -> ReplayRoom:
        self._unwritten_before = self._unwritten
        self._room = ReplayRoom(name, of, player, self._around, alarms=alarms)
        return self._room

    def begin(self, transport: asyncio.Transport) -> TakSession | None:
        """Begin a session in the replay that is on, or refuse the connection."""
        room = None if self.stage.on is None else self._room
        if room is None:
            address = spell_address(transport.get_extra_info("peername"))
            self._bridge.refuse("no replay is played", address)
            return None

        def admit(certificate: bytes) -> Principal | str:
            principal = self._admission.admit(certificate)
            return principal if isinstance(principal, str) else room.let_in(principal)

        door = Door(
            bridge=room.bridge,
            channel=listeners.REPLAY,
            settings=self._settings.connections,
            admit=admit,
            anonymous=self._settings.plaintext.principal(listeners.REPLAY),
        )
        return door.begin(transport)

    def routes(self, callers: Callers, port: int | None) -> Sequence[BaseRoute]:
        """Return the routes; `port` is where TAK clients enter, None where they cannot."""
        return staging.routes(self.stage, callers, self._bridge.clock, port)

    def turn_away(self, reason: str, peer: Peer) -> None:
        """Count and log a connection that ends before a session could begin."""
        self._bridge.refuse(reason, spell_address(peer))

    def throw_out(self) -> None:
        """Cut off everybody who is not admitted any more."""
        if self._room is not None:
            self._room.throw_out(self._admission.bearer)

    def regroup(self) -> None:
        """Let clients hear the channels that they have not switched off."""
        if self._room is not None:
            self._room.regroup()

    def close(self) -> None:
        """End the replay, and let the history go."""
        self.stage.close()
        self._reels.close()
