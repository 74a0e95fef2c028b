"""By which agreements something may leave for a partner now, and what was decided."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accord.core.agreement import Reason, Withheld
from accord.core.report import Report
from accord.release.decide import Released
from accord.wire.peer.message import AGREEMENT, Grant, Held

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

    `flowing` counts what left by clause and form, `withheld` what did not by reason.
    """

    def __init__(self, decide: Decide) -> None:
        self.flowing: Counter[tuple[str, str]] = Counter()
        self.withheld: Counter[str] = Counter()
        self.suspended: dict[bytes, str] = {}
        self.gives: tuple[Held, ...] = ()
        self.takes: tuple[Held, ...] = ()
        self._decide = decide
        self._alike: frozenset[Held] = frozenset()
        self._expected: frozenset[bytes] = frozenset()
        self._blocked: tuple[str, ...] = ()
        # As many as the agreements have clauses and forms.
        self._grants: dict[tuple[bytes, str, str], Grant] = {}

    @property
    def is_open(self) -> bool:
        """Whether anything can be released at all."""
        return any(held.digest[:AGREEMENT] not in self.suspended for held in self._alike)

    @property
    def blocked(self) -> tuple[str, ...]:
        """Why nothing flows by which agreement, a sentence each."""
        stopped = (f"suspended: {reason}" for reason in self.suspended.values())
        return (*self._blocked, *stopped)

    def agree(self, gives: Sequence[Held], takes: Sequence[Held]) -> bool:
        """Note what this node holds; tell whether that is a change."""
        before = self.gives, self.takes
        self.gives, self.takes = tuple(gives), tuple(takes)
        return before != (self.gives, self.takes)

    def compare(self, gives: Sequence[Held], takes: Sequence[Held]) -> None:
        """Take note of what the partner says it gives and takes by."""
        self._alike = frozenset(self.gives) & frozenset(takes)
        self._expected = frozenset(
            held.digest[:AGREEMENT] for held in frozenset(self.takes) & frozenset(gives)
        )
        out = _differences(self.gives, takes, "nothing is released by {}: the partner {}")
        back = _differences(self.takes, gives, "nothing is expected by {}: the partner {}")
        self._blocked = (*out, *back)

    def close(self) -> None:
        """Take note that there is no partner at the other end."""
        self.compare((), ())
        self._blocked = ()

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
            return self.stays(decision.reason.value, decision.clause)
        held = self._held(decision)
        if held is None:
            return self.stays(NOT_ALIKE, decision.clause)
        grant = self._grant(held, decision.clause, decision.form.name)
        if grant.agreement in self.suspended:
            return self.stays(SUSPENDED, decision.clause)
        return Leaving(decision, grant)

    def _grant(self, held: Held, clause: str, form: str) -> Grant:
        """Return the one grant of those words: made once, since it is asked for every release."""
        key = held.digest, clause, form
        grant = self._grants.get(key)
        if grant is None:
            grant = self._grants[key] = Grant(held.digest[:AGREEMENT], clause, form)
        return grant

    def stays(self, reason: str, clause: str | None = None) -> Stays:
        """Count that something stays, and return why."""
        self.withheld[reason] += 1
        return Stays(reason, clause)

    def _held(self, released: Released) -> Held | None:
        for held in self._alike:
            if (held.id, held.serial) == (released.agreement, released.serial):
                return held
        return None


def _differences(own: Sequence[Held], theirs: Sequence[Held], words: str) -> list[str]:
    found: list[str] = []
    for held in own:
        other = next((each for each in theirs if each.id == held.id), None)
        if other is None:
            found.append(words.format(held.id, "does not hold it"))
        elif other.serial != held.serial:
            found.append(words.format(held.id, f"holds serial {other.serial}, not {held.serial}"))
        elif other.digest != held.digest:
            found.append(words.format(held.id, "holds another text of it"))
    return found
