"""A certificate authority for tests, and TLS contexts of both sides."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
_PEM = serialization.Encoding.PEM


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    bare = serialization.NoEncryption()
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, bare)


@dataclass(frozen=True)
class TestAuthority:
    """Signs certificates and writes them, each with its key beside it, under a directory."""

    __test__ = False
    directory: Path

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def _write(self, path: Path, *parts: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(parts))
        path.chmod(0o600)
        return path

    def _build(self, name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name("test authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
        )

    @cached_property
    def ca(self) -> Path:
        """`authority/ca.pem`, with `authority/ca.key`."""
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            self._build("test authority", self._key.public_key())
            .not_valid_before(BEGIN)
            .not_valid_after(END)
            .add_extension(constraints, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self._write(self.directory / "authority" / "ca.key", _pem(self._key))
        return self._write(self.directory / "authority" / "ca.pem", certificate.public_bytes(_PEM))

    def issue(
        self,
        file: str,
        name: str,
        *,
        begin: datetime = BEGIN,
        end: datetime = END,
        has_names: bool = True,
    ) -> tuple[Path, Path]:
        """Write `file.pem` and `file.key`, for localhost and 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._build(name, key.public_key()).not_valid_before(begin).not_valid_after(end)
        if has_names:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return (
            self._write(self.directory / f"{file}.pem", certificate.public_bytes(_PEM)),
            self._write(self.directory / f"{file}.key", _pem(key)),
        )

    def server(self, *, verify: ssl.VerifyMode = ssl.CERT_OPTIONAL) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue("server/server", "node"))
        context.load_verify_locations(self.ca)
        context.verify_mode = verify
        return context

    def client(self, name: str | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca)
        if name is not None:
            context.load_cert_chain(*self.issue(f"clients/{name}", name))
        return context
