"""By which agreements something may leave for a partner now, and what was decided."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.federation.standing import (
    Holding,
    Standing,
    Stopped,
    compare,
    stands_stopped,
    unknown,
)
from accord.federation.totals import Totals
from accord.release.decide import Released
from accord.wire.peer.message import Held
from accord.wire.peer.protocol import AGREEMENT
from accord.wire.peer.report import Grant

Decide = Callable[[Report, datetime], Released | Withheld]
"""What leaves of a report for this partner now (`release.gate.Gate.decide` with its situation)."""

SUSPENDED = "the agreement is suspended"
NOT_ALIKE = "the partner does not hold the agreement alike"
INEXPRESSIBLE = "it cannot be said to a partner"
NEVER_GIVEN = "what it removes was never released"


class Leaving(NamedTuple):
    """What was decided to leave, and by what, as the wire says it."""

    released: Released
    grant: Grant


@dataclass(frozen=True, slots=True)
class Stays:
    """What was decided not to leave: why, by which clause, and whether time may change that."""

    reason: str
    clause: str | None = None

    @property
    def may_change(self) -> bool:
        """Whether the same will be decided otherwise without anything having been changed."""
        return self.reason in _PASSING

    @property
    def is_blocked(self) -> bool:
        """Whether it would leave but for a suspension, or the partner's other agreement."""
        return self.reason in (SUSPENDED, NOT_ALIKE)


_PASSING = frozenset({Reason.TOO_YOUNG.value, Reason.NOT_DUE.value, Reason.CLOCK.value})


