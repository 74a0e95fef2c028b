import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.io import netcdf_file

from accord.search import gridded
from accord.search.fault import SearchError
from accord.search.flow import Grid, Kind
from accord.search.gridded import read_grid

CURRENT = Path(__file__).parents[2] / "golden" / "search" / "current.nc"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
KNOT = 0.514444


def classic(
    *,
    names: tuple[str, str] = ("u10", "v10"),
    standard: bool = True,
    units: str = "m/s",
    since: str = "hours since 1970-01-01 00:00:00.0",
    calendar: str = "",
    axes: tuple[str, ...] = ("time", "height", "lat", "lon"),
    fastest: float = 10.0,
    lost: str = "",
) -> bytes:
    """A wind of 10 m/s to the east at 10 m, and of twice as much at 100 m, of no calendar."""
    held = io.BytesIO()
    found = netcdf_file(held, "w")
    axis = {
        "time": [490_896.0, 490_902.0], "height": [100.0, 10.0], "lat": [-21.0, -20.0],
        "lon": [174.0, 175.0, 176.0],
    }  # fmt: skip
    for name, values in axis.items():
        found.createDimension(name, len(values))
        if name != lost:
            found.createVariable(name, "d", (name,))[:] = values
    if lost != "time":
        found.variables["time"].units = since  # pyright: ignore[reportAttributeAccessIssue]
        if calendar:
            found.variables["time"].calendar = calendar  # pyright: ignore[reportAttributeAccessIssue]
    for name, part, speed in zip(names, ("eastward", "northward"), (fastest, 0.0), strict=True):
        laid = axes if name != "odd" else axes[::-1]
        made = found.createVariable(name, "f", laid)
        made.units = units  # pyright: ignore[reportAttributeAccessIssue]
        if standard:
            made.standard_name = f"{part}_wind"  # pyright: ignore[reportAttributeAccessIssue]
        at_height = np.array([2.0, 1.0] if "height" in axes else [1.0])
        shape = [len(axis[each]) for each in laid]
        made[:] = (
            speed * np.broadcast_to(at_height[None, :, None, None], (2, 2, 2, 3)).reshape(shape)
            if "height" in axes and laid == axes
            else np.full(shape, speed)
        )
    found.flush()
    return held.getvalue()


def at(grid: Grid, lat: float, lon: float, hours: float = 0.0) -> tuple[float, float]:
    when = MIDNIGHT.timestamp() + hours * 3600.0
    east, north = grid.at(when, np.array([lat]), np.array([lon]))
    return float(east[0]) * KNOT, float(north[0]) * KNOT


def test_a_file_of_the_new_format_has_the_current_nearest_to_the_surface() -> None:
    # written by the netCDF4 library: 0.1 m/s more for each column and 0.01 for each time eastward,
    # 0.1 m/s more for each row southward; at ten metres 5 m/s; the north-west corner is land
    grid = read_grid(Kind.CURRENT, CURRENT.read_bytes())
    assert grid.span[0] == MIDNIGHT
    assert at(grid, -19.0, 179.0) == pytest.approx((0.1, 0.0), abs=1e-6)
    assert at(grid, -22.0, 179.0, 12.0) == pytest.approx((0.12, -0.3), abs=1e-6)
    assert at(grid, -20.0, -179.5) == pytest.approx((0.25, -0.1), abs=1e-6)
    assert at(grid, -19.0, 178.0) == (0.0, 0.0)


def test_a_file_of_the_classic_format_has_the_wind_at_ten_metres() -> None:
    grid = read_grid(Kind.WIND, classic(), spread=3.0)
    assert grid.spread == 3.0
    assert grid.span == (MIDNIGHT, datetime(2026, 1, 1, 6, tzinfo=UTC))
    assert at(grid, -20.5, 174.5) == pytest.approx((10.0, 0.0), abs=1e-4)


def test_variables_are_found_by_the_names_that_centres_use() -> None:
    assert at(read_grid(Kind.WIND, classic(standard=False)), -20.0, 175.0)[0] == pytest.approx(10.0)


@pytest.mark.parametrize(("units", "times"), [("knots", KNOT), ("cm/s", 0.01)])
def test_units_are_taken_for_what_they_are(units: str, times: float) -> None:
    grid = read_grid(Kind.WIND, classic(units=units))
    assert at(grid, -20.0, 175.0)[0] == pytest.approx(10.0 * times, rel=1e-5)


def test_without_a_height_or_its_values_there_is_one_layer() -> None:
    flat = read_grid(Kind.WIND, classic(axes=("time", "lat", "lon")))
    assert at(flat, -20.0, 175.0)[0] == pytest.approx(10.0)
    first = read_grid(Kind.WIND, classic(lost="height"))
    assert at(first, -20.0, 175.0)[0] == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no NetCDF file"),
        (b"GRIB....", "a GRIB file is made NetCDF when it is given"),
        (b"CDF\x01", "cannot be read"),
        (classic()[:200], "cannot be read"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "cannot be read"),
        (CURRENT.read_bytes()[:3000], "cannot be read|has no wind"),
        (CURRENT.read_bytes(), "has no wind.*it has depth, latitude"),
        (classic(units="furlongs"), "'furlongs'; m/s"),
        (classic(fastest=200.0), "a wind of .* knots, as in this file, cannot be"),
        (classic(since="2026"), "times in '2026'"),
        (classic(since="hours since yesterday"), "times since 'yesterday'"),
        (classic(calendar="360_day"), "360_day"),
        (classic(lost="lat"), "no axis of latitude"),
        (classic(lost="time"), "no axis of time"),
        (classic(names=("odd", "v10")), "not on one grid"),
    ],
)
def test_a_file_that_will_not_do_is_refused_with_what_it_lacks(data: bytes, sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        read_grid(Kind.WIND, data)


def test_limits_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gridded, "MAX_VALUES", 11)
    with pytest.raises(SearchError, match="cut it to the area"):
        read_grid(Kind.WIND, classic())
    monkeypatch.setattr(gridded, "MAX_BYTES", 10)
    with pytest.raises(SearchError, match="at most 10"):
        read_grid(Kind.WIND, classic())
