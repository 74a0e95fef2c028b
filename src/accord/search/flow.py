"""Wind and current over time and place: steady, from a table, or from a grid.

Inside, both are where they go to, as east and north parts in knots; people say where a wind comes
from and where a current goes to.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from accord.search.fault import SearchError
from accord.search.sphere import Floats, Pair, parts, turned

MAX_ROWS = 10_000


class Kind(Enum):
    """What moves: its name, the most that is taken in knots, and what is added to its direction."""

    WIND = ("wind", 200.0, 180.0)
    CURRENT = ("current", 20.0, 0.0)

    @property
    def most(self) -> float:
        """Knots: more was never measured at sea level, so it is a slip of whoever typed it."""
        return self.value[1]

    @property
    def turn(self) -> float:
        """Degrees from what people say to where it goes."""
        return self.value[2]

    def __str__(self) -> str:
        return self.value[0]


class Flow(Protocol):
    """What moves things: east and north parts in knots; `spread` is what is not known of it."""

    @property
    def spread(self) -> float:
        """Knots: the standard deviation of each part, the same for a whole drift."""
        ...

    def at(self, when: float, lats: Floats, lons: Floats) -> Pair:
        """Return the parts at places, at so many seconds since 1970."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """The same everywhere and always."""

    east: float
    north: float
    spread: float = 0.0

    def at(self, when: float, lats: Floats, lons: Floats) -> Pair:  # noqa: ARG002
        """Return the parts at places; they do not depend on these."""
        return np.full(lats.shape, self.east), np.full(lats.shape, self.north)


def steady(kind: Kind, direction: float, knots: float, *, spread: float = 0.0) -> Steady:
    """Return what people said: a wind from there, a current to there. SearchError for nonsense."""
    _check(kind, direction, knots)
    if not 0.0 <= spread <= kind.most:
        raise SearchError(f"a {kind} that is uncertain by {spread:g} knots cannot be")
    east, north = parts(direction + kind.turn, knots)
    return Steady(east=float(east), north=float(north), spread=spread)


def _check(kind: Kind, direction: float, knots: float) -> None:
    if not 0.0 <= direction <= 360.0:
        raise SearchError(f"a direction of {direction:g} degrees; give 0 to 360, true")
    if not 0.0 <= knots <= kind.most:
        raise SearchError(
            f"a {kind} of {knots:g} knots cannot be; the most that is taken is {kind.most:g}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One place's wind or current over time; before the first and after the last it stays so."""

    times: Floats
    east: Floats
    north: Floats
    spread: float = 0.0

    def at(self, when: float, lats: Floats, lons: Floats) -> Pair:  # noqa: ARG002
        """Return the parts at places, on the line between the two rows about this time."""
        east = np.interp(when, self.times, self.east)
        north = np.interp(when, self.times, self.north)
        return np.full(lats.shape, float(east)), np.full(lats.shape, float(north))


def read_series(kind: Kind, text: str, *, spread: float = 0.0) -> Series:
    """Return the rows `time,degrees,knots` of a table; a first row of names is skipped.

    Times are ISO 8601 with their offset from UTC. SearchError names the row that is wrong.
    """
    rows = [row for row in csv.reader(text.splitlines()) if any(each.strip() for each in row)]
    if len(rows) > MAX_ROWS:
        raise SearchError(f"{len(rows)} rows of {kind}; at most {MAX_ROWS} are read")
    given = rows[1:] if rows and not rows[0][0][:1].isdigit() else rows
    if not given:
        raise SearchError(f"a table of {kind} without rows; each is a time, degrees and knots")
    first = len(rows) - len(given) + 1
    found = sorted(_row(kind, number, row) for number, row in enumerate(given, first))
    times, east, north = np.array(found).T
    if (np.diff(times) == 0.0).any():
        raise SearchError(f"the table of {kind} has two rows for one time")
    return Series(times=times, east=east, north=north, spread=spread)


def _row(kind: Kind, number: int, row: list[str]) -> tuple[float, float, float]:
    try:
        time, direction, knots = row
        when = _time(time.strip())
        said = float(direction), float(knots)
        _check(kind, *said)
    except (ValueError, SearchError) as error:
        raise SearchError(f"row {number} of the {kind}: {error}") from None
    east, north = parts(said[0] + kind.turn, said[1])
    return when.timestamp(), float(east), float(north)


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise SearchError("the time has no offset from UTC; end it with Z")
    return when


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Wind or current on a grid of times, latitudes and longitudes, each in rising order.

    `east` and `north` have these three axes. Longitudes may run past 180 degrees. What lies
    outside of the grid is as its nearest edge.
    """

    times: Floats
    lats: Floats
    lons: Floats
    east: Floats
    north: Floats
    spread: float = 0.0

    def at(self, when: float, lats: Floats, lons: Floats) -> Pair:
        """Return the parts at places, on the lines between the corners about them."""
        row, up = _between(self.lats, lats)
        column, right = _between(self.lons, self._onto(lons))
        layer, later = _between(self.times, np.array([when]))
        found: list[Floats] = []
        for each in (self.east, self.north):
            now, then = (
                _bilinear(each[min(int(layer[0]) + n, len(self.times) - 1)], row, up, column, right)
                for n in (0, 1)
            )
            found.append(now + (then - now) * later[0])
        return found[0], found[1]

    def _onto(self, lons: Floats) -> Floats:
        """Return longitudes in the turn that begins half a turn before the grid's middle."""
        middle = float(self.lons[0] + self.lons[-1]) / 2.0
        return middle + turned(lons - middle)

    def covers(self, begin: datetime, end: datetime) -> bool:
        """Tell whether the grid's times hold these two."""
        return bool(self.times[0] <= begin.timestamp() and end.timestamp() <= self.times[-1])

    def holds(self, lat: float, lon: float) -> bool:
        """Tell whether a place lies on the grid."""
        south, north, west, _ = self.sides
        east = (lon - west) % 360.0
        return south <= lat <= north and east <= float(self.lons[-1] - self.lons[0])

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """The southern, northern, western and eastern side in degrees."""
        west, east = (turned(float(self.lons[n])) for n in (0, -1))
        return float(self.lats[0]), float(self.lats[-1]), float(west), float(east)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The first and the last time."""
        first, last = (datetime.fromtimestamp(float(self.times[n]), UTC) for n in (0, -1))
        return first, last


Rows = NDArray[np.intp]


def _between(axis: Floats, values: Floats) -> tuple[Rows, Floats]:
    """Return the place on an axis before each value, and which share of the step lies beyond."""
    if len(axis) == 1:
        return np.zeros(values.shape, dtype=np.intp), np.zeros(values.shape)
    found = np.asarray(np.searchsorted(axis, values, side="right"), dtype=np.intp)
    before: Rows = np.clip(found - 1, 0, len(axis) - 2)
    share = (values - axis[before]) / (axis[before + 1] - axis[before])
    return before, np.clip(share, 0.0, 1.0)


def _bilinear(layer: Floats, row: Rows, up: Floats, column: Rows, right: Floats) -> Floats:
    rows, columns = layer.shape
    above, beside = np.minimum(row + 1, rows - 1), np.minimum(column + 1, columns - 1)
    south = layer[row, column] * (1.0 - right) + layer[row, beside] * right
    north = layer[above, column] * (1.0 - right) + layer[above, beside] * right
    return south * (1.0 - up) + north * up
