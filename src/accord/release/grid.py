"""The grid of square cells that coarse positions are given on.

Rows of equal latitude cover the Earth from pole to pole; each row is cut into as many equal columns
as fit, from 180 degrees west. A cell is nowhere narrower than its side: figures of the WGS-84
ellipsoid (NIMA TR8350.2, tables 3.1 and 3.3) are taken at the end that makes it larger.
"""

import math
from functools import lru_cache
from typing import NamedTuple

SEMI_MAJOR = 6_378_137.0
"""Metres; no parallel's radius divided by the cosine of its latitude is less."""
SHORTEST_MERIDIAN = 6_335_439.327_293
"""Metres: a (1 - e^2), the radius of curvature of the meridian at the equator, its least."""
LONGEST = 6_399_593.625_758
"""Metres: a^2 / b, the polar radius of curvature: none in any direction is more."""
DECIMALS = 6
"""Of the degrees of a centre: 0.11 m, and nothing can be hidden in what follows."""


class Cell(NamedTuple):
    """The centre of a cell in degrees, and how far from it any point of the cell is at most."""

    lat: float
    lon: float
    reach: float


def cell_at(lat: float, lon: float, side: float) -> Cell:
    """Return the cell with sides of that many metres in which a position lies."""
    rows = max(1, math.floor(math.pi * SHORTEST_MERIDIAN / side))
    row = _row(min(int((lat + 90.0) / (180.0 / rows)), rows - 1), rows, side)
    column = int((lon + 180.0) / row.width) % row.columns
    west = -180.0 + (column + 0.5) * row.width
    return Cell(row.lat, round(west, DECIMALS), row.reach)


class _Row(NamedTuple):
    """What all cells of a row have: their latitude, their width in degrees, how many they are."""

    lat: float
    width: float
    columns: int
    reach: float


@lru_cache(maxsize=16_384)
def _row(row: int, rows: int, side: float) -> _Row:
    height = 180.0 / rows
    middle = -90.0 + (row + 0.5) * height
    poleward = abs(middle) + height / 2
    equatorward = max(0.0, abs(middle) - height / 2)
    around = 2 * math.pi * SEMI_MAJOR * math.cos(math.radians(poleward))
    columns = max(1, math.floor(around / side))
    width = 360.0 / columns
    # A straight way on the chart is no shorter than the geodesic, measured with the longest radius
    # and the widest parallel.
    half_width = math.cos(math.radians(equatorward)) * math.radians(width / 2)
    reach = LONGEST * math.hypot(math.radians(height / 2), half_width)
    return _Row(round(middle, DECIMALS), width, columns, reach)


def moved(lat: float, lon: float, *, east: float, north: float) -> tuple[float, float]:
    """Return the position that many metres on, and no more than 0.4 % further anywhere.

    What would go over a pole stays on it.
    """
    there = max(-90.0, min(90.0, lat + math.degrees(north / SEMI_MAJOR)))
    # The wider of both parallels, so that no part of the way is longer than `east`.
    narrow = max(math.cos(math.radians(min(abs(lat), abs(there)))), 1e-9)
    across = lon + math.degrees(east / (SEMI_MAJOR * narrow))
    return there, (across + 180.0) % 360.0 - 180.0
