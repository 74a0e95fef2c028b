"""What a feed of hazards says beyond what a report holds: by GDACS, or alerts by CAP.

A feed keeps it as properties of the drawing, and here it is read again.
"""

from collections.abc import Mapping

from accord.core.body import Shape
from accord.core.geometry import Circle, Point, distance
from accord.core.report import Form, Report
from accord.wire.cap.area import MOST_LETTERS, Outline, fitting, middle_of
from accord.wire.errors import WireError
from accord.wire.geojson.message import read as read_features


def hazard_of(report: Report) -> Mapping[str, str] | None:
    """Return what a feed says of a hazard, None for any other report."""
    original = report.original
    if original is None or original.form is not Form.GEOJSON:
        return None
    try:
        features = read_features(original.data).features
    except WireError:
        return None
    said: Mapping[str, object] = features[0].properties if features else {}
    return {name: str(value) for name, value in said.items()} if "hazard" in said else None


def is_hazard(report: Report, name: str) -> bool:
    """Tell whether a report is the hazard of that name, such as TC1000643."""
    said = hazard_of(report)
    return said is not None and said["hazard"].casefold() == name.casefold()


def outline_of(report: Report) -> Outline | None:
    """Return the outline of a hazard that is told of as an area."""
    body = report.body
    if not isinstance(body, Shape) or isinstance(body.outline, Circle) or not body.outline.closed:
        return None
    return tuple((each.lat, each.lon) for each in body.outline.points)


def area_of(report: Report) -> str:
    """Return the whole area of a hazard as text, empty where it is told of as a point."""
    outline = outline_of(report)
    if outline is None:
        return ""
    said = hazard_of(report) or {}
    return said.get("areas") or fitting([outline], MOST_LETTERS)[0]


def where(report: Report) -> tuple[Point, float] | None:
    """Return the middle of a hazard, and metres to the farthest of it; None where it has none."""
    outline = outline_of(report)
    if outline is not None:
        lat, lon = middle_of(outline)
        middle = Point(lat=lat, lon=lon)
        return middle, max(distance(middle, Point(lat=a, lon=o)) for a, o in outline)
    point = getattr(report.body, "point", None)
    return (point, 0.0) if isinstance(point, Point) else None
