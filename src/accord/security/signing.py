"""Keys that sign what a node releases and what its ledger says: Ed25519, or ECDSA with P-384.

Signatures are of a fixed length: RFC 8032 as it is, ECDSA as r and s one behind the other
(RFC 9053, section 2.1). A public key is text: `ed25519:` or `p384:` and base 64.
"""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from accord.core.errors import AccordError
from accord.core.partner import Profile
from accord.security import keystore

ED25519, P384 = "ed25519:", "p384:"

_P384_NUMBER = 48
"""Bytes of r, and of s."""

_PREFIXES = {Profile.MODERN: ED25519, Profile.CNSA: P384}


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half of a key: checks what the other half signed."""

    key: Ed25519PublicKey | ec.EllipticCurvePublicKey

    @classmethod
    def parse(cls, text: str) -> "VerifyKey":
        """Read `ed25519:BASE64` or `p384:BASE64`. ValueError says what is wrong."""
        try:
            found = cls(_read(text))
        except (ValueError, binascii.Error):
            raise ValueError(f"a key is {ED25519} or {P384} and base 64") from None
        if str(found) != text:
            raise ValueError("this key is not written as keys are")
        return found

    @property
    def profile(self) -> Profile:
        """Which profile's keys are of this kind."""
        return Profile.MODERN if isinstance(self.key, Ed25519PublicKey) else Profile.CNSA

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Tell whether the other half signed these bytes."""
        try:
            if isinstance(self.key, Ed25519PublicKey):
                self.key.verify(signature, data)
            else:
                self.key.verify(_from_raw(signature), data, ec.ECDSA(SHA384()))
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        if isinstance(self.key, Ed25519PublicKey):
            data = self.key.public_bytes_raw()
        else:
            data = self.key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return _PREFIXES[self.profile] + base64.b64encode(data).decode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs."""

    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, profile: Profile) -> "SigningKey":
        """Make a new one."""
        if profile is Profile.MODERN:
            return cls(Ed25519PrivateKey.generate())
        return cls(ec.generate_private_key(ec.SECP384R1()))

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """Read one from a PEM file. AccordError says what is wrong."""
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise AccordError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise AccordError(
                f"{path} holds no PEM key that can be read without a password"
            ) from None
        if isinstance(key, Ed25519PrivateKey):
            return cls(key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
            return cls(key)
        raise AccordError(f"{path} holds neither an Ed25519 nor a P-384 key")

    def save(self, path: Path) -> None:
        """Write it to a PEM file that its owner alone may read."""
        bare = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keystore.write_private(path, bare)

    @property
    def public(self) -> VerifyKey:
        """The half that others may have."""
        return VerifyKey(self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return the signature of these bytes: 64 bytes, or 96 of P-384."""
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(data)
        return _to_raw(self.key.sign(data, ec.ECDSA(SHA384())))


def _read(text: str) -> Ed25519PublicKey | ec.EllipticCurvePublicKey:
    data = base64.b64decode(text.partition(":")[2], validate=True)
    if text.startswith(ED25519):
        return Ed25519PublicKey.from_public_bytes(data)
    if text.startswith(P384):
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), data)
    raise ValueError("no such kind")


def _to_raw(signature: bytes) -> bytes:
    return b"".join(each.to_bytes(_P384_NUMBER) for each in decode_dss_signature(signature))


def _from_raw(signature: bytes) -> bytes:
    if len(signature) != 2 * _P384_NUMBER:
        raise ValueError("a signature is r and s of 48 bytes each")
    r, s = signature[:_P384_NUMBER], signature[_P384_NUMBER:]
    return encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
