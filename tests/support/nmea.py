"""AIS sentences for tests: real checksums round any text, and payloads encoded by pyais."""

from functools import reduce
from typing import Any

from pyais import encode_dict


def sentence(body: str, start: str = "!") -> bytes:
    """Return a sentence with its checksum: `body` is what stands between start and `*`."""
    return f"{start}{body}*{reduce(int.__xor__, body.encode()):02X}".encode()


def encoded(*, is_own: bool = False, **fields: Any) -> bytes:
    """Return the sentences of one message, joined by line ends; the rest is not available.

    `is_own`: it is what the ship's own transponder sends.
    """
    none = {"lat": 91, "lon": 181, "speed": 102.3, "course": 360, "heading": 511, "turn": -128}
    sort = "VDO" if is_own else "VDM"
    return "\n".join(encode_dict({**none, **fields}, talker_id="AI", sentence_type=sort)).encode()
