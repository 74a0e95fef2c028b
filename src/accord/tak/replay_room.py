"""TAK clients that watch a replay: what they are sent, and that what they say goes nowhere.

They have a hub of their own, and neither picture, journal nor partners are behind what they say. A
live call for help reaches them as it is, so that nobody who watches the past misses it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from accord.core.body import Removal
from accord.core.clock import Clock
from accord.core.context import Context, ContextKind
from accord.core.principal import Group, Principal
from accord.core.report import Form, Report
from accord.core.track import Track
from accord.live.hub import Hub
from accord.live.intake import Intake, IntakeSettings
from accord.live.outbox import OutboxSettings
from accord.live.player import Player, himself, watching
from accord.live.words import Words, WordsSettings
from accord.observe.log import Log
from accord.picture.picture import Picture, PictureSettings
from accord.security.admission import CHANGED
from accord.tak.mission_notices import Notices
from accord.tak.session import Bridge, CotSettings
from accord.wire.cot import protobuf, xml
from accord.wire.cot.replayed import Showing, removed, replayed
from accord.wire.cot.stream import frame
from accord.wire.cot.translate import to_xml
from accord.wire.errors import WireError

LEAST_VALID = timedelta(seconds=5)
"""How long what is shown holds at least, so that it does not go grey between two steps."""

HELD = timedelta(minutes=2)
"""How long what is shown holds while the replay stands still; it is told again meanwhile."""

AT_ONCE = 500
"""Reports that are told in one go; between, others get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAround:
    """What a replay's clients share with those of the node: settings, clock, log.

    `schedule` is as a hub has it; `acting` as a bridge: it gives a client with the channels that it
    has not switched off.
    """

    node: str
    intake: IntakeSettings
    outbox: OutboxSettings
    cot: CotSettings
    chat: WordsSettings
    picture: PictureSettings
    clock: Clock
    log: Log
    schedule: Callable[[float, Callable[[], None]], object]
    acting: Callable[[Principal], Principal]


class ReplayRoom:
    """The clients of one replay of a context. `pace` is how fast it goes; 0: it stands still.

    `alarms` are the live calls for help that whoever enters is sent. `unwritten` counts what could
    not be written as CoT.
    """

    def __init__(
        self,
        name: str,
        of: Context,
        player: Player,
        around: RoomAround,
        *,
        alarms: Callable[[], Iterable[Track]] = tuple,
    ) -> None:
        self.unwritten = 0
        self.pace: float = 1
        self._name = name
        self._of = of
        self._player = player
        self._clock = around.clock
        self._acting = around.acting
        self._notices = Notices(around.node)
        self._alarms = alarms
        self._hub = Hub(
            encoders={
                Form.COT_XML: self._write,
                Form.COT_PROTOBUF: lambda report: _framed(self._write(report)),
            },
            words=Words(around.chat, clock=around.clock),
            flush_interval=around.outbox.flush_interval,
            schedule=around.schedule,
        )
        nothing = Picture(around.picture)
        self.bridge = Bridge(
            node=around.node,
            clock=around.clock,
            intake=Intake(around.intake, picture=nothing, journal=_Nowhere(), hub=self._hub),
            hub=self._hub,
            picture=self._shown,
            is_congested=lambda: False,
            outbox=around.outbox,
            cot=around.cot,
            log=around.log,
            acting=self._as_he_acts,
        )

    def __len__(self) -> int:
        """Return how many clients there are."""
        return len(self.bridge.sessions)

    def let_in(self, principal: Principal) -> Principal | str:
        """Return somebody as he watches it, or in a few words why he may not."""
        return watching(principal, self._name, self._of)

    def _as_he_acts(self, watcher: Principal) -> Principal:
        return replace(watcher, groups=self._acting(himself(watcher)).groups)

    def regroup(self) -> None:
        """Let whoever has switched channels since hear as he has it now, and tell him so."""
        now = self._clock.now()
        for session in tuple(self.bridge.sessions):
            watcher = session.principal
            if self._as_he_acts(watcher) != session.speaker.principal:
                uid = session.uid or himself(watcher).name
                session.regroup(self._notices.channels_changed(uid, watcher.groups, now))

    def _shown(self) -> list[Track]:
        return [*self._player.picture.everything(), *self._alarms()]

    def tell(self, reports: Iterable[Report]) -> None:
        """Send what is news to whoever may see it."""
        for each in reports:
            self._hub.publish(each)

    def told_again(self) -> list[Report]:
        """Return all that is shown, for `tell`: clients show nothing whose time is over."""
        return [claim for each in self._player.picture.everything() for claim in _lead_last(each)]

    def turn_to(self, player: Player) -> list[Report]:
        """Show another moment from now on; return what is to be told, what is gone first."""
        before, self._player = self._claims(), player
        now = self._claims()
        gone = [_ended(each) for key, each in before.items() if key not in now]
        return [*gone, *self.told_again()]

    def _claims(self) -> dict[tuple[str, frozenset[Group]], Report]:
        return {(each.uid, each.groups): each for each in self.told_again()}

    def flush(self) -> None:
        """Write everything that is pending, now."""
        self._hub.flush()

    def end(self, reason: str) -> None:
        """Let everybody go."""
        self._hub.flush()
        for session in tuple(self.bridge.sessions):
            session.end(reason)

    def throw_out(self, bearer: Callable[[str], Principal | str]) -> None:
        """Cut off everybody who is not admitted any more, or not as he was.

        `bearer` tells whose a certificate of that fingerprint is now, or why it is refused.
        """
        for session in tuple(self.bridge.sessions):
            here = session.principal
            if not here.credential:
                continue
            now = bearer(here.credential)
            watcher = now if isinstance(now, str) else self.let_in(now)
            if watcher != here:
                session.end(watcher if isinstance(watcher, str) else CHANGED)

    def _write(self, report: Report) -> bytes:
        """Write it as clients are shown it, at the moment at which it is written."""
        try:
            if report.context.kind is not ContextKind.REPLAY:
                return to_xml(report)
            now, at = self._clock.now(), self._player.at
            showing = Showing(self._name, str(self._of), at, now, now + self._left(report))
            if isinstance(report.body, Removal):
                return removed(report.body.target, showing)
            return replayed(to_xml(replace(report, context=self._of)), showing)
        except (WireError, ValueError):
            self.unwritten += 1
            return b""

    def _left(self, report: Report) -> timedelta:
        """Return for how long it holds yet, by the clock of who watches."""
        left = report.stale - self._player.at
        if left <= timedelta(0):
            return timedelta(0)
        return max(left / self.pace, LEAST_VALID) if self.pace else HELD


def _lead_last(track: Track) -> Iterable[Report]:
    yield from (each for each in track.claims.values() if each is not track.lead)
    yield track.lead


def _framed(event: bytes) -> bytes:
    return frame(protobuf.write(xml.read_again(event))) if event else b""


def _ended(claim: Report) -> Report:
    return replace(claim, body=Removal(target=claim.uid), original=None)


class _Nowhere:
    """Keeps nothing: what is said to a replay is refused, and goes nowhere."""

    def append(self, sequence: int, report: Report) -> bool:
        """Keep nothing."""
        del sequence, report
        return True
