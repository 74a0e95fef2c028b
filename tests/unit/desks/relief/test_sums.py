from pathlib import Path

import pytest

from accord.desks.relief.incidents import Incidents
from accord.desks.relief.line import NotTaken
from accord.desks.relief.sums import doubts, left_of, tally, totals
from support.relief import MEDEVAC, NODE, TANKER, WATER, lola, put, some_incidents


@pytest.fixture
def incidents(tmp_path: Path) -> Incidents:
    return some_incidents(tmp_path)


@pytest.fixture
def name(incidents: Incidents) -> str:
    """An incident with 500 l of water needed and 300 l offered."""
    made = lola(incidents)
    put(incidents, made, "need", WATER)
    put(incidents, made, "offer", TANKER)
    return made


BOTH = {"need": "n1", "offer": "f1"}


def lefts(incidents: Incidents, name: str) -> list[float | None]:
    stands = incidents.store.incident(name)
    return [left_of(stands, each).left for each in (*stands.of("need"), *stands.of("offer"))]


def test_a_match_takes_as_much_as_both_have_and_the_rest_is_left(
    incidents: Incidents, name: str
) -> None:
    assert lefts(incidents, name) == [500, 300]
    stands, match = put(incidents, name, "match", BOTH)
    assert stands.records[f"match:{match}"].text("quantity") == "300"
    assert lefts(incidents, name) == [200, 0]
    put(incidents, name, "match", {"status": "withdrawn"}, match)
    assert lefts(incidents, name) == [500, 300]


def test_a_match_can_be_changed_within_what_is_left_without_it(
    incidents: Incidents, name: str
) -> None:
    _, match = put(incidents, name, "match", {**BOTH, "quantity": "100"})
    put(incidents, name, "match", {"quantity": "300"}, match)
    assert lefts(incidents, name) == [200, 0]
    with pytest.raises(NotTaken, match="only 300 L of offer NZL-JFNZ-F1 left"):
        put(incidents, name, "match", {"quantity": "301"}, match)
    put(incidents, name, "match", {"status": "delivered"}, match)
    assert lefts(incidents, name) == [200, 0]


def test_more_than_is_left_other_units_and_what_is_not_there_are_refused(
    incidents: Incidents, name: str
) -> None:
    put(incidents, name, "offer", {**TANKER, "unit": "bottles"})
    put(incidents, name, "offer", {**TANKER, "status": "withdrawn"})
    put(incidents, name, "match", BOTH)
    for wrong, says in (
        (BOTH, "nothing is left of offer"),
        ({"need": "n1", "offer": "f2"}, "in l and the offer in bottles"),
        ({"need": "n1", "offer": "f3"}, "F3 is withdrawn"),
        ({"need": "n2", "offer": "f1"}, "no need n2"),
        ({"need": "n1"}, "no offer .none said."),
    ):
        with pytest.raises(NotTaken, match=says):
            put(incidents, name, "match", wrong)


def test_where_nobody_says_how_much_there_is_it_is_asked(incidents: Incidents) -> None:
    name = lola(incidents)
    put(incidents, name, "need", {"what": "doctors", "where": "Norsup"})
    put(incidents, name, "offer", {"what": "doctors", "org": "MSF"})
    with pytest.raises(NotTaken, match="say how much"):
        put(incidents, name, "match", BOTH)
    stands, _ = put(incidents, name, "match", {**BOTH, "quantity": "3"})
    assert [left_of(stands, each).left for each in stands.of("need")] == [None]
    assert list(doubts(stands)) == []


def test_what_two_nodes_promised_twice_is_said_when_they_meet(tmp_path: Path) -> None:
    here, there = some_incidents(tmp_path / "a"), some_incidents(tmp_path / "b", "VUT-NDMO")
    name = lola(here)
    put(here, name, "need", WATER)
    put(here, name, "offer", TANKER)
    there.store.take(here.store.incident(name).log)
    for each in (here, there):
        put(each, name, "match", {**BOTH, "quantity": "200"})
    here.store.take(there.store.incident(name).log)
    assert list(doubts(here.store.incident(name))) == [
        f"offer {NODE}-F1 is promised 100 L too much"
    ]


