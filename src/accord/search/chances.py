"""How likely it is in which cell: particles counted by weight on H3 cells."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np

from accord.search.cloud import Cloud
from accord.search.sphere import Floats

COARSEST = 4
MOST_CELLS = 600
"""So many cells at most hold nearly all of a cloud, so that a map can be read and sent."""
_AREA_KM2 = {4: 1770.3, 5: 252.9, 6: 36.13, 7: 5.161, 8: 0.7373, 9: 0.1053}
"""The mean area of a cell (H3 4, table of cell areas)."""
_KM_PER_NM = 1.852


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """An H3 cell, and the probability that it is in there."""

    cell: str
    chance: float

    @property
    def border(self) -> tuple[tuple[float, float], ...]:
        """The corners as latitude and longitude, for a map to draw."""
        return tuple(h3.cell_to_boundary(h3.str_to_int(self.cell)))


def fitting(cloud: Cloud) -> int:
    """Return the finest resolution at which a cloud takes no more cells than a map shows."""
    size = math.pi * (cloud.radius(0.95) * _KM_PER_NM) ** 2
    return max(
        (each for each, area in _AREA_KM2.items() if size / area <= MOST_CELLS), default=COARSEST
    )


def cells(cloud: Cloud, resolution: int | None = None) -> tuple[Cell, ...]:
    """Return the cells with any probability, by name; they sum to 1."""
    where = cells_of(cloud.lats, cloud.lons, resolution or fitting(cloud))
    return counted(where, cloud.weights)


def cells_of(lats: Floats, lons: Floats, resolution: int) -> list[int]:
    """Return the cell of each place."""
    return [
        h3.latlng_to_cell(lat, lon, resolution)
        for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True)
    ]


def counted(where: Sequence[int], weights: Floats) -> tuple[Cell, ...]:
    """Return the weight in each cell, as a share of all."""
    found = summed(where, weights)
    total = math.fsum(found.values())
    return tuple(Cell(cell=spell(cell), chance=found[cell] / total) for cell in sorted(found))


def spell(cell: int) -> str:
    """Write a cell as H3 does."""
    return h3.int_to_str(cell)


def summed(where: Sequence[int], amounts: Floats) -> dict[int, float]:
    """Return the sum of the amounts in each cell."""
    found: defaultdict[int, float] = defaultdict(float)
    for cell, amount in zip(where, amounts.tolist(), strict=True):
        found[cell] += amount
    return dict(found)


def looked_up(lats: Floats, lons: Floats, amounts: Iterable[tuple[str, float]]) -> Floats:
    """Return for each place the amount of its cell, of cells that are all of one resolution.

    0 where there is none. ValueError for a word that is no cell, or one of another resolution.
    """
    found = {_parsed(cell): amount for cell, amount in amounts}
    levels = {h3.get_resolution(cell) for cell in found}
    if len(levels) > 1:
        raise ValueError("cells of more than one resolution")
    if not levels:
        return np.zeros(lats.shape)
    where = cells_of(lats, lons, levels.pop())
    return np.array([found.get(cell, 0.0) for cell in where])


def _parsed(word: str) -> int:
    try:
        cell = h3.str_to_int(word)
    except ValueError:
        cell = 0
    if not h3.is_valid_cell(cell):
        raise ValueError(f"{word!r} is no H3 cell")
    return cell
