"""The register of commitments as plain values: for the page, for machines, for the command line."""

from accord.desks.commitment.progress import Line, Register
from accord.desks.commitment.record import Held, Note

Json = dict[str, object]


def register_json(register: Register) -> Json:
    """Return the register: what one nation owes, is owed, and what ends soon."""
    return {
        "nation": register.nation,
        "on": register.on.isoformat(),
        "owe": [_line(each) for each in register.owe],
        "owed": [_line(each) for each in register.owed],
        "others": [_line(each) for each in register.others],
        "expiring": [_line(each) for each in register.expiring],
        "unread": [
            {"id": record.id, "sentence": number, "text": record.sentences[number - 1]}
            for record, number in register.unread
        ],
    }


def _line(line: Line) -> Json:
    clause = line.clause
    return {
        "id": line.record.id,
        "title": line.record.title,
        "source": line.record.source,
        "standing": line.record.origin.grade.words,
        "clause": clause.number,
        "binding": clause.binding.value,
        "sentence": line.sentence,
        "owed_by": clause.owed_by,
        "owed_to": clause.owed_to,
        "due": None if clause.due is None else clause.due.isoformat(),
        "until": None if clause.until is None else clause.until.isoformat(),
        "progress": line.progress.value,
        "confirmed_by": line.confirmed_by,
        "tied": line.tied,
    }


def held_json(held: Held, register: Register) -> Json:
    """Return one statement: its sentences, its clauses as they stand, and what was said of them."""
    record = held.record
    lines = (*register.owe, *register.owed, *register.others)
    return {
        "id": record.id,
        "title": record.title,
        "parties": list(record.parties),
        "date": record.date.isoformat(),
        "source": record.source,
        "standing": record.origin.grade.words,
        "added_by": held.added_by,
        "added": held.added.isoformat(),
        "sentences": list(record.sentences),
        "clauses": [_line(each) for each in sorted(lines, key=lambda each: each.clause.number)],
        "notes": [_note(each) for each in held.notes],
    }


def _note(note: Note) -> Json:
    return {
        "clause": note.clause,
        "event": note.event.value,
        "day": note.day.isoformat(),
        "by": note.by,
        "at": note.at.isoformat(),
        "text": note.text,
    }
