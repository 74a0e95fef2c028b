"""Replays that pages look at: made in threads, told at the speed that was asked for."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from accord.api.workers import Workers
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.errors import AccordError
from accord.core.principal import Principal
from accord.live.replay import Replay
from accord.live.view import Frame, milliseconds
from accord.storage.database import StorageFault
from accord.wire.page import message
from accord.wire.page.message import Subscribe

MOST_REPLAYS = 4
"""Replays at one time: each holds a picture of its own."""

MOST_OF_ONE = 2
"""Replays of one person: nobody keeps all the others from looking."""

THREADS = 2

LONGEST_TURN = 2.0
"""Seconds that pass for a replay in one turn at most, however long it was not told."""

Make = Callable[[Principal, Context, Callable[[], bool]], Replay]
"""Makes a replay for somebody, of a context; it gives up when the last says nobody waits."""


class NoReplay(AccordError):
    """There is no replay; the text says why, for the page."""


class Playing:
    """One page's replay. `wants` notes what was asked for; `turn` is what it is told next."""

    def __init__(self, replays: "Replays", replay: Replay, context: Context, by: str) -> None:
        self.context = context
        self.by = by
        self._replays = replays
        self._replay = replay
        self._begin: datetime | None = None
        self._is_untold = False
        self._speed = 0
        self._turned = 0.0
        self._is_news = True

    def wants(self, wanted: Subscribe, turned: float) -> None:
        """Note where and how fast the page wants it."""
        if wanted.at is not None:
            self._begin = datetime.fromtimestamp(wanted.at / 1000, UTC)
        self._speed = wanted.speed
        self._turned = turned
        self._is_news = True

    def begin_anew(self) -> None:
        """Note that the page was not told everything: it is shown the moment from the beginning."""
        self._begin = self._begin or self._replay.at
        self._is_news = self._is_untold = True

    @property
    def is_due(self) -> bool:
        """Whether there is something to tell now."""
        return self._is_news or self._speed > 0

    async def turn(self) -> Sequence[Frame]:
        """Return what the page is told now. NoReplay where the journal cannot be read."""
        self._is_news = False
        frames = await self._replays.work(self._next(self._replays.clock))
        at, since = milliseconds(self._replay.at), milliseconds(self._replay.since)
        return [*frames, message.replay(at, self._speed, since_ms=since, whole=self._replay.whole)]

    def _next(self, clock: Clock) -> Callable[[], Sequence[Frame]]:
        replay, latest, now = self._replay, clock.now(), clock.monotonic()
        passed, self._turned = max(0.0, now - self._turned), now
        begin, self._begin = self._begin, None
        is_untold, self._is_untold = self._is_untold, False
        if begin is not None:
            to = min(begin, latest)
            return partial(replay.jump if is_untold else replay.advance, to)
        if not self._speed:
            return tuple
        gone = timedelta(seconds=min(passed, LONGEST_TURN) * self._speed)
        return partial(replay.advance, max(replay.at, min(replay.at + gone, latest)))

    def close(self) -> None:
        """Nobody looks at it any more."""
        self._replays.forget(self)


class Replays:
    """All that are looked at. `close` ends their threads."""

    def __init__(self, make: Make, clock: Clock) -> None:
        self.clock = clock
        self._make = make
        self._playing: set[Playing] = set()
        self._workers = Workers("replaying", threads=THREADS, waiting=2 * MOST_REPLAYS)

    def __len__(self) -> int:
        """Return how many are looked at."""
        return len(self._playing)

    def open(self, by: Principal, context: Context, is_awaited: Callable[[], bool]) -> Playing:
        """Return a replay for somebody who takes part in the context. NoReplay beyond the limit."""
        if len(self._playing) >= MOST_REPLAYS:
            raise NoReplay(f"{MOST_REPLAYS} replays are looked at, and no more fit; try later")
        if sum(each.by == by.name for each in self._playing) >= MOST_OF_ONE:
            raise NoReplay(f"{by.name} looks at {MOST_OF_ONE} replays already; leave one")
        playing = Playing(self, self._make(by, context, is_awaited), context, by.name)
        self._playing.add(playing)
        return playing

    def forget(self, playing: Playing) -> None:
        """Let one go."""
        self._playing.discard(playing)

    async def work(self, tell: Callable[[], Sequence[Frame]]) -> Sequence[Frame]:
        """Return what a thread makes of it. NoReplay where the journal cannot be read."""
        try:
            return await self._workers.run(tell)
        except StorageFault as fault:
            raise NoReplay(f"the journal cannot be read: {fault}") from None

    def close(self) -> None:
        """Begin nothing more."""
        self._workers.close()
