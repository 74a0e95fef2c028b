"""What a partner cannot work out without the key: the names and the shifts of objects.

Each partner has a key of its own, so two partners cannot tell from names or shifts that they speak
of one object, nor take the shifts out by comparing.
"""

import hmac
from datetime import datetime
from functools import lru_cache

from accord.core.context import Context

MIN_KEY = 16
"""Bytes; HMAC-SHA-256 keeps its strength against guessing from 128 bits on (RFC 2104, 3)."""

_INNER = 0.9
"""Where the shift starts, in parts of the longest. A shift near nothing would give the track away,
and on a narrow band round the cell each guess covers the least of it."""
_UNIT = float(1 << 32)
_REMEMBERED = 32_768
"""Digests; of a moving object the same are asked for again and again, and they are dear."""


def pseudonym(key: bytes, context: Context, uid: str) -> str:
    """Return the name of an object for the partner with this key; another in each context."""
    return f"P-{_digest(key, 'name', str(context), uid)[:16].hex()}"


def shift(
    key: bytes, uid: str, day: datetime, *, cell: float, offset: float
) -> tuple[float, float]:
    """Return metres east and north: the same for an object all day (UTC), another for each form.

    The longer of both is between nine tenths and the whole of `offset` cells. Were two forms
    shifted alike, whoever has both could take the shift out.
    """
    digest = _digest(key, "shift", f"{day.date().isoformat()} {cell!r} {offset!r}", uid)
    depth = _INNER + (1.0 - _INNER) * int.from_bytes(digest[0:4]) / _UNIT
    along = depth * (2.0 * int.from_bytes(digest[4:8]) / _UNIT - 1.0)
    longest = cell * offset
    first, second = depth * longest, along * longest
    turns = ((first, second), (-second, first), (-first, -second), (second, -first))
    return turns[digest[8] & 3]


@lru_cache(maxsize=_REMEMBERED)
def _digest(key: bytes, use: str, scope: str, uid: str) -> bytes:
    """Return an HMAC-SHA-256 (RFC 2104); the length of the scope keeps it and the uid apart."""
    if len(key) < MIN_KEY:
        raise ValueError(f"a partner's key has at least {MIN_KEY} bytes, not {len(key)}")
    message = f"accord {use} {len(scope)} {scope}{uid}"
    return hmac.digest(key, message.encode("utf-8", "surrogatepass"), "sha256")
