"""What is land, by the mask of a tenth of a degree that comes with Accord: coarse, and no chart."""

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Point
from accord.search.sphere import Floats

Wet = NDArray[np.uint8]
"""Samples that are sea in each cell of 0.1 degree; rows from 90 south, columns from 180 west."""


def is_sea(wet: Wet, lats: Floats, lons: Floats) -> NDArray[np.bool_]:
    """Tell for each place whether its cell has any sea in it."""
    rows, columns = wet.shape
    row = np.clip(((lats + 90.0) * rows / 180.0).astype(np.intp), 0, rows - 1)
    column = ((lons + 180.0) * columns / 360.0).astype(np.intp) % columns
    return np.asarray(wet[row, column] > 0)


def is_on_land(wet: Wet, point: Point) -> bool:
    """Tell whether a place is in a cell that is all land: a datum there is a slip, or ashore."""
    return not bool(is_sea(wet, np.array([point.lat]), np.array([point.lon]))[0])
