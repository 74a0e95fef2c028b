"""Invitations: who a node is, in one small text that its partner takes in after a comparison.

Signed by the node's federation authority, whose certificate is in it: the signature shows that
the text is whole and that whoever wrote it has the key. That it is *that* node shows only the
comparison of the fingerprint by voice. The text has one spelling; no line of it is skipped.

After a first comparison, `Succession` lets a node replace its authority and keys: the invitation of
the new ones, signed by the authority that is known.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from accord.core.errors import AccordError
from accord.core.nation import check_nation, check_node
from accord.core.partner import (
    MAX_ADDRESSES,
    Partner,
    Profile,
    authority_name,
    check_address,
    check_trust_domain,
)
from accord.security.authority import SKEW, check_authority, is_issued_by
from accord.security.identity import (
    UNREADABLE,
    FederationAuthority,
    hash_of,
    profile_of,
    read_certificate,
    uris,
)
from accord.security.signing import VerifyKey
from accord.security.spoken import Spoken

FIRST_LINE = "accord invitation 1"
SUCCESSION = "accord succession 1"

MAX_INVITATION = 8_000
"""Characters of an invitation."""

FORMER_VALID = timedelta(days=30)
"""How long certificates of an authority count that has been succeeded."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"

T = TypeVar("T")


class InvitationError(AccordError):
    """An invitation cannot be taken, and why."""


def fingerprint(partner: Partner) -> Spoken:
    """Return what two people compare: over everything that is pinned, not over addresses."""
    return Spoken.of("\n".join(["accord fingerprint 1", *_pinned(partner)]).encode())


def write_invitation(partner: Partner, authority: FederationAuthority) -> str:
    """Return the text of an invitation; `partner` is how others are to know this node."""
    signature = _sign(authority, _statement(partner))
    return f"{_statement(partner)}\nsignature: {signature}\n"


def read_invitation(data: bytes, now: datetime) -> Partner:
    """Return what an invitation says. InvitationError says why it cannot be taken."""
    text = _text(data)
    try:
        partner, signature = _parse(text)
        authority = read_certificate(partner.authority)
        _check_keys(partner, authority)
    except (ValueError, AccordError) as error:
        raise InvitationError(_unusable(str(error))) from None
    except UNREADABLE:
        raise InvitationError(_unusable("the certificate in it is damaged")) from None
    if f"{_statement(partner)}\nsignature: {signature}\n" != text:
        raise InvitationError("this invitation is not written as invitations are")
    if not _is_signed(authority, signature, _statement(partner)):
        raise InvitationError("this invitation was changed on its way: its signature is not right")
    _check_times(partner, authority, now)
    return partner


def write_succession(partner: Partner, new: FederationAuthority, old: FederationAuthority) -> str:
    """Return what tells partners of a node's new authority and keys, signed by both authorities."""
    statement = _succession(write_invitation(partner, new), old.certificate)
    return f"{statement}signature: {_sign(old, statement)}\n"


def read_succession(data: bytes, known: Partner, now: datetime) -> Partner:
    """Return a known partner with what succeeds its authority and keys.

    InvitationError when it is not for this partner, not signed by the authority that is known, or
    older than what is known.
    """
    text = _text(data)
    first, _, rest = text.partition("\n")
    digest, _, rest = rest.partition("\n")
    invitation, mark, signature = rest.rpartition("signature: ")
    authority = x509.load_der_x509_certificate(known.authority)
    statement = _succession(invitation, authority)
    if not text.endswith("\n") or not mark or f"{first}\n{digest}\n{invitation}" != statement:
        raise InvitationError(f"this does not succeed the authority that is known of {known.node}")
    if not _is_signed(authority, signature.removesuffix("\n"), statement):
        raise InvitationError(f"the authority that is known of {known.node} has not signed this")
    new = read_invitation(invitation.encode(), now)
    if (new.name, new.profile) != (known.name, known.profile) or new.made <= known.made:
        raise InvitationError(f"this does not follow what is known of {known.node}")
    if new.party_key != known.party_key:
        raise InvitationError("a party's key is people's, and is succeeded only by a comparison")
    return replace(new, former=known.authority, former_until=now + FORMER_VALID)


def invitation_in(succession: bytes) -> bytes:
    """Return the invitation that a succession is about; nothing is verified. InvitationError."""
    _, _, rest = _text(succession).partition("\n")
    _, _, rest = rest.partition("\n")
    return rest.rpartition("signature: ")[0].encode()


def _succession(invitation: str, former: x509.Certificate) -> str:
    digest = hashlib.sha256(former.public_bytes(Encoding.DER)).hexdigest()
    return f"{SUCCESSION}\nformer: {digest}\n{invitation}"


def _text(data: bytes) -> str:
    if len(data) > MAX_INVITATION:
        raise InvitationError(f"this is longer than invitations are: {MAX_INVITATION} characters")
    try:
        # What mail programs do to the ends of lines changes nothing that is said.
        return data.decode("ascii").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvitationError(_unusable("it is not text")) from None


