"""What a partner could see at some moment, as values and as GeoJSON (RFC 7946)."""

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from accord.api.story_json import spell_time
from accord.core import portion
from accord.core.body import Alarm, Message, Position, Shape
from accord.core.geometry import Circle, Point, Polyline
from accord.core.report import Report
from accord.release.ledger.entry import Entry, Release


@dataclass(frozen=True, slots=True)
class Shown:
    """An object as the partner had it, and the line of the ledger that says so.

    `on_grid`: its form gives a cell, and no point.
    """

    entry: Entry
    release: Release
    report: Report
    on_grid: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Something was released and cannot be shown any more; the ledger has the digest of it."""

    entry: Entry
    release: Release
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A partner's picture. `recalled` counts objects that were taken back, `removed` those removed.

    `beyond` counts lines of objects beyond what a picture has, `hidden` objects that whoever asks
    may not see. `since`: there was no time to look at what was released before, None where all was
    looked at. `begins` is when the first line was written that the ledger still has; None where
    it has none.
    """

    partner: str
    at: datetime
    shown: tuple[Shown, ...]
    gone: tuple[Gone, ...]
    removed: int
    recalled: int
    beyond: int
    hidden: int = 0
    since: datetime | None = None
    begins: datetime | None = None


def object_as_json(shown: Shown, at: datetime) -> dict[str, object]:
    """Return an object of the picture for machines."""
    report, point, label = shown.report, point_of(shown.report), shown.report.label
    return {
        **_passage(shown.entry, shown.release),
        "context": str(report.context),
        "type": report.kind.text,
        "what": type(report.body).__name__.lower(),
        "happened": spell_time(report.time),
        "valid_until": spell_time(report.stale),
        "stale": report.stale <= at,
        "lat": None if point is None else point.lat,
        "lon": None if point is None else point.lon,
        "error_m": None if point is None else point.circular_error,
        "hae_m": None if point is None else point.hae,
        **_of_body(report),
        "callsign": report.identity.callsign,
        "called": report.identity.name,
        "mmsi": report.identity.mmsi,
        "mark": None if label is None else portion.write(label, nation=label.originator),
    }


def _of_body(report: Report) -> dict[str, object]:
    match report.body:
        case Position(course=course, speed=speed):
            return {"course": course, "speed": speed, "text": None, "radius_m": None}
        case Message(text=text):
            return {"course": None, "speed": None, "text": text, "radius_m": None}
        case Shape(outline=Circle(radius=radius)):
            return {"course": None, "speed": None, "text": None, "radius_m": radius}
        case _:
            return {"course": None, "speed": None, "text": None, "radius_m": None}


def _passage(entry: Entry, release: Release) -> dict[str, object]:
    return {
        "name": release.name,
        "agreement": release.agreement,
        "serial": release.serial,
        "clause": release.clause,
        "form": release.form,
        "version": list(release.version),
        "released": spell_time(entry.at),
        "line": entry.number,
        "operator": release.operator,
    }


def finite(said: dict[str, object]) -> dict[str, object]:
    """Return it with None for each number that JSON does not have, such as an infinite error."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in said.items()
    }


def gone_as_json(gone: Gone) -> dict[str, object]:
    """Return for machines what is no longer here."""
    return {**_passage(gone.entry, gone.release), "why": gone.why}


def geojson(seen: Seen) -> dict[str, object]:
    """Return the picture as a FeatureCollection; what is no longer here has no geometry."""
    shown = [
        feature(
            each.entry, geometry_of(each.report), {**object_as_json(each, seen.at), "here": True}
        )
        for each in seen.shown
    ]
    gone = [feature(each.entry, None, {**gone_as_json(each), "here": False}) for each in seen.gone]
    return {"type": "FeatureCollection", "features": [*shown, *gone]}


def feature(
    entry: Entry, geometry: dict[str, object] | None, properties: dict[str, object]
) -> dict[str, object]:
    """Return a line of the ledger as a feature."""
    return {
        "type": "Feature", "id": entry.number, "geometry": geometry, "properties": properties,
    }  # fmt: skip


def point_of(report: Report) -> Point | None:
    """Return where a report puts its object; a drawing is at its anchor or first corner."""
    match report.body:
        case Position(point=point) | Alarm(point=point):
            return point
        case Shape(outline=Circle(centre=centre)):
            return centre
        case Shape(outline=Polyline(points=points), anchor=anchor):
            return anchor or points[0]
        case _:
            return None


def geometry_of(report: Report) -> dict[str, object] | None:
    """Return the geometry, cut where it crosses the antimeridian; None where there is no place."""
    body, point = report.body, point_of(report)
    if isinstance(body, Shape) and isinstance(body.outline, Polyline):
        return _outline(body.outline)
    return None if point is None else {"type": "Point", "coordinates": [point.lon, point.lat]}


def _outline(outline: Polyline) -> dict[str, object]:
    corners = [(point.lon, point.lat) for point in outline.points]
    if outline.closed:
        corners = _counterclockwise([*corners, corners[0]])
    parts = _cut(corners)
    if len(parts) > 1:
        return {"type": "MultiLineString", "coordinates": parts}
    if outline.closed and len(corners) > 3:
        return {"type": "Polygon", "coordinates": parts}
    return {"type": "LineString", "coordinates": parts[0]}


_Corner = tuple[float, float]


def _counterclockwise(ring: list[_Corner]) -> list[_Corner]:
    """Return the ring as an outer one runs (RFC 7946, 3.1.6)."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return ring if twice >= 0 else ring[::-1]


def _cut(line: list[_Corner]) -> list[list[list[float]]]:
    """Return the line in parts that do not cross the antimeridian (RFC 7946, 3.1.9)."""
    parts = [[list(line[0])]]
    for (west, south), (east, north) in pairwise(line):
        if abs(east - west) > 180:
            edge = 180.0 if west > 0 else -180.0
            span = east + 2 * edge - west
            lat = south + (edge - west) / span * (north - south) if span else south
            parts[-1].append([edge, lat])
            parts.append([[-edge, lat]])
        parts[-1].append([east, north])
    return parts
