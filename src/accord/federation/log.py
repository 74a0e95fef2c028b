"""What must all arrive, each once: one lane's log for one partner, numbered without gaps."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from accord.core.body import Message
from accord.federation.door import Leaving
from accord.federation.tracks import Candidate
from accord.federation.version import ObjectKey
from accord.wire.peer.protocol import Version
from accord.wire.peer.record import Content, Document, FileOffer, PassedRecord, Void
from accord.wire.peer.report import Reference

FIXED_BYTES = 400
"""About what an entry takes besides words and bytes as received."""


class Entry:
    """One thing that is to arrive: a report that may leave, or this node's own words.

    `content` is what is said as it stands, or with a candidate what its release is put into.
    `number` is 0 until it is first sent. `sent` is what the partner was last sent of it.
    """

    __slots__ = (
        "candidate", "content", "key", "leaving", "number", "released", "sent", "since", "size",
        "version",
    )  # fmt: skip

    def __init__(
        self,
        since: float,
        *,
        key: ObjectKey | None = None,
        candidate: Candidate | None = None,
        content: Content | None = None,
    ) -> None:
        self.since = since
        self.key = key
        self.candidate = candidate
        self.content = content
        self.number = 0
        self.size = _size(candidate, content)
        self.leaving: Leaving | None = None
        self.released: ObjectKey | None = None
        self.version: Version | None = None
        self.sent: Content | PassedRecord | Reference | None = None

    @property
    def stands_for(self) -> Reference | None:
        """What was sent in place of content that the partner asks for in parts, if it was."""
        sent = self.sent.content if isinstance(self.sent, PassedRecord) else self.sent
        return sent if isinstance(sent, Reference) else None

    @property
    def is_in_parts(self) -> bool:
        """Whether what was sent only stands for content that the partner asks for in parts."""
        return self.stands_for is not None

    def empty(self) -> None:
        """Let its number stand for nothing any more."""
        self.candidate, self.content, self.leaving, self.sent = None, Void(), None, None
        self.size = FIXED_BYTES


class LaneLog:
    """The entries of one lane for one partner: numbered those that were sent, others in order.

    At most `limit` entries and `limit_bytes`. Entries that arrived are kept while there is room,
    in case the partner loses them.
    """

    def __init__(self, *, limit: int, limit_bytes: int, retry: float, counts: Counter[str]) -> None:
        self.last = 0
        self.acked = 0
        self.size = 0
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._retry = retry
        self._counts = counts
        self._sent = 0
        self._numbered: dict[int, Entry] = {}
        self._queue: deque[Entry] = deque()
        self._later: list[tuple[float, int, Entry]] = []
        self._order = 0
        self._added: list[Entry] = []
        self._given: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Append an entry; when there is no room, what waited longest makes it."""
        self._added.append(entry)
        self._queue.append(entry)
        self.size += entry.size
        while len(self) > self._limit or self.size > self._limit_bytes:
            if not self._drop_oldest():
                return

    def __len__(self) -> int:
        return len(self._numbered) + len(self._queue) + len(self._later)

    def waiting(self) -> tuple[int, int, float | None]:
        """Return how many entries are to be sent, their bytes, and since when the oldest waits."""
        entries = list(self._unsent())
        since = min((entry.since for entry in entries), default=None)
        return len(entries), sum(entry.size for entry in entries), since

    def has_unsent(self, seconds: float) -> bool:
        """Tell whether something is to be sent now."""
        self._wake(seconds)
        return self._sent < self.last or bool(self._queue)

    def next_at(self) -> float | None:
        """Return when something is to be decided again."""
        return self._later[0][0] if self._later else None

    def unsent(self) -> Iterator[Entry]:
        """Return what is to be sent, in order; what is numbered already comes first.

        Each may be put off or dropped before the next is asked for. What goes is `sent` after it.
        """
        for number in range(self._sent + 1, self.last + 1):
            entry = self._numbered.get(number)
            if entry is None:
                # It arrived once, and was not kept.
                entry = Entry(0.0, content=Void())
                entry.number = number
                self._numbered[number] = entry
                self.size += entry.size
            yield entry
        place = 0
        while place < len(self._queue):
            entry = self._queue[place]
            yield entry
            if place < len(self._queue) and self._queue[place] is entry:
                place += 1

    def next_number(self, entry: Entry) -> int:
        """Return the number that an entry has, or will have when it is sent."""
        return entry.number or self.last + 1

    def sent(self, entry: Entry) -> None:
        """Note that the first of what is to be sent is on its way, under its number from now."""
        if not entry.number:
            self._queue.popleft()
            self.last += 1
            entry.number = self.last
            self._numbered[entry.number] = entry
            self._given.append(entry)
        self._sent = entry.number

    def later(self, entry: Entry, seconds: float) -> None:
        """Decide again about an entry without a number after a while."""
        self._queue.remove(entry)
        self._order += 1
        heappush(self._later, (seconds + self._retry, self._order, entry))

    def dropped(self, entry: Entry) -> None:
        """Forget an entry without a number: it may not leave."""
        self._queue.remove(entry)
        self.size -= entry.size

    def arrived(self, number: int) -> Iterator[Entry]:
        """Return the entries that the partner has now and had not before."""
        for each in range(self.acked + 1, number + 1):
            entry = self._numbered.get(each)
            if entry is not None:
                yield entry
        self.acked = max(self.acked, number)

    def begin(self, mark: int | None) -> None:
        """Begin a session with a partner that has the log up to that number; None: has nothing.

        Where it has more than was given here, numbers were lost, and counting goes on from there.
        """
        if mark is None:
            mark = min(self._numbered, default=self.last + 1) - 1
        self.last = max(self.last, mark)
        self.acked = self._sent = mark

    def empty(self, is_meant: Callable[[Entry], bool]) -> list[Entry]:
        """Take back what is meant: what has no number goes, a number stands for nothing."""
        for entry in [each for each in self._queue if is_meant(each)]:
            self._queue.remove(entry)
            self.size -= entry.size
        for late in [each for each in self._later if is_meant(each[2])]:
            self._later.remove(late)
            self.size -= late[2].size
        self._later.sort()
        emptied = [each for each in self._numbered.values() if is_meant(each)]
        for entry in emptied:
            before = entry.size
            entry.empty()
            self.size += entry.size - before
        return emptied

    def once_more(self, is_meant: Callable[[Entry], bool]) -> None:
        """Send again, under new numbers, what the partner had and has no more."""
        for entry in [each for each in self._numbered.values() if each.number <= self.acked]:
            if is_meant(entry):
                again = Entry(
                    entry.since, key=entry.key, candidate=entry.candidate, content=entry.content
                )
                again.leaving, again.released = entry.leaving, entry.released
                again.version, again.sent = entry.version, entry.sent
                self.add(again)

    def reconsider(self) -> None:
        """Decide now about all that was to be decided later."""
        self._wake(float("inf"))

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries that have not arrived, or whose content may not have, in order."""
        numbered = (
            each for each in self._numbered.values() if each.number > self.acked or each.is_in_parts
        )
        return (*numbered, *self._queue, *(entry for _, _, entry in self._later))

    def flying(self) -> tuple[Entry, ...]:
        """Return what is on its way."""
        return tuple(
            each for each in self._numbered.values() if self.acked < each.number <= self._sent
        )

    def restore(self, last: int, acked: int, entries: tuple[Entry, ...]) -> None:
        """Go on with the entries that had not arrived."""
        self.last, self.acked, self._sent = last, acked, acked
        for entry in entries:
            if entry.number:
                self._numbered[entry.number] = entry
                self.size += entry.size
            else:
                self.add(entry)
        self.changes()

    def changes(self) -> tuple[list[Entry], list[Entry]]:
        """Return what was added, and what was given a number, since this was asked last."""
        found = self._added, self._given
        self._added, self._given = [], []
        return found

    def numbered_before(self, number: int, is_it: Callable[[Entry], bool]) -> Entry | None:
        """Give one that waits the number that it had; where it is not here nothing stands for it.

        Returns the entry. Numbers come in the order in which they were given.
        """
        self.last = max(self.last, number)
        entry = next(filter(is_it, self._queue), None)
        if entry is None:
            return None
        self._queue.remove(entry)
        entry.number = number
        self._numbered[number] = entry
        return entry

    def _unsent(self) -> Iterator[Entry]:
        numbers = range(self._sent + 1, self.last + 1)
        yield from (self._numbered[n] for n in numbers if n in self._numbered)
        yield from self._queue

    def _wake(self, seconds: float) -> None:
        while self._later and self._later[0][0] <= seconds:
            self._queue.append(heappop(self._later)[2])

    def _drop_oldest(self) -> bool:
        first = next(iter(self._numbered.values()), None)
        if first is not None and first.number <= self.acked:
            del self._numbered[first.number]
            self.size -= first.size
            return True
        if len(self._queue) < 2:
            return False
        self._counts["a log was full"] += 1
        self.size -= self._queue.popleft().size
        return True


def _size(candidate: Candidate | None, content: Content | None) -> int:
    size = FIXED_BYTES
    if candidate is not None:
        report = candidate.report
        size += len(report.original.data) if report.original is not None else 0
        size += len(report.body.text) if isinstance(report.body, Message) else 0
    if isinstance(content, Document) and isinstance(content.data, bytes):
        size += len(content.data)
    if isinstance(content, FileOffer):
        size += len(content.name)
    return size
