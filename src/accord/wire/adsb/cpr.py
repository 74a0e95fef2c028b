"""Compact position reporting: an even and an odd half make a place (DO-260B appendix A.1.7)."""

import math
from bisect import bisect_left

from accord.wire.adsb.message import CprFix

_ZONES = 15  # of latitude, between the equator and a pole
_SCALE = 1 << 17
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


def place(even: CprFix, odd: CprFix, *, newest_is_odd: bool) -> tuple[float, float] | None:
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
