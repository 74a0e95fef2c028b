"""What is forgotten, and when: each ring within its budget and age, all within the whole budget.

A channel has two rings, one of positions and one of what is durable, so that no flood of positions
pushes out words. Where all rings together are too large for the database, the largest ring of
positions gives way; durable ones only when there are no positions left.

For what comes, as much goes as it needs. What is too old, or beyond a budget that was larger before
a restart, goes little by little with each sweep, so that no commit waits long for it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from accord.storage.database import Ring, Segment, Stub, Usage, Writer
from accord.storage.settings import JournalSettings

_STUBS = 64
"""Segments that go by one statement, at most."""

_SWEPT = 8
"""Statements by which one sweep forgets segments of one ring, at most."""

_PART = 64
"""When a ring is too large, this part of it goes at once: to delete costs a turn per statement."""

_OVERHEAD = 3 * 4096
"""Bytes of the database that a segment may take besides its own, at most."""


class Retention:
    """Keeps the rings of one open database within their limits.

    `positions` are bytes of positions by channel, where they are not `settings.positions_bytes`.
    """

    def __init__(
        self, writer: Writer, settings: JournalSettings, positions: Mapping[str, int]
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._positions = positions
        self._usage = dict(writer.usage())
        self._room = 0

    def span(self) -> tuple[float, float] | None:
        """Return the last receipts in the oldest and in the newest segment, None without any."""
        usages = self._usage.values()
        if not usages:
            return None
        return min(usage.oldest for usage in usages), max(usage.newest for usage in usages)

    def budget(self, ring: Ring) -> int:
        """Return the bytes that a ring may hold."""
        if ring.is_durable:
            return self._settings.durable_bytes
        return self._positions.get(ring.channel, self._settings.positions_bytes)

    def make_room(self, segments: Sequence[Segment]) -> None:
        """Forget what must go for these to come."""
        incoming: Counter[Ring] = Counter()
        for segment in segments:
            incoming[segment.ring] += len(segment.data)
        for ring, size in incoming.items():
            over = self._over(ring) + size
            if over > 0:
                self._free(ring, min(over, size) + self.budget(ring) // _PART)
        needed = sum(incoming.values()) * 129 // 128 + _OVERHEAD * (len(segments) + 1)
        if self._room < needed:
            self._room = self._writer.room()
        while self._room < needed and self._give_way(needed - self._room):
            self._room = self._writer.room()
        self._room -= needed

    def note(self, segments: Sequence[Segment]) -> None:
        """Count what was kept."""
        for segment in segments:
            before = self._usage.get(segment.ring, Usage(0, segment.newest, segment.newest))
            size = before.size + len(segment.data)
            self._usage[segment.ring] = Usage(size, before.oldest, segment.newest)

    def sweep(self, now: datetime) -> None:
        """Forget some of what is too old, or has no place in budgets that were larger before.

        How much room there is, is asked anew: the database may have stopped to grow.
        """
        self._room = 0
        for ring in list(self._usage):
            age = self._settings.durable_age if ring.is_durable else self._settings.positions_age
            since = (now - age).timestamp()
            for _ in range(_SWEPT):
                usage = self._usage.get(ring)
                if usage is None or (usage.oldest >= since and self._over(ring) <= 0):
                    break
                if not self._forget(ring, self._over(ring), since):
                    break
        for _ in range(_SWEPT):
            excess = self._writer.excess()
            if not (excess and any(self._forget(ring, excess) for ring in self._in_turn())):
                break

    def _over(self, ring: Ring) -> int:
        return self._size(ring) - self.budget(ring)

    def _size(self, ring: Ring) -> int:
        usage = self._usage.get(ring)
        return 0 if usage is None else usage.size

    def _in_turn(self) -> list[Ring]:
        """Return the rings in the order in which they give way."""
        return sorted(self._usage, key=lambda ring: (ring.is_durable, -self._size(ring)))

    def _give_way(self, missing: int) -> bool:
        """Forget the oldest of one ring; False when there is nothing to forget."""
        # The last segment of all stays, so a ring may hold something and yet have nothing to give.
        return any(
            self._free(ring, max(missing, self._size(ring) // _PART)) for ring in self._in_turn()
        )

    def _free(self, ring: Ring, size: int) -> bool:
        """Forget the first segments of a ring, of this size together; False when there are none."""
        freed = 0
        while freed < size and (more := self._forget(ring, size - freed)):
            freed += more
        return freed > 0

    def _forget(self, ring: Ring, size: int, since: float = -math.inf) -> int:
        """Forget the first few segments of a ring: of this size together, and all older ones.

        Return their size, 0 when there are none.
        """
        going: list[Stub] = []
        freed = 0
        for stub in self._writer.oldest(ring, _STUBS):
            if freed >= size and stub.newest >= since:
                break
            going.append(stub)
            freed += stub.size
        if going:
            self._drop(ring, going)
        return freed

    def _drop(self, ring: Ring, stubs: Sequence[Stub]) -> None:
        self._writer.drop(ring, stubs[-1].number)
        before = self._usage[ring]
        left = before.size - sum(stub.size for stub in stubs)
        if left > 0:
            first = self._writer.oldest(ring, 1)
            oldest = first[0].newest if first else before.newest
            self._usage[ring] = Usage(left, oldest, before.newest)
        else:
            del self._usage[ring]
