"""Signed notes: a text with the signatures of keys that are known by name and id.

C2SP signed-note v1 (c2sp.org/signed-note), and the timestamped signatures of C2SP tlog-cosignature.
Two profiles: Ed25519 as C2SP has it, and ECDSA on P-384 with SHA-384 under type 0xff, which C2SP
keeps for types that it does not assign: its own type for ECDSA (0x02) takes SHA-256 in the one
implementation it refers to, and has no timestamped form.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accord.release.ledger.fault import LedgerFault

MAX_NOTE = 8_000
"""Bytes of a note with its signatures."""

MAX_SIGNATURES = 16
"""Signatures of a note that are read; C2SP asks for that many."""

MAX_NAME = 300
"""Characters of a key's name."""

MAX_TIME = 253_402_300_799
"""The last second of the year 9999; a signature can say a later one, and no clock shows it."""

_ID_BYTES = 4
_TIME_BYTES = 8
_P384_BYTES = 48
_NAME = re.compile(r"[^\s+]+")
_DASH = "\N{EM DASH} "


class Scheme(Enum):
    """A signature type: the bytes that stand for it in key ids and verifier keys."""

    ED25519 = b"\x01"
    ED25519_TIMED = b"\x04"
    P384 = b"\xffaccord/ecdsa-p384-sha384/v1"
    P384_TIMED = b"\xffaccord/ecdsa-p384-sha384-cosignature/v1"

    @property
    def is_timed(self) -> bool:
        """Tell whether its signatures say when they were made: the type of cosigners."""
        return self in (Scheme.ED25519_TIMED, Scheme.P384_TIMED)

    @property
    def is_p384(self) -> bool:
        """Tell whether it is of the profile "cnsa"."""
        return self in (Scheme.P384, Scheme.P384_TIMED)

    @property
    def key_bytes(self) -> int:
        """Bytes of a public key: RFC 8032, or a compressed point (SEC 1, 2.3.3)."""
        return _P384_BYTES + 1 if self.is_p384 else 32

    @property
    def signature_bytes(self) -> int:
        """Bytes of a signature, with its time where it has one."""
        return (2 * _P384_BYTES if self.is_p384 else 64) + _TIME_BYTES * self.is_timed


