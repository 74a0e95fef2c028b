"""Lets what was decided about tracks hold on the picture: by people, and by the node itself.

The node joins what a sensor without names sees with what bears a number and stays with it. What a
person decides goes before.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from accord.api import correlation as api
from accord.api.caller import Callers
from accord.core.body import Position
from accord.core.clock import Clock
from accord.core.context import Context
from accord.core.report import Report
from accord.core.track import Track
from accord.observe.log import Log
from accord.picture.decisions import APART, NO_DECISIONS, Decision, Decisions, Verdict
from accord.picture.picture import Change, Picture
from accord.storage.correlation import CORRELATION, Correlation, CorrelationReader

if TYPE_CHECKING:
    from accord.fusion.associate import Associator, Mark

ASSOCIATE_EVERY = 5.0
"""Seconds between looks at what goes with what."""

BY = "the node"
"""Who decides what the node finds out by itself."""

_WHY = "seen without a name, it stays with what bears one"

_Pair = tuple[Context, str, str]


class Correlating:
    """Keeps the picture to the register. `told` hears of every track that a decision changes."""

    def __init__(
        self,
        directory: Path,
        *,
        picture: Picture,
        clock: Clock,
        log: Log,
        told: Callable[[Change], None],
    ) -> None:
        self._kept = Correlation(directory / CORRELATION)
        self._kept.prepare()
        self._reader = CorrelationReader(directory / CORRELATION)
        self._picture = picture
        self._clock = clock
        self._log = log
        self._told = told
        self._trouble = ""
        self._decided = tuple(self._reader.read() or ())
        self._own: dict[_Pair, tuple[Decision, ...]] = {}
        self._associators: dict[Context, Associator] = {}
        picture.decisions = Decisions(self._decided) if self._decided else NO_DECISIONS

    def look(self) -> None:
        """Take note of what was decided or undone since."""
        decided = self._reader.read()
        if self._reader.trouble != self._trouble:
            self._trouble = self._reader.trouble
            if self._trouble:
                self._log.trouble("decisions about tracks cannot be read", error=self._trouble)
        if decided is not None:
            self._decided = tuple(decided)
            self._apply()

    def _apply(self) -> None:
        own = (each for pair in self._own.values() for each in pair)
        for change in self._picture.decide(Decisions((*own, *self._decided))):
            self._told(change)

    def associate(self, channels: AbstractSet[str]) -> None:
        """Join what these channels see without names with what bears a number and stays with it."""
        # It brings arrays and trees along, which take a second to import and few nodes need.
        from accord.fusion.associate import Associator

        now = self._clock.now()
        marks = _Marks(channels, now)
        for track in self._picture.everything():
            marks.take(track)
        pairs: dict[_Pair, tuple[Decision, ...]] = {}
        for context in marks.contexts():
            associator = self._associators.setdefault(context, Associator())
            unnamed, named = marks.of(context)
            for uid, partner in associator.look(
                list(unnamed.values()), list(named.values())
            ).items():
                pair = context, uid, partner
                claim = marks.claims[context, partner]
                pairs[pair] = self._own.get(pair) or _together(context, uid, claim, now)
        if pairs.keys() != self._own.keys():
            self._own = pairs
            self._apply()

    def routes(self, callers: Callers) -> Sequence[BaseRoute]:
        """Return the routes, for the API."""
        around = api.Around(
            kept=self._kept,
            picture=self._picture,
            clock=self._clock,
            look=self.look,
            own=lambda: [pair[0] for pair in self._own.values()],
        )
        return api.routes(around, callers)

    def close(self) -> None:
        """Let the register go."""
        self._reader.close()


class _Marks:
    """What is seen without a name and what bears a number, by context and uid."""

    def __init__(self, channels: AbstractSet[str], now: datetime) -> None:
        self.claims: dict[tuple[Context, str], Report] = {}
        self._channels = channels
        self._now = now
        self._unnamed: dict[Context, dict[str, Mark]] = {}
        self._named: dict[Context, dict[str, Mark]] = {}

    def take(self, track: Track) -> None:
        """Take in what each source says of a track."""
        context = track.context
        for claim in track.claims.values():
            mark = _mark(claim, self._now)
            if mark is None or APART in claim.uid:  # what a person put apart stays so
                continue
            if claim.source.channel in self._channels:
                self._unnamed.setdefault(context, {})[claim.uid] = mark
            elif claim.identity.mmsi is not None or claim.identity.icao is not None:
                self._named.setdefault(context, {})[claim.uid] = mark
                self.claims[context, claim.uid] = claim

    def contexts(self) -> Sequence[Context]:
        """Return where anything is seen without a name."""
        return list(self._unnamed)

    def of(self, context: Context) -> "tuple[dict[str, Mark], dict[str, Mark]]":
        """Return what has no name, and what has."""
        return self._unnamed.get(context, {}), self._named.get(context, {})


def _mark(claim: Report, now: datetime) -> "Mark | None":
    from accord.fusion.associate import Mark

    body = claim.body
    if not isinstance(body, Position) or body.point is None or claim.doubts:
        return None
    age = max(0.0, (now - claim.time).total_seconds())
    point = body.point
    return Mark(claim.uid, claim.source.channel, point.lat, point.lon, body.course, body.speed, age)


def _together(context: Context, uid: str, claim: Report, now: datetime) -> tuple[Decision, ...]:
    """Return that both are one, and that who bears the number leads."""
    source = claim.source
    join = Decision(
        number=0, context=context, verdict=Verdict.JOIN, uid=claim.uid, other=uid,
        at=now, by=BY, why=_WHY,
    )  # fmt: skip
    prefer = Decision(
        number=0, context=context, verdict=Verdict.PREFER, uid=claim.uid,
        channel=source.channel, speaker=source.speaker, at=now, by=BY, why=_WHY,
    )  # fmt: skip
    return join, prefer
