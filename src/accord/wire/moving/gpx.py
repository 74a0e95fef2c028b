"""Courses as GPX 1.1 tracks. What came on a grid has no place here: GPX knows points only.

Course and speed stand in extensions of our own; heights are above the ellipsoid, which GPX's `ele`
is not, and stand there too.
"""

from collections.abc import Iterable, Iterator

from accord.wire.moving.message import Label, Row
from accord.wire.moving.told import courses, moment, said_of, text

OWN = "urn:accord:gpx:1"


def write(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the document."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Accord" '
        f'xmlns="http://www.topografix.com/GPX/1/1" xmlns:a="{OWN}">\n'
    )
    for label, course in courses(row for row in rows if row.fix.cell is None):
        yield _track(label, course)
    yield "</gpx>\n"


def _track(label: Label, course: list[Row]) -> str:
    said = "; ".join(f"{key} {value}" for key, value in said_of(label).items())
    points = "".join(map(_point, course))
    return (
        f"<trk><name>{text(label.title)}</name><desc>{text(said)}</desc>"
        f"<src>{text(f'{label.node} {label.channel}')}</src><type>{text(label.kind)}</type>"
        f"<trkseg>\n{points}</trkseg></trk>\n"
    )


def _point(row: Row) -> str:
    fix = row.fix
    values = (("hae", fix.hae), ("course", fix.course), ("speed", fix.speed), ("climb", fix.climb))
    more = "".join(f"<a:{key}>{value:.2f}</a:{key}>" for key, value in values if value is not None)
    more += f"<a:doubts>{text(', '.join(fix.doubts))}</a:doubts>" if fix.doubts else ""
    extensions = f"<extensions>{more}</extensions>" if more else ""
    return (
        f'<trkpt lat="{fix.lat:.7f}" lon="{fix.lon:.7f}"><time>{moment(fix.time)}</time>'
        f"{extensions}</trkpt>\n"
    )
