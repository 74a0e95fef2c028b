"""GeoJSON for tests."""

import json
from collections.abc import Sequence
from typing import Any

Place = Sequence[float]


def polygon(*rings: Sequence[Place]) -> dict[str, Any]:
    """Return a polygon; each ring is closed here. Places are longitude, latitude."""
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]] for ring in rings]}


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return polygon([(west, south), (east, south), (east, north), (west, north)])


def multi(*polygons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [p["coordinates"] for p in polygons]}


def feature(geometry: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def collection(*features: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def as_bytes(thing: object) -> bytes:
    return json.dumps(thing).encode()
