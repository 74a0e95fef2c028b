"""What a report says of its track, for the page: see `meta` in docs/reference/stream.md."""

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from accord.core.body import Alarm, Body, Position, Shape
from accord.core.geometry import Circle, Point, Polyline, box_around
from accord.core.kind import Kind
from accord.core.principal import Group
from accord.core.report import Report
from accord.core.symbol import sidc
from accord.wire.page.columns import NO_FIX, Fix, fix_at

LONGEST_NAME = 256
"""Letters of a name."""

MOST_CORNERS = 1_000
"""Corners of an outline; of a line with more, so many are told, evenly chosen."""

_PARTNER = "partner:"
_SIDES = frozenset("puafnshjk")
_UNKNOWN_SIDE = "u"


@dataclass(frozen=True, slots=True)
class Given:
    """By which form a partner released something, and whether that gives a cell and no point."""

    form: str
    on_grid: bool


def fix_of(report: Report, point: Point | None) -> Fix:
    """Return where a report puts its track, which is `point`, and how it moves."""
    if point is None:
        return NO_FIX
    body = report.body
    if isinstance(body, Position):
        return fix_at(point.lat, point.lon, body.course, body.speed)
    return fix_at(point.lat, point.lon, None, None)


def meta_of(
    report: Report,
    point: Point | None,
    *,
    given: Given | None,
    hears: AbstractSet[Group],
    ttl: int,
    claims: int,
) -> dict[str, object]:
    """Return what is said of the track that this report leads, but for its index."""
    source, identity, kind = report.source, report.identity, report.kind
    return {
        "uid": report.uid,
        "name": (identity.name or identity.callsign or "")[:LONGEST_NAME],
        "type": kind.text,
        "sidc": sidc(kind),
        "affiliation": _side(kind),
        "body": _body(report),
        "source": source.channel,
        "speaker": source.speaker,
        "node": source.node,
        "partner": source.channel.removeprefix(_PARTNER) if source.is_partners else None,
        "hops": len(source.hops),
        "form": None if given is None else given.form,
        "cell": None if given is None or not given.on_grid else _cell(point),
        "exercise": report.context.name or None,
        "groups": sorted(report.groups & hears),
        "ttl": ttl,
        "emergency": isinstance(report.body, Alarm),
        "claims": claims,
        "doubts": sorted(report.doubts),
        "outline": None if given is not None and given.on_grid else _outline(report.body),
    }


def _side(kind: Kind) -> str | None:
    atoms = kind.text.split("-", 2)
    if atoms[0] != "a":
        return None
    side = atoms[1].lower() if len(atoms) > 1 else ""
    return side if side in _SIDES else _UNKNOWN_SIDE


def _body(report: Report) -> str:
    if isinstance(report.body, Alarm):
        return "alarm"
    return "shape" if isinstance(report.body, Shape) else "position"


def _cell(point: Point | None) -> list[float] | None:
    """Return the box that holds everything within the stated error of a point."""
    if point is None or point.circular_error is None:
        return None
    box = box_around(Circle(centre=point, radius=max(0.0, point.circular_error)))
    return [round(side, 6) for side in (box.west, box.south, box.east, box.north)]


def _outline(body: Body) -> dict[str, object] | None:
    """Return what was drawn, None where nothing was or it cannot be drawn again."""
    if not isinstance(body, Shape):
        return None
    outline = body.outline
    if isinstance(outline, Polyline):
        corners = [_corner(point) for point in _thinned(outline.points)]
        return {"type": "area" if outline.closed else "line", "points": corners, "radius": None}
    if not (math.isfinite(outline.radius) and outline.radius > 0.0):
        return None
    return {"type": "circle", "points": [_corner(outline.centre)], "radius": outline.radius}


def _corner(point: Point) -> list[float]:
    return [round(point.lon, 7), round(point.lat, 7)]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    if len(points) <= MOST_CORNERS:
        return points
    step = (len(points) - 1) / (MOST_CORNERS - 1)
    return [points[round(number * step)] for number in range(MOST_CORNERS)]
