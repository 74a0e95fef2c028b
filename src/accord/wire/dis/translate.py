"""DIS entities -> Report, always in an exercise: what is simulated is never live.

A report's uid is `DIS-` and the entity's site, application and number. Read are platforms and life
forms; munitions, emitters and all else a simulation has are passed over. Sides are the exercise's:
its friendly, opposing and neutral forces.
"""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from accord.core.body import Body, Position, Removal
from accord.core.context import LIVE, Context, ContextKind
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import UNNAMED_EXERCISE, Marking, Opex, OpexKind
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.dis import message
from accord.wire.dis.message import Entity
from accord.wire.dis.stream import DisStream
from accord.wire.errors import Malformed, WireError

MISSED = 2.4
HEARTBEAT, HEARTBEAT_AT_REST = 5.0, 60.0
"""Seconds between two states of an entity at the latest, and how many of these one may be late
(IEEE 1278.1-2012, 6.1.8: HBT_TIMEOUT_MPLIER, HBT_PDU_ESPDU, HBT_STATIONARY)."""

SLOWEST = 0.1
"""Metres a second; slower, an entity is at rest, and its course is none."""

FASTEST = 12_000.0
"""Metres a second; no number beyond it is a speed."""

_DIMENSIONS: Mapping[tuple[int, int], str] = {
    (1, 1): "G", (1, 2): "A", (1, 3): "S", (1, 4): "U", (1, 5): "P", (3, 1): "G",
}  # fmt: skip
"""Kind (platform, life form) and domain (SISO-REF-010, UID 7 and 8) to CoT dimension."""

_SIDES = ("n", "f", "h")
"""By the remainder of the force's number: 3, 6, 9 ... are neutral, 1, 4, 7 ... friendly, 2, 5, 8
... opposing (SISO-REF-010, UID 6). 0 is none of these."""

GONE = Kind.of("t-x-d-d")


def exercise_of(name: str) -> Context:
    """Return the context that a simulation's entities belong to; without a name still no live."""
    return Context.exercise(name or UNNAMED_EXERCISE)


class DisReader:
    """Reads one feed, a datagram at a time; the context is an exercise whatever is asked for.

    Of entities of other numbers of the exercise than `number` nothing is taken; 0 takes all.
    """

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        number: int = 0,
    ) -> None:
        self._stream = DisStream()
        self.counts: Counter[str] = self._stream.counts
        self._source = source
        self._groups = groups
        is_exercise = context.kind is ContextKind.EXERCISE
        self._context = context if is_exercise else exercise_of("")
        self._number = number

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return the reports of a datagram."""
        del tick
        reports: list[Report] = []
        for pdu in self._stream.receive(data):
            try:
                entity = message.read(pdu)
            except WireError as error:
                self.counts[error.reason] += 1
                continue
            if entity is None or (entity.kind, entity.domain) not in _DIMENSIONS:
                self.counts["not used"] += 1
            elif self._number not in (0, entity.exercise):
                self.counts["of another exercise"] += 1
            else:
                reports.append(self._report(entity, received, pdu))
        self.counts["reports"] += len(reports)
        return reports

    def _report(self, of: Entity, received: datetime, pdu: bytes) -> Report:
        uid = f"DIS-{of.site}.{of.application}.{of.number}"
        at = received if of.since_hour is None else _moment(of.since_hour, received)
        valid = timedelta() if of.is_gone else _validity(of)
        return Report(
            uid=f"{uid}.gone" if of.is_gone else uid,
            context=self._context,
            kind=GONE if of.is_gone else _kind(of),
            how="m",
            time=at,
            start=at,
            stale=at + valid,
            received=received,
            body=Removal(target=uid) if of.is_gone else _body(of),
            identity=Identity(callsign=None if of.is_gone else of.marking or None),
            marking=Marking(opex=Opex(OpexKind.SIMULATION, self._context.name)),
            source=self._source,
            groups=self._groups,
            original=Original(Form.DIS, pdu),
        )


def _speed(of: Entity) -> float:
    return math.hypot(of.velocity[0], of.velocity[1])


def _validity(of: Entity) -> timedelta:
    at_rest = math.hypot(*of.velocity) < SLOWEST
    return timedelta(seconds=MISSED * (HEARTBEAT_AT_REST if at_rest else HEARTBEAT))


def _moment(since_the_hour: float, received: datetime) -> datetime:
    hour = received.replace(minute=0, second=0, microsecond=0)
    hours = (hour + timedelta(hours=n, seconds=since_the_hour) for n in (-1, 0, 1))
    return min(hours, key=lambda at: abs(at - received))


def _kind(of: Entity) -> Kind:
    side = _SIDES[of.force % 3] if of.force else "u"
    return Kind.of(f"a-{side}-{_DIMENSIONS[of.kind, of.domain]}")


def _body(of: Entity) -> Body:
    east, north, up = of.velocity
    point = Point(lat=of.lat, lon=of.lon, hae=of.hae)
    speed = _speed(of)
    if speed >= FASTEST or abs(up) >= FASTEST:
        return Position(point=point)
    course = math.degrees(math.atan2(east, north)) % 360.0 if speed >= SLOWEST else None
    return Position(point=point, course=course, speed=speed, climb=up)


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from the PDU that was kept. Raises WireError."""
    if original.form is not Form.DIS:
        raise Malformed(f"there is no entity in an original of form {original.form}")
    reader = DisReader(source=source, groups=groups, context=context)
    reports = reader.read(original.data, received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no entity in what was kept")
    return reports[-1]
