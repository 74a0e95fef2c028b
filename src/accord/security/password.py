"""Passwords: what is kept of one, and whether it is the right one.

Argon2id (RFC 9106) with the parameters of its section 4 for where memory is scarce, in the PHC
string format, which says them. A tenth of a second and 64 MiB each: never in the event loop.
"""

import os
import secrets
import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

ITERATIONS, LANES, MEMORY_KIB = 3, 4, 1 << 16
SALT_BYTES, TAG_BYTES = 16, 32

MAX_PASSWORD = 1024
"""Bytes; nobody types more, and more would only cost time."""

NOBODYS = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}"
    "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""Takes as long as any other, and is no password's: a name that is not there costs the same."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another
_PARTS, _PART = 4, 5


def hashed(password: str) -> str:
    """Return what is kept of a password. ValueError: it is too long, or cannot be written."""
    kdf = Argon2id(
        salt=os.urandom(SALT_BYTES),
        length=TAG_BYTES,
        iterations=ITERATIONS,
        lanes=LANES,
        memory_cost=MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(_bytes(password))


def is_right(password: str, kept: str) -> bool:
    """Tell whether this is the password of which that was kept."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), kept)
    except (InvalidKey, ValueError):
        return False
    return True


def check(password: str, least: int) -> None:
    """ValueError, in a sentence, where this cannot be a new password."""
    if len(unicodedata.normalize("NFKC", password)) < least:
        raise ValueError(f"the password is too short: give {least} characters or more")
    _bytes(password)


def generated() -> str:
    """Return a password that nobody guesses, and that can be read to somebody: 99 bits."""
    parts = ("".join(secrets.choice(_LETTERS) for _ in range(_PART)) for _ in range(_PARTS))
    return "-".join(parts)


def _bytes(password: str) -> bytes:
    # One keyboard composes a letter of two, another has it: NIST SP 800-63B, 5.1.1.2.
    said = unicodedata.normalize("NFKC", password).encode()
    if len(said) > MAX_PASSWORD:
        raise ValueError(f"the password is longer than {MAX_PASSWORD} bytes")
    return said
