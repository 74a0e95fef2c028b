"""What the levels of different policies are worth between the parties of one agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.core.handling import LEVELS, NATO, NATO_LEVELS, NotUnderstood
from accord.core.label import Label
from accord.core.nation import NATIONS

Rows = Mapping[str, Mapping[str, str | Sequence[str]]]
"""Common level -> policy -> the level or levels of that policy: as a table of TOML has it."""


@dataclass(frozen=True, slots=True)
class LevelTable:
    """The common levels, lowest first, and which levels of which policy each stands for.

    A level that is not in the table has no rank, and what has no rank is not released.
    """

    names: tuple[str, ...]
    ranks: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, rows: Rows) -> "LevelTable":
        """Return the table with those rows, lowest first. Raises ValueError with a sentence."""
        ranks: dict[tuple[str, str], int] = {}
        for rank, (name, row) in enumerate(rows.items()):
            for policy, given in row.items():
                for word in [given] if isinstance(given, str) else given:
                    _check(name, policy, word)
                    before = ranks.setdefault((policy, word), rank)
                    if before != rank:
                        raise ValueError(
                            f"{policy} {word} stands for both {list(rows)[before]} and {name}"
                        )
        return cls(tuple(rows), ranks)

    def rank(self, label: Label) -> int | None:
        """Return the place of the label's level among the common ones, 0 the lowest."""
        return self.ranks.get((label.policy, label.level))

    def name(self, label: Label) -> str | None:
        """Return the common level that the label's level stands for."""
        rank = self.rank(label)
        return None if rank is None else self.names[rank]


def _check(name: str, policy: str, word: str) -> None:
    if policy != NATO and policy not in NATIONS:
        raise NotUnderstood(f"level {name}: {policy} is neither an alpha-3 code nor NATO")
    levels = NATO_LEVELS if policy == NATO else LEVELS
    if word not in levels:
        raise NotUnderstood(
            f"level {name}: {policy} {word} is no level; there are {', '.join(levels)}"
        )
