"""What posture and searches are worked out from: the files that come with Accord."""

from functools import lru_cache
from pathlib import Path

import accord
from accord.posture.mask import Wet, far_inland, read_mask
from accord.posture.published import Published, read_published
from accord.posture.zones import read_zones
from accord.search.leeway import ObjectClass, read_leeway
from accord.search.sweep import SweepTables, read_sweep

FOLDER = Path(accord.__file__).parent / "posture" / "data"
SEARCH = Path(accord.__file__).parent / "search" / "data"


@lru_cache(maxsize=1)
def sea_mask() -> Wet:
    """Return where there is sea, on the whole Earth."""
    return read_mask((FOLDER / "sea.npz").read_bytes())


@lru_cache(maxsize=1)
def inland() -> bytes:
    """Return what is far inland, a bit for each cell, for `picture.land`."""
    return far_inland(sea_mask())


@lru_cache(maxsize=1)
def zones() -> dict[str, frozenset[int]]:
    """Return the estimated zones, by name."""
    return read_zones((FOLDER / "zones.json.gz").read_bytes())


@lru_cache(maxsize=1)
def published_distances() -> tuple[Published, ...]:
    """Return the distances that the router is held to."""
    return read_published((FOLDER / "published.csv").read_text("utf-8"))


@lru_cache(maxsize=1)
def leeway() -> dict[str, ObjectClass]:
    """Return the classes of things that drift, by their keys."""
    return read_leeway((SEARCH / "leeway.csv").read_text("utf-8"))


@lru_cache(maxsize=1)
def sweep_widths() -> SweepTables:
    """Return the published sweep widths with their corrections."""
    return read_sweep(
        (SEARCH / "sweep_widths.csv").read_text("utf-8"),
        (SEARCH / "sweep_speeds.csv").read_text("utf-8"),
    )
