"""ADS-B -> Report: Mode S frames, SBS lines and aircraft.json, each reader for one feed.

A report's uid is `ICAO-` and the six digits of the address. Its original is text: frames as AVR,
the lines of SBS, or a document of the one aircraft; always all that the claim was made of. Heights
are those above the ellipsoid: one of pressure alone is above no known surface, and is left out.

Affiliation. Whoever declares an emitter category of civil aviation is neutral; who declares none,
or is known for military, is unknown: nobody has looked.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from accord.core.body import Alarm, Body, Position
from accord.core.context import LIVE, Context, ContextKind
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNMARKED, Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Doubt, Form, Original, Report, Source
from accord.wire.adsb import message, readsb, sbs
from accord.wire.adsb.cpr import place
from accord.wire.adsb.message import (
    FEET,
    FEET_A_MINUTE,
    CprFix,
    Squawk,
    Squitter,
    Velocity,
)
from accord.wire.adsb.readsb import ReadsbAircraft
from accord.wire.adsb.sbs import SbsLine
from accord.wire.adsb.stream import AvrStream, BeastStream, Lines
from accord.wire.errors import Malformed, WireError

KNOT = 1852 / 3600
"""Metres per second (SI brochure, 8th edition, table 8)."""

VALID = timedelta(seconds=60)
"""A position is sent twice a second; after a minute without one it is stale."""

LEAST_APART = 1.0
"""Seconds between two reports of one aircraft: what comes between says nothing new to people."""

PAIR = 10.0
"""Seconds between two halves of a position, at most (DO-260B 2.2.10.3.1)."""

RECENT = 60.0
"""Seconds for which a velocity and a squawk are taken to hold, and an address to be known."""

MAX_AIRCRAFT = 20_000
"""Aircraft remembered by one feed; beyond, the one heard longest ago is forgotten."""

CALLS: Mapping[str, str] = {
    "7500": "squawk 7500, unlawful interference",
    "7600": "squawk 7600, radio failure",
    "7700": "squawk 7700, emergency",
}
"""ICAO annex 10 volume IV, 2.1.4.1.2 to 2.1.4.1.4."""

STATES = (
    "", "general emergency", "medical emergency", "minimum fuel", "radio failure",
    "unlawful interference", "downed aircraft", "",
)  # fmt: skip
"""Emergency states by number (DO-260B table 2-78); 0 is none, 7 reserved."""

_READSB_STATES: Mapping[str, str] = {
    "general": STATES[1], "lifeguard": STATES[2], "minfuel": STATES[3], "nordo": STATES[4],
    "unlawful": STATES[5], "downed": STATES[6],
}  # fmt: skip

EMERGENCY = Kind.of("b-a-o-tbl")
"""The CoT type of a call for help that every TAK client shows as one."""

KINDS: Mapping[str, str] = {
    "A1": "a-n-A-C-F", "A2": "a-n-A-C-F", "A3": "a-n-A-C-F", "A4": "a-n-A-C-F", "A5": "a-n-A-C-F",
    "A6": "a-n-A-C-F", "A7": "a-n-A-C-H", "B1": "a-n-A-C-F", "B2": "a-n-A-C-L",
    "B4": "a-n-A-C-F", "C1": "a-n-G-E-V", "C2": "a-n-G-E-V",
}  # fmt: skip
"""Emitter category (DO-260B 2.2.3.2.5.2) to CoT type; all others are `a-u-A`."""

UNKNOWN = "a-u-A"

_IMPOSSIBLE = frozenset({Doubt.IMPOSSIBLE_POSITION})
_NO_DOUBT: frozenset[Doubt] = frozenset()


class Aircraft(NamedTuple):
    """What is known of one aircraft: knots, degrees true, metres, m/s; `calls` is for what help."""

    icao: str
    lat: float
    lon: float
    callsign: str | None = None
    category: str = ""
    speed: float | None = None
    course: float | None = None
    hae: float | None = None
    climb: float | None = None
    calls: str = ""
    is_military: bool = False


class Maker:
    """Makes reports of one feed."""

    def __init__(self, source: Source, groups: frozenset[Group], context: Context) -> None:
        self._source = source
        self._groups = groups
        self._context = context
        is_exercise = context.kind is ContextKind.EXERCISE
        opex = Opex(OpexKind.EXERCISE, context.name) if is_exercise else None
        self._marking = UNMARKED if opex is None else Marking(opex=opex)

    def report(self, of: Aircraft, at: datetime, received: datetime, original: bytes) -> Report:
        """Return the claim that the aircraft is there."""
        point, doubts = _point(of)
        digits = of.icao.removeprefix("~")
        is_icao = digits == of.icao
        return Report(
            uid=f"ICAO-{digits.upper()}" if is_icao else f"TISB-{digits.upper()}",
            context=self._context,
            kind=EMERGENCY if of.calls else _kind(of),
            how="m-g",
            time=at,
            start=at,
            stale=at + VALID,
            received=received,
            body=_body(of, point),
            identity=Identity(icao=digits if is_icao else None, callsign=of.callsign),
            marking=self._marking,
            source=self._source,
            groups=self._groups,
            doubts=doubts,
            original=Original(Form.ADSB, original),
        )


def _kind(of: Aircraft) -> Kind:
    return Kind.of(UNKNOWN if of.is_military else KINDS.get(of.category, UNKNOWN))


def _point(of: Aircraft) -> tuple[Point | None, frozenset[Doubt]]:
    try:
        return Point(lat=of.lat, lon=of.lon, hae=of.hae), _NO_DOUBT
    except ValueError:
        return None, _IMPOSSIBLE


def _body(of: Aircraft, point: Point | None) -> Body:
    if of.calls:
        return Alarm(category=of.calls, point=point)
    speed = None if of.speed is None else of.speed * KNOT
    return Position(point=point, course=of.course, speed=speed, climb=of.climb)


class _State:
    """What one aircraft has said, and the frames that said so."""

    __slots__ = (
        "above",
        "calls",
        "calls_at",
        "callsign",
        "category",
        "frames",
        "halves",
        "heard",
        "reported",
        "velocity",
        "velocity_at",
    )  # fmt: skip

    def __init__(self, tick: float) -> None:
        self.heard = tick
        self.reported = -math.inf
        self.callsign: str | None = None
        self.category = ""
        self.velocity: Velocity | None = None
        self.velocity_at = -math.inf
        self.calls = ""
        self.calls_at = -math.inf
        self.halves: list[tuple[float, CprFix, bytes] | None] = [None, None]
        self.frames: dict[str, bytes] = {}


class ModeSReader:
    """Reads Mode S frames of one feed, out of Beast or AVR."""

    def __init__(
        self,
        stream: BeastStream | AvrStream,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        max_aircraft: int = MAX_AIRCRAFT,
    ) -> None:
        self.counts: Counter[str] = stream.counts
        self._stream = stream
        self._maker = Maker(source, groups, context)
        self._max_aircraft = max_aircraft
        self._aircraft: dict[int, _State] = {}

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete; both times are now."""
        reports: list[Report] = []
        count = 0
        for frame in self._stream.receive(data):
            count += 1
            try:
                said = message.read(frame)
            except WireError as error:
                self.counts[error.reason] += 1
                continue
            if said is None:
                self.counts["not used"] += 1
            elif isinstance(said, Squawk):
                self._answered(said, frame, tick)
            elif (report := self._squittered(said, frame, received, tick)) is not None:
                reports.append(report)
        self.counts["frames"] += count
        self.counts["reports"] += len(reports)
        return reports

    def _answered(self, said: Squawk, frame: bytes, tick: float) -> None:
        """Take the squawk of an aircraft that is known: any garbled reply has some address."""
        state = self._aircraft.get(said.icao)
        if state is None or tick - state.heard > RECENT:
            self.counts["not used"] += 1
            return
        self._calls(state, CALLS.get(said.squawk, ""), frame, tick)

    def _calls(self, state: _State, calls: str, frame: bytes, tick: float) -> None:
        state.calls, state.calls_at = calls, tick
        if calls:
            state.frames["calls"] = frame
        else:
            state.frames.pop("calls", None)

    def _squittered(
        self, said: Squitter, frame: bytes, received: datetime, tick: float
    ) -> Report | None:
        state = self._state(said.icao, tick)
        code = said.code
        if 9 <= code <= 18 or 20 <= code <= 22:
            return self._placed(said, state, frame, received, tick)
        if 1 <= code <= 4:
            state.callsign, state.category = message.identification(said)
            state.frames["name"] = frame
        elif code == 19:
            state.velocity, state.velocity_at = message.velocity(said), tick
            state.frames["velocity"] = frame
        elif code == 28 and (call := message.emergency(said)) is not None:
            calls = STATES[call.state] or CALLS.get(call.squawk, "")
            self._calls(state, calls, frame, tick)
        else:
            self.counts["not used"] += 1
        return None

    def _state(self, icao: int, tick: float) -> _State:
        state = self._aircraft.pop(icao, None)
        if state is None:
            state = _State(tick)
            if len(self._aircraft) >= self._max_aircraft:
                del self._aircraft[next(iter(self._aircraft))]
                self.counts["aircraft forgotten"] += 1
        state.heard = tick
        self._aircraft[icao] = state  # last is newest
        return state

    def _placed(
        self, said: Squitter, state: _State, frame: bytes, received: datetime, tick: float
    ) -> Report | None:
        fix = message.cpr_fix(said)
        state.halves[fix.is_odd] = tick, fix, frame
        if tick - state.reported < LEAST_APART:
            self.counts["thinned"] += 1
            return None
        even, odd = state.halves
        if even is None or odd is None or abs(even[0] - odd[0]) > PAIR:
            self.counts["half a position"] += 1
            return None
        where = place(even[1], odd[1], newest_is_odd=fix.is_odd)
        if where is None:
            self.counts["half a position"] += 1
            return None
        state.reported = tick
        older = (even if fix.is_odd else odd)[2]
        at = _known(said.icao, state, where, fix.altitude, tick)
        # A squawk is only taken of an aircraft that is known, so it stands behind a squitter.
        frames = (*_frames(state, tick), older, *_calling(state, tick), frame)
        original = b"\n".join([b"*%b;" % each.hex().encode() for each in frames])
        return self._maker.report(at, received, received, original)


