"""Alerts of an incident in the Common Alerting Protocol: made, kept, brought up to date, cancelled.

An alert of a live incident is Actual, one of an exercise is Exercise, and nothing turns one into
the other. What was issued is never changed: an Update or a Cancel refers to it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.core.principal import Group
from accord.core.report import Report
from accord.desks.relief.fields import CAP, SORTS, lacking, read_fields
from accord.desks.relief.incident import Incident, Record
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import By, NotTaken
from accord.desks.relief.names import names_of
from accord.desks.relief.reading import MAX_TEXT, identifier, kept_point, point_of
from accord.live import hazards
from accord.live.hazards import hazard_of
from accord.wire.cap.area import (
    MOST_LETTERS,
    area_of,
    fitting,
    middle_of,
    outlines_of,
    read_outlines,
)
from accord.wire.cap.message import CapAlert, CapArea, CapCircle, Degrees

VALID = timedelta(hours=24)
"""How long an alert holds where nobody says."""

RADIUS = "10"
"""Kilometres around a position where nobody says; the alert says so in its area."""

USUAL: Mapping[str, str] = {
    "category": "Rescue", "urgency": "Unknown", "severity": "Unknown", "certainty": "Observed",
}  # fmt: skip

TYPED = (
    "event", "headline", "description", "instruction", *CAP, "area", "position", "radius",
    "outline", "expires",
)  # fmt: skip
"""What a person says of an alert."""

_ENDS = ("Cancel",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An alert that somebody wants issued: what he typed of it, and into which groups.

    `update` or `cancel` names the alert that it takes the place of.
    """

    typed: Mapping[str, str]
    groups: frozenset[Group]
    update: str = ""
    cancel: str = ""
    with_names: bool = False


def issue(incidents: Incidents, name: str, wanted: Wanted, by: By) -> tuple[Incident, str]:
    """Issue an alert of an incident; return the incident and the alert's identifier.

    Raises NotTaken.
    """
    incident = incidents.store.incident(name)
    if not wanted.groups:
        raise NotTaken("an alert is for a group: say which", "groups")
    named = wanted.cancel or wanted.update
    before = _standing(incident, named) if named else None
    fields = _fields(_usual(incident, before), read_fields(SORTS["alert"], _only(wanted.typed)))
    sent = by.now.replace(microsecond=0)
    made = {
        **{n: text for n, text in fields.items() if text},
        "kind": "Cancel" if wanted.cancel else "Update" if wanted.update else "Alert",
        "sent": sent.isoformat(),
        "groups": "\n".join(sorted(wanted.groups)),
    }
    made.setdefault("expires", (sent + VALID).isoformat())
    if before is not None:
        made["references"] = reference(before)
    _check(incident, made, sent, with_names=wanted.with_names)
    identifier = _identifier(incidents.node, incident)
    return incidents.issue(name, identifier, made, by), identifier


def _only(typed: Mapping[str, str]) -> dict[str, str]:
    other = sorted(set(typed) - set(TYPED))
    if other:
        raise NotTaken(f"an alert has no {other[0][:40]!r} to be said", other[0][:40])
    return dict(typed)


