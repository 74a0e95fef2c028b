"""Ways of ships: shortest over a grid of the sea, round land, in nautical miles.

From each cell of the grid a ship may go to 32 others, up to three cells away, over sea alone. A
length is that of the great circles between the cells' centres, so no way is shorter than the great
circle, and one in the open is up to 1.3 % longer (the widest gap between two of the 32 directions
is 18.4 degrees). A place ashore is first taken to the nearest cell of the largest sea.

Not known here: depth, reefs, canals, traffic schemes, ice.
"""

import math
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.core.geometry import Box
from accord.posture.cells import EARTH_RADIUS_NM, Floats, great_circle
from accord.posture.mask import STEP, Wet, sea_at

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FIELD_STEP = 0.2
"""Degrees: for the distances to all places at once."""
EXACT_STEP = 0.1
"""Degrees: for one way."""
PACIFIC = Box(south=-78.0, west=95.0, north=62.0, east=-70.0)
"""From Sumatra to Chile and from the Ross Sea to the Aleutians."""
ASHORE = 60.0
"""Nautical miles: what lies further inland has no way to the sea."""
MARGIN = 8.0
"""Degrees round two places within which the exact way is looked for first."""

_FORWARD = [
    (0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1),
    (1, 3), (3, 1), (1, -3), (3, -1), (2, 3), (3, 2), (2, -3), (3, -2),
]  # fmt: skip
MOVES = [*_FORWARD, *((-up, -right) for up, right in _FORWARD)]
"""Rows and columns to the cells that a ship may go to."""
_PAD = 3
_BAND = 16
"""Rows that are worked on at once: some 40 MB."""
_BOUND = 2.0 * math.sin(ASHORE / EARTH_RADIUS_NM / 2.0)
"""Of a chord on the sphere of radius one."""


class Way(NamedTuple):
    """One way over the sea: its length in nautical miles, and its turning points."""

    length: float
    points: tuple[tuple[float, float], ...]


class Shore(NamedTuple):
    """Places, and where a ship leaves the sea for each: its cell, and how far it is from there.

    What is too far inland is infinitely far, from no cell in particular.
    """

    lats: Floats
    lons: Floats
    cells: NDArray[np.intp]
    ashore: Floats


class Field:
    """Distances over the sea from one place to every cell of a grid, in nautical miles."""

    def __init__(self, place: tuple[float, float], cell: int, lengths: Floats) -> None:
        self._place = place
        self._cell = cell
        self._lengths = lengths

    def to(self, shore: Shore) -> Floats:
        """Return the distance to each place, infinite for what is too far inland."""
        found = self._lengths[shore.cells] + shore.ashore
        direct = great_circle(*self._place, shore.lats, shore.lons)
        # Two places that share a cell are as far apart as they are.
        together = (shore.cells == self._cell) & np.isfinite(shore.ashore)
        return np.where(together, direct, found)


