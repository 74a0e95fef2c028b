"""What searches come to together: containment, detection, success, and what is left to look at.

POS = POC x POD; what was searched without success is less likely than before, and all else more
(Bayes).
"""

import math
from collections.abc import Mapping, Sequence

from accord.search.fault import SearchError

_ROUNDING = 1e-9


def together(pods: Sequence[float]) -> float:
    """Return the probability that one search at least finds what all of them looked for."""
    for each in pods:
        _check("a probability of detection", each)
    return 1.0 - math.prod(1.0 - each for each in pods)


def success(pocs: Mapping[str, float], pods: Mapping[str, float]) -> float:
    """Return the probability of success over areas: 0 is the detection where none was searched."""
    return math.fsum(poc * pods.get(area, 0.0) for area, poc in _checked(pocs, pods).items())


def posterior(pocs: Mapping[str, float], pods: Mapping[str, float]) -> dict[str, float]:
    """Return the containment of each area after a search without success.

    SearchError where nothing would be left: it was surely found, or is elsewhere.
    """
    left = {area: poc * (1.0 - pods.get(area, 0.0)) for area, poc in _checked(pocs, pods).items()}
    # What lies outside of all areas was searched by nobody.
    total = math.fsum(left.values()) + max(0.0, 1.0 - math.fsum(pocs.values()))
    if total <= 0.0:
        raise SearchError("nothing is left to be searched: look at the scenarios again")
    return {area: each / total for area, each in left.items()}


def _checked(pocs: Mapping[str, float], pods: Mapping[str, float]) -> Mapping[str, float]:
    for each in pocs.values():
        _check("a probability of containment", each)
    for each in pods.values():
        _check("a probability of detection", each)
    if math.fsum(pocs.values()) > 1.0 + _ROUNDING:
        raise SearchError("the probabilities of containment come to more than 1")
    return pocs


def _check(what: str, each: float) -> None:
    if not 0.0 <= each <= 1.0:
        raise SearchError(f"{what} of {each:g}; 0 to 1 are taken")
