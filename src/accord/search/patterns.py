"""Search patterns (IAMSAR II, chapter 5) on a datum that may drift.

Laid as a track of turning points about the datum, in nautical miles east and north; the unit keeps
to that track past the drifting datum, and over ground it sails what `on_ground` says.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from accord.core.geometry import Point
from accord.search.fault import SearchError
from accord.search.sphere import apart, course, from_offsets, offsets

MAX_LEGS = 500
Spot = tuple[float, float]
"""Nautical miles east and north of the datum."""


class PatternKind(StrEnum):
    """The patterns by their letters."""

    EXPANDING_SQUARE = "SS"
    SECTOR = "VS"
    PARALLEL = "PS"
    CREEPING = "CS"
    TRACK_LINE = "TS"


WORDS = {
    "SQUARE": PatternKind.EXPANDING_SQUARE,
    "SECTOR": PatternKind.SECTOR,
    "PARALLEL": PatternKind.PARALLEL,
    "CREEPING": PatternKind.CREEPING,
    "TRACK": PatternKind.TRACK_LINE,
}
"""What people call the patterns."""


def pattern_kind(text: str) -> PatternKind:
    """Return a pattern by its letters or its word. ValueError names them all."""
    found = WORDS.get(text.upper())
    if found is not None:
        return found
    try:
        return PatternKind(text.upper())
    except ValueError:
        known = ", ".join(f"{kind.value} ({word.lower()})" for word, kind in WORDS.items())
        raise ValueError(f"{text[:40]!r} is no pattern; there are {known}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """From one turning point to the next: course in degrees true, length in nautical miles."""

    start: Point
    end: Point
    course: float
    length: float
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern about its datum; `spacing` is the distance between neighbouring legs."""

    kind: PatternKind
    datum: Point
    spacing: float
    track: tuple[Spot, ...]

    @property
    def length(self) -> float:
        """All legs together, as the datum sees them."""
        return math.fsum(math.dist(a, b) for a, b in pairwise(self.track))

    @property
    def points(self) -> tuple[Point, ...]:
        """The turning points about a datum that stays."""
        return tuple(_placed(self.datum, spot) for spot in self.track)

    def legs(self, speed: float, toward: float = 0.0, drift: float = 0.0) -> tuple[Leg, ...]:
        """Return the legs over ground at a speed, of a datum that drifts: so many knots that way.

        SearchError where the datum drifts as fast as the unit goes.
        """
        if not (speed > 0.0 and 0.0 <= drift < speed):
            raise SearchError(
                f"at {speed:g} kt no pattern keeps to a datum that drifts {drift:g} kt"
            )
        way = math.radians(toward)
        flow = drift * math.sin(way), drift * math.cos(way)
        found: list[Leg] = []
        here, hours = _placed(self.datum, self.track[0]), 0.0
        for a, b in pairwise(self.track):
            lasts = _lasts(a, b, speed, flow)
            hours += lasts
            there = _placed(self.datum, (b[0] + flow[0] * hours, b[1] + flow[1] * hours))
            found.append(_leg(here, there, lasts))
            here = there
        return tuple(found)


def _lasts(a: Spot, b: Spot, speed: float, flow: Spot) -> float:
    """Return the hours from one spot to another that both drift, at a speed over ground."""
    miles = math.dist(a, b)
    if miles == 0.0:
        return 0.0
    ahead = (flow[0] * (b[0] - a[0]) + flow[1] * (b[1] - a[1])) / miles
    square = flow[0] ** 2 + flow[1] ** 2
    return miles / (math.sqrt(ahead**2 + speed**2 - square) - ahead)


def _leg(a: Point, b: Point, hours: float) -> Leg:
    return Leg(
        start=a,
        end=b,
        course=float(course(a.lat, a.lon, b.lat, b.lon)),
        length=float(apart(a.lat, a.lon, b.lat, b.lon)),
        hours=hours,
    )


def _placed(datum: Point, spot: Spot) -> Point:
    lat, lon = from_offsets(datum.lat, datum.lon, *spot)
    return Point(lat=float(lat), lon=float(lon))


