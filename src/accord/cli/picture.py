"""`accord picture DIR --as PARTNER --at TIME`: what a partner could see at some moment."""

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from accord.api.story_json import spell_time
from accord.cli.agreement import moment
from accord.cli.command import Subparsers
from accord.cli.ledger_text import printable
from accord.cli.rebuilt import Gone, Seen, Shown, seen_by
from accord.core import portion
from accord.core.body import Alarm, Message, Position, Shape
from accord.core.clock import SystemClock
from accord.core.errors import UsageError
from accord.core.geometry import Circle, Point, Polyline
from accord.core.report import Report
from accord.release.ledger.entry import Entry, Release

_MAX_CELL = 40
"""Letters of one cell of the table."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `picture`."""
    parser = subparsers.add_parser(
        "picture",
        help="what a partner could see at some moment, from ledger and journal",
        description="What had been released to a partner up to a moment, each object as it was "
        "last released, made again from what the node kept and held against the ledger. Changes "
        "nothing; the node may run or not.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="the node's directory")
    parser.add_argument(
        "--as", dest="partner", required=True, metavar="PARTNER", help="the partner's node id"
    )
    parser.add_argument(
        "--at", type=moment, required=True, metavar="TIME",
        help="such as 2026-12-01T06:00:00Z; UTC where no zone is said",
    )  # fmt: skip
    parser.add_argument(
        "--geojson", action="store_true", help="print it as GeoJSON (RFC 7946), for a GIS"
    )
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the picture."""
    if arguments.json and arguments.geojson:
        raise UsageError("say --json or --geojson, not both")
    seen = seen_by(arguments.directory, arguments.partner, arguments.at)
    if arguments.geojson:
        print(json.dumps(geojson(seen), indent=1, ensure_ascii=False))
    elif arguments.json:
        print(json.dumps(_as_json(seen), indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(printable, _lines(seen, SystemClock().now()))))
    return 0


def _lines(seen: Seen, now: datetime) -> Iterator[str]:
    stale = sum(each.report.stale <= seen.at for each in seen.shown)
    yield (
        f"{seen.partner} at {spell_time(seen.at)}: {len(seen.shown)} objects, {stale} of them stale"
    )
    yield from _about_time(seen, now)
    if seen.removed or seen.recalled:
        yield f"not shown: {seen.removed} removed or ended, {seen.recalled} recalled"
    if seen.shown:
        head = ("NAME", "CALLSIGN", "TYPE", "HAPPENED", "WHERE", "ERROR", "FORM", "CLAUSE", "LINE")
        yield from _table([head, *(_row(each) for each in seen.shown)])
    if seen.gone:
        yield f"released, no longer here: {len(seen.gone)}"
    for each in seen.gone:
        yield (
            f"  line {each.entry.number}, {spell_time(each.entry.at)}: {each.release.name}, form "
            f"{each.release.form} by clause {each.release.clause}: {each.why}"
        )
    if seen.beyond:
        yield f"and {seen.beyond} older lines, of more objects than a picture has"


def _about_time(seen: Seen, now: datetime) -> Iterator[str]:
    if seen.at > now:
        yield "that is in the future: this is what they have now, and it may yet change"
    if seen.begins is None:
        yield "the ledger has no lines yet"
    elif seen.at < seen.begins:
        yield f"the ledger begins at {spell_time(seen.begins)}: of earlier times it says nothing"


def _row(shown: Shown) -> tuple[str, ...]:
    report, point = shown.report, _point(shown.report)
    where = "not said" if point is None else f"{point.lat:.5f} {point.lon:.5f}"
    error = None if point is None else point.circular_error
    return (
        shown.release.name,
        report.identity.callsign or "",
        report.kind.text,
        spell_time(report.time),
        where,
        "" if error is None else f"{error:.0f} m",
        shown.release.form,
        shown.release.clause,
        str(shown.entry.number),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    cut = [[cell[:_MAX_CELL] for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    for row in cut:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _as_json(seen: Seen) -> dict[str, object]:
    return {
        "partner": seen.partner,
        "at": spell_time(seen.at),
        "objects": [_object(each, seen.at) for each in seen.shown],
        "gone": [_gone(each) for each in seen.gone],
        "removed": seen.removed,
        "recalled": seen.recalled,
        "beyond": seen.beyond,
        "begins": None if seen.begins is None else spell_time(seen.begins),
    }


def _object(shown: Shown, at: datetime) -> dict[str, object]:
    report, point, label = shown.report, _point(shown.report), shown.report.label
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


def _gone(gone: Gone) -> dict[str, object]:
    return {**_passage(gone.entry, gone.release), "why": gone.why}


def geojson(seen: Seen) -> dict[str, object]:
    """Return the picture as a FeatureCollection; what is no longer here has no geometry."""
    shown = [
        _feature(each.entry, _geometry(each.report), {**_object(each, seen.at), "here": True})
        for each in seen.shown
    ]
    gone = [_feature(each.entry, None, {**_gone(each), "here": False}) for each in seen.gone]
    return {"type": "FeatureCollection", "features": [*shown, *gone]}


def _feature(
    entry: Entry, geometry: dict[str, object] | None, properties: dict[str, object]
) -> dict[str, object]:
    return {
        "type": "Feature", "id": entry.number, "geometry": geometry, "properties": properties,
    }  # fmt: skip


def _point(report: Report) -> Point | None:
    match report.body:
        case Position(point=point) | Alarm(point=point):
            return point
        case Shape(outline=Circle(centre=centre)):
            return centre
        case Shape(outline=Polyline(points=points), anchor=anchor):
            return anchor or points[0]
        case _:
            return None


def _geometry(report: Report) -> dict[str, object] | None:
    body, point = report.body, _point(report)
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
