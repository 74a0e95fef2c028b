"""Who carries how much of what partners achieve together: the Shapley value (Shapley 1953).

A partner's share is what he adds to those who came before him, on average over every order in
which partners can come. The shares of all sum to what all achieve together.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def shares_of_service(
    meets: Mapping[str, NDArray[np.bool_]], weights: NDArray[np.float64]
) -> dict[str, float]:
    """Return each partner's Shapley share of the weight of the places that anybody serves.

    `meets` says in which draws (rows) a partner serves which places (columns). A place that some
    of them could serve counts once, in equal parts: for that game it is the Shapley value itself.
    """
    if not meets:
        return {}
    able = np.zeros(next(iter(meets.values())).shape, dtype=np.int16)
    for each in meets.values():
        able += each
    part = np.divide(1.0, able, out=np.zeros(able.shape), where=able > 0)
    return {
        partner: float(np.mean(np.where(each, part, 0.0) @ weights))
        for partner, each in meets.items()
    }
