from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.core.report import Report, Source
from accord.desks.relief import alerts
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.as_json import alert_json
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import NotTaken
from accord.feeds.cap import reader as cap_reader
from accord.wire.cap import xml
from accord.wire.cap.message import CapAlert, CapArea, CapCircle
from accord.wire.cap.render import render
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader
from support.builders import a_report
from support.relief import MOANA, NODE, NOW, lola, put, some_incidents

BLUE = Wanted(typed={}, groups=frozenset({"Blue"}))
EXERCISE = Context.exercise("PACIFIC 26")


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


def test_an_alert_says_what_the_incident_says_and_what_is_typed_instead(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    typed = {"severity": "extreme", "instruction": "go to high ground", "radius": "80"}
    stands, made = alerts.issue(incidents, name, replace(BLUE, typed=typed), MOANA)
    assert made == f"{name}-{NODE}-1"
    cap = alerts.cap_of(stands, stands.records[f"alert:{made}"])
    assert (cap.status, cap.kind, cap.scope, cap.sender) == ("Actual", "Alert", "Restricted", NODE)
    assert (cap.event, cap.headline) == ("tropical cyclone", "Cyclone Lola")
    assert (cap.severity, cap.urgency, cap.certainty) == ("Extreme", "Unknown", "Observed")
    assert cap.instruction == "go to high ground"
    (area,) = cap.areas
    assert area.description == "Malampa"
    assert area.circles == (CapCircle(centre=(-16.166667, 167.5), radius=80.0),)
    assert cap.expires == NOW + timedelta(hours=24)
    assert xml.read(render(cap)) == cap


def test_an_alert_of_an_exercise_is_marked_so_and_stays_there(incidents: Incidents) -> None:
    stands, made = alerts.issue(incidents, lola(incidents, EXERCISE), BLUE, MOANA)
    alert = stands.records[f"alert:{made}"]
    assert alerts.cap_of(stands, alert).status == "Exercise"
    assert alert_json(stands, alert)["status"] == "Exercise"


def test_an_update_and_a_cancellation_refer_to_the_one_before_and_only_once(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    _, first = alerts.issue(incidents, name, BLUE, MOANA)
    later = replace(MOANA, now=NOW + timedelta(hours=1))
    update = replace(BLUE, typed={"severity": "Severe"}, update=first)
    stands, second = alerts.issue(incidents, name, update, later)
    cap = alerts.cap_of(stands, stands.records[f"alert:{second}"])
    # CAP 1.2, 3.2.1: sender,identifier,sent, the zone of UTC as -00:00.
    assert cap.references == f"{NODE},{first},2026-11-26T03:00:00-00:00"
    assert (cap.kind, cap.severity, cap.event) == ("Update", "Severe", "tropical cyclone")
    with pytest.raises(NotTaken, match=f"was followed by {second}"):
        alerts.issue(incidents, name, update, later)
    cancel = replace(BLUE, cancel=second)
    stands, third = alerts.issue(incidents, name, cancel, later)
    assert alerts.cap_of(stands, stands.records[f"alert:{third}"]).kind == "Cancel"
    with pytest.raises(NotTaken, match="a cancellation, which nothing follows"):
        alerts.issue(incidents, name, replace(BLUE, update=third), later)
    assert alert_json(stands, stands.records[f"alert:{first}"])["replaced_by"] == second
    listed = [each.id for _, each in alerts.listed(incidents.store.all())]
    assert listed == [third, second, first]
    assert (
        alerts.listed(incidents.store.all(), lambda _, alert: alert.id == first)[0][1].id == first
    )


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (replace(BLUE, groups=frozenset()), "for a group: say which"),
        (replace(BLUE, typed={"kind": "Cancel"}), "no 'kind' to be said"),
        (replace(BLUE, typed={"severity": "bad"}), "none of Extreme, Severe"),
        (replace(BLUE, typed={"event": ""}), "the alert lacks event"),
        (replace(BLUE, typed={"expires": "2026-11-26T02:00Z"}), "would have expired"),
        (replace(BLUE, update="x"), "there is no alert x of .*; there are: none"),
    ],
)
def test_an_alert_that_cannot_be_is_refused(
    incidents: Incidents, wanted: Wanted, says: str
) -> None:
    name = lola(incidents)
    with pytest.raises(NotTaken, match=says):
        alerts.issue(incidents, name, wanted, MOANA)
    assert alerts.listed(incidents.store.all()) == []


def test_an_alert_is_issued_once_and_without_a_place_has_no_circle(incidents: Incidents) -> None:
    name = incidents.open({"title": "flood"}, MOANA, LIVE).id
    stands, made = alerts.issue(incidents, name, BLUE, MOANA)
    cap = alerts.cap_of(stands, stands.records[f"alert:{made}"])
    assert cap.areas == (CapArea(description="flood"),)
    with pytest.raises(NotTaken, match="issued already"):
        incidents.issue(name, made, {"event": "x"}, MOANA)


ARRIVED = CapAlert(
    identifier="A1", sender="met@example.org", sent=NOW, status="Actual", kind="Alert",
    event="Flood", description="rivers rise",
    areas=(CapArea(description="Malampa", circles=(CapCircle(centre=(-16.2, 167.5), radius=9),)),),
)  # fmt: skip


