"""Who may try a password now. Pure: time (monotonic seconds) is an argument.

A try counts as a failure before its password is looked at, and is taken back when it was right: of
many tries at the same moment no more are looked at than one after the other.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass

MAX_KEPT = 10_000
"""Names, addresses and pairs of them each that are remembered; beyond, the one tried longest ago
goes."""

PER_ADDRESS = 4
"""How many times as many failures an address may have: behind one may be a whole room."""

PER_NAME = 10
"""How many times as many a name may have from wherever: or whoever knows it locks its owner out."""

PAIR_LOCKED = "too many failures for this name from there"
ADDRESS_LOCKED, NAME_LOCKED = "too many failures from there", "too many failures for this name"
FORGOTTEN = "failures forgotten for want of room"


@dataclass(slots=True)
class _Tries:
    count: int
    last: float


class Lockout:
    """Remembers failures by name and address, `span` seconds from the last one.

    Where a name signed in from before, its owner is not kept out by what fails elsewhere.
    """

    def __init__(self, *, failures: int, span: float) -> None:
        self.counts: Counter[str] = Counter()
        self._pairs = _Table(failures, span, self.counts)
        self._addresses = _Table(failures * PER_ADDRESS, span, self.counts)
        self._names = _Table(failures * PER_NAME, span, self.counts)
        self._known: OrderedDict[str, None] = OrderedDict()

    def attempt(self, name: str, address: str, now: float) -> float:
        """Return 0 where a password may be looked at now, else in how many seconds."""
        tables = self._tables(name, address)
        for table, key, why in tables:
            wait = table.wait(key, now)
            if wait > 0:
                self.counts[why] += 1
                return wait
        for table, key, _ in tables:
            table.count(key, now)
        return 0.0

    def _tables(self, name: str, address: str) -> list[tuple["_Table", str, str]]:
        pair = _pair(name, address)
        found = [(self._pairs, pair, PAIR_LOCKED), (self._addresses, address, ADDRESS_LOCKED)]
        return found if pair in self._known else [*found, (self._names, name, NAME_LOCKED)]

    def passed(self, name: str, address: str) -> None:
        """Note that the password was right."""
        self.take_back(name, address)
        self._pairs.forget(_pair(name, address))
        self.knows(name, address)

    def knows(self, name: str, address: str) -> None:
        """Note that a name has signed in from there."""
        pair = _pair(name, address)
        self._known.pop(pair, None)
        self._known[pair] = None
        if len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)

    def take_back(self, name: str, address: str) -> None:
        """Note that the password was not looked at after all."""
        for table, key, _ in self._tables(name, address):
            table.take_back(key)


def _pair(name: str, address: str) -> str:
    return f"{name} {address}"  # no blank is in an address


class _Table:
    """Tries by key, the one tried longest ago first."""

    def __init__(self, limit: int, span: float, counts: Counter[str]) -> None:
        self._limit = limit
        self._span = span
        self._counts = counts
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        tries = self._tries.get(key)
        if tries is None or tries.count < self._limit:
            return 0.0
        return max(0.0, tries.last + self._span - now)

    def count(self, key: str, now: float) -> None:
        tries = self._tries.pop(key, None)
        if tries is None or now >= tries.last + self._span:
            tries = _Tries(0, now)
        tries.count, tries.last = tries.count + 1, now
        self._tries[key] = tries
        if len(self._tries) > MAX_KEPT:
            _, gone = self._tries.popitem(last=False)
            if now < gone.last + self._span:
                self._counts[FORGOTTEN] += 1

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)

    def take_back(self, key: str) -> None:
        tries = self._tries.get(key)
        if tries is not None:
            tries.count -= 1
