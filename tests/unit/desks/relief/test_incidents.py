from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context
from accord.desks.relief import reading
from accord.desks.relief.fields import SORTS, lacking, read_fields
from accord.desks.relief.incident import HEAD, NoSuchIncident, Overtaken, incident_of
from accord.desks.relief.incidents import Incidents, Row, find
from accord.desks.relief.line import By, NotTaken, Reach
from accord.desks.relief.store import ReliefFault, ReliefFull, ReliefStore
from support.relief import LOLA, MOANA, NODE, NOW, TANKER, WATER, lola, put, some_incidents

ROPATA = By(name="Ropata", now=NOW + timedelta(minutes=5))
EXERCISE = Context.exercise("PACIFIC 26")


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


def test_an_incident_is_opened_with_what_is_known_and_a_note(incidents: Incidents) -> None:
    made = incidents.open(LOLA, MOANA, LIVE, "a call from Malampa")
    assert made.id == "NZL-JFNZ-R20261126-1"
    assert made.text("position") == "-16.166667,167.500000"
    assert made.text("status") == "open"
    assert not made.is_closed
    assert [each.fields.get("text") for each in made.log] == [None, "a call from Malampa"]
    assert lola(incidents) == "NZL-JFNZ-R20261126-2"
    assert [each.id[-1] for each in incidents.store.all()] == ["2", "1"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "lacks title"),
        ({"title": "x", "colour": "red"}, "no field 'colour'"),
        ({"title": "x" * 2_001}, "at most 2000 letters"),
        ({"title": "x", "position": "16 10 167 30"}, "say which one"),
        ({"title": "x", "position": "here"}, "a position needs figures"),
        ({"title": "x", "began": "yesterday"}, "no time with its zone"),
        ({"title": "x", "status": "finished"}, "none of open, closed"),
        ({"title": "x", "event": "a b"}, "no name of letters"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_opened(
    incidents: Incidents, fields: dict[str, str], says: str
) -> None:
    with pytest.raises(NotTaken, match=says):
        incidents.open(fields, MOANA, LIVE)
    assert incidents.store.all() == []


def test_a_plan_has_no_incidents_and_what_has_not_come_is_not_taken(incidents: Incidents) -> None:
    with pytest.raises(NotTaken, match="neither"):
        incidents.open(LOLA, MOANA, Context.parse("plan:a"))
    with pytest.raises(NotTaken, match="has not come yet"):
        incidents.open(LOLA, replace(MOANA, at=NOW + timedelta(hours=1)), LIVE)


def test_records_are_named_for_their_node_and_sort_and_found_by_the_end_of_it(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    assert put(incidents, name, "need", WATER)[1] == f"{NODE}-N1"
    stands, second = put(incidents, name, "need", {**WATER, "what": "tents"})
    assert second == f"{NODE}-N2"
    assert find(stands, "need", "n2").text("what") == "tents"
    assert find(stands, "need", f"{NODE}-n1".lower()).text("unit") == "l"
    for wrong in ("n3", "2", "x"):
        with pytest.raises(NotTaken, match="there is no need"):
            find(stands, "need", wrong)


def test_the_end_of_a_name_that_two_nodes_have_is_asked_back(tmp_path: Path) -> None:
    here, there = some_incidents(tmp_path / "a"), some_incidents(tmp_path / "b", "VUT-NDMO")
    name = lola(here)
    put(here, name, "need", WATER)
    there.store.take(here.store.incident(name).log)
    stands, _ = put(there, name, "need", WATER)
    with pytest.raises(NotTaken, match="can mean NZL-JFNZ-N1 or VUT-NDMO-N1"):
        find(stands, "need", "n1")


def test_every_change_is_kept_with_who_and_when(incidents: Incidents) -> None:
    name = lola(incidents)
    _, need = put(incidents, name, "need", WATER)
    changed = Row(sort="need", id=need, fields={"quantity": "400", "where": "Norsup"})
    stands = incidents.put(name, changed, ROPATA).incident
    value = stands.records[f"need:{need}"].values["quantity"]
    assert (value.text, value.line.by, value.line.at) == ("400", "Ropata", ROPATA.now)
    said = [e.fields["quantity"] for e in stands.log if "quantity" in e.fields]
    assert said == ["500", "400"]
    assert "where" not in stands.log[-1].fields  # what stands already is not said again
    again = incidents.put(name, changed, ROPATA).incident
    assert len(again.log) == len(stands.log)
    back = incidents.put(name, Row(sort="need", id=need, fields={"unit": ""}), ROPATA).incident
    assert back.records[f"need:{need}"].text("unit", "none") == "none"


def test_one_who_has_not_seen_a_change_is_told_of_it_and_only_of_that_field(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    stands, need = put(incidents, name, "need", WATER)
    seen = frozenset(stands.records[f"need:{need}"].values["quantity"].heads)
    first = Row(sort="need", id=need, fields={"quantity": "400"}, seen=seen)
    incidents.put(name, first, MOANA)
    with pytest.raises(Overtaken, match="Moana of NZL-JFNZ set it to '400'"):
        incidents.put(name, replace(first, fields={"quantity": "300"}), ROPATA)
    other = replace(first, fields={"priority": "High"})
    stands = incidents.put(name, other, ROPATA).incident
    assert stands.records[f"need:{need}"].text("priority") == "high"


def test_a_record_cannot_lose_what_it_needs_and_rows_are_taken_all_or_none(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    _, need = put(incidents, name, "need", WATER)
    rows = [
        Row(sort="need", fields=WATER),
        Row(sort="need", id=need, fields={"where": ""}),
    ]
    with pytest.raises(NotTaken, match="need lacks where"):
        incidents.enter(name, rows, MOANA)
    assert len(list(incidents.store.incident(name).of("need"))) == 1
    with pytest.raises(NotTaken, match="said twice"):
        incidents.enter(name, [Row(sort="need", id="n1", fields={"quantity": "1"})] * 2, MOANA)
    with pytest.raises(NotTaken, match="not set by hand"):
        put(incidents, name, "incident", {"shared": "{}"})
    stands, _ = put(incidents, name, "incident", {"status": "Closed"})
    assert stands.is_closed


def test_two_who_change_one_field_unaware_are_both_kept_until_one_settles_it(
    tmp_path: Path,
) -> None:
    here, there = some_incidents(tmp_path / "a"), some_incidents(tmp_path / "b", "VUT-NDMO")
    name = lola(here)
    _, need = put(here, name, "need", WATER)
    assert there.store.take(here.store.incident(name).log) == 2
    put(here, name, "need", {"quantity": "400", "unit": "m3"}, need)
    put(there, name, "need", {"quantity": "700", "priority": "high"}, need)
    mine, theirs = here.store.incident(name), there.store.incident(name)
    here.store.take(theirs.log)
    there.store.take(mine.log)
    mine, theirs = here.store.incident(name), there.store.incident(name)
    assert mine.disputed == theirs.disputed == ((f"need:{need}", "quantity"),)
    record = mine.records[f"need:{need}"]
    assert record.texts == theirs.records[f"need:{need}"].texts
    assert (record.text("unit"), record.text("priority")) == ("m3", "high")
    assert {record.text("quantity"), record.values["quantity"].rivals[0].fields["quantity"]} == {
        "400", "700",
    }  # fmt: skip
    settled, _ = put(here, name, "need", {"quantity": record.text("quantity")}, need)
    assert settled.disputed == ()


def test_lines_of_another_context_never_enter_an_incident(incidents: Incidents) -> None:
    name = lola(incidents)
    line = replace(incidents.store.incident(name).log[0], node="USA", number=1)
    assert incidents.store.take([replace(line, context=EXERCISE)]) == 0
    assert incidents.store.take([line]) == 1
    assert incidents.store.take([line]) == 0


def test_an_incident_and_the_file_have_limits_that_are_said_and_counted(tmp_path: Path) -> None:
    incidents = some_incidents(tmp_path, most_lines=2, most_incidents=1)
    name = lola(incidents)
    with pytest.raises(ReliefFull, match="there are 1 incidents"):
        lola(incidents)
    put(incidents, name, "need", WATER)
    with pytest.raises(ReliefFull, match="has 2 lines"):
        put(incidents, name, "need", WATER)
    line = incidents.store.incident(name).log[0]
    others = [replace(line, node="USA"), replace(line, node="USA", incident="USA-R1")]
    assert incidents.store.take(others) == 0
    assert incidents.store.full == 2


def test_a_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "relief.sqlite").write_bytes(b"no database at all, but text" * 100)
    with pytest.raises(ReliefFault, match="backup"):
        ReliefStore(tmp_path / "relief.sqlite").prepare()


def test_what_is_no_incident_is_said(incidents: Incidents) -> None:
    with pytest.raises(NoSuchIncident, match="no incident x"):
        incidents.store.incident("x")
    with pytest.raises(NoSuchIncident):
        incident_of([])


def test_notes_stand_in_the_log_and_the_nodes_own_are_marked(incidents: Incidents) -> None:
    name = lola(incidents)
    incidents.note(name, "bridge is out", MOANA)
    stands = incidents.note(name, "for us only", MOANA, is_own=True)
    assert [each.reach for each in stands.log[1:]] == [Reach.SHARED, Reach.OWN]
    for wrong in ("  ", "x" * 2_001):
        with pytest.raises(NotTaken, match="a note has"):
            incidents.note(name, wrong, MOANA)


def test_a_movement_names_its_match_and_a_person_his_account_whole(incidents: Incidents) -> None:
    name = lola(incidents)
    put(incidents, name, "need", WATER)
    put(incidents, name, "offer", TANKER)
    put(incidents, name, "match", {"need": "n1", "offer": "f1"})
    moved = {"what": "water", "from_place": "Vila", "to_place": "Norsup", "match": "m1"}
    stands, movement = put(incidents, name, "movement", moved)
    assert stands.records[f"movement:{movement}"].text("match") == f"{NODE}-M1"
    with pytest.raises(NotTaken, match="no match m2"):
        put(incidents, name, "movement", {**moved, "match": "m2"})
    late = {**moved, "departs": "2026-11-27", "arrives": "2026-11-26"}
    with pytest.raises(NotTaken, match="arrives is before departs"):
        put(incidents, name, "movement", late)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("500", "500"), ("12,5", "12.5"), ("3 000", "3000"), ("0.125", "0.125")],
)
def test_quantities_are_read_as_people_type_them(typed: str, kept: str) -> None:
    assert read_fields(SORTS["need"], {"quantity": typed}) == {"quantity": kept}


@pytest.mark.parametrize("wrong", ["3,000", "1.500", "0", "-5", "many", "9" * 15])
def test_a_quantity_that_is_none_or_can_mean_two_is_not_guessed(wrong: str) -> None:
    with pytest.raises(NotTaken, match="quantity"):
        read_fields(SORTS["need"], {"quantity": wrong})


@pytest.mark.parametrize("wrong", ["1.5", "20000000", "few"])
def test_persons_are_whole(wrong: str) -> None:
    with pytest.raises(NotTaken, match="number"):
        read_fields(SORTS["activity"], {"reached": wrong})


def test_what_is_kept_is_kept_again_just_so() -> None:
    typed = {
        "position": "16 10.5S 167 30E",
        "by": "2026-11-27",
        "remarks": " a \n b ",
        "what": "x  y",
    }
    kept = read_fields(SORTS["need"], typed)
    assert kept == {
        "position": "-16.175000,167.500000", "by": "2026-11-27T00:00:00+00:00",
        "remarks": "a\n b", "what": "x y",
    }  # fmt: skip
    assert read_fields(SORTS["need"], kept) == kept
    assert lacking(SORTS["need"], kept) == ("where",)


def test_a_kept_position_that_is_not_on_earth_is_none() -> None:
    with pytest.raises(NotTaken):
        read_fields(SORTS["need"], {"position": "-96.175000,167.500000"})


def test_the_head_is_the_record_of_the_incident_itself(incidents: Incidents) -> None:
    stands = incidents.store.incident(lola(incidents))
    assert stands.records[HEAD].text("title") == "Cyclone Lola"
    assert incident_of(replace(e, record="need:X") for e in stands.log).text("title", "?") == "?"


def test_a_partner_writes_into_what_is_shared_or_others_have_written_and_into_nothing_else(
    tmp_path: Path,
) -> None:
    incidents = some_incidents(tmp_path)
    name = lola(incidents)
    stands = incidents.store.incident(name)
    theirs = replace(stands.log[0], node="USA", number=1)
    assert incidents.take([theirs]) == 0
    assert incidents.store.strange == 1
    assert incidents.store.incident(name) == stands
    incidents.share(name, '{"groups": ["Blue"]}', MOANA)
    assert incidents.take([theirs]) == 1
    others = [replace(theirs, incident="USA-R1"), replace(theirs, incident="USA-R1", node="FRA")]
    assert incidents.take(others) == 2
    assert incidents.store.strange == 1


def test_a_new_incident_never_takes_a_name_that_a_partner_has_given(tmp_path: Path) -> None:
    incidents = some_incidents(tmp_path)
    first = incidents.store.incident(lola(incidents))
    taken = first.id.removesuffix("-1") + "-3"
    assert incidents.take([replace(first.log[0], node="USA", number=1, incident=taken)]) == 1
    assert lola(incidents) == first.id.removesuffix("-1") + "-4"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"])
def test_a_time_in_which_nothing_of_an_incident_can_happen_is_refused(text: str) -> None:
    with pytest.raises(NotTaken, match="a year from 1900 to 2199"):
        reading.time(text)


def test_controls_and_what_turns_the_letters_are_not_kept() -> None:
    assert reading.words("a\u202eb\x00\x1b[31m c\u2066d") == "ab [31m cd"
    assert reading.prose("one\x07\n\u202etwo\n") == "one\ntwo"
