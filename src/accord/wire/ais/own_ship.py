"""Where the ship is that carries the receiver: RMC, GGA, GLL, VDO (IEC 61162-1) -> Report.

A line of a ship's instruments often carries AIS as well, so `NmeaReader` reads both. Positions are
taken from RMC, which has date, course and speed; from GGA, GLL and what the ship's own transponder
sends (VDO) only where there has been no RMC for a while. VDO says the ship's number, name and
callsign: from then on it is one object with them. What the receiver itself calls estimated,
entered by hand or simulated is not a fix.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import NamedTuple

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.ais import fields, stream
from accord.wire.ais.fields import Station
from accord.wire.ais.stream import WrongChecksum
from accord.wire.ais.translate import KNOT, AisReader
from accord.wire.errors import Malformed, WireError

WITHOUT_RMC = 10.0
"""Seconds without RMC after which GGA and GLL are used."""

LEAST_APART = timedelta(seconds=0.9)
"""Fixes closer than this say the same: several instruments repeat one receiver."""

VALID = timedelta(minutes=2)
MAX_LINE = 1_024
"""Bytes of a line; a sentence has 82 (IEC 61162-1 §7.3)."""

SHIP = Kind.of("a-f-S")
"""Whoever feeds us his own position is on our side; what sort of ship, the sentences do not say."""

_NOT_A_FIX = frozenset("NEMS")
"""Mode indicators: none, estimated, manual, simulator (IEC 61162-1 §8.3.69)."""
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{0,12})?", re.ASCII).fullmatch
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(?:\.\d{0,6})?", re.ASCII).fullmatch
_FIX_QUALITY = frozenset("123459")
"""Of GGA: GNSS, differential, precise, RTK fixed and float (IEC 61162-1 §8.3.35), and 9, which
some receivers say of satellite augmentation."""


_is_of_transponder = re.compile(rb"(?:\\[^\\]*\\)?!..VDO").match


class Fix(NamedTuple):
    """One fix: degrees, knots, degrees true. `date` is ddmmyy as sent, empty where not said."""

    name: str
    time: str
    date: str
    lat: float
    lon: float
    speed: float | None
    course: float | None


def read_fix(line: bytes) -> Fix | None:
    """Return the fix of an RMC, GGA or GLL sentence; None of any other, or where it has no fix.

    Raises WireError.
    """
    name = line[3:6]
    if line[:1] != b"$" or name not in _READERS:
        return None
    return _READERS[name](_words(line))


def _words(line: bytes) -> Sequence[str]:
    body, star, checksum = line[1:].partition(b"*")
    try:
        said = int(checksum, 16) if star and len(checksum) == 2 else -1
        words = body.decode("ascii").split(",")
    except ValueError:
        raise Malformed("a sentence with other characters than it may have") from None
    if said != _xor_of(body):
        raise WrongChecksum("a sentence whose checksum is not that of its characters")
    return words


def _xor_of(text: bytes) -> int:
    return reduce(int.__xor__, text, 0)


def _rmc(words: Sequence[str]) -> Fix | None:
    if len(words) < 10:
        raise Malformed("RMC with too few fields")
    mode = words[12] if len(words) > 12 else ""
    if words[2] != "A" or mode in _NOT_A_FIX:
        return None
    return _fix("RMC", (words[1], words[9]), words[3:7], words[7], words[8])


def _gga(words: Sequence[str]) -> Fix | None:
    if len(words) < 7:
        raise Malformed("GGA with too few fields")
    return _fix("GGA", (words[1], ""), words[2:6]) if words[6] in _FIX_QUALITY else None


def _gll(words: Sequence[str]) -> Fix | None:
    if len(words) < 7:
        raise Malformed("GLL with too few fields")
    mode = words[7] if len(words) > 7 else ""
    if words[6] != "A" or mode in _NOT_A_FIX:
        return None
    return _fix("GLL", (words[5], ""), words[1:5])


def _fix(
    name: str, when: tuple[str, str], where: Sequence[str], speed: str = "", course: str = ""
) -> Fix | None:
    if not (where[0] and where[2] and when[0]):
        return None
    try:
        return Fix(
            name,
            *when,
            _degrees(where[0], where[1], "NS"),
            _degrees(where[2], where[3], "EW"),
            _number(speed) if speed else None,
            _number(course) % 360.0 if course else None,
        )
    except ValueError:
        raise Malformed(f"{name} with a field that is no number") from None


def _number(text: str) -> float:
    if _NUMBER(text) is None:
        raise ValueError(text)
    return float(text)


def _degrees(text: str, side: str, sides: str) -> float:
    """Return degrees of `dddmm.mmmm` and a letter."""
    number = _number(text)
    degrees, minutes = divmod(number, 100.0)
    if side not in tuple(sides) or minutes >= 60.0:
        raise ValueError(text)
    degrees += minutes / 60.0
    return degrees if side == sides[0] else -degrees


_READERS = {b"RMC": _rmc, b"GGA": _gga, b"GLL": _gll}


def moment(fix: Fix, received: datetime) -> datetime:
    """Return when it was; without a date, the moment of that time of day nearest to the receipt.

    Raises Malformed.
    """
    if _TIME(fix.time) is None:
        raise Malformed(f"{fix.name} with a time of day that is none")
    since = timedelta(
        hours=int(fix.time[:2]), minutes=int(fix.time[2:4]), seconds=float(fix.time[4:])
    )
    if fix.date:
        try:
            return datetime.strptime(fix.date, "%d%m%y").replace(tzinfo=UTC) + since
        except ValueError:
            raise Malformed(f"{fix.name} with a date that is none") from None
    day = received.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (day + since + timedelta(days=n) for n in (-1, 0, 1))
    return min(days, key=lambda at: abs(at - received))


class _Own:
    """The ship itself: by its number where one was said, else by the feed's name.

    `called` is what says so: a number, a name, or a number, a space and a name.
    """

    def __init__(self, called: str, source: Source) -> None:
        self.called = called
        digits, _, name = called.partition(" ")
        number = fields.number(int(digits)) if _is_number(digits) else None
        if number is not None and number.station is not Station.UNKNOWN:
            self.uid = f"MMSI-{number.digits}"
            self.identity = Identity(mmsi=number.digits, name=name or None, nation=number.nation)
        else:
            self.uid = f"OWN-{source.node}-{source.speaker}"
            self.identity = Identity(name=called or source.speaker)

    def learn(self, identity: Identity, source: Source) -> "_Own":
        """Return it with the number and the name that its own transponder sends."""
        digits, _, name = self.called.partition(" ")
        if not _is_number(digits):
            name = self.called
        name = name or identity.name or ""
        return _Own(f"{identity.mmsi} {name}" if name else str(identity.mmsi), source)


def _is_number(called: str) -> bool:
    return len(called) == 9 and called.isascii() and called.isdecimal()


class NmeaReader:
    """Reads one feed: own-ship sentences and AIS, in any chunking, to reports."""

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        own_ship: str = "",
    ) -> None:
        self._ais = AisReader(source=source, groups=groups, context=context)
        self.counts: Counter[str] = self._ais.counts
        self._transponder = AisReader(
            source=source, groups=groups, context=context, counts=self.counts
        )
        self._source = source
        self._groups = groups
        self._context = context
        self._own = _Own(own_ship, source)
        self._rest = b""
        self._rmc_at: float | None = None
        self._last: datetime | None = None

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports that these bytes complete; `received` and `tick` as for AIS."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: MAX_LINE + 1]
        reports: list[Report] = []
        others: list[bytes] = []
        for line in lines:
            if line[:1] == b"$" and line[3:6] in _READERS:
                reports += self._of_others(others, received, tick)
                reports += self._take(line.strip(), received, tick)
            elif _is_of_transponder(line):
                reports += self._of_others(others, received, tick)
                reports += self._of_itself(line, received, tick)
            else:
                others.append(line + b"\n")
        return reports + self._of_others(others, received, tick)

    def _of_others(self, lines: list[bytes], received: datetime, tick: float) -> list[Report]:
        """Return what AIS says in these lines, and forget them."""
        data = b"".join(lines)
        lines.clear()
        return self._ais.read(data, received=received, tick=tick) if data else []

    def _of_itself(self, line: bytes, received: datetime, tick: float) -> list[Report]:
        """Return what the ship's own transponder says, as of the ship itself."""
        said = self._transponder.read(line + b"\n", received=received, tick=tick)
        own = [each for each in map(self._as_own, said) if self._is_news(each.time, tick)]
        self.counts["reports"] += len(own) - len(said)
        self.counts["said already"] += len(said) - len(own)
        return own

    def _as_own(self, said: Report) -> Report:
        if said.identity.mmsi is not None:
            self._own = self._own.learn(said.identity, self._source)
        own = self._own.identity
        lines = b"" if said.original is None else said.original.data
        return replace(
            said,
            uid=self._own.uid,
            kind=SHIP,
            identity=replace(own, callsign=said.identity.callsign, imo=said.identity.imo),
            original=Original(Form.NMEA, _kept(self._own.called, lines)),
        )

    def _is_news(self, at: datetime, tick: float) -> bool:
        if self._rmc_at is not None and tick - self._rmc_at < WITHOUT_RMC:
            return False
        if self._last is not None and abs(at - self._last) < LEAST_APART:
            return False
        self._last = at
        return True

    def _take(self, line: bytes, received: datetime, tick: float) -> list[Report]:
        self.counts["sentences"] += 1
        try:
            fix = read_fix(line)
            if fix is None:
                self.counts["no fix"] += 1
                return []
            at = moment(fix, received)
            report = self._report(fix, at, line, received)
        except WireError as error:
            self.counts[error.reason] += 1
            return []
        if not self._is_wanted(fix, at, tick):
            self.counts["said already"] += 1
            return []
        self._last = at
        self.counts["reports"] += 1
        return [report]

    def _is_wanted(self, fix: Fix, at: datetime, tick: float) -> bool:
        if fix.name == "RMC":
            self._rmc_at = tick
        elif self._rmc_at is not None and tick - self._rmc_at < WITHOUT_RMC:
            return False
        return self._last is None or abs(at - self._last) >= LEAST_APART

    def _report(self, fix: Fix, at: datetime, line: bytes, received: datetime) -> Report:
        try:
            point = Point(lat=fix.lat, lon=fix.lon)
        except ValueError:
            raise Malformed(f"{fix.name} with a place that is not on Earth") from None
        own = self._own
        return Report(
            uid=own.uid,
            context=self._context,
            kind=SHIP,
            how="m-g",
            time=at,
            start=at,
            stale=at + VALID,
            received=received,
            body=Position(
                point=point,
                course=fix.course,
                speed=None if fix.speed is None else fix.speed * KNOT,
            ),
            identity=own.identity,
            marking=marking_of(self._context),
            source=self._source,
            groups=self._groups,
            original=Original(Form.NMEA, _kept(own.called, line)),
        )


