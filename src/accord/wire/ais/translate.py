"""AIS -> Report. Knots become m/s here, and what a station said of itself goes with its positions.

A report's uid is `MMSI-` and the nine digits. Its original is every line the claim was made of: the
newest static messages of the station, then the position, so that it can be made again from them.
Read are the positions of messages 1, 2, 3, 4, 9, 11, 18, 19, 21, 27 and the static data of 5, 19,
21 and 24; headings, rates of turn, voyages and sizes have no place in a Report, nor has the height
of an aircraft, since message 9 does not say above what.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

from accord.core.body import Alarm, Body, Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Group
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.wire.ais import fields
from accord.wire.ais.fields import Station
from accord.wire.ais.message import AisPosition, AisStatic, decode
from accord.wire.ais.stream import AisFrame, AisStream
from accord.wire.errors import Malformed, WireError

KNOT = 1852 / 3600
"""Metres per second (SI brochure, 8th edition, table 8)."""

MISSED_REPORTS = 5
LEAST_VALID = 120.0
"""A position is valid for this many reporting intervals, and not less than this many seconds.

Ours to choose: at the edge of reception most messages of a moving ship are lost.
"""

_ACCURATE = 10.0  # metres; the flag of position accuracy says "not worse than"
_COARSE = 131.0  # metres; message 27 rounds both coordinates to a tenth of a minute
_HOW = "m-g"  # derived from GNSS, by the station itself


T = TypeVar("T")

_NO_DOUBT: frozenset[Doubt] = frozenset()
_IMPOSSIBLE = frozenset({Doubt.IMPOSSIBLE_POSITION})


class _Vessel:
    """What one station has said of itself."""

    __slots__ = ("data", "identity", "is_beacon", "kinds", "number", "parts", "ship_type", "uid")

    def __init__(self, mmsi: int) -> None:
        self.number = fields.number(mmsi)
        self.is_beacon = self.number.station.is_beacon
        self.kinds: dict[int, Kind] = {}
        self.uid = f"MMSI-{self.number.digits}"
        self.parts: dict[str, tuple[AisStatic, bytes]] = {}
        self.data = b""
        self.ship_type = 0
        self.identity = _identity(self.number, ())

    def learn(self, static: AisStatic, data: bytes) -> None:
        """Take in a static message; the newest of each part counts."""
        known = self.parts.pop(static.part, None)
        self.parts[static.part] = (static, data)
        self.data = b"\n".join([said for _, said in self.parts.values()])
        if known is None or known[0] != static or len(self.parts) > 1:
            told = tuple(each for each, _ in self.parts.values())
            self.ship_type = _newest([each.ship_type for each in told]) or 0
            self.kinds.clear()
            self.identity = _identity(self.number, told)

    def kind(self, message: int) -> Kind:
        """Return what it is by all that it has said, in a message of this type."""
        kind = self.kinds.get(message)
        if kind is None:
            text = fields.cot_type(message, self.number.station, self.ship_type)
            kind = self.kinds[message] = Kind.of(text)
        return kind

    def original(self, part: str | None, data: bytes) -> bytes:
        """Return the lines behind a position; `part` is the static part in the same message."""
        if part is None:
            return self.data + b"\n" + data if self.data else data
        return self.data


class AisReader:
    """Reads one feed: bytes in any chunking to reports.

    What is known of `max_vessels` stations is kept; beyond, the one heard longest ago is
    forgotten. `counts` says what was read, and what was refused or not used, by reason.
    """

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        max_vessels: int = 50_000,
        counts: Counter[str] | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter() if counts is None else counts
        self._stream = AisStream()
        self._stream.counts = self.counts
        self._source = source
        self._groups = groups
        self._context = context
        self._marking = marking_of(context)
        self._max_vessels = max_vessels
        self._vessels: dict[int, _Vessel] = {}

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete.

        `received` is now, and the time of a position whose sentence bears none; `tick` is
        seconds that never go back.
        """
        reports: list[Report] = []
        for frame in self._stream.receive(data, tick):
            try:
                report = self._take(frame, received)
            except WireError as error:
                self.counts[error.reason] += 1
                continue
            if report is not None:
                reports.append(report)
        self.counts["reports"] += len(reports)
        return reports

    def _take(self, frame: AisFrame, received: datetime) -> Report | None:
        position, static = decode(frame.payload, frame.fill)
        said = position or static
        if said is None:
            self.counts["not used"] += 1
            return None
        vessel = self._vessel(said.mmsi)
        if static is not None:
            vessel.learn(static, frame.data)
        if position is None:
            self.counts["static"] += 1
            return None
        part = static.part if static is not None else None
        return self._report(
            vessel, position, frame.time, vessel.original(part, frame.data), received
        )

    def _vessel(self, mmsi: int) -> _Vessel:
        vessel = self._vessels.pop(mmsi, None)
        if vessel is None:
            vessel = _Vessel(mmsi)
            if len(self._vessels) >= self._max_vessels:
                del self._vessels[next(iter(self._vessels))]
                self.counts["vessels forgotten"] += 1
        self._vessels[mmsi] = vessel  # last is newest
        return vessel

    def _report(
        self,
        vessel: _Vessel,
        position: AisPosition,
        time: float | None,
        data: bytes,
        received: datetime,
    ) -> Report | None:
        calls = vessel.is_beacon and position.status == fields.ACTIVE_BEACON
        point, doubts = _point(position)
        if point is None and not doubts and not calls:
            self.counts["no position"] += 1
            return None
        at = received if time is None else datetime.fromtimestamp(time, UTC)
        return Report(
            uid=vessel.uid,
            context=self._context,
            kind=_BEACON if calls else vessel.kind(position.type),
            how=_HOW,
            time=at,
            start=at,
            stale=at + _valid_for(position, calls=calls),
            received=received,
            body=_call(vessel.number.station, point) if calls else _body(position, point),
            identity=vessel.identity,
            marking=self._marking,
            source=self._source,
            groups=self._groups,
            doubts=doubts,
            original=Original(Form.AIS, data),
        )


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from the lines that were kept. Raises WireError."""
    if original.form is not Form.AIS:
        raise Malformed(f"there is no AIS in an original of form {original.form}")
    reader = AisReader(source=source, groups=groups, context=context)
    reports = reader.read(original.data + b"\n", received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no position in what was kept")
    return reports[-1]


_BEACON = Kind.of(fields.BEACON_TYPE)


def _valid_for(position: AisPosition, *, calls: bool) -> timedelta:
    if calls:
        return _validity(fields.BEACON_INTERVAL)
    return _validity(fields.interval(position.type, position.speed, position.status))


@cache
def _validity(interval: float) -> timedelta:
    return timedelta(seconds=max(MISSED_REPORTS * interval, LEAST_VALID))


def _point(position: AisPosition) -> tuple[Point | None, frozenset[Doubt]]:
    """Return the point, None where there is none to be had, and why it is doubted."""
    lat, lon = position.lat, position.lon
    if lat is None or lon is None:
        return None, _NO_DOUBT
    error = _COARSE if position.type == 27 else _ACCURATE if position.is_accurate else None
    try:
        return Point(lat=lat, lon=lon, circular_error=error), _NO_DOUBT
    except ValueError:
        return None, _IMPOSSIBLE


def _body(position: AisPosition, point: Point | None) -> Body:
    speed = position.speed
    return Position(
        point=point,
        course=position.course,
        speed=None if speed is None else speed * KNOT,
    )


def _call(station: Station, point: Point | None) -> Body:
    """Return the call for help of a beacon; it stands until somebody cancels it."""
    return Alarm(category=station.value, point=point)


def _identity(number: fields.Number, told: tuple[AisStatic, ...]) -> Identity:
    beacon = f"{number.station.value} {number.digits}" if number.station.is_beacon else None
    imo = _newest([each.imo for each in told])
    return Identity(
        mmsi=None if number.station is Station.UNKNOWN else number.digits,
        imo=str(imo) if imo is not None and _is_imo(imo) else None,
        callsign=_newest([each.callsign for each in told]),
        name=_newest([each.name for each in told]) or beacon,
        nation=number.nation,
    )


def _newest(values: list[T | None]) -> T | None:
    """Return the last that is known."""
    return next((value for value in reversed(values) if value is not None), None)


def _is_imo(number: int) -> bool:
    """Tell whether the seventh digit is the check digit of the six before (IMO A.1117(30))."""
    digits = str(number)
    if len(digits) != 7:
        return False
    total = sum(int(d) * weight for d, weight in zip(digits, range(7, 1, -1), strict=False))
    return total % 10 == int(digits[6])
