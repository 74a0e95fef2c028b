"""What an object is, in the field's own tree: the CoT event type.

MITRE CoT, MIL-STD-2525 letters.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Affiliation(StrEnum):
    """Second atom of an `a-` type."""

    PENDING = "p"
    UNKNOWN = "u"
    ASSUMED_FRIEND = "a"
    FRIEND = "f"
    NEUTRAL = "n"
    SUSPECT = "s"
    HOSTILE = "h"
    JOKER = "j"
    FAKER = "k"
    NONE = "o"
    OTHER = "x"


class Dimension(StrEnum):
    """Third atom of an `a-` type: where the thing is."""

    SPACE = "P"
    AIR = "A"
    GROUND = "G"
    SEA_SURFACE = "S"
    SUBSURFACE = "U"
    SPECIAL_OPERATIONS = "F"
    OTHER = "X"


_AFFILIATIONS = {a.value: a for a in Affiliation}
_DIMENSIONS = {d.value: d for d in Dimension}


@dataclass(frozen=True, slots=True)
class Kind:
    """A place in the tree, such as `a-f-S-X-M` (a friendly merchant ship).

    Make it with `Kind.of`.
    """

    text: str

    @staticmethod
    @lru_cache(maxsize=8192)
    def of(text: str) -> "Kind":
        """Return the kind with this text; equal texts give the same object."""
        return Kind(text)

    def is_a(self, ancestor: str) -> bool:
        """Tell whether this kind is `ancestor` or below it: `a-f-S-X-M` is an `a-f-S`.

        The atom `.` stands for any: `a-.-S` is every surface vessel.
        """
        mine, theirs = self.text.split("-"), ancestor.split("-")
        if len(theirs) > len(mine):
            return False
        return all(want in (".", have) for have, want in zip(mine, theirs, strict=False))

    @property
    def affiliation(self) -> Affiliation | None:
        """The side it is on; None for what is not a thing (`b-`, `t-`, `u-` ...)."""
        atoms = self.text.split("-", 2)
        return _AFFILIATIONS.get(atoms[1]) if atoms[0] == "a" and len(atoms) > 1 else None

    @property
    def dimension(self) -> Dimension | None:
        """Where it is; None for what is not a thing or does not say."""
        atoms = self.text.split("-", 3)
        return _DIMENSIONS.get(atoms[2]) if atoms[0] == "a" and len(atoms) > 2 else None

    def __str__(self) -> str:
        return self.text
