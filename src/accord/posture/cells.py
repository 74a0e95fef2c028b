"""Areas as H3 cells, over the date line and round a pole.

The edge of an outline is the straight line on the chart between two corners, the short way round:
an edge over which the longitude jumps by more than half a turn crosses 180 degrees. A cell belongs
to an area with its centre.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

RESOLUTION = 3
"""Of every area: cells of 12,393 square kilometres in the mean (H3 4, table of cell areas)."""
EARTH_RADIUS_NM = 6_371.0088 / 1.852
"""The mean radius (2a + b) / 3 of WGS-84 (NIMA TR8350.2, table 3.3) in nautical miles."""

Floats = NDArray[np.float64]
Outline = Sequence[tuple[float, float]]
"""Corners as latitude and longitude."""


class World(NamedTuple):
    """Every cell of the Earth in the order of their numbers, and where its centre is."""

    cells: NDArray[np.int64]
    lats: Floats
    lons: Floats


@lru_cache(maxsize=1)
def world() -> World:
    """Return every cell of the Earth."""
    cells = sorted(
        child for base in h3.get_res0_cells() for child in h3.cell_to_children(base, RESOLUTION)
    )
    lats, lons = centres(cells)
    return World(np.array(cells, dtype=np.int64), lats, lons)


def rows_of(places: Sequence[int]) -> NDArray[np.intp]:
    """Return the places of cells in the order of all. ValueError names one that is no such cell."""
    wanted = np.array(places, dtype=np.int64)
    rows = np.searchsorted(world().cells, wanted)
    found = world().cells[np.minimum(rows, len(world().cells) - 1)]
    if (found != wanted).any():
        raise ValueError(f"{spell(int(wanted[found != wanted][0]))} is no cell of {RESOLUTION}")
    return rows


def in_outline(outline: Outline) -> frozenset[int]:
    """Return the cells of an outline; it may cross 180 degrees, and go round a pole.

    ValueError says why an outline is none.
    """
    if len(outline) < 3:
        raise ValueError(f"an outline of {len(outline)} corners; it needs three")
    lats, lons = _unwrapped(outline)
    earth = world()
    west = lons.min()
    # An outline lies within one turn from its west end, whichever way it was unwrapped.
    inside = _is_inside(earth.lats, (earth.lons - west) % 360.0 + west, lats, lons)
    return _chosen(earth, inside)


def within(lat: float, lon: float, radius: float) -> frozenset[int]:
    """Return the cells whose centres lie within so many nautical miles of a place."""
    earth = world()
    return _chosen(earth, great_circle(lat, lon, earth.lats, earth.lons) <= radius)


def in_box(south: float, west: float, north: float, east: float) -> frozenset[int]:
    """Return the cells between two parallels, from `west` eastwards to `east`.

    ValueError where the south lies north of the north.
    """
    if south > north:
        raise ValueError(f"south {south:g} is north of {north:g}")
    earth = world()
    wide = (east - west) % 360.0 or 360.0
    inside = (earth.lats >= south) & (earth.lats <= north)
    return _chosen(earth, inside & ((earth.lons - west) % 360.0 <= wide))


def of_mixed(cells: Iterable[str]) -> frozenset[int]:
    """Return the cells whose middle lies in cells that are given at finer and coarser resolutions.

    Areas that share no ground share no cell. ValueError says which word is no H3 cell.
    """
    given = [_parsed(word) for word in cells]
    coarse = [each for each in given if h3.get_resolution(each) <= RESOLUTION]
    fine = frozenset(each for each in given if h3.get_resolution(each) > RESOLUTION)
    found = {child for each in coarse for child in h3.cell_to_children(each, RESOLUTION)}
    levels = sorted({h3.get_resolution(each) for each in fine})
    for parent in {h3.cell_to_parent(each, RESOLUTION) for each in fine}:
        if any(h3.cell_to_center_child(parent, level) in fine for level in levels):
            found.add(parent)
    return frozenset(found)


def compacted(cells: Iterable[int]) -> tuple[str, ...]:
    """Write cells as few words as can be: one for all that fill a coarser cell, in their order."""
    return tuple(sorted(map(spell, h3.compact_cells(list(cells)))))


def _parsed(word: str) -> int:
    if not h3.is_valid_cell(_number(word)):
        raise ValueError(f"{word!r} is no H3 cell")
    return h3.str_to_int(word)


def _number(word: str) -> int:
    try:
        return h3.str_to_int(word)
    except ValueError:
        return 0


def spell(cell: int) -> str:
    """Write a cell as H3 does."""
    return h3.int_to_str(cell)


def size_km2(cells: Iterable[int]) -> float:
    """Return the area of cells in square kilometres, on the sphere."""
    return math.fsum(h3.cell_area(cell, unit="km^2") for cell in cells)


def centres(cells: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the latitudes and longitudes of the cells' centres, in their order."""
    points = np.array([h3.cell_to_latlng(cell) for cell in cells], dtype=np.float64)
    return points.reshape(-1, 2)[:, 0], points.reshape(-1, 2)[:, 1]


def border(cell: int) -> tuple[tuple[float, float], ...]:
    """Return the corners of a cell, latitude and longitude, for a map to draw."""
    return tuple(h3.cell_to_boundary(cell))


def great_circle(
    lat: float | Floats, lon: float | Floats, lats: float | Floats, lons: float | Floats
) -> Floats:
    """Return great-circle distances in nautical miles, by haversine on the mean sphere."""
    lat_a, lat_b = np.radians(lat), np.radians(lats)
    half_lon = np.radians(np.subtract(lons, lon)) / 2
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(half_lon) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_NM * np.arcsin(np.sqrt(np.minimum(1.0, h))))


def _chosen(earth: World, inside: NDArray[np.bool_]) -> frozenset[int]:
    return frozenset(int(cell) for cell in earth.cells[inside])


def _unwrapped(outline: Outline) -> tuple[Floats, Floats]:
    """Return the closed outline with each longitude within half a turn of the one before.

    One that comes back a whole turn on has gone round a pole: the one on the side of its mean
    latitude, along which it is then closed.
    """
    lats = [lat for lat, _ in (*outline, outline[0])]
    lons = [outline[0][1]]
    for _, lon in (*outline[1:], outline[0]):
        lons.append(lons[-1] + (lon - lons[-1] + 180.0) % 360.0 - 180.0)
    if abs(lons[-1] - lons[0]) > 180.0:
        pole = math.copysign(90.0, math.fsum(lats))
        lats += [pole, pole, lats[0]]
        lons += [lons[-1], lons[0], lons[0]]
    return np.array(lats), np.array(lons)


def _is_inside(
    lats: Floats, lons: Floats, edge_lats: Floats, edge_lons: Floats
) -> NDArray[np.bool_]:
    """Tell for each place whether its meridian crosses the outline oddly often."""
    inside = np.zeros(len(lats), dtype=np.bool_)
    for n in range(len(edge_lats) - 1):
        (lat_a, lon_a), (lat_b, lon_b) = (
            (edge_lats[n], edge_lons[n]),
            (edge_lats[n + 1], edge_lons[n + 1]),
        )
        spans = (lons >= min(lon_a, lon_b)) & (lons < max(lon_a, lon_b))
        if lon_a != lon_b:
            at = lat_a + (lons - lon_a) * ((lat_b - lat_a) / (lon_b - lon_a))
            inside ^= spans & (at > lats)
    return inside