class Door:
    """Asks for decisions, and lets out only what an agreement grants that both nodes hold alike.

    `totals` counts what left and what did not. `partner` is the node at the other end.
    """

    def __init__(self, decide: Decide, *, partner: str, totals: Totals) -> None:
        self.totals = totals
        self.suspended: dict[bytes, str] = {}
        self._partner = partner
        self._suspended_there: dict[bytes, str] = {}
        self.gives: tuple[Held, ...] = ()
        self.takes: tuple[Held, ...] = ()
        self._decide = decide
        self._alike: frozenset[Held] = frozenset()
        self._expected: frozenset[bytes] = frozenset()
        self.stopped: tuple[Stopped, ...] = ()
        self._theirs: Holding | None = None
        # As many as the agreements have clauses and forms.
        self._grants: dict[tuple[bytes, str, str], Grant] = {}

    @property
    def is_open(self) -> bool:
        """Whether anything can be released at all."""
        return any(held.digest[:AGREEMENT] not in self.suspended for held in self._alike)

    @property
    def gives_nothing(self) -> bool:
        """Whether what waits for the partner would not leave over a link either."""
        if self._theirs is not None:
            return not self.is_open
        return all(held.digest[:AGREEMENT] in self.suspended for held in self.gives)

    @property
    def blocked(self) -> tuple[str, ...]:
        """Why nothing flows by which agreement, a sentence each."""
        stopped = {each.held.digest[:AGREEMENT] for each in self.stopped}
        # The files of the agreement are read a moment after the node was told.
        untold = (
            f"{self._named(agreement)} is suspended here: {reason}"
            for agreement, reason in self.suspended.items() if agreement not in stopped
        )  # fmt: skip
        return (*(each.why for each in self.standing if each.why), *untold)

    def _named(self, agreement: bytes) -> str:
        for held in (*self.gives, *self.takes):
            if held.digest[:AGREEMENT] == agreement:
                return f"{held.id} serial {held.serial}"
        return f"an agreement ({agreement.hex()})"

    @property
    def standing(self) -> tuple[Standing, ...]:
        """How each agreement stands between the two nodes."""
        ours, theirs, names = self._ours(), self._theirs, {each.held.id for each in self.stopped}
        if theirs is None:
            found = unknown(ours)
        else:
            found = compare(ours, theirs, self._partner, self._suspended_there, names)
        stopped = (
            stands_stopped(each, theirs, self.suspended.get(each.held.digest[:AGREEMENT], ""))
            for each in self.stopped
        )
        return (*found, *(each for each in stopped if each is not None))

    def _ours(self) -> Holding:
        stopped = {each.held for each in self.stopped}
        return Holding(
            [each for each in self.gives if each not in stopped],
            [each for each in self.takes if each not in stopped],
        )

    def agree(self, gives: Sequence[Held], takes: Sequence[Held]) -> bool:
        """Note what this node holds; tell whether that is a change."""
        before = self.gives, self.takes
        self.gives, self.takes = tuple(gives), tuple(takes)
        return before != (self.gives, self.takes)

    def compare(self, gives: Sequence[Held], takes: Sequence[Held]) -> None:
        """Take note of what the partner says it gives and takes by."""
        self._alike, self._expected = self._common(gives, takes)
        for held in (*gives, *takes):
            self._suspended_there.pop(held.digest[:AGREEMENT], None)
        self._theirs = Holding(gives, takes)

    def suspended_there(self, agreement: bytes, reason: str) -> None:
        """Take note that the partner has suspended an agreement of both."""
        if any(held.digest[:AGREEMENT] == agreement for held in (*self.gives, *self.takes)):
            self._suspended_there[agreement] = reason

    @property
    def all_suspended_there(self) -> tuple[tuple[bytes, str], ...]:
        """What the partner said it has suspended, and why."""
        return tuple(self._suspended_there.items())

    def were_suspended_there(self, suspended: Iterable[tuple[bytes, str]]) -> None:
        """Go on with what the partner said before; its next HELLO says what holds no more."""
        self._suspended_there.update(suspended)

    def close(self) -> None:
        """Take note that there is no partner at the other end."""
        self._alike, self._expected = frozenset(), frozenset()
        self._theirs = None

    @contextmanager
    def as_with(self, gives: Sequence[Held], takes: Sequence[Held]) -> Generator[None]:
        """Hold to what the partner said another time, and then to what it said last again."""
        before = self._alike, self._expected
        self._alike, self._expected = self._common(gives, takes)
        try:
            yield
        finally:
            self._alike, self._expected = before

    def _common(
        self, gives: Sequence[Held], takes: Sequence[Held]
    ) -> tuple[frozenset[Held], frozenset[bytes]]:
        expected = frozenset(self.takes) & frozenset(gives)
        return frozenset(self.gives) & frozenset(takes), frozenset(
            held.digest[:AGREEMENT] for held in expected
        )

    def expects(self, grant: Grant) -> bool:
        """Tell whether the partner may release by that agreement."""
        return grant.agreement in self._expected

    def is_in_force(self, grant: Grant) -> bool:
        """Tell whether this node may release by that grant's agreement now."""
        return grant.agreement not in self.suspended and any(
            held.digest[:AGREEMENT] == grant.agreement for held in self._alike
        )

    def ask(self, report: Report, at: datetime) -> Leaving | Stays:
        """Have it decided what of the report leaves now."""
        decision = self._decide(report, at)
        if isinstance(decision, Withheld):
            return self.stays(report, decision.reason.value, decision.clause)
        held = self._held(decision)
        if held is None:
            return self.stays(report, NOT_ALIKE, decision.clause)
        grant = self._grant(held, decision.clause, decision.form.name)
        if grant.agreement in self.suspended:
            return self.stays(report, SUSPENDED, decision.clause)
        return Leaving(decision, grant)

    def _grant(self, held: Held, clause: str, form: str) -> Grant:
        """Return the one grant of those words: made once, since it is asked for every release."""
        key = held.digest, clause, form
        grant = self._grants.get(key)
        if grant is None:
            grant = self._grants[key] = Grant(held.digest[:AGREEMENT], clause, form)
        return grant

    def stays(self, report: Report, reason: str, clause: str | None = None) -> Stays:
        """Count that a report stays, and return why."""
        self.totals.stayed(report, clause, reason)
        return Stays(reason, clause)

    def _held(self, released: Released) -> Held | None:
        for held in self._alike:
            if (held.id, held.serial) == (released.agreement, released.serial):
                return held
        return None
