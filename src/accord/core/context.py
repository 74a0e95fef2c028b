"""The context of a report: live, an exercise, a plan, a replay. Contexts never mix."""

from dataclasses import dataclass, field
from enum import StrEnum


class ContextKind(StrEnum):
    """The four worlds a report can belong to."""

    LIVE = "live"
    EXERCISE = "exercise"
    PLAN = "plan"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Context:
    """One world: a kind and, for all but live, which one.

    Part of every key, journal line and message.
    Raises ValueError for a live context with a name or any other without one.
    """

    kind: ContextKind
    name: str = ""
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if (self.kind is ContextKind.LIVE) is bool(self.name):
            raise ValueError(f"a context of kind {self.kind} cannot be named {self.name!r}")
        # It is part of every key, and hashing an enumeration runs through its Python code.
        object.__setattr__(self, "_hash", hash((self.kind.value, self.name)))

    def __hash__(self) -> int:
        """Return what was worked out once."""
        return self._hash

    @classmethod
    def exercise(cls, name: str) -> "Context":
        """Return the context of the exercise of that name."""
        return cls(ContextKind.EXERCISE, name)

    @classmethod
    def parse(cls, text: str) -> "Context":
        """Read what `str` wrote: `live`, `exercise:NAME`, `plan:ID`, `replay:ID`."""
        kind, _, name = text.partition(":")
        return cls(ContextKind(kind), name)

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.name}" if self.name else self.kind.value


LIVE = Context(ContextKind.LIVE)
"""The real world, now."""
