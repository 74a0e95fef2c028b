"""A statement as a record: its sentences, the clauses read out of them, and who confirmed these.

Everything here belongs to a plan: nothing of it is a live report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accord.core.errors import AccordError
from accord.posture.model import (
    AddUnits,
    Commitment,
    Deploy,
    Effect,
    Origin,
    Promise,
    PromiseKind,
    SetAccess,
    SetAvailability,
    SetNotice,
    Withdraw,
)


class Binding(StrEnum):
    """What a clause does, in words; the last kind says that it does nothing anybody can measure."""

    ADDS = "adds a deployment"
    SHIFTS = "shifts a deployment"
    REMOVES = "removes a deployment"
    GAINS = "adds units"
    AVAILABILITY = "changes availability"
    NOTICE = "changes notice"
    OPENS_BASE = "opens a base"
    CLOSES_BASE = "closes a base"
    OPENS_DATA = "opens a data flow"
    CLOSES_DATA = "closes a data flow"
    EXERCISE = "promises an exercise"
    CONTRIBUTION = "promises a contribution"
    NOTHING = "binds nothing measurable"


_PROMISES = {
    PromiseKind.DATA_OPENED: Binding.OPENS_DATA,
    PromiseKind.DATA_CLOSED: Binding.CLOSES_DATA,
    PromiseKind.EXERCISE: Binding.EXERCISE,
    PromiseKind.CONTRIBUTION: Binding.CONTRIBUTION,
    PromiseKind.NOTHING: Binding.NOTHING,
}


def binding_of(effect: Effect) -> Binding:
    """Return what an effect is called."""
    match effect:
        case Deploy():
            return Binding.ADDS if effect.source is None else Binding.SHIFTS
        case Withdraw():
            return Binding.REMOVES
        case AddUnits():
            return Binding.GAINS
        case SetAvailability() | SetNotice():
            is_notice = isinstance(effect, SetNotice)
            return Binding.NOTICE if is_notice else Binding.AVAILABILITY
        case SetAccess():
            return Binding.OPENS_BASE if effect.is_open else Binding.CLOSES_BASE
        case Promise():
            return _PROMISES[effect.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that a sentence binds somebody to, by `due` and up to `until` where it says so."""

    number: int
    sentence: int
    effect: Effect
    owed_by: str
    owed_to: str
    due: date | None = None
    until: date | None = None

    @property
    def binding(self) -> Binding:
        """What it does."""
        return binding_of(self.effect)

    @property
    def is_measurable(self) -> bool:
        """Whether anybody could tell that it was kept."""
        return self.binding is not Binding.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One statement or arrangement. `sentences` are its words, in their order."""

    id: str
    title: str
    parties: tuple[str, ...]
    date: date
    source: str
    sentences: tuple[str, ...]
    clauses: tuple[Clause, ...]
    origin: Origin

    def clause(self, number: int) -> Clause:
        """Return one of its clauses. NoSuchClause where there is none of that number."""
        if not 1 <= number <= len(self.clauses):
            raise NoSuchClause(f"{self.id} has no clause {number}; it has {len(self.clauses)}")
        return self.clauses[number - 1]

    def unread(self) -> tuple[int, ...]:
        """Return the sentences, counted from 1, out of which no clause was read yet."""
        read = {each.sentence for each in self.clauses}
        return tuple(n for n in range(1, len(self.sentences) + 1) if n not in read)

    def commitment(self) -> Commitment:
        """Return what can be worked out, if every clause means what it says."""
        return _commitment(self, self.clauses, ())


def _commitment(
    record: Record, clauses: Sequence[Clause], left_out: Sequence[Clause]
) -> Commitment:
    words = record.sentences
    return Commitment(
        id=record.id,
        text=record.title,
        effects=tuple(each.effect for each in clauses),
        numbers=tuple(each.number for each in clauses),
        origin=record.origin,
        left_out=(
            *(
                f"clause {each.number} was confirmed by nobody, and is not worked out "
                f"({words[each.sentence - 1]})"
                for each in left_out
            ),
            *(
                f"sentence {n} was not read: nobody has said whether it binds anybody to "
                f"anything ({words[n - 1]})"
                for n in record.unread()
            ),
        ),
    )


class NoSuchClause(AccordError):
    """There is no clause of that number."""


class NotNoted(AccordError):
    """What was said of a clause cannot be so; it says why."""


class Event(StrEnum):
    """What a person said of a clause."""

    CONFIRMED = "confirmed"
    """It is what the sentence means."""
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a person said of one clause: about which day, when, and with which words."""

    record: str
    clause: int
    event: Event
    day: date
    by: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record as it stands in the register, with what was said of its clauses since."""

    record: Record
    notes: tuple[Note, ...]
    added_by: str
    added: datetime

    def confirmed(self, clause: int) -> Note | None:
        """Return by whom a clause was confirmed, None while nobody has."""
        found = (
            each for each in self.notes if each.clause == clause and each.event is Event.CONFIRMED
        )
        return next(found, None)

    def check(self, note: Note) -> None:
        """Refuse what cannot be said of a clause. NoSuchClause, NotNoted."""
        clause = self.record.clause(note.clause)
        name = f"{note.record}.{note.clause}"
        if note.event is Event.CONFIRMED:
            return
        if not clause.is_measurable:
            raise NotNoted(f"{name} binds nothing measurable: nobody can tell whether it was kept")
        if self.confirmed(note.clause) is None:
            raise NotNoted(f"nobody has confirmed that {name} is what was meant: confirm it first")
        for each in self.notes:
            is_about = each.clause == note.clause and each.day == note.day
            if is_about and each.event not in (Event.CONFIRMED, note.event):
                raise NotNoted(
                    f"{each.by} said that {name} was {each.event} on {each.day}: it is not both "
                    "on one day"
                )

    def commitment(self) -> Commitment:
        """Return what can be worked out: the clauses that were confirmed, in their order."""
        clauses = self.record.clauses
        return _commitment(
            self.record,
            [each for each in clauses if self.confirmed(each.number)],
            [each for each in clauses if not self.confirmed(each.number)],
        )
