"""What a radar sees, by range and bearing, to a place on the ellipsoid of WGS-84.

The range is along the straight line, and its elevation is worked out from both heights on a sphere
of the ellipsoid's own curvature in that direction; then it is a turn and a shift of axes.
"""

import math
from typing import NamedTuple

from accord.wire.errors import Malformed

A = 6_378_137.0
F = 1 / 298.257223563
"""Metres of the greater semi-axis, and the flattening (NIMA TR8350.2, table 3.1)."""

E2 = F * (2 - F)


class Site(NamedTuple):
    """Where a radar stands: degrees, and metres above the ellipsoid."""

    lat: float
    lon: float
    height: float


def place(site: Site, rho: float, theta: float, height: float) -> tuple[float, float]:
    """Return latitude and longitude of what is `rho` metres away, at a height in metres.

    Where range and heights do not fit each other, as right above the radar, it is put where the
    range is nearest to fitting. Raises Malformed for a range that leads through the Earth.
    """
    lat, turned = math.radians(site.lat), math.radians(theta)
    curvature = _radius(lat, turned)
    near, far = curvature + site.height, curvature + height
    if not 0.0 <= rho < 2.0 * near:
        raise Malformed("a range that leads through the Earth")
    # The angle at the radar between straight down and the line to the target.
    down = (near * near + rho * rho - far * far) / (2.0 * near * rho) if rho else 1.0
    elevation = math.acos(max(-1.0, min(1.0, down))) - math.pi / 2
    along = rho * math.cos(elevation)
    up = rho * math.sin(elevation)
    return _turned(site, along * math.sin(turned), along * math.cos(turned), up)


def _radius(lat: float, azimuth: float) -> float:
    """Return the radius of curvature in a direction (Euler's formula)."""
    bulge = 1.0 - E2 * math.sin(lat) ** 2
    meridian, prime = A * (1.0 - E2) / bulge**1.5, A / math.sqrt(bulge)
    return 1.0 / (math.cos(azimuth) ** 2 / meridian + math.sin(azimuth) ** 2 / prime)


def _turned(site: Site, east: float, north: float, up: float) -> tuple[float, float]:
    lat, lon = math.radians(site.lat), math.radians(site.lon)
    prime = A / math.sqrt(1.0 - E2 * math.sin(lat) ** 2)
    outward = (prime + site.height) * math.cos(lat) - north * math.sin(lat) + up * math.cos(lat)
    x = outward * math.cos(lon) - east * math.sin(lon)
    y = outward * math.sin(lon) + east * math.cos(lon)
    z = (prime * (1.0 - E2) + site.height) * math.sin(lat) + north * math.cos(lat)
    z += up * math.sin(lat)
    return _geodetic(x, y, z)


def _geodetic(x: float, y: float, z: float) -> tuple[float, float]:
    """Return degrees (B. R. Bowring, Survey Review 181, 1976)."""
    minor = A * (1.0 - F)
    flat = math.hypot(x, y)
    reduced = math.atan2(z * A, flat * minor)
    second = E2 / (1.0 - E2)
    lat = math.atan2(
        z + second * minor * math.sin(reduced) ** 3, flat - E2 * A * math.cos(reduced) ** 3
    )
    return math.degrees(lat), math.degrees(math.atan2(y, x))
