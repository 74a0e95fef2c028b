"""After something was lost: find out with the partner what it has, before anything is sent again.

Each giver asks about what it gave. Messages of even rounds are the giver's, of odd rounds answers.
"""

from accord.federation.inflow import Inflow
from accord.federation.moment import Moment
from accord.federation.outflow import Outflow
from accord.federation.reconcile import END, Reconciliation
from accord.wire.peer.message import Range, RangePart
from accord.wire.peer.protocol import Lane

LAST_ROUND = 990
RANGE_OVERHEAD = 64
PARTS = {Lane.TRACKS: False, Lane.DURABLE: True}
"""What is compared apart, and whether it went by a log."""


class Comparing:
    """Both sides of comparing, for one link. While the giver compares, only urgent frames go."""

    def __init__(self, out: Outflow, inflow: Inflow) -> None:
        self._out = out
        self._in = inflow
        self._mine: dict[Lane, Reconciliation] = {}
        self._theirs: dict[Lane, Reconciliation] = {}
        self._until = 0.0

    def begin(self, now: Moment) -> None:
        """Ask the partner what it has of all that this node gave it."""
        self._until = now.seconds + self._out.settings.silent_after
        self._out.holds_back = True
        for lane, durable in PARTS.items():
            mine = Reconciliation(
                self._out.given.entries(durable=durable), limit=self._limit, begins=True
            )
            self._mine[lane] = mine
            self._out.say(Range(lane, 0, mine.begin()))

    def received(self, message: Range, now: Moment) -> None:
        """Take in a question or an answer of the partner."""
        if message.lane not in PARTS or message.round > LAST_ROUND:
            self._finish(message.lane, now)
        elif message.round % 2:
            self._learn(message, now)
        else:
            self._reply(message)

    def check(self, now: Moment) -> None:
        """Go on without an answer that does not come: what is there already changes nothing."""
        if self._out.holds_back and now.seconds >= self._until:
            for lane in list(self._mine):
                self._finish(lane, now)

    def next_at(self, now: Moment) -> float:
        """Return when nothing more is waited for."""
        return max(now.seconds, self._until) if self._mine else float("inf")

    def end(self) -> None:
        """End with the session."""
        self._mine.clear()
        self._theirs.clear()

    @property
    def _limit(self) -> int:
        return self._out.longest - RANGE_OVERHEAD

    def _reply(self, message: Range) -> None:
        lane = message.lane
        if not message.round or lane not in self._theirs:
            entries = self._in.entries(durable=PARTS[lane])
            self._theirs[lane] = Reconciliation(entries, limit=self._limit, begins=False)
        parts = self._theirs[lane].answer(message.parts) or (RangePart(*END),)
        self._out.say(Range(lane, message.round + 1, parts))

    def _learn(self, message: Range, now: Moment) -> None:
        mine = self._mine.get(message.lane)
        if mine is None:
            return
        parts = mine.answer(message.parts)
        if parts:
            self._out.say(Range(message.lane, message.round + 1, parts))
        else:
            self._finish(message.lane, now)

    def _finish(self, lane: Lane, now: Moment) -> None:
        mine = self._mine.pop(lane, None)
        if mine is not None:
            lost = self._out.given.compared(mine.lacking, mine.extra)
            self._out.send_again({had.own for had in lost}, durable=PARTS[lane], now=now)
        self._out.holds_back = bool(self._mine)
