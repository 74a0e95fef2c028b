"""Positions as squares of the military grid (MGRS, NGA.STND.0037): zone, square, easting, northing.

Transverse Mercator on WGS-84 by Krueger's series of the third flattening (Karney 2011, to order 4:
within a millimetre in a zone). The polar grids are not read.
"""

import math
import re
from dataclasses import dataclass

from accord.core.geometry import Point

_A = 6_378_137.0
_N = (1 / 298.257223563) / (2 - 1 / 298.257223563)
"""WGS-84: the semi-major axis in metres and the third flattening (NIMA TR8350.2, table 3.1)."""
_SCALE = 0.9996
_EAST, _NORTH = 500_000.0, 10_000_000.0
"""What UTM adds to eastings, and to northings in the south (NGA.STND.0037)."""
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_ECCENTRICITY = 2 * math.sqrt(_N) / (1 + _N)
_REFERENCE = re.compile(r"(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])(\d{0,10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A square of the grid: its middle, and the length of its sides in metres."""

    middle: Point
    side: float


def is_reference(text: str) -> bool:
    """Tell whether a text without spaces, in capitals, has the form of a reference."""
    return _REFERENCE.fullmatch(text) is not None


def read_mgrs(text: str) -> Square:
    """Return the square of a reference. ValueError says what is wrong with it."""
    match = _REFERENCE.fullmatch(re.sub(r"\s", "", text).upper())
    if match is None:
        raise ValueError(f"{text!r} is no grid reference, such as 60GTV 12345 67890")
    zone, band, column, row, digits = match.groups()
    if not 1 <= int(zone) <= 60 or len(digits) % 2:
        raise ValueError(f"{text!r}: zones are 1 to 60, with as many digits east as north")
    half = len(digits) // 2
    side = 10.0 ** (5 - half)
    # Half a side further is the middle.
    east = _column_east(int(zone), column) + (int(digits[:half] or 0) + 0.5) * side
    north = _row_north(int(zone), row) + (int(digits[half:] or 0) + 0.5) * side
    return Square(middle=_in_band(int(zone), band, east, north), side=side)


def _column_east(zone: int, column: str) -> float:
    """Return the easting of a column's west edge (NGA.STND.0037)."""
    place = _COLUMNS.index(column) - (zone - 1) % 3 * 8
    if not 0 <= place < 8:
        raise ValueError(f"zone {zone} has no column {column}")
    return (place + 1) * 100_000.0


def _row_north(zone: int, row: str) -> float:
    """Return the northing of a row's south edge, of those that are 2,000 km apart."""
    return (_ROWS.index(row) - (0 if zone % 2 else 5)) % 20 * 100_000.0


def _in_band(zone: int, band: str, east: float, north: float) -> Point:
    """Return the place in this band, of those every 2,000 km to the north."""
    south = -80.0 + 8.0 * _BANDS.index(band)
    top = 84.0 if band == "X" else south + 8.0
    false = _NORTH if band < "N" else 0.0
    for times in range(5):
        lat, lon = _from_utm(zone, east, north + times * 2_000_000.0 - false)
        # A square may begin in its band and have its middle in the next.
        if south - 1.0 <= lat <= top + 1.0:
            return Point(lat=lat, lon=(lon + 180.0) % 360.0 - 180.0)
    raise ValueError(f"band {band} of zone {zone} has no such row")


def spell_mgrs(point: Point, digits: int = 5) -> str:
    """Return the reference of a place, with so many digits each way. ValueError near the poles."""
    if not -80.0 <= point.lat < 84.0:
        raise ValueError("the grid is read between 80 south and 84 north")
    zone = _zone(point)
    east, north = _to_utm(zone, point)
    north += _NORTH if point.lat < 0 else 0.0
    band = _BANDS[min(19, int((point.lat + 80.0) // 8.0))]
    column = _COLUMNS[(zone - 1) % 3 * 8 + int(east // 100_000) - 1]
    row = _ROWS[(int(north // 100_000) + (0 if zone % 2 else 5)) % 20]
    cut = 10 ** (5 - digits)
    numbers = (f"{int(each % 100_000) // cut:0{digits}d}" for each in (east, north))
    return f"{zone}{band}{column}{row} {' '.join(numbers)}"


def _zone(point: Point) -> int:
    """Return the zone, with those that are wider round Norway and Svalbard."""
    lat, lon = point.lat, point.lon
    if 56.0 <= lat < 64.0 and 3.0 <= lon < 12.0:
        return 32
    if lat >= 72.0 and 0.0 <= lon < 42.0:
        return 31 + 2 * int((lon + 3.0) // 12.0)
    return int((lon + 180.0) // 6.0) % 60 + 1


def _to_utm(zone: int, point: Point) -> tuple[float, float]:
    """Return easting, and northing from the equator."""
    lat = math.radians(point.lat)
    lon = math.radians((point.lon - (6.0 * zone - 183.0) + 180.0) % 360.0 - 180.0)
    e = _ECCENTRICITY
    t = math.sinh(math.atanh(math.sin(lat)) - e * math.atanh(e * math.sin(lat)))
    xi, eta = math.atan2(t, math.cos(lon)), math.asinh(math.sin(lon) / math.hypot(t, math.cos(lon)))
    north, east = xi, eta
    for n, alpha in enumerate(_ALPHA, 1):
        north += alpha * math.sin(2 * n * xi) * math.cosh(2 * n * eta)
        east += alpha * math.cos(2 * n * xi) * math.sinh(2 * n * eta)
    return _EAST + _SCALE * _RADIUS * east, _SCALE * _RADIUS * north


def _from_utm(zone: int, east: float, north: float) -> tuple[float, float]:
    """Return latitude and longitude, the latter as far as it goes past 180."""
    up, right = north / (_SCALE * _RADIUS), (east - _EAST) / (_SCALE * _RADIUS)
    xi, eta = up, right
    for n, beta in enumerate(_BETA, 1):
        xi -= beta * math.sin(2 * n * up) * math.cosh(2 * n * right)
        eta -= beta * math.cos(2 * n * up) * math.sinh(2 * n * right)
    goal = math.asinh(math.sin(xi) / math.hypot(math.sinh(eta), math.cos(xi)))
    lon = math.degrees(math.atan2(math.sinh(eta), math.cos(xi))) + 6.0 * zone - 183.0
    # The isometric latitude is undone by steps, of which each is 150 times as near.
    e, sine = _ECCENTRICITY, math.tanh(goal)
    for _ in range(6):
        sine = math.tanh(goal + e * math.atanh(e * sine))
    return math.degrees(math.asin(sine)), lon
