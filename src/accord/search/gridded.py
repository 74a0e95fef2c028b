"""Wind and current from a NetCDF file of a forecast or an ocean model, by the CF conventions.

Variables are found by their standard name, or else by the names that the large centres use. Of more
depths or heights the one nearest to the surface is taken. What is missing, such as land, is still.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from accord.search.fault import SearchError
from accord.search.flow import Grid, Kind
from accord.search.leeway import MS_PER_KNOT
from accord.search.sphere import Floats

if TYPE_CHECKING:
    import h5netcdf

MAX_BYTES = 256 * 1024 * 1024
MAX_VALUES = 20_000_000
_NAMES: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kind.WIND: (
        ("eastward_wind", "x_wind", "u10", "10u", "uwnd", "ugrd10m", "ugrd_10maboveground"),
        ("northward_wind", "y_wind", "v10", "10v", "vwnd", "vgrd10m", "vgrd_10maboveground"),
    ),
    Kind.CURRENT: (
        ("eastward_sea_water_velocity", "surface_eastward_sea_water_velocity",
         "sea_water_x_velocity", "uo", "water_u", "ucur", "u"),
        ("northward_sea_water_velocity", "surface_northward_sea_water_velocity",
         "sea_water_y_velocity", "vo", "water_v", "vcur", "v"),
    ),
}  # fmt: skip
"""Standard names (CF standard name table) first, then names of variables, in small letters."""
_AXES: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "valid_time", "t"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "x"),
}
_SPEEDS = {
    "m s-1": MS_PER_KNOT, "m/s": MS_PER_KNOT, "m s**-1": MS_PER_KNOT, "m.s-1": MS_PER_KNOT,
    "meter second-1": MS_PER_KNOT, "cm/s": 100 * MS_PER_KNOT, "cm s-1": 100 * MS_PER_KNOT,
    "knots": 1.0, "knot": 1.0, "kt": 1.0, "kts": 1.0,
}  # fmt: skip
"""How much of a unit is a knot."""
_STEPS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_SINCE = re.compile(r"(second|minute|hour|day)s? since (.+)")
_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
_CLASSIC, _HDF5, _GRIB = b"CDF", b"\x89HDF", b"GRIB"


Where = tuple[int | slice, ...]
"""A part of an array, axis by axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variable:
    """One array of a file: its axes, what is said of it, and how a part of it is had."""

    name: str
    axes: tuple[str, ...]
    said: Mapping[str, object]
    part: Callable[[Where], object]

    def words(self, key: str) -> str:
        """Return an attribute as text."""
        found = self.said.get(key, "")
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)

    def number(self, key: str, otherwise: float) -> float:
        """Return an attribute as a number."""
        return float(np.ravel(np.asarray(self.said.get(key, otherwise), dtype=np.float64))[0])

    def values(self, where: Where = ()) -> Floats:
        """Return the numbers of a part, as they are meant; what is missing is not a number."""
        raw = np.array(self.part(where or (slice(None),) * len(self.axes)), dtype=np.float64)
        for key in ("_FillValue", "missing_value"):
            if key in self.said:
                raw[raw == self.number(key, np.nan)] = np.nan
        return raw * self.number("scale_factor", 1.0) + self.number("add_offset", 0.0)


def read_grid(kind: Kind, data: bytes, *, spread: float = 0.0) -> Grid:
    """Return the wind or the current of a file. SearchError says what it lacks."""
    variables = _variables(data)
    east, north = (_found(variables, kind, names) for names in _NAMES[kind])
    if east.axes != north.axes:
        raise SearchError(f"{east.name} and {north.name} are not on one grid")
    times, lats, lons = (_axis(variables, east, name) for name in _AXES)
    when, up = _times(times), lats.values()
    right = np.unwrap(lons.values(), period=360.0)
    if len(when) * len(up) * len(right) > MAX_VALUES:
        raise SearchError(f"a grid of more than {MAX_VALUES} values; cut it to the area and days")
    order = np.ix_(np.argsort(when), np.argsort(up), np.argsort(right))
    axes = times.name, lats.name, lons.name
    laid = [_surface(variables, each, axes)[order] for each in (east, north)]
    strongest = float(np.hypot(*laid).max(initial=0.0))
    if strongest > kind.most:
        raise SearchError(f"a {kind} of {strongest:.0f} knots, as in this file, cannot be")
    return Grid(
        times=np.sort(when),
        lats=np.sort(up),
        lons=np.sort(right),
        east=laid[0],
        north=laid[1],
        spread=spread,
    )


