"""How long units are under way from a base to cells of the Earth, by sea and by air.

A ship goes at its cruise speed by the shortest way over the sea, as far as its range lets it. An
aircraft flies great circles, as far from its base as its radius lets it; further off it goes from
airfield to airfield that its partner may use, no leg longer than it can ferry, and is turned round
at each, until the place lies within its radius. Nothing is said here of weather, wind or clearance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Box
from accord.posture import cells
from accord.posture.cells import Floats, great_circle
from accord.posture.known import Store, forget
from accord.posture.mask import Wet
from accord.posture.model import Domain, PlatformClass, Scenario
from accord.posture.sea import FIELD_STEP, PACIFIC, Sea, Shore
from accord.posture.stations import Post

TURN_ROUND = 2.0
"""Hours on the ground between two flights: a planning figure, grade C."""

Hours = NDArray[np.float32]
Spot = tuple[float, float]
"""Latitude and longitude."""


class Seaways:
    """Distances by sea from places to every cell of the Earth, in nautical miles.

    The grid is made when the first distance is asked for that the store does not have. Remembers
    those of at most `limit` places; `dropped` counts the places forgotten to make room, `searched`
    those that were searched from, and not found in the store.
    """

    def __init__(
        self, wet: Wet, *, box: Box = PACIFIC, store: Store | None = None, limit: int = 256
    ) -> None:
        self.limit = limit
        self.dropped = 0
        self._wet = wet
        self._box = box
        self._store = store
        self.searched = 0
        self._known: dict[tuple[float, float], Hours] = {}
        edges = f"{box.south:g},{box.west:g},{box.north:g},{box.east:g}"
        self._mark = f"{crc32(wet.tobytes()):08x}-{FIELD_STEP:g}-{edges}"

    def distances(self, lat: float, lon: float) -> Hours:
        """Return the distance to every cell, in their order; infinite inland."""
        found = self._known.get((lat, lon))
        if found is None:
            self.dropped += forget(self._known, self.limit - 1)
            found = self._known[lat, lon] = self._stored(lat, lon)
        return found

    def _stored(self, lat: float, lon: float) -> Hours:
        name = f"{self._mark}-{lat:.6f}-{lon:.6f}"
        kept = self._store.get(name) if self._store else None
        if kept is not None and len(kept) == 4 * len(cells.world().cells):
            return np.frombuffer(kept, dtype="<f4")
        found = self._searched(lat, lon)
        if self._store:
            self._store.put(name, found.astype("<f4").tobytes())
        return found

    def _searched(self, lat: float, lon: float) -> Hours:
        self.searched += 1
        sea, shore = self._grid
        return sea.field(lat, lon).to(shore).astype(np.float32)

    @cached_property
    def _grid(self) -> tuple[Sea, Shore]:
        sea = Sea(self._wet, box=self._box, step=FIELD_STEP, limit=1)
        return sea, sea.shore(cells.world().lats, cells.world().lons)


class Reach:
    """Hours under way from posts to cells; remembers at most `limit` posts, whatever the cells.

    With `sprint` ships go at their highest speed where it is known. `dropped` counts the posts that
    were forgotten to make room.
    """

    def __init__(
        self,
        seaways: Seaways,
        *,
        turn_round: float = TURN_ROUND,
        sprint: bool = False,
        limit: int = 512,
    ) -> None:
        self.limit = limit
        self.dropped = 0
        self._seaways = seaways
        self._turn_round = turn_round
        self._sprint = sprint
        self._known: dict[_Trip, Hours] = {}
        self._circles: dict[Spot, Hours] = {}

    def transit(self, scenario: Scenario, places: Sequence[int]) -> Callable[[Post], Hours]:
        """Return what tells the hours from a post to each place; infinite where it cannot get."""
        rows = cells.rows_of(places)
        stages: dict[str, tuple[Spot, ...]] = {}

        def hours(post: Post) -> Hours:
            if post.partner not in stages:
                stages[post.partner] = _airfields(scenario, post.partner)
            return self._to_all(self._trip(scenario, post, stages[post.partner]))[rows]

        return hours

    def _trip(self, scenario: Scenario, post: Post, stages: tuple[Spot, ...]) -> "_Trip":
        platform, base = scenario.classes[post.platform], scenario.bases[post.base]
        is_air = platform.domain is Domain.AIR
        return _Trip(
            domain=platform.domain,
            speed=(platform.sprint if self._sprint and not is_air else None) or platform.cruise,
            radius=_radius(platform),
            ferry=platform.ferry,
            start=(base.lat, base.lon),
            stages=stages if is_air else (),
        )

    def _to_all(self, trip: "_Trip") -> Hours:
        found = self._known.get(trip)
        if found is None:
            self.dropped += forget(self._known, self.limit - 1)
            by = self._by_sea if trip.domain is Domain.SEA else self._by_air
            found = self._known[trip] = by(trip)
        return found

    def _by_sea(self, trip: "_Trip") -> Hours:
        far = self._seaways.distances(*trip.start)
        return np.where(far <= trip.ferry, far / np.float32(trip.speed), np.float32(np.inf))

    def _by_air(self, trip: "_Trip") -> Hours:
        fields = (trip.start, *(stage for stage in trip.stages if stage != trip.start))
        best = np.full(len(cells.world().cells), np.inf, dtype=np.float32)
        for field, ready in zip(fields, self._ready(trip, fields), strict=True):
            if np.isfinite(ready):
                far = self._circle(field)
                hours = far / np.float32(trip.speed) + np.float32(ready)
                np.minimum(best, np.where(far <= trip.radius, hours, np.inf), out=best)
        return best

    def _circle(self, field: Spot) -> Hours:
        """Return the great-circle distances from an airfield, which many classes share."""
        found = self._circles.get(field)
        if found is None:
            forget(self._circles, self.limit - 1)
            world = cells.world()
            found = great_circle(*field, world.lats, world.lons).astype(np.float32)
            self._circles[field] = found
        return found

    def _ready(self, trip: "_Trip", fields: tuple[Spot, ...]) -> Floats:
        """Return after how many hours it can fly on from each airfield; the first is its base."""
        lats, lons = np.array(fields).T
        legs = great_circle(lats[:, None], lons[:, None], lats[None, :], lons[None, :])
        hours = np.where(legs <= trip.ferry, legs / trip.speed + self._turn_round, np.inf)
        ready = np.full(len(fields), np.inf)
        ready[0] = 0.0
        for _ in fields:
            ready = np.minimum(ready, (ready[:, None] + hours).min(axis=0))
        return ready


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """All that the hours under way hang on; nothing of who goes, or when it is ready."""

    domain: Domain
    speed: float
    radius: float
    ferry: float
    start: Spot
    stages: tuple[Spot, ...]


def _radius(platform: PlatformClass) -> float:
    """How far an aircraft goes and still returns: as stated, else half of what it ferries."""
    return platform.ferry / 2.0 if platform.radius is None else platform.radius


def _airfields(scenario: Scenario, partner: str) -> tuple[Spot, ...]:
    return tuple(
        (base.lat, base.lon)
        for _, base in sorted(scenario.bases.items())
        if Domain.AIR in base.serves and base.is_open_to(partner)
    )
