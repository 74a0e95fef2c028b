"""A statement as a file: who said what, sentence by sentence, and the clauses read out of it."""

from datetime import date

from accord.desks.commitment.record import Clause, Record
from accord.posture.entry import Entry, read_tree
from accord.posture.fault import refuse
from accord.posture.model import Origin
from accord.posture.undertaking import GRADES, read_effects

SCHEMA = "accord-statement/1"

MAX_SENTENCES = 500
MAX_CLAUSES = 500


def is_statement(text: str) -> bool:
    """Tell whether a file says that it is a statement."""
    return any(line.startswith(f"schema: {SCHEMA}") for line in text.splitlines())


def read_statement(text: str) -> Record:
    """Return the record that a file describes. ScenarioError says on which line it is none."""
    tree = read_tree(text)
    if tree.text("schema") != SCHEMA:
        raise tree.wrong("schema", f"a statement begins with schema: {SCHEMA}")
    said = _day(tree, "date")
    origin = Origin(
        grade=tree.choice("conf", GRADES),
        who=tree.text("source"),
        as_of=said,
        valid_until=tree.date_if_there("valid_until"),
    )
    record = _record(tree, said, origin)
    tree.finish()
    return record


def _day(entry: Entry, key: str) -> date:
    day = entry.date_if_there(key)
    if day is None:
        raise entry.wrong(key, "it is missing")
    return day


def _record(tree: Entry, said: date, origin: Origin) -> Record:
    parties = tree.texts("parties")
    sentences = tree.entries("sentences")
    if not sentences or len(sentences) > MAX_SENTENCES:
        raise tree.wrong("sentences", f"give its sentences, from 1 to {MAX_SENTENCES}")
    texts: list[str] = []
    clauses: list[Clause] = []
    for number, sentence in enumerate(sentences, 1):
        texts.append(sentence.text("text"))
        for row in sentence.entries("clauses"):
            clauses.append(_clause(row, len(clauses) + 1, number, origin))
        sentence.finish()
    if len(clauses) > MAX_CLAUSES:
        raise tree.wrong("sentences", f"{len(clauses)} clauses; at most {MAX_CLAUSES} are read")
    record = Record(
        id=tree.text("id"),
        title=tree.text("title"),
        parties=parties,
        date=said,
        source=origin.who,
        sentences=tuple(texts),
        clauses=tuple(clauses),
        origin=origin,
    )
    _check_parties(tree, record)
    return record


def _clause(row: Entry, number: int, sentence: int, origin: Origin) -> Clause:
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


def _check_parties(tree: Entry, record: Record) -> None:
    for clause in record.clauses:
        for who in (clause.owed_by, clause.owed_to):
            if who and who not in record.parties:
                said = f"clause {clause.number} names {who}, who is no party"
                raise tree.wrong("parties", said)
        if clause.is_measurable and not clause.owed_by:
            raise tree.wrong("sentences", f"clause {clause.number} does not say who owes it")
