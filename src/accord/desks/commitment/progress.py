"""How a clause stands on a day, and the register: what we owe, what we are owed, what expires."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accord.desks.commitment.record import Clause, Event, Held, Note, Record
from accord.desks.commitment.tied import Tied, untied

SOON = timedelta(days=90)
"""What ends within so many days is shown as expiring."""


class Progress(StrEnum):
    """How a clause stands."""

    NOT_MEASURABLE = "not measurable"
    UNCONFIRMED = "not confirmed"
    """Nobody has said yet that the sentence means this."""
    AHEAD = "not due yet"
    KEPT = "kept"
    LATE = "late"
    """Due and not reported as kept, or kept after it was due."""
    BROKEN = "broken"
    """Somebody said so, or its time is over and nobody has said that it was kept."""


def progress(held: Held, clause: Clause, on: date) -> Progress:
    """Return how a clause stands on a day, by what was said up to that day."""
    if not clause.is_measurable:
        return Progress.NOT_MEASURABLE
    if held.confirmed(clause.number) is None:
        return Progress.UNCONFIRMED
    last = _last_word(held.notes, clause, on)
    if last is None:
        return _unreported(clause, on)
    if last.event is Event.BROKEN:
        return Progress.BROKEN
    is_late = clause.due is not None and last.day > clause.due
    return Progress.LATE if is_late else Progress.KEPT


def _last_word(notes: Sequence[Note], clause: Clause, on: date) -> Note | None:
    said = [
        each
        for each in notes
        if each.clause == clause.number and each.event is not Event.CONFIRMED and each.day <= on
    ]
    return max(said, key=lambda each: (each.day, each.at), default=None)


def _unreported(clause: Clause, on: date) -> Progress:
    if clause.until is not None and on > clause.until:
        return Progress.BROKEN
    if clause.due is not None and on > clause.due:
        return Progress.LATE
    return Progress.AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One clause in the register."""

    record: Record
    clause: Clause
    progress: Progress
    confirmed_by: str
    expires: bool
    """Whether it ends within SOON."""
    tied: str = ""
    """Which clause of an agreement it is tied to, and how that stands; nothing where it is not."""

    @property
    def sentence(self) -> str:
        """The words that it was read out of."""
        return self.record.sentences[self.clause.sentence - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The clauses by what they are to one nation; what expires stands in `expiring` as well."""

    nation: str
    on: date
    owe: tuple[Line, ...]
    owed: tuple[Line, ...]
    others: tuple[Line, ...]
    """Between others, or binding nobody in particular."""
    expiring: tuple[Line, ...]
    unread: tuple[tuple[Record, int], ...]
    """Sentences out of which no clause was read yet."""


def register(helds: Iterable[Held], nation: str, on: date, *, tied: Tied = untied) -> Register:
    """Return what stands between one nation and others on a day, the earliest due first."""
    known = sorted(helds, key=lambda each: (each.record.date, each.record.id))
    lines = sorted(
        (line for held in known for line in _lines(held, on, tied)),
        key=lambda line: line.clause.due or line.clause.until or date.max,
    )
    return Register(
        nation=nation,
        on=on,
        owe=tuple(line for line in lines if line.clause.owed_by == nation),
        owed=tuple(line for line in lines if _is_owed(line.clause, nation)),
        others=tuple(
            line
            for line in lines
            if line.clause.owed_by != nation and not _is_owed(line.clause, nation)
        ),
        expiring=tuple(line for line in lines if line.expires),
        unread=tuple((held.record, n) for held in known for n in held.record.unread()),
    )


def _is_owed(clause: Clause, nation: str) -> bool:
    return clause.owed_to == nation and clause.owed_by != nation


def _lines(held: Held, on: date, tied: Tied) -> Iterator[Line]:
    for clause in held.record.clauses:
        confirmed = held.confirmed(clause.number)
        yield Line(
            record=held.record,
            clause=clause,
            progress=progress(held, clause, on),
            confirmed_by="" if confirmed is None else confirmed.by,
            expires=clause.until is not None and on <= clause.until <= on + SOON,
            tied=tied(clause),
        )
