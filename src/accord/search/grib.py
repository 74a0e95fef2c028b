"""Wind and current of a GRIB file, made NetCDF of the CF conventions: decoded by ecCodes of ECMWF.

ecCodes is a library in C: `read` is for a process of its own, with a file from outside.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from accord.search.fault import SearchError
from accord.search.gridded import MAX_VALUES
from accord.search.sphere import Floats

GRIB = b"GRIB"
"""Begins every message (WMO FM 92, section 0)."""

MAX_MESSAGES = 4_000

_OF_GRIB2 = {
    (0, 2, 2): "eastward_wind", (0, 2, 3): "northward_wind",
    (10, 1, 2): "eastward_sea_water_velocity", (10, 1, 3): "northward_sea_water_velocity",
}  # fmt: skip
"""By discipline, category and number (FM 92-XIV GRIB, code table 4.2)."""
_OF_GRIB1 = {
    33: "eastward_wind", 34: "northward_wind",
    49: "eastward_sea_water_velocity", 50: "northward_sea_water_velocity",
}  # fmt: skip
"""By parameter of the international table (FM 92-XI GRIB, code table 2)."""
_OF_ECMWF = {165: "eastward_wind", 166: "northward_wind"}
"""By parameter of ECMWF's local table 128."""
_ECMWF = 128
_HIGH = frozenset({"isobaricInhPa", "isobaricInPa", "hybrid", "heightAboveGroundLayer"})
"""Levels that are not at the surface."""
_WIND_AT = 10.0
"""Metres: where a wind at sea is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One part of wind or current at one time, on a grid of rising latitudes and longitudes."""

    name: str
    when: float
    far: float
    lats: Floats
    lons: Floats
    values: Floats


def read(data: bytes) -> bytes:
    """Return a NetCDF file with the wind and the current of a GRIB file.

    SearchError says what it lacks.
    """
    others: set[str] = set()
    best: dict[tuple[str, float], _Field] = {}
    total = 0
    for message in messages(data):
        field = _field(message, others)
        if field is None:
            continue
        total += field.values.size
        if total > MAX_VALUES:
            raise SearchError(f"more than {MAX_VALUES} values; cut it to the area and the days")
        known = best.get((field.name, field.when))
        if known is None or field.far < known.far:
            best[field.name, field.when] = field
    if not best:
        has = ", ".join(sorted(others)) or "nothing"
        raise SearchError(f"the file has no wind at the surface and no current; it has {has}")
    return _written(best)


def messages(data: bytes) -> Iterator[bytes]:
    """Yield each message of a file. SearchError for one that is cut off."""
    at, number = data.find(GRIB), 0
    while at >= 0:
        number += 1
        edition = data[at + 7] if len(data) > at + 16 else 0
        if edition not in (1, 2):
            raise SearchError(f"message {number} is no GRIB of edition 1 or 2, or is cut off")
        size = data[at + 4 : at + 7] if edition == 1 else data[at + 8 : at + 16]
        length = int.from_bytes(size, "big")
        message = data[at : at + length]
        if not message.endswith(b"7777"):
            raise SearchError(f"message {number} is damaged or cut off")
        if number > MAX_MESSAGES:
            raise SearchError(f"more than {MAX_MESSAGES} messages; cut it to wind and current")
        yield message
        at = data.find(GRIB, at + length)


def _field(message: bytes, others: set[str]) -> _Field | None:
    """Return a part of wind or current near the surface; the name of anything else is noted."""
    import eccodes

    handle = eccodes.codes_new_from_message(message)
    try:
        name, level = _name(handle), float(eccodes.codes_get(handle, "level", float))
        if not name or eccodes.codes_get(handle, "typeOfLevel", str) in _HIGH:
            others.add(eccodes.codes_get(handle, "shortName", str))
            return None
        kind = eccodes.codes_get(handle, "gridType", str)
        if kind != "regular_ll":
            raise SearchError(f"{name} is on a grid of {kind}; latitudes and longitudes are read")
        if eccodes.codes_get(handle, "numberOfPoints", int) > MAX_VALUES:
            raise SearchError(f"a grid of more than {MAX_VALUES} values; cut it to the area")
        lats, lons, values = _laid(handle)
        return _Field(
            name=name, when=_when(handle), lats=lats, lons=lons, values=values,
            far=abs(level - _WIND_AT) if name.endswith("wind") else level,
        )  # fmt: skip
    finally:
        eccodes.codes_release(handle)


