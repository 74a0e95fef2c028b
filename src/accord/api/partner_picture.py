"""What a partner could see at some moment, as values and as GeoJSON (RFC 7946)."""

import math
from dataclasses import dataclass
from datetime import datetime

from accord.api.outline import geometry_of_outline
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
        return geometry_of_outline(body.outline)
    return None if point is None else {"type": "Point", "coordinates": [point.lon, point.lat]}
