"""ASTERIX -> Report: reports and tracks of radars, of ADS-B ground stations, of a whole system.

A report's uid is `ICAO-` and the address where there is one; else `RADAR-`, the feed, the station
(SAC and SIC) and the number of the track; of a plot without one its time and place in place of the
number. Its time is the record's own, of the day that makes it nearest to the receipt. Heights of
pressure alone are above no known surface and are left out; they only help to place what a radar
sees by its range. What is simulated, or a test, is taken in an exercise and nowhere else.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from accord.core.body import Alarm, Body, Position, Removal
from accord.core.context import LIVE, Context, ContextKind
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED, UNNAMED_EXERCISE, Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.asterix import message, polar
from accord.wire.asterix.message import RADAR, Record, Target
from accord.wire.asterix.polar import Site
from accord.wire.asterix.stream import AsterixStream
from accord.wire.errors import Malformed, WireError

FEET = 0.3048
NAUTICAL_MILE = 1852.0
KNOT = NAUTICAL_MILE / 3600
FEET_A_MINUTE = FEET / 60

VALID = timedelta(seconds=60)
VALID_PLOT = timedelta(seconds=15)
"""How long a track holds, and a plot: a radar for long ranges turns once in some twelve seconds."""

CALLS: Mapping[str, str] = {
    "7500": "squawk 7500, unlawful interference",
    "7600": "squawk 7600, radio failure",
    "7700": "squawk 7700, emergency",
}
"""ICAO annex 10 volume IV, 2.1.4.1.2 to 2.1.4.1.4."""

STATES = ("", "general emergency", "medical emergency", "minimum fuel", "radio failure",
          "unlawful interference", "downed aircraft", "")  # fmt: skip
"""Of I021/200 (PS) and I062/080 (EMS), which number them alike; 7 is none."""

FIXED_WING, UNKNOWN, DISTRESS = "a-n-A-C-F", "a-u-A", Kind.of("b-a-o-tbl")

KINDS: Mapping[int, str] = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 11, 15), FIXED_WING),
    10: "a-n-A-C-H", 12: "a-n-A-C-L", 20: "a-n-G-E-V", 21: "a-n-G-E-V",
}  # fmt: skip
"""Emitter category (I021/020, I062/380 EMC) to CoT type; all others are unknown."""

_HOW_TRACKED, _HOW_SEEN = "m-f", "m"
"""Fused by a machine; said by a machine."""

GONE = Kind.of("t-x-d-d")


class AsterixReader:
    """Reads one feed; `sites` says where the radars stand, by SAC and SIC."""

    def __init__(
        self,
        stream: AsterixStream,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        sites: Mapping[tuple[int, int], Site] | None = None,
    ) -> None:
        self.counts: Counter[str] = stream.counts
        self._stream = stream
        self._source = source
        self._groups = groups
        self._context = context
        self._sites = sites or {}

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete."""
        del tick
        reports: list[Report] = []
        for block in self._stream.receive(data):
            if block[0] not in _READ:
                self.counts["not used"] += 1
                continue
            try:
                for record in message.read(block):
                    reports += self._take(record, received)
            except WireError as error:
                self.counts[error.reason] += 1
        self.counts["reports"] += len(reports)
        return reports

    def let_go(self) -> bool:
        """Forget what has come of a block whose end does not come; True where there was any."""
        return self._stream.let_go()

    def _take(self, record: Record, received: datetime) -> list[Report]:
        self.counts["records"] += 1
        of = record.target
        if not of.is_target:
            self.counts["no target"] += 1
            return []
        if of.is_simulated and self._context == LIVE:
            self.counts["simulated, in a live feed"] += 1
            return []
        site = self._sites.get((of.sac, of.sic))
        point = self._point(of, site)
        if point is None and not _has_ended(of):
            return []
        kept = _site_text(site) if of.category == RADAR else b""
        return [self._report(of, point, received, kept + b"\n" + record.data)]

    def _point(self, of: Target, site: Site | None) -> Point | None:
        if of.polar is not None and site is None:
            self.counts[f"radar {of.sac}/{of.sic} is not in `radars`"] += 1
            return None
        try:
            return _place(of, site)
        except (ValueError, Malformed):
            self.counts["no position"] += 1
            return None

    def _report(
        self, of: Target, point: Point | None, received: datetime, original: bytes
    ) -> Report:
        at = received if of.time is None else _moment(of.time, received)
        uid = _uid(of, self._source.speaker)
        has_ended = _has_ended(of)
        calls = "" if has_ended else STATES[of.emergency] or CALLS.get(of.squawk, "")
        valid = timedelta() if has_ended else VALID_PLOT if _is_plot(of) else VALID
        return Report(
            uid=f"{uid}.gone" if has_ended else uid,
            context=self._context,
            kind=GONE if has_ended else _kind(of, calls),
            how=_HOW_SEEN if of.track is None else _HOW_TRACKED,
            time=at,
            start=at,
            stale=at + valid,
            received=received,
            body=Removal(target=uid) if has_ended else _body(of, point, calls),
            identity=Identity() if has_ended else Identity(icao=of.icao, callsign=of.callsign),
            marking=_marking(self._context, of),
            source=self._source,
            groups=self._groups,
            original=Original(Form.ASTERIX, original),
        )


