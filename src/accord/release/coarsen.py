"""Makes places coarse: positions on the grid after a secret shift, outlines of such positions."""

import math

from accord.core.form import Kept, ReleaseForm
from accord.core.geometry import Circle, Outline, Point, Polyline
from accord.core.value import value
from accord.release.grid import LONGEST, SEMI_MAJOR, cell_at, moved

ERROR_STEP = 0.5
"""Stated errors are whole multiples of so many cells, so that the true error does not show."""


@value
class Coarsening:
    """What a form does to the places of one object; `east` and `north` are its shift in metres."""

    form: ReleaseForm
    east: float
    north: float

    def point(self, point: Point) -> Point | None:
        """Return the place as the form gives it, None where its error cannot be stated."""
        cell = self.form.cell
        if cell is not None:
            return self._on_grid(point, cell)
        if Kept.HEIGHT in self.form.keep:
            return point
        return Point(lat=point.lat, lon=point.lon, circular_error=point.circular_error)

    def outline(self, outline: Outline) -> Outline | None:
        """Return the outline of coarse points, None where nothing of it is left to draw."""
        if isinstance(outline, Circle):
            return self._circle(outline)
        points = [self.point(point) for point in outline.points]
        drawn = [p for n, p in enumerate(points) if p is not None and (not n or p != points[n - 1])]
        if None in points or len(drawn) < 2:
            return None
        return Polyline(points=tuple(drawn), closed=outline.closed)

    def _on_grid(self, point: Point, cell: float) -> Point | None:
        known = point.circular_error or 0.0
        if not 0.0 <= known < math.inf:
            return None
        lat, lon = moved(point.lat, point.lon, east=self.east, north=self.north)
        centre = cell_at(lat, lon, cell)
        # The longest shift that the form allows: from its own, an error would tell how long it is.
        shifted = math.sqrt(2.0) * self.form.offset * cell * LONGEST / SEMI_MAJOR
        error = max(centre.reach + shifted + known, (1.0 + self.form.offset) * cell)
        return Point(
            lat=centre.lat, lon=centre.lon, circular_error=_up_to(error, ERROR_STEP * cell)
        )

    def _circle(self, circle: Circle) -> Circle | None:
        centre = self.point(circle.centre)
        cell, radius = self.form.cell, circle.radius
        if centre is None or not 0.0 <= radius < math.inf:
            return None
        wide = radius if cell is None else max(cell, _up_to(radius, cell))
        return Circle(centre=centre, radius=wide)


def _up_to(length: float, step: float) -> float:
    return math.ceil(length / step) * step
