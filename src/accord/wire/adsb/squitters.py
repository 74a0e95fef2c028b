"""Mode S frames of one feed -> Report: what each aircraft has said lately, put together.

A report's original is its frames as AVR; where the place was found from where the receiver stands
or the aircraft was before, that stands ahead of them, on a line of its own that begins with `#`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from accord.core.context import LIVE, Context
from accord.core.principal import Group
from accord.core.report import Report, Source
from accord.wire.adsb import message
from accord.wire.adsb.aircraft import (
    CALLS,
    LEAST_APART,
    MAX_AIRCRAFT,
    RECENT,
    STATES,
    Aircraft,
    Maker,
)
from accord.wire.adsb.cpr import Place, place, place_on_ground
from accord.wire.adsb.message import (
    FEET,
    FEET_A_MINUTE,
    NOT_ICAO,
    CprFix,
    Relay,
    Squawk,
    Squitter,
    Surface,
    Velocity,
)
from accord.wire.adsb.stream import AvrStream, BeastStream
from accord.wire.errors import Malformed, WireError

PAIR = 10.0
"""Seconds between two halves of a position, at most (DO-260B 2.2.10.3.1)."""


class _Aloft(NamedTuple):
    """Where an aircraft was in the air, by which two frames."""

    where: Place
    older: bytes
    frame: bytes
    altitude: int | None


class _Grounded(NamedTuple):
    """Where an aircraft was on the ground and how it moved, by a frame and a place that is near."""

    where: Place
    near: Place
    frame: bytes
    moves: Surface


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
        "relay",
        "reported",
        "seen",
        "velocity",
        "velocity_at",
    )  # fmt: skip

    def __init__(self, tick: float) -> None:
        self.heard = tick
        self.reported = -math.inf
        self.seen: _Aloft | _Grounded | None = None
        self.relay = Relay.NONE
        self.callsign: str | None = None
        self.category = ""
        self.velocity: Velocity | None = None
        self.velocity_at = -math.inf
        self.calls = ""
        self.calls_at = -math.inf
        self.halves: list[tuple[float, CprFix, bytes] | None] = [None, None]
        self.frames: dict[str, bytes] = {}


class ModeSReader:
    """Reads Mode S frames of one feed, out of Beast or AVR.

    Where the receiver stands, `stands_at`, is within 45 NM of all on the ground that it hears.
    """

    def __init__(
        self,
        stream: BeastStream | AvrStream,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        max_aircraft: int = MAX_AIRCRAFT,
        stands_at: Place | None = None,
    ) -> None:
        self.counts: Counter[str] = stream.counts
        self._stands_at = stands_at
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
                reports += self._answered(said, frame, received, tick)
            elif (report := self._squittered(said, frame, received, tick)) is not None:
                reports.append(report)
        self.counts["frames"] += count
        self.counts["reports"] += len(reports)
        return reports

    def let_go(self) -> bool:
        """Forget what has come of a frame whose end does not come; True where there was any."""
        return self._stream.let_go()

    def _answered(
        self, said: Squawk, frame: bytes, received: datetime, tick: float
    ) -> Iterator[Report]:
        """Take the squawk of an aircraft that is known: any garbled reply has some address."""
        state = self._aircraft.get(said.icao)
        if state is None or tick - state.heard > RECENT:
            self.counts["not used"] += 1
            return
        report = self._calls(said.icao, CALLS.get(said.squawk, ""), frame, received, tick)
        if report is not None:
            yield report

    def _calls(
        self, icao: int, calls: str, frame: bytes, received: datetime, tick: float
    ) -> Report | None:
        """Take a call for help, or that there is none; a new call is told from where it was last.

        Its next place may never be heard.
        """
        state = self._aircraft[icao]
        is_new = bool(calls) and (calls != state.calls or tick - state.calls_at > RECENT)
        state.calls, state.calls_at = calls, tick
        if not calls:
            state.frames.pop("calls", None)
            return None
        state.frames["calls"] = frame
        if not is_new or state.seen is None or tick - state.reported > RECENT:
            return None
        return self._reported(icao, state, state.seen, received, tick)

    def _squittered(
        self, said: Squitter, frame: bytes, received: datetime, tick: float
    ) -> Report | None:
        state = self._state(said.icao, tick)
        state.relay = said.relay
        if said.relay:
            self.counts[said.relay.value] += 1
        code = said.code
        if 5 <= code <= 8:
            return self._on_ground(said, state, frame, received, tick)
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
            return self._calls(said.icao, calls, frame, received, tick)
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
        older = (even if fix.is_odd else odd)[2]
        seen = _Aloft(where, older, frame, fix.altitude)
        return self._reported(said.icao, state, seen, received, tick)

    def _reported(
        self, icao: int, state: _State, seen: _Aloft | _Grounded, received: datetime, tick: float
    ) -> Report:
        state.reported, state.seen = tick, seen
        if isinstance(seen, _Grounded):
            return self._taxiing(icao, state, seen, received, tick)
        at = _known(icao, state, seen.where, seen.altitude, tick)
        # A squawk is only taken of an aircraft that is known, so it stands behind a squitter.
        frames = (*_frames(state, tick), seen.older, *_calling(state, tick), seen.frame)
        return self._maker.report(at, received, received, _as_avr(frames))

    def _on_ground(
        self, said: Squitter, state: _State, frame: bytes, received: datetime, tick: float
    ) -> Report | None:
        if tick - state.reported < LEAST_APART:
            self.counts["thinned"] += 1
            return None
        moves = message.surface(said)
        # Where it was a minute ago is within 45 NM; longer ago it may have been anywhere.
        is_recent = state.seen is not None and tick - state.reported <= RECENT
        near = state.seen.where if state.seen is not None and is_recent else self._stands_at
        where = None if near is None else place_on_ground(moves.fix, near)
        if near is None or where is None:
            self.counts["on the ground, near no known place"] += 1
            return None
        seen = _Grounded(where, near, frame, moves)
        return self._reported(said.icao, state, seen, received, tick)

    def _taxiing(
        self, icao: int, state: _State, seen: _Grounded, received: datetime, tick: float
    ) -> Report:
        named = (state.frames["name"],) if "name" in state.frames else ()
        # A squawk is only taken of an aircraft that is known, so its name has to stand before it.
        calling = tuple(_calling(state, tick)) if named else ()
        aircraft = Aircraft(
            _address(icao),
            *seen.where,
            state.callsign,
            state.category,
            calls=state.calls if calling else "",
            speed=seen.moves.speed,
            course=seen.moves.course,
            is_the_grounds=state.relay is Relay.TIS_B,
        )
        frames = (*named, *calling, seen.frame)
        original = b"#%r %r\n%b" % (*seen.near, _as_avr(frames))
        return self._maker.report(aircraft, received, received, original)


def _address(icao: int) -> str:
    """Return the address as receivers write it: `~` stands ahead of one that is none of ICAO's."""
    return f"~{icao - NOT_ICAO:06x}" if icao & NOT_ICAO else f"{icao:06x}"


def _as_avr(frames: Iterable[bytes]) -> bytes:
    return b"\n".join([b"*%b;" % each.hex().encode() for each in frames])


def read_reference(line: bytes) -> Place:
    """Return the place that an original begins with. Raises Malformed."""
    try:
        lat, lon = map(float, line.removeprefix(b"#").split())
    except ValueError:
        raise Malformed("a place near which an aircraft is, that is none") from None
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise Malformed("a place near which an aircraft is, that is not on Earth")
    return lat, lon


def _known(
    icao: int, state: _State, where: tuple[float, float], altitude: int | None, tick: float
) -> Aircraft:
    velocity = state.velocity if tick - state.velocity_at <= RECENT else None
    calls = state.calls if tick - state.calls_at <= RECENT else ""
    lat, lon = where
    aircraft = Aircraft(
        _address(icao), lat, lon, state.callsign, state.category, calls=calls,
        is_the_grounds=state.relay is Relay.TIS_B,
    )  # fmt: skip
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
