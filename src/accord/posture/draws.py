"""Numbers by chance that are always the same: paired draws, keyed by the name of what they decide.

Two postures that are asked with the same draws differ by what was changed and by nothing else: what
happens to one unit does not shift the numbers of another. The numbers are raw words of the Philox
counter generator (Salmon et al., 2011), whose stream NumPy promises to keep.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from accord.posture.cells import Floats
from accord.posture.known import forget

_TO_UNIT = 2.0**-53


class Draws:
    """So many draws under one seed; remembers the numbers of at most `limit` names.

    `dropped` counts the names that were forgotten to make room.
    """

    def __init__(self, count: int, *, seed: int = 0, limit: int = 4096) -> None:
        if count < 1:
            raise ValueError(f"{count} draws; at least one is needed")
        self.count = count
        self.seed = seed
        self.limit = limit
        self.dropped = 0
        self._known: dict[str, Floats] = {}

    def uniform(self, name: str) -> Floats:
        """Return numbers from 0 up to 1, one for each draw: for one name always the same."""
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._drawn(name)
            self.dropped += forget(self._known, self.limit)
        return found

    def _drawn(self, name: str) -> Floats:
        # Python's own hash differs from one run to the next.
        key = np.array([crc32(name.encode()), self.seed], dtype=np.uint64)
        words: NDArray[np.uint64] = np.random.Philox(key=key).random_raw(self.count)
        numbers = (words >> np.uint64(11)).astype(np.float64) * _TO_UNIT
        numbers.flags.writeable = False
        return numbers
