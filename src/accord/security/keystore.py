"""Where a node's keys and certificates lie, and how they are read and written.

Everything is PEM. Keys are readable by their owner only, and are written before what depends on
them, each file whole or not at all.
"""

import os
import ssl
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from accord.core.errors import AccordError

AUTHORITY = Path("authority/ca.pem")
AUTHORITY_KEY = Path("authority/ca.key")
"""Whose certificates are taken for its own by the node; the key may be kept elsewhere."""

SERVER = Path("server/server.pem")
SERVER_KEY = Path("server/server.key")

ADMINISTRATOR = Path("clients/administrator.pem")
ADMINISTRATOR_KEY = Path("clients/administrator.key")
"""The certificate with which the command line calls the node."""

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, at least one. AccordError says what is wrong."""
    data = _read(path)
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise AccordError(f"{path} holds no PEM certificate: {error}") from None


def read_key(path: Path) -> PrivateKey:
    """Return the private key of a PEM file. AccordError says what is wrong."""
    data = _read(path)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AccordError(
            f"{path} holds no PEM key that can be read without a password: {error}"
        ) from None
    if not isinstance(key, PrivateKey):
        raise AccordError(f"{path} holds neither an RSA nor an elliptic-curve key")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AccordError(f"cannot read {path}: {error.strerror}") from None


def write_certificates(path: Path, *certificates: x509.Certificate) -> None:
    """Write certificates, the leaf first."""
    write_private(path, b"".join(each.public_bytes(Encoding.PEM) for each in certificates))


def write_key(path: Path, key: PrivateKey) -> None:
    """Write a private key without a password: a node starts without a person beside it."""
    write_private(path, key_bytes(key))


def key_bytes(key: PrivateKey) -> bytes:
    """Return the key in PEM (PKCS#8), without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone may read; whole, or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink()
                raise
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None


def load_chain(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Give a TLS context its own certificate. AccordError names the file that is not right."""
    for file in (certificate, key):
        _read(file)

    def refuse() -> str:
        # OpenSSL would ask whoever sits there, and wait.
        raise AccordError(f"{key} has a password; a node starts without a person to give it")

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except ssl.SSLError as error:
        raise AccordError(f"{certificate} and {key} do not go together: {error.reason}") from None
