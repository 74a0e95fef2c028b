"""Files of wind and current that somebody gives: GRIB made NetCDF, and held to their case."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta

from accord.core.geometry import Point
from accord.desks.sar.case import Case
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import FILE, Known, grid_of, keep_file, point_of
from accord.desks.sar.model import scenarios_of
from accord.desks.sar.sitrep import spelled
from accord.search.flow import Kind
from accord.search.grib import GRIB
from accord.search.spelling import spell_time

_MOST_BEFORE = timedelta(days=1)
"""A file that begins so long after the time of a case says nothing of how it drifted."""

LONGEST = 60.0
"""Seconds in which a GRIB file has to be read."""

READER = (sys.executable, "-m", "accord.desks.sar.grib_process")


def keep_flow(data: bytes, known: Known) -> str:
    """Keep a NetCDF or GRIB file of wind or current, and return what the fact holds.

    Raises NotTaken.
    """
    return keep_file(as_netcdf(data) if data.startswith(GRIB) else data, known)


def as_netcdf(data: bytes, reader: Sequence[str] = READER, *, longest: float = LONGEST) -> bytes:
    """Return the NetCDF file that a GRIB file comes to. Raises NotTaken."""
    try:
        done = subprocess.run(  # noqa: S603  our own command; the file goes to its input
            reader, input=data, capture_output=True, timeout=longest, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotTaken(f"the GRIB file was not read within {longest:g} seconds: cut it") from None
    if done.returncode == 0:
        return done.stdout
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    why = lines[-1] if lines and done.returncode == 1 else "its reader broke off"
    raise NotTaken(f"the GRIB file: {why[:500]}")


def check_held(case: Case, kind: Kind, value: str, known: Known) -> None:
    """Refuse a file that says nothing of the place or of the time of a case. Raises NotTaken."""
    if not value.startswith(FILE):
        return
    grid = grid_of(value, kind, known)
    for place in _places(case, known):
        if not grid.holds(place.lat, place.lon):
            south, north, west, east = grid.sides
            corners = (Point(lat=south, lon=west), Point(lat=north, lon=east))
            raise NotTaken(
                f"the {kind} of this file is of {' to '.join(map(spelled, corners))}, and the case "
                f"is at {spelled(place)}: give a file that has it"
            )
    first, last = grid.span
    time = case.moment("time")
    if time is not None and last < time:
        raise NotTaken(
            f"the {kind} of this file ends at {spell_time(last)}, before the time of the case, "
            f"{spell_time(time)}: give a newer one"
        )
    if time is not None and first - time > _MOST_BEFORE:
        raise NotTaken(
            f"the {kind} of this file begins at {spell_time(first)}, long after the time of the "
            f"case, {spell_time(time)}: give one that has it"
        )


def _places(case: Case, known: Known) -> Iterator[Point]:
    """Yield the position of a case, or those of its scenarios."""
    if case.named("scenario:"):
        yield from (each.point for each in scenarios_of(case, known.objects))
    elif case.text("position"):
        yield point_of(case.text("position"))


def doubts_held(case: Case, kind: Kind, value: str, known: Known) -> Iterator[str]:
    """Yield what of a case's time a file says nothing of: the nearest of it is taken there."""
    first, last = grid_of(value, kind, known).span
    time = case.moment("time")
    if time is not None and first > time:
        yield f"the {kind} begins at {spell_time(first)}, after the time of the case"
    yield f"the {kind} ends at {spell_time(last)}: what is asked of later has the last of it"
