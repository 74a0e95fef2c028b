"""Partner nodes: their authorities and keys made once, and certificates made to be refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from accord.core.partner import NodeName, Partner, Profile
from accord.security.identity import FederationAuthority, FederationSettings
from accord.security.signing import SigningKey
from support.clock import START

NZL, USA, AUS = "NZL-X", "USA-X", "AUS-X"
FORTNIGHT = timedelta(days=14)


def name_of(node: str) -> NodeName:
    return FederationSettings().name_of(node)


def authority_of(
    node: str, profile: Profile = Profile.MODERN, number: int = 0
) -> FederationAuthority:
    """The same authority for the same node and number, made at START."""
    return _authority(node, profile, number)


@cache
def _authority(node: str, profile: Profile, _number: int) -> FederationAuthority:
    return FederationAuthority.create(name_of(node), profile, START)


def signing_key(node: str, what: str, profile: Profile = Profile.MODERN) -> SigningKey:
    """The same key for the same purpose of the same node."""
    return _signing_key(node, what, profile)


@cache
def _signing_key(_node: str, _what: str, profile: Profile) -> SigningKey:
    return SigningKey.create(profile)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def partner_of(
    node: str,
    profile: Profile = Profile.MODERN,
    *,
    authority: FederationAuthority | None = None,
    **changes: Any,
) -> Partner:
    """A partner as its invitation has it."""
    root = authority or authority_of(node, profile)
    return replace(
        Partner(
            node=node,
            trust_domain=name_of(node).trust_domain,
            profile=profile,
            authority=der(root.certificate),
            party_key=str(signing_key(node, "party").public),
            release_key=str(signing_key(node, "release", profile).public),
            ledger_key=str(signing_key(node, "ledger", profile).public),
            made=START.replace(microsecond=0),
            addresses=("node.example:9010",),
        ),
        **changes,
    )


def certificate_of(node: str, profile: Profile = Profile.MODERN, at: datetime = START) -> bytes:
    """What a node shows its partners (DER), made at that moment for a fortnight."""
    return der(authority_of(node, profile).issue(at, FORTNIGHT).certificate)


@dataclass(frozen=True, kw_only=True)
class Forged:
    """A certificate as somebody might make it; by default as NZL's authority makes them."""

    issuer: FederationAuthority | None = None
    uris: Sequence[str] = (str(name_of(NZL)),)
    is_authority: bool = False
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH
    curve: ec.EllipticCurve = ec.SECP256R1()  # noqa: RUF009  it is never changed
    at: datetime = START

    def made(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        issuer = self.issuer or authority_of(NZL)
        key = ec.generate_private_key(self.curve)
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=self.is_authority, crl_sign=self.is_authority,
            key_encipherment=False, content_commitment=False, data_encipherment=False,
            key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NZL)]))
            .issuer_name(issuer.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - timedelta(hours=1))
            .not_valid_after(self.at + FORTNIGHT)
            .add_extension(x509.BasicConstraints(self.is_authority, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(above, critical=False)
            .add_extension(x509.ExtendedKeyUsage([self.usage]), critical=False)
        )
        if self.uris:
            names = [x509.UniformResourceIdentifier(uri) for uri in self.uris]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(issuer.key, SHA256()), key

    def der(self) -> bytes:
        return der(self.made()[0])
