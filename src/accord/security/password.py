"""Passwords: what is kept of one, and whether it is the right one.

Argon2id (RFC 9106) with the parameters of its section 4 for where memory is scarce, in the PHC
string format, which says them. A tenth of a second and 64 MiB each: never in the event loop, and
one at a time in a process: the library's lanes wait for each other for ever where two are derived
at once (seen with cryptography 50 and OpenSSL 4.0).
"""

import asyncio
import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from accord.core.errors import AccordError

T = TypeVar("T")

ITERATIONS, LANES, MEMORY_KIB = 3, 4, 1 << 16
SALT_BYTES, TAG_BYTES = 16, 32

MAX_PASSWORD = 1024
"""Bytes; nobody types more, and more would only cost time."""

NOBODYS = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}"
    "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""Takes as long as any other, and is no password's: a name that is not there costs the same."""

_ALONE = Lock()

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
    said = _bytes(password)
    with _ALONE:
        return kdf.derive_phc_encoded(said)


def is_right(password: str, kept: str) -> bool:
    """Tell whether this is the password of which that was kept."""
    try:
        said = _bytes(password)
        with _ALONE:
            Argon2id.verify_phc_encoded(said, kept)
    except (InvalidKey, ValueError):
        return False
    return True


class TooManyWait(AccordError):
    """So many passwords wait already that this one is not looked at; counted in `refused`."""


class PasswordThread:
    """Looks at passwords in a thread of its own, one at a time; `waiting` of them may wait.

    So nobody who sends many takes up the threads that all others' work is done in.
    """

    def __init__(self, *, waiting: int) -> None:
        self.refused = 0
        self._most = 1 + waiting
        self._held = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `hashed` or `is_right` returns. Raises TooManyWait."""
        if self._held >= self._most:
            self.refused += 1
            raise TooManyWait("too many passwords wait to be looked at; try again")
        self._held += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._held -= 1

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def is_own(kept: str) -> bool:
    """Tell whether what is kept is of a password, not of who vouches for somebody."""
    return kept.startswith("$argon2id$")


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
