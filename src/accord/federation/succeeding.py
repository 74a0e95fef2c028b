"""A key that succeeds another, as a record of the protocol and as what security reads."""

from hashlib import sha256

from accord.core.partner import KeyOf
from accord.security.succession import Succession
from accord.wire.peer.plain import content_bytes
from accord.wire.peer.record import Rotation, RotationOf
from accord.wire.peer.report import Reference

_KINDS = {
    RotationOf.AUTHORITY: KeyOf.AUTHORITY,
    RotationOf.RELEASE: KeyOf.RELEASE,
    RotationOf.LEDGER: KeyOf.LEDGER,
}
_NUMBERS = {of: kind for kind, of in _KINDS.items()}


def rotation_of(said: Succession, since: int) -> Rotation:
    """Return the record that tells a partner; `since` is in milliseconds since 1970."""
    return Rotation(of=_NUMBERS[said.of], data=said.text, since=since, approval=said.approval)


def succession_of(rotation: Rotation) -> Succession | None:
    """Return what a record tells; None where it tells nothing that can be read."""
    of = _KINDS.get(rotation.of)
    if of is None or isinstance(rotation.data, Reference):
        return None
    return Succession(of, rotation.data, rotation.approval)


def digest_of(rotation: Rotation) -> bytes:
    """Return by what a receipt names it."""
    return sha256(content_bytes(rotation)).digest()