def _name(handle: int) -> str:
    import eccodes

    if eccodes.codes_get(handle, "edition", int) == 2:
        discipline, category, number = (
            eccodes.codes_get(handle, key, int)
            for key in ("discipline", "parameterCategory", "parameterNumber")
        )
        return _OF_GRIB2.get((discipline, category, number), "")
    local = eccodes.codes_get(handle, "table2Version", int) == _ECMWF
    number = eccodes.codes_get(handle, "indicatorOfParameter", int)
    return (_OF_ECMWF if local else _OF_GRIB1).get(number, "")


def _when(handle: int) -> float:
    import eccodes

    day, time = (eccodes.codes_get(handle, f"validity{each}", int) for each in ("Date", "Time"))
    said = datetime.strptime(f"{day:08d}{time:04d}", "%Y%m%d%H%M").replace(tzinfo=UTC)
    return said.timestamp()


def _laid(handle: int) -> tuple[Floats, Floats, Floats]:
    """Return latitudes, longitudes and values in rising order, however the message scans."""
    import eccodes

    first = eccodes.codes_get(handle, "longitudeOfFirstGridPointInDegrees", float)
    up, right = (
        np.round(eccodes.codes_get_array(handle, key), 6) for key in ("latitudes", "longitudes")
    )
    right = first + np.round((right - first) % 360.0, 6)
    values = np.array(eccodes.codes_get_values(handle), dtype=np.float64)
    missing = eccodes.codes_get(handle, "missingValue", float)
    values[values == missing] = np.nan
    lats, lons = np.unique(up), np.unique(right)
    if len(lats) * len(lons) != len(values):
        raise SearchError("a grid with places that are missing or there twice")
    laid = np.empty((len(lats), len(lons)))
    laid[np.searchsorted(lats, up), np.searchsorted(lons, right)] = values
    return lats, lons, laid


def _written(best: Mapping[tuple[str, float], _Field]) -> bytes:
    from scipy.io import netcdf_file

    first = next(iter(best.values()))
    names = sorted({name for name, _ in best})
    times = sorted({when for _, when in best})
    held = io.BytesIO()
    file = netcdf_file(held, "w")
    axes = {"time": times, "latitude": first.lats, "longitude": first.lons}
    for axis, places in axes.items():
        file.createDimension(axis, len(places))
        made = file.createVariable(axis, "d", (axis,))
        made[:] = places
        made.standard_name = axis  # pyright: ignore[reportAttributeAccessIssue]
    file.variables["time"].units = "seconds since 1970-01-01 00:00:00"  # pyright: ignore[reportAttributeAccessIssue]
    for name in names:
        made = file.createVariable(name, "d", tuple(axes))
        made.units = "m s-1"  # pyright: ignore[reportAttributeAccessIssue]
        made.standard_name = name  # pyright: ignore[reportAttributeAccessIssue]
        made[:] = np.array([_at(best, name, when, first) for when in times])
    file.flush()
    return held.getvalue()


def _at(best: Mapping[tuple[str, float], _Field], name: str, when: float, like: _Field) -> Floats:
    field = best.get((name, when))
    if field is None:
        said = datetime.fromtimestamp(when, UTC)
        raise SearchError(f"the file has no {name} at {said:%Y-%m-%dT%H:%MZ}, where it has another")
    if not (np.array_equal(field.lats, like.lats) and np.array_equal(field.lons, like.lons)):
        raise SearchError("the parts of wind and current are not on one grid; make a file of each")
    return field.values
