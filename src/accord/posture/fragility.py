"""What is lost when a unit, a base, a class or a partner is not there: single points by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.posture.response import Transit
from accord.posture.stations import Flags, Floats, Station

SINGLE = 0.5
"""What takes away this share of the service, or more, is named a single point."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What is served within the hours without one unit, base, class or partner."""

    sort: str
    name: str
    served: float
    lost: float
    """Share of places and draws that is served no more."""

    @property
    def is_single_point(self) -> bool:
        """Whether most of the service hangs on it."""
        whole = self.served + self.lost
        return whole > 0 and self.lost / whole >= SINGLE


def fragility(
    posts: Sequence[Station], transit: Transit, *, hours: float, shape: tuple[int, int]
) -> list[Loss]:
    """Return what each one's absence costs, the worst first of its sort; what costs nothing too.

    `shape` is draws and cells. Units are told one by one, though others stand at the same post.
    """
    meets = [_meets(each.notice, transit, each, hours) for each in posts]
    able = np.zeros(shape, dtype=np.int16)
    for each in meets:
        able += each
    whole = float((able > 0).mean())
    found = [
        Loss(sort, name, left, whole - left)
        for sort, name, left in (
            *_groups(posts, meets, able),
            *_units(posts, meets, able, (transit, hours)),
        )
    ]
    return sorted(found, key=lambda each: (-each.lost, each.sort, each.name))


def _meets(notice: Floats, transit: Transit, station: Station, hours: float) -> Flags:
    return notice[:, None] + transit(station.post)[None, :] <= hours


def _groups(
    posts: Sequence[Station], meets: Sequence[Flags], able: NDArray[np.int16]
) -> Iterator[tuple[str, str, float]]:
    for sort in ("partner", "platform", "base"):
        names = [str(getattr(each.post, sort)) for each in posts]
        for name in sorted(set(names)):
            left = able.copy()
            for flags, its in zip(meets, names, strict=True):
                if its == name:
                    left -= flags
            yield ("class" if sort == "platform" else sort), name, float((left > 0).mean())


def _units(
    posts: Sequence[Station],
    meets: Sequence[Flags],
    able: NDArray[np.int16],
    limit: tuple[Transit, float],
) -> Iterator[tuple[str, str, float]]:
    transit, hours = limit
    for unit in sorted({name for each in posts for name in each.notices}):
        left = able.copy()
        for station, flags in zip(posts, meets, strict=True):
            if unit in station.notices:
                left -= flags
                rest = station.without([unit])
                if rest.notices:
                    left += _meets(rest.notice, transit, rest, hours)
        yield "unit", unit, float((left > 0).mean())


def who_meets(
    posts: Sequence[Station], transit: Transit, *, hours: float
) -> dict[str, NDArray[np.bool_]]:
    """Return by partner in which draws it serves which cells within the hours."""
    found: dict[str, NDArray[np.bool_]] = {}
    for each in posts:
        flags = _meets(each.notice, transit, each, hours)
        before = found.get(each.post.partner)
        found[each.post.partner] = flags if before is None else before | flags
    return found