def expanding_square(datum: Point, *, first: float, spacing: float, legs: int) -> Pattern:
    """Return a square that grows from the datum: 2k legs are k(k+1) spacings long."""
    _check(spacing, legs)
    turns = ((n // 2 + 1, first + 90.0 * n) for n in range(legs))
    track = tuple(_walked((length * spacing, way) for length, way in turns))
    return Pattern(kind=PatternKind.EXPANDING_SQUARE, datum=datum, spacing=spacing, track=track)


def sector(datum: Point, *, first: float, radius: float, passes: int = 1) -> Pattern:
    """Return sectors through the datum: nine legs as long as the radius, and back at the datum.

    A second pass is turned by 30 degrees.
    """
    _check(radius, 9 * passes)
    turns = (0, 120, 240, 240, 0, 120, 120, 240, 0)
    ways = (first + 30.0 * number + turn for number in range(passes) for turn in turns)
    track = tuple(_walked((radius, way) for way in ways))
    return Pattern(kind=PatternKind.SECTOR, datum=datum, spacing=radius, track=track)


def _walked(steps: Iterator[tuple[float, float]]) -> Iterator[Spot]:
    """Yield the datum and the end of each step: so many miles on a course."""
    east = north = 0.0
    yield east, north
    for miles, way in steps:
        east += miles * math.sin(math.radians(way))
        north += miles * math.cos(math.radians(way))
        yield east, north


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """An area to be searched: `length` nautical miles along the axis, `width` across it."""

    centre: Point
    axis: float
    length: float
    width: float

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Clockwise from the left ahead, along the axis."""
        ahead, aside = self.length / 2.0, self.width / 2.0
        first, second, third, fourth = (
            _placed(self.centre, turned(spot, self.axis))
            for spot in ((-aside, ahead), (aside, ahead), (aside, -ahead), (-aside, -ahead))
        )
        return first, second, third, fourth


def turned(spot: Spot, axis: float) -> Spot:
    """Return a spot to the right and ahead of an axis as one to the east and north."""
    sine, cosine = math.sin(math.radians(axis)), math.cos(math.radians(axis))
    return spot[0] * cosine + spot[1] * sine, spot[1] * cosine - spot[0] * sine


def parallel(area: Rectangle, spacing: float, *, near: Point | None = None) -> Pattern:
    """Return legs along the axis, half a spacing inside of the area; begun at the corner `near`."""
    return _ladder(PatternKind.PARALLEL, area, spacing, near)


def creeping(area: Rectangle, spacing: float, *, near: Point | None = None) -> Pattern:
    """Return legs across the axis, along which they creep; begun at the corner `near`."""
    aside = Rectangle(
        centre=area.centre, axis=area.axis + 90.0, length=area.width, width=area.length
    )
    return _ladder(PatternKind.CREEPING, aside, spacing, near)


def _ladder(kind: PatternKind, area: Rectangle, spacing: float, near: Point | None) -> Pattern:
    _check(spacing, 1)
    # Rounding must not add a leg to an area that is so many spacings wide.
    legs = max(1, math.ceil(area.width / spacing - 1e-6))
    _check(spacing, legs)
    step = area.width / legs
    reach = max(0.0, area.length - step) / 2.0
    rungs: list[Spot] = []
    for n in range(legs):
        aside = (n + 0.5) * step - area.width / 2.0
        ends = [(aside, -reach), (aside, reach)]
        rungs += ends if n % 2 == 0 else ends[::-1]
    found = [
        tuple(turned((across * x, along * y), area.axis) for x, y in rungs)
        for across in (1.0, -1.0)
        for along in (1.0, -1.0)
    ]
    track = found[0]
    if near is not None:
        here = offsets(area.centre.lat, area.centre.lon, near.lat, near.lon)
        there = float(here[0]), float(here[1])
        track = min(found, key=lambda each: math.dist(each[0], there))
    return Pattern(kind=kind, datum=area.centre, spacing=step, track=track)


def track_line(points: Sequence[Point], spacing: float, *, returns: bool = True) -> Pattern:
    """Return legs along a way that was meant: out on its right and back on its left.

    Without a return they are on it. SearchError for a way of fewer than two places.
    """
    if len(points) < 2:
        raise SearchError("a track line needs two places at least")
    _check(spacing, 2 * len(points))
    datum = points[0]
    spots = [offsets(datum.lat, datum.lon, each.lat, each.lon) for each in points]
    line = [(float(east), float(north)) for east, north in spots]
    if not returns:
        return Pattern(kind=PatternKind.TRACK_LINE, datum=datum, spacing=spacing, track=tuple(line))
    out = _beside(line, spacing / 2.0)
    back = _beside(line, -spacing / 2.0)[::-1]
    return Pattern(kind=PatternKind.TRACK_LINE, datum=datum, spacing=spacing, track=(*out, *back))


def _beside(line: Sequence[Spot], right: float) -> list[Spot]:
    """Return a line so far to the right of another: at a bend on the middle of the two courses."""
    ways = [math.atan2(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line)]
    found: list[Spot] = []
    for n, (east, north) in enumerate(line):
        before, after = ways[max(0, n - 1)], ways[min(n, len(ways) - 1)]
        half = math.remainder(after - before, math.tau) / 2.0
        # A bend back on itself has no such point: nowhere further out than four spacings.
        reach = right / max(0.25, math.cos(half))
        way = before + half + math.pi / 2.0
        found.append((east + reach * math.sin(way), north + reach * math.cos(way)))
    return found


def _check(spacing: float, legs: int) -> None:
    if not 0.01 <= spacing <= 500.0:
        raise SearchError(f"legs {spacing:g} NM apart or long; 0.01 to 500 are laid")
    if not 1 <= legs <= MAX_LEGS:
        raise SearchError(f"a pattern of {legs} legs; at most {MAX_LEGS} are laid")
