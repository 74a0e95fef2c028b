"""The half of `accord agreement` that keeps keys, signatures and what is in force."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from accord.cli import asking
from accord.cli.agreement_text import loaded, read_text
from accord.cli.linkage import Stands, linkage
from accord.core.agreement import NOT_BEGUN, Agreement, state_at
from accord.core.clock import SystemClock
from accord.core.errors import AccordError, UsageError
from accord.node.requests import Answer, SuspensionWanted
from accord.release.document import read_document
from accord.release.frontmatter import read_key, spell_key
from accord.release.signature import Act, Record, spell_record, standing
from accord.release.signature import sign as sign_it
from accord.storage.agreements import (
    AGREEMENTS,
    SIGNATURE,
    Agreements,
    Held,
    read_records,
    record_name,
)

ANSWERS_WITHIN = 3.0
"""Seconds within which a running node says what a suspension meets in flight."""


def key(arguments: argparse.Namespace) -> int:
    """Print the public key of a private one, which is made where there is none."""
    path: Path = arguments.file
    if not path.exists():
        _write_private(path, Ed25519PrivateKey.generate())
    public = spell_key(_private(path).public_key().public_bytes_raw())
    print(json.dumps({"key": public}) if arguments.json else public)
    return 0


def sign(arguments: argparse.Namespace) -> int:
    """Write a party's signature beside the document. What does not load is not signed."""
    terms = loaded(arguments.file).agreement
    try:
        record = sign_it(
            terms,
            Act.AGREE,
            node=arguments.node,
            key=_private(arguments.key),
            at=SystemClock().now(),
        )
    except ValueError as error:
        raise AccordError(str(error)) from None
    path = arguments.file.with_name(f"{arguments.file.name}.{record_name(record)}")
    path.write_text(spell_record(record), "utf-8")
    print(json.dumps({"signature": str(path)}) if arguments.json else f"signed: {path}")
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Say whether the document loads and all its parties have signed these bytes."""
    terms = loaded(arguments.file).agreement
    faults = standing(terms, read_records(_signatures(arguments.file)))
    if arguments.json:
        said = {"ok": not faults, "faults": [str(fault) for fault in faults]}
        print(json.dumps(said, indent=2, ensure_ascii=False))
    elif faults:
        print("\n".join(str(fault) for fault in faults))
    else:
        print(
            f"{terms.id} serial {terms.serial}: signed by {_listed(terms.receivers, terms.givers)}"
        )
    return 1 if faults else 0


def activate(arguments: argparse.Namespace) -> int:
    """Put a signed agreement in force; the one that is in force stays if this one is refused."""
    data, files = read_text(arguments.file)
    records = read_records(_signatures(arguments.file))
    trusted = _trusted(dict(arguments.trust))
    held, now = held_by(arguments.directory), SystemClock().now()
    terms = read_document(data).agreement
    if terms.until <= now:
        raise AccordError(
            f"{terms.id} serial {terms.serial} ended at {_spell(terms.until)}: it is not "
            "activated, and nothing was changed. Write and sign a new serial with a later until"
        )
    before = held.serial(terms.id)
    held.activate(data, files, records, trusted=trusted)
    state = state_at(terms, now)
    if arguments.json:
        since, until = terms.since.isoformat(), terms.until.isoformat()
        said = {"id": terms.id, "serial": terms.serial, "state": state}
        print(json.dumps({**said, "since": since, "until": until}))
    else:
        print("\n".join(_activated(terms, state, before)))
    return 0


def _activated(terms: Agreement, state: str, before: int | None) -> Iterator[str]:
    """Yield what is true from now on; `before` is the serial that was in its place."""
    yield f"{state}: {terms.id} serial {terms.serial}"
    if state == NOT_BEGUN:
        other = f", and no more by serial {before}" if before not in (None, terms.serial) else ""
        yield f"it begins at {_spell(terms.since)}; until then nothing flows by it{other}"


def _spell(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"


def suspend(arguments: argparse.Namespace) -> int:
    """Stop an agreement for one party alone; it comes back as a new serial that all sign.

    A node that runs is told first, so that it can say what is in flight. Whatever it answers, the
    record is put where it stops the agreement.
    """
    held = held_by(arguments.directory)
    if held.serial(arguments.id) is None:
        raise UsageError(f"this node holds no agreement {arguments.id!r}")
    terms = held.held(arguments.id).agreement
    record = _stopping(arguments, terms)
    told = _tell_node(arguments, record)
    held.add(record)
    if arguments.json:
        answer = told.answer or Answer()
        said = {
            "record": spell_record(record),
            "state": told.state,
            "partners": answer.partners,
            "in_flight": [asdict(each) for each in answer.in_flight],
        }
        print(json.dumps(said, ensure_ascii=False))
    else:
        # Apart from the record, which is written to a file as it is and read again elsewhere.
        said = f"no longer in force: {terms.id} serial {terms.serial}; tell the other parties:"
        print("\n".join((*_what_became(told), said)), file=sys.stderr)
        print(spell_record(record), end="")
    return 0


@dataclass(frozen=True, slots=True)
class _Told:
    """What the node made of a suspension: "told", "waits" for it to run, or "alone"."""

    state: str
    answer: Answer | None = None


def _tell_node(arguments: argparse.Namespace, record: Record) -> _Told:
    directory: Path = arguments.directory
    if not asking.has_partners(directory):
        return _Told("alone")
    wanted = SuspensionWanted(
        agreement=record.agreement, serial=record.serial, record=spell_record(record)
    )
    reason: str = arguments.reason or f"{record.act} by {record.node}"
    try:
        request = asking.ask(directory, wanted, reason)
        wait = ANSWERS_WITHIN if asking.runs(directory) else 0.0
        answer = asking.wait_for(directory, request, wait, lambda _: True)
    except UsageError:
        raise
    except AccordError as error:
        # Nothing may keep the agreement from being stopped.
        print(f"accord: the node cannot be told: {error}", file=sys.stderr)
        return _Told("waits")
    return _Told("waits" if answer is None else "told", answer)


def _what_became(told: _Told) -> Iterator[str]:
    """Yield what the node did, and which releases may or may not reach a partner."""
    if told.state == "waits":
        yield "the node has not taken note yet: partners are told when it runs"
    if told.answer is None:
        return
    yield f"nothing more is released by it; told: {', '.join(told.answer.partners) or 'nobody'}"
    flying = told.answer.in_flight
    yield f"in flight, so that partners may or may not get it: {len(flying)} releases"
    for each in flying:
        yield f"  {each.name} to {each.partner}, clause {each.clause}, form {each.form}"


def _stopping(arguments: argparse.Namespace, terms: Agreement) -> Record:
    """Return what suspends or withdraws: signed now, or as another party has signed it."""
    if arguments.record is not None:
        (record,) = read_records([arguments.record])
        if record.act is Act.AGREE or record.agreement != terms.id:
            raise UsageError(f"{arguments.record}: this does not stop {terms.id}")
        return record
    if arguments.node is None or arguments.key is None:
        raise UsageError("say --node and --key to sign it, or --record FILE of another party's")
    act = Act.WITHDRAW if arguments.withdraw else Act.SUSPEND
    try:
        return sign_it(
            terms, act, node=arguments.node, key=_private(arguments.key), at=SystemClock().now()
        )
    except ValueError as error:
        raise AccordError(str(error)) from None


def list_held(arguments: argparse.Namespace) -> int:
    """Print what a node holds, and what keeps each from being in force."""
    directory: Path = arguments.directory
    held, now = held_by(directory).list(), SystemClock().now()
    links = linkage(directory)
    stand = () if links is None else links.agreements
    if arguments.json:
        told = [_as_json(each, now, stand) for each in held]
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return 0
    for each in held:
        print("\n".join(_listed_lines(each, now, stand)))
    for it in stand:
        if not it.here:
            print(it.sentence)
    if not held:
        print(
            "no agreement is activated here, so nothing flows to anybody: "
            f"accord agreement activate {directory} FILE"
        )
    elif links is None and asking.has_partners(directory):
        print("the node does not run: only then does it say what partners have activated")
    return 0


def _listed_lines(held: Held, now: datetime, stand: Iterable[Stands]) -> Iterator[str]:
    yield f"{held.id} serial {held.serial}: {_state(held, now)}"
    for fault in held.faults:
        yield f"  {fault}"
    if held.terms is not None:
        terms = held.terms
        yield f"  {terms.title}; {', '.join(terms.givers)} -> {', '.join(terms.receivers)}"
        yield f"  {_spell(terms.since)} to {_spell(terms.until)}"
    for it in _of(held, stand):
        yield f"  {it.why or f'at {it.partner}: {it.there}'}"


def _of(held: Held, stand: Iterable[Stands]) -> list[Stands]:
    key = held.id, held.serial
    return [it for it in stand if it.here and (it.id, it.serial) == key]


def _state(held: Held, now: datetime) -> str:
    if held.faults or held.terms is None:
        return "not in force"
    return state_at(held.terms, now)


def _as_json(held: Held, now: datetime, stand: Iterable[Stands]) -> dict[str, object]:
    said: dict[str, object] = {
        "id": held.id,
        "serial": held.serial,
        "state": _state(held, now),
        "faults": [str(fault) for fault in held.faults],
        "at_partners": {it.partner: it.why or it.there for it in _of(held, stand)},
    }
    if held.terms is not None:
        said |= {
            "title": held.terms.title,
            "givers": held.terms.givers,
            "receivers": held.terms.receivers,
            "since": held.terms.since.isoformat(),
            "until": held.terms.until.isoformat(),
            "sha256": held.terms.digest,
        }
    return said


def _listed(*nodes: tuple[str, ...]) -> str:
    return ", ".join(sorted({node for side in nodes for node in side}))


def held_by(directory: Path) -> Agreements:
    """Return the agreements that a node holds. UsageError where there is no directory."""
    if not directory.is_dir():
        raise UsageError(f"{directory} is no directory of a node")
    return Agreements(directory / AGREEMENTS)


def _signatures(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.*{SIGNATURE}"))


def _trusted(keys: Mapping[str, str]) -> dict[str, bytes]:
    try:
        return {node: read_key(text) for node, text in keys.items()}
    except ValueError as error:
        raise UsageError(f"option --trust: {error}") from None


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path}: no private key that can be read: {error}") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{path}: agreements are signed with Ed25519 keys")
    return private


def _write_private(path: Path, private: Ed25519PrivateKey) -> None:
    """Write a private key that only its owner can read, from the first moment on."""
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path}: the key cannot be written: {error}") from None
