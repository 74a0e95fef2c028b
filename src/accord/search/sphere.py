"""Places on the mean sphere, many at once: nautical miles and degrees true."""

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import EARTH_MEAN_RADIUS

RADIUS_NM = EARTH_MEAN_RADIUS / 1852.0
"""The mean radius of WGS-84 in nautical miles (SI brochure, table 8)."""

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
"""East and north, or latitude and longitude."""


def turned(lons: float | Floats) -> Floats:
    """Return longitudes from -180 up to 180."""
    return np.asarray((np.asarray(lons, dtype=np.float64) + 180.0) % 360.0 - 180.0)


def apart(
    lats: float | Floats, lons: float | Floats, to_lats: float | Floats, to_lons: float | Floats
) -> Floats:
    """Return great-circle distances, by haversine."""
    a, b = np.radians(lats), np.radians(to_lats)
    half = np.radians(np.subtract(to_lons, lons)) / 2.0
    chord = np.sin((b - a) / 2.0) ** 2 + np.cos(a) * np.cos(b) * np.sin(half) ** 2
    return np.asarray(2.0 * RADIUS_NM * np.arcsin(np.sqrt(np.minimum(1.0, chord))))


def course(
    lats: float | Floats, lons: float | Floats, to_lats: float | Floats, to_lons: float | Floats
) -> Floats:
    """Return the initial great-circle courses, from 0 up to 360."""
    a, b = np.radians(lats), np.radians(to_lats)
    turn = np.radians(np.subtract(to_lons, lons))
    east = np.sin(turn) * np.cos(b)
    north = np.cos(a) * np.sin(b) - np.sin(a) * np.cos(b) * np.cos(turn)
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def moved(
    lats: float | Floats, lons: float | Floats, courses: float | Floats, miles: float | Floats
) -> Pair:
    """Return where great circles end that set out on these courses, so many miles long."""
    start, way = np.radians(lats), np.radians(courses)
    arc = np.asarray(miles, dtype=np.float64) / RADIUS_NM
    sine = np.sin(start) * np.cos(arc) + np.cos(start) * np.sin(arc) * np.cos(way)
    turn = np.arctan2(np.sin(way) * np.sin(arc) * np.cos(start), np.cos(arc) - np.sin(start) * sine)
    ends = np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))
    return np.asarray(ends), turned(np.add(lons, np.degrees(turn)))


def offsets(lat: float, lon: float, lats: float | Floats, lons: float | Floats) -> Pair:
    """Return how far east and north places lie of one: true in distance and course from there."""
    miles, way = apart(lat, lon, lats, lons), np.radians(course(lat, lon, lats, lons))
    return miles * np.sin(way), miles * np.cos(way)


def from_offsets(lat: float, lon: float, east: float | Floats, north: float | Floats) -> Pair:
    """Return the places that lie so far east and north of one."""
    return moved(lat, lon, np.degrees(np.arctan2(east, north)), np.hypot(east, north))


def stepped(lats: Floats, lons: Floats, east: Floats, north: Floats) -> Pair:
    """Return places after one short step each; not for use within a degree of a pole."""
    ends = np.clip(lats + np.degrees(north / RADIUS_NM), -89.9, 89.9)
    wide = RADIUS_NM * np.cos(np.radians((lats + ends) / 2.0))
    return ends, turned(lons + np.degrees(east / wide))


def parts(toward: float | Floats, amount: float | Floats) -> Pair:
    """Return the east and north parts of an amount towards a direction."""
    way = np.radians(toward)
    return np.asarray(amount * np.sin(way)), np.asarray(amount * np.cos(way))