@pytest.mark.parametrize(
    ("texts", "found", "missing", "fault"),
    [
        ({"aboard": "12", "unhurt": "7", "injured": "2", "dead": "1"}, 10, 2, ""),
        ({"aboard": "12"}, 0, 12, ""),
        ({"unhurt": "7"}, 7, None, ""),
        ({"unhurt": "7", "missing": "3"}, 7, 3, ""),
        ({"aboard": "12", "unhurt": "10", "missing": "2"}, 10, 2, ""),
        ({"aboard": "12", "unhurt": "17"}, 17, None, "17 are accounted for, of 12 aboard"),
        ({"aboard": "12", "unhurt": "9", "missing": "2"}, 9, 3, "leave 3 missing, not 2"),
        ({"injured": "2", "immediate": "1", "delayed": "1"}, 2, None, ""),
        ({"injured": "2", "immediate": "1", "minor": "2"}, 2, None, "3 are triaged, of 2 injured"),
    ],
)
def test_who_was_aboard_and_is_not_found_is_missing(
    texts: dict[str, str], found: int, missing: int | None, fault: str
) -> None:
    made = tally(texts)
    assert (made.found, made.missing) == (found, missing)
    assert fault in made.fault
    assert bool(fault) == bool(made.fault)


def test_an_account_that_does_not_add_up_is_refused_and_after_a_merge_it_is_said(
    tmp_path: Path,
) -> None:
    here, there = some_incidents(tmp_path / "a"), some_incidents(tmp_path / "b", "VUT-NDMO")
    name = lola(here)
    _, account = put(here, name, "account", {"what": "MV Kea", "aboard": "12", "unhurt": "8"})
    with pytest.raises(NotTaken, match="17 are accounted for, of 12"):
        put(here, name, "account", {"unhurt": "17"}, account)
    there.store.take(here.store.incident(name).log)
    put(here, name, "account", {"unhurt": "10"}, account)
    put(there, name, "account", {"injured": "4"}, account)
    here.store.take(there.store.incident(name).log)
    said = list(doubts(here.store.incident(name)))
    assert said == [f"account {account} does not add up: 14 are accounted for, of 12 aboard"]


def test_all_accounts_come_to_one_sum(incidents: Incidents) -> None:
    name = lola(incidents)
    put(incidents, name, "account", {"what": "MV Kea", "aboard": "12", "unhurt": "8", "dead": "1"})
    put(incidents, name, "account", {"what": "MV Weka", "aboard": "5", "injured": "5"})
    stands, _ = put(incidents, name, "account", {"what": "village", "unhurt": "40"})
    made = totals(stands)
    assert (made.accounts, made.aboard, made.unknown) == (3, 17, 1)
    assert made.by_state == {"unhurt": 48, "injured": 5, "dead": 1, "missing": 3}


def test_more_persons_on_the_list_than_in_the_account_are_said_without_their_names(
    incidents: Incidents,
) -> None:
    name = lola(incidents)
    put(incidents, name, "account", {"what": "MV Kea", "aboard": "3", "unhurt": "2"})
    for person in ("Jean Tari", "Marie Kalo"):
        stands, _ = put(
            incidents, name, "person", {"name": person, "state": "missing", "account": "c1"}
        )
    assert list(doubts(stands)) == [
        f"account {NODE}-C1 says 1 missing, and 2 persons are listed so"
    ]


def test_a_dispute_is_said_with_who_says_what(tmp_path: Path) -> None:
    here, there = some_incidents(tmp_path / "a"), some_incidents(tmp_path / "b", "VUT-NDMO")
    name = lola(here)
    there.store.take(here.store.incident(name).log)
    put(here, name, "incident", {"hazard": "cyclone"})
    put(there, name, "incident", {"hazard": "flood"})
    here.store.take(there.store.incident(name).log)
    (said,) = doubts(here.store.incident(name))
    assert said.startswith("hazard of the incident is disputed: Moana of ")
    assert said.endswith("say it again to settle it")


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"urgent": "", "priority": ""}, "urgent", "line 3: say how many"),
        ({"litter": "2"}, "litter", "line 5 has 4 patients and line 3 has 3"),
        ({"other_civilian": "2"}, "own_civilian", "line 8 has 2 patients and line 3 has 3"),
        ({"child": "4"}, "child", "more children than patients"),
        ({"equipment": "AB"}, "equipment", "line 4: A is none"),
        ({"marking": "CD"}, "marking", "line 7: D is none"),
        ({"marking": "E"}, "marking_detail", "line 7: E is other"),
        ({"equipment": "X"}, "equipment", "other letters than A, B, C, D"),
        ({"equipment": " , "}, "equipment", "other letters"),
        ({"security": "Z"}, "security", "none of N, P, E, X"),
        ({"callsign": ""}, "callsign", "lacks callsign"),
    ],
)
def test_a_nine_line_request_is_checked_field_by_field(
    incidents: Incidents, wrong: dict[str, str], field: str, says: str
) -> None:
    name = lola(incidents)
    with pytest.raises(NotTaken, match=says) as refused:
        put(incidents, name, "medevac", {**MEDEVAC, **wrong})
    assert refused.value.field == field
    put(incidents, name, "medevac", MEDEVAC)
