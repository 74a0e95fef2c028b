"""Deterministic CBOR (RFC 8949, 4.2): what is read is refused unless it would be written so.

Only whole numbers, byte and text strings, arrays, maps from numbers, true, false and null are used.
"""

from typing import cast

import cbor2

from accord.wire.errors import Malformed
from accord.wire.peer.errors import NotDeterministic, NotExpressible

MAX_DEPTH = 16
"""Arrays and maps in one another; the deepest that the schema has is 11."""

_TAGS = 300
"""Past the last tag that the library has a decoder of its own for (260, IP addresses)."""


class _TagError(Exception):
    pass


def _refuse(*_: object) -> object:
    raise _TagError("tags are not used")


_NO_TAGS = dict.fromkeys(range(_TAGS), _refuse)


def write(value: object) -> bytes:
    """Return the bytes of the value, whose maps have their keys in order already.

    Raises NotExpressible for text that is not Unicode.
    """
    try:
        return cbor2.dumps(value)
    except UnicodeEncodeError:
        raise NotExpressible("it has text that is not Unicode") from None


def read(data: bytes) -> object:
    """Return the value of these bytes, all of them. Raises NotDeterministic or Malformed."""
    try:
        value = cbor2.loads(
            data,
            semantic_decoders=_NO_TAGS,
            tag_hook=_refuse,
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        again = cbor2.dumps(value, canonical=True)
    except cbor2.CBORError as error:
        raise Malformed(f"no CBOR of the kind that is used: {error}") from None
    if again != data:
        raise NotDeterministic("there is a shorter or better ordered way to write this")
    _refuse_others(value)
    return value


def _refuse_others(value: object) -> None:
    """Refuse fractions, undefined, simple values, and maps with keys that are no numbers."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += cast("list[object]", each)
        elif isinstance(each, dict):
            members = cast("dict[object, object]", each)
            if any(type(key) is not int for key in members):
                raise Malformed("a map has a key that is no number")
            waiting += members.values()
        elif not isinstance(each, int | str | bytes | None):
            raise Malformed("a value is of a kind that is not used")
