"""No name of a person is in what leaves the node, unless that is said."""

import json
from pathlib import Path

import pytest

from accord.desks.relief import alerts, forms, sheet
from accord.desks.relief.alerts import Wanted
from accord.desks.relief.as_json import head_json, incident_json
from accord.desks.relief.incident import Incident
from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import NotTaken, Reach
from accord.desks.relief.names import WITHHELD, Names, goes_out, is_personal, names_of
from accord.wire.cap.render import render
from support.relief import METHANE, MOANA, NODE, WATER, lola, put, some_incidents

SECRETS = ("jean tari", "marie kalo", "+678 5551")
GROUPS = frozenset({"Blue"})


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


@pytest.fixture
def name(incidents: Incidents) -> str:
    """An incident on which two persons are named wherever a name can be."""
    made = lola(incidents, summary="Marie Kalo has called")
    put(incidents, made, "person", {"name": "Jean Tari", "state": "missing", "where": "boat"})
    contact = {"contact": "Marie Kalo, +678 5551", "remarks": "ask marie  KALO"}
    put(incidents, made, "need", {**WATER, **contact})
    activity = {"org": "VRC", "what": "water", "where": "Norsup", "for_whom": "Jean Tari's family"}
    put(incidents, made, "activity", activity)
    put(incidents, made, "methane", {**METHANE, "hazards": "Jean Tari is on the slope"})
    incidents.note(made, "JEAN TARI was seen", MOANA)
    return made


def is_clean(text: str | bytes) -> bool:
    said = " ".join((text if isinstance(text, str) else text.decode()).casefold().split())
    return not any(secret in said for secret in SECRETS)


def released(incident: Incident, *, with_names: bool) -> str:
    names = names_of(incident)
    out = [e for e in incident.log if goes_out(e, NODE, names, with_names=with_names)]
    return json.dumps([dict(each.fields) for each in out])


def test_no_name_is_released_exported_or_sent(incidents: Incidents, name: str) -> None:
    stands = incidents.store.incident(name)
    assert is_clean(released(stands, with_names=False))
    for each in sheet.SHEETS:
        assert is_clean(sheet.write(stands, each))
    assert is_clean(json.dumps(incident_json(stands, with_names=False)))
    assert is_clean(json.dumps(head_json(stands)))
    assert is_clean(forms.spoken_of(stands, "t1"))
    wanted = Wanted(typed={"description": "a cyclone"}, groups=GROUPS)
    stands, alert = alerts.issue(incidents, name, wanted, MOANA)
    assert is_clean(render(alerts.cap_of(stands, stands.records[f"alert:{alert}"])))


def test_what_names_nobody_still_goes_out(incidents: Incidents, name: str) -> None:
    stands = incidents.store.incident(name)
    said = released(stands, with_names=False)
    assert "Norsup" in said
    assert "500" in said
    assert b"Norsup" in sheet.write(stands, "need")
    assert WITHHELD.encode() in sheet.write(stands, "activity")


def test_names_go_where_that_is_said(incidents: Incidents, name: str) -> None:
    stands = incidents.store.incident(name)
    said = released(stands, with_names=True).casefold()
    assert all(secret in said for secret in SECRETS)
    assert b"+678 5551" in sheet.write(stands, "need", with_names=True)
    assert not is_clean(json.dumps(incident_json(stands, with_names=True)))


def test_an_alert_that_names_somebody_is_refused_unless_that_is_said(
    incidents: Incidents, name: str
) -> None:
    wanted = Wanted(typed={}, groups=GROUPS)  # the incident's summary has a name in it
    with pytest.raises(NotTaken, match="description names somebody"):
        alerts.issue(incidents, name, wanted, MOANA)
    said = Wanted(typed={}, groups=GROUPS, with_names=True)
    stands, _ = alerts.issue(incidents, name, said, MOANA)
    assert stands.log[-1].reach is Reach.NAMES
    assert is_clean(released(stands, with_names=False))


def test_a_name_that_is_listed_later_holds_back_what_was_written_before(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    incidents.note(name, "Pierre Lui went ashore", MOANA)
    assert "Pierre" in released(incidents.store.incident(name), with_names=False)
    put(incidents, name, "person", {"name": "Pierre Lui", "state": "unhurt"})
    assert "Pierre" not in released(incidents.store.incident(name), with_names=False)


def test_the_nodes_own_and_what_others_wrote_never_go_out(incidents: Incidents) -> None:
    name = lola(incidents)
    stands = incidents.note(name, "for us", MOANA, is_own=True)
    nobody = Names(())
    assert not goes_out(stands.log[-1], NODE, nobody, with_names=True)
    assert goes_out(stands.log[0], NODE, nobody, with_names=False)
    assert not goes_out(stands.log[0], "USA", nobody, with_names=True)


def test_names_are_found_by_whole_words_however_they_are_spaced() -> None:
    names = Names(["Ana", "Jean-Luc Tari", "", "x", "Ana Mara"])
    assert names.without("ANA\nmara and jean luc  tari, Anatole") == (
        f"{WITHHELD} and {WITHHELD}, Anatole"
    )
    assert not names.are_in("Anatole x")
    assert not Names(()).are_in("Ana")


def test_what_is_in_no_table_is_taken_for_personal() -> None:
    assert is_personal("need:x", "contact")
    assert is_personal("colour:x", "what")
    assert is_personal("need:x", "colour")
    assert not is_personal("need:x", "what")


@pytest.mark.parametrize(
    "text",
    [
        "hemi tawhiri", "He\u0304mi Ta\u0304whiri", "TAWHIRI, Hemi", "h\u0113mi_t\u0101whiri",
        "Pa'a Ke", "ke pa\u02bba",
    ],
)  # fmt: skip
def test_a_name_is_found_without_its_accents_and_with_the_familys_name_first(text: str) -> None:
    names = Names(["H\u0113mi T\u0101whiri", "Pa\u02bba K\u0113"])
    assert names.without(f"seen: {text}, today") == f"seen: {WITHHELD}, today"
