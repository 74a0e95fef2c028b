from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord.api.openapi import document
from accord.api.problem import Problem
from accord.api.sar import CASES, SAR, facts_in
from accord.core.body import Alarm
from accord.core.context import Context
from accord.core.geometry import Point
from accord.core.report import Source
from accord.desks.sar.store import CASES as FILE
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader
from support.beacons import CONFIRMED
from support.builders import a_report
from support.page import AROHA, LOOKER, STRANGER
from support.sar_page import CasePage
from support.schema import faults

DOCUMENT: Any = document()
GDACS = Path(__file__).parents[2] / "golden" / "gdacs" / "invented.xml"
EXERCISE = Context.exercise("TASMAN 26")
PLAYER = replace(AROHA, name="player", exercises=frozenset({"TASMAN 26"}))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[CasePage]:
    made = CasePage(tmp_path)
    yield made
    made.close()


def described(answer: Any, schema: str) -> None:
    ref = {"$ref": f"#/components/schemas/{schema}"}
    assert faults(answer.json(), ref, DOCUMENT, closed=True) == []


async def test_a_call_opens_a_case_that_everybody_of_the_watch_sees(page: CasePage) -> None:
    path = await page.opened()
    assert page.changes == 1
    one = await page.get(path)
    described(one, "SarCase")
    assert one.json()["facts"]["persons"]["value"] == "3"
    assert one.json()["facts"]["persons"]["by"] == "aroha"
    every = await page.get(CASES, LOOKER)
    described(every, "SarCases")
    assert [each["id"] for each in every.json()["cases"]] == [one.json()["id"]]


async def test_a_beacon_message_opens_a_case_and_half_of_one_says_what_is_missing(
    page: CasePage,
) -> None:
    answer = await page.send(CASES, beacon=CONFIRMED[:400], facts={"title": "Kea"})
    assert answer.status_code == 201
    said = answer.json()
    assert said["facts"]["title"]["value"] == "Kea"
    assert "everything after paragraph" in said["log"][0]["value"]
    refused = await page.send(CASES, beacon="MAYDAY")
    assert refused.status_code == 400
    assert "no Cospas-Sarsat message" in refused.json()["detail"]


async def test_a_track_that_calls_opens_a_case_where_it_is(page: CasePage) -> None:
    point = Point(lat=-36.5, lon=174.9)
    page.there_is(a_report("SART", body=Alarm(category="AIS-SART", point=point)))
    page.there_is(a_report("HID", groups=frozenset({"Red"})))
    said = (await page.send(CASES, uid="SART")).json()
    assert said["facts"]["position"]["value"] == "-36.500000,174.900000"
    assert said["facts"]["phase"]["value"] == "distress"
    for uid in ("HID", "NOBODY"):
        assert (await page.send(CASES, uid=uid)).status_code == 404


async def test_a_cap_alert_opens_a_case_only_where_it_belongs(page: CasePage) -> None:
    answer = await page.send(CASES, cap="<alert/>")
    assert answer.status_code == 400
    assert "no alert of CAP" in answer.json()["detail"]


async def test_what_is_wrong_is_said_and_nothing_is_opened(page: CasePage) -> None:
    for facts, says in (
        ({"wind": "230/300"}, "300 knots cannot be"),
        ({"position": "36 36.2 174 43.0"}, "say which one"),
        ({"colour": "red"}, "no fact 'colour'"),
    ):
        answer = await page.send(CASES, facts=facts)
        assert answer.status_code == 400
        assert says in answer.json()["detail"]
    assert (await page.send(CASES, facts=["x"])).status_code == 400
    assert (await page.send(CASES, facts={}, at="noon")).status_code == 400
    assert (await page.send(CASES, LOOKER, facts={})).status_code == 403
    assert (await page.get(CASES)).json() == {"cases": []}


async def test_one_who_has_not_seen_a_change_is_told_of_it(page: CasePage) -> None:
    path = await page.opened()
    seen = (await page.get(path)).json()["facts"]["persons"]["seen"]
    first = await page.send(f"{path}/facts", facts={"persons": "4"}, seen=seen)
    assert first.status_code == 200
    described(first, "SarCase")
    second = await page.send(f"{path}/facts", facts={"persons": "5"}, seen=seen)
    assert second.status_code == 409
    assert "aroha of NZL-JFNZ set it to '4'" in second.json()["detail"]
    assert (await page.get(path)).json()["facts"]["persons"]["value"] == "4"


async def test_the_log_takes_notes_sightings_and_ticks(page: CasePage) -> None:
    path = await page.opened()
    await page.send(f"{path}/log", kind="note", text="called back", private=True)
    sighting = {"kind": "sighting", "text": "flare", "position": "36 30S 175 00E"}
    answer = await page.send(f"{path}/log", **sighting)
    entry = next(each for each in answer.json()["log"] if each["kind"] == "sighting")
    assert entry["place"] == [-36.5, 175.0]
    ticked = await page.send(f"{path}/log", kind="check", text="caller")
    assert ticked.json()["checked"] == ["caller"]
    for wrong in (
        {"kind": "task", "text": "x"},
        {"kind": "note", "text": " "},
        {"kind": "note", "text": "x", "position": "nowhere"},
        {"kind": "check", "text": "coffee"},
    ):
        assert (await page.send(f"{path}/log", **wrong)).status_code == 400


