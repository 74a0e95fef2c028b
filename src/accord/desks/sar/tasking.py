"""What one unit is to search: a pattern over its area, or along a way that was meant."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from accord.core.geometry import Point, bearing, distance
from accord.desks.sar.entry import NotTaken
from accord.desks.sar.facts import NM, position_of
from accord.desks.sar.units import SearchUnit
from accord.search.allocate import SubArea
from accord.search.cloud import Cloud, Drift
from accord.search.detection import Conditions, coverage, pod
from accord.search.patterns import (
    Pattern,
    PatternKind,
    Rectangle,
    creeping,
    expanding_square,
    parallel,
    sector,
    track_line,
)
from accord.wire.errors import WireError
from accord.wire.geojson.message import Feature, GeometryKind
from accord.wire.geojson.xml import read_gpx, read_kml

MOST_PLACES = 200
"""Places of a way that was meant."""

MOST_SQUARE = 40
"""Legs of an expanding square; a unit that has time for more does another pattern."""

MOST_COVERAGE = 2.0
"""Tracks are not laid closer than half a sweep width: who has time left begins again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one unit is to search, and what is expected of it, as parallel tracks come to.

    `toward` and `drift` are how the pattern moves: degrees true and knots. `missing` are the miles
    of a way that it has no time for.
    """

    unit: SearchUnit
    kind: PatternKind
    corners: tuple[Point, ...]
    points: tuple[Point, ...]
    begins: datetime
    spacing: float
    width: float
    poc: float
    pod: float
    toward: float
    drift: float
    missing: float = 0.0

    def value(self) -> str:
        """Return what a line of the log holds of it."""
        return json.dumps(
            {
                "name": self.unit.name,
                "kind": self.kind.value,
                "corners": [pair(each) for each in self.corners],
                "points": [pair(each) for each in self.points],
                "begins": self.begins.isoformat(),
                "speed": self.unit.speed,
                "spacing": round(self.spacing, 2),
                "width": round(self.width, 2),
                "poc": round(self.poc, 3),
                "pod": round(self.pod, 3),
                "toward": round(self.toward),
                "drift": round(self.drift, 2),
            },
            sort_keys=True,
        )


def task_of_area(
    unit: SearchUnit,
    area: SubArea,
    drift: Drift,
    begins: datetime,
    how: tuple[PatternKind, Conditions],
) -> Task:
    """Return the task of a unit in its sub-area, laid for the time that it is there."""
    kind, conditions = how
    starts = max(begins, unit.arrives)
    here, there = drift.at(begins).mean, drift.at(starts).mean
    ends = drift.at(min(drift.end, starts + lasts(unit))).mean
    # Since the areas were laid, all has drifted on, and so it does while it is searched.
    moved = _beside(area.area.centre, here, there)
    rectangle = replace(area.area, centre=moved)
    toward, rate = bearing(there, ends), distance(there, ends) / NM / unit.hours
    pattern = _pattern(kind, rectangle, area, unit, toward)
    legs = pattern.legs(unit.speed, toward, rate)
    return Task(
        unit=unit,
        kind=kind,
        corners=rectangle.corners,
        points=(legs[0].start, *(each.end for each in legs)),
        begins=starts,
        spacing=pattern.spacing,
        width=unit.width or 0.0,
        poc=area.poc,
        pod=pod(coverage(unit.width or 0.0, pattern.spacing), conditions),
        toward=toward,
        drift=rate,
    )


def _beside(point: Point, was: Point, now: Point) -> Point:
    """Return a point that has moved as another has."""
    lon = point.lon + (now.lon - was.lon + 180.0) % 360.0 - 180.0
    return Point(lat=point.lat + now.lat - was.lat, lon=(lon + 180.0) % 360.0 - 180.0)


def _pattern(
    kind: PatternKind, area: Rectangle, sub: SubArea, unit: SearchUnit, toward: float
) -> Pattern:
    miles = unit.speed * unit.hours
    spacing = max(sub.spacing, (unit.width or 0.0) / MOST_COVERAGE)
    match kind:
        case PatternKind.PARALLEL:
            return parallel(area, spacing)
        case PatternKind.CREEPING:
            return creeping(area, spacing)
        case PatternKind.EXPANDING_SQUARE:
            return expanding_square(
                area.centre, first=toward, spacing=spacing, legs=_legs(miles / spacing)
            )
        case PatternKind.SECTOR:
            radius = min(area.length, area.width) / 2.0
            passes = 2 if miles >= 18.0 * radius else 1
            return sector(area.centre, first=toward, radius=min(radius, miles / 9.0), passes=passes)
        case _:
            raise NotTaken(f"{unit.name}: a track line needs the way that was meant")


def _legs(spacings: float) -> int:
    """Return how many legs of a square fit: 2k of them are k(k+1) spacings long."""
    pairs = max(1, int(((1.0 + 4.0 * spacings) ** 0.5 - 1.0) / 2.0))
    return min(MOST_SQUARE, 2 * pairs)


def task_of_way(
    unit: SearchUnit, way: Sequence[Point], cloud: Cloud, conditions: Conditions
) -> Task:
    """Return the task of a unit along a way: out and back where it has the time, else once.

    It is laid where the way was, and does not drift. What it has no time for is left out.
    """
    miles, width = unit.speed * unit.hours, unit.width or 0.0
    long = sum(distance(a, b) for a, b in pairwise(way)) / NM
    pattern = track_line(way, width, returns=2.0 * long + width <= miles)
    points = tuple(_within(pattern.points, miles))
    return Task(
        unit=unit,
        kind=PatternKind.TRACK_LINE,
        corners=(),
        points=points,
        begins=max(cloud.when, unit.arrives),
        spacing=pattern.spacing,
        width=width,
        poc=cloud.beside(points, width),
        pod=pod(coverage(width, pattern.spacing), conditions),
        toward=0.0,
        drift=0.0,
        missing=max(0.0, pattern.length - miles),
    )


def _within(points: Sequence[Point], miles: float) -> Iterator[Point]:
    """Yield a line as far as so many miles reach."""
    yield points[0]
    for a, b in pairwise(points):
        long = distance(a, b) / NM
        if long > miles:
            share = miles / long
            east = (b.lon - a.lon + 180.0) % 360.0 - 180.0
            lon = (a.lon + east * share + 180.0) % 360.0 - 180.0
            yield Point(lat=a.lat + (b.lat - a.lat) * share, lon=lon)
            return
        miles -= long
        yield b


def way_of(text: str) -> tuple[Point, ...]:
    """Return the way that a text means: a place a line, or a route of GPX or KML. Raises NotTaken.

    Between places of one line stands a semicolon.
    """
    places = _of_file(text) if text.lstrip().startswith("<") else _typed(text)
    if not 2 <= len(places) <= MOST_PLACES:
        raise NotTaken(f"a way has 2 to {MOST_PLACES} places, this one {len(places)}")
    if any(a == b for a, b in pairwise(places)):
        raise NotTaken("a way stays at one place: leave one of the two out")
    return places


def _typed(text: str) -> tuple[Point, ...]:
    lines = [each.strip() for each in text.replace(";", "\n").splitlines()]
    return tuple(position_of(each) for each in lines if each)


def _of_file(text: str) -> tuple[Point, ...]:
    """Return the first line of a file, or its points in their order."""
    data = text.encode()
    try:
        found = (read_kml(data) if "<kml" in text else read_gpx(data)).features
    except WireError as error:
        raise NotTaken(f"the way cannot be read: {error}") from None
    line = next((each for each in found if each.kind is GeometryKind.LINE), None)
    points = [each for each in found if each.kind is GeometryKind.POINT]
    return tuple(_points([line] if line is not None else points))


def _points(features: Sequence[Feature]) -> Iterator[Point]:
    for each in features:
        for lon, lat in each.corners:
            yield Point(lat=lat, lon=lon)


def lasts(unit: SearchUnit) -> timedelta:
    """Return how long a unit is on scene."""
    return timedelta(hours=unit.hours)


def sailed(task: Task) -> Iterator[tuple[datetime, float, float]]:
    """Yield when the unit is where on its planned track."""
    when = task.begins
    yield when, task.points[0].lat, task.points[0].lon
    for a, b in zip(task.points[:-1], task.points[1:], strict=True):
        when += timedelta(hours=distance(a, b) / NM / task.unit.speed)
        yield when, b.lat, b.lon


def pair(point: Point) -> list[float]:
    """Return latitude and longitude, to about a metre."""
    return [round(point.lat, 5), round(point.lon, 5)]
