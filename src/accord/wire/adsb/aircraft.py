"""One aircraft -> Report, whichever way it was heard.

A report's uid is `ICAO-` and the six digits of the address; of what has no address of ICAO's,
`TISB-`. Heights are those above the ellipsoid: one of pressure alone is above no known surface, and
is left out. Where the ground says it of an aircraft that does not say it itself (TIS-B, or worked
out from times of arrival), `how` is fused by a machine, `m-f`.

Affiliation. Whoever declares an emitter category of civil aviation is neutral; who declares none,
or is known for military, is unknown: nobody has looked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from accord.core.body import Alarm, Body, Position
from accord.core.context import Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Group
from accord.core.report import Doubt, Form, Original, Report, Source

KNOT = 1852 / 3600
"""Metres per second (SI brochure, 8th edition, table 8)."""

VALID = timedelta(seconds=60)
"""A position is sent twice a second; after a minute without one it is stale."""

LEAST_APART = 1.0
"""Seconds between two reports of one aircraft: what comes between says nothing new to people."""

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

EMERGENCY = Kind.of("b-a-o-tbl")
"""The CoT type of a call for help that every TAK client shows as one."""

KINDS: Mapping[str, str] = {
    "A1": "a-n-A-C-F", "A2": "a-n-A-C-F", "A3": "a-n-A-C-F", "A4": "a-n-A-C-F", "A5": "a-n-A-C-F",
    "A6": "a-n-A-C-F", "A7": "a-n-A-C-H", "B1": "a-n-A-C-F", "B2": "a-n-A-C-L",
    "B4": "a-n-A-C-F", "C1": "a-n-G-E-V", "C2": "a-n-G-E-V",
}  # fmt: skip
"""Emitter category (DO-260B 2.2.3.2.5.2) to CoT type; all others are `a-u-A`."""

UNKNOWN = "a-u-A"

_HOW_OWN, _HOW_FUSED = "m-g", "m-f"
_IMPOSSIBLE = frozenset({Doubt.IMPOSSIBLE_POSITION})
_NO_DOUBT: frozenset[Doubt] = frozenset()


class Aircraft(NamedTuple):
    """What is known of one aircraft: knots, degrees true, metres, m/s; `calls` is for what help.

    `icao` begins with `~` where it is no address of ICAO's.
    """

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
    is_the_grounds: bool = False


class Maker:
    """Makes reports of one feed."""

    def __init__(self, source: Source, groups: frozenset[Group], context: Context) -> None:
        self._source = source
        self._groups = groups
        self._context = context
        self._marking = marking_of(context)

    def report(self, of: Aircraft, at: datetime, received: datetime, original: bytes) -> Report:
        """Return the claim that the aircraft is there."""
        point, doubts = _point(of)
        digits = of.icao.removeprefix("~")
        is_icao = digits == of.icao
        return Report(
            uid=f"ICAO-{digits.upper()}" if is_icao else f"TISB-{digits.upper()}",
            context=self._context,
            kind=EMERGENCY if of.calls else _kind(of),
            how=_HOW_FUSED if of.is_the_grounds else _HOW_OWN,
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
