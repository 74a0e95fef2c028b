"""ADS-B -> Report: SBS lines and aircraft.json, and what was kept of any of it.

An original is text: frames as AVR, the lines of SBS, or a document of the one aircraft; always all
that the claim was made of.
"""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from accord.core.context import LIVE, Context
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.adsb import readsb, sbs
from accord.wire.adsb.aircraft import (
    CALLS,
    LEAST_APART,
    MAX_AIRCRAFT,
    RECENT,
    STATES,
    Aircraft,
    Maker,
)
from accord.wire.adsb.message import FEET, FEET_A_MINUTE
from accord.wire.adsb.readsb import ReadsbAircraft
from accord.wire.adsb.sbs import SbsLine
from accord.wire.adsb.squitters import ModeSReader, read_reference
from accord.wire.adsb.stream import AvrStream, Lines
from accord.wire.errors import Malformed, WireError

_READSB_STATES: Mapping[str, str] = {
    "general": STATES[1], "lifeguard": STATES[2], "minfuel": STATES[3], "nordo": STATES[4],
    "unlawful": STATES[5], "downed": STATES[6],
}  # fmt: skip


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
        self._reported: dict[str, tuple[float, str]] = {}

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
        at, told = self._reported.get(said.icao, (-math.inf, ""))
        place = known[said.kind]
        if said.lat is None or said.lon is None:
            # A call for help is told from where it was last: its next place may never be heard.
            calls = _calls(said)
            is_new = calls and (calls != told or tick - at > RECENT)
            places = [each for each in known.values() if tick - each[0] <= RECENT]
            places = [each for each in places if is_new and _has_place(each)]
            if not places:
                return None
            place = places[-1]
        elif tick - at < LEAST_APART:
            self.counts["thinned"] += 1
            return None
        # Of places only this one: an older one, of another transmission, would be read first again.
        recent = [
            each
            for each in known.values()
            if tick - each[0] <= RECENT and (each is place or not _has_place(each))
        ]
        original = b"\n".join([each[2] for each in recent])
        aircraft = _together(said, place[1], [each[1] for each in recent])
        self._reported[said.icao] = tick, aircraft.calls
        return self._maker.report(aircraft, received, received, original)


def _has_place(said: tuple[float, SbsLine, bytes]) -> bool:
    return said[1].lat is not None and said[1].lon is not None


def _calls(said: SbsLine) -> str:
    return CALLS.get(said.squawk or "", STATES[1] if said.is_emergency else "")


def _together(last: SbsLine, place: SbsLine, lines: list[SbsLine]) -> Aircraft:
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
    return Aircraft(
        said.icao,
        place.lat or 0.0,
        place.lon or 0.0,
        said.callsign,
        speed=said.speed,
        course=said.course,
        climb=None if said.climb is None else said.climb * FEET_A_MINUTE,
        calls=_calls(said),
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
        is_the_grounds=said.is_the_grounds,
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
    data, begin = original.data, original.data[:1]
    reader: ModeSReader | SbsReader | ReadsbReader
    if begin == b"{":
        reader = ReadsbReader(source=source, groups=groups, context=context)
    elif begin in (b"*", b"#"):
        line, _, frames = original.data.partition(b"\n") if begin == b"#" else (b"", b"", b"")
        near, data = (read_reference(line), frames) if line else (None, data)
        reader = ModeSReader(
            AvrStream(), source=source, groups=groups, context=context, stands_at=near
        )
    else:
        reader = SbsReader(source=source, groups=groups, context=context)
    reports = reader.read(data + b"\n", received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no position in what was kept")
    return reports[-1]
