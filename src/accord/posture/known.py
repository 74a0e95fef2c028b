"""What was worked out, by what it hangs on, so that it is worked out once."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from accord.posture.written import read, write

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Task = Callable[[], object]
"""One piece of work that hangs on no other."""

Many = Callable[[Sequence[Task]], Iterator[object]]
"""Does tasks, in any order or at once, and yields as often as there are tasks."""


def one_by_one(tasks: Sequence[Task]) -> Iterator[object]:
    """Do tasks one after the other."""
    for each in tasks:
        yield each()


class Store(Protocol):
    """Keeps bytes by name between runs; what it gives back must be what it was given."""

    def get(self, name: str) -> bytes | None:
        """Return what is kept, None where nothing is."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Keep it, if there is room."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How an answer is worked out: by whom, and what is kept of it for the next time."""

    store: Store | None = None
    many: Many = one_by_one
    limit: int = 4096
    """Parts of answers that are remembered."""


def forget(known: dict[K, V], most: int) -> int:
    """Forget the oldest beyond so many, and return how many went; others may do so meanwhile."""
    gone = 0
    while len(known) > most:
        oldest = next(iter(tuple(known)))
        known.pop(oldest, None)
        gone += 1
    return gone


class Part(Generic[T]):
    """One part of an answer, found or still to be worked out."""

    def __init__(self, make: Callable[[], T], keep: Callable[[T], None]) -> None:
        self._make = make
        self._keep = keep
        self._found: list[T] = []

    @property
    def is_known(self) -> bool:
        """Whether it need not be worked out."""
        return bool(self._found)

    @property
    def value(self) -> T:
        """What it is; it is worked out before."""
        return self._found[0]

    def put(self, value: T) -> None:
        """Say what it is."""
        self._found.append(value)

    def work(self) -> None:
        """Work it out, and keep it; where it is known, that is done."""
        if self._found:
            return
        value = self._make()
        self.put(value)
        self._keep(value)


class Known:
    """Parts by their keys. `base` is what all of them hang on; `made` counts those worked out.

    Remembers at most so many, and `dropped` counts what was forgotten to make room. What the store
    gives back and is no such part is worked out again.
    """

    def __init__(self, base: str, work: Work) -> None:
        self.made = 0
        self.dropped = 0
        self._base = base
        self._store = work.store
        self._limit = work.limit
        self._values: dict[str, object] = {}
        self._open: dict[str, object] = {}

    def part(self, kind: type[T], key: str, make: Callable[[], T]) -> Part[T]:
        """Return a part by its key; where it is not known, `make` works it out.

        Until it is, who asks for the same key has the same part.
        """
        waiting = self._open.get(key)
        if waiting is not None:
            return cast("Part[T]", waiting)
        part = Part(make, lambda value: self._keep(key, value))
        found = self._find(kind, key)
        if found is None:
            self._open[key] = part
        else:
            part.put(found)
        return part

    def _find(self, kind: type[T], key: str) -> T | None:
        here = self._values.get(key)
        if here is not None:
            return cast("T", here)
        data = None if self._store is None else self._store.get(self._name(key))
        if data is None:
            return None
        try:
            found = read(kind, data)
        except ValueError:
            return None
        self._remember(key, found)
        return found

    def _keep(self, key: str, value: object) -> None:
        self.made += 1
        self._open.pop(key, None)
        self._remember(key, value)
        if self._store is not None:
            self._store.put(self._name(key), write(value))

    def _remember(self, key: str, value: object) -> None:
        self._values[key] = value
        self.dropped += forget(self._values, self._limit)

    def _name(self, key: str) -> str:
        return f"{self._base} {key}"
