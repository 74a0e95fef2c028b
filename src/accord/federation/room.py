"""How long a frame may be now, and what about it is known before it is made."""

from typing import NamedTuple

FRAME_OVERHEAD = 150
"""Bytes of a frame beside its items, at most: length, salt and the longest signature."""


class Room(NamedTuple):
    """Bytes for the next frame: of several items, of one alone, and of any frame at any time.

    What is longer than the window goes alone, when nothing else is on its way.
    """

    now: int
    alone: int
    ever: int

    def takes(self, size: int, *, is_first: bool) -> bool:
        """Tell whether a frame that would have that size with its next item may go now."""
        return size <= (max(self.now, self.alone) if is_first else self.now)

    def fits_ever(self, size: int) -> bool:
        """Tell whether a frame of one item of that size can go at any time."""
        return size + FRAME_OVERHEAD <= self.ever
