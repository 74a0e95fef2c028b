"""Where no ship can be: far inland, by a coarse coast."""

from accord.core.geometry import Point

ROWS, COLUMNS = 1800, 3600
"""Cells of a tenth of a degree, rows from 90 south, columns from 180 west."""


class Land:
    """Cells that are far inland, one bit each, the first in the highest bit of a byte.

    ValueError for any other number of bytes. `NO_LAND` holds nothing.
    """

    __slots__ = ("_bits",)

    def __init__(self, bits: bytes) -> None:
        if len(bits) not in (0, ROWS * COLUMNS // 8):
            raise ValueError(f"{len(bits)} bytes are not a bit for each tenth of a degree")
        self._bits = bits

    def holds(self, point: Point) -> bool:
        """Tell whether a place is far inland."""
        if not self._bits:
            return False
        row = min(int((point.lat + 90.0) * 10.0), ROWS - 1)
        cell = row * COLUMNS + int((point.lon + 180.0) * 10.0) % COLUMNS
        return bool(self._bits[cell >> 3] & (0x80 >> (cell & 7)))


NO_LAND = Land(b"")
"""Where it is not known what is land, or ships sail inland."""
