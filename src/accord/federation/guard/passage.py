"""What stands in the ledgers of both nodes of one release: each writes it from the frame itself."""

from datetime import datetime, timedelta
from hashlib import sha256

from accord.federation.guard.check import Cleared
from accord.release.ledger.entry import Received, Release
from accord.wire.peer import cbor, plain
from accord.wire.peer.report import Header, Update
from accord.wire.peer.translate import moment

_FIRST = moment(1_577_836_800_000)
"""2020: sessions are counted from it, so that their frames have numbers of 63 bits until 2089."""
_NUMBERS = 22
"""Bits of a frame's number in its session."""


def first_frame(began: datetime) -> int:
    """Return what a session's frames are counted from in the ledger.

    The frames of every session begin at 1. The session's beginning is that of its dialler's HELLO,
    which both nodes know, so the number of a frame is the same in both ledgers.
    """
    return ((began - _FIRST) // timedelta(milliseconds=1)) << _NUMBERS


def has_numbers(began: datetime) -> bool:
    """Tell whether the frames of a session that began then have numbers in a ledger."""
    return 0 <= first_frame(began) < 1 << 63


def digest_of_subject(header: Header) -> bytes:
    """Return the SHA-256 of all that an object's header says, but what its updates count from."""
    told = [plain.subject(header.subject), header.epoch, plain.grant(header.grant)]
    return sha256(cbor.write(told)).digest()


def digest_of_update(subject: bytes, update: Update) -> bytes:
    """Return the SHA-256 of one state: the same in whatever frame and under whatever handle."""
    return sha256(cbor.write([subject, *update[1:]])).digest()


def released(cleared: Cleared, payload: bytes, frame: int) -> Release:
    """Return the line of what is about to leave."""
    terms, clause, form, name, version, marking = cleared
    return Release(
        agreement=terms.agreement.id, serial=terms.agreement.serial, digest=terms.digest,
        clause=clause, form=form, name=name, version=(version.epoch, version.ms), payload=payload,
        marking=marking, frame=frame,
    )  # fmt: skip


def received(cleared: Cleared, payload: bytes, frame: int) -> Received:
    """Return the line of what came."""
    terms, clause, form, name, version, marking = cleared
    return Received(
        agreement=terms.agreement.id, serial=terms.agreement.serial, digest=terms.digest,
        clause=clause, form=form, name=name, version=(version.epoch, version.ms), payload=payload,
        marking=marking, frame=frame,
    )  # fmt: skip