def _kept(called: str, line: bytes) -> bytes:
    """Return the line, and ahead of it who the ship is, which the sentence does not say."""
    return called.encode("utf-8", "surrogatepass") + b"\n" + line


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from what was kept. Raises WireError."""
    called, end, line = original.data.partition(b"\n")
    if original.form is not Form.NMEA or not end:
        raise Malformed(f"there is no fix of a ship in an original of form {original.form}")
    reader = NmeaReader(
        source=source,
        groups=groups,
        context=context,
        own_ship=called.decode("utf-8", "surrogatepass"),
    )
    reports = reader.read(line + b"\n", received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no fix in what was kept")
    return reports[-1]


def time_of(line: bytes) -> float | None:
    """Return the time that a line of a recording bears; of own-ship sentences, RMC has the day."""
    if line[3:6] != b"RMC":
        return stream.time_of(line)
    try:
        fix = read_fix(line)
        return None if fix is None else moment(fix, datetime.fromtimestamp(0, UTC)).timestamp()
    except WireError:
        return None


_PLACES = {b"RMC": (1, 9), b"GGA": (1, None), b"GLL": (5, None)}
"""Where a sentence has its time of day, and its date."""


def with_time(line: bytes, time: float) -> bytes:
    """Return a line with this time in place of any it bears; every other comes back as it is."""
    places = _PLACES.get(line[3:6]) if line[:1] == b"$" else None
    if places is None:
        return stream.with_time(line, time)
    try:
        words = list(_words(line))
    except WireError:
        return line
    at = datetime.fromtimestamp(time, UTC)
    for place, text in zip(places, (f"{at:%H%M%S}.{at.microsecond // 10_000:02}", f"{at:%d%m%y}"),
                           strict=True):  # fmt: skip
        if place is not None and place < len(words):
            words[place] = text
    body = ",".join(words).encode("ascii")
    return b"$%b*%02X" % (body, _xor_of(body))
