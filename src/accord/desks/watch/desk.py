"""The watch of a running node: sees what arises and ends, keeps it, tells who listens.

Nothing is shown or answered before it has been kept: a restart loses nothing that anybody did.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accord.core.clock import Clock
from accord.core.context import LIVE, Context
from accord.core.errors import AccordError
from accord.core.principal import Group
from accord.core.track import Track
from accord.desks.watch.alert import Act, Alert, Condition, Drill, Entry, Kind
from accord.desks.watch.board import Board, WatchSettings
from accord.desks.watch.conditions import Over, of_change, of_picture, of_status
from accord.desks.watch.rules.judge import Judge
from accord.desks.watch.rules.text import Rule
from accord.desks.watch.store import WatchFault, WatchStore
from accord.observe.health import Status
from accord.observe.log import Log
from accord.picture.picture import Change

BEAT = 0.5
"""Seconds between looks at what the picture said."""

STATUS_EVERY = timedelta(seconds=5)

REMEMBER_EVERY = timedelta(minutes=1)
"""Between two times that what rules remember is kept; it is once more at the end."""

FORGET_EVERY = timedelta(hours=1)

MAX_PENDING = 10_000
"""Objects that called or ended their call since the last look; beyond, the picture is read."""

MAX_NOTE = 10_000
"""Characters of a note."""

MAX_DRILL = 60
"""Characters of a drill's name."""

MAX_UIDS = 100
"""Objects that one note is about."""

Tell = Callable[[Sequence[Entry]], None]
"""Told what was kept, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the desk looks at and tells: every track, the node's status, and whoever listens.

    `counts` says what was left out, or left for later.
    """

    picture: Callable[[], Iterable[Track]]
    status: Callable[[], Status]
    tell: Tell
    counts: Counter[str] = field(default_factory=Counter[str])