def _unusable(why: str) -> str:
    return (
        f"this is no invitation that can be used: {why}; have them send it again, as the file that "
        "accord partner invite wrote"
    )


def _pinned(partner: Partner) -> list[str]:
    return [
        f"node: {partner.node}",
        f"nation: {partner.nation}",
        f"trust-domain: {partner.trust_domain}",
        f"profile: {partner.profile}",
        f"party-key: {partner.party_key}",
        f"release-key: {partner.release_key}",
        f"ledger-key: {partner.ledger_key}",
        f"authority: {_base64(partner.authority)}",
    ]


def _statement(partner: Partner) -> str:
    made = f"made: {partner.made.astimezone(UTC):{_TIME}}"
    addresses = [f"address: {each}" for each in partner.addresses]
    return "\n".join([FIRST_LINE, *_pinned(partner), made, *addresses])


_KEYS = (
    "node", "nation", "trust-domain", "profile", "party-key", "release-key", "ledger-key",
    "authority", "made",
)  # fmt: skip


def _parse(text: str) -> tuple[Partner, str]:
    """Read the lines. ValueError says what is wrong."""
    if not text.startswith(f"{FIRST_LINE}\n"):
        raise ValueError(f"it does not begin with {FIRST_LINE!r}")
    *lines, last = text.split("\n")[1:]
    if last or len(lines) < len(_KEYS) + 1:
        raise ValueError("its end is missing")
    pairs = list(map(_pair, lines))
    if tuple(key for key, _ in pairs[: len(_KEYS)]) != _KEYS or pairs[-1][0] != "signature":
        raise ValueError("it has other lines than invitations have")
    addresses = pairs[len(_KEYS) : -1]
    if len(addresses) > MAX_ADDRESSES or any(key != "address" for key, _ in addresses):
        raise ValueError(f"only up to {MAX_ADDRESSES} addresses stand before its signature")
    said = dict(pairs)
    partner = Partner(
        node=check_node(said["node"], check_nation(said["nation"])),
        trust_domain=check_trust_domain(said["trust-domain"]),
        profile=_undamaged(said, "profile", Profile),
        party_key=said["party-key"],
        release_key=said["release-key"],
        ledger_key=said["ledger-key"],
        authority=_undamaged(said, "authority", _bytes),
        made=_undamaged(said, "made", lambda text: datetime.strptime(text, f"{_TIME[:-1]}%z")),
        addresses=tuple(check_address(each) for _, each in addresses),
    )
    return partner, said["signature"]


def _undamaged(said: Mapping[str, str], key: str, read: Callable[[str], T]) -> T:
    """Read a line's value. ValueError names the line, in place of what a library says of it."""
    try:
        return read(said[key])
    except ValueError:
        raise ValueError(f"its line {key!r} is damaged") from None


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition(": ")
    return key, value


def _bytes(text: str) -> bytes:
    """Read base 64 in its one spelling. ValueError says that it is not."""
    data = base64.b64decode(text, validate=True)
    if _base64(data) != text:
        raise ValueError("this is not base 64 as it is written")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _check_keys(partner: Partner, authority: x509.Certificate) -> None:
    """ValueError or AccordError when the keys are not what the rest says."""
    check_authority(authority, "its authority")
    if not is_issued_by(authority, [authority]):
        raise ValueError("its authority is not its own root")
    if uris(authority) != [authority_name(partner.trust_domain)]:
        raise ValueError("its authority is another trust domain's")
    release, ledger = VerifyKey.parse(partner.release_key), VerifyKey.parse(partner.ledger_key)
    if {profile_of(authority.public_key()), release.profile, ledger.profile} != {partner.profile}:
        raise ValueError(f"its keys are not those of the profile {partner.profile}")
    if VerifyKey.parse(partner.party_key).profile is not Profile.MODERN:
        raise ValueError("agreements are signed with Ed25519 keys")
    if len({partner.party_key, partner.release_key, partner.ledger_key}) != 3:
        raise ValueError("it has one key for two purposes")


def _check_times(partner: Partner, authority: x509.Certificate, now: datetime) -> None:
    if partner.made > now + SKEW or authority.not_valid_before_utc > now:
        raise InvitationError(
            f"this invitation was made at {partner.made:{_TIME}}, which is still to come: one of "
            "the two clocks is wrong"
        )
    ends = authority.not_valid_after_utc
    if now >= ends:
        raise InvitationError(f"the authority in this invitation ended on {ends:%Y-%m-%d}")


def _sign(authority: FederationAuthority, statement: str) -> str:
    algorithm = ec.ECDSA(hash_of(authority.profile))
    return _base64(authority.key.sign(statement.encode(), algorithm))


def _is_signed(authority: x509.Certificate, signature: str, statement: str) -> bool:
    key = authority.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(_bytes(signature), statement.encode(), ec.ECDSA(hash_of(profile_of(key))))
    except (InvalidSignature, ValueError):
        return False
    return True
