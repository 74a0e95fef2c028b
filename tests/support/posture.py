"""A small scenario, and seas of a few lands, for tests of posture."""

from collections.abc import Iterable

import numpy as np

from accord.core.geometry import Box
from accord.posture.mask import FULL, Wet

SMALL = """\
schema: accord-scenario/1
asof: 2026-01-01
partners:
  - {id: NZL, name: New Zealand, conf: A}
  - {id: FJI, name: Fiji, conf: A}
groups:
  - {id: TWO, name: Both, members: [NZL, FJI], conf: A, note: of two}
bases:
  - {id: OHA, name: Ohakea, country: NZL, role: air, lat: -40.2, lon: 175.4, conf: A, icao: NZOH}
  - {id: DEV, name: Devonport, country: NZL, role: port, lat: -36.8, lon: 174.8, conf: A}
  - {id: NAN, name: Nadi, country: FJI, role: both, lat: -17.8, lon: 177.4, conf: A}
platform_classes:
  - {id: MPA, name: Patrol aircraft, domain: air, cruise_kt: 400, search_kt: 250, endurance_h: 8, radius_nm: 1000, swath_half_nm: 60, roles: [surveillance, sar], crew: 9, notice_h: [1, 2, 6], conf: B}
  - {id: OPV, name: Patrol ship, domain: sea, cruise_kt: 15, sprint_kt: 21, range_nm: 6000, roles: [presence, sar], lift_t: 50, notice_h: [8, 24, 72], conf: B}
fleet:
  - {partner: NZL, class: MPA, base: OHA, count: 2, availability: 0.5, conf: A}
  - {partner: NZL, class: OPV, base: DEV, count: 1, availability: 0.4, conf: B, note: one}
areas:
  - {id: RING, name: Round Fiji, kind: box, circles: [{lat: -18, lon: 178, radius_nm: 200}], conf: B}
commitments:
  - {id: C1, text: One aircraft forward, ops: [{op: add_deployment, partner: NZL, class: MPA, base: NAN, share_of_year: 0.5}], conf: C}
"""  # noqa: E501  a row is a line

Land = tuple[float, float, float, float]
"""South, west, north, east; not over 180 degrees."""


def sea_but_for(lands: Iterable[Land] = ()) -> Wet:
    """Return a world of water with some lands."""
    wet = np.full((1800, 3600), FULL, dtype=np.uint8)
    for south, west, north, east in lands:
        rows = slice(round((south + 90) * 10), round((north + 90) * 10))
        wet[rows, round((west + 180) * 10) : round((east + 180) * 10)] = 0
    return wet


def turned(wet: Wet, degrees: float) -> Wet:
    """Return the world with everything so many degrees further east."""
    return np.roll(wet, round(degrees * 10), axis=1)


def box(south: float, west: float, north: float, east: float) -> Box:
    return Box(south=south, west=west, north=north, east=east)
