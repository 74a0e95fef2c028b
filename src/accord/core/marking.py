"""What may be done with a report: the handling marks the field already carries."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from accord.core.context import LIVE, Context, ContextKind

UNNAMED_EXERCISE = "UNNAMED"
"""The exercise of a mark that names none (`opex="e-"`): still never live."""


class OpexKind(StrEnum):
    """First letter of the CoT attribute `opex` (MITRE CoT base schema)."""

    OPERATION = "o"
    EXERCISE = "e"
    SIMULATION = "s"


@dataclass(frozen=True, slots=True)
class Opex:
    """Operation, exercise or simulation, and which: `e-TASMAN 26`."""

    kind: OpexKind
    name: str = ""

    @staticmethod
    @lru_cache(maxsize=1024)
    def parse(text: str) -> "Opex":
        """Read the CoT attribute. Raises ValueError for anything but `[oes]` or `[oes]-name`."""
        letter, dash, name = text.partition("-")
        if letter not in ("o", "e", "s") or (len(text) > 1 and not dash):
            raise ValueError(f"opex {text!r} is none of o-NAME, e-NAME, s-NAME")
        return Opex(OpexKind(letter), name)

    @staticmethod
    def of(context: Context) -> "Opex | None":
        """Return the mark that puts a report into an exercise; None for any other context."""
        is_exercise = context.kind is ContextKind.EXERCISE
        return Opex(OpexKind.EXERCISE, context.name) if is_exercise else None

    @property
    def context(self) -> Context:
        """The context a report so marked belongs to.

        Simulated entities take part in the exercise they are named for, so `s-X` and `e-X` share
        one context.
        """
        if self.kind is OpexKind.OPERATION:
            return LIVE
        return Context.exercise(self.name or UNNAMED_EXERCISE)

    def __str__(self) -> str:
        return f"{self.kind.value}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """The handling marks of a report, exactly as they were given; None is "not given".

    `by_default` says that the channel's default was put in place of a missing mark.
    """

    access: str | None = None
    caveat: str | None = None
    releasable_to: str | None = None
    opex: Opex | None = None
    by_default: bool = False

    @property
    def is_given(self) -> bool:
        """Whether there is any handling mark; opex alone is none, nor is CoT's "Undefined"."""
        said = (self.access, self.caveat, self.releasable_to)
        return said not in ((None, None, None), ("Undefined", None, None))


UNMARKED = Marking()
"""A report that came without any mark."""


def marking_of(context: Context) -> Marking:
    """Return the marks of what a form without any brings: those of its exercise, or none."""
    opex = Opex.of(context)
    return UNMARKED if opex is None else Marking(opex=opex)