class WatchDesk:
    """The alerts and the log of one node."""

    def __init__(
        self,
        store: WatchStore,
        settings: WatchSettings,
        around: Around,
        *,
        clock: Clock,
        log: Log,
        rules: Sequence[Rule] = (),
    ) -> None:
        self.counts = around.counts
        self.trouble = ""
        alerts, last = store.alerts()
        self.drill: Drill | None = store.drill()
        self._board = Board(settings, alerts, last=last)
        self._store = store
        self._settings = settings
        self._around = around
        self._clock = clock
        self._log = log
        self._pending: dict[str, Condition | Over] = {}
        self._reads_picture = True
        self._judge = Judge(rules, self.counts)
        self._judge.remember(store.memory())
        self._is_rule_met = False
        self._has_memory = bool(rules)
        self._one_at_a_time = asyncio.Lock()

    def alerts(self) -> list[Alert]:
        """Return the open alerts, what needs attention first."""
        return self._board.alerts()

    def alert(self, number: int) -> Alert:
        """Return one open alert. NoSuchAlert where there is none."""
        return self._board.alert(number)

    def see(self, change: Change) -> None:
        """Take note of a change of the picture; cheap for all that is no call for help."""
        if self._judge.see(change):
            self._is_rule_met = True
        for found in of_change(change):
            self._pending.pop(found.key, None)  # the last word counts, in its own place
            self._pending[found.key] = found
        if len(self._pending) > MAX_PENDING:
            self.counts["calls too many to note one by one"] += 1
            self._pending.clear()
            self._reads_picture = True

    async def hold(self, kind: Kind, conditions: Iterable[Condition]) -> None:
        """Take note of all that another part of the node says is so, of a kind that is its own."""
        await self._do(lambda now: self._held_against(conditions, {kind}, now))

    async def run(self) -> None:
        """Look again and again until cancelled."""
        status_at = forget_at = self._clock.now()
        remember_at = status_at + REMEMBER_EVERY
        try:
            while True:
                now = self._clock.now()
                await self._do(self._seen)
                if now >= status_at:
                    status_at = now + STATUS_EVERY
                    await self._do(self._stands)
                    await self._do(self._board.escalate)
                if now >= remember_at:
                    remember_at = now + REMEMBER_EVERY
                    await self._remember()
                if now >= forget_at:
                    forget_at = now + FORGET_EVERY
                    await self._forget(now)
                await asyncio.sleep(BEAT)
        finally:
            await self._remember()

    async def acknowledge(self, number: int, by: str, quiet: timedelta = timedelta(0)) -> None:
        """Note that a person has seen an alert, and wants it quiet for a while."""
        await self._act(lambda now: self._board.acknowledge(number, by, now, quiet=quiet))

    async def take(self, number: int, by: str) -> None:
        """Note that a person takes an alert. NotYours while it is another's."""
        await self._act(lambda now: self._board.take(number, by, now))

    async def offer(self, number: int, by: str, to: str) -> None:
        """Note that an alert's owner hands it over to somebody."""
        await self._act(lambda now: self._board.offer(number, by, to, now))

    async def note(
        self,
        by: str,
        text: str,
        *,
        uids: Sequence[str] = (),
        context: Context = LIVE,
        groups: frozenset[Group] | None = None,
    ) -> None:
        """Write a person's words into the log. AccordError where there are none, or too many."""
        if not text.strip():
            raise AccordError("a note needs words")
        if len(text) > MAX_NOTE:
            raise AccordError(f"a note has at most {MAX_NOTE} characters; this has {len(text)}")
        if len(uids) > MAX_UIDS:
            raise AccordError(f"a note is about at most {MAX_UIDS} objects")
        await self._act(
            lambda now: [
                Entry(
                    at=now, act=Act.NOTED, by=by, text=text, uids=tuple(uids),
                    context=context, groups=groups,
                )
            ]
        )  # fmt: skip

    async def begin_drill(self, name: str, by: str) -> None:
        """Declare that a drill is on, in place of one that is. AccordError: it has no name."""
        if not name.strip() or len(name) > MAX_DRILL or not name.isprintable():
            raise AccordError(f"a drill has a name of at most {MAX_DRILL} printable characters")
        drill = Drill(name=name.strip(), by=by, since=self._clock.now())
        await self._declare(drill, Act.DRILL_BEGUN, drill.name, by)

    async def end_drill(self, by: str) -> None:
        """Declare that no drill is on any more; where none is, nothing happens."""
        if self.drill is not None:
            await self._declare(None, Act.DRILL_ENDED, self.drill.name, by)

    async def _declare(self, drill: Drill | None, act: Act, name: str, by: str) -> None:
        entry = Entry(at=self._clock.now(), act=act, by=by, text=name)
        async with self._one_at_a_time:
            kept = await asyncio.to_thread(self._store.keep_drill, drill, entry)
            self.drill = drill
            self._around.tell([kept])

    async def log(
        self, *, since: datetime | None, before: int | None, uid: str | None, limit: int
    ) -> list[Entry]:
        """Return the newest entries of the log first."""
        return await asyncio.to_thread(
            self._store.log, since=since, before=before, uid=uid, limit=limit
        )

    async def _do(self, what: Callable[[datetime], Iterable[Entry]]) -> None:
        """Do what the node itself does; what cannot be kept is said, and tried again later."""
        try:
            await self._act(what)
        except WatchFault as error:
            if not self.trouble:
                self._log.trouble("watch log cannot be written", error=str(error))
            self.trouble = str(error)
            self._reads_picture = True
        else:
            self.trouble = ""

    async def _act(self, what: Callable[[datetime], Iterable[Entry]]) -> None:
        async with self._one_at_a_time:
            entries = list(what(self._clock.now()))
            if entries:
                kept = await asyncio.to_thread(self._store.keep, entries)
                self._board.apply(kept)
                self._around.tell(kept)
                gone = list(self._board.forget(self._clock.now()))
                self._around.tell(await asyncio.to_thread(self._store.keep, gone) if gone else ())

    def _seen(self, now: datetime) -> Iterator[Entry]:
        """Say what the picture's changes since the last look come to."""
        pending, self._pending = self._pending, {}
        if self._reads_picture:
            self._reads_picture = False
            tracks = list(self._around.picture())
            for track in tracks:
                self._judge.see(Change(sequence=0, report=track.lead, track=track))
            self._judge.settle()
            self._is_rule_met = True
            yield from self._held_against(of_picture(tracks), {Kind.EMERGENCY}, now)
            return
        if self._is_rule_met:
            self._is_rule_met = False
            yield from self._held_against(self._judge.held(), {Kind.RULE}, now)
        for found in pending.values():
            if isinstance(found, Over):
                yield from self._board.end(found.key, now)
            else:
                yield from self._board.arise(found, now)

    def _stands(self, now: datetime) -> Iterator[Entry]:
        kinds = {Kind.LINK, Kind.FEED, Kind.NODE}
        yield from self._held_against(of_status(self._around.status()), kinds, now)
        self._judge.look(now)
        yield from self._held_against(self._judge.held(), {Kind.RULE}, now)

    def _held_against(
        self, conditions: Iterable[Condition], kinds: set[Kind], now: datetime
    ) -> Iterator[Entry]:
        """Say what arose and what ended, where these are all there are of those kinds."""
        here: set[str] = set()
        for condition in conditions:
            here.add(condition.key)
            yield from self._board.arise(condition, now)
        for alert in self._board.alerts():
            condition = alert.condition
            if condition.kind in kinds and condition.key not in here:
                why = self._judge.correction(condition.key)
                yield from self._board.end(condition.key, now, correction=why)

    async def _remember(self) -> None:
        """Keep what rules remember, for the next start."""
        memory = self._judge.memory()
        if not memory and not self._has_memory:
            return
        self._has_memory = bool(memory)
        try:
            await asyncio.to_thread(self._store.keep_memory, memory)
        except WatchFault as error:
            self._log.trouble("what rules remember cannot be kept", error=str(error))

    async def _forget(self, now: datetime) -> None:
        settings = self._settings
        try:
            gone = await asyncio.to_thread(
                lambda: self._store.forget(now, kept=settings.log_kept, most=settings.max_entries)
            )
        except WatchFault as error:
            self._log.trouble("watch log cannot be shortened", error=str(error))
        else:
            self.counts["entries of the log forgotten"] += gone
