"""Reads named zones: estimates of what lies within 200 nautical miles of land, as H3 cells."""

import json
import zlib
from typing import cast

from accord.posture import cells

MAX_BYTES = 8_000_000
"""Of the text, unpacked."""


def read_zones(data: bytes) -> dict[str, frozenset[int]]:
    """Return the cells of each zone by its name. ValueError says why the file has none."""
    named = _named(data)
    return {name: cells.of_mixed(words) for name, words in named.items()}


def _named(data: bytes) -> dict[str, list[str]]:
    try:
        text = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, MAX_BYTES)
        tree: object = json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"the zones cannot be read: {error}") from None
    named = cast("dict[str, object]", tree).get("cells") if isinstance(tree, dict) else None
    if not isinstance(named, dict):
        raise ValueError("the zones have no cells by name")  # noqa: TRY004  it is what was read
    return cast("dict[str, list[str]]", named)
