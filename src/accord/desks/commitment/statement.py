"""A statement as a file: who said what, sentence by sentence, and the clauses read out of it."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import TypeVar

from accord.desks.commitment.record import Clause, Record
from accord.posture.entry import Entry, read_tree
from accord.posture.fault import Fault, ScenarioError, attempt, refuse
from accord.posture.model import Grade, Origin
from accord.posture.undertaking import GRADES, read_effects

T = TypeVar("T")

SCHEMA = "accord-statement/1"

MAX_SENTENCES = 500
MAX_CLAUSES = 500


def is_statement(text: str) -> bool:
    """Tell whether a file says that it is a statement."""
    return any(line.startswith(f"schema: {SCHEMA}") for line in text.splitlines())


def read_statement(text: str) -> Record:
    """Return the record that a file describes. ScenarioError says everything that is wrong."""
    tree = read_tree(text)
    if tree.text("schema") != SCHEMA:
        raise tree.wrong("schema", f"a statement begins with schema: {SCHEMA}")
    return _Reader(tree).record()


class _Reader:
    """Reads one tree, and gathers everything that is wrong in it."""

    def __init__(self, tree: Entry) -> None:
        self._tree = tree
        self._faults: list[Fault] = []
        self._rows = 0

    def record(self) -> Record:
        """Return all of it."""
        tree = self._tree
        said = self._attempt(lambda: _day(tree, "date")) or date.min
        origin = self._origin(said)
        parties = self._attempt(lambda: tree.texts("parties")) or ()
        names = [self._attempt(partial(tree.text, key)) or "" for key in ("id", "title")]
        texts, clauses = self._sentences(parties, origin)
        self._attempt(tree.finish)
        if self._faults:
            raise ScenarioError(self._faults)
        return Record(
            id=names[0],
            title=names[1],
            parties=parties,
            date=said,
            source=origin.who,
            sentences=tuple(texts),
            clauses=tuple(clauses),
            origin=origin,
        )

    def _attempt(self, action: Callable[[], T]) -> T | None:
        return attempt(action, self._faults)

    def _origin(self, said: date) -> Origin:
        """Return whose the statement is; where that cannot be read, anybody's: it is refused."""
        tree = self._tree
        return Origin(
            grade=self._attempt(lambda: tree.choice("conf", GRADES)) or Grade.INVENTED,
            who=self._attempt(lambda: tree.text("source")) or "",
            as_of=said,
            valid_until=self._attempt(lambda: tree.date_if_there("valid_until")),
        )

    def _sentences(
        self, parties: tuple[str, ...], origin: Origin
    ) -> tuple[list[str], list[Clause]]:
        rows = self._attempt(lambda: self._tree.entries("sentences")) or []
        if not rows or len(rows) > MAX_SENTENCES:
            wrong = self._tree.wrong("sentences", f"give its sentences, from 1 to {MAX_SENTENCES}")
            raise ScenarioError([*self._faults, *wrong.faults])
        texts: list[str] = []
        clauses: list[Clause] = []
        for number, sentence in enumerate(rows, 1):
            texts.append(self._attempt(partial(sentence.text, "text")) or "")
            for row in self._attempt(partial(sentence.entries, "clauses")) or []:
                clause = self._attempt(partial(self._clause, row, number, origin))
                if clause is not None:
                    clauses.append(clause)
                    self._faults += _wrong_parties(row, clause, parties)
            self._attempt(sentence.finish)
        if self._rows > MAX_CLAUSES:
            said = f"{self._rows} clauses; at most {MAX_CLAUSES} are read"
            self._faults += self._tree.wrong("sentences", said).faults
        return texts, clauses

    def _clause(self, row: Entry, sentence: int, origin: Origin) -> Clause:
        self._rows += 1
        number = self._rows
        effects = read_effects(row, origin)
        if len(effects) != 1:
            raise refuse(row.line, f"a clause does one thing: give one op, not {len(effects)}")
        clause = Clause(
            number=number,
            sentence=sentence,
            effect=effects[0],
            owed_by=row.text("owed_by", ""),
            owed_to=row.text("owed_to", ""),
            due=row.date_if_there("due"),
            until=row.date_if_there("until"),
        )
        if clause.due and clause.until and clause.until < clause.due:
            raise row.wrong("until", f"it ends on {clause.until}, before it is due on {clause.due}")
        row.finish()
        return clause


def _day(entry: Entry, key: str) -> date:
    day = entry.date_if_there(key)
    if day is None:
        raise entry.wrong(key, "it is missing")
    return day


def _wrong_parties(row: Entry, clause: Clause, parties: tuple[str, ...]) -> Iterator[Fault]:
    for who in (clause.owed_by, clause.owed_to):
        if who and who not in parties:
            yield Fault(row.line, f"clause {clause.number} names {who}, who is no party")
    if clause.is_measurable and not clause.owed_by:
        yield Fault(row.line, f"clause {clause.number} does not say who owes it")
