"""Which entries one of two nodes has and the other has not, found in few bytes.

Range-based set reconciliation: a range of entries is compared by a fingerprint, and only where two
differ it is cut into smaller ones, until there are so few that they are listed. Entries are ordered
by time (ms), then by id; an id has 12 bytes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from accord.wire.peer.fields import LATEST
from accord.wire.peer.message import RangePart

Entry = tuple[int, bytes]

PIECES = 8
"""Into how many ranges one is cut."""
LISTED = 2 * PIECES
"""Entries that are listed and not cut any further."""
PART_BYTES = 36
"""Bytes of a part without ids, at most."""
ID_BYTES = 12
FINGERPRINT_BYTES = 16
LEAST_LIMIT = PART_BYTES * (PIECES + 1)
MOST_LIMIT = 4_000
"""Bytes of a message at least, and at most: it has no more than 128 parts."""
END = (LATEST, b"")

_MODULUS = 1 << 8 * FINGERPRINT_BYTES


def fingerprint(entries: Sequence[Entry]) -> bytes:
    """Return 16 bytes that two sets have in common when they are equal."""
    total = sum(int.from_bytes(sha256(each).digest()[:16]) for _, each in entries) % _MODULUS
    words = total.to_bytes(16) + len(entries).to_bytes(8)
    return sha256(words).digest()[:FINGERPRINT_BYTES]


class Reconciliation:
    """One side of comparing two sets; the side that begins learns what differs.

    `lacking` are ids that the other has and this one has not, `extra` those that only this one has.
    No message has more than about `limit` bytes; what does not fit comes in a later round.
    """

    def __init__(self, entries: Iterable[Entry], *, limit: int, begins: bool) -> None:
        self.lacking: set[bytes] = set()
        self.extra: set[bytes] = set()
        self._entries = sorted(set(entries))
        self._limit = max(LEAST_LIMIT, min(limit, MOST_LIMIT))
        self._begins = begins

    def begin(self) -> tuple[RangePart, ...]:
        """Return the first message."""
        if len(self._entries) <= LISTED:
            return tuple(self._described((0, b""), END))
        return (self._whole((0, b""), END),)

    def answer(self, parts: Sequence[RangePart]) -> tuple[RangePart, ...]:
        """Return the answer to a message; empty where nothing is left to be found out."""
        answer: list[RangePart] = []
        room = self._limit
        lower: Entry = (0, b"")
        for part in parts:
            upper = part.time, part.prefix
            if answer and room < LEAST_LIMIT:
                # The rest as one range: the other side cuts it when it sees that it differs.
                answer.append(self._whole(lower, END))
                break
            for found in self._answer_to(part, lower, upper):
                room -= PART_BYTES + ID_BYTES * len(found.ids or ())
                answer.append(found)
            lower = upper
        answer = _joined(answer)
        is_done = all(part.fingerprint is None and part.ids is None for part in answer)
        return () if is_done else tuple(answer)

    def _answer_to(self, part: RangePart, lower: Entry, upper: Entry) -> Iterator[RangePart]:
        mine = self._between(lower, upper)
        if part.ids is not None:
            yield from self._compared(part.ids, mine, lower, upper)
        elif part.fingerprint is None or part.fingerprint == fingerprint(mine):
            yield RangePart(*upper)
        else:
            yield from self._described(lower, upper)

    def _compared(
        self, ids: Sequence[bytes], mine: Sequence[Entry], lower: Entry, upper: Entry
    ) -> Iterator[RangePart]:
        if self._begins:
            theirs, own = set(ids), {each for _, each in mine}
            self.lacking |= theirs - own
            self.extra |= own - theirs
            yield RangePart(*upper)
            return
        if len(mine) <= LISTED:
            yield RangePart(*upper, ids=tuple(sorted(each for _, each in mine)))
        else:
            yield from self._described(lower, upper)

    def _described(self, lower: Entry, upper: Entry) -> Iterator[RangePart]:
        """Say what lies in a range: its ids where they are few, else fingerprints of pieces."""
        mine = self._between(lower, upper)
        if len(mine) <= LISTED:
            yield RangePart(*upper, ids=tuple(sorted(each for _, each in mine)))
            return
        size = -(-len(mine) // PIECES)
        for first in range(0, len(mine), size):
            piece = mine[first : first + size]
            end = mine[first + size] if first + size < len(mine) else upper
            yield RangePart(*end, fingerprint=fingerprint(piece))

    def _whole(self, lower: Entry, upper: Entry) -> RangePart:
        return RangePart(*upper, fingerprint=fingerprint(self._between(lower, upper)))

    def _between(self, lower: Entry, upper: Entry) -> list[Entry]:
        first = bisect_left(self._entries, lower)
        return self._entries[first : bisect_left(self._entries, upper)]


def _joined(parts: Sequence[RangePart]) -> list[RangePart]:
    """Join ranges beside each other in which nothing is to be done."""
    joined: list[RangePart] = []
    for part in parts:
        is_done = part.fingerprint is None and part.ids is None
        if is_done and joined and joined[-1].fingerprint is None and joined[-1].ids is None:
            joined.pop()
        joined.append(part)
    return joined