def _fields(usual: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed before what is usual; another circle is not the outline before."""
    is_moved = any(typed.get(name) for name in ("position", "radius"))
    return {**usual, **({"outline": ""} if is_moved else {}), **typed}


def _usual(incident: Incident, before: Record | None) -> dict[str, str]:
    """Return what an alert says where nobody says it: as the one before, or as the incident."""
    if before is not None:
        left_out = ("kind", "sent", "groups", "references", "expires")
        return {n: text for n, text in before.texts.items() if n not in left_out}
    said = {
        "event": incident.text("hazard") or incident.text("title"),
        "headline": incident.text("title"),
        "description": incident.text("summary"),
        "area": incident.text("where") or incident.text("title"),
        "position": incident.text("position"),
        "outline": incident.text("outline"),
    }
    return {**USUAL, **said}


def _check(
    incident: Incident, made: Mapping[str, str], sent: datetime, *, with_names: bool
) -> None:
    missing = lacking(SORTS["alert"], made)
    if missing:
        raise NotTaken(f"the alert lacks {', '.join(missing)}", missing[0])
    if datetime.fromisoformat(made["expires"]) <= sent:
        raise NotTaken("the alert would have expired when it is sent", "expires")
    names = names_of(incident)
    told = [n for n, text in made.items() if n in TYPED and names.are_in(text)]
    if told and not with_names:
        raise NotTaken(
            f"{told[0]} names somebody who is on the incident's lists: take the name out, or say "
            "that names go along", told[0],
        )  # fmt: skip


def _identifier(node: str, incident: Incident) -> str:
    own = (each for each in incident.of("alert") if each.node == node)
    return f"{incident.id}-{node}-{sum(1 for _ in own) + 1}"


def _standing(incident: Incident, identifier: str) -> Record:
    """Return an alert that can be brought up to date or cancelled. Raises NotTaken."""
    found = incident.records.get(f"alert:{identifier}")
    if found is None:
        known = ", ".join(each.id for each in incident.of("alert")) or "none"
        raise NotTaken(f"there is no alert {identifier[:80]} of {incident.id}; there are: {known}")
    later = replaced_by(incident, found)
    if later is not None:
        raise NotTaken(f"alert {found.id} was followed by {later.id}: name that one")
    if found.text("kind") in _ENDS:
        raise NotTaken(f"alert {found.id} is a cancellation, which nothing follows")
    return found


def replaced_by(incident: Incident, alert: Record) -> Record | None:
    """Return the alert that took the place of one."""
    spelt = reference(alert)
    return next((e for e in incident.of("alert") if spelt in e.text("references").split()), None)


def reference(alert: Record) -> str:
    """Return an alert as others refer to it: sender, identifier, sent (CAP 1.2, 3.2.1)."""
    sent = datetime.fromisoformat(alert.text("sent"))
    return f"{alert.node},{alert.id},{sent.strftime('%Y-%m-%dT%H:%M:%S')}-00:00"


def cap_of(incident: Incident, alert: Record) -> CapAlert:
    """Return an alert as a CAP message."""
    expires = alert.text("expires")
    return CapAlert(
        identifier=alert.id,
        sender=alert.node,
        sent=datetime.fromisoformat(alert.text("sent")),
        status=status_of(incident.context),
        kind=alert.text("kind"),
        scope="Restricted",
        restriction="for those whom the sender gives it to",
        references=alert.text("references"),
        incidents=incident.id,
        event=alert.text("event"),
        headline=alert.text("headline"),
        description=alert.text("description"),
        instruction=alert.text("instruction"),
        urgency=alert.text("urgency"),
        severity=alert.text("severity"),
        certainty=alert.text("certainty"),
        categories=(alert.text("category"),),
        sender_name=alert.node,
        expires=datetime.fromisoformat(expires) if expires else None,
        areas=(_area(alert),),
    )


def _area(alert: Record) -> CapArea:
    """Return where it is about: its outline, or a circle around its position."""
    place, outline = alert.text("position"), alert.text("outline")
    if outline:
        return area_of(alert.text("area"), read_outlines(outline))
    if not place:
        return CapArea(description=alert.text("area"))
    point, radius = point_of(place), float(alert.text("radius") or RADIUS)
    circle = CapCircle(centre=(point.lat, point.lon), radius=radius)
    return CapArea(description=alert.text("area"), circles=(circle,))


def status_of(context: Context) -> str:
    """Return what CAP calls a context."""
    return "Actual" if context == LIVE else "Exercise"


def groups_of(alert: Record) -> list[str]:
    """Return the groups that an alert was issued into."""
    return alert.text("groups").splitlines()


May = Callable[[Incident, Record], bool]
"""Tells whether somebody may see an alert."""


def listed(found: Iterable[Incident], may: May | None = None) -> list[tuple[Incident, Record]]:
    """Return the alerts that somebody may see, the newest first; those followed by others too.

    Without `may` these are all, for whoever has the node's directory before him.
    """
    alerts = [
        (incident, alert)
        for incident in found
        for alert in incident.of("alert")
        if may is None or may(incident, alert)
    ]
    return sorted(alerts, key=lambda pair: (pair[1].text("sent"), pair[1].id), reverse=True)


def opening(alert: CapAlert, context: Context) -> dict[str, str]:
    """Return the fields of the incident that a CAP alert opens. Raises NotTaken.

    An actual alert opens live incidents only, an exercise or a test none of these.
    """
    is_actual = alert.status == "Actual"
    if is_actual is not (context == LIVE):
        where = "live, not in an exercise" if is_actual else "in its exercise, not live"
        raise NotTaken(f"the alert's status is {alert.status}: open it {where}")
    if alert.kind not in ("Alert", "Update"):
        raise NotTaken(f"the alert is of the type {alert.kind}, which tells of nothing new")
    place = _middle(alert)
    said = {
        "title": (alert.headline or alert.event or alert.identifier)[:200],
        "hazard": alert.event,
        "source": f"CAP {alert.identifier} of {alert.sender}",
        "where": next((each.description for each in alert.areas), ""),
        "position": "" if place is None else kept_point(Point(lat=place[0], lon=place[1])),
        "outline": fitting(outlines_of(alert), MOST_LETTERS)[0],
        "began": alert.sent.isoformat(),
        "summary": alert.description[:MAX_TEXT],
    }
    return {name: text for name, text in said.items() if text}


def _middle(alert: CapAlert) -> Degrees | None:
    """Return the centre of the first circle, or the middle of the first outline."""
    for circle in (each for area in alert.areas for each in area.circles):
        return circle.centre
    return next(map(middle_of, outlines_of(alert)), None)


def opening_of(hazard: Report, context: Context) -> dict[str, str]:
    """Return the fields of the incident that a hazard of a feed opens. Raises NotTaken."""
    said, place = hazard_of(hazard), hazards.where(hazard)
    if said is None:
        raise NotTaken("it is no hazard of a feed of GDACS or CAP")
    if hazard.context != context:
        raise NotTaken(f"the hazard is in {hazard.context}: open it there, not in {context}")
    level = f"{said['level']} alert" if said.get("level") else ""
    weighed = ", ".join(filter(None, (level, said.get("severity", ""))))
    by = said.get("sender", "GDACS")
    opened = {
        "title": hazard.identity.name or said["hazard"],
        "hazard": said.get("what", ""),
        "event": said["hazard"] if _is_name(said["hazard"]) else "",
        "source": f"{by} {said.get('alert') or said['hazard']}"[:MAX_TEXT],
        "where": said.get("country", ""),
        "position": "" if place is None else kept_point(place[0]),
        "outline": hazards.area_of(hazard),
        "began": hazard.time.isoformat(),
        "summary": "\n".join(filter(None, (weighed, said.get("description", ""))))[:MAX_TEXT],
    }
    return {name: text for name, text in opened.items() if text}


def _is_name(text: str) -> bool:
    """Tell whether it can stand as the number of an event."""
    try:
        return identifier(text) == text
    except NotTaken:
        return False
