"""A search pattern for whoever flies or sails it: as GPX, KML, a CoT route, words for radio."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from accord.core.body import Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Point, Polyline, bearing, distance
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED
from accord.core.report import Report, Source
from accord.desks.sar.facts import NM
from accord.search.spelling import spell_time
from accord.wire.cot.translate import to_xml

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
GPX = "http://www.topografix.com/GPX/1/1"
KML = "http://www.opengis.net/kml/2.2"
ROUTE = "b-m-r"
"""CoT's type of a route."""

FORMS = ("gpx", "kml", "cot", "radio")
"""What a route can be made into."""

FINE = 1.0
"""Nautical miles: with tracks closer than that, minutes are read to a hundredth."""

VALID = timedelta(days=1)
"""For how long a route on somebody's map is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one unit is to search: the pattern's points in order, from when, how fast.

    `kind` is such as PS; `drifts` says how the pattern moves with what it searches for.
    """

    case: str
    unit: str
    kind: str
    points: tuple[Point, ...]
    begins: datetime
    speed: float
    spacing: float
    context: Context = LIVE
    drifts: str = ""

    @property
    def name(self) -> str:
        """What it is called everywhere."""
        return f"{self.case} {self.unit} {self.kind}"

    @property
    def length(self) -> float:
        """Nautical miles from the first point to the last."""
        pairs = zip(self.points[:-1], self.points[1:], strict=True)
        return sum(distance(a, b) for a, b in pairs) / NM

    @property
    def hours(self) -> float:
        """How long it takes."""
        return self.length / self.speed

    @property
    def mark(self) -> str:
        """What stands first and last on everything of an exercise."""
        return "" if self.context == LIVE else f"EXERCISE {self.context.name}"


def points_named(route: Route) -> Iterator[tuple[str, Point]]:
    """Yield the points with the names that every form and the radio give them."""
    for number, point in enumerate(route.points, 1):
        yield f"{number:02d}", point


def route_text(route: Route, form: str, now: datetime) -> str:
    """Return a route in one of the FORMS; words for radio in any other."""
    match form:
        case "gpx":
            return gpx(route)
        case "kml":
            return kml(route)
        case "cot":
            return cot(route, now=now)
        case _:
            return spoken(route)


def gpx(route: Route) -> str:
    """Return the route as GPX 1.1."""
    rows = "\n".join(
        f'    <rtept lat="{point.lat:.6f}" lon="{point.lon:.6f}"><name>{name}</name></rtept>'
        for name, point in points_named(route)
    )
    about = escape(f"{route.mark} {_about(route)}".strip())
    return (
        f'{XML}<gpx version="1.1" creator="Accord" xmlns="{GPX}">\n'
        f"  <rte>\n    <name>{escape(route.name)}</name>\n    <desc>{about}</desc>\n{rows}"
        "\n  </rte>\n</gpx>\n"
    )


def kml(route: Route) -> str:
    """Return the route as KML 2.2: its line, and its points with their names."""
    line = " ".join(f"{each.lon:.6f},{each.lat:.6f}" for each in route.points)
    marks = "\n".join(
        f"    <Placemark><name>{name}</name><Point><coordinates>{point.lon:.6f},{point.lat:.6f}"
        "</coordinates></Point></Placemark>"
        for name, point in points_named(route)
    )
    about = escape(f"{route.mark} {_about(route)}".strip())
    return (
        f'{XML}<kml xmlns="{KML}">\n  <Document>\n'
        f"    <name>{escape(route.name)}</name>\n    <description>{about}</description>\n"
        f"    <Placemark><name>{escape(route.name)}</name><LineString><tessellate>1</tessellate>"
        f"<coordinates>{line}</coordinates></LineString></Placemark>\n{marks}\n"
        "  </Document>\n</kml>\n"
    )


