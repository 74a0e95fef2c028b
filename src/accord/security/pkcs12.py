"""PKCS#12 key stores (RFC 7292), as TAK clients import them."""

from collections.abc import Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    KeySerializationEncryption,
    PrivateFormat,
    pkcs12,
)

from accord.security.authority import Authority, Issued

_ROUNDS = 50_000


def trust_store(chain: Sequence[x509.Certificate], password: str) -> bytes:
    """Return a key store of certificates to trust."""
    return certificate_store({f"ca{n}": each for n, each in enumerate(chain)}, password)


def certificate_store(certificates: Mapping[str, x509.Certificate], password: str) -> bytes:
    """Return a key store of certificates by their names, without a key."""
    entries = [pkcs12.PKCS12Certificate(each, name.encode()) for name, each in certificates.items()]
    return pkcs12.serialize_java_truststore(entries, _encryption(password))


def client_store(name: str, issued: Issued, authority: Authority, password: str) -> bytes:
    """Return a key store with a client's key, its certificate, and those above it."""
    return pkcs12.serialize_key_and_certificates(
        name.encode(), issued.key, issued.certificate, authority.chain, _encryption(password)
    )


def _encryption(password: str) -> KeySerializationEncryption:
    # ATAK up to 4 and iTAK open no newer encryption than this.
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303  as they read it
        .build(password.encode())
    )
