"""Positions as GeoJSON (RFC 7946): a feature each, a point or the cell that it is somewhere in."""

import json
from collections.abc import Iterable, Iterator

from accord.wire.moving.message import Fix, Row
from accord.wire.moving.told import corners, moment, said_of


def write(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the document, a feature a line."""
    yield '{"type":"FeatureCollection","features":['
    before = "\n"
    for row in rows:
        yield before + json.dumps(_feature(row), ensure_ascii=False, separators=(",", ":"))
        before = ",\n"
    yield "\n]}\n"


def _feature(row: Row) -> dict[str, object]:
    label, fix = row
    numbers = {
        "hae": fix.hae,
        "precision": fix.precision,
        "course": fix.course,
        "speed": fix.speed,
        "climb": fix.climb,
    }
    return {
        "type": "Feature",
        "geometry": _geometry(fix),
        "properties": {
            **said_of(label),
            "title": label.title,
            "time": moment(fix.time),
            "received": moment(fix.received),
            **{key: value for key, value in numbers.items() if value is not None},
            **({"doubts": ", ".join(fix.doubts)} if fix.doubts else {}),
        },
    }


def _geometry(fix: Fix) -> dict[str, object]:
    if fix.cell is None:
        return {"type": "Point", "coordinates": [round(fix.lon, 7), round(fix.lat, 7)]}
    west, south, east, north = fix.cell
    if west <= east:
        return {"type": "Polygon", "coordinates": [[list(each) for each in corners(fix.cell)]]}
    # RFC 7946, 3.1.9: what crosses the antimeridian is cut there.
    halves = ((west, south, 180.0, north), (-180.0, south, east, north))
    return {
        "type": "MultiPolygon",
        "coordinates": [[[list(each) for each in corners(half)]] for half in halves],
    }
