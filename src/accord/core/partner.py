"""Partner nodes: what they are called in certificates, and what is pinned of each.

A node is named by a SPIFFE ID (SPIFFE-ID specification, section 2):
`spiffe://TRUST-DOMAIN/node/NODE-ID`. Trust domains are held to what a host name may be, so that
TLS can carry one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from accord.core.nation import check_nation, check_node

MAX_TRUST_DOMAIN = 128
MAX_ADDRESSES = 8
"""Addresses under which one partner is dialled."""

_SCHEME = "spiffe://"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_HOST = r"\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_HOST}):([1-9][0-9]{{0,4}})", re.ASCII)


class Profile(StrEnum):
    """Which algorithms a node identifies itself and signs with; the same at both ends of a link."""

    MODERN = "modern"
    """Ed25519 and SHA-256; P-256 in certificates."""
    CNSA = "cnsa"
    """ECDSA with P-384 and SHA-384 throughout."""


@dataclass(frozen=True, slots=True, order=True)
class NodeName:
    """What a node is called in its certificate."""

    trust_domain: str
    node: str

    @classmethod
    def parse(cls, text: str) -> "NodeName":
        """Read `spiffe://TRUST-DOMAIN/node/NODE-ID`. ValueError says that it is not one."""
        domain, path, node = text.removeprefix(_SCHEME).partition("/node/")
        if not (text.startswith(_SCHEME) and path):
            raise ValueError(f"this is not {_SCHEME}TRUST-DOMAIN/node/NODE-ID")
        return cls(check_trust_domain(domain), check_node(node, check_nation(node[:3])))

    def __str__(self) -> str:
        return f"{_SCHEME}{self.trust_domain}/node/{self.node}"


def authority_name(trust_domain: str) -> str:
    """Return the SPIFFE ID of an authority: the trust domain alone."""
    return f"{_SCHEME}{trust_domain}"


def check_trust_domain(text: str) -> str:
    """Return the trust domain. ValueError says what one is made of."""
    if len(text) > MAX_TRUST_DOMAIN or _DOMAIN.fullmatch(text) is None:
        raise ValueError(
            f"{text[:MAX_TRUST_DOMAIN]!r} is no trust domain: small letters, digits and hyphens, "
            f"in parts of up to 63 with dots between them, {MAX_TRUST_DOMAIN} characters at most"
        )
    return text


def check_address(text: str) -> str:
    """Return HOST:PORT, where a partner is dialled. ValueError says what is allowed."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        raise ValueError(
            f"{text[:80]!r}: give HOST:PORT, such as node.example:9010 or [2001:db8::1]:9010"
        )
    return text


class KeyOf(StrEnum):
    """What a key of a node is for, of those that it may replace by itself."""

    AUTHORITY = "authority"
    RELEASE = "release"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerKey:
    """A key that another has succeeded: of an authority, the SHA-256 of its certificate.

    What it signs from now on counts until `until`; what it signed before stays signed.
    """

    of: KeyOf
    key: str
    succeeded: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """All that this node has pinned of another, as two people compared it.

    `authority` is a certificate (DER). Keys are text, `ed25519:` or `p384:` and base 64: that of
    the party signs agreements and lies with people, the other two lie on the node. After another
    authority took its place, certificates of the `former` one count until `former_until`.
    `history` are its keys that were succeeded, the first first. `ledger` says which of the ledgers
    that it keeps for this node is cosigned: it begins another where a backup was put back.
    """

    node: str
    trust_domain: str
    profile: Profile
    authority: bytes
    party_key: str
    release_key: str
    ledger_key: str
    made: datetime
    addresses: tuple[str, ...] = ()
    former: bytes = b""
    former_until: datetime | None = None
    history: tuple[FormerKey, ...] = ()
    ledger: int = 1

    @property
    def nation(self) -> str:
        """Whose node it is, ISO 3166-1 alpha-3."""
        return self.node[:3]

    @property
    def name(self) -> NodeName:
        """What its certificates must say."""
        return NodeName(self.trust_domain, self.node)

    def authorities(self, now: datetime) -> tuple[bytes, ...]:
        """Return whose certificates count at that moment."""
        if self.former_until is not None and now < self.former_until:
            return self.authority, self.former
        return (self.authority,)

    def release_keys(self, now: datetime) -> tuple[str, ...]:
        """Return the keys whose signatures under releases count at that moment."""
        return self.release_key, *self._former(KeyOf.RELEASE, now)

    def ledger_keys(self, now: datetime | None = None) -> tuple[str, ...]:
        """Return the keys that its ledger is signed with at that moment, or ever was.

        None where it keeps none, as a TAK server.
        """
        own = (self.ledger_key,) if self.ledger_key else ()
        return *own, *self._former(KeyOf.LEDGER, now)

    def key(self, of: KeyOf) -> str:
        """Return a key as it stands in a history."""
        if of is KeyOf.AUTHORITY:
            return sha256(self.authority).hexdigest()
        return self.release_key if of is KeyOf.RELEASE else self.ledger_key

    def changed(self, other: "Partner") -> frozenset[KeyOf]:
        """Return which keys are not the same."""
        return frozenset(of for of in KeyOf if self.key(of) != other.key(of))

    def replaced(self, new: "Partner", now: datetime) -> "Partner":
        """Return the partner as people compared it anew: none of the keys before counts any more.

        They stay in the history, so that what they signed can still be held against them.
        """
        ended = [replace(each, until=min(each.until, now)) for each in self.history]
        ended += [
            FormerKey(of=of, key=self.key(of), succeeded=now, until=now)
            for of in sorted(self.changed(new))
        ]
        return replace(new, history=tuple(ended), ledger=self.ledger)

    def _former(self, of: KeyOf, now: datetime | None) -> tuple[str, ...]:
        found = (each for each in self.history if each.of is of)
        return tuple(each.key for each in found if now is None or now < each.until)


WHOLE = ""
"""In place of a serial number: every certificate of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A name that is refused, or one certificate of it by its serial number (`spell_serial`)."""

    name: NodeName
    serial: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom a node trusts, and whom it refuses all the same."""

    partners: tuple[Partner, ...] = ()
    denials: tuple[Denial, ...] = ()

    def partner(self, node: str) -> Partner | None:
        """Return what is pinned of a node, None where nothing is."""
        return next((each for each in self.partners if each.node == node), None)

    def denied(self, name: NodeName, serial: str = WHOLE) -> bool:
        """Tell whether the name, or that one certificate of it, is refused."""
        return any(each.name == name and each.serial == serial for each in self.denials)

    def of_node(self, node: str) -> Iterable[Denial]:
        """Return what is refused of a node, whatever its trust domain was."""
        return (each for each in self.denials if each.name.node == node)


def spell_serial(serial: int) -> str:
    """Write a serial number as `openssl x509` has it, without a leading zero."""
    return f"{serial:X}"
