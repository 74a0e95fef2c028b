"""Checks that what is about to leave has the form it is said to have.

Written from the definition of the forms and the grid alone: it shares no code with what reduces a
report, so that one mistake does not pass both.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import assert_never

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.form import Kept, Naming, ReleaseForm
from accord.core.geometry import Circle, Point
from accord.core.label import Label
from accord.core.report import Report

_NAME = re.compile(r"P-[0-9a-f]{32}", re.ASCII)
_THING = re.compile(r"a-[puafnshjkox]-[PAGSUFX]", re.ASCII)
_OTHERS = frozenset(
    (
        *("b-a", "b-a-g", "b-a-o", "b-a-o-can", "b-m-p", "b-m-r", "b-t-f", "t-x-d-d"),
        *("u-d", "u-d-c", "u-d-f", "u-d-r", "u-r-b", "u-rb-a"),
    )
)
_EQUATOR = 40_075_016.685_578
"""Metres round the WGS-84 equator: 2 pi a."""
_DEGREE = 110_574.275_822
"""Metres in the shortest degree of latitude of WGS-84: pi a (1 - e^2) / 180."""
_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)


def verify(report: Report, form: ReleaseForm, *, at: datetime) -> str | None:
    """Return None when a released report has the form, else in a few words what is wrong.

    A form that rounds the time rounds it down, so the age is held to less one cadence.
    """
    return next(_faults(report, form, at), None)


def _faults(report: Report, form: ReleaseForm, at: datetime) -> Iterator[str]:
    if form.min_age and at - report.time < form.min_age:
        yield f"is younger than {form.min_age}"
    if form.exact:
        return
    if report.original is not None:
        yield "carries its original bytes"
    yield from _faults_of_times(report, form, at)
    yield from _faults_of_marks(report)
    yield from _faults_of_names(report, form)
    yield from _faults_of_words(report, form)
    yield from _faults_of_body(report.body, form, report.kind.text)


def _faults_of_times(report: Report, form: ReleaseForm, at: datetime) -> Iterator[str]:
    if report.received != report.time:
        yield "tells when it was received"
    if Kept.TIME in form.keep or form.cadence is None:
        return
    if report.start != report.time:
        yield "tells another start than its time"
    if report.time > at:
        yield "has a time that is not reached yet"
    if not _is_whole(report.time, form.cadence) or not _is_whole(report.stale, form.cadence):
        yield f"has a time that is not rounded to {form.cadence}"
    dates = () if report.label is None else (report.label.created, report.label.review)
    if any(date is not None and not _is_whole(date, timedelta(days=1)) for date in dates):
        yield "has a label with a time of day"


def _faults_of_marks(report: Report) -> Iterator[str]:
    if report.doubts:
        yield "tells what the giver doubts"
    marking = report.marking
    said = (marking.access, marking.caveat, marking.releasable_to)
    if said != _marks_of(report.label):
        yield "has marks in other words than its label's"


def _marks_of(label: Label | None) -> tuple[str | None, str | None, str | None]:
    if label is None:
        return None, None, None
    level = f"{label.policy} {label.level}".replace("NATO TOP SECRET", "COSMIC TOP SECRET")
    limits = "/".join(sorted([*label.caveats, *label.compartments]))
    return level, limits or None, ", ".join(sorted(label.releasable_to)) or None


def _is_whole(time: datetime, step: timedelta) -> bool:
    return (time - _YEAR_ONE) % step == timedelta(0)


def _faults_of_names(report: Report, form: ReleaseForm) -> Iterator[str]:
    who = report.identity
    told = {
        Kept.MMSI: who.mmsi,
        Kept.IMO: who.imo,
        Kept.ICAO: who.icao,
        Kept.CALLSIGN: who.callsign,
        Kept.NAME: who.name,
        Kept.NATION: who.nation,
    }
    for kept, value in told.items():
        if value is not None and kept not in form.keep:
            yield f"tells the {kept}"
    if form.identity is Naming.PSEUDONYM:
        target = report.body.target if isinstance(report.body, Removal) else None
        names = (report.uid, report.author, target)
        if not all(name is None or _NAME.fullmatch(name) for name in names):
            yield "names an object other than by a pseudonym"


def _faults_of_words(report: Report, form: ReleaseForm) -> Iterator[str]:
    source = report.source
    if Kept.SOURCE not in form.keep and (source.node or source.speaker or source.hops):
        yield "tells its source"
    if Kept.SOURCE not in form.keep and source.channel != "released":
        yield "tells its channel"
    if Kept.GROUPS not in form.keep and report.groups:
        yield "tells its groups"
    if Kept.ADDRESSEES not in form.keep and report.to:
        yield "tells its addressees"
    if Kept.HOW not in form.keep and report.how not in ("h", "m"):
        yield "tells how the position was come by"
    kind = report.kind.text
    if Kept.TYPE_DETAIL not in form.keep and kind not in _OTHERS and not _THING.fullmatch(kind):
        yield "tells more of its type than the sort"


def _faults_of_body(body: Body, form: ReleaseForm, kind: str) -> Iterator[str]:
    match body:
        case Position(point=point):
            yield from _faults_of_motion(body, form)
            yield from _faults_of_place(point, form)
        case Alarm():
            yield from _faults_of_alarm(body, form, kind)
        case Shape():
            yield from _faults_of_shape(body, form)
        case Message(sender=sender):
            if Kept.REMARKS not in form.keep:
                yield "is a message"
            if sender and Kept.CALLSIGN not in form.keep:
                yield "tells the sender"
        case Removal():
            return
        case Opaque():
            yield "is not understood, so it has no form"
        case _:
            assert_never(body)


def _faults_of_alarm(body: Alarm, form: ReleaseForm, kind: str) -> Iterator[str]:
    if Kept.TYPE_DETAIL not in form.keep and body.category != kind:
        yield "tells the category of the alarm"
    if body.cancels and body.point is not None:
        yield "tells where a call for help ended"
    yield from _faults_of_place(body.point, form)


def _faults_of_motion(body: Position, form: ReleaseForm) -> Iterator[str]:
    motion = {Kept.COURSE: body.course, Kept.SPEED: body.speed, Kept.CLIMB: body.climb}
    for kept, value in motion.items():
        if value is not None and kept not in form.keep:
            yield f"tells the {kept}"


def _faults_of_shape(body: Shape, form: ReleaseForm) -> Iterator[str]:
    if form.presence_only:
        yield "is a shape"
    outline = body.outline
    points = (outline.centre,) if isinstance(outline, Circle) else outline.points
    for point in (body.anchor, *points):
        yield from _faults_of_place(point, form)
    cell = form.cell
    if cell is not None and isinstance(outline, Circle) and not _is_multiple(outline.radius, cell):
        yield "has a radius that is not of whole cells"


def _faults_of_place(point: Point | None, form: ReleaseForm) -> Iterator[str]:
    if point is None:
        return
    if form.presence_only:
        yield "tells a place"
    if Kept.HEIGHT not in form.keep and (point.hae, point.linear_error) != (None, None):
        yield "tells the height"
    if form.cell is not None:
        yield from _faults_of_cell(point, form.cell, form.offset)


def _faults_of_cell(point: Point, cell: float, offset: float) -> Iterator[str]:
    error = point.circular_error
    if error is None or not error >= cell * (1 + offset):
        yield "states a smaller error than cell and offset make"
    elif not _is_multiple(error, cell / 2):
        yield "states an error that is not of half cells"
    if not _is_centre(point, cell):
        yield f"is not on the grid of {cell:g} m"


def _is_multiple(length: float, step: float) -> bool:
    return length > 0 and math.isclose(length / step, round(length / step), rel_tol=1e-12)


def _is_centre(point: Point, cell: float) -> bool:
    """Tell whether the point is the centre of a cell, to the sixth decimal and no further."""
    height = 180 / max(1, int(180 * _DEGREE / cell))
    lat = (math.floor((point.lat + 90) / height) + 0.5) * height - 90
    narrowest = _EQUATOR * math.cos(math.radians(abs(lat) + height / 2))
    width = 360 / max(1, int(narrowest / cell))
    lon = (math.floor((point.lon + 180) / width) + 0.5) * width - 180
    return _is_rounded(point.lat, lat) and _is_rounded(point.lon, lon)


def _is_rounded(given: float, exact: float) -> bool:
    return given == round(given, 6) and abs(given - exact) < 5.001e-7
