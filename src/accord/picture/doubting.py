"""Every reason to doubt a claim: by itself, beside the one before, and beside what others say."""

from dataclasses import replace

from accord.core.body import Position
from accord.core.kind import Dimension
from accord.core.report import Doubt, Report
from accord.picture.gathering import Gatherings
from accord.picture.land import Land
from accord.picture.memory import Memory, stands
from accord.picture.plausible import doubts as doubts_of

_NONE: frozenset[Doubt] = frozenset()
_ON_LAND = frozenset({Doubt.ON_LAND})
_INTERFERENCE = frozenset({Doubt.INTERFERENCE})
_MOVED = frozenset({Doubt.JUMP, Doubt.MOTION})


class Doubting:
    """Marks claims. `land` is where no ship can be."""

    def __init__(self, land: Land) -> None:
        self.gatherings = Gatherings()
        self._land = land

    def marked(
        self, report: Report, before: Report | None, memory: Memory | None, *, of_many: bool
    ) -> tuple[Report, Memory | None]:
        """Return the report with its doubts, and what is to be remembered of its track.

        `before` is the claim of the same source; `of_many` sources tell of the track.
        """
        doubts = doubts_of(report, before)
        if isinstance(report.body, Position):
            if memory is None and (of_many or stands(report.body, before)):
                memory = Memory()
            if memory is not None:
                doubts |= memory.doubts(report, before, of_many=of_many)
            doubts |= self._of_place(report, report.body, doubts)
        same = doubts == report.doubts
        return report if same else replace(report, doubts=doubts), memory

    def _of_place(
        self, report: Report, body: Position, doubts: frozenset[Doubt]
    ) -> frozenset[Doubt]:
        point, found = body.point, _NONE
        if point is None:
            return found
        if report.kind.dimension is Dimension.SEA_SURFACE and self._land.holds(point):
            found |= _ON_LAND
        who, at = report.identity.mmsi or report.identity.icao or report.uid, report.received
        if not _MOVED.isdisjoint(doubts):
            self.gatherings.note(who, point, at)
        if self.gatherings and self.gatherings.is_one(who, point, at):
            found |= _INTERFERENCE
        return found
