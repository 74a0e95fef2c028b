"""How likely something is found that is where it is looked for, by coverage (Koopman 1946)."""

import math
from enum import StrEnum

from accord.search.fault import SearchError


class Conditions(StrEnum):
    """How good looking is: ideal by the inverse-cube law, normal by random search (IAMSAR II)."""

    IDEAL = "ideal"
    NORMAL = "normal"


def random_pod(coverage: float) -> float:
    """Return the probability of detection of a random search: 1 - exp(-C)."""
    return -math.expm1(-coverage)


def ideal_pod(coverage: float) -> float:
    """Return it for parallel tracks by the inverse-cube law: erf(C x sqrt(pi) / 2)."""
    return math.erf(coverage * math.sqrt(math.pi) / 2.0)


def pod(coverage: float, conditions: Conditions) -> float:
    """Return the probability of detection. SearchError for a coverage below nothing."""
    if not coverage >= 0.0:
        raise SearchError(f"a coverage of {coverage:g} cannot be")
    return ideal_pod(coverage) if conditions is Conditions.IDEAL else random_pod(coverage)


def coverage(width: float, spacing: float) -> float:
    """Return the coverage of parallel tracks. SearchError where they have no spacing."""
    if not spacing > 0.0:
        raise SearchError(f"a track spacing of {spacing:g} NM cannot be")
    return width / spacing


def swept(width: float, speed: float, hours: float) -> float:
    """Return the effort in square nautical miles: sweep width times what is searched along."""
    return width * speed * hours
