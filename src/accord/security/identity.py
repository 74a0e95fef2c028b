"""Who this node is to its partners: an authority of its own, short certificates, signing keys.

Apart from the authority of its clients in everything: another key, another directory, another name.
Certificates are of P-256 or P-384, which TLS 1.3 and `cryptography.x509.verification` both take
(the latter takes no Ed25519).
"""

import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from accord.core.errors import AccordError
from accord.core.partner import NodeName, Profile, authority_name, check_trust_domain
from accord.security import keystore
from accord.security.authority import AUTHORITY_VALID, SKEW, Issued, check_current
from accord.security.signing import SigningKey

FEDERATION = Path("federation")
AUTHORITY = FEDERATION / "authority.pem"
AUTHORITY_KEY = FEDERATION / "authority.key"
NODE = FEDERATION / "node.pem"
NODE_KEY = FEDERATION / "node.key"
RELEASE_KEY = FEDERATION / "release.key"
LEDGER_KEY = FEDERATION / "ledger.key"

CURVES: dict[Profile, type[ec.EllipticCurve]] = {
    Profile.MODERN: ec.SECP256R1,
    Profile.CNSA: ec.SECP384R1,
}
"""The curve of every certificate of a profile."""

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What looking at a certificate raises where somebody made it to break things."""

_MAX_LABEL = 63  # RFC 1035, 2.3.4


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationSettings:
    """Who this node is to its partners."""

    trust_domain: str = field(
        default="",
        metadata={
            "doc": "in which its name is its own, such as jfnz.example; empty stands for its id in "
            "small letters. Set it before the node is made known to partners"
        },
    )
    profile: Profile = field(
        default=Profile.MODERN,
        metadata={"doc": "algorithms of keys and signatures; both ends of a link have the same"},
    )
    groups: tuple[str, ...] = field(
        default=("Everyone",),
        metadata={"doc": "the groups into which what partners release is said on this node"},
    )
    certificate_valid: timedelta = field(
        default=timedelta(days=14),
        metadata={
            "doc": "how long the certificate that partners see is valid; made again at half of it"
        },
    )

    def __post_init__(self) -> None:
        if self.trust_domain:
            check_trust_domain(self.trust_domain)

    def name_of(self, node: str) -> NodeName:
        """Return what a node is called in certificates."""
        own = node.lower()[:_MAX_LABEL].rstrip("-")
        return NodeName(self.trust_domain or own, node)


def hash_of(profile: Profile) -> SHA256 | SHA384:
    """Return the hash that certificates of a profile are signed over."""
    return SHA256() if profile is Profile.MODERN else SHA384()


@dataclass(frozen=True, slots=True)
class FederationAuthority:
    """Issues the certificates by which partners know one node, and no others."""

    name: NodeName
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: NodeName, profile: Profile, now: datetime) -> "FederationAuthority":
        """Make a new root."""
        key = ec.generate_private_key(CURVES[profile]())
        subject = _subject(f"{name.trust_domain} federation"[:64])
        builder = _builder(subject, subject, key.public_key(), (now, now + AUTHORITY_VALID))
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(_names(authority_name(name.trust_domain)), critical=False)
            .sign(key, hash_of(profile))
        )
        return cls(name, certificate, key)

    @property
    def profile(self) -> Profile:
        """What its keys are of."""
        return profile_of(self.key.public_key())

    def issue(self, now: datetime, valid: timedelta) -> Issued:
        """Make the node's certificate for both ends of TLS, with a new key."""
        key = ec.generate_private_key(CURVES[self.profile]())
        ends = min(now + valid, self.certificate.not_valid_after_utc)
        subject, issuer = _subject(self.name.node), self.certificate.subject
        names = _names(str(self.name), dns=self.name.trust_domain)
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            _builder(subject, issuer, key.public_key(), (now, ends))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(issuer_key, critical=False)
            .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
            .add_extension(names, critical=False)
            .sign(self.key, hash_of(self.profile))
        )
        return Issued(certificate, key)


