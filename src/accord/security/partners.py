"""Which partner a certificate is of.

There is no common trust store: the trust domain that a certificate claims chooses the one partner
whose authority is asked, and no other authority counts.

The register of partners is changed by the command line while the node runs. Whoever holds a link
looks every LOOK_EVERY (admission.py), and ends what `why_gone` names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.x509 import verification

from accord.core.clock import Clock
from accord.core.naming import printable
from accord.core.partner import NodeName, Partner, Trusted, spell_serial
from accord.observe.counters import Tally
from accord.security.identity import UNREADABLE, profile_of, read_certificate, uris

MAX_SHOWN = 120
"""Characters of a claimed name that a refusal shows."""


class Reason(StrEnum):
    """Why a certificate is refused."""

    NONE = "no certificate"
    UNREADABLE = "certificate cannot be read"
    NO_ID = "no URI in the certificate"
    TWO_IDS = "more than one URI in the certificate"
    BAD_ID = "the URI is not the name of a node"
    UNKNOWN = "the trust domain is no partner's"
    OTHER_NODE = "the trust domain is a partner's, the node is not"
    DENIED = "the partner is refused"
    DENIED_CERTIFICATE = "this certificate is refused"
    OTHER_PROFILE = "the key is not of the partner's profile"
    NOT_BEGUN = "certificate has not begun; one of the two clocks may be wrong"
    ENDED = "certificate has ended"
    OTHER_AUTHORITY = "not issued by the partner's authority"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a certificate is refused, and who it says it is, cut short and fit to be printed."""

    reason: Reason
    claimed: str = ""

    def __str__(self) -> str:
        return f"{self.reason} ({self.claimed})" if self.claimed else str(self.reason)


class PartnerAdmission:
    """Knows the register of partners as of the last look; fails closed.

    `read` returns the whole register, or None where it has not changed since the last call.
    `refused` counts refusals by reason.
    """

    def __init__(self, read: Callable[[], Trusted | None], *, clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._trusted = Trusted()
        self._by_domain: dict[str, Partner] = {}
        self.refused = Tally()
        self.look()

    def look(self) -> bool:
        """Read the register again where it has changed; tell whether it had."""
        trusted = self._read()
        if trusted is None:
            return False
        self._trusted = trusted
        self._by_domain = {each.trust_domain: each for each in trusted.partners}
        return True

    def partners(self) -> Iterable[Partner]:
        """Return every partner that is not refused."""
        return (each for each in self._trusted.partners if not self._trusted.denied(each.name))

    def refused_partners(self) -> Iterable[Partner]:
        """Return every partner that is refused and not forgotten."""
        return (each for each in self._trusted.partners if self._trusted.denied(each.name))

    def of_domain(self, trust_domain: str) -> Partner | None:
        """Return the partner of a trust domain, None where there is none or it is refused."""
        partner = self._by_domain.get(trust_domain)
        return None if partner is None or self._trusted.denied(partner.name) else partner

    def admit(self, certificate: bytes | None) -> Partner | Refusal:
        """Return which partner a certificate (DER) is of, or why it is refused, and count that."""
        found = self._look_at(certificate)
        if isinstance(found, Refusal):
            self.refused[found.reason] += 1
        return found

    def why_gone(self, certificate: bytes) -> Reason | None:
        """Return why a certificate that was admitted is not any more, None where it still is."""
        found = self._look_at(certificate)
        return found.reason if isinstance(found, Refusal) else None

    def _look_at(self, der: bytes | None) -> Partner | Refusal:
        if not der:
            return Refusal(Reason.NONE)
        try:
            certificate = read_certificate(der)
            claimed = uris(certificate)
        except UNREADABLE:
            return Refusal(Reason.UNREADABLE)
        if len(claimed) != 1:
            return Refusal(Reason.TWO_IDS if claimed else Reason.NO_ID)
        said = _shown(claimed[0])
        try:
            name = NodeName.parse(claimed[0])
        except ValueError:
            return Refusal(Reason.BAD_ID, said)
        partner = self._by_domain.get(name.trust_domain)
        why_not = self._why_not(certificate, name, partner)
        return partner if partner and why_not is None else Refusal(why_not or Reason.UNKNOWN, said)

    def _why_not(
        self, certificate: x509.Certificate, name: NodeName, partner: Partner | None
    ) -> Reason | None:
        if self._trusted.denied(name):
            return Reason.DENIED
        if partner is None:
            return Reason.UNKNOWN
        if partner.name != name:
            return Reason.OTHER_NODE
        if self._trusted.denied(name, spell_serial(certificate.serial_number)):
            return Reason.DENIED_CERTIFICATE
        return _why_not_theirs(certificate, partner, self._clock.now())


def _why_not_theirs(
    certificate: x509.Certificate, partner: Partner, now: datetime
) -> Reason | None:
    try:
        if profile_of(certificate.public_key()) is not partner.profile:
            return Reason.OTHER_PROFILE
    except UNREADABLE:
        return Reason.OTHER_PROFILE
    if now < certificate.not_valid_before_utc:
        return Reason.NOT_BEGUN
    if now >= certificate.not_valid_after_utc:
        return Reason.ENDED
    is_theirs = any(_is_issued(certificate, each, now) for each in partner.authorities(now))
    return None if is_theirs else Reason.OTHER_AUTHORITY


def _is_issued(certificate: x509.Certificate, authority: bytes, now: datetime) -> bool:
    """Tell whether that authority itself, and nobody between, issued it for a client of TLS."""
    # Whichever end dialled, a node's certificate is for both.
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store([x509.load_der_x509_certificate(authority)]))
        .time(now)
        .build_client_verifier()
    )
    try:
        verifier.verify(certificate, [])
    except (*UNREADABLE, verification.VerificationError):
        return False
    return True


def _shown(text: str) -> str:
    return printable(text[:MAX_SHOWN])
