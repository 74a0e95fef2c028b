"""Report -> AIS sentences for a chart plotter: the lines of a station as they came, or made anew.

What came as AIS goes on as the sentences it was, without what networks put round them. What says a
ship's number and came otherwise is written as message 18 and both parts of 24; an aircraft of
search and rescue as 9, an aid to navigation as 21, an active beacon as 1 with status 14 (ITU-R
M.1371-5 annex 8). Without a number of ITU-R M.585 nothing can be written, and of an exercise
nothing is: nor of what is known more coarsely than a chart draws a ship.
"""

from functools import reduce

from accord.core.body import Alarm, Position
from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.core.report import Form, Report
from accord.wire.ais import fields
from accord.wire.ais.fields import Station
from accord.wire.ais.stream import read
from accord.wire.ais.translate import KNOT
from accord.wire.errors import WireError

_ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
_LETTERS = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
COARSEST = 500.0
"""Metres: a plotter draws a point, and what a partner released on a grid is none."""

_NAME = 20
"""Letters of a name."""

_NO_SECOND = 60
_CHANNEL = "A"
_STATE = 0xE0006
"""Of the radio, for class B by carrier sense (ITU-R M.1371-5 annex 8, 3.16)."""


def sentences(report: Report) -> bytes:
    """Return the sentences, each with its line end; nothing where there is nothing to be said."""
    if report.context != LIVE or not isinstance(report.body, Position | Alarm):
        return b""
    original = report.original
    if original is not None and original.form is Form.AIS:
        return b"".join(map(_bare, original.data.split(b"\n")))
    mmsi, point = report.identity.mmsi, report.body.point
    if mmsi is None or point is None or (point.circular_error or 0.0) > COARSEST:
        return b""
    return "".join(_made(report, mmsi, point)).encode("ascii")


def _bare(line: bytes) -> bytes:
    """Return a sentence without tag block and what networks append; nothing of other lines."""
    try:
        if read(line) is None:
            return b""
    except WireError:
        return b""
    start = line.rindex(b"!", 0, line.rindex(b"*"))
    return line[start : line.index(b"*", start) + 3] + b"\r\n"


def _made(report: Report, mmsi: str, point: Point) -> tuple[str, ...]:
    number = fields.number(int(mmsi))
    name = report.identity.name or report.identity.callsign or ""
    if number.station.is_beacon:
        return (_sentence(_beacon(report, mmsi, point)),) if _calls(report) else ()
    if number.station is Station.AIRCRAFT:
        return (_sentence(_aircraft(report, mmsi, point)),)
    if number.station is Station.AID:
        return (_sentence(_aid(mmsi, name, point)),)
    if number.station in (Station.SHIP, Station.CRAFT):
        written = (_ship(report, mmsi, point), _named(mmsi, name), _called(report, mmsi))
        return tuple(map(_sentence, written))
    return ()


def _calls(report: Report) -> bool:
    return isinstance(report.body, Alarm) and not report.body.cancels


class _Bits:
    """Bits of a payload, written one field after the other."""

    def __init__(self, message: int, mmsi: str) -> None:
        self._value = 0
        self._count = 0
        self.put(message, 6).put(0, 2).put(int(mmsi), 30)

    def put(self, value: int, bits: int) -> "_Bits":
        self._value = self._value << bits | value & (1 << bits) - 1
        self._count += bits
        return self

    def place(self, point: Point) -> "_Bits":
        """Put longitude and latitude in 1/10,000 minutes."""
        lon, lat = round(point.lon * 600_000), round(point.lat * 600_000)
        return self.put(_is_accurate(point), 1).put(lon, 28).put(lat, 27)

    def text(self, text: str, letters: int) -> "_Bits":
        for letter in text.upper().replace("@", " ")[:letters].ljust(letters, "@"):
            # `@` would end the name, so only what fills it is one.
            self.put(_LETTERS.index(letter if letter in _LETTERS else " "), 6)
        return self

    def armoured(self) -> tuple[str, int]:
        """Return the payload and how many bits fill its last letter."""
        fill = -self._count % 6
        value = self._value << fill
        count = (self._count + fill) // 6
        return "".join(_ARMOUR[value >> 6 * n & 0x3F] for n in range(count - 1, -1, -1)), fill


def _is_accurate(point: Point) -> bool:
    return point.circular_error is not None and point.circular_error <= 10.0


def _speed(report: Report, steps: float, most: int, none: int) -> int:
    body = report.body
    if not isinstance(body, Position) or body.speed is None:
        return none
    return min(most, round(max(0.0, body.speed) / KNOT * steps))


def _course(report: Report) -> int:
    body = report.body
    if not isinstance(body, Position) or body.course is None:
        return 3600
    return round(body.course * 10) % 3600


def _ship(report: Report, mmsi: str, point: Point) -> _Bits:
    bits = _Bits(18, mmsi).put(0, 8).put(_speed(report, 10, 1022, 1023), 10).place(point)
    bits.put(_course(report), 12).put(fields.HEADING_NONE, 9).put(_NO_SECOND, 6)
    # Regional 2, carrier sense, no display, no DSC, whole band, no message 22, autonomous, no RAIM.
    return bits.put(0b00_1_0_0_1_0_0_0, 9).put(_STATE, 20)


def _named(mmsi: str, name: str) -> _Bits:
    return _Bits(24, mmsi).put(0, 2).text(name, _NAME)


def _called(report: Report, mmsi: str) -> _Bits:
    """Part B: some readers, gpsd among them, say nothing of part A without it."""
    identity = report.identity
    callsign = identity.callsign or "" if identity.name else ""
    return _Bits(24, mmsi).put(1, 2).put(0, 8).put(0, 42).text(callsign, 7).put(0, 36)


def _beacon(report: Report, mmsi: str, point: Point) -> _Bits:
    bits = _Bits(1, mmsi).put(fields.ACTIVE_BEACON, 4).put(-128, 8)
    bits.put(_speed(report, 10, 1022, 1023), 10).place(point).put(_course(report), 12)
    return bits.put(fields.HEADING_NONE, 9).put(_NO_SECOND, 6).put(0, 25)


def _aircraft(report: Report, mmsi: str, point: Point) -> _Bits:
    bits = _Bits(9, mmsi).put(4095, 12).put(_speed(report, 1, 1022, 1023), 10).place(point)
    return bits.put(_course(report), 12).put(_NO_SECOND, 6).put(0, 34)


def _aid(mmsi: str, name: str, point: Point) -> _Bits:
    bits = _Bits(21, mmsi).put(0, 5).text(name, _NAME).place(point).put(0, 30).put(0, 4)
    return bits.put(_NO_SECOND, 6).put(0, 13)


def _sentence(bits: _Bits) -> str:
    payload, fill = bits.armoured()
    body = f"AIVDM,1,1,,{_CHANNEL},{payload},{fill}"
    return f"!{body}*{reduce(int.__xor__, body.encode('ascii'), 0):02X}\r\n"