def profile_of(key: object) -> Profile:
    """Return which profile's certificates have such a public key. ValueError for none."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        for profile, curve in CURVES.items():
            if isinstance(key.curve, curve):
                return profile
    raise ValueError("this certificate's key is neither of P-256 nor of P-384")


def prepare(directory: Path, name: NodeName, settings: FederationSettings, now: datetime) -> None:
    """Make what is missing of the node's identity. AccordError when what is there is another's."""
    if not (directory / AUTHORITY).exists():
        # Without its certificate, a key is what a crash has left.
        made = FederationAuthority.create(name, settings.profile, now)
        keystore.write_key(directory / AUTHORITY_KEY, made.key)
        keystore.write_certificates(directory / AUTHORITY, made.certificate)
    _check_ours(directory, name, settings.profile)
    for file in (RELEASE_KEY, LEDGER_KEY):
        if not (directory / file).exists():
            SigningKey.create(settings.profile).save(directory / file)
    renew(directory, name, settings, now)


def is_made(directory: Path) -> bool:
    """Tell whether the node has an identity."""
    return (directory / AUTHORITY).exists()


def renew(directory: Path, name: NodeName, settings: FederationSettings, now: datetime) -> str:
    """Make the node's certificate again where half of its life is over; return why, or nothing.

    AccordError when it cannot be made, or is not what it should be.
    """
    why = _why_due(directory, now)
    if why:
        authority = load_authority(directory, name)
        check_current(authority.certificate, str(directory / AUTHORITY), now)
        issued = authority.issue(now, settings.certificate_valid)
        keystore.write_key(directory / NODE_KEY, issued.key)
        keystore.write_certificates(directory / NODE, issued.certificate)
    return why


def _why_due(directory: Path, now: datetime) -> str:
    if not (directory / NODE).exists() or not (directory / NODE_KEY).exists():
        return "there is none yet"
    certificate = keystore.read_certificates(directory / NODE)[0]
    if keystore.read_key(directory / NODE_KEY).public_key() != certificate.public_key():
        return "its key is another's"  # two processes made it at the same moment
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return f"it begins only on {begins:%Y-%m-%d}"  # the clock was wrong when it was made
    return f"it ends on {ends:%Y-%m-%d}" if now >= begins + (ends - begins) / 2 else ""


def load_authority(directory: Path, name: NodeName) -> FederationAuthority:
    """Read the node's federation authority with its key. AccordError says what is wrong."""
    certificate = keystore.read_certificates(directory / AUTHORITY)[0]
    key = keystore.read_key(directory / AUTHORITY_KEY)
    own = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == own:
        return FederationAuthority(name, certificate, key)
    raise AccordError(f"{directory / AUTHORITY_KEY} is not the key of {directory / AUTHORITY}")


def _check_ours(directory: Path, name: NodeName, profile: Profile) -> None:
    certificate = keystore.read_certificates(directory / AUTHORITY)[0]
    try:
        is_ours = uris(certificate) == [authority_name(name.trust_domain)]
        is_ours &= profile_of(certificate.public_key()) is profile
    except UNREADABLE:
        is_ours = False
    if not is_ours:
        raise AccordError(
            f"{directory / AUTHORITY} was made for another trust_domain or profile than "
            f"[federation] in accord.toml says: put that back, or move {directory / FEDERATION} "
            "away and invite every partner anew"
        )


def read_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate of somebody else. ValueError says that it cannot be read."""
    with warnings.catch_warnings():
        # The library warns of what RFC 5280 forbids, such as a serial number below one.
        warnings.simplefilter("error")
        try:
            return x509.load_der_x509_certificate(der)
        except (*UNREADABLE, Warning):
            raise ValueError("the certificate cannot be read") from None


def uris(certificate: x509.Certificate) -> list[str]:
    """Return the URIs in subjectAltName. Raises one of UNREADABLE."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return names.value.get_values_for_type(x509.UniformResourceIdentifier)


def _subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(uri: str, *, dns: str = "") -> x509.SubjectAlternativeName:
    found: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    return x509.SubjectAlternativeName([*found, *([x509.DNSName(dns)] if dns else [])])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    during: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    begins, ends = during
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - SKEW)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        key_encipherment=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
