"""Courses as KML 2.2 with Google's track extension; what came on a grid as its cells."""

from collections.abc import Iterable, Iterator

from accord.wire.moving.message import Cell, Label, Row
from accord.wire.moving.told import corners, courses, moment, said_of, text


def write(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the document."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>Accord</name>\n'
    )
    for label, course in courses(rows):
        points = [row for row in course if row.fix.cell is None]
        if points:
            yield _placemark(label, "", _track(points))
        for row in course:
            if row.fix.cell is not None:
                at = f"<TimeStamp><when>{moment(row.fix.time)}</when></TimeStamp>"
                yield _placemark(label, at, _drawn(row.fix.cell))
    yield "</Document></kml>\n"


def _placemark(label: Label, at: str, shown: str) -> str:
    data = "".join(
        f'<Data name="{key}"><value>{text(value)}</value></Data>'
        for key, value in said_of(label).items()
    )
    # In the order of the schema (OGC 07-147r2, 9.1).
    return (
        f"<Placemark><name>{text(label.title)}</name>{at}<ExtendedData>{data}</ExtendedData>"
        f"{shown}</Placemark>\n"
    )


def _track(course: list[Row]) -> str:
    whens = "".join(f"<when>{moment(row.fix.time)}</when>" for row in course)
    places = "".join(
        f"<gx:coord>{row.fix.lon:.7f} {row.fix.lat:.7f} 0</gx:coord>" for row in course
    )
    return f"<gx:Track><altitudeMode>clampToGround</altitudeMode>{whens}{places}</gx:Track>"


def _drawn(cell: Cell) -> str:
    drawn = " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in corners(cell))
    return f"<LineString><coordinates>{drawn}</coordinates></LineString>"
