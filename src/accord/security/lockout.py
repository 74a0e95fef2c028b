"""Who may try a password now. Pure: time (monotonic seconds) is an argument.

A try counts as a failure before its password is looked at, and is taken back when it was right: of
many tries at the same moment no more are looked at than one after the other.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass

MAX_KEPT = 10_000
"""Names and addresses each that are remembered; beyond, the one tried longest ago goes."""

PER_ADDRESS = 4
"""How many times as many failures an address may have as a name: behind one may be a whole room."""

NAME_LOCKED, ADDRESS_LOCKED = "too many failures for this name", "too many failures from there"
FORGOTTEN = "failures forgotten for want of room"


@dataclass(slots=True)
class _Tries:
    count: int
    last: float


class Lockout:
    """Remembers failures by name and by address, `span` seconds from the last one."""

    def __init__(self, *, failures: int, span: float) -> None:
        self.counts: Counter[str] = Counter()
        self._names = _Table(failures, span, self.counts)
        self._addresses = _Table(failures * PER_ADDRESS, span, self.counts)

    def attempt(self, name: str, address: str, now: float) -> float:
        """Return 0 where a password may be looked at now, else in how many seconds."""
        for table, key, why in (
            (self._names, name, NAME_LOCKED), (self._addresses, address, ADDRESS_LOCKED)
        ):  # fmt: skip
            wait = table.wait(key, now)
            if wait > 0:
                self.counts[why] += 1
                return wait
        self._names.count(name, now)
        self._addresses.count(address, now)
        return 0.0

    def passed(self, name: str, address: str) -> None:
        """Note that the password was right."""
        self._names.forget(name)
        self._addresses.take_back(address)

    def take_back(self, name: str, address: str) -> None:
        """Note that the password was not looked at after all."""
        self._names.take_back(name)
        self._addresses.take_back(address)


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