class Sea:
    """The sea within a box, as a grid; remembers the fields of at most `limit` places.

    `searched` counts the fields that were worked out, `dropped` those forgotten to make room.
    """

    def __init__(
        self, wet: Wet, *, box: Box = PACIFIC, step: float = FIELD_STEP, limit: int = 64
    ) -> None:
        self.limit = limit
        self.searched = 0
        self.dropped = 0
        self._fields: OrderedDict[tuple[float, float], Field] = OrderedDict()
        self._grid = _Grid(wet, box, step)

    @property
    def key(self) -> str:
        """What tells this grid from any other: the same key, the same fields."""
        return self._grid.key

    def shore(self, lats: Floats, lons: Floats) -> Shore:
        """Return where a ship leaves the sea for each of some places."""
        return self._grid.shore(lats, lons)

    def field(self, lat: float, lon: float) -> Field:
        """Return the distances from a place. ValueError where it is too far inland."""
        found = self._fields.pop((lat, lon), None)
        if found is None:
            found = self._searched(lat, lon)
        self._fields[lat, lon] = found
        if len(self._fields) > self.limit:
            self._fields.popitem(last=False)
            self.dropped += 1
        return found

    def _searched(self, lat: float, lon: float) -> Field:
        self.searched += 1
        start, ashore = self._grid.start(lat, lon)
        return Field((lat, lon), start, self._grid.lengths(start) + ashore)

    def distance(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        """Return the length of the shortest way, infinite where there is none."""
        # Whichever of the two is asked for first, the sum is the same to the last bit.
        first, last = sorted((a, b))
        return float(self.field(*first).to(self.shore(*_alone(last)))[0])

    def way(self, a: tuple[float, float], b: tuple[float, float], *, pulled: bool) -> Way:
        """Return the shortest way. ValueError where one of the two is too far inland.

        `pulled` makes it tight: straight on from each point to the last that it has in sight.
        """
        cells = self._grid.path(self._grid.start(*a)[0], self._grid.start(*b)[0])
        points = (a, *self._grid.places(cells), b)
        return _measured(self._pulled(points) if pulled else points)

    def _pulled(self, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        kept = [points[0]]
        here = 0
        while here < len(points) - 1:
            there = here + 1
            while there + 1 < len(points) and self._grid.is_clear(points[here], points[there + 1]):
                there += 1
            kept.append(points[there])
            here = there
        return tuple(kept)


def _measured(points: tuple[tuple[float, float], ...]) -> Way:
    lats, lons = np.array(points).T
    return Way(float(great_circle(lats[:-1], lons[:-1], lats[1:], lons[1:]).sum()), points)


def exact_way(
    wet: Wet,
    a: tuple[float, float],
    b: tuple[float, float],
    *,
    pulled: bool,
    box: Box = PACIFIC,
) -> Way:
    """Return the shortest way at a tenth of a degree. ValueError where there is none in the box.

    It is looked for near the two places first; a way that leads further round is a coarser one.
    """
    near = Sea(wet, box=_around(a, b), step=EXACT_STEP, limit=1)
    try:
        return near.way(a, b, pulled=pulled)
    except ValueError:
        return Sea(wet, box=box, limit=1).way(a, b, pulled=pulled)


def _around(a: tuple[float, float], b: tuple[float, float]) -> Box:
    """Return a box round two places, the short way round the Earth."""
    east = (b[1] - a[1] + 180.0) % 360.0 - 180.0
    west, wide = (a[1], east) if east >= 0 else (b[1], -east)
    south, north = sorted((a[0], b[0]))
    return Box(
        south=max(-90.0, math.floor(south - MARGIN)),
        north=min(90.0, math.ceil(north + MARGIN)),
        west=_turned(math.floor(west - MARGIN)),
        east=_turned(math.ceil(west + wide + MARGIN)),
    )


def _turned(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


class _Grid:
    """The cells of the largest sea in a box and the ways between them."""

    def __init__(self, wet: Wet, box: Box, step: float) -> None:
        from scipy.spatial import KDTree  # with what else is SciPy's, half a second to import

        times = round(step / STEP)
        rows = range(round((box.south + 90.0) / step), round((box.north + 90.0) / step))
        wide = (box.east - box.west) % 360.0 or 360.0
        columns = np.arange(round(wide / step)) + round((box.west + 180.0) / step)
        self._wraps = wide == 360.0
        self._step = step
        fine = np.arange(len(columns) * times) + columns[0] * times
        near = np.take(wet[rows.start * times : rows.stop * times], fine, axis=1, mode="wrap")
        self._sea = sea_at(near, step)
        self._height, self._width = self._sea.shape
        self._south, self._west = rows.start * step - 90.0, float(columns[0]) * step - 180.0
        self.key = f"{step:g}:{self._south:g}:{self._west:g}:{self._sea.shape}:{self._crc():08x}"
        self._ways = self._edges()
        self._sea &= self._largest()
        self._cells = np.flatnonzero(self._sea)
        self._lats = self._south + (self._cells // self._width + 0.5) * step
        self._lons = self._west + (self._cells % self._width + 0.5) * step
        self._tree = KDTree(_on_sphere(self._lats, self._lons))

    def _crc(self) -> int:
        return zlib.crc32(np.packbits(self._sea).tobytes())

    def _edges(self) -> "csr_matrix":
        """Return the ways from every cell, by bands of rows: all at once needs a gigabyte."""
        from scipy.sparse import csr_matrix

        padded = self._padded()
        lengths: list[Floats] = []
        ends: list[NDArray[np.int32]] = []
        counts: list[NDArray[np.int32]] = []
        for first in range(0, self._height, _BAND):
            rows = np.arange(first, min(first + _BAND, self._height), dtype=np.int32)
            clear = self._clear(padded, rows)
            ends.append(self._ends(rows)[clear])
            lengths.append(np.broadcast_to(self._move_lengths(rows), clear.shape)[clear])
            counts.append(clear.sum(axis=2, dtype=np.int32).ravel())
        starts = np.concatenate([np.zeros(1, np.int32), np.cumsum(np.concatenate(counts))])
        size = self._height * self._width
        return csr_matrix(
            (np.concatenate(lengths), np.concatenate(ends), starts.astype(np.int32)),
            shape=(size, size),
        )

    def _padded(self) -> NDArray[np.bool_]:
        """Return the sea with a rim of land, or of itself where it goes all the way round."""
        rim = ((_PAD, _PAD), (0, 0))
        tall = np.pad(self._sea, rim)
        return np.pad(tall, ((0, 0), (_PAD, _PAD)), mode="wrap" if self._wraps else "constant")

    def _clear(self, padded: NDArray[np.bool_], rows: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Tell for each cell of some rows which moves lead over sea alone."""
        top, tall = int(rows[0]) + _PAD, len(rows)

        def sea(up: int, right: int) -> NDArray[np.bool_]:
            left = _PAD + right
            return padded[top + up : top + up + tall, left : left + self._width]

        clear = np.empty((tall, self._width, len(MOVES)), dtype=np.bool_)
        for n, (up, right) in enumerate(MOVES):
            free = sea(0, 0) & sea(up, right)
            if abs(up) == abs(right) == 1:
                free &= sea(up, 0) | sea(0, right)
            for between in _crossed(up, right):
                free &= sea(*between)
            clear[:, :, n] = free
        return clear

    def _ends(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return for each cell of some rows the cells that its moves lead to."""
        ups, rights = np.array(MOVES, dtype=np.int32).T
        columns = np.arange(self._width, dtype=np.int32)[None, :, None] + rights
        if self._wraps:
            columns %= self._width
        return (rows[:, None, None] + ups) * np.int32(self._width) + columns

    def _move_lengths(self, rows: NDArray[np.int32]) -> Floats:
        """Return how long each move is from the cells of each row."""
        ups, rights = np.array(MOVES, dtype=np.float64).T * self._step
        lats = (self._south + (rows.astype(np.float64) + 0.5) * self._step)[:, None, None]
        return great_circle(lats, 0.0, np.clip(lats + ups, -90.0, 90.0), rights)

    def _largest(self) -> NDArray[np.bool_]:
        """Tell which cells belong to the largest sea."""
        from scipy.sparse.csgraph import connected_components

        _, parts = connected_components(self._ways, directed=False)
        sizes = np.bincount(parts, weights=self._sea.ravel())
        return (parts == sizes.argmax()).reshape(self._sea.shape)

    def shore(self, lats: Floats, lons: Floats) -> Shore:
        """Return the nearest cell to each place, and how far it is from there."""
        # Without a bound, places far from every cell each look at most of the tree.
        chords, found = self._tree.query(_on_sphere(lats, lons), distance_upper_bound=_BOUND)
        lengths = 2.0 * EARTH_RADIUS_NM * np.arcsin(np.minimum(1.0, chords / 2.0))
        return Shore(
            lats,
            lons,
            self._cells[np.minimum(found, len(self._cells) - 1)],
            np.where(np.isfinite(chords), lengths, np.inf),
        )

    def start(self, lat: float, lon: float) -> tuple[int, float]:
        """Return the nearest cell to a place and the distance. ValueError for one far inland."""
        found = self.shore(*_alone((lat, lon)))
        if not np.isfinite(found.ashore[0]):
            raise ValueError(
                f"latitude {lat:g}, longitude {lon:g} is more than {ASHORE:g} NM from the sea that"
                " ships are routed over"
            )
        return int(found.cells[0]), float(found.ashore[0])

    def lengths(self, start: int) -> Floats:
        """Return the length of the shortest way from one cell to every other."""
        from scipy.sparse.csgraph import dijkstra

        return dijkstra(self._ways, directed=True, indices=[start])[0]

    def path(self, start: int, end: int) -> list[int]:
        """Return the cells of a shortest way; all that are sailed from lie in one sea."""
        from scipy.sparse.csgraph import dijkstra

        _, before = dijkstra(self._ways, directed=True, indices=[start], return_predecessors=True)
        cells = [end]
        while cells[-1] != start:
            cells.append(int(before[0, cells[-1]]))
        return cells[::-1]

    def places(self, cells: list[int]) -> list[tuple[float, float]]:
        """Return the centres of cells."""
        return [
            (
                self._south + (cell // self._width + 0.5) * self._step,
                _turned(self._west + (cell % self._width + 0.5) * self._step),
            )
            for cell in cells
        ]

    def is_clear(self, a: tuple[float, float], b: tuple[float, float]) -> bool:
        """Tell whether the great circle between two places leads over this sea alone.

        Its ends are left out as far as they are ashore.
        """
        lats, lons = _along(a, b, self._step / 4.0)
        rows = np.floor((lats - self._south) / self._step).astype(np.intp)
        columns = np.floor(((lons - self._west) % 360.0) / self._step).astype(np.intp)
        inside = (rows >= 0) & (rows < self._height) & (columns < self._width)
        on_sea = np.zeros(len(lats), dtype=np.bool_)
        on_sea[inside] = self._sea[rows[inside], columns[inside]]
        shore = self.shore(np.array([a[0], b[0]]), np.array([a[1], b[1]]))
        ends = (rows * self._width + columns)[:, None] == shore.cells
        return bool((on_sea | ends.any(axis=1)).all())


def _crossed(up: int, right: int) -> set[tuple[int, int]]:
    """Return the cells between two that the line from centre to centre passes or touches."""
    steps = 24 * max(abs(up), abs(right))
    line = {(round(up * n / steps), round(right * n / steps)) for n in range(1, steps)}
    # A corner is rounded to one side; there and back the same cells must be sea.
    back = {(up - row, right - column) for row, column in line}
    return (line | back) - {(0, 0), (up, right)}


def _alone(place: tuple[float, float]) -> tuple[Floats, Floats]:
    return np.array([place[0]]), np.array([place[1]])


def _on_sphere(lats: Floats, lons: Floats) -> Floats:
    lat, lon = np.radians(lats), np.radians(lons)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _along(a: tuple[float, float], b: tuple[float, float], step: float) -> tuple[Floats, Floats]:
    """Return places on the great circle between two, so many degrees apart or less."""
    start, end = _on_sphere(np.array([a[0], b[0]]), np.array([a[1], b[1]]))
    angle = math.acos(max(-1.0, min(1.0, float(start @ end))))
    shares = np.linspace(0.0, 1.0, 2 + math.ceil(math.degrees(angle) / step))[:, None]
    points = start * np.sin((1.0 - shares) * angle) + end * np.sin(shares * angle)
    return (
        np.degrees(np.arctan2(points[:, 2], np.hypot(points[:, 0], points[:, 1]))),
        np.degrees(np.arctan2(points[:, 1], points[:, 0])),
    )
