"""What leaves for one TAK server, and when: of positions the newest, of the rest all, in order.

A TAK server acknowledges nothing. So what counts as there is what has been written; when a
connection is new, the newest picture is said again, and of the rest what was written just before.
Every decision falls when the bytes are about to be made, and not earlier.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from accord.core.agreement import Reason, Withheld
from accord.core.body import Alarm, Message, Opaque, Position, Removal, Shape
from accord.core.report import AddressKind, Report
from accord.federation.carried import Carried
from accord.federation.moment import Moment
from accord.federation.settings import SyncSettings
from accord.federation.tak.settings import TakFederationSettings
from accord.federation.totals import Once
from accord.federation.version import as_released
from accord.release.decide import Released
from accord.wire.peer.errors import NotExpressible
from accord.wire.peer.message import Held
from accord.wire.peer.protocol import AGREEMENT, Version
from accord.wire.peer.report import Grant, PeerReport
from accord.wire.peer.translate import Leave, to_peer_report

Key = tuple[str, str]
"""The context and the uid of an object, as this node has them."""

Decide = Callable[[Report, datetime], Released | Withheld]
TOO_MANY = "more waits than may"
AN_OBJECT_TOO_MANY = "an object too many"
NOT_AGAIN = "more drawings and alarms than are said again on a new connection"
TO_A_TEAM = "it is addressed to a team, which TAK federation cannot say"
NEVER_GIVEN = "what it removes was never released"
INEXPRESSIBLE = "it cannot be said to a partner"
_PASSING = (Reason.TOO_YOUNG, Reason.NOT_DUE, Reason.CLOCK)


class Candidate(NamedTuple):
    """A report that may leave, in its version, with what it carried if another node's."""

    report: Report
    version: Version
    carried: Carried | None = None


class Made(NamedTuple):
    """What was made of a candidate, and by what grant."""

    source: Candidate
    content: PeerReport
    held: Held


class _Object:
    """One moving object; `candidates` newest last, several only while a form demands age."""

    __slots__ = ("candidates", "is_there", "made", "needs_age", "since")

    def __init__(self, since: float) -> None:
        self.candidates: list[Candidate] = []
        self.made: Made | None = None
        self.is_there = False
        self.needs_age = False
        self.since = since


class _Entry(NamedTuple):
    """Something that is not superseded by what comes later, and since when it waits."""

    candidate: Candidate
    since: float


