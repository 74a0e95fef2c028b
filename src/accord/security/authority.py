"""The node's certificate authority: its own, or one that was brought along.

Certificates follow RFC 5280. Keys are RSA, which every TAK client takes; a key that is brought
along or comes with a request may be an elliptic curve's.
"""

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from accord.core.errors import AccordError
from accord.security import keystore
from accord.security.keystore import PrivateKey

CHANNELS = x509.ObjectIdentifier("1.2.840.113549.1.9.7")
"""Extended key usage by which TAK Server knows clients that can choose their channels."""

AUTHORITY_VALID = timedelta(days=3650)
SKEW = timedelta(hours=1)
"""How long before its making a certificate begins: devices' clocks differ."""

_AUTHORITY_BITS = 3072
_BITS = 2048
_PUBLIC_EXPONENT = 65537
_MAX_NAME = 64  # X.520 ub-common-name


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSettings:
    """Certificates that the node makes."""

    names: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "names and addresses by which clients reach this machine, beside its own; the "
            "server certificate is made again at the start when one is missing in it"
        },
    )
    server_valid: timedelta = field(
        default=timedelta(days=397), metadata={"doc": "how long a server certificate is valid"}
    )
    client_valid: timedelta = field(
        default=timedelta(days=365), metadata={"doc": "how long a client certificate is valid"}
    )
    renew_before: timedelta = field(
        default=timedelta(days=30),
        metadata={
            "doc": "how long before its end the node's own certificate is made again, at a start"
        },
    )
    token_valid: timedelta = field(
        default=timedelta(days=1), metadata={"doc": "how long an enrolment token can be used"}
    )


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """Issues certificates. `chain` is its own certificate first, then those above it."""

    chain: tuple[x509.Certificate, ...]
    key: PrivateKey

    @classmethod
    def create(cls, name: str, now: datetime) -> "Authority":
        """Make a new root; `name` is the node's id."""
        key = _new_key(_AUTHORITY_BITS)
        subject = _name(f"{name} authority"[:_MAX_NAME])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(subject, subject, key.public_key(), now, AUTHORITY_VALID)
        certificate = (
            builder.add_extension(constraints, critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls((certificate,), key)

    @classmethod
    def load(cls, certificates: Path, key: Path) -> "Authority":
        """Read an authority. AccordError says what is wrong with it."""
        chain = keystore.read_certificates(certificates)
        secret = keystore.read_key(key)
        if chain[0].public_key() != secret.public_key():
            raise AccordError(f"{key} is not the key of the first certificate in {certificates}")
        check_authority(chain[0], str(certificates))
        return cls(tuple(chain), secret)

    @property
    def certificate(self) -> x509.Certificate:
        """Its own certificate."""
        return self.chain[0]

    def issue_server(
        self, name: str, names: Iterable[str], now: datetime, valid: timedelta
    ) -> Issued:
        """Make the certificate of a server that is reached under `names`, with a new key."""
        key = _new_key(_BITS)
        alternatives = x509.SubjectAlternativeName([general_name(each) for each in names])
        builder = self._builder(name, key.public_key(), now, valid)
        builder = builder.add_extension(alternatives, critical=False)
        # The node is a client of itself when it checks itself.
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return Issued(self._sign(builder, usage), key)

    def issue_client(self, name: str, now: datetime, valid: timedelta) -> Issued:
        """Make a client's certificate with a new key."""
        key = _new_key(_BITS)
        return Issued(self.certify(name, key.public_key(), now, valid), key)

    def certify(
        self, name: str, key: CertificatePublicKeyTypes, now: datetime, valid: timedelta
    ) -> x509.Certificate:
        """Make the certificate of a client that has a key of its own."""
        builder = self._builder(name, key, now, valid)
        return self._sign(builder, [ExtendedKeyUsageOID.CLIENT_AUTH, CHANNELS])

    def _builder(
        self, name: str, key: CertificatePublicKeyTypes, now: datetime, valid: timedelta
    ) -> x509.CertificateBuilder:
        builder = _builder(_name(name), self.certificate.subject, key, now, valid)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(authority_key, critical=False)
        )

    def _sign(
        self, builder: x509.CertificateBuilder, usage: Sequence[x509.ObjectIdentifier]
    ) -> x509.Certificate:
        extended = x509.ExtendedKeyUsage(usage)
        return builder.add_extension(extended, critical=False).sign(self.key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: CertificatePublicKeyTypes,
    now: datetime,
    valid: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _new_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(_PUBLIC_EXPONENT, bits)


def _name(common_name: str) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    except ValueError as error:
        raise AccordError(f"{common_name!r} cannot be the name of a certificate: {error}") from None


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def check_authority(certificate: x509.Certificate, what: str) -> None:
    """AccordError when a certificate may not issue others (RFC 5280, 4.2.1.9)."""
    try:
        is_authority = certificate.extensions.get_extension_for_class(
            x509.BasicConstraints
        ).value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    if not is_authority:
        raise AccordError(f"{what} is no certificate of an authority (basicConstraints CA:TRUE)")


def check_current(certificate: x509.Certificate, what: str, now: datetime) -> None:
    """AccordError when a certificate has ended."""
    ends = certificate.not_valid_after_utc
    if now >= ends:
        raise AccordError(f"{what} ended on {ends:%Y-%m-%d}: have a new one issued")


def is_issued_by(certificate: x509.Certificate, authorities: Iterable[x509.Certificate]) -> bool:
    """Tell whether one of the authorities signed the certificate itself."""
    for authority in authorities:
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def spell_owner(certificate: bytes) -> str:
    """Return whose a certificate (DER) is, with its serial number, as `openssl x509` has it."""
    try:
        read = x509.load_der_x509_certificate(certificate)
        return f"{read.subject.rfc4514_string()} serial {read.serial_number:X}"
    except ValueError:
        return "unknown"


def leads_to(authorities: Sequence[x509.Certificate], chain: Sequence[x509.Certificate]) -> bool:
    """Tell whether an authority issued the first of the chain, or the next did and leads to one."""
    first, *above = chain
    if is_issued_by(first, authorities):
        return True
    return is_issued_by(first, above[:1]) and leads_to(authorities, above)


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) in lower-case hexadecimal digits."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    return digest.finalize().hex()


def general_name(text: str) -> x509.GeneralName:
    """Return an address or a host name as a certificate has it. AccordError for neither."""
    if is_address(text):
        return x509.IPAddress(ipaddress.ip_address(text))
    try:
        return x509.DNSName(text)
    except ValueError:
        raise AccordError(f"{text!r} is neither an IP address nor a host name") from None


def is_address(text: str) -> bool:
    """Tell whether this is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the host names and addresses that a certificate is for."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(each.value) for each in extension.value)


def machine_names() -> tuple[str, ...]:
    """Return the names and addresses by which this machine is reached, as far as it knows them."""
    name = socket.gethostname().lower()
    found = [*_addresses(), "localhost", "127.0.0.1", "::1"]
    if _is_host_name(name):
        found = [name, *found]
    return tuple(dict.fromkeys(found))


def _is_host_name(name: str) -> bool:
    return name.isascii() and 0 < len(name) <= 253 and all(name.split("."))


def _addresses() -> Iterable[str]:
    # Connecting a datagram socket sends nothing: the system only chooses the address to send from.
    # The addresses are of the blocks for documentation (RFC 5737, RFC 3849).
    for family, somewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((somewhere, 9))
                yield str(probe.getsockname()[0])
        except OSError:
            continue
