"""One posture: its posts, what these can do, and how soon they are where."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Protocol

from accord.posture.applied import Applied
from accord.posture.model import (
    Capability,
    Commitment,
    Effect,
    Promise,
    Scenario,
    SetAccess,
)
from accord.posture.response import Transit, respond
from accord.posture.stations import Flags, Floats, Station, Uniform, stations, while_moved

SEARCH_ROLE = "surveillance"
"""The role of what patrols."""
NOT_ASKED = "presence"
"""A role that is told in days, and not in hours."""


class Reach(Protocol):
    """Hours under way, round land and from base to base."""

    def transit(self, scenario: Scenario, places: Sequence[int]) -> Transit:
        """Return the hours from a post to each of some H3 cells, in a scenario."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What every posture is asked with."""

    reach: Reach
    uniform: Uniform
    draws: int


class View:
    """A posture with some commitments: its posts, and the hours that these need."""

    def __init__(
        self, asked: Asked, applied: Applied, commitments: Sequence[Commitment] = ()
    ) -> None:
        self._asked = asked
        self.applied = applied
        self.commitments = tuple(commitments)
        self.names = tuple(each.id for each in commitments)
        self._marks: dict[Capability, str] = {}

    def of(self, applied: Applied) -> "View":
        """Return another posture that is asked with the same."""
        return View(self._asked, applied)

    @property
    def draws(self) -> int:
        """How often it is drawn."""
        return self._asked.draws

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What its commitments do."""
        return tuple(effect for each in self.commitments for effect in each.effects)

    @cached_property
    def movers(self) -> frozenset[tuple[str, str]]:
        """Partner and class of what is moved or changed, or may use a base it could not."""
        scenario = self.applied.scenario
        found: set[tuple[str, str]] = set()
        for each in self.effects:
            if isinstance(each, SetAccess):
                serves = scenario.bases[each.base].serves
                found |= {
                    (unit.partner, unit.platform)
                    for unit in scenario.units.values()
                    if unit.partner == each.partner and scenario.class_of(unit).domain in serves
                }
            elif not isinstance(each, Promise):
                found.add((each.partner, each.platform))
        return frozenset(found)

    @cached_property
    def touched(self) -> tuple[Capability, ...]:
        """What the classes can do that are moved or changed."""
        classes = [self.applied.scenario.classes[each] for _, each in self.movers]
        found = {
            (role, each.domain) for each in classes for role in each.roles if role != NOT_ASKED
        }
        return tuple(Capability(role, domain) for role, domain in sorted(found))

    @cached_property
    def posts(self) -> list[Station]:
        """Who works from where."""
        asked = self._asked
        return stations(self.applied.scenario, asked.uniform, asked.draws)

    def able(self, capability: Capability) -> list[Station]:
        """Return the posts whose units can do it."""
        classes = self.applied.scenario.classes
        return [each for each in self.posts if classes[each.post.platform].can(capability)]

    def mark(self, capability: Capability) -> str:
        """Return what two postures share only if they do a capability alike, everywhere."""
        if capability not in self._marks:
            digest = sha256()
            for each in self.able(capability):
                digest.update(repr(each.post).encode())
                for unit, hours in sorted(each.notices.items()):
                    digest.update(unit.encode())
                    digest.update(hours.tobytes())
            bases = self.applied.scenario.bases
            digest.update(
                repr(
                    sorted(
                        (n, each.open_to is None or sorted(each.open_to))
                        for n, each in bases.items()
                    )
                ).encode()
            )
            self._marks[capability] = digest.hexdigest()
        return self._marks[capability]

    def doing(self, capability: Capability) -> tuple[tuple[str, Effect], ...]:
        """Return the clauses that can change who does a capability, by their names."""
        classes = self.applied.scenario.classes
        return tuple(
            (f"{each.id}.{number}", effect)
            for each in self.commitments
            for number, effect in each.clauses
            if isinstance(effect, SetAccess)
            or (not isinstance(effect, Promise) and classes[effect.platform].can(capability))
        )

    def movers_of(self, capability: Capability) -> frozenset[tuple[str, str]]:
        """Return those of `movers` that can do it."""
        classes = self.applied.scenario.classes
        return frozenset(each for each in self.movers if classes[each[1]].can(capability))

    @cached_property
    def kept(self) -> Flags:
        """In which draws a unit is where its commitments put it."""
        asked, clauses = self._asked, {str(each.clause) for each in self.applied.moves}
        return while_moved(self.applied.scenario, clauses, asked.uniform, asked.draws)

    @property
    def searches(self) -> bool:
        """Whether its commitments move or change what can search."""
        return any(each.role == SEARCH_ROLE for each in self.touched)

    def find_ways(self, places: Sequence[int]) -> None:
        """Look for the ways of all posts to some cells, which are remembered."""
        transit = self.transit(places)
        for each in self.posts:
            transit(each.post)

    def transit(self, places: Sequence[int]) -> Transit:
        """Return the hours under way to some cells."""
        return self._asked.reach.transit(self.applied.scenario, places)

    def hours(self, capability: Capability, places: Sequence[int]) -> Floats:
        """Return hours by draw and place."""
        return respond(self.able(capability), self.transit(places), len(places), self._asked.draws)