class TakOutflow:
    """Everything that one TAK server may be given. `take` returns what is to be let out now.

    `decide` is asked for each, `gives` are the agreements by which it decides. `counts` counts what
    was lost to a limit or cannot be said.
    """

    def __init__(
        self, own: str, decide: Decide, *, sync: SyncSettings, settings: TakFederationSettings,
        counts: Counter[str],
    ) -> None:  # fmt: skip
        self.gives: tuple[Held, ...] = ()
        self.released: Counter[str] = Counter()
        self._own = own
        self._decide = decide
        self._sync = sync
        self._settings = settings
        self._counts = counts
        self._objects: dict[Key, _Object] = {}
        self._ready: dict[Key, None] = {}
        self._later: list[tuple[float, int, Key | _Entry]] = []
        self._order = 0
        self._put_off_keys: set[Key] = set()
        self._log: deque[_Entry] = deque()
        self._standing: dict[Key, Candidate] = {}
        self._given: dict[Key, Version] = {}
        self._flying: dict[int, tuple[Made, _Entry | None]] = {}
        self._written: deque[tuple[float, _Entry]] = deque(maxlen=settings.sent_again)
        self._left = Once[tuple[int, int]](sync.max_objects)
        self._number = 0

    # What may leave.

    def note(self, candidate: Candidate, seconds: float) -> None:
        """Offer a report; what came over too many nodes already stays."""
        carried = candidate.carried
        if carried is not None and len(carried.path) >= self._sync.hop_limit:
            return
        report = candidate.report
        if isinstance(report.body, Position):
            self._note_state(_key(report), candidate, seconds)
            return
        self._note_ends(report)
        if isinstance(report.body, Opaque | Message | Removal) or _cancels(report):
            self._add(_Entry(candidate, seconds))
            return
        self._standing.pop(_key(report), None)
        if len(self._standing) >= self._settings.max_waiting:
            del self._standing[next(iter(self._standing))]
            self._counts[NOT_AGAIN] += 1
        self._standing[_key(report)] = candidate
        self._add(_Entry(candidate, seconds))

    def _note_ends(self, report: Report) -> None:
        """Say again no more what is over."""
        body = report.body
        if isinstance(body, Removal):
            gone = str(report.context), body.target
            self._objects.pop(gone, None)
            self._ready.pop(gone, None)
            self._standing.pop(gone, None)
        elif _cancels(report):
            self._standing.pop(_key(report), None)

    def _note_state(self, key: Key, candidate: Candidate, seconds: float) -> None:
        it = self._objects.pop(key, None)
        if it is None:
            self._make_room()
            it = _Object(seconds)
        elif it.candidates and candidate.version <= it.candidates[-1].version:
            self._objects[key] = it
            return
        self._objects[key] = it
        if not it.needs_age:
            it.candidates.clear()
        it.candidates.append(candidate)
        if len(it.candidates) > self._sync.max_waiting:
            it.candidates = [*it.candidates[:-1:2], candidate]
        self._make_ready(key, seconds)

    def _make_room(self) -> None:
        if len(self._objects) < self._sync.max_objects:
            return
        oldest = next(iter(self._objects))
        del self._objects[oldest]
        if oldest in self._ready:
            del self._ready[oldest]
            self._counts[AN_OBJECT_TOO_MANY] += 1

    def _make_ready(self, key: Key, seconds: float) -> None:
        if key not in self._ready:
            self._ready[key] = None
            self._objects[key].since = seconds

    def _add(self, entry: _Entry) -> None:
        self._log.append(entry)
        if len(self._log) > self._settings.max_waiting:
            self._log.popleft()
            self._counts[TOO_MANY] += 1

    def reconsider(self, now: Moment) -> None:
        """Decide everything again: what decisions depend on has changed."""
        later, self._later = self._later, []
        self._put_off_keys.clear()
        for _, _, what in later:
            if isinstance(what, _Entry):
                self._add(what)
        self._say_again(now)

    # The connection.

    def connected(self, now: Moment) -> None:
        """Begin a connection: the newest picture is to be said, less what is out of date."""
        self._say_again(now)

    def _say_again(self, now: Moment) -> None:
        for key, it in list(self._objects.items()):
            it.is_there = False
            if it.candidates[-1].report.stale < now.at:
                del self._objects[key]
                self._ready.pop(key, None)
            else:
                self._make_ready(key, now.seconds)
        waiting = {id(entry.candidate) for entry in self._log}
        for key, candidate in list(self._standing.items()):
            if candidate.report.stale < now.at:
                del self._standing[key]
            elif id(candidate) not in waiting:
                self._add(_Entry(candidate, now.seconds))

    def disconnected(self, seconds: float) -> None:
        """End a connection: what may not have arrived waits for the next, in its order."""
        after = seconds - self._settings.sent_again_within
        again = [entry for at, entry in self._written if at >= after and not _stands(entry)]
        again += [
            entry for _, entry in self._flying.values() if entry is not None and not _stands(entry)
        ]
        for entry in reversed(again):
            self._log.appendleft(entry)
        while len(self._log) > self._settings.max_waiting:
            self._log.popleft()
            self._counts[TOO_MANY] += 1
        self._written.clear()
        self._flying.clear()

    def take(self, now: Moment, most: int) -> Iterator[tuple[int, PeerReport]]:
        """Yield what is to be let out now, each under a number, at most so many."""
        self._wake(now.seconds)
        for _ in range(most):
            found = self._of_log(now) or self._of_objects(now)
            if found is None:
                return
            self._number += 1
            self._flying[self._number] = found
            yield self._number, found[0].content

    def written(self, number: int, seconds: float, *, is_said: bool) -> None:
        """Note that it has been written; or that it could not be said to a TAK server."""
        flown = self._flying.pop(number, None)
        if flown is None:
            return
        made, entry = flown
        if not is_said:
            self._counts[INEXPRESSIBLE] += 1
            return
        content = made.content
        version = content.version.epoch, content.version.ms
        if self._left.is_new((content.subject.context, content.subject.uid), version):
            self.released[f"{content.grant.clause} {content.grant.form}"] += 1
        if entry is not None:
            self._written.append((seconds, entry))

    def next_at(self) -> float | None:
        """Return at which `seconds` something is decided again; None while nothing waits for it."""
        return self._later[0][0] if self._later else None

    def waiting(self) -> dict[str, int]:
        """Return how much waits, by lane."""
        later = len(self._later) - len(self._put_off_keys)
        flying = sum(entry is not None for _, entry in self._flying.values())
        return {"durable": len(self._log) + later + flying, "tracks": len(self._ready)}

    def lag(self, seconds: float) -> float:
        """Return for how many seconds the oldest of it has waited."""
        since = [self._log[0].since] if self._log else []
        since += [self._objects[key].since for key in list(self._ready)[:1]]
        return max((seconds - each for each in since), default=0.0)

    # Decisions.

    def _of_log(self, now: Moment) -> tuple[Made, _Entry | None] | None:
        while self._log:
            entry = self._log.popleft()
            said = self._asked(entry.candidate, now)
            if isinstance(said, Made):
                return said, entry
            if said in _PASSING:
                self._put_off(entry, now.seconds)
        return None

    def _of_objects(self, now: Moment) -> tuple[Made, _Entry | None] | None:
        while self._ready:
            key = next(iter(self._ready))
            del self._ready[key]
            made = self._of_object(key, self._objects[key], now)
            if made is not None:
                return made, None
        return None

    def _of_object(self, key: Key, it: _Object, now: Moment) -> Made | None:
        """Return what leaves of an object now; where nothing does, have it wait for its time."""
        said: Made | Reason | str | None = None
        for place in range(len(it.candidates) - 1, -1, -1):
            candidate = it.candidates[place]
            if it.is_there and it.made and candidate.version <= it.made.source.version:
                break
            said = self._asked(candidate, now)
            if isinstance(said, Made):
                del it.candidates[:place]
                it.made, it.is_there = said, True
                it.needs_age = len(it.candidates) > 1
                if place < len(it.candidates) - 1:
                    self._put_off(key, now.seconds)
                return said
            if said is not Reason.TOO_YOUNG:
                break
            it.needs_age = True
        if said in _PASSING:
            self._put_off(key, now.seconds)
            return self._once_more(it)
        return None

    def _once_more(self, it: _Object) -> Made | None:
        """Return what was made before, on a new connection, where its agreement still holds.

        A form's cadence counts what was released: saying the same again tells nothing more.
        """
        made = it.made
        if it.is_there or made is None or made.held not in self.gives:
            return None
        it.is_there = True
        return made

    def _asked(self, candidate: Candidate, now: Moment) -> Made | Reason | str:
        report = candidate.report
        why_not = self._why_unsayable(report)
        if why_not:
            self._counts[why_not] += 1
            return why_not
        said = self._decide(report, now.at)
        if isinstance(said, Withheld):
            return said.reason
        return self._made(candidate, said)

    def _why_unsayable(self, report: Report) -> str:
        if any(each.kind is AddressKind.TEAM for each in report.to):
            return TO_A_TEAM
        context, body = str(report.context), report.body
        if isinstance(body, Removal) and (context, body.target) not in self._given:
            return NEVER_GIVEN
        return NEVER_GIVEN if _cancels(report) and _key(report) not in self._given else ""

    def _made(self, candidate: Candidate, released: Released) -> Made | Reason | str:
        held = next((h for h in self.gives if _is_of(h, released)), None)
        if held is None:
            return Reason.NOT_IN_FORCE
        key = _key(candidate.report)
        version = as_released(candidate.version, released.form, self._given.get(key))
        if version is None:
            return Reason.NOT_DUE
        grant = Grant(held.digest[:AGREEMENT], released.clause, released.form.name)
        try:
            content = to_peer_report(
                released.report, self._leave(candidate, grant), version=version,
                with_original=released.form.exact,
            )  # fmt: skip
        except NotExpressible:
            self._counts[INEXPRESSIBLE] += 1
            return INEXPRESSIBLE
        self._given.pop(key, None)
        if len(self._given) >= self._sync.max_objects:
            del self._given[next(iter(self._given))]
        self._given[key] = version
        return Made(candidate, content, held)

    def _leave(self, candidate: Candidate, grant: Grant) -> Leave:
        if candidate.carried is None:
            return Leave(origin=self._own, grant=grant)
        origin, *others = candidate.carried.path
        return Leave(origin=origin, grant=grant, path=(*others, self._own))

    def _put_off(self, what: Key | _Entry, seconds: float) -> None:
        if isinstance(what, _Entry):
            if len(self._later) - len(self._put_off_keys) >= self._settings.max_waiting:
                self._counts[TOO_MANY] += 1
                return
        elif what in self._put_off_keys:
            return
        else:
            self._put_off_keys.add(what)
        self._order += 1
        heappush(self._later, (seconds + self._sync.retry, self._order, what))

    def _wake(self, seconds: float) -> None:
        while self._later and self._later[0][0] <= seconds:
            _, _, what = heappop(self._later)
            if isinstance(what, _Entry):
                self._add(what)
                continue
            self._put_off_keys.discard(what)
            if what in self._objects:
                self._make_ready(what, seconds)


def _key(report: Report) -> Key:
    return str(report.context), report.uid


def _cancels(report: Report) -> bool:
    return isinstance(report.body, Alarm) and report.body.cancels


def _stands(entry: _Entry) -> bool:
    """Tell whether it is said again anyway, as a part of the picture."""
    body = entry.candidate.report.body
    return isinstance(body, Shape | Alarm) and not _cancels(entry.candidate.report)


def _is_of(held: Held, released: Released) -> bool:
    return (held.id, held.serial) == (released.agreement, released.serial)
