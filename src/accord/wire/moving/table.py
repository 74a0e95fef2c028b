"""Positions as CSV (RFC 4180): a line each, with what came on a grid in columns of its cell."""

import csv
import io
from collections.abc import Iterable, Iterator

from accord.wire.moving.message import Row
from accord.wire.moving.told import NAMES, moment, said_of

_NUMBERS = (
    "lat", "lon", "west", "south", "east", "north", "hae", "precision", "course", "speed", "climb",
)  # fmt: skip
HEAD = ("title", *NAMES, "time", "received", *_NUMBERS, "doubts")

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def write(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the document, a line at a time."""
    yield _line(HEAD)
    for row in rows:
        label, fix = row
        said = said_of(label)
        place = (fix.lat, fix.lon, None, None, None, None)
        if fix.cell is not None:
            place = (None, None, *fix.cell)
        numbers = (*place, fix.hae, fix.precision, fix.course, fix.speed, fix.climb)
        yield _line(
            (
                _safe(label.title),
                *(_safe(said.get(name, "")) for name in NAMES),
                moment(fix.time),
                moment(fix.received),
                *map(_number, numbers),
                ", ".join(fix.doubts),
            )
        )


def _line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.7f}".rstrip("0").rstrip(".")


def _safe(said: str) -> str:
    return f"'{said}" if said.startswith(_FORMULAS) else said
