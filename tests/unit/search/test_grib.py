from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from accord.search import grib as reader
from accord.search.fault import SearchError
from accord.search.flow import Grid, Kind
from accord.search.gridded import read_grid
from support.grib import CURRENT, WIND, grib, part

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
KNOT = 0.514444


def at(grid: Grid, lat: float, lon: float, hours: float = 0.0) -> tuple[float, float]:
    when = NOON.timestamp() + hours * 3600.0
    east, north = grid.at(when, np.array([lat]), np.array([lon]))
    return float(east[0]) * KNOT, float(north[0]) * KNOT


@pytest.mark.parametrize("packing", ["grid_simple", "grid_ccsds", "grid_jpeg"])
def test_the_wind_of_every_packing_is_where_the_file_has_it(packing: str) -> None:
    made = reader.read(grib(WIND, (0, 6), at=NOON, packing=packing))
    grid = read_grid(Kind.WIND, made)
    # 0.1 m/s more for each column, one for each row southward; the north part is one more.
    assert at(grid, -35.0, 173.0) == pytest.approx((0.0, 1.0), abs=0.01)
    assert at(grid, -36.5, 175.0) == pytest.approx((3.4, 4.4), abs=0.01)
    assert grid.span == (NOON, datetime(2026, 11, 26, 18, tzinfo=UTC))
    assert grid.sides == (-37.0, -35.0, 173.0, 176.0)


@pytest.mark.parametrize("more", [{"upward": True}, {"west": 178.5}, {"west": 359.0}])
def test_however_it_scans_and_across_every_meridian(more: dict[str, Any]) -> None:
    grid = read_grid(Kind.CURRENT, reader.read(grib(
        CURRENT, (0,), at=NOON, packing="grid_simple", kind="surface", level=0, **more,
    )))  # fmt: skip
    west = more.get("west", 173.0)
    assert at(grid, -35.0, west + 3.0) == pytest.approx((0.6, 1.6), abs=0.01)


def test_edition_1_is_read_by_the_international_table_and_that_of_ecmwf() -> None:
    for codes in (((2, 0, 33), (2, 0, 34)), ((128, 0, 165), (128, 0, 166))):
        grid = read_grid(Kind.WIND, reader.read(grib(codes, (0,), at=NOON, edition=1)))
        assert at(grid, -35.5, 173.5) == pytest.approx((1.1, 2.1), abs=0.01)
    snow = grib(((128, 0, 33), (128, 0, 34)), (0,), at=NOON, edition=1)
    with pytest.raises(SearchError, match="it has rsn, sst"):
        reader.read(snow)


def test_the_wind_nearest_to_ten_metres_is_taken_and_none_from_on_high() -> None:
    high = grib(WIND, (0,), at=NOON, level=100)
    low = grib(WIND, (0,), at=NOON, level=10, north=-35.0)
    for data in (high + low, low + high):
        assert at(read_grid(Kind.WIND, reader.read(data)), -35.0, 174.0)[0] == pytest.approx(
            0.2, abs=0.01
        )
    with pytest.raises(SearchError, match="no wind at the surface and no current; it has u, v"):
        reader.read(grib(WIND, (0,), at=NOON, kind="isobaricInhPa", level=500))


def test_what_is_missing_such_as_land_is_still() -> None:
    made = reader.read(grib(CURRENT, (0,), at=NOON, kind="surface", level=0, hole=True))
    grid = read_grid(Kind.CURRENT, made)
    assert at(grid, -35.0, 173.0) == (0.0, 0.0)
    assert at(grid, -35.0, 173.5)[0] == pytest.approx(0.1, abs=0.01)


ONE = part(WIND[0], at=NOON)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GRIB", "message 1 is no GRIB of edition 1 or 2, or is cut off"),
        (ONE[:7] + b"\x03" + ONE[8:], "no GRIB of edition"),
        (ONE + ONE[:-9], "message 2 is damaged or cut off"),
        (b"no grib", "no wind at the surface and no current; it has nothing"),
        (ONE + part(WIND[1], at=NOON, hours=3), "no northward_wind at 2026-11-26T12:00Z|eastward"),
        (ONE + part(WIND[1], at=NOON, north=-30.0), "not on one grid"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, says: str) -> None:
    with pytest.raises(SearchError, match=says):
        reader.read(data)


def test_a_grid_in_another_projection_is_refused() -> None:
    with pytest.raises(SearchError, match="on a grid of rotated_ll"):
        reader.read(part(WIND[0], at=NOON, more={"gridType": "rotated_ll"}))


def test_more_than_can_be_drifted_with_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_MESSAGES", 1)
    with pytest.raises(SearchError, match="more than 1 messages"):
        reader.read(ONE + ONE)
    monkeypatch.setattr(reader, "MAX_MESSAGES", 9)
    monkeypatch.setattr(reader, "MAX_VALUES", 35)
    with pytest.raises(SearchError, match="more than 35 values; cut it to the area and the days"):
        reader.read(ONE + ONE)
    monkeypatch.setattr(reader, "MAX_VALUES", 34)
    with pytest.raises(SearchError, match="a grid of more than 34 values"):
        reader.read(ONE)


def test_a_grid_with_a_place_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import eccodes

    whole = eccodes.codes_get_array
    monkeypatch.setattr(
        eccodes, "codes_get_array",
        lambda handle, key: np.full_like(whole(handle, key), 1.0) if key == "latitudes"
        else whole(handle, key),
    )  # fmt: skip
    with pytest.raises(SearchError, match="missing or there twice"):
        reader.read(ONE)