async def test_units_and_scenarios_come_and_go(page: CasePage) -> None:
    path = await page.opened()
    unit = {"uid": "HELO-1", "platform": "helicopter", "name": "Rescue 1"}
    said = (await page.send(f"{path}/units", **unit)).json()
    assert "unit:HELO-1" in said["facts"]
    gone = (await page.send(f"{path}/units", uid="HELO-1", gone=True)).json()
    assert "unit:HELO-1" not in gone["facts"]
    assert (await page.send(f"{path}/units", uid="X", platform="tank")).status_code == 400
    scenario = {
        "name": "ditched", "position": "36 30S 175 00E", "time": "2026-11-26T01:00Z", "weight": "2"
    }  # fmt: skip
    assert "scenario:ditched" in (await page.send(f"{path}/scenarios", **scenario)).json()["facts"]
    wrong = {**scenario, "position": "36 30 175 00"}
    assert (await page.send(f"{path}/scenarios", **wrong)).status_code == 400
    gone = (await page.send(f"{path}/scenarios", name="ditched", gone=True)).json()
    assert "scenario:ditched" not in gone["facts"]


async def test_one_who_has_not_seen_a_change_of_a_unit_or_scenario_is_told_of_it(
    page: CasePage,
) -> None:
    path = await page.opened()
    unit = {"uid": "HELO-1", "platform": "helicopter"}
    place = {"name": "late", "position": "36 30S 175 00E", "time": "2026-11-26T01:00Z"}
    for what, said, fact in (("units", unit, "unit:HELO-1"), ("scenarios", place, "scenario:late")):
        first = await page.send(f"{path}/{what}", **said, seen=[])
        seen = first.json()["facts"][fact]["seen"]
        assert (
            await page.send(f"{path}/{what}", **{**said, "name": "late"}, seen=[])
        ).status_code == 409
        gone = {key: said[key] for key in ("uid", "name") if key in said}
        taken = await page.send(f"{path}/{what}", **gone, gone=True, seen=seen)
        assert fact not in taken.json()["facts"]
        # What was taken back stands as nothing, and that is what he sees.
        assert (await page.send(f"{path}/{what}", **said, seen=[])).status_code == 200


async def test_a_case_of_an_exercise_is_for_who_takes_part_in_it(page: CasePage) -> None:
    answer = await page.send(CASES, PLAYER, facts={"title": "drill"}, context=str(EXERCISE))
    path = f"{CASES}/{answer.json()['id']}"
    assert (await page.get(path, PLAYER)).status_code == 200
    assert (await page.get(path)).status_code == 404
    assert (await page.get(CASES)).json() == {"cases": []}
    assert (await page.send(f"{path}/log", kind="note", text="x")).status_code == 404


async def test_what_drifts_is_told(page: CasePage) -> None:
    answer = await page.get(f"{SAR}/objects", LOOKER)
    described(answer, "SarObjects")
    assert "LIFE-RAFT-NB-1" in {each["key"] for each in answer.json()["objects"]}


async def test_a_case_that_there_is_not_and_a_file_that_is_broken(
    page: CasePage, tmp_path: Path
) -> None:
    assert (await page.get(f"{CASES}/X")).status_code == 404
    (tmp_path / FILE).write_text("no database at all, but longer than a header " * 9)
    assert (await page.get(CASES)).status_code == 503


async def test_a_hazard_on_the_picture_opens_a_case_for_who_may_see_it(page: CasePage) -> None:
    source = Source(node="NZL-JFNZ", channel="feed:gdacs", speaker="gdacs")
    reader = FeatureReader(read_gdacs, source=source, groups=frozenset({"Blue"}))
    for each in reader.read(GDACS.read_bytes(), received=page.node.clock.now(), tick=0.0):
        page.there_is(each)
    opened = await page.send(CASES, alert="TC9000001")
    assert opened.status_code == 201
    assert opened.json()["facts"]["source"]["value"] == "GDACS TC9000001"
    assert (await page.send(CASES, alert="TC1")).status_code == 404
    assert (await page.send(CASES, STRANGER, alert="TC9000001")).status_code == 404


async def test_a_case_is_shared_by_those_who_speak_in_a_group_and_its_lead_handed_over(
    page: CasePage,
) -> None:
    path = await page.opened()
    shared = await page.send(f"{path}/share", marking="(U//REL TO NZL, USA)")
    described(shared, "SarCase")
    assert "Blue" in shared.json()["facts"]["shared"]["value"]
    assert "shared" not in (await page.send(f"{path}/share", gone=True)).json()["facts"]
    assert (await page.send(f"{path}/share", groups=["Red"])).status_code == 400
    assert (await page.send(f"{path}/share", marking="(??)")).status_code == 400
    offered = await page.send(f"{path}/lead", to="USA")
    assert offered.json()["facts"]["offered"]["value"] == "USA"
    assert (await page.send(f"{path}/lead", reason="ours")).json()["lead"] == "NZL-JFNZ"


async def test_an_ambiguous_position_is_asked_back_as_such(page: CasePage) -> None:
    path = await page.opened()
    answer = await page.send(f"{path}/facts", facts={"position": "36 36.2 174 43.0"})
    assert answer.json()["parameter"] == "position"
    described(answer, "Problem")
    assert "36°36.20'S 174°43.00'E" in answer.json()["choices"]
    assert len(answer.json()["choices"]) == 4


@pytest.mark.parametrize("name", ["unit:\ud800", "x" * 257])
def test_a_fact_whose_name_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(Problem, match="a name"):
        facts_in({"facts": {name: "text"}})


async def test_a_hazard_that_is_pointed_at_opens_a_case_as_the_hazard_that_it_is(
    page: CasePage,
) -> None:
    source = Source(node="NZL-JFNZ", channel="feed:gdacs", speaker="gdacs")
    reader = FeatureReader(read_gdacs, source=source, groups=frozenset({"Blue"}))
    for each in reader.read(GDACS.read_bytes(), received=page.node.clock.now(), tick=0.0):
        page.there_is(each)
    opened = await page.send(CASES, uid="GEO-gdacs-TC9000001")
    assert opened.json()["facts"]["source"]["value"] == "GDACS TC9000001"
