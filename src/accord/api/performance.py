"""One replay that a node plays to TAK clients and browsers: what it has, and who watches it."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from accord.api.replay import NoReplay
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.geometry import Box
from accord.core.principal import Group, Principal, Role
from accord.core.report import Report
from accord.core.track import Track
from accord.live.player import Played, Player, Wanted, context_named, watching
from accord.live.view import FormOf, View, milliseconds
from accord.live.views import Views
from accord.observe.log import Log
from accord.picture.picture import Change, Picture, PictureSettings
from accord.wire.page import message


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """Replays that are begun on the page, for TAK clients and browsers."""

    left_alone: timedelta = field(
        default=timedelta(minutes=15),
        metadata={"doc": "a replay ends when whoever began it has had no page open for so long"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPlay:
    """Which stretch of which context, of which area and groups where any are said, how fast."""

    since: datetime
    until: datetime
    context: Context
    speed: int
    area: Box | None = None
    groups: frozenset[Group] = frozenset()

    def wanted(self) -> Wanted:
        """Return what of it is played."""
        return Wanted(self.context, area=self.area, groups=self.groups)


class Clients(Protocol):
    """The TAK clients of one replay. `pace` is how fast it goes; 0: it stands still."""

    pace: float

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def let_in(self, principal: Principal) -> Principal | str:
        """Return somebody as he watches it, or why he may not."""
        ...

    def tell(self, reports: Iterable[Report]) -> None:
        """Send reports to whoever may see them."""
        ...

    def told_again(self) -> Sequence[Report]:
        """Return all that is shown."""
        ...

    def turn_to(self, player: Player) -> Sequence[Report]:
        """Show another picture from now on; return what is to be told."""
        ...

    def end(self, reason: str) -> None:
        """Let everybody go."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAround:
    """What a stage works with.

    `played` gives what is to be played from a moment on while somebody awaits it; `clients` the
    clients of a replay by its name; `live` is the live picture. A replay ends when whoever began it
    was `left_alone` so long.
    """

    played: Callable[[ToPlay, Wanted, datetime, Callable[[], bool]], Played]
    clients: Callable[[str, Context, Player, Callable[[], Iterable[Track]]], Clients]
    picture: PictureSettings
    live: Picture
    form_of: FormOf
    left_alone: timedelta
    clock: Clock
    log: Log


class Shown:
    """The picture of a replay from where it began or was sought; `lost`: not all had room."""

    def __init__(self, to_play: ToPlay, context: Context, around: StageAround, played: Played):
        self.lost = False
        self.player = Player(
            played, around.picture, context,
            wanted=to_play.wanted(), evicted=self._evicted, changed=self._changed,
        )  # fmt: skip
        self.views: Views | None = None

    def _evicted(self, track: Track) -> None:
        self.lost = True
        if self.views is not None:
            self.views.evicted(track)

    def _changed(self, change: Change) -> None:
        if self.views is not None:
            self.views.note(change)

    @property
    def whole(self) -> bool:
        """Whether all that there was is shown."""
        return self.player.whole and not self.lost


class Performance:
    """One replay, from its beginning to its end. `by` is who began it, and may steer it."""

    def __init__(self, to_play: ToPlay, by: str, now: float) -> None:
        self.to_play = to_play
        self.by = by
        self.name = f"{to_play.since:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.context = context_named(self.name)
        self.speed = to_play.speed
        self.is_playing = True
        self.ended = ""
        """Why it is over; empty while it is not."""
        self.touched = now
        self.turned = now
        self.sought: datetime | None = None
        self.again: float | None = None
        """When clients are told again what is shown; None: they are told what changes."""

    def begun(self, shown: Shown, views: Views, clients: Clients) -> None:
        """Note what shows it."""
        self.shown = shown
        self.views = shown.views = views
        self.clients = clients

    @property
    def at(self) -> datetime:
        """The moment that is shown, or that is looked for."""
        return self.sought or self.shown.player.at

    @property
    def pace(self) -> int:
        """How fast it goes; 0: it stands still."""
        return self.speed if self.is_playing else 0

    def watched_by(self, principal: Principal) -> Principal:
        """Return somebody as he watches it. NoReplay where he takes no part in what is played."""
        found = watching(principal, self.name, self.to_play.context)
        if isinstance(found, str):
            raise NoReplay(found)
        return found

    def may_be_known_to(self, who: Principal) -> bool:
        """Tell whether somebody may know of it: who takes part in what is played and hears it.

        An administrator need not hear it: it is the only one, and he may end it for others.
        """
        hears_it = not self.to_play.groups or not self.to_play.groups.isdisjoint(who.hears)
        may = hears_it or who.role is Role.ADMINISTRATOR
        return may and who.takes_part_in(self.to_play.context)

    def said(self) -> str:
        """Return how it stands, for a page that looks at it."""
        at = milliseconds(self.shown.player.at)
        since = milliseconds(self.to_play.since)
        return message.replay(at, self.pace, since_ms=since, whole=self.shown.whole)


class Watched:
    """One browser's look at a replay, for as long as it is on. NoReplay where he may not look."""

    def __init__(self, show: Performance, principal: Principal) -> None:
        self.show = show
        self._principal = show.watched_by(principal)
        self._views: Views | None = None
        self._view: View | None = None
        self._said = ""

    def view(self) -> View:
        """Return what he sees: another view where another moment was sought."""
        if self._view is None or self._views is not self.show.views:
            self.close()
            self._views = self.show.views
            self._view = self._views.open(self._principal, self.show.context)
        return self._view

    def news(self) -> str:
        """Return how it stands, empty where that was said."""
        said = self.show.said()
        is_news, self._said = said != self._said, said
        return said if is_news else ""

    def close(self) -> None:
        """Look away."""
        if self._view is not None and self._views is not None:
            self._views.close(self._view)
        self._view = None