def test_an_alert_that_came_opens_an_incident_where_it_belongs(incidents: Incidents) -> None:
    fields = alerts.opening(ARRIVED, LIVE)
    stands = incidents.open(fields, MOANA, LIVE)
    assert stands.text("title") == stands.text("hazard") == "Flood"
    assert stands.text("position") == "-16.200000,167.500000"
    assert stands.text("source") == "CAP A1 of met@example.org"
    assert "position" not in alerts.opening(replace(ARRIVED, areas=()), LIVE)
    for alert, context, says in (
        (ARRIVED, EXERCISE, "status is Actual: open it live"),
        (replace(ARRIVED, status="Exercise"), LIVE, "status is Exercise: open it in its exercise"),
        (replace(ARRIVED, kind="Cancel"), LIVE, "tells of nothing new"),
    ):
        with pytest.raises(NotTaken, match=says):
            alerts.opening(alert, context)
    assert alerts.opening(replace(ARRIVED, status="Exercise"), EXERCISE)["title"] == "Flood"


GOLDEN = Path(__file__).parents[3] / "golden" / "gdacs"


def hazards(document: str, context: Context = LIVE) -> list[Report]:
    source = Source(node="NZL", channel="feed:x", speaker="x")
    groups = frozenset({"Blue"})
    if document == "invented-cap.xml":
        made = cap_reader(source=source, groups=groups, context=context)
    else:
        made = FeatureReader(read_gdacs, source=source, groups=groups, context=context)
    return made.read((GOLDEN / document).read_bytes(), received=NOW, tick=0.0)


def test_a_hazard_of_gdacs_opens_an_incident_by_its_number(incidents: Incidents) -> None:
    cyclone, _ = hazards("invented.xml")
    stands = incidents.open(alerts.opening_of(cyclone, LIVE), MOANA, LIVE)
    assert (stands.text("title"), stands.text("hazard"), stands.text("event")) == (
        "Orange tropical cyclone EXAMPLE-26", "tropical cyclone", "TC9000001",
    )  # fmt: skip
    assert (stands.text("source"), stands.text("where")) == ("GDACS TC9000001", "Fiji")
    assert stands.text("position") == "-15.500000,179.500000"
    assert stands.text("outline") == ""
    assert stands.text("summary").startswith("Orange alert, Tropical cyclone (maximum wind")
    with pytest.raises(NotTaken, match="open it there, not in exercise:PACIFIC 26"):
        alerts.opening_of(cyclone, EXERCISE)
    with pytest.raises(NotTaken, match="no hazard"):
        alerts.opening_of(a_report("X"), LIVE)


def test_the_outlines_of_an_alert_go_with_the_incident_and_with_what_it_sends(
    incidents: Incidents,
) -> None:
    cyclone = hazards("invented-cap.xml")[0]
    name = incidents.open(alerts.opening_of(cyclone, LIVE), MOANA, LIVE).id
    stands, made = alerts.issue(incidents, name, BLUE, MOANA)
    (area,) = alerts.cap_of(stands, stands.records[f"alert:{made}"]).areas
    assert [len(each) for each in area.polygons] == [5, 4]
    assert area.polygons[1][0] == area.polygons[1][-1] == (-14.0, 177.0)
    assert area.circles == ()
    # A circle that is typed is what was meant, and no outline.
    round_it = replace(BLUE, typed={"radius": "80"})
    stands, made = alerts.issue(incidents, name, round_it, MOANA)
    (area,) = alerts.cap_of(stands, stands.records[f"alert:{made}"]).areas
    assert (area.polygons, [each.radius for each in area.circles]) == ((), [80.0])


def test_an_alert_that_came_as_a_polygon_opens_an_incident_with_it() -> None:
    ring = ((-16.0, 167.0), (-16.0, 168.0), (-17.0, 168.0), (-17.0, 167.0), (-16.0, 167.0))
    alert = replace(ARRIVED, areas=(CapArea(description="x", polygons=(ring,)),))
    fields = alerts.opening(alert, LIVE)
    assert fields["position"] == "-16.500000,167.500000"
    assert fields["outline"].startswith("-16.0000,167.0000 -16.0000,168.0000")


def test_a_hazard_whose_name_is_no_number_of_an_event_is_named_by_its_source() -> None:
    alert = replace(ARRIVED, identifier="urn:oid:2.49.0.1")
    made = cap_reader(
        source=Source(node="NZL", channel="feed:x", speaker="x"), groups=frozenset({"Blue"})
    )
    (hazard,) = made.read(render(alert), received=NOW, tick=0.0)
    fields = alerts.opening_of(hazard, LIVE)
    assert "event" not in fields
    assert fields["source"] == "met@example.org urn:oid:2.49.0.1"


def test_an_outline_is_typed_as_cap_has_it_or_refused(incidents: Incidents) -> None:
    name = lola(incidents)
    stands, _ = put(incidents, name, "incident", {"outline": "-16,167 -16,168 -17,168"})
    assert stands.text("outline").endswith("-16.0000,167.0000")
    with pytest.raises(NotTaken, match="three corners"):
        put(incidents, name, "incident", {"outline": "-16,167 -16,168"})