def shape_of(route: Route) -> Shape:
    """Return the route as a shape of the picture."""
    return Shape(outline=Polyline(points=route.points), anchor=route.points[0])


def cot(route: Route, *, now: datetime) -> str:
    """Return the route as a CoT event that TAK clients import as a file."""
    report = Report(
        uid=f"{route.case}.{route.unit}",
        context=route.context,
        kind=Kind.of(ROUTE),
        how="h-g-i-g-o",
        time=now,
        start=now,
        stale=now + VALID,
        received=now,
        body=shape_of(route),
        identity=Identity(callsign=route.name),
        marking=UNMARKED,
        source=Source(node="", channel="", speaker=""),
        groups=frozenset(),
    )
    return f"{to_xml(report).decode()}\n"


def spoken(route: Route) -> str:
    """Return what is read over radio: short lines, and first and last the mark of an exercise.

    Courses and distances are of the places as they are read, so that who plots these gets them.
    """
    digits = 1 if route.spacing >= FINE else 2
    route = replace(route, points=tuple(_as_read(each, digits) for each in route.points))
    lines = [
        route.mark,
        f"SEARCH INSTRUCTION CASE {route.case}",
        f"FOR {route.unit}",
        f"PATTERN {_PATTERNS.get(route.kind, route.kind)}",
        f"TRACK SPACING {_figure(route.spacing)} MILES",
        f"SEARCH SPEED {_figure(route.speed)} KNOTS",
        f"COMMENCE AT {spell_time(route.begins)}",
        route.drifts.upper(),
        *(f"{name}  {_radio(point, digits)}" for name, point in points_named(route)),
        *_legs(route),
        f"TOTAL {_figure(route.length)} MILES, {_duration(route.hours)}",
        "READ BACK",
        route.mark,
    ]
    return "\n".join(each for each in lines if each) + "\n"


_PATTERNS = {
    "SS": "EXPANDING SQUARE",
    "VS": "SECTOR",
    "PS": "PARALLEL TRACK",
    "CS": "CREEPING LINE",
    "TS": "TRACK LINE",
}


def _legs(route: Route) -> Iterator[str]:
    """Yield courses and distances of a pattern that is sailed and flown by them."""
    if route.kind not in ("SS", "VS"):
        return
    pairs = zip(route.points[:-1], route.points[1:], strict=True)
    for number, (a, b) in enumerate(pairs, 1):
        course = round(bearing(a, b)) % 360
        yield f"LEG {number}  COURSE {course:03d} TRUE  {_figure(distance(a, b) / NM)} MILES"


def _about(route: Route) -> str:
    return (
        f"{route.kind} for {route.unit}, spacing {_figure(route.spacing)} NM, "
        f"{_figure(route.speed)} kt, from {spell_time(route.begins)}, {_figure(route.length)} NM. "
        f"{route.drifts}"
    ).strip()


def _figure(number: float) -> str:
    """Return a number with three digits that count, and without zeros at its end."""
    digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
    shown = f"{number:.{digits}f}"
    return shown.rstrip("0").rstrip(".") if digits else shown


def _duration(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    return f"{whole} HOURS {minutes:02d} MINUTES"


def _as_read(point: Point, digits: int) -> Point:
    """Return the place that the minutes of a place mean, as many of their digits as are read."""
    parts = 60 * 10**digits
    return Point(lat=round(point.lat * parts) / parts, lon=round(point.lon * parts) / parts)


def _radio(point: Point, digits: int) -> str:
    return f"{_dm(point.lat, 'NS', 2, digits)} {_dm(point.lon, 'EW', 3, digits)}"


def _dm(degrees: float, letters: str, width: int, digits: int) -> str:
    parts = 10**digits
    whole, minutes = divmod(round(abs(degrees) * 60 * parts), 60 * parts)
    shown = f"{minutes / parts:0{digits + 3}.{digits}f}"
    return f"{whole:0{width}d}-{shown}{letters[degrees < 0]}"
