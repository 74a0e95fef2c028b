"""What is forgotten, and when: each ring within its budget and age, all within the whole budget.

A channel has two rings, one of positions and one of what is durable, so that no flood of positions
pushes out words. Where all rings together are too large for the database, the largest ring of
positions gives way; durable ones only when there are no positions left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from accord.storage.database import Ring, Segment, Stub, Usage, Writer
from accord.storage.settings import JournalSettings

_STUBS = 64
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

    @property
    def oldest(self) -> float | None:
        """The last receipt in the oldest segment, seconds since 1970; None when there is none."""
        return min((usage.oldest for usage in self._usage.values()), default=None)

    def make_room(self, segments: Sequence[Segment]) -> None:
        """Forget what must go for these to come."""
        incoming: Counter[Ring] = Counter()
        for segment in segments:
            incoming[segment.ring] += len(segment.data)
        for ring, size in incoming.items():
            self._hold(ring, size)
        needed = sum(incoming.values()) * 129 // 128 + _OVERHEAD * (len(segments) + 1)
        if self._room < needed:
            self._room = self._writer.room()
        while self._room < needed and self._give_way(needed - self._room):
            self._room = self._writer.room()
        self._room -= needed

    def note(self, segments: Sequence[Segment]) -> None:
        """Count what was kept."""
        for segment in segments:
            usage = self._usage.get(segment.ring, Usage(0, segment.newest))
            self._usage[segment.ring] = Usage(usage.size + len(segment.data), usage.oldest)

    def sweep(self, now: datetime) -> None:
        """Forget what is too old, and what smaller budgets than before leave no place for."""
        for ring in list(self._usage):
            self._hold(ring, 0)
            age = self._settings.durable_age if ring.is_durable else self._settings.positions_age
            self._forget_before(ring, (now - age).timestamp())

    def _forget_before(self, ring: Ring, since: float) -> None:
        while (usage := self._usage.get(ring)) is not None and usage.oldest < since:
            stubs = self._writer.oldest(ring, _STUBS)
            old = list(takewhile(lambda stub: stub.newest < since, stubs))
            if not old:
                break
            self._drop(ring, old)

    def budget(self, ring: Ring) -> int:
        """Return the bytes that a ring may hold."""
        if ring.is_durable:
            return self._settings.durable_bytes
        return self._positions.get(ring.channel, self._settings.positions_bytes)

    def _hold(self, ring: Ring, incoming: int) -> None:
        budget = self.budget(ring)
        if self._size(ring) + incoming > budget:
            self._free(ring, self._size(ring) + incoming - budget + budget // _PART)

    def _give_way(self, missing: int) -> bool:
        """Forget the oldest of one ring; False when there is nothing to forget."""
        # The last segment of all stays, so a ring may hold something and yet have nothing to give.
        rings = sorted(self._usage, key=lambda ring: (ring.is_durable, -self._size(ring)))
        return any(
            self._free(ring, max(missing, self._size(ring) // _PART))
            for ring in rings
            if self._size(ring)
        )

    def _size(self, ring: Ring) -> int:
        usage = self._usage.get(ring)
        return 0 if usage is None else usage.size

    def _free(self, ring: Ring, size: int) -> bool:
        """Forget the first segments of a ring, of this size together; False when there are none."""
        freed = 0
        while freed < size:
            going: list[Stub] = []
            for stub in self._writer.oldest(ring, _STUBS):
                if freed >= size:
                    break
                going.append(stub)
                freed += stub.size
            if not going:
                break
            self._drop(ring, going)
        return freed > 0

    def _drop(self, ring: Ring, stubs: Sequence[Stub]) -> None:
        self._writer.drop(ring, stubs[-1].number)
        left = self._usage[ring].size - sum(stub.size for stub in stubs)
        first = self._writer.oldest(ring, 1)
        if left > 0:
            self._usage[ring] = Usage(left, first[0].newest if first else stubs[-1].newest)
        else:
            del self._usage[ring]
