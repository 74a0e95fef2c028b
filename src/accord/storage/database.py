"""The port: what the journal asks of a database. One writer, in one thread; many readers.

Every method raises StorageFault when the database cannot do it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class StorageFault(Exception):
    """The database did not do it; the text says why."""


class Ring(NamedTuple):
    """Segments that share a budget: of one channel, what lasts or its positions."""

    channel: str
    is_durable: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """Reports of one ring and one commit, packed (see segment.py).

    `batch` is the last sequence number of the commit, `newest` the last receipt inside in seconds
    since 1970.
    """

    ring: Ring
    batch: int
    newest: float
    data: bytes


class Stub(NamedTuple):
    """A kept segment without its bytes; numbers grow with every segment kept."""

    number: int
    size: int
    newest: float


class Usage(NamedTuple):
    """Bytes of the segments of a ring, and the last receipt in its first and in its last one."""

    size: int
    oldest: float
    newest: float


class Span(NamedTuple):
    """The last receipt in the first and in the last segment of a ring."""

    oldest: float
    newest: float


class Kept(NamedTuple):
    """A kept segment as it is read; without data where the disk no longer gives it.

    `newest` is its last receipt. Where that is before what the data say, it was received while this
    node's clock was ahead, and not later than that.
    """

    number: int
    batch: int
    is_durable: bool
    data: bytes
    newest: float = math.inf


class Writer(Protocol):
    """The one connection that changes anything."""

    def insert(self, segments: Sequence[Segment]) -> None:
        """Keep the segments: all of them or none."""
        ...

    def set_back(self, at: float, *, upto: int, now: float) -> int:
        """Note of what was received later than `at` that it was received then: return of how many.

        Of segments up to a sequence number, and of those that are from later than `now`. The clock
        was ahead; what the segments say stays as it was written. Nothing is noted where nothing was
        received before: then it is the clock of now that is wrong.
        """
        ...

    def probe(self) -> None:
        """Write something that changes nothing."""
        ...

    def usage(self) -> Mapping[Ring, Usage]:
        """Return what there is, by ring."""
        ...

    def oldest(self, ring: Ring, limit: int) -> Sequence[Stub]:
        """Return the first segments of a ring; never the last that was kept of all."""
        ...

    def drop(self, ring: Ring, number: int) -> None:
        """Forget the segments of a ring up to this number."""
        ...

    def room(self) -> int:
        """Return how many bytes can be kept before something must be forgotten."""
        ...

    def excess(self) -> int:
        """Return how many bytes are kept beyond the budget, as when it was larger before."""
        ...

    def check(self) -> None:
        """See that what is written goes where readers find it; grow or shrink as there is room."""
        ...

    def is_confined(self) -> bool:
        """Tell whether it makes do with what it takes already, since the disk has little left."""
        ...

    def close(self) -> None:
        """Let the database go; never fails."""
        ...


class Reader(Protocol):
    """A connection that changes nothing and holds up nobody."""

    def last_batch(self) -> int:
        """Return the last sequence number kept, 0 when there is none."""
        ...

    def newest_first(self, since: float) -> Iterator[Kept]:
        """Yield durable segments, and others that hold a receipt at or after `since`."""
        ...

    def oldest_first(self, sequence: int) -> Iterator[Kept]:
        """Yield the segments of the commit that holds this sequence number, and all after it."""
        ...

    def last_number(self, batch: int) -> int:
        """Return the last segment of the commits up to this one, 0 where none of it is kept."""
        ...

    def rings(self) -> Mapping[Ring, Span]:
        """Return since when and until when each ring has something."""
        ...

    def number_at(self, at: float) -> int:
        """Return the last segment all of which was received by then, 0 where there is none.

        Numbers are taken to grow with time; where the clock was set back, it is one of about then.
        """
        ...

    def backwards(self, ring: Ring, number: int) -> Iterator[Kept]:
        """Yield the segments of a ring up to this number, the newest first."""
        ...

    def forwards(self, number: int, until: int, holding: bytes = b"") -> Iterator[Kept]:
        """Yield the segments after a number up to another, in order, with these bytes in them."""
        ...

    def close(self) -> None:
        """Let the database go; never fails."""
        ...


class Database(Protocol):
    """A place that keeps segments."""

    @property
    def budget(self) -> int:
        """Bytes it may take."""
        ...

    def prepare(self) -> None:
        """Bring it to the newest version. AccordError when it is of a newer one than is known."""
        ...

    def writer(self) -> Writer:
        """Open it for writing; what is missing is made."""
        ...

    def reader(self) -> Reader:
        """Open it for reading."""
        ...

    def size(self) -> int:
        """Return the bytes it takes now."""
        ...
