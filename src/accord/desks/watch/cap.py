"""Alerts of the watch as CAP 1.2 messages: what concerns people out there, and not the node.

An alert is sent as an Alert, as an Update once it arose again or grew more urgent, and as a Cancel
when it is over. One of a live context is Actual, and every other is Exercise.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from accord.core.context import LIVE
from accord.core.geometry import Point
from accord.desks.watch.alert import Alert, Kind, Priority
from accord.wire.cap.message import CapAlert, CapArea, CapCircle

VALID = timedelta(hours=24)
"""How long a message holds that nothing has taken the place of."""

AROUND = 1.0
"""Kilometres around an object where its position says no more of its error."""

_SENT: Mapping[Kind, str] = {
    Kind.EMERGENCY: "Rescue", Kind.CASE: "Rescue", Kind.RULE: "Safety",
}  # fmt: skip
"""The category of what is sent; links, feeds and the node itself concern its keepers alone."""

_URGENCY: Mapping[Priority, tuple[str, str]] = {
    Priority.ALARM: ("Immediate", "Severe"),
    Priority.WARNING: ("Expected", "Moderate"),
    Priority.CAUTION: ("Unknown", "Minor"),
}


def is_sent(alert: Alert) -> bool:
    """Tell whether an alert is for others than the keepers of the node."""
    return alert.condition.kind in _SENT


def sent(alerts: Iterable[Alert]) -> list[Alert]:
    """Return those that are sent, what changed last first."""
    return sorted(filter(is_sent, alerts), key=lambda e: (_changed(e), e.number), reverse=True)


def cap_of(alert: Alert, node: str, place: Point | None = None) -> CapAlert:
    """Return the message that an alert is now; `place` is where its object is."""
    condition = alert.condition
    urgency, severity = _URGENCY[condition.priority]
    at, is_exercise = _changed(alert), condition.context != LIVE
    mark = "EXERCISE " if is_exercise else ""
    return CapAlert(
        identifier=_identifier(alert, node, at, _kind(alert)),
        sender=node,
        sent=at,
        status="Exercise" if is_exercise else "Actual",
        kind=_kind(alert),
        scope="Restricted",
        restriction="for those whom the sender gives it to",
        references=_references(alert, node),
        event=f"{mark}{condition.kind.value}",
        headline=f"{mark}{condition.text}",
        urgency="Past" if alert.rectified is not None else urgency,
        severity=severity,
        certainty="Observed",
        categories=(_SENT[condition.kind],),
        sender_name=node,
        expires=at + VALID,
        areas=() if place is None else (_area(condition.uid or "", place),),
    )


def _changed(alert: Alert) -> datetime:
    """Return when it last became what it is: by that a message is told from the one before."""
    return alert.rectified or _last(alert)


def _last(alert: Alert) -> datetime:
    moments = (alert.raised, alert.since, alert.escalated)
    return max(each for each in moments if each is not None)


def _kind(alert: Alert) -> str:
    if alert.rectified is not None:
        return "Cancel"
    return "Alert" if _last(alert) == alert.raised else "Update"


def _identifier(alert: Alert, node: str, at: datetime, kind: str) -> str:
    stem = f"{node}-watch-{alert.number}"
    return stem if kind == "Alert" else f"{stem}-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}"


def _references(alert: Alert, node: str) -> str:
    """Return the messages that this one takes the place of: the first, and the last before it."""
    if _kind(alert) == "Alert":
        return ""
    before = [(alert.raised, "Alert")]
    if alert.rectified is not None and _last(alert) != alert.raised:
        before.append((_last(alert), "Update"))
    return " ".join(
        f"{node},{_identifier(alert, node, at, kind)},{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"
        for at, kind in before
    )


def _area(name: str, place: Point) -> CapArea:
    error = place.circular_error
    is_known = error is not None and 0.0 < error < 9_999_999
    radius = max(AROUND, (error or 0.0) / 1_000.0) if is_known else AROUND
    circle = CapCircle(centre=(place.lat, place.lon), radius=round(radius, 3))
    return CapArea(description=f"around {name}", circles=(circle,))
