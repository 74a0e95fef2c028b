"""Positions in JSON -> Report.

A report's uid is `JSON-`, the feed, `-` and the object's id. Where the object has no CoT type of a
thing, it has the feed's.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.errors import Malformed, WireError
from accord.wire.json.message import Said, paths, read, write

THING = "a-u-G"
"""The CoT type of what says none, unless the feed does."""

VALID = timedelta(minutes=5)
"""How long a place holds where the object does not say."""

FASTEST = 12_000.0
"""Metres a second; no number beyond it is a speed."""

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
is_type_of_thing = re.compile(r"a-[a-z](-[A-Za-z0-9]{1,8}){1,12}", re.ASCII).fullmatch
"""Match a CoT type of a thing."""
_MMSI = re.compile(r"\d{9}", re.ASCII).fullmatch
_ICAO = re.compile(r"[0-9a-f]{6}", re.ASCII).fullmatch


class JsonReader:
    """Reads one text after the other; `fields` says which of its fields means what."""

    def __init__(
        self,
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
        fields: Sequence[str] = (),
        kind: str = THING,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._source = source
        self._groups = groups
        self._context = context
        self._paths = paths(fields)
        self._kind = kind
        self._marking = marking_of(context)

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return a report of each object of a text."""
        del tick
        reports: list[Report] = []
        try:
            for said in read(data, self._paths):
                if said is None:
                    self.counts["no id or no position"] += 1
                elif (point := _point(said)) is None:
                    self.counts["no such position on Earth"] += 1
                else:
                    self.counts["field not understood"] += said.strange + _impossible(said)
                    reports.append(self._report(said, point, received))
        except WireError as error:
            self.counts[error.reason] += 1
        self.counts["reports"] += len(reports)
        return reports

    def _report(self, of: Said, point: Point, received: datetime) -> Report:
        of = of if is_type_of_thing(of.type) else of._replace(type=self._kind)
        at = _moment(of.time) or received
        return Report(
            uid=f"JSON-{self._source.speaker}-{of.id}",
            context=self._context,
            kind=Kind.of(of.type),
            how="m-g",
            time=at,
            start=at,
            stale=max(at, _moment(of.stale) or at + VALID),
            received=received,
            body=Position(
                point=point, course=_within(of.course, 360.0), speed=_within(of.speed, FASTEST)
            ),
            identity=_identity(of),
            marking=self._marking,
            source=self._source,
            groups=self._groups,
            original=Original(Form.JSON, write(of)),
        )


def _point(of: Said) -> Point | None:
    try:
        error = None if of.accuracy is None or of.accuracy < 0 else of.accuracy
        return Point(lat=of.lat, lon=of.lon, hae=of.hae, circular_error=error)
    except ValueError:
        return None


def _impossible(of: Said) -> int:
    """Return how many fields say what cannot be: they are left out, and a time is of receipt."""
    times = (each is not None and _moment(each) is None for each in (of.time, of.stale))
    movement = ((of.course, 360.0), (of.speed, FASTEST))
    return sum(times) + sum(v is not None and _within(v, below) is None for v, below in movement)


def _within(value: float | None, below: float) -> float | None:
    return value if value is not None and 0.0 <= value < below else None


def _moment(said: float | str | None) -> datetime | None:
    try:
        if isinstance(said, str):
            moment = datetime.fromisoformat(said)
            moment = moment.astimezone(UTC) if moment.tzinfo else None
        else:
            moment = None if said is None else datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def _identity(of: Said) -> Identity:
    icao = of.icao.lower()
    return Identity(
        mmsi=of.mmsi if _MMSI(of.mmsi) else None,
        icao=icao if _ICAO(icao) else None,
        callsign=of.callsign or of.name or None,
        name=of.name or None,
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
    if original.form is not Form.JSON:
        raise Malformed(f"there is no position in an original of form {original.form}")
    reader = JsonReader(source=source, groups=groups, context=context)
    reports = reader.read(original.data, received=received, tick=0.0)
    if not reports:
        raise Malformed("there is no position in what was kept")
    return reports[-1]
