"""A sensor whose plots bear no name: they are gathered look by look, and tracked here."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from accord.core.context import LIVE, Context
from accord.core.principal import Group
from accord.core.report import Report, Source
from accord.feeds.settings import Seen
from accord.fusion.tracker import STALE, Plot, Tracked, Tracker
from accord.wire.geojson.message import Feature, Found, GeometryKind
from accord.wire.geojson.translate import FeatureReader
from accord.wire.plot.stream import PlotLine, PlotStream

MOST_PLOTS = 20_000
"""Plots of one look; more are not taken."""

TOO_MANY = "plots beyond the most of one look"

KINDS = {Seen.SEA: "a-u-S", Seen.AIR: "a-u-A", Seen.LAND: "a-u-G"}
"""What a sensor looks at, and the CoT type of what it tracks."""

_FASTEST = {Seen.SEA: 35.0, Seen.AIR: 700.0, Seen.LAND: 60.0}
_NOISE = {Seen.SEA: 0.05, Seen.AIR: 10.0, Seen.LAND: 1.0}
"""How much it turns and speeds up, m2/s3: a ship by 0.1 m/s2, an aircraft by 3 m/s2."""


class PlotReader:
    """Makes tracks of one sensor's plots.

    A look is `scan` seconds; what comes later belongs to the next. `error` is of a plot that says
    none, one standard deviation in metres.
    """

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        of: Seen = Seen.SEA,
        scan: float = 3.0,
        error: float = 50.0,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._stream = PlotStream()
        self._stream.counts = self.counts
        self._tracker = Tracker(fastest=_FASTEST[of], noise=_NOISE[of])
        self._tracker.counts = self.counts
        self._features: list[Feature] = []
        self._reader = FeatureReader(
            lambda _: Found(self._features, [], 0), source=source, groups=groups, context=context
        )
        self._kind = KINDS[of]
        self._scan = scan
        self._error = error
        self._look: list[Plot] = []
        self._began = ""

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the tracks after each look that these bytes end; and which are no more."""
        reports: list[Report] = []
        for line in self._stream.receive(data):
            plot = self._plot(line, received)
            if self._look and not 0.0 <= plot.time - self._look[0].time < self._scan:
                reports += self._end(received, tick)
            if len(self._look) < MOST_PLOTS:
                self._look.append(plot)
            else:
                self.counts[TOO_MANY] += 1
        self.counts["reports"] += len(reports)
        return reports

    def _plot(self, line: PlotLine, received: datetime) -> Plot:
        self.counts["plots"] += 1
        time = received.timestamp() if line.time is None else line.time
        # Numbers begin anew with each start: what was shown before is nothing of what is now.
        self._began = self._began or f"{received:%m%d%H%M%S}"
        return Plot(line.lat, line.lon, time, line.error or self._error)

    def _end(self, received: datetime, tick: float) -> list[Report]:
        look, self._look = self._look, []
        at = datetime.fromtimestamp(max(each.time for each in look), UTC)
        self._features = [self._feature(each, at) for each in self._tracker.look(look)]
        return self._reader.read(b"", received=received, tick=tick)

    def _feature(self, track: Tracked, at: datetime) -> Feature:
        point = track.point
        return Feature(
            f"{self._began}.{track.number}",
            "",
            GeometryKind.POINT,
            ((point.lon, point.lat),),
            {
                "type": self._kind,
                "time": at.isoformat(),
                "stale": (at + timedelta(seconds=STALE)).isoformat(),
                "course": track.course,
                "speed": track.speed,
            },
        )
