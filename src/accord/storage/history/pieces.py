"""Pieces of the history, and what is to become of them: pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from accord.core.geometry import Box

HOUR, DAY = 3600, 86_400

PART = DAY // 4
"""Seconds of a day whose hours become one piece when they are over: so soon that a question about
today goes to few, so many that a year has few."""

RUNS = 64
"""Fresh pieces, or pieces of one hour, that there may be before they are merged."""

SETTLED = 120
"""Seconds after which nothing is taken to come any more for what is over."""

SHARE = 16
"""What is merged at once is at most this part of its budget."""

SPARE = 3
"""Such parts of each budget that stay free: for what is merged, which stands beside what it is made
of until it is whole; for what is sorted meanwhile; for files that somebody reads to their end."""

SORTED_BYTES = 256
"""Bytes on the disk of a position while it is sorted, beyond what memory holds: 128 were measured
of ships without names."""

FEW = 250_000
"""Positions that are sorted in memory, however little of it there is."""


class Tier(IntEnum):
    """How far a piece has come."""

    FRESH = 0
    """As it was written: of all channels, by channel and object."""
    HOUR = 1
    """Of one channel and hour, by object."""
    DAY = 2
    """Of one channel and a part of a day, by place. Those that earlier versions made, and those
    that a shared store tells of, are of a whole day."""
    HELD = 3
    """What is evidence of a piece that went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file. `slot` is when its hour or part of a day begins.

    `first` and `last` are sequence numbers; those of different `era` have nothing to do with each
    other. `channel` is empty for a fresh piece. Times are seconds since 1970.
    """

    file: str
    tier: Tier
    channel: str
    slot: int
    rows: int
    bytes: int
    since: float
    until: float
    area: Box
    era: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Pieces that are to become others: one for each channel and slot of this tier.

    What was received from `leaves` on stays fresh, where that is said: of an hour that goes on
    more is to come, and it would be merged again.
    """

    tier: Tier
    pieces: Sequence[Piece]
    leaves: int | None = None


def due(pieces: Sequence[Piece], now: float, budgets: "Budgets") -> Merge | None:
    """Return what is to be merged next, None where nothing is."""
    fresh = [each for each in pieces if each.tier is Tier.FRESH]
    most = Amount(budgets.least // SHARE, budgets.rows)
    if Amount.of(fresh).is_beyond(most) or len(fresh) > RUNS:
        return Merge(Tier.HOUR, fresh)
    over = [each for each in fresh if _is_over(each.since, HOUR, now)]
    if over:
        return Merge(Tier.HOUR, over, leaves=int(now - SETTLED) // HOUR * HOUR)
    for tier, length in ((Tier.HOUR, HOUR), (Tier.DAY, PART)):
        for group in _groups(pieces, tier):
            is_over = _is_over(group[0].since, length, now)
            if len(group) > RUNS or (is_over and _is_to_do(group, tier)):
                most = Amount(budgets.of(group[0].channel) // SHARE, budgets.rows)
                some = _some(group, most)
                if some:
                    return Merge(tier, some)
    return None


class Amount(NamedTuple):
    """How much pieces are."""

    bytes: int
    rows: int

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> "Amount":
        """Return how much these are together."""
        bytes_, rows = 0, 0
        for each in pieces:
            bytes_, rows = bytes_ + each.bytes, rows + each.rows
        return cls(bytes_, rows)

    def is_beyond(self, most: "Amount") -> bool:
        """Tell whether it is more in either."""
        return self.bytes > most.bytes or self.rows > most.rows


def _groups(pieces: Sequence[Piece], tier: Tier) -> Iterator[list[Piece]]:
    """Yield the pieces that a piece of this tier is made of, for each channel and slot."""
    length = HOUR if tier is Tier.HOUR else PART
    made_of = (tier,) if tier is Tier.HOUR else (Tier.HOUR, Tier.DAY)
    found: defaultdict[tuple[str, int], list[Piece]] = defaultdict(list)
    for each in pieces:
        if each.tier in made_of:
            found[each.channel, each.slot // length].append(each)
    for key in sorted(found):
        yield sorted(found[key], key=lambda each: (each.slot, each.tier, each.since, each.file))


def _some(group: Sequence[Piece], most: Amount) -> Sequence[Piece]:
    """Return the first pieces in a row that are no more than that together; none where none are.

    So what goes for a budget is a small part of it, and so is what stands twice on the disk while
    it is merged.
    """
    if not Amount.of(group).is_beyond(most):
        return group
    run: list[Piece] = []
    for each in group:
        if Amount.of([*run, each]).is_beyond(most):
            if len(run) > 1:
                break
            run = []
        run.append(each)
    return run if len(run) > 1 else ()


def _is_to_do(group: Sequence[Piece], tier: Tier) -> bool:
    return len(group) > 1 or group[0].tier is not tier


def _is_over(at: float, length: int, now: float) -> bool:
    return now >= (int(at) // length + 1) * length + SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Bytes: of each channel, where it is said, or of any other; of everything together."""

    channels: Mapping[str, int]
    channel: int
    whole: int
    age: float
    """Seconds after which positions go."""

    def of(self, channel: str) -> int:
        """Return what a channel may take, of everything at most."""
        return min(self.channels.get(channel, self.channel), self.whole)

    @property
    def least(self) -> int:
        """What the channel may take that may take least."""
        return min(self.channel, self.whole, *self.channels.values())

    @property
    def rows(self) -> int:
        """How many positions may be sorted at once."""
        return max(FEW, self.whole // SHARE // SORTED_BYTES)


@dataclass(frozen=True, slots=True)
class Going:
    """Pieces that have no place any more: too old, or beyond a budget."""

    aged: Sequence[Piece]
    beyond: Sequence[Piece]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.aged or self.beyond)


def to_go(pieces: Sequence[Piece], budgets: Budgets, now: float, *, spare: int = 0) -> Going:
    """Return the pieces that have no place any more, the oldest of each channel first.

    Evidence has its place always, and takes it from the rest. What is not parted by channel yet
    counts to each of them. So many parts (SHARE) of each budget are to stay free.
    """
    ours = sorted(
        (each for each in pieces if each.tier in (Tier.HOUR, Tier.DAY)),
        key=lambda each: (each.until, each.file),
    )
    aged = [each for each in ours if each.until < now - budgets.age]
    left = [each for each in ours if each.until >= now - budgets.age]
    fresh = sum(each.bytes for each in pieces if each.tier is Tier.FRESH)
    beyond: list[Piece] = []
    sizes: defaultdict[str, int] = defaultdict(int)
    for each in left:
        sizes[each.channel] += each.bytes
    for each in tuple(left):
        if sizes[each.channel] + fresh > _without(budgets.of(each.channel), spare):
            sizes[each.channel] -= each.bytes
            beyond.append(each)
            left.remove(each)
    evidence = sum(each.bytes for each in pieces if each.tier is Tier.HELD)
    beyond += _beyond(left, sizes, _without(budgets.whole, spare) - fresh - evidence)
    return Going(aged, beyond)


def _without(budget: int, spare: int) -> int:
    return budget - budget * spare // SHARE


def _beyond(left: list[Piece], sizes: dict[str, int], room: int) -> Iterator[Piece]:
    """Yield what goes for all together: of the largest channel its oldest."""
    while sum(sizes.values()) > room and left:
        largest = max(sizes, key=lambda channel: (sizes[channel], channel))
        oldest = next(each for each in left if each.channel == largest)
        sizes[largest] -= oldest.bytes
        left.remove(oldest)
        yield oldest
