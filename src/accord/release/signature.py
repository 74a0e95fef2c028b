"""Detached signatures over the exact bytes of an agreement, one per party; suspending; withdrawing.

Every party that has a key signs that it agrees. One alone may suspend or withdraw; what was
suspended comes back as a new serial that all sign. Signatures are Ed25519 (RFC 8032) over a
statement that names the act, the agreement, its serial and digest, the party and the time, so that
none stands for another.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accord.core.agreement import Agreement
from accord.core.nation import check_nation, check_node
from accord.release.fault import AgreementError, Fault
from accord.release.loaded import Loaded

FIRST_LINE = "accord agreement signature 1"
MAX_RECORD = 2_000
"""Characters of a signature file."""

_FIELDS = ("act", "agreement", "serial", "sha256", "node", "at", "signature")
_TOKEN = object()


class Act(StrEnum):
    """What a party signs."""

    AGREE = "agree"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One party's signature under one act, on one text of one agreement."""

    act: Act
    agreement: str
    serial: int
    sha256: str
    node: str
    at: datetime
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        return "\n".join(_lines(self)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """An agreement that all its parties with keys have signed, and none suspended or withdrew.

    Only `in_force` makes one, and only from one can anything be released.
    """

    loaded: Loaded
    records: tuple[Record, ...]
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        # It is not kept, so that `dataclasses.replace` cannot hand it on to a changed copy.
        if token is not _TOKEN:
            raise TypeError("an agreement is put in force by accord.release.signature.in_force")


def sign(
    agreement: Agreement, act: Act, *, node: str, key: Ed25519PrivateKey, at: datetime
) -> Record:
    """Return the party's signature. ValueError says when this key is not that party's."""
    pinned = {party.node: party.key for party in agreement.parties}
    if node not in pinned:
        raise ValueError(f"{node} is none of the parties: {', '.join(pinned)}")
    if pinned[node] != key.public_key().public_bytes_raw():
        raise ValueError(f"this is not the key that the agreement pins for {node}")
    unsigned = Record(
        act=act,
        agreement=agreement.id,
        serial=agreement.serial,
        sha256=agreement.digest,
        node=node,
        at=at.astimezone(UTC).replace(microsecond=0),
    )
    return replace(unsigned, signature=key.sign(unsigned.statement))


def verify(record: Record, agreement: Agreement) -> str | None:
    """Return None when the signature is that party's under this text, else in words why not."""
    pinned = {party.node: party.key for party in agreement.parties}
    if record.node not in pinned:
        return f"{record.node} is none of the parties"
    if not pinned[record.node]:
        return f"{record.node} has no key in it, so it signs nothing"
    if (record.agreement, record.serial) != (agreement.id, agreement.serial):
        return f"{record.node} signed {record.agreement} serial {record.serial}, not this"
    if record.sha256 != agreement.digest:
        return f"{record.node} signed another text: the bytes are not the same"
    try:
        Ed25519PublicKey.from_public_bytes(pinned[record.node]).verify(
            record.signature, record.statement
        )
    except InvalidSignature:
        return f"the signature of {record.node} is not right"
    return None


def standing(agreement: Agreement, records: Iterable[Record]) -> list[Fault]:
    """Return what keeps the agreement from being in force; nothing when it is."""
    faults: list[Fault] = []
    agreed: set[str] = set()
    for record in records:
        wrong = verify(record, agreement)
        if wrong is not None:
            faults.append(Fault(wrong))
        elif record.act is Act.AGREE:
            agreed.add(record.node)
        else:
            faults.append(
                Fault(f"{record.node} {_DONE[record.act]} it at {record.at:%Y-%m-%d %H:%M:%SZ}")
            )
    faults += [
        Fault(f"{party.node} has not signed it")
        for party in agreement.parties
        if party.signs and party.node not in agreed
    ]
    return faults


def in_force(loaded: Loaded, records: Iterable[Record]) -> InForce:
    """Return the agreement as one that things can be released by. Raises AgreementError."""
    kept = tuple(records)
    if faults := standing(loaded.agreement, kept):
        raise AgreementError(faults)
    return InForce(loaded=loaded, records=kept, token=_TOKEN)


def spell_record(record: Record) -> str:
    """Write a signature as the text of its file."""
    signature = base64.b64encode(record.signature).decode()
    return "\n".join([*_lines(record), f"signature: {signature}", ""])


def read_record(text: str) -> Record:
    """Read a signature file. ValueError says what is wrong."""
    lines = text[:MAX_RECORD].split("\n")
    keys = [line.partition(": ")[0] for line in lines[1:-1]]
    if lines[0] != FIRST_LINE or tuple(keys) != _FIELDS or lines[-1]:
        raise ValueError("this is not a signature of an agreement")
    act, agreement, serial, digest, node, at, signature = (
        line.partition(": ")[2] for line in lines[1:-1]
    )
    try:
        record = Record(
            act=Act(act),
            agreement=agreement,
            serial=int(serial),
            sha256=digest,
            node=check_node(node, check_nation(node[:3])),
            at=datetime.strptime(at, "%Y-%m-%dT%H:%M:%S%z"),
            signature=base64.b64decode(signature, validate=True),
        )
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"this signature cannot be read: {error}") from None
    if spell_record(record) != text or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("this signature is not written as signatures are")
    return record


_DONE = {Act.SUSPEND: "suspended", Act.WITHDRAW: "withdrew"}


def _lines(record: Record) -> list[str]:
    return [
        FIRST_LINE,
        f"act: {record.act}",
        f"agreement: {record.agreement}",
        f"serial: {record.serial}",
        f"sha256: {record.sha256}",
        f"node: {record.node}",
        f"at: {record.at:%Y-%m-%dT%H:%M:%SZ}",
    ]
