"""Where there is sea: a grid of the whole Earth that says how much of each cell is water."""

import io
import zipfile

import numpy as np
from numpy.typing import NDArray

STEP = 0.1
"""Degrees: the side of a cell."""
FULL = 144
"""What a cell that is all sea holds: 12 by 12 samples of the source."""

Wet = NDArray[np.uint8]
"""Samples that are sea in each cell; rows from 90 south, columns from 180 west."""

_MAX_BYTES = 4_000_000
_SHAPE = (1800, 3600)


def read_mask(data: bytes) -> Wet:
    """Return the mask that a file holds. ValueError says in a sentence why it holds none."""
    if len(data) > _MAX_BYTES:
        raise ValueError(f"the sea mask has {len(data)} bytes; at most {_MAX_BYTES} are read")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            wet = np.asarray(arrays["fr"])
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"the sea mask cannot be read: {error}") from None
    if wet.shape != _SHAPE or wet.dtype != np.uint8 or wet.max() > FULL:
        raise ValueError("the sea mask is not 1800 by 3600 cells of 0 to 144 samples")
    return wet


def sea_at(wet: Wet, step: float) -> NDArray[np.bool_]:
    """Return which cells of a coarser grid are more than half sea.

    ValueError where the step is no multiple of a tenth of a degree that divides 180 degrees.
    """
    times = round(step / STEP)
    rows, columns = wet.shape
    if times < 1 or abs(times * STEP - step) > 1e-9 or rows % times:
        raise ValueError(f"a grid of {step:g} degrees cannot be made from one of {STEP:g}")
    blocks = wet.reshape(rows // times, times, columns // times, times)
    return blocks.sum(axis=(1, 3), dtype=np.int64) * 2 > FULL * times * times


INLAND = 5
"""Cells, half a degree, from a place that is far inland to the nearest that has any sea."""


def far_inland(wet: Wet) -> bytes:
    """Return one bit for each cell, row by row from the south: set where no sea is near it.

    Half a degree leaves room for ports up a river. Lakes and long rivers are land to the mask.
    """
    side = 2 * INLAND + 1
    framed = np.pad(
        np.pad(wet > 0, ((INLAND + 1, INLAND), (0, 0))), ((0, 0), (INLAND + 1, INLAND)), "wrap"
    )
    sums = framed.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    near = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.packbits(near == 0).tobytes()