_READ = frozenset({message.ADS_B, message.RADAR, message.SYSTEM})


def _has_ended(of: Target) -> bool:
    """Tell whether its track is no more; what has an address may well be seen by others."""
    return of.ends and of.icao is None and of.track is not None


def _is_plot(of: Target) -> bool:
    return of.track is None and of.icao is None


def _place(of: Target, site: Site | None) -> Point | None:
    """Return where it is. Raises ValueError or Malformed where that cannot be."""
    if of.polar is None or site is None:
        if of.lat is None or of.lon is None:
            raise Malformed("a record without a place")
        hae = None if of.altitude is None else of.altitude * FEET
        return Point(lat=of.lat, lon=of.lon, hae=hae)
    # Without a height it is taken to be as high as the radar, which puts it a little too far away.
    height = site.height if of.polar.height is None else of.polar.height * FEET
    lat, lon = polar.place(site, of.polar.rho * NAUTICAL_MILE, of.polar.theta, height)
    return Point(lat=lat, lon=lon)


def _moment(seconds: float, received: datetime) -> datetime:
    day = received.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (day + timedelta(days=n, seconds=seconds) for n in (-1, 0, 1))
    return min(days, key=lambda at: abs(at - received))


def _uid(of: Target, speaker: str) -> str:
    if of.icao is not None:
        return f"ICAO-{of.icao.upper()}"
    station = f"RADAR-{speaker}-{of.sac}.{of.sic}"
    if of.track is not None:
        return f"{station}-{of.track}"
    where = of.polar or (of.lat, of.lon)
    return f"{station}-plot-{of.time}-{where[0]}-{where[1]}"


def _kind(of: Target, calls: str) -> Kind:
    return DISTRESS if calls else Kind.of(KINDS.get(of.emitter, UNKNOWN))


def _body(of: Target, point: Point | None, calls: str) -> Body:
    if calls:
        return Alarm(category=calls, point=point)
    return Position(
        point=point,
        course=None if of.course is None else of.course % 360.0,
        speed=None if of.speed is None else of.speed * KNOT,
        climb=None if of.climb is None else of.climb * FEET_A_MINUTE,
    )


def _marking(context: Context, of: Target) -> Marking:
    if context.kind is not ContextKind.EXERCISE:
        return UNMARKED
    kind = OpexKind.SIMULATION if of.is_simulated else OpexKind.EXERCISE
    return Marking(opex=Opex(kind, context.name))


def _site_text(site: Site | None) -> bytes:
    return b"" if site is None else f"{site.lat!r} {site.lon!r} {site.height!r}".encode()


def read_site(text: str) -> Site:
    """Return where a radar stands, from `LATITUDE LONGITUDE HEIGHT`. Raises ValueError."""
    lat, lon, height = map(float, text.split())
    Point(lat=lat, lon=lon, hae=height)
    if not -1_000.0 <= height <= 10_000.0:
        raise ValueError(f"a radar {height:g} m above the ellipsoid")
    return Site(lat, lon, height)


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from the record that was kept. Raises WireError."""
    place, end, block = original.data.partition(b"\n")
    if original.form is not Form.ASTERIX or not end:
        raise Malformed(f"there is no radar's record in an original of form {original.form}")
    if not block or block[0] not in _READ:
        raise Malformed("there is no record that is read in what was kept")
    sites: dict[tuple[int, int], Site] = {}
    if place:
        try:
            site = read_site(place.decode("ascii"))
        except ValueError:
            raise Malformed("a radar that stands nowhere") from None
        sites = {(each.target.sac, each.target.sic): site for each in message.read(block)}
    # A live feed lets in nothing simulated, so such a record was kept in an exercise.
    is_simulated = any(each.target.is_simulated for each in message.read(block))
    of = Context.exercise(UNNAMED_EXERCISE) if is_simulated and context == LIVE else context
    reader = AsterixReader(
        AsterixStream(is_datagrams=True), source=source, groups=groups, context=of, sites=sites
    )
    reports = reader.read(block, received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no position in what was kept")
    return reports[-1]
