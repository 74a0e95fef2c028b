"""Whether one state of an object has its release form, looked at in the whole numbers of the wire.

Written from the definition of the forms and the grid alone, as `release/verify.py` is, and apart
from it: of each state that leaves, this is all that changes, and it is looked at thousands of times
a second.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from accord.core.form import Kept, ReleaseForm
from accord.wire.peer.fields import EARLIEST
from accord.wire.peer.report import Update

_EQUATOR = 40_075_016.685_578
"""Metres round the WGS-84 equator: 2 pi a."""
_DEGREE = 110_574.275_822
"""Metres in the shortest degree of latitude of WGS-84: pi a (1 - e^2) / 180."""
_UNIT = 10_000_000
"""Parts of a degree that places are counted in on the wire."""
_DECIMALS = 10
"""Of those parts, what the sixth decimal has: centres of cells are rounded to it."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateForm:
    """A form as states on the wire are held against it; times in ms, lengths in mm."""

    form: ReleaseForm
    min_age: int
    step: int
    cell: float
    least_error: float
    keeps: frozenset[Kept]

    @classmethod
    def of(cls, form: ReleaseForm) -> "StateForm":
        """Return it for a form; `step` 0: times are not rounded, `cell` 0: there is no grid."""
        rounds = form.cadence is not None and Kept.TIME not in form.keep and not form.exact
        return cls(
            form=form,
            min_age=form.min_age // _MS,
            step=form.cadence // _MS if rounds and form.cadence is not None else 0,
            cell=form.cell or 0.0,
            least_error=1_000.0 * (form.cell or 0.0) * (1.0 + form.offset),
            keeps=form.keep,
        )

    def fault(self, it: Update, now: int) -> str:
        """Return in a few words what is wrong with a state; empty where it has the form."""
        if self.min_age and now - max(it.time, it.received) < self.min_age:
            return f"younger than {self.form.min_age}"
        if self.form.exact:
            return ""
        return (
            self._fault_of_times(it, now) or self._fault_of_motion(it) or self._fault_of_place(it)
        )

    def _fault_of_times(self, it: Update, now: int) -> str:
        if it.received != it.time:
            return "tells when it was received"
        if not self.step:
            return ""
        if it.start != it.time or it.time > now:
            return "tells another start than its time, or one that is not reached"
        if (it.time - EARLIEST) % self.step or (it.stale - EARLIEST) % self.step:
            return "has a time that is not rounded to the cadence"
        return ""

    def _fault_of_motion(self, it: Update) -> str:
        if it.original is not None or it.doubts:
            return "carries original bytes, or what the giver doubts"
        told = (
            (Kept.COURSE, it.course),
            (Kept.SPEED, it.speed),
            (Kept.CLIMB, it.climb),
            (Kept.HEIGHT, it.hae),
            (Kept.HEIGHT, it.linear_error),
        )
        for kept, value in told:
            if value is not None and kept not in self.keeps:
                return f"tells the {kept}"
        return ""

    def _fault_of_place(self, it: Update) -> str:
        if it.lat is None or it.lon is None:
            return ""
        if self.form.presence_only:
            return "tells a place"
        if not self.cell:
            return ""
        half = 500.0 * self.cell
        error = it.circular_error
        if error is None or error < math.floor(self.least_error):
            return "states a smaller error than cell and offset make"
        if abs(error - half * round(error / half)) > 0.5:
            return "states an error that is not of half cells"
        return "" if self._is_centre(it.lat, it.lon) else f"is not on the grid of {self.cell:g} m"

    def _is_centre(self, lat: int, lon: int) -> bool:
        """Tell whether this is the centre of a cell, to the sixth decimal and no further."""
        if lat % _DECIMALS or lon % _DECIMALS:
            return False
        north, east = lat / _UNIT, lon / _UNIT
        height = 180 / max(1, int(180 * _DEGREE / self.cell))
        middle = (math.floor((north + 90) / height) + 0.5) * height - 90
        narrowest = _EQUATOR * math.cos(math.radians(abs(middle) + height / 2))
        width = 360 / max(1, int(narrowest / self.cell))
        across = (math.floor((east + 180) / width) + 0.5) * width - 180
        return abs(north - middle) < 5.001e-7 and abs(east - across) < 5.001e-7
