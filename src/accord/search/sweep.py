"""How wide a lookout sweeps: the published visual sweep widths with their corrections.

Tables of the Addendum to the US National SAR Supplement (COMDTINST M16130.2F), in nautical miles,
by object, platform, height of eye and visibility. W = Wu x weather x speed x fatigue.
"""

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from accord.search.fault import SearchError

FATIGUE = 0.9
"""Of a crew that is tired (Addendum: W = Wu x weather x speed x fatigue)."""
FLOTATION = 4.0
"""Of a person known to wear a flotation device, from 500 feet or lower.

A note to the tables of IAMSAR II."""
FLOTATION_UP_TO_FT = 500.0
VISIBILITIES = (1.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0)
"""Nautical miles: the columns of the tables; a row that is left out is as the one before."""
_PERSON = "Person in Water"
_WEATHER: Mapping[str, tuple[float, float, float]] = {
    "small": (1.0, 0.5, 0.25),
    "large": (1.0, 0.9, 0.9),
}
"""Of an object's size: up to 15 kt and 3 ft, up to 25 kt and 5 ft, and beyond."""


class Platform(StrEnum):
    """From what is looked."""

    AIRCRAFT = "Aircraft"
    HELICOPTER = "Helicopter"
    BOAT = "Boat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How it is looked for something: from what and how high, how fast, in what weather."""

    platform: Platform
    height_ft: float
    visibility: float
    speed: float
    wind: float = 0.0
    sea_ft: float = 0.0
    is_tired: bool = False
    wears_flotation: bool = False

    def __post_init__(self) -> None:
        for what, amount, most in (
            ("a height of eye in feet", self.height_ft, 30_000.0),
            ("a visibility in nautical miles", self.visibility, 100.0),
            ("a search speed in knots", self.speed, 600.0),
            ("a wind in knots", self.wind, 200.0),
            ("a sea in feet", self.sea_ft, 100.0),
        ):
            if not 0.0 <= amount <= most:
                raise SearchError(f"{amount:g} is no {what[2:]}; 0 to {most:g} are taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWidth:
    """A width in nautical miles, what it is made of, and what of it the tables do not say."""

    width: float
    uncorrected: float
    weather: float
    speed: float
    fatigue: float
    notes: tuple[str, ...]


Rows = Sequence[tuple[float, float]]
"""Amounts, rising, and what is so at each."""


class SweepTables:
    """The published widths and factors."""

    def __init__(
        self,
        widths: Mapping[tuple[str, Platform], Mapping[float, Rows]],
        sizes: Mapping[str, str],
        speeds: Mapping[tuple[str, Platform], Rows],
    ) -> None:
        self._widths = widths
        self._sizes = sizes
        self._speeds = speeds

    @property
    def targets(self) -> tuple[str, ...]:
        """The objects that there are widths for."""
        return tuple(self._sizes)

    def width(self, target: str, looking: Looking) -> SweepWidth:
        """Return how wide is swept for such an object. SearchError where there is no such table."""
        if target not in self._sizes:
            raise SearchError(
                f"there are no sweep widths for {target!r}; there are for {', '.join(self.targets)}"
            )
        notes: list[str] = []
        found = self._uncorrected(target, looking, notes)
        weather = _WEATHER[self._sizes[target]][_weather(looking)]
        speed = self._speed(target, looking, notes)
        fatigue = FATIGUE if looking.is_tired else 1.0
        return SweepWidth(
            width=found * weather * speed * fatigue,
            uncorrected=found,
            weather=weather,
            speed=speed,
            fatigue=fatigue,
            notes=tuple(notes),
        )

    def _uncorrected(self, target: str, looking: Looking, notes: list[str]) -> float:
        heights = self._widths[target, looking.platform]
        lowest, highest = min(heights), max(heights)
        if not lowest <= looking.height_ft <= highest:
            notes.append(f"the tables are for {lowest:g} to {highest:g} ft; the nearest is taken")
        by_height = [
            (height, _at(heights[height], looking.visibility)) for height in sorted(heights)
        ]
        found = _at(by_height, looking.height_ft)
        if target == _PERSON and looking.wears_flotation:
            if looking.height_ft <= FLOTATION_UP_TO_FT:
                return found * FLOTATION
            notes.append(f"a flotation device counts only up to {FLOTATION_UP_TO_FT:g} ft")
        return found

    def _speed(self, target: str, looking: Looking, notes: list[str]) -> float:
        factors = self._speeds.get((target, looking.platform))
        if factors is None:
            return 1.0
        slowest, fastest = factors[0][0], factors[-1][0]
        if not slowest <= looking.speed <= fastest:
            notes.append(f"factors are for {slowest:g} to {fastest:g} kt; the nearest is taken")
        return _at(factors, looking.speed)


def _weather(looking: Looking) -> int:
    return max(
        bisect_left((15.0, 25.0), looking.wind),
        bisect_left((3.0, 5.0), looking.sea_ft),
    )


def _at(rows: Rows, amount: float) -> float:
    """Return what is so at an amount: on the line between two rows, at the ends the nearest."""
    if amount <= rows[0][0]:
        return rows[0][1]
    for (low, before), (high, after) in pairwise(rows):
        if amount <= high:
            share = (amount - low) / (high - low)
            return before * (1.0 - share) + after * share
    return rows[-1][1]


def read_sweep(widths: str, speeds: str) -> SweepTables:
    """Return the tables of two files. SearchError names the row that is none."""
    found: defaultdict[tuple[str, Platform], dict[float, dict[float, float]]] = defaultdict(dict)
    sizes: dict[str, str] = {}
    for number, row in enumerate(csv.DictReader(widths.splitlines()), 2):
        try:
            target, platform = row["search_object"], Platform(row["platform"])
            height = float(row["altitude_or_height"].removesuffix("ft"))
            sizes[target] = row["weather_class"]
            column = found[target, platform].setdefault(height, {})
            column[float(row["visibility_nm"])] = float(row["sweep_width_nm"])
        except (KeyError, ValueError) as error:
            raise SearchError(f"row {number} of the sweep widths: {error}") from None
    return SweepTables(
        {
            key: {height: _filled(column) for height, column in heights.items()}
            for key, heights in found.items()
        },
        sizes,
        _read_speeds(speeds),
    )


def _filled(column: Mapping[float, float]) -> Rows:
    """Return a column with all its visibilities; with none at all nothing is seen."""
    rows = [(0.0, 0.0)]
    for visibility in VISIBILITIES:
        rows.append((visibility, column.get(visibility, rows[-1][1])))
    return rows


def _read_speeds(text: str) -> dict[tuple[str, Platform], Rows]:
    found: defaultdict[tuple[str, Platform], list[tuple[float, float]]] = defaultdict(list)
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        try:
            key = row["search_object"], Platform(row["platform"])
            found[key].append((float(row["speed_kt"]), float(row["factor"])))
        except (KeyError, ValueError) as error:
            raise SearchError(f"row {number} of the speed factors: {error}") from None
    return {key: sorted(rows) for key, rows in found.items()}


class Heard(StrEnum):
    """Which range is known at which a beacon is heard (JP 3-50; IAMSAR II, electronic search)."""

    MINIMUM = "minimum"
    AVERAGE = "average"
    MAXIMUM = "maximum"
    HORIZON = "horizon"


_OF_RANGE = {Heard.MINIMUM: 1.7, Heard.AVERAGE: 1.5, Heard.MAXIMUM: 1.0, Heard.HORIZON: 0.5}


def beacon_width(heard: Heard, miles: float) -> float:
    """Return the sweep width of listening for a beacon, by the range that is known.

    SearchError for a range that cannot be.
    """
    if not 0.0 <= miles <= 500.0:
        raise SearchError(f"a beacon heard over {miles:g} NM; 0 to 500 are taken")
    return _OF_RANGE[heard] * miles
