"""Which track without a name goes with which that has one: by staying with it, look after look.

A pair is made when the two were nearest to each other in TOGETHER looks of one after the other, and
parted when they were far from each other in APART looks, so that ships that pass each other are not
taken for one, and one wrong fix parts nothing.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from accord.core.geometry import EARTH_MEAN_RADIUS

NEAR = 250.0
"""Metres within which a mark may be the same thing, errors of both and of the time apart."""

FAR = 2 * NEAR
"""Metres beyond which it is not; between the two everything stays as it is."""

TOGETHER = 6
APART = 6
"""Looks until a pair is made, and until it is parted."""

OLDEST = 60.0
"""Seconds; what was said longer ago is not compared."""


class Mark(NamedTuple):
    """Where something was: its uid, whose word it is, place, course, speed (m/s), age (seconds)."""

    uid: str
    source: str
    lat: float
    lon: float
    course: float | None
    speed: float | None
    age: float


@dataclass(slots=True)
class _Bond:
    """A mark without a name: what it was with lately, and what it is paired with."""

    candidate: str = ""
    looks: int = 0
    paired: str = ""
    strikes: int = 0


@dataclass(slots=True)
class Associator:
    """Remembers the marks that were in the last look, and no others."""

    _bonds: dict[str, _Bond] = field(default_factory=dict[str, _Bond])

    def look(self, unnamed: Sequence[Mark], named: Sequence[Mark]) -> Mapping[str, str]:
        """Return which of the unnamed goes with which of the named, by uid."""
        unnamed = [each for each in unnamed if each.age <= OLDEST]
        named = [each for each in named if each.age <= OLDEST]
        nearest = dict(_nearest(unnamed, named))
        places = {each.uid: each for each in named}
        before, self._bonds = self._bonds, {}
        for mark in unnamed:
            bond = self._bonds[mark.uid] = before.get(mark.uid) or _Bond()
            if bond.paired:
                _hold(bond, mark, places.get(bond.paired))
            if not bond.paired:
                _try(bond, nearest.get(mark.uid, ""))
        self._one_of_each_source(unnamed)
        return {uid: bond.paired for uid, bond in self._bonds.items() if bond.paired}

    def _one_of_each_source(self, unnamed: Sequence[Mark]) -> None:
        """Let go of a pair where the same source has another mark that is paired with it already.

        A sensor sees one thing once; the pair that is older by its place in the last look stays.
        """
        taken: set[tuple[str, str]] = set()
        for mark in unnamed:
            bond = self._bonds[mark.uid]
            key = (mark.source, bond.paired)
            if bond.paired and key in taken:
                bond.paired, bond.candidate, bond.looks = "", "", 0
            taken.add(key)


def _hold(bond: _Bond, mark: Mark, partner: Mark | None) -> None:
    """Count the looks in which a pair was far apart, and part it at last."""
    if partner is None:
        return  # it says nothing now: nothing speaks against the pair
    bond.strikes = bond.strikes + 1 if _apart(mark, partner) > FAR else 0
    if bond.strikes >= APART:
        bond.paired, bond.candidate, bond.looks, bond.strikes = "", "", 0, 0


def _try(bond: _Bond, nearest: str) -> None:
    """Count the looks in which one and the same was nearest, and make a pair at last."""
    bond.looks = bond.looks + 1 if nearest and nearest == bond.candidate else int(bool(nearest))
    bond.candidate = nearest
    if bond.looks >= TOGETHER:
        bond.paired, bond.strikes = nearest, 0


def _nearest(unnamed: Sequence[Mark], named: Sequence[Mark]) -> Iterator[tuple[str, str]]:
    """Yield each of the unnamed with the nearest of the named, where each is the other's."""
    if not unnamed or not named:
        return
    here = np.array([_on_sphere(each) for each in unnamed])
    there = np.array([_on_sphere(each) for each in named])
    far, to = map(np.asarray, KDTree(there).query(here))
    back = np.asarray(KDTree(here).query(there)[1])
    for at in map(int, np.flatnonzero(far <= NEAR)):
        other = int(to[at])
        if _is_mutual(unnamed, at, int(back[other])):
            yield unnamed[at].uid, named[other].uid


def _is_mutual(unnamed: Sequence[Mark], at: int, nearest: int) -> bool:
    # Another sensor's mark may lie nearer: it is of the same thing, and takes nothing away.
    return nearest == at or unnamed[nearest].source != unnamed[at].source


def _apart(one: Mark, other: Mark) -> float:
    return math.dist(_on_sphere(one), _on_sphere(other))


def _on_sphere(mark: Mark) -> tuple[float, float, float]:
    """Return where it is by now, in metres from the centre of the Earth."""
    lat, lon = math.radians(mark.lat), math.radians(mark.lon)
    if mark.course is not None and mark.speed is not None:
        way, course = mark.speed * mark.age / EARTH_MEAN_RADIUS, math.radians(mark.course)
        lat += way * math.cos(course)
        lon += way * math.sin(course) / max(math.cos(lat), 1e-6)
    flat = EARTH_MEAN_RADIUS * math.cos(lat)
    return flat * math.cos(lon), flat * math.sin(lon), EARTH_MEAN_RADIUS * math.sin(lat)