_PINNED = {
    "ed25519": (Scheme.ED25519, Scheme.ED25519_TIMED),
    "p384": (Scheme.P384, Scheme.P384_TIMED),
}
"""What the kinds of keys that partners exchange sign with."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and the signature type it is known by. LedgerFault: it is none."""

    name: str
    scheme: Scheme
    public: bytes

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None or len(self.name) > MAX_NAME:
            raise LedgerFault(f"{self.name!r} is no name of a key")
        if len(self.public) != self.scheme.key_bytes:
            raise LedgerFault(f"the public key of {self.name} has {len(self.public)} bytes")
        if self.scheme.is_p384:
            try:
                _point(self.public)
            except ValueError:
                raise LedgerFault(f"the public key of {self.name} is no point of P-384") from None

    @property
    def id(self) -> bytes:
        """The four bytes that, with the name, say which key signed."""
        return sha256(
            self.name.encode() + b"\n" + self.scheme.value + self.public
        ).digest()[:_ID_BYTES]  # fmt: skip

    def spell(self) -> str:
        """Return it as the text that C2SP calls a vkey."""
        material = base64.b64encode(self.scheme.value + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made the signature over that note text."""
        if len(signature) != self.scheme.signature_bytes:
            return False
        if self.scheme.is_timed:
            at = int.from_bytes(signature[:_TIME_BYTES], "big")
            text, signature = _timed(at, text), signature[_TIME_BYTES:]
        try:
            if self.scheme.is_p384:
                _point(self.public).verify(_der(signature), text, ECDSA(SHA384()))
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def pinned_keys(name: str, text: str) -> tuple[VerifierKey, VerifierKey]:
    """Return a pinned key, `ed25519:` or `p384:` and base 64, as author's and as cosigner's.

    LedgerFault: it is none.
    """
    kind, _, material = text.partition(":")
    try:
        author, cosigner = _PINNED[kind]
        public = base64.b64decode(material, validate=True)
    except (KeyError, ValueError):
        raise LedgerFault(f"{text[:80]!r} is no key of a ledger") from None
    return VerifierKey(name, author, public), VerifierKey(name, cosigner, public)


def read_key(text: str) -> VerifierKey:
    """Read a vkey. LedgerFault says what is wrong with it."""
    name, _, rest = text.partition("+")
    said, _, material = rest.partition("+")
    try:
        raw = base64.b64decode(material, validate=True)
    except ValueError:
        raise LedgerFault("this is no verifier key: its last part is not base64") from None
    for scheme in Scheme:
        if raw.startswith(scheme.value):
            key = VerifierKey(name, scheme, raw[len(scheme.value) :])
            if key.spell() != text:
                raise LedgerFault(f"the id of the key of {name} is not {said}")
            return key
    raise LedgerFault("this is no verifier key of a type that is known")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line, verified or not: who says it signed, and what comes with it."""

    name: str
    key_id: bytes
    data: bytes

    def spell(self) -> str:
        """Return the line."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.data).decode()}\n"

    @property
    def at(self) -> int:
        """When a timestamped signature says it was made, in seconds since 1970."""
        return int.from_bytes(self.data[:_TIME_BYTES], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a line break, and the signatures that stand under it."""

    text: str
    signatures: tuple[Signature, ...]

    def spell(self) -> bytes:
        """Return the note as it is kept and sent."""
        return f"{self.text}\n{''.join(each.spell() for each in self.signatures)}".encode()

    def add(self, signature: Signature) -> "Note":
        """Return the note with one signature more, in place of an earlier one of the same key."""
        others = [
            each
            for each in self.signatures
            if (each.name, each.key_id) != (signature.name, signature.key_id)
        ]
        return replace(self, signatures=(*others, signature))

    def verified(self, keys: Sequence[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
        """Return what these keys signed. LedgerFault where one's signature is wrong.

        Signatures of other keys are passed over, as C2SP asks.
        """
        known = {(key.name, key.id): key for key in keys}
        found: dict[tuple[str, bytes], tuple[VerifierKey, Signature]] = {}
        for signature in self.signatures:
            which = (signature.name, signature.key_id)
            if which not in known or which in found:
                continue
            if not known[which].verify(self.text.encode(), signature.data):
                raise LedgerFault(
                    f"the signature of {signature.name}+{signature.key_id.hex()} is not right"
                )
            found[which] = known[which], signature
        return list(found.values())


def read_note(data: bytes) -> Note:
    """Read a note; nothing is verified. LedgerFault says what is wrong with its form."""
    if len(data) > MAX_NOTE:
        raise LedgerFault(f"a note has at most {MAX_NOTE} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise LedgerFault("a note is UTF-8") from None
    if not whole.replace("\n", "").isprintable():
        raise LedgerFault("a note has no control characters but line breaks")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise LedgerFault("a note ends with signatures after an empty line")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MAX_SIGNATURES:
        raise LedgerFault(f"a note has at most {MAX_SIGNATURES} signatures")
    return Note(f"{text}\n", tuple(signatures))


def _signature(line: str) -> Signature:
    name, _, material = line.removeprefix(_DASH).partition(" ")
    try:
        raw = base64.b64decode(material, validate=True)
    except ValueError:
        raw = b""
    found = Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])
    if not found.data or _NAME.fullmatch(name) is None or found.spell() != f"{line}\n":
        raise LedgerFault("a note has a signature that is not written as one")
    return found


class Signer:
    """Signs notes with a private key, under a name: as the author of a log, and as a cosigner."""

    def __init__(self, name: str, key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> None:
        self._key = key
        if isinstance(key, Ed25519PrivateKey):
            public = key.public_key().public_bytes_raw()
            schemes = Scheme.ED25519, Scheme.ED25519_TIMED
        else:
            public = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
            schemes = Scheme.P384, Scheme.P384_TIMED
        self.key, self.cosigner_key = (VerifierKey(name, scheme, public) for scheme in schemes)

    def sign(self, text: str) -> Signature:
        """Return the author's signature over a note text."""
        return Signature(self.key.name, self.key.id, self._sign(text.encode()))

    def cosign(self, text: str, at: int) -> Signature:
        """Return the cosigner's, made at this time in seconds since 1970."""
        data = at.to_bytes(_TIME_BYTES, "big") + self._sign(_timed(at, text.encode()))
        return Signature(self.cosigner_key.name, self.cosigner_key.id, data)

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(message)
        pair = decode_dss_signature(self._key.sign(message, ECDSA(SHA384())))
        return b"".join(each.to_bytes(_P384_BYTES, "big") for each in pair)


def _timed(at: int, text: bytes) -> bytes:
    """Return what a cosigner signs (C2SP tlog-cosignature, "Ed25519 signed message")."""
    return b"cosignature/v1\ntime %d\n" % at + text


def _point(public: bytes) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(SECP384R1(), public)


def _der(signature: bytes) -> bytes:
    half = len(signature) // 2
    return encode_dss_signature(
        int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    )
