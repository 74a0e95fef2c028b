"""A key of a node that succeeds another: told to partners over the link, without a comparison.

What is told is the invitation with the new key, signed by the authority that is known
(invitation.py). A new key of releases or of the ledger is approved by the key before it as well,
so that neither whoever has copied that key nor whoever has the authority can replace it alone.
Where a key is not trusted any more there is no succession: two people compare again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from accord.core.errors import AccordError
from accord.core.partner import FormerKey, KeyOf, Partner
from accord.security.identity import FederationAuthority
from accord.security.invitation import (
    FORMER_VALID,
    InvitationError,
    invitation_in,
    read_invitation,
    read_succession,
    write_succession,
)
from accord.security.signing import SigningKey, VerifyKey

MAX_COUNTING = 32
"""Succeeded keys of one purpose that still count: each is tried where none before it fits."""
MAX_HISTORY = 1_000
"""Succeeded keys of one partner, as many as a node makes of its own (own_keys.py)."""

FORGED = "it is not signed by the keys that are pinned"
TOO_MANY = "too many of its keys were succeeded"
REPLAYED = "it is older than what is pinned"
SUCCEEDED = "it is of a key that was succeeded itself"
MIXED = "it changes other keys than it says"


class SuccessionError(AccordError):
    """A succession is not taken; `reason` is what is counted."""

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(f"{reason}: {words}" if words else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Succession:
    """Which key is succeeded, the signed text, and the approval of the key before it.

    That of an authority is in the text.
    """

    of: KeyOf
    text: bytes
    approval: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Whose authority and key sign what comes after them; the key None: of the authority itself."""

    authority: FederationAuthority
    key: SigningKey | None = None


def write(of: KeyOf, new: Partner, authority: FederationAuthority, before: Before) -> Succession:
    """Return the succession to what a node is from now on; `authority` is its own from now on."""
    text = write_succession(new, authority, before.authority).encode()
    approval = b"" if before.key is None else before.key.sign(_approved(of, text))
    return Succession(of, text, approval)


def read(said: Succession, known: Partner, now: datetime) -> Partner:
    """Return a known partner with the new key in place of the old. SuccessionError: it is not so.

    What is pinned already is returned as it is.
    """
    try:
        new = read_invitation(invitation_in(said.text), now)
    except InvitationError as error:
        raise SuccessionError(FORGED, str(error)) from None
    if any(each.key == new.key(said.of) for each in known.history):
        raise SuccessionError(SUCCEEDED)
    if new.made <= known.made:
        if known.key(said.of) == new.key(said.of) and known.name == new.name:
            return known
        raise SuccessionError(REPLAYED)
    _check_room(said.of, known, now)
    _check_approval(said, known)
    try:
        new = read_succession(said.text, known, now)
    except InvitationError as error:
        raise SuccessionError(FORGED, str(error)) from None
    if known.changed(new) != frozenset({said.of}):
        raise SuccessionError(MIXED)
    return _succeeded(said.of, known, new, now)


def _succeeded(of: KeyOf, known: Partner, new: Partner, now: datetime) -> Partner:
    until = now + FORMER_VALID
    former = FormerKey(of=of, key=known.key(of), succeeded=now, until=until)
    found = replace(
        known,
        authority=new.authority,
        release_key=new.release_key,
        ledger_key=new.ledger_key,
        made=new.made,
        history=(*known.history, former),
    )
    if of is KeyOf.AUTHORITY:
        found = replace(found, former=known.authority, former_until=until)
    return found


def _check_room(of: KeyOf, known: Partner, now: datetime) -> None:
    counting = sum(each.of is of and now < each.until for each in known.history)
    if counting >= MAX_COUNTING or len(known.history) >= MAX_HISTORY:
        raise SuccessionError(TOO_MANY)


def _check_approval(said: Succession, known: Partner) -> None:
    if said.of is KeyOf.AUTHORITY:
        if said.approval:
            raise SuccessionError(FORGED)
        return
    data = _approved(said.of, said.text)
    if VerifyKey.parse(known.key(said.of)).verify(said.approval, data):
        return
    former = [each.key for each in known.history if each.of is said.of]
    if any(VerifyKey.parse(key).verify(said.approval, data) for key in former[-MAX_COUNTING:]):
        raise SuccessionError(SUCCEEDED)
    raise SuccessionError(FORGED)


def _approved(of: KeyOf, text: bytes) -> bytes:
    """Return what the key before signs: for this purpose, and for no other."""
    return b"accord key succession 1\n" + of.encode() + b"\n" + text
