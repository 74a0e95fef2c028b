"""GRIB files for tests, written with ecCodes: a wind or a current on a grid of half a degree."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import pytest

WIND = ((0, 2, 2), (0, 2, 3))
CURRENT = ((10, 1, 2), (10, 1, 3))
"""Discipline, category and number of the parts (FM 92-XIV, code table 4.2)."""

ROWS, COLUMNS, STEP = 5, 7, 0.5


def part(  # each is a part of the message
    code: tuple[int, int, int],
    *,
    at: datetime,
    hours: int = 0,
    edition: int = 2,
    level: int = 10,
    kind: str = "heightAboveGround",
    north: float = -35.0,
    west: float = 173.0,
    packing: str = "grid_simple",
    upward: bool = False,
    base: float = 0.0,
    hole: bool = False,
    more: Mapping[str, int | str] | None = None,
) -> bytes:
    """One message: `base` m/s at the north-west, 0.1 more each column and 1 more each row south."""
    eccodes = pytest.importorskip("eccodes")
    handle = eccodes.codes_grib_new_from_samples(f"regular_ll_sfc_grib{edition}")
    south, east = north - STEP * (ROWS - 1), (west + STEP * (COLUMNS - 1)) % 360.0
    said: dict[str, int | float | str] = {
        "dataDate": int(f"{at:%Y%m%d}"), "dataTime": int(f"{at:%H%M}"), "stepRange": hours,
        "Ni": COLUMNS, "Nj": ROWS, "jScansPositively": int(upward),
        "latitudeOfFirstGridPointInDegrees": south if upward else north,
        "latitudeOfLastGridPointInDegrees": north if upward else south,
        "longitudeOfFirstGridPointInDegrees": west, "longitudeOfLastGridPointInDegrees": east,
        "iDirectionIncrementInDegrees": STEP, "jDirectionIncrementInDegrees": STEP,
        "packingType": packing,
    }  # fmt: skip
    if edition == 2:
        discipline, category, number = code
        said |= {
            "discipline": discipline, "parameterCategory": category, "parameterNumber": number,
            "typeOfLevel": kind, "level": level,
        }  # fmt: skip
    else:
        said |= {"table2Version": code[0], "indicatorOfParameter": code[2]}
    for key, value in {**said, **(more or {})}.items():
        eccodes.codes_set(handle, key, value)
    values = base + np.add.outer(1.0 * np.arange(ROWS), 0.1 * np.arange(COLUMNS))
    if hole:
        eccodes.codes_set(handle, "bitmapPresent", 1)
        eccodes.codes_set(handle, "missingValue", 9999)
        values[0, 0] = 9999.0
    laid = values[::-1] if upward else values
    eccodes.codes_set_values(handle, laid.ravel())
    message = eccodes.codes_get_message(handle)
    eccodes.codes_release(handle)
    return message


def grib(codes: Sequence[tuple[int, int, int]], hours: Sequence[int], **more: object) -> bytes:
    """Both parts at so many hours: the east part as it is, the north part a metre more."""
    return b"".join(
        part(code, hours=each, base=float(n), **more)  # pyright: ignore[reportArgumentType]
        for each in hours
        for n, code in enumerate(codes)
    )