def _known(
    icao: int, state: _State, where: tuple[float, float], altitude: int | None, tick: float
) -> Aircraft:
    velocity = state.velocity if tick - state.velocity_at <= RECENT else None
    calls = state.calls if tick - state.calls_at <= RECENT else ""
    lat, lon = where
    aircraft = Aircraft(f"{icao:06x}", lat, lon, state.callsign, state.category, calls=calls)
    if velocity is None:
        return aircraft
    above, climb = velocity.above_pressure, velocity.climb
    return aircraft._replace(
        speed=velocity.speed,
        course=velocity.course,
        hae=None if altitude is None or above is None else (altitude + above) * FEET,
        climb=None if climb is None else climb * FEET_A_MINUTE,
    )


def _frames(state: _State, tick: float) -> Iterator[bytes]:
    """Yield the frames behind what is known, but for the place and calls for help."""
    if "name" in state.frames:
        yield state.frames["name"]
    if "velocity" in state.frames and tick - state.velocity_at <= RECENT:
        yield state.frames["velocity"]


def _calling(state: _State, tick: float) -> Iterator[bytes]:
    if "calls" in state.frames and tick - state.calls_at <= RECENT:
        yield state.frames["calls"]


class SbsReader:
    """Reads SBS lines of one feed."""

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        max_aircraft: int = MAX_AIRCRAFT,
    ) -> None:
        self._lines = Lines()
        self.counts: Counter[str] = self._lines.counts
        self._maker = Maker(source, groups, context)
        self._max_aircraft = max_aircraft
        self._said: dict[str, dict[str, tuple[float, SbsLine, bytes]]] = {}
        self._reported: dict[str, float] = {}

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete; both times are now."""
        reports: list[Report] = []
        for line in self._lines.receive(data):
            try:
                said = sbs.read(line)
            except WireError as error:
                self.counts[error.reason] += 1
                continue
            if said is None:
                self.counts["other lines"] += 1
                continue
            self.counts["lines"] += 1
            report = self._take(said, line, received, tick)
            if report is not None:
                reports.append(report)
        self.counts["reports"] += len(reports)
        return reports

    def _take(self, said: SbsLine, line: bytes, received: datetime, tick: float) -> Report | None:
        known = self._said.pop(said.icao, None)
        if known is None:
            known = {}
            if len(self._said) >= self._max_aircraft:
                gone = next(iter(self._said))
                del self._said[gone]
                self._reported.pop(gone, None)
                self.counts["aircraft forgotten"] += 1
        self._said[said.icao] = known  # last is newest
        known.pop(said.kind, None)
        known[said.kind] = tick, said, line
        if said.lat is None or said.lon is None:
            return None
        if tick - self._reported.get(said.icao, -math.inf) < LEAST_APART:
            self.counts["thinned"] += 1
            return None
        self._reported[said.icao] = tick
        # Of places only this one: an older one, of another transmission, would be read first again.
        recent = [
            each
            for each in known.values()
            if tick - each[0] <= RECENT and (each[1] is said or each[1].lat is None)
        ]
        original = b"\n".join([each[2] for each in recent])
        aircraft = _together(said, [each[1] for each in recent])
        return self._maker.report(aircraft, received, received, original)


def _together(last: SbsLine, lines: list[SbsLine]) -> Aircraft:
    """Return what the lines say of an aircraft; the last that says something of it counts."""
    said = last
    for line in reversed(lines):
        said = said._replace(
            callsign=said.callsign or line.callsign,
            speed=line.speed if said.speed is None else said.speed,
            course=line.course if said.course is None else said.course,
            climb=line.climb if said.climb is None else said.climb,
            squawk=said.squawk or line.squawk,
            is_emergency=said.is_emergency or line.is_emergency,
        )
    calls = CALLS.get(said.squawk or "", STATES[1] if said.is_emergency else "")
    return Aircraft(
        said.icao,
        last.lat or 0.0,
        last.lon or 0.0,
        said.callsign,
        speed=said.speed,
        course=said.course,
        climb=None if said.climb is None else said.climb * FEET_A_MINUTE,
        calls=calls,
    )


class ReadsbReader:
    """Reads aircraft.json, a whole document at a time."""

    def __init__(
        self, *, source: Source, groups: frozenset[Group], context: Context = LIVE
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._maker = Maker(source, groups, context)

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return a report of each aircraft with a place; its time is the receiver's own."""
        del tick
        try:
            document = readsb.read(data)
        except WireError as error:
            self.counts[error.reason] += 1
            return []
        now = received if document.now is None else _moment(document.now, received)
        self.counts["no position"] += document.without_place
        self.counts["malformed"] += document.malformed
        self.counts["reports"] += len(document.aircraft)
        return [
            self._maker.report(
                _of_readsb(each), now - timedelta(seconds=min(each.seen, RECENT)), received,
                each.said,
            )
            for each in document.aircraft
        ]  # fmt: skip


def _moment(now: float, otherwise: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(now, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _of_readsb(said: ReadsbAircraft) -> Aircraft:
    calls = _READSB_STATES.get(said.emergency, CALLS.get(said.squawk or "", ""))
    return Aircraft(
        icao=said.hex,
        lat=said.lat,
        lon=said.lon,
        callsign=said.callsign or said.registration,
        category=said.category,
        speed=said.speed,
        course=said.course,
        hae=None if said.altitude is None else said.altitude * FEET,
        climb=None if said.climb is None else said.climb * FEET_A_MINUTE,
        calls=calls,
        is_military=said.is_military,
    )


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from what was kept. Raises WireError."""
    if original.form is not Form.ADSB:
        raise Malformed(f"there is no aircraft in an original of form {original.form}")
    begin = original.data[:1]
    reader: ModeSReader | SbsReader | ReadsbReader
    if begin == b"{":
        reader = ReadsbReader(source=source, groups=groups, context=context)
    elif begin == b"*":
        reader = ModeSReader(AvrStream(), source=source, groups=groups, context=context)
    else:
        reader = SbsReader(source=source, groups=groups, context=context)
    reports = reader.read(original.data + b"\n", received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no position in what was kept")
    return reports[-1]
