"""Features of GeoJSON, GPX and KML -> Report: what others have drawn, or a service's positions.

A point is a marker, a line or an area a drawing; where the property `type` is a CoT type, it is
that. `time` and `stale` (RFC 3339), `course` (degrees true), `speed` (m/s), `callsign`, `mmsi` and
`icao` are read where they are given. What is in a document no more goes from the picture.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from accord.core.body import Body, Position, Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.geometry import Point, Polyline
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Group
from accord.core.report import Form, Original, Report, Source
from accord.wire.errors import Malformed, WireError
from accord.wire.geojson.message import Fault, Feature, Found, GeometryKind, read, write

MARKER, DRAWING, REMOVAL = "b-m-p-s-m", "u-d-f", "t-x-d-d"
"""CoT types: a spot on the map, something drawn, and that something is gone."""

VALID_DRAWN = timedelta(days=7)
VALID_SEEN = timedelta(minutes=5)
"""How long what is drawn, and the place of a thing, holds where the feature does not say."""

FASTEST = 12_000.0
"""Metres a second; no number beyond it is a speed."""

LATEST = datetime(9000, 1, 1, tzinfo=UTC)

_COT_TYPE = re.compile(r"[a-z](-[A-Za-z0-9]{1,8}){1,12}", re.ASCII).fullmatch
_MMSI = re.compile(r"\d{9}", re.ASCII).fullmatch
_ICAO = re.compile(r"[0-9a-f]{6}", re.ASCII).fullmatch


def uid_of(speaker: str, name: str) -> str:
    """Return the uid of a feature that a feed tells of."""
    return f"GEO-{speaker}-{name}"


class FeatureReader:
    """Reads one document after the other; `read_document` is of its format.

    `trouble` says what of the newest could not be read, empty where all could; `is_read` whether
    there was one, and it could be read as such.
    """

    def __init__(
        self,
        read_document: Callable[[bytes], Found],
        *,
        source: Source,
        groups: frozenset[Group],
        context: Context = LIVE,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.trouble = ""
        self.is_read = False
        self._read = read_document
        self._maker = _Maker(source, groups, context)
        self._shown: frozenset[str] = frozenset()
        self._things: list[Feature] = []
        self._said_at: datetime | None = None

    def read(self, data: bytes, *, received: datetime, tick: float) -> list[Report]:
        """Return a report of each feature, and of each that the document before had in vain."""
        del tick
        try:
            found = self._read(data)
        except WireError as error:
            self.counts[error.reason] += 1
            self.trouble = f"the document: {error}"
            self.is_read = False
            return []
        self.is_read = True
        self.counts["refused features"] += len(found.faults)
        self.counts["features with the id of another"] += found.repeated
        self.counts["features without a place"] += found.nowhere
        self.trouble = _faults(found.faults)
        reports = [self._maker.report(each, received) for each in found.features]
        shown = {each.uid for each in reports}
        # What cannot be read any more is not gone: it stays as it was.
        stay = {self._maker.uid(each.id) for each in found.faults if each.id} & self._shown
        gone = [self._maker.removal(uid, received) for uid in sorted(self._shown - shown - stay)]
        self._shown = frozenset(shown | stay)
        self._things = [each for each in found.features if _holds_as_long_as_said(each)]
        self._said_at = received
        self.counts["reports"] += len(reports)
        return reports + gone

    def still(self, *, received: datetime) -> list[Report]:
        """Return again what the document, which has not changed, does not say the time of.

        Nothing, as long as what was said of it before holds for a while.
        """
        if self._said_at is None or received - self._said_at < VALID_SEEN / 2:
            return []
        self._said_at = received
        return [self._maker.report(each, received) for each in self._things]


MAX_SAID = 3
"""Features that cannot be read, of which it is said why."""


def _faults(faults: Sequence[Fault]) -> str:
    said = [str(each) for each in faults[:MAX_SAID]]
    return "; ".join([*said, f"{len(faults) - MAX_SAID} more"] if faults[MAX_SAID:] else said)


def _holds_as_long_as_said(of: Feature) -> bool:
    """Tell whether it is a thing that is there as long as the document says so."""
    said = _moment(of.properties.get("time")) or _moment(of.properties.get("stale"))
    return _kind(of).text.startswith("a-") and said is None


class _Maker:
    def __init__(self, source: Source, groups: frozenset[Group], context: Context) -> None:
        self._source = source
        self._groups = groups
        self._context = context
        self._marking = marking_of(context)

    def uid(self, identifier: str) -> str:
        """Return the uid of what has this id."""
        return uid_of(self._source.speaker, identifier)

    def report(self, of: Feature, received: datetime) -> Report:
        """Return what a feature shows."""
        kind = _kind(of)
        is_thing = kind.text.startswith("a-")
        at = min(_moment(of.properties.get("time")) or received, LATEST)
        valid = VALID_SEEN if is_thing else VALID_DRAWN
        return Report(
            uid=self.uid(of.id),
            context=self._context,
            kind=kind,
            how="m-g" if is_thing else "h-g-i-g-o",
            time=at,
            start=at,
            stale=max(at, _moment(of.properties.get("stale")) or at + valid),
            received=received,
            body=_body(of),
            identity=_identity(of),
            marking=self._marking,
            source=self._source,
            groups=self._groups,
            original=Original(Form.GEOJSON, write(of)),
        )

    def removal(self, uid: str, at: datetime) -> Report:
        """Return that something is shown no more."""
        return Report(
            uid=f"{uid}.gone",
            context=self._context,
            kind=Kind.of(REMOVAL),
            how="m-g",
            time=at,
            start=at,
            stale=at,
            received=at,
            body=Removal(target=uid),
            identity=Identity(),
            marking=self._marking,
            source=self._source,
            groups=self._groups,
            original=Original(Form.GEOJSON, json.dumps({"gone": uid}).encode()),
        )


def _kind(of: Feature) -> Kind:
    said = of.properties.get("type")
    if isinstance(said, str) and _COT_TYPE(said) and of.kind is GeometryKind.POINT:
        return Kind.of(said)
    return Kind.of(MARKER if of.kind is GeometryKind.POINT else DRAWING)


def _body(of: Feature) -> Body:
    points = tuple(Point(lat=lat, lon=lon) for lon, lat in of.corners)
    if of.kind is not GeometryKind.POINT:
        return Shape(outline=Polyline(points=points, closed=of.kind is GeometryKind.AREA))
    course, speed = _number(of, "course", 360.0), _number(of, "speed", FASTEST)
    return Position(point=points[0], course=course, speed=speed)


def _number(of: Feature, key: str, below: float) -> float | None:
    value = of.properties.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0.0 <= value < below else None


def _identity(of: Feature) -> Identity:
    callsign, mmsi, icao = (_text(of, key) for key in ("callsign", "mmsi", "icao"))
    return Identity(
        mmsi=mmsi if _MMSI(mmsi) else None,
        icao=icao.lower() if _ICAO(icao.lower()) else None,
        callsign=callsign or of.name or None,
        name=of.name or None,
    )


def _text(of: Feature, key: str) -> str:
    value = of.properties.get(key)
    return str(value)[:64] if isinstance(value, str | int) else ""


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not 1970 <= moment.year < LATEST.year:
        return None
    return moment.astimezone(UTC)


def from_original(
    original: Original,
    *,
    source: Source,
    groups: frozenset[Group],
    received: datetime,
    context: Context = LIVE,
) -> Report:
    """Return the report again from what was kept. Raises WireError."""
    if original.form is not Form.GEOJSON:
        raise Malformed(f"there is no feature in an original of form {original.form}")
    maker = _Maker(source, groups, context)
    gone = _gone(original.data)
    if gone is not None:
        return maker.removal(gone, received)
    features = read(original.data).features
    if not features:
        raise Malformed("there is no feature in what was kept")
    return maker.report(features[0], received)


def _gone(data: bytes) -> str | None:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    gone = cast("Mapping[str, object]", said).get("gone") if isinstance(said, dict) else None
    return gone if isinstance(gone, str) else None