def _variables(data: bytes) -> Mapping[str, _Variable]:
    if len(data) > MAX_BYTES:
        raise SearchError(f"a file of {len(data)} bytes; at most {MAX_BYTES} are read")
    if data.startswith(_GRIB):
        raise SearchError("a GRIB file is made NetCDF when it is given to a case")
    if not data.startswith((_CLASSIC, _HDF5)):
        raise SearchError("this is no NetCDF file")
    try:
        return _hdf5(data) if data.startswith(_HDF5) else _classic(data)
    except Exception as error:  # noqa: BLE001 - a broken file makes these libraries raise anything
        raise SearchError(f"this NetCDF file cannot be read: {error}") from None


def _classic(data: bytes) -> Mapping[str, _Variable]:
    from scipy.io import netcdf_file

    found = netcdf_file(io.BytesIO(data), "r", mmap=False, maskandscale=False).variables
    return {
        name: _Variable(
            name=name,
            axes=tuple(each.dimensions),
            said=vars(each),
            part=np.asarray(each.data).__getitem__,
        )
        for name, each in found.items()
    }


def _hdf5(data: bytes) -> Mapping[str, _Variable]:
    # These libraries take a second to import, which only such a file is worth.
    import h5netcdf

    file = h5netcdf.File(io.BytesIO(data), "r", backend="pyfive")
    return {
        name: _Variable(
            name=name,
            axes=tuple(each.dimensions),
            said=dict(each.attrs),
            part=partial(_part_of, file, name),
        )
        for name, each in file.variables.items()
    }


def _part_of(file: "h5netcdf.File", name: str, where: Where) -> object:
    # The file goes along: its variables do not hold it.
    return file.variables[name][where]


def _found(variables: Mapping[str, _Variable], kind: Kind, names: tuple[str, ...]) -> _Variable:
    for name in names:
        for each in variables.values():
            if len(each.axes) >= 3 and name in (each.words("standard_name"), each.name.lower()):
                return each
    raise SearchError(
        f"the file has no {kind}: none of {', '.join(names)} over time and place; it has"
        f" {', '.join(sorted(variables)) or 'nothing'}"
    )


def _axis(variables: Mapping[str, _Variable], of: _Variable, name: str) -> _Variable:
    for axis in of.axes:
        each = variables.get(axis)
        if each is None or len(each.axes) != 1:
            continue
        if name == each.words("standard_name") or axis.lower() in _AXES[name]:
            return each
    raise SearchError(
        f"{of.name} has no axis of {name}; grids of latitudes and longitudes are read"
    )


def _surface(
    variables: Mapping[str, _Variable], each: _Variable, axes: tuple[str, str, str]
) -> Floats:
    """Return knots by time, latitude and longitude, of what is nearest to the surface."""
    unit = _SPEEDS.get(each.words("units"))
    if unit is None:
        raise SearchError(f"{each.name} is in {each.words('units')!r}; m/s, cm/s or knots are read")
    where = tuple(
        slice(None) if axis in axes else _nearest(variables.get(axis)) for axis in each.axes
    )
    left = [axis for axis in each.axes if axis in axes]
    knots = each.values(where).transpose([left.index(axis) for axis in axes]) / unit
    return np.nan_to_num(knots, nan=0.0)


def _nearest(level: _Variable | None) -> int:
    return 0 if level is None or len(level.axes) != 1 else int(np.argmin(np.abs(level.values())))


def _times(times: _Variable) -> Floats:
    """Return seconds since 1970 of an axis such as `hours since 1900-01-01 00:00:00`."""
    match = _SINCE.fullmatch(times.words("units").strip().lower())
    calendar = times.words("calendar") or "standard"
    if match is None or calendar not in _CALENDARS:
        raise SearchError(f"times in {times.words('units')!r} ({calendar}) are not read")
    try:
        since = datetime.fromisoformat(re.sub(r"\.\d+$| utc$|z$", "", match[2].strip()))
    except ValueError:
        raise SearchError(f"times since {match[2]!r} are not read") from None
    begin = (since.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    return begin + times.values() * _STEPS[match[1]]
