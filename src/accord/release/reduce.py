"""Puts a report into a release form: coarser, later, under another name, with less in it.

The result is built from nothing, field by field, so that a field which reports get one day is not
released before somebody has said here what becomes of it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import assert_never

from accord.core.agreement import Reason
from accord.core.body import Alarm, Body, Message, Opaque, Position, Removal, Shape
from accord.core.form import Kept, Naming, ReleaseForm
from accord.core.geometry import Point
from accord.core.handling import NATO
from accord.core.identity import Identity
from accord.core.kind import Kind
from accord.core.label import Label
from accord.core.marking import Marking, Opex
from accord.core.report import Report, Source
from accord.core.value import value
from accord.release.cadence import Cadence
from accord.release.coarsen import Coarsening
from accord.release.secret import pseudonym, shift

RELEASED = Source(node="", channel="released", speaker="")
"""The source of a reduced report; whose it is, is said by its mark and the link it goes over."""

SORTS = (
    # The first that fits is what is left of the type of what is no thing (MITRE CoT type tree).
    *("b-a-o-can", "b-a-o", "b-a-g", "b-a", "b-m-p", "b-m-r", "b-t-f", "t-x-d-d"),
    *("u-d-c", "u-d-f", "u-d-r", "u-d", "u-rb-a", "u-r-b"),
)

VALIDITY = 3
"""Cadences until a rounded report is stale: the next came, was late, or did not come."""

_FIRST_DAY = datetime(1, 1, 1, tzinfo=UTC)


def reduce(
    report: Report, form: ReleaseForm, *, partner_key: bytes, at: datetime, memory: Cadence
) -> Report | Reason:
    """Return the report in that form, or why it cannot be released in it now.

    A report that is returned counts as released in `memory`. Age counts from the later of the
    report's time and its receipt, since a source's clock that is behind makes nothing older.
    """
    if form.min_age and at - max(report.time, report.received) < form.min_age:
        return Reason.TOO_YOUNG
    key = (partner_key, form.name, report.context, report.uid, type(report.body))
    every = form.cadence if _can_wait(report.body) else None
    if every is not None and not memory.is_due(key, at):
        return Reason.NOT_DUE
    reduced = report if form.exact else _reduced(report, form, partner_key, at)
    if reduced is None:
        return Reason.NOT_REDUCIBLE
    if every is not None and not memory.take(key, at, every):
        return Reason.NOT_DUE
    return reduced


_MOVES = (Position, Shape)


def _can_wait(body: Body) -> bool:
    """Tell whether the next report of the object would serve as well."""
    return isinstance(body, _MOVES) or (isinstance(body, Alarm) and not body.cancels)


def _reduced(report: Report, form: ReleaseForm, key: bytes, at: datetime) -> Report | None:
    return _Reduction(report=report, form=form, key=key, at=at).result()


@value
class _Reduction:
    """One report on its way into one form, for the partner with this key."""

    report: Report
    form: ReleaseForm
    key: bytes
    at: datetime

    def result(self) -> Report | None:
        """Return the report in the form, None where the form has no place for it."""
        report, form = self.report, self.form
        kind = report.kind if Kept.TYPE_DETAIL in form.keep else sort_of(report.kind)
        if kind is None or (report.to and Kept.ADDRESSEES not in form.keep):
            return None
        body = self._body(kind)
        if body is None:
            return None
        time, start, stale = self._times()
        return Report(
            uid=self._name(report.uid),
            context=report.context,
            kind=kind,
            how=report.how if Kept.HOW in form.keep else _hand_of(report.how),
            time=time,
            start=start,
            stale=stale,
            received=time,
            body=body,
            identity=_identity(report.identity, form.keep),
            marking=_marking(report.label, report.marking.opex),
            source=report.source if Kept.SOURCE in form.keep else RELEASED,
            groups=report.groups if Kept.GROUPS in form.keep else frozenset(),
            to=report.to,
            author=None if report.author is None else self._name(report.author),
            label=_label(report.label, form.keep),
        )

    def _name(self, uid: str) -> str:
        if self.form.identity is Naming.KEPT:
            return uid
        return pseudonym(self.key, self.report.context, uid)

    def _times(self) -> tuple[datetime, datetime, datetime]:
        """Return time, start and stale; rounded, nothing of when the report came is left."""
        report, form = self.report, self.form
        if form.cadence is None or Kept.TIME in form.keep:
            return report.time, report.start, report.stale
        time = _whole(min(report.time, self.at), form.cadence)
        least = time + form.min_age + VALIDITY * form.cadence
        return time, time, _whole(max(least, report.stale), form.cadence)

    def _body(self, kind: Kind) -> Body | None:
        body, keep = self.report.body, self.form.keep
        match body:
            case Position():
                return self._position(body)
            case Shape():
                return None if self.form.presence_only else self._shape(body)
            case Message():
                return _message(body, keep)
            case Alarm():
                category = body.category if Kept.TYPE_DETAIL in keep else kind.text
                return self._alarm(body, category)
            case Removal():
                return Removal(target=self._name(body.target))
            case Opaque():
                return None
            case _:
                assert_never(body)

    def _position(self, body: Position) -> Position | None:
        point, keep = self._point(body.point), self.form.keep
        if point is None and body.point is not None and not self.form.presence_only:
            return None
        return Position(
            point=point,
            course=body.course if Kept.COURSE in keep else None,
            speed=body.speed if Kept.SPEED in keep else None,
            climb=body.climb if Kept.CLIMB in keep else None,
        )

    def _alarm(self, body: Alarm, category: str) -> Alarm | None:
        if body.cancels:
            # It does not wait for the cadence, so a place in it would tell each step of a way.
            return Alarm(category=category, cancels=True)
        point = self._point(body.point)
        if point is None and body.point is not None and not self.form.presence_only:
            return None
        return Alarm(category=category, point=point)

    def _shape(self, body: Shape) -> Shape | None:
        outline, anchor = self._coarsening().outline(body.outline), self._point(body.anchor)
        if outline is None or (anchor is None and body.anchor is not None):
            return None
        return Shape(outline=outline, anchor=anchor)

    def _point(self, point: Point | None) -> Point | None:
        if point is None or self.form.presence_only:
            return None
        return self._coarsening().point(point)

    def _coarsening(self) -> Coarsening:
        report, cell, offset = self.report, self.form.cell, self.form.offset
        if cell is None:
            return Coarsening(form=self.form, east=0.0, north=0.0)
        # A call for help is shifted as its caller is: two shifts of one object would be averaged.
        uid = report.uid if report.author is None else report.author
        east, north = shift(self.key, uid, report.time, cell=cell, offset=offset)
        return Coarsening(form=self.form, east=east, north=north)


def sort_of(kind: Kind) -> Kind | None:
    """Return only what sort of thing it is, and on which side; None where that is not known."""
    affiliation, dimension = kind.affiliation, kind.dimension
    if affiliation is not None and dimension is not None:
        return Kind.of(f"a-{affiliation.value}-{dimension.value}")
    return next((Kind.of(sort) for sort in SORTS if kind.is_a(sort)), None)


def _hand_of(how: str) -> str:
    """Return whether a person or a machine gave it (first atom of CoT `how`)."""
    return "h" if how.split("-", 1)[0] == "h" else "m"


def _whole(time: datetime, step: timedelta) -> datetime:
    """Return the last whole step, counted from midnight of the first day, in UTC."""
    return _FIRST_DAY + (time - _FIRST_DAY) // step * step


def _label(label: Label | None, keep: frozenset[Kept]) -> Label | None:
    """Return the label; its dates are often those of the report, so they are cut to the day."""
    if label is None or Kept.TIME in keep:
        return label
    if label.created is label.review is None:
        return label
    day = timedelta(days=1)
    created = None if label.created is None else _whole(label.created, day)
    review = None if label.review is None else _whole(label.review, day)
    return replace(label, created=created, review=review)


@lru_cache(maxsize=1_024)
def _marking(label: Label | None, opex: Opex | None) -> Marking:
    """Return the marks as the label has them, since those that were given can be any words."""
    if label is None:
        return Marking(opex=opex)
    is_cosmic = (label.policy, label.level) == (NATO, "TOP SECRET")
    return Marking(
        access=f"{'COSMIC' if is_cosmic else label.policy} {label.level}",
        caveat="/".join(sorted(label.compartments | label.caveats)) or None,
        releasable_to=", ".join(sorted(label.releasable_to)) or None,
        opex=opex,
        by_default=label.by_default,
    )


def _message(body: Message, keep: frozenset[Kept]) -> Message | None:
    if Kept.REMARKS not in keep:
        return None
    sender = body.sender if Kept.CALLSIGN in keep else ""
    return Message(text=body.text, sender=sender, room=body.room)


def _identity(identity: Identity, keep: frozenset[Kept]) -> Identity:
    return Identity(
        mmsi=identity.mmsi if Kept.MMSI in keep else None,
        imo=identity.imo if Kept.IMO in keep else None,
        icao=identity.icao if Kept.ICAO in keep else None,
        callsign=identity.callsign if Kept.CALLSIGN in keep else None,
        name=identity.name if Kept.NAME in keep else None,
        nation=identity.nation if Kept.NATION in keep else None,
    )
