"""CAP 1.2 alerts as a feed: a document with alerts in it -> what is drawn on the map.

The CAP feed of GDACS has each alert in an item of its RSS; one alert by itself is a document too.
An alert is drawn as its polygons and circles until it expires, and an update takes the place of
what it refers to. An actual alert is live and no other is: what does not fit is refused, and said.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from accord.core.context import LIVE, Context
from accord.core.principal import Group
from accord.core.report import Source
from accord.wire.cap.area import MOST_LETTERS, fitting, outlines_of
from accord.wire.cap.message import CapAlert
from accord.wire.cap.xml import read_all
from accord.wire.geojson.gdacs import HAZARDS, LEVELS, times
from accord.wire.geojson.message import Fault, Feature, Found, GeometryKind, Room, corner
from accord.wire.geojson.translate import FeatureReader

VALID = timedelta(hours=24)
"""How long an alert is shown that does not say when it expires."""

_SHOWN = ("Alert", "Update")


def reader(*, source: Source, groups: frozenset[Group], context: Context = LIVE) -> FeatureReader:
    """Return what reads such documents."""
    read = partial(read_cap, context=context)
    return FeatureReader(read, source=source, groups=groups, context=context)


def read_cap(data: bytes, *, context: Context = LIVE) -> Found:
    """Return what the alerts of a document show. Raises WireError."""
    alerts, unread = read_all(data)
    over = {each for alert in alerts for each in _referred(alert)}
    faults = [Fault(number, name, why) for number, (name, why) in enumerate(unread, 1)]
    room, found, repeated = Room(), dict[str, Feature](), 0
    for number, alert in enumerate(alerts, len(unread) + 1):
        if alert.kind not in _SHOWN or (alert.sender, alert.identifier) in over:
            continue
        features = _features(alert)
        why = _refused(alert, features, context)
        if why:
            faults.append(Fault(number, _name(alert), why))
            continue
        for each in features:
            room.take(len(each.corners))
            repeated += each.id in found
            found[each.id] = each
    return Found(list(found.values()), faults, repeated)


def _refused(alert: CapAlert, features: Sequence[Feature], context: Context) -> str:
    is_actual = alert.status == "Actual"
    if is_actual is not (context == LIVE):
        return f"its status is {alert.status}, and what this feed says is {context}"
    return "" if features else "an alert without a polygon and without a circle"


def _referred(alert: CapAlert) -> Iterator[tuple[str, str]]:
    """Yield sender and identifier of each alert that one updates or cancels (3.2.1)."""
    for each in alert.references.split():
        sender, _, rest = each.partition(",")
        yield sender, rest.partition(",")[0]


def _name(alert: CapAlert) -> str:
    """Return what an alert is named by: as GDACS names the hazard, or as the alert says."""
    said = alert.parameters
    event, number = said.get("eventtype", "").upper(), said.get("eventid", "")
    return f"{event}{number}" if event in HAZARDS and number else alert.identifier


def _features(alert: CapAlert) -> list[Feature]:
    """Return each outline of an alert; the first bears what it says, and the whole area."""
    name, title, times = _name(alert), _title(alert), _times(alert)
    outlines = list(outlines_of(alert))
    whole = {"hazard": name, **_said(alert), "areas": fitting(outlines, MOST_LETTERS)[0], **times}
    return [
        Feature(
            f"{name}.{number}" if number else name, title, GeometryKind.AREA,
            tuple(corner(lon, lat) for lat, lon in outline),
            {"part_of": name, **times} if number else whole,
        )
        for number, outline in enumerate(outlines)
    ]  # fmt: skip


def _title(alert: CapAlert) -> str:
    level = alert.parameters.get("alertlevel", "")
    event = " ".join(alert.event.split())
    words = (level if level in LEVELS else "", event, alert.parameters.get("eventname", ""))
    return " ".join(each for each in words if each)[:200] or alert.identifier[:200]


def _said(alert: CapAlert) -> dict[str, str]:
    said = alert.parameters
    weighed = " / ".join(filter(None, (alert.urgency, alert.severity, alert.certainty)))
    return {
        "alert": alert.identifier, "sender": alert.sender,
        "level": said.get("alertlevel", ""), "what": " ".join(alert.event.split()),
        "description": alert.description or alert.headline,
        "severity": said.get("severity", "") or weighed,
        "country": said.get("country", "") or next((e.description for e in alert.areas), ""),
        "link": alert.web or said.get("link", ""),
    }  # fmt: skip


def _times(alert: CapAlert) -> dict[str, str]:
    """Return since when it is so, and until when it is shown."""
    said = alert.parameters
    event = said.get("eventtype", "").upper()
    held = times(event, said) if event in HAZARDS else {}
    until = alert.expires or alert.sent + VALID
    return {"time": alert.sent.isoformat(), "stale": until.isoformat(), **held}
