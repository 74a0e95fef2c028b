"""The one internal label: what a handling mark says, whatever it was written in."""

from dataclasses import dataclass
from datetime import datetime

from accord.core.handling import CAVEATS, COMPARTMENTS, LEVELS, NATO, NATO_LEVELS, NotUnderstood
from accord.core.marking import Opex
from accord.core.nation import NATIONS

_NONE: frozenset[str] = frozenset()
_POLICIES = NATIONS | {NATO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A handling mark, understood: every word of it is in the vocabulary and none contradicts.

    `policy` is the nation, or NATO, whose levels `level` is one of; `originator` is the nation
    whose information it is. It may go to the nations in `releasable_to` and to no other: none means
    none. `created` and `review` are in UTC. `by_default` says that the channel's default was put in
    place of a missing mark. Raises NotUnderstood.
    """

    policy: str
    level: str
    originator: str
    compartments: frozenset[str] = _NONE
    releasable_to: frozenset[str] = _NONE
    caveats: frozenset[str] = _NONE
    opex: Opex | None = None
    created: datetime | None = None
    review: datetime | None = None
    by_default: bool = False

    def __post_init__(self) -> None:
        levels = NATO_LEVELS if self.policy == NATO else LEVELS
        if self.level not in levels or self.policy not in _POLICIES:
            raise NotUnderstood(f"{self.policy} {self.level} is no level that is understood")
        unknown = (
            {self.originator, *self.releasable_to} - NATIONS
            | self.compartments - COMPARTMENTS
            | self.caveats - CAVEATS.keys()
        )
        if unknown:
            raise NotUnderstood(f"{sorted(unknown)} are no words of a mark")
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        """Hold "eyes only" against REL TO: [DoDM] and [PSPF] forbid the two on one mark."""
        for caveat in sorted(self.caveats):
            only = CAVEATS[caveat].only
            others = self.releasable_to - {only}
            if only is not None and others:
                raise NotUnderstood(f"{caveat} and REL TO {', '.join(sorted(others))} contradict")


def originator(policy: str, nation: str) -> str:
    """Return whose information a mark is on: the policy's nation; under NATO's, the giver's."""
    return nation if policy == NATO else policy
