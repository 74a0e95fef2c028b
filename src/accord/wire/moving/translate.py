"""Report <-> Row: what of a position is kept at volume."""

import math
from datetime import UTC, datetime

from accord.core.body import Position
from accord.core.context import Context
from accord.core.geometry import Circle, Point, box_around
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.marking import Marking, Opex
from accord.core.report import Doubt, Report, Source
from accord.core.value import value
from accord.wire.moving.message import Cell, Fix, Label, Row


def row_of(report: Report, *, era: int, sequence: int, form: str, on_grid: bool) -> Row | None:
    """Return the row of a position, None for everything else and for what has no place.

    What was said to addressees only is nobody else's, and so is none either.
    """
    body = report.body
    if not isinstance(body, Position) or body.point is None or report.to:
        return None
    return Row(_label(report, form), _fix(report, body, body.point, (era, sequence), on_grid))


def _label(report: Report, form: str) -> Label:
    source, identity, marking = report.source, report.identity, report.marking
    return Label(
        uid=_text(report.uid),
        context=_text(str(report.context)),
        channel=source.channel,
        node=source.node,
        speaker=_text(source.speaker),
        hops=source.hops,
        groups=tuple(sorted(report.groups)),
        kind=_text(report.kind.text),
        how=_text(report.how),
        callsign=_text(identity.callsign or ""),
        name=_text(identity.name or ""),
        mmsi=identity.mmsi or "",
        imo=identity.imo or "",
        icao=identity.icao or "",
        nation=identity.nation or "",
        access=marking.access,
        caveat=marking.caveat,
        releasable_to=marking.releasable_to,
        opex="" if marking.opex is None else str(marking.opex),
        form=form,
    )


def _text(text: str) -> str:
    """Return text that any program can read: half a surrogate pair becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _fix(
    report: Report,
    body: Position,
    point: Point,
    number: tuple[int, int],
    on_grid: bool,  # noqa: FBT001  as it was released
) -> Fix:
    return Fix(
        era=number[0],
        sequence=number[1],
        received=report.received.timestamp(),
        time=report.time.timestamp(),
        stale=report.stale.timestamp(),
        lat=point.lat,
        lon=point.lon,
        hae=_known(point.hae),
        precision=_known(point.circular_error),
        course=_known(body.course),
        speed=_known(body.speed),
        climb=_known(body.climb),
        cell=_cell(point) if on_grid else None,
        doubts=tuple(sorted(each.value for each in report.doubts)),
    )


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _cell(point: Point) -> Cell:
    """Return the box that holds everything within the stated error; all the Earth without one."""
    error = _known(point.circular_error)
    if error is None:
        return (-180.0, -90.0, 180.0, 90.0)
    box = box_around(Circle(centre=point, radius=max(0.0, error)))
    return (box.west, box.south, box.east, box.north)


@value
class PastReport(Report):
    """A report of the history: by which form a partner released it, empty where it came whole."""

    form: str = ""
    on_grid: bool = False


def report_of(row: Row) -> PastReport:
    """Return a report of what the row says; its original is gone, and its label with it."""
    label, fix = row
    return PastReport(
        uid=label.uid,
        context=Context.parse(label.context),
        kind=Kind.of(label.kind),
        how=label.how,
        time=_moment(fix.time),
        start=_moment(fix.time),
        stale=_moment(fix.stale),
        received=_moment(fix.received),
        body=Position(
            point=Point(lat=fix.lat, lon=fix.lon, hae=fix.hae, circular_error=fix.precision),
            course=fix.course,
            speed=fix.speed,
            climb=fix.climb,
        ),
        identity=_identity(label),
        marking=Marking(
            access=label.access,
            caveat=label.caveat,
            releasable_to=label.releasable_to,
            opex=Opex.parse(label.opex) if label.opex else None,
        ),
        source=Source(
            node=label.node, channel=label.channel, speaker=label.speaker, hops=label.hops
        ),
        groups=frozenset(label.groups),
        doubts=frozenset(map(Doubt, fix.doubts)),
        form=label.form,
        on_grid=fix.cell is not None,
    )


def _identity(label: Label) -> Identity:
    return Identity(
        mmsi=label.mmsi or None,
        imo=label.imo or None,
        icao=label.icao or None,
        callsign=label.callsign or None,
        name=label.name or None,
        nation=label.nation or None,
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
