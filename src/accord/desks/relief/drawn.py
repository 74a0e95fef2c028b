"""The areas of alerts on the map: each outline is drawn for the groups that the alert is for.

What is drawn says what it is about and of which exercise it is, and names nobody. It goes when the
alert expires, and at once when another alert takes its place.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from accord.core.body import Body, Opaque, Removal, Shape
from accord.core.context import ContextKind
from accord.core.geometry import Point, Polyline
from accord.core.identity import UNKNOWN_IDENTITY, Identity
from accord.core.kind import Kind
from accord.core.marking import marking_of
from accord.core.principal import Direction, Principal
from accord.core.report import Form, Original, Report, Source
from accord.desks.relief.alerts import cap_of, groups_of, replaced_by
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.names import names_of
from accord.live.intake import RELIEF_DESK, Intake, Speaker
from accord.wire.cap.area import Outline, outlines_of
from accord.wire.cot.translate import to_xml

DRAWING, REMOVAL = "u-d-f", "t-x-d-d"
"""CoT types: something drawn, and that something is gone."""

SPEAKER = "relief alerts"

REMOVAL_VALID = timedelta(seconds=20)


def stands(incident: Incident, alert: Record, now: datetime) -> bool:
    """Tell whether an alert holds: it has not expired, and nothing has taken its place."""
    is_over = alert.text("kind") == "Cancel" or replaced_by(incident, alert) is not None
    return not is_over and now < datetime.fromisoformat(alert.text("expires"))


class AlertMap:
    """Draws the areas of one node's alerts, by the one door in."""

    def __init__(self, intake: Intake, *, node: str) -> None:
        self._intake = intake
        self._node = node
        self._source = Source(node=node, channel=RELIEF_DESK, speaker=SPEAKER)

    def draw(self, incident: Incident, alert: Record, now: datetime) -> str:
        """Draw the area of an alert; return why it was not let in, nothing where it was."""
        blank = self._blank(incident, alert, now)
        until = datetime.fromisoformat(alert.text("expires"))
        event = alert.text("event")
        name = alert.id if names_of(incident).are_in(event) else event
        for uid, outline in _parts(incident, alert):
            drawn = replace(
                blank, uid=uid, kind=Kind.of(DRAWING), stale=until, body=_shape(outline),
                identity=Identity(callsign=f"ALERT {name}"[:200]),
            )  # fmt: skip
            refused = self._let_in(drawn)
            if refused is not None:
                return refused
        return ""

    def erase(self, incident: Incident, alert: Record, now: datetime) -> None:
        """Take the area of an alert from the map."""
        blank = self._blank(incident, alert, now)
        for uid, _ in _parts(incident, alert):
            body = Removal(target=uid)
            self._let_in(replace(blank, uid=f"{uid}.gone", kind=Kind.of(REMOVAL), body=body))

    def _blank(self, incident: Incident, alert: Record, now: datetime) -> Report:
        context = incident.context
        return Report(
            uid="",
            context=context,
            kind=Kind.of("t"),
            how="h-g-i-g-o",
            time=now,
            start=now,
            stale=now + REMOVAL_VALID,
            received=now,
            body=Opaque(),
            identity=UNKNOWN_IDENTITY,
            marking=marking_of(context),
            source=self._source,
            groups=frozenset(groups_of(alert)),
        )

    def _let_in(self, said: Report) -> str | None:
        context = said.context
        exercises = {context.name} if context.kind is ContextKind.EXERCISE else set[str]()
        principal = Principal(
            name=SPEAKER,
            groups=MappingProxyType(dict.fromkeys(said.groups, Direction.IN)),
            exercises=frozenset(exercises),
        )
        report = replace(said, original=Original(Form.COT_XML, to_xml(said)))
        return self._intake.accept(report, Speaker(principal=principal, source=self._source))


def _parts(incident: Incident, alert: Record) -> Iterator[tuple[str, Outline]]:
    """Yield each outline of an alert, and the uid that it is drawn under."""
    for number, outline in enumerate(outlines_of(cap_of(incident, alert))):
        yield f"{alert.node}.alert.{alert.id}.{number}", outline


def _shape(outline: Outline) -> Body:
    points = tuple(Point(lat=lat, lon=lon) for lat, lon in outline)
    return Shape(outline=Polyline(points=points, closed=True))
