"""Compact position reporting (DO-260B appendix A.1.7).

In the air an even and an odd half make a place. On the ground a cell is a quarter as wide, so one
half and a place that is near make one.
"""

import math
from bisect import bisect_left

from accord.wire.adsb.message import CprFix

_ZONES = 15  # of latitude, between the equator and a pole
_SCALE = 1 << 17
Place = tuple[float, float]
"""Latitude and longitude, degrees."""

_EVEN, _ODD = 360.0 / (4 * _ZONES), 360.0 / (4 * _ZONES - 1)


def _transitions() -> list[float]:
    """Return the latitudes up to which there are 59, 58 ... 2 zones of longitude (A.1.7.2.d)."""
    least = 1.0 - math.cos(math.pi / (2 * _ZONES))
    return [
        math.degrees(math.acos(math.sqrt(least / (1.0 - math.cos(2 * math.pi / zones)))))
        for zones in range(59, 2, -1)
    ] + [87.0]


_TRANSITIONS = _transitions()


def zones_of_longitude(lat: float) -> int:
    """Return how many zones of longitude there are at a latitude, from 59 down to 1."""
    return 59 - bisect_left(_TRANSITIONS, abs(lat))


def place(even: CprFix, odd: CprFix, *, newest_is_odd: bool) -> Place | None:
    """Return latitude and longitude of the newer half.

    None where the two are of different zones of longitude, and so make no place.
    """
    lat_even, lat_odd = even.lat / _SCALE, odd.lat / _SCALE
    index = math.floor(59 * lat_even - 60 * lat_odd + 0.5)
    north_even = _northing(_EVEN * (index % 60 + lat_even))
    north_odd = _northing(_ODD * (index % 59 + lat_odd))
    zones = zones_of_longitude(north_even)
    if zones != zones_of_longitude(north_odd):
        return None
    lat = north_odd if newest_is_odd else north_even
    if not -90.0 <= lat <= 90.0:
        return None
    return lat, _easting(even, odd, zones, newest_is_odd=newest_is_odd)


def _northing(lat: float) -> float:
    return lat - 360.0 if lat >= 270.0 else lat


def _easting(even: CprFix, odd: CprFix, zones: int, *, newest_is_odd: bool) -> float:
    lon_even, lon_odd = even.lon / _SCALE, odd.lon / _SCALE
    index = math.floor(lon_even * (zones - 1) - lon_odd * zones + 0.5)
    count = max(1, zones - 1 if newest_is_odd else zones)
    lon = 360.0 / count * (index % count + (lon_odd if newest_is_odd else lon_even))
    return lon - 360.0 if lon >= 180.0 else lon


_QUARTER = 90.0
"""Degrees that the zones of a position on the ground share, of 360 in the air (A.1.7.4)."""


def place_on_ground(fix: CprFix, near: Place) -> Place | None:
    """Return the place of this half that is within 45 NM of one that is near (A.1.7.6).

    None where there is none on Earth.
    """
    lat = _nearest(_QUARTER / (4 * _ZONES - fix.is_odd), fix.lat / _SCALE, near[0])
    if abs(lat) > 90.0:
        return None
    zones = max(1, zones_of_longitude(lat) - fix.is_odd)
    lon = _nearest(_QUARTER / zones, fix.lon / _SCALE, near[1])
    return lat, (lon + 180.0) % 360.0 - 180.0


def _nearest(width: float, part: float, near: float) -> float:
    """Return what lies this part into a zone of this width, and next to what is near."""
    return width * (part + math.floor(near / width - part + 0.5))
