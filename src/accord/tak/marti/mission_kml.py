"""Things as KML 2.2 (OGC 07-147r2): points, lines and areas as they are drawn."""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from accord.core.body import Alarm, Position, Shape
from accord.core.context import LIVE
from accord.core.geometry import Circle, Point, Polyline
from accord.core.report import Report, Source
from accord.tak.mission_notices import CHANNEL
from accord.wire.cot import xml
from accord.wire.cot.translate import to_report
from accord.wire.errors import WireError

KML = "application/vnd.google-earth.kml+xml"


def document(name: str, events: Iterable[bytes], *, node: str) -> Iterator[str]:
    """Return the document, part by part; what has no place, or cannot be read, is not in it."""
    return of_reports(name, _read(events, node))


def of_reports(name: str, reports: Iterable[Report]) -> Iterator[str]:
    """Yield the document of what was reported; what has no place is not in it."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
    yield f"<Document><name>{_text(name)}</name>\n"
    for each in reports:
        drawn = _drawn(each)
        if drawn:
            yield _placemark(each, drawn)
    yield "</Document></kml>\n"


def _read(events: Iterable[bytes], node: str) -> Iterator[Report]:
    source = Source(node=node, channel=CHANNEL, speaker=node)
    for each in events:
        try:
            event = xml.read_again(each)
            yield to_report(event, source=source, groups=frozenset(), received=event.time)
        except WireError:
            continue


def _placemark(report: Report, drawn: str) -> str:
    said = {
        "uid": report.uid, "type": str(report.kind), "time": xml.instant(report.time),
        "exercise": "" if report.context == LIVE else report.context.name,
    }  # fmt: skip
    data = "".join(
        f'<Data name="{key}"><value>{_text(value)}</value></Data>'
        for key, value in said.items()
        if value
    )
    before = "" if report.context == LIVE else f"{str(report.context).upper()}: "
    return (
        f"<Placemark><name>{_text(before + (report.identity.callsign or report.uid))}</name>"
        f"<ExtendedData>{data}</ExtendedData>{drawn}</Placemark>\n"
    )


def _drawn(report: Report) -> str:
    match report.body:
        case Shape(outline=Circle(centre=point)):
            return _point(point)
        case Shape(outline=Polyline(points=points, closed=closed)):
            return _line(points, is_area=closed)
        case Position(point=point) | Alarm(point=point):
            return "" if point is None else _point(point)
        case _:
            return ""


def _point(point: Point) -> str:
    return f"<Point><coordinates>{_place(point)}</coordinates></Point>"


def _line(points: tuple[Point, ...], *, is_area: bool) -> str:
    is_open = is_area and points[0] != points[-1]
    corners = [*points, points[0]] if is_open else points
    placed = f"<coordinates>{' '.join(map(_place, corners))}</coordinates>"
    if is_area:
        ring = f"<outerBoundaryIs><LinearRing>{placed}</LinearRing></outerBoundaryIs>"
        return f"<Polygon>{ring}</Polygon>"
    return f"<LineString>{placed}</LineString>"


def _place(point: Point) -> str:
    return f"{point.lon:.7f},{point.lat:.7f}"


def _text(text: str) -> str:
    """Return text that XML 1.0 can hold."""
    return escape("".join(each if each.isprintable() else " " for each in text))
