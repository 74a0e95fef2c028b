"""ASTERIX data blocks (EUROCONTROL-SPEC-0149 part 1, 4.2), in any chunking, to whole blocks.

A block is its category, its length in two bytes that counts all of it, and records. Nothing marks
where one begins: where a length cannot be, the next place is looked for that a block fits into.
"""

from collections import Counter

CATEGORIES = frozenset(
    (1, 2, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 23, 25, 30, 31, 32, 34, 48, 62, 63, 65,
     129, 150, 204, 205, 239, 240, 241, 247, 252)
)  # fmt: skip
"""Categories that there are (EUROCONTROL's list of ASTERIX specifications)."""

HEADER = 3
LEAST = HEADER + 2
"""Bytes of the least block: a field specification and something that it announces."""


class AsterixStream:
    """Cuts one sender's bytes into blocks; `counts` says what was no block.

    Of datagrams (`is_datagrams`) each holds whole blocks, so what is left of one is dropped.
    """

    def __init__(self, *, is_datagrams: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self._is_datagrams = is_datagrams
        self._rest = b""

    def receive(self, data: bytes) -> list[bytes]:
        """Return the blocks that these bytes complete."""
        data = self._rest + data
        blocks: list[bytes] = []
        at = 0
        while len(data) - at >= HEADER:
            length = _length(data, at)
            if not length:
                self.counts["malformed"] += 1
                at = _next_block(data, at + 1)
                continue
            if at + length > len(data):
                break
            blocks.append(data[at : at + length])
            at += length
        self._rest = data[at:]
        if self._is_datagrams and self._rest:
            self.counts["malformed"] += 1
            self._rest = b""
        return blocks

    def let_go(self) -> bool:
        """Forget what has come of a block whose end does not come; True where there was any."""
        had, self._rest = bool(self._rest), b""
        return had


def _length(data: bytes, at: int) -> int:
    """Return the length of the block that may begin there, 0 where none can."""
    length = int.from_bytes(data[at + 1 : at + HEADER])
    return length if data[at] in CATEGORIES and length >= LEAST else 0


def _next_block(data: bytes, start: int) -> int:
    """Return where a block begins that another follows, or the end; else the end of it all."""
    for at in range(start, len(data) - HEADER + 1):
        end = at + (_length(data, at) or len(data))
        if end == len(data) or (end + HEADER <= len(data) and _length(data, end)):
            return at
    return len(data)
