"""Checks that what is about to leave has the form it is said to have.

Written from the definition of the forms and the grid alone: it shares no code with what reduces a
report, so that one mistake does not pass both.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.form import Kept, Naming, ReleaseForm
from accord.core.geometry import Circle, Point
from accord.core.label import Label
from accord.core.report import Report, Source

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
_DAY = timedelta(days=1)


def verify(report: Report, form: ReleaseForm, *, at: datetime) -> str | None:
    """Return None when a released report has the form, else in a few words what is wrong.

    A form that rounds the time rounds it down, so the age is held to less one cadence.
    """
    if form.min_age and at - report.time < form.min_age:
        return f"is younger than {form.min_age}"
    if form.exact:
        return None
    if report.original is not None:
        return "carries its original bytes"
    return (
        _fault_of_times(report, form, at)
        or _fault_of_marks(report)
        or _fault_of_names(report, form)
        or _fault_of_words(report, form)
        or _fault_of_body(report.body, form, report.kind.text)
    )


def _fault_of_times(report: Report, form: ReleaseForm, at: datetime) -> str | None:
    time, cadence = report.time, form.cadence
    if report.received != time:
        return "tells when it was received"
    if Kept.TIME in form.keep or cadence is None:
        return None
    if report.start != time:
        return "tells another start than its time"
    if time > at:
        return "has a time that is not reached yet"
    if not _is_whole(time, cadence) or not _is_whole(report.stale, cadence):
        return f"has a time that is not rounded to {cadence}"
    return _fault_of_dates(report.label)


def _fault_of_dates(label: Label | None) -> str | None:
    dates = () if label is None else (label.created, label.review)
    for date in dates:
        if date is not None and not _is_whole(date, _DAY):
            return "has a label with a time of day"
    return None


def _fault_of_marks(report: Report) -> str | None:
    if report.doubts:
        return "tells what the giver doubts"
    marking = report.marking
    said = (marking.access, marking.caveat, marking.releasable_to)
    return None if said == _marks_of(report.label) else "has marks in other words than its label's"


@lru_cache(maxsize=1_024)
def _marks_of(label: Label | None) -> tuple[str | None, str | None, str | None]:
    if label is None:
        return None, None, None
    level = f"{label.policy} {label.level}".replace("NATO TOP SECRET", "COSMIC TOP SECRET")
    limits = "/".join(sorted([*label.caveats, *label.compartments]))
    return level, limits or None, ", ".join(sorted(label.releasable_to)) or None


def _is_whole(time: datetime, step: timedelta) -> bool:
    return not (time - _YEAR_ONE) % step


def _fault_of_names(report: Report, form: ReleaseForm) -> str | None:
    who = report.identity
    told = (
        (Kept.MMSI, who.mmsi),
        (Kept.IMO, who.imo),
        (Kept.ICAO, who.icao),
        (Kept.CALLSIGN, who.callsign),
        (Kept.NAME, who.name),
        (Kept.NATION, who.nation),
    )
    for kept, value in told:
        if value is not None and kept not in form.keep:
            return f"tells the {kept}"
    if form.identity is Naming.PSEUDONYM:
        target = report.body.target if isinstance(report.body, Removal) else None
        for name in (report.uid, report.author, target):
            if name is not None and not _NAME.fullmatch(name):
                return "names an object other than by a pseudonym"
    return None


def _fault_of_words(report: Report, form: ReleaseForm) -> str | None:
    keep, kind = form.keep, report.kind.text
    fault = None if Kept.SOURCE in keep else _fault_of_source(report.source)
    if fault is not None:
        return fault
    if Kept.GROUPS not in keep and report.groups:
        return "tells its groups"
    if Kept.ADDRESSEES not in keep and report.to:
        return "tells its addressees"
    if Kept.HOW not in keep and report.how not in ("h", "m"):
        return "tells how the position was come by"
    if Kept.TYPE_DETAIL not in keep and kind not in _OTHERS and not _THING.fullmatch(kind):
        return "tells more of its type than the sort"
    return None


def _fault_of_source(source: Source) -> str | None:
    if source.node or source.speaker or source.hops:
        return "tells its source"
    return "tells its channel" if source.channel != "released" else None


def _fault_of_body(body: Body, form: ReleaseForm, kind: str) -> str | None:
    match body:
        case Position():
            return _fault_of_motion(body, form) or _fault_of_place(body.point, form)
        case Alarm():
            return _fault_of_alarm(body, form, kind)
        case Shape():
            return _fault_of_shape(body, form)
        case Message():
            return _fault_of_message(body, form)
        case Removal():
            return None
        case Opaque():
            return "is not understood, so it has no form"
        case _:
            assert_never(body)


def _fault_of_message(body: Message, form: ReleaseForm) -> str | None:
    if Kept.REMARKS not in form.keep:
        return "is a message"
    return "tells the sender" if body.sender and Kept.CALLSIGN not in form.keep else None


def _fault_of_alarm(body: Alarm, form: ReleaseForm, kind: str) -> str | None:
    if Kept.TYPE_DETAIL not in form.keep and body.category != kind:
        return "tells the category of the alarm"
    if body.cancels and body.point is not None:
        return "tells where a call for help ended"
    return _fault_of_place(body.point, form)


def _fault_of_motion(body: Position, form: ReleaseForm) -> str | None:
    for kept, value in (
        (Kept.COURSE, body.course), (Kept.SPEED, body.speed), (Kept.CLIMB, body.climb),
    ):  # fmt: skip
        if value is not None and kept not in form.keep:
            return f"tells the {kept}"
    return None


def _fault_of_shape(body: Shape, form: ReleaseForm) -> str | None:
    if form.presence_only:
        return "is a shape"
    outline, cell = body.outline, form.cell
    points = (outline.centre,) if isinstance(outline, Circle) else outline.points
    for point in (body.anchor, *points):
        fault = _fault_of_place(point, form)
        if fault is not None:
            return fault
    if cell is not None and isinstance(outline, Circle) and not _is_multiple(outline.radius, cell):
        return "has a radius that is not of whole cells"
    return None


def _fault_of_place(point: Point | None, form: ReleaseForm) -> str | None:
    if point is None:
        return None
    if form.presence_only:
        return "tells a place"
    if Kept.HEIGHT not in form.keep and not point.hae is point.linear_error is None:
        return "tells the height"
    return None if form.cell is None else _fault_of_cell(point, form.cell, form.offset)


def _fault_of_cell(point: Point, cell: float, offset: float) -> str | None:
    error = point.circular_error
    if error is None or not error >= cell * (1 + offset):
        return "states a smaller error than cell and offset make"
    if not _is_multiple(error, cell / 2):
        return "states an error that is not of half cells"
    return None if _is_centre(point, cell) else f"is not on the grid of {cell:g} m"


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
