"""A small plan to ask about: five units of two partners, an area round Fiji, straight ways."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from accord.posture.cells import centres, great_circle
from accord.posture.impact import Impact
from accord.posture.known import Work
from accord.posture.model import Commitment, Deploy, Scenario, Stated, Unit
from accord.posture.scenario import read_scenario
from accord.posture.stations import Post
from accord.posture.view import Asked
from support.posture import SMALL

PLAN = (
    SMALL.replace("count: 1, availability: 0.4", "count: 2, availability: 0.4")
    .replace(
        "  - {partner: NZL, class: OPV,",
        "  - {partner: FJI, class: OPV, base: NAN, count: 1, availability: 0.5, conf: C}\n"
        "  - {partner: NZL, class: OPV,",
    )
    .replace(
        "areas:\n",
        "areas:\n"
        "  - {id: HOME, name: Off New Zealand, kind: box, "
        "circles: [{lat: -36, lon: 176, radius_nm: 150}], conf: B}\n"
        "  - {id: WIDE, name: Somewhere, kind: box, published_area_km2: 1000, conf: A}\n",
    )
    .replace("kind: box, circles: [{lat: -18", "kind: ops-area, circles: [{lat: -18")
    + """\
  - {id: C2, text: One ship forward, ops: [{op: add_deployment, partner: NZL, class: OPV, base: NAN, share_of_year: 1.0}], conf: C}
  - {id: C3, text: One aircraft sold, ops: [{op: remove, partner: NZL, class: MPA, base: OHA, share_of_year: 1.0}], conf: C}
places:
  - {id: SUVA, name: Suva, lat: -18.1, lon: 178.4, conf: A}
  - {id: NORTON, name: Norton, lat: 64.5, lon: -165.4, conf: A}
"""  # noqa: E501  a row is a line
)


@cache
def a_plan() -> Scenario:
    return read_scenario(PLAN, name="plan")


def with_ops(ops: str) -> Commitment:
    """Return a commitment that does what is written as a scenario has it."""
    row = f"  - {{id: CX, text: asked, ops: [{ops}], conf: C}}\n"
    text = PLAN.replace("places:\n", f"{row}places:\n")
    return read_scenario(text, name="plan").commitments["CX"]


def with_count(commitment: Commitment, count: int) -> Commitment:
    """Return a commitment that wants more than a scenario would let it say."""
    (effect,) = commitment.effects
    assert isinstance(effect, Deploy)
    return replace(commitment, effects=(replace(effect, count=count),))


def with_units(scenario: Scenario, *units: Unit) -> Scenario:
    return replace(scenario, units=scenario.units | {each.id: each for each in units})


def always(unit: Unit, share: float = 1.0) -> Unit:
    return replace(unit, availability=Stated(share, unit.availability.origin))


class Straight:
    """Great circles at cruise speed, within the radius of what flies."""

    def transit(
        self, scenario: Scenario, places: Sequence[int]
    ) -> Callable[[Post], NDArray[np.float32]]:
        lats, lons = centres(list(places))

        def hours(post: Post) -> NDArray[np.float32]:
            platform, base = scenario.classes[post.platform], scenario.bases[post.base]
            far = great_circle(base.lat, base.lon, lats, lons)
            within = far <= (platform.radius or np.inf)
            return np.where(within, far / platform.cruise, np.inf).astype(np.float32)

        return hours


def uniform(draws: int) -> Callable[[str], NDArray[np.float64]]:
    return lambda name: np.random.default_rng(crc32(name.encode())).random(draws)


def an_impact(scenario: Scenario | None = None, *, draws: int = 60, **work: Any) -> Impact:
    """Return what answers about a plan, by straight ways; `work` says how."""
    asked = Asked(Straight(), uniform(draws), draws)
    return Impact(scenario or a_plan(), asked, days=14, work=Work(**work))
