"""Numbers by chance that are always the same: keyed by a seed and by the name of what they decide.

What happens to one scenario does not shift the numbers of another. The numbers are raw words of
the Philox counter generator (Salmon et al., 2011), whose stream NumPy promises to keep.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from accord.search.sphere import Floats


def uniform(seed: str, name: str, count: int) -> Floats:
    """Return numbers between 0 and 1, neither of them among these."""
    # Python's own hash differs from one run to the next.
    key = np.array([crc32(name.encode()), crc32(seed.encode())], dtype=np.uint64)
    words: NDArray[np.uint64] = np.random.Philox(key=key).random_raw(count)
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def normal(seed: str, name: str, count: int, *, above: float = -np.inf) -> Floats:
    """Return numbers of the normal law with mean 0 and spread 1, cut off below `above`."""
    # A node that nobody drifts anything on does without SciPy.
    from scipy.special import ndtr, ndtri

    low = float(ndtr(above))
    return np.asarray(ndtri(low + (1.0 - low) * uniform(seed, name, count)), dtype=np.float64)
