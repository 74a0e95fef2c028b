"""The half of `accord ledger` that says what lines hold."""

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import cast

from accord.core import rfc3339
from accord.core.errors import UsageError
from accord.core.naming import printable
from accord.node.recalls import spell_answer
from accord.release.ledger.checkpoint import Witnessed
from accord.release.ledger.entry import (
    KIND_NAMES,
    Body,
    Entry,
    Passage,
    Recall,
    Receipt,
    Received,
    Refusals,
    Release,
    decode,
    milliseconds,
    moment_of,
)
from accord.release.ledger.fault import LedgerFault
from accord.release.ledger.note import MAX_TIME, read_key
from accord.release.ledger.plain import as_json, spell
from accord.release.ledger.proof import MAX_FILE, check_proof, origin_in
from accord.storage.ledger_reader import LedgerReader, partners_of, reader_of
from accord.wire.errors import WireError
from accord.wire.peer import record as peer
from accord.wire.peer.contents import read_content

KINDS = {"released": Release, "received": Received, "refused": Refusals, "recall": Recall}
"""What lines can be chosen by, and what those hold."""


def show(arguments: argparse.Namespace) -> int:
    """Print lines of one partner or of all, the newest last."""
    partners = partners_of(arguments.directory)
    if arguments.partner is not None:
        partners = [arguments.partner]
    found: list[Entry] = []
    for partner in partners:
        found += _newest(reader_of(arguments.directory, partner), arguments)
    if arguments.json:
        print(json.dumps([as_json(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            print(sentence(each))
        if not found:
            print(_nothing(arguments))
    return 0


def _nothing(arguments: argparse.Namespace) -> str:
    asked = arguments.clause, arguments.day, arguments.agreement, arguments.kind
    if any(each is not None for each in asked):
        return "no line is of that agreement, clause, kind and day; say none of them to see all"
    return "no lines yet: nothing was released to partners, and nothing came from them"


def _newest(reader: LedgerReader, arguments: argparse.Namespace) -> list[Entry]:
    with closing(reader):
        found: list[Entry] = []
        for entry in _wanted(reader, arguments):
            found.append(entry)
            if len(found) == arguments.limit:
                break
        return found[::-1]


def _wanted(reader: LedgerReader, arguments: argparse.Namespace) -> Iterator[Entry]:
    """Yield the lines asked for, the newest first; looks at the bytes before it reads a line."""
    clause: str | None = arguments.clause
    agreement: str | None = arguments.agreement
    text, of = (clause or "").encode(), (agreement or "").encode()
    begin, end = _span(arguments.day)
    for number, data, _ in reader.newest_first():
        if text in data and of in data and begin <= moment_of(data, number) < end:
            try:
                entry = decode(data)
            except LedgerFault as fault:
                raise LedgerFault(
                    f"line {number} of the ledger for {reader.owner.partner}: {fault}"
                ) from None
            if (clause is None or clause in _clauses(entry)) and _is_of(
                entry.body, agreement, arguments.kind
            ):
                yield entry


def _is_of(body: Body, agreement: str | None, kind: str | None) -> bool:
    is_its = agreement is None or getattr(body, "agreement", None) == agreement
    return is_its and (kind is None or isinstance(body, KINDS[kind]))


def _span(day: date | None) -> tuple[int, int]:
    if day is None:
        return 0, 1 << 63
    begin = datetime.combine(day, time(), UTC)
    return milliseconds(begin), milliseconds(begin + timedelta(days=1))


def _clauses(entry: Entry) -> set[str | None]:
    body = entry.body
    if isinstance(body, Refusals):
        return {each.clause for each in body.counts}
    return {body.clause} if isinstance(body, Passage | Recall) else set()


def sentence(entry: Entry) -> str:
    """Return a line for people, in which nothing that a partner said steers the terminal."""
    answer = answer_in(entry.body) if isinstance(entry.body, Receipt) else None
    said = [
        f"{name} {_short(value)}"
        for name, value in list(as_json(entry).items())[4:]
        if value is not None and (answer is None or name != "statement")
    ]
    if answer is not None:
        said.append(f"said {answer}")
    head = f"{entry.number} {spell(entry.at)} {entry.partner} {KIND_NAMES[type(entry.body)]}"
    return printable(f"{head}: {', '.join(said)}")


def answer_in(receipt: Receipt) -> str | None:
    """Return in words what became of a recall, or a key; None where the statement is another."""
    try:
        said = read_content(receipt.statement)
    except WireError:
        return None
    if not isinstance(said, peer.Receipt):
        return None
    return spell_answer(said.outcome.name, said.objects)


def _short(value: object) -> str:
    match value:
        case str() if len(value) == 64:
            return f"{value[:12]}..."
        case str() if "\n" in value:
            return value.split("\n")[0] + " at " + value.split("\n")[1]
        case list():
            inside = cast("list[object]", value)
            return "[" + "; ".join(_short(each) for each in inside) + "]"
        case dict():
            said = cast("dict[str, object]", value).values()
            return " ".join(str(each) for each in said if each is not None)
        case _:
            return str(value)


def check(arguments: argparse.Namespace) -> int:
    """Say what a proof proves; LedgerFault where it proves nothing."""
    keys = [read_key(each) for each in arguments.key]
    text = read_limited(arguments.file, MAX_FILE)
    origin = origin_in(text)
    proved = check_proof(text, origin, keys)
    said = {
        "origin": origin,
        "size": proved.witnessed.checkpoint.size,
        "cosigned": cosigned(proved.witnessed),
        "line": as_json(proved.entry),
    }
    if arguments.json:
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return 0
    print(f"proved: this is a line of {origin}, of {said['size']} lines")
    for each in cosigned(proved.witnessed):
        print(f"cosigned by {each['by']} at {each['at']}")
    print(sentence(proved.entry))
    return 0


def cosigned(witnessed: Witnessed) -> list[dict[str, str]]:
    """Return who cosigned, and when."""
    return [
        {"by": key.name, "at": rfc3339.spell(datetime.fromtimestamp(at, UTC))}
        for key, at in witnessed.cosigners
        if at <= MAX_TIME
    ]


def read_limited(path: Path, limit: int) -> bytes:
    """Read a file, one byte more than the limit at most. UsageError: it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
