"""Writes the layers of the base map as newline-delimited GeoJSON, for tippecanoe."""

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from contourpy import contour_generator
from scipy.io import netcdf_file
from shapely.geometry.base import BaseGeometry

NATURAL_EARTH = Path("/usr/share/magics/10m")
ETOPO5 = Path("/usr/share/ferret-vis/data/etopo5.cdf")

DEPTHS = (200, 1000, 2500, 4000, 5500, 7500)
"""Metres; each area holds the deeper ones, so that no sliver is left between two."""

LEAST = 0.05
"""Square degrees of a hollow in the sea that is still drawn."""

Feature = tuple[BaseGeometry, dict[str, object]]


def main() -> None:
    """Write all layers here."""
    land = [geometry for geometry, _ in _shapes("ne_10m_land")]
    _write("land", ((each, {}) for each in land))
    _write("coast", ((each, {}) for each in _coast(land)))
    _write("boundary", _boundaries())
    _write("river", _rivers())
    _write("place", _places())
    _write("bathy", _depths())


def _shapes(name: str) -> Iterator[tuple[BaseGeometry, dict[str, object]]]:
    # pyogrio: these files crash pyshp. Some have no geometry.
    frame = pyogrio.raw.read(NATURAL_EARTH / f"{name}.shp")
    meta, geometries, columns = frame[0], frame[2], frame[3]
    for at, geometry in enumerate(geometries):
        if geometry is not None:
            yield (
                shapely.from_wkb(geometry),
                {
                    field.lower(): _plain(column[at])
                    for field, column in zip(meta["fields"], columns, strict=True)
                },
            )


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _coast(land: Iterable[BaseGeometry]) -> Iterator[BaseGeometry]:
    """Yield outlines of land, without what lies on the edge of the map: there is no coast."""
    inside = shapely.box(-179.9999, -89.9999, 179.9999, 90)
    for each in land:
        line = each.boundary.intersection(inside)
        if not line.is_empty:
            yield line


def _boundaries() -> Iterator[Feature]:
    for geometry, fields in _shapes("ne_10m_admin_0_boundary_lines_land"):
        yield geometry, {"kind": fields.get("featurecla", "")}


def _rivers() -> Iterator[Feature]:
    for geometry, fields in _shapes("ne_10m_rivers_lake_centerlines"):
        yield geometry, {"rank": fields.get("scalerank", 9)}


def _places() -> Iterator[Feature]:
    for geometry, fields in _shapes("ne_10m_populated_places_simple"):
        rank, capital = fields.get("scalerank", 9), int(fields.get("adm0cap") == 1)
        yield geometry, {"name": fields.get("name", ""), "rank": rank, "cap": capital}


def _depths() -> Iterator[Feature]:
    with netcdf_file(str(ETOPO5), mmap=False) as data:
        names = data.variables
        height = next(v for v in names.values() if len(v.shape) == 2)
        y, x = (names[each][:].astype(float) for each in height.dimensions)
        z = height[:].astype(float)
    for depth in DEPTHS:
        lines = contour_generator(x, y, z, fill_type="OuterOffset").filled(-1e9, -float(depth))
        for points, offsets in zip(*lines, strict=True):
            rings = [points[a:b] for a, b in pairwise(offsets)]
            area = shapely.Polygon(rings[0], rings[1:]).buffer(0)
            if area.area >= LEAST:
                yield area, {"d": depth}


def _write(name: str, features: Iterable[Feature]) -> None:
    with Path(f"{name}.ndjson").open("w", encoding="utf-8") as file:
        for geometry, properties in features:
            shape = json.loads(shapely.to_geojson(geometry))
            feature = {"type": "Feature", "geometry": shape, "properties": properties}
            file.write(json.dumps(feature, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
