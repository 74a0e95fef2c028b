import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.api import relief
from accord.api.openapi import document
from accord.api.problem import Problem
from accord.api.relief import ALERTS, INCIDENTS, RELIEF, ReliefDoor, texts_in
from accord.core.principal import Direction
from accord.core.report import Source
from accord.desks.relief.store import INCIDENTS as FILE
from accord.wire.cap import xml
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader
from support.page import AROHA, LOOKER, Asking, Page
from support.relief import LOLA, MEDEVAC, NODE, TANKER, WATER, some_incidents
from support.schema import faults
from support.tak import FakeNode, around_of

DOCUMENT: Any = document()
PLAYER = replace(AROHA, name="player", exercises=frozenset({"TASMAN 26"}))
STRANGER = replace(AROHA, name="stranger", groups={"Red": Direction.BOTH})


class ReliefPage:
    def __init__(self, directory: Path) -> None:
        self.changes = 0
        self.directory = directory
        asking, self.node = Asking(), FakeNode()
        door = ReliefDoor(
            some_incidents(directory),
            asking.as_callers(),
            around_of(self.node),
            changed=self._changed,
        )
        self._page = Page(asking, relief.routes(door))

    def _changed(self) -> None:
        self.changes += 1

    async def get(self, path: str, who: Any = AROHA) -> Any:
        return await self._page.get(path, who)

    async def send(self, path: str, who: Any = AROHA, /, **said: Any) -> Any:
        return await self._page.send(path, said, who)

    async def opened(self, who: Any = AROHA, **more: Any) -> str:
        answer = await self.send(INCIDENTS, who, fields=LOLA, **more)
        assert answer.status_code == 201, answer.text
        return f"{INCIDENTS}/{answer.json()['id']}"

    async def put(self, path: str, sort: str, fields: Any, **more: Any) -> Any:
        return await self.send(f"{path}/records", sort=sort, fields=fields, **more)


@pytest.fixture
def page(tmp_path: Path) -> ReliefPage:
    return ReliefPage(tmp_path)


def described(answer: Any, schema: str) -> None:
    ref = {"$ref": f"#/components/schemas/{schema}"}
    assert faults(answer.json(), ref, DOCUMENT, closed=True) == []


async def test_an_incident_is_opened_and_everybody_of_the_watch_sees_it(page: ReliefPage) -> None:
    path = await page.opened(note="a call")
    assert page.changes == 1
    one = await page.get(path, LOOKER)
    described(one, "ReliefIncident")
    head = one.json()["records"][0]["fields"]
    assert head["title"]["value"] == "Cyclone Lola"
    assert head["title"]["by"] == "aroha"
    every = await page.get(INCIDENTS, LOOKER)
    described(every, "ReliefIncidents")
    assert [each["id"] for each in every.json()["incidents"]] == [one.json()["id"]]
    described(await page.get(f"{RELIEF}/fields"), "ReliefFields")


async def test_what_is_wrong_is_said_with_its_field_and_nothing_is_kept(page: ReliefPage) -> None:
    path = await page.opened()
    for sort, fields, field in (
        ("need", {**WATER, "quantity": "3,000"}, "quantity"),
        ("medevac", {**MEDEVAC, "litter": "5"}, "litter"),
        ("need", {"what": "x"}, "where"),
    ):
        answer = await page.put(path, sort, fields)
        assert (answer.status_code, answer.json()["parameter"]) == (400, field)
    assert (await page.put(path, "alert", {})).status_code == 400
    assert (await page.put(path, "need", ["x"])).status_code == 400
    assert (await page.put(path, "need", WATER, at="noon")).status_code == 400
    assert (await page.send(f"{INCIDENTS}/x/notes", text="x")).status_code == 404
    assert (await page.send(f"{path}/notes", LOOKER, text="x")).status_code == 403
    assert len((await page.get(path)).json()["log"]) == 1


async def test_one_who_has_not_seen_a_change_is_told_of_it(page: ReliefPage) -> None:
    path = await page.opened()
    made = (await page.put(path, "need", WATER)).json()
    name = made["record"]
    assert name == f"{NODE}-N1"
    need = next(each for each in made["records"] if each["id"] == name)
    seen = need["fields"]["quantity"]["seen"]
    first = await page.put(path, "need", {"quantity": "400"}, id=name, seen=seen)
    described(first, "ReliefIncident")
    second = await page.put(path, "need", {"quantity": "300"}, id=name, seen=seen)
    assert second.status_code == 409
    assert "aroha of NZL-JFNZ set it to '400'" in second.json()["detail"]


async def test_a_match_says_what_is_left(page: ReliefPage) -> None:
    path = await page.opened()
    await page.put(path, "need", WATER)
    await page.put(path, "offer", TANKER)
    said = (await page.put(path, "match", {"need": "n1", "offer": "f1"})).json()
    left = {each["id"]: each.get("left") for each in said["records"]}
    assert (left[f"{NODE}-N1"], left[f"{NODE}-F1"]) == (200, 0)


async def test_names_are_for_those_who_act_and_in_no_file(page: ReliefPage) -> None:
    path = await page.opened()
    await page.put(path, "need", {**WATER, "contact": "Marie Kalo"})
    said = await page.put(path, "person", {"name": "Jean Tari", "state": "unhurt"})
    described(said, "ReliefIncident")
    noted = await page.send(f"{path}/notes", text="Jean Tari is safe", own=True)
    assert "Jean Tari" in noted.text
    seen = await page.get(path, LOOKER)
    described(seen, "ReliefIncident")
    sheet = await page.get(f"{path}/sheets/need")
    for text in (seen.text, sheet.text):
        assert "Marie" not in text
        assert "Jean" not in text


async def test_a_sheet_goes_out_and_comes_in_and_faults_are_said(page: ReliefPage) -> None:
    path = await page.opened()
    text = "what,where,donor\nwater,Norsup,x\ntents,Lakatoro,y\n"
    taken = await page.send(f"{path}/sheets/need", text=text)
    described(taken, "ReliefIncident")
    assert (taken.json()["taken"], taken.json()["ignored"]) == (2, ["C (donor)"])
    again = await page.send(f"{path}/sheets/need", text=text)
    assert (again.json()["taken"], again.json()["same"]) == (0, 2)
    out = await page.get(f"{path}/sheets/need")
    assert out.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(out.text.splitlines()) == 4
    wrong = await page.send(f"{path}/sheets/need", text="what,where\nx,\n")
    assert "row 2, column B (where)" in wrong.json()["detail"]
    assert (await page.get(f"{path}/sheets/alert")).status_code == 404
    assert (await page.send(f"{path}/sheets/alert", text="x")).status_code == 404


async def test_a_form_is_read_out(page: ReliefPage) -> None:
    path = await page.opened()
    await page.put(path, "medevac", MEDEVAC)
    said = await page.get(f"{path}/forms/e1")
    assert "Line 3, patients: 1 urgent, 2 priority" in said.text
    assert (await page.get(f"{path}/forms/n1")).status_code == 400


async def test_alerts_are_polled_by_those_whose_groups_they_are_for(page: ReliefPage) -> None:
    path = await page.opened()
    made = await page.send(f"{path}/alerts", fields={"severity": "Severe"}, groups=["Blue"])
    assert made.status_code == 201
    described(made, "ReliefIncident")
    name = made.json()["alert"]
    listed = await page.get(ALERTS)
    described(listed, "ReliefAlerts")
    assert [each["identifier"] for each in listed.json()["alerts"]] == [name]
    feed = etree.fromstring((await page.get(f"{RELIEF}/alerts.atom")).content)
    links = [e.get("href", "") for e in feed.iter("{http://www.w3.org/2005/Atom}link")]
    assert links[-1].endswith(f"{ALERTS}/{name}")
    cap = await page.get(f"{ALERTS}/{name}")
    assert cap.headers["content-type"] == "application/cap+xml"
    assert xml.read(cap.content).severity == "Severe"
    assert (await page.get(ALERTS, STRANGER)).json() == {"alerts": []}
    assert (await page.get(f"{ALERTS}/{name}", STRANGER)).status_code == 404
    for wrong in ({"groups": ["Red"]}, {"update": "x"}, {"fields": {"severity": "bad"}}):
        assert (await page.send(f"{path}/alerts", **wrong)).status_code == 400
    cancelled = await page.send(f"{path}/alerts", cancel=name)
    assert cancelled.json()["alert"] == f"{name[:-1]}2"


async def test_an_exercise_is_nothing_to_who_takes_no_part_in_it(page: ReliefPage) -> None:
    path = await page.opened(PLAYER, context="exercise:TASMAN 26")
    await page.send(f"{path}/alerts", PLAYER)
    assert (await page.get(path)).status_code == 404
    assert (await page.get(INCIDENTS)).json() == {"incidents": []}
    assert (await page.get(ALERTS)).json() == {"alerts": []}
    (alert,) = (await page.get(ALERTS, PLAYER)).json()["alerts"]
    assert alert["status"] == "Exercise"


async def test_a_cap_alert_opens_an_incident_only_where_it_belongs(page: ReliefPage) -> None:
    path = await page.opened()
    name = (await page.send(f"{path}/alerts")).json()["alert"]
    text = (await page.get(f"{ALERTS}/{name}")).text.replace("encoding='UTF-8'", "")
    made = await page.send(INCIDENTS, cap=text, fields={"title": "from the alert"})
    assert made.json()["records"][0]["fields"]["hazard"]["value"] == "tropical cyclone"
    drill = text.replace("Actual", "Exercise")
    for wrong in (drill, "<alert/>"):
        assert (await page.send(INCIDENTS, cap=wrong)).status_code == 400


async def test_sharing_is_into_groups_of_ones_own_and_ends(page: ReliefPage) -> None:
    path = await page.opened()
    said = await page.send(f"{path}/share", groups=["Blue"], marking="(U//REL TO USA)")
    assert said.json()["shared"] is True
    described(said, "ReliefIncident")
    assert (await page.send(f"{path}/share", groups=["Red"])).status_code == 400
    assert (await page.send(f"{path}/share", marking="(??)")).status_code == 400
    assert (await page.send(f"{path}/share", gone=True)).json()["shared"] is False


async def test_a_file_that_cannot_be_read_is_no_fault_of_who_asks(page: ReliefPage) -> None:
    (page.directory / FILE).unlink()
    answer = await page.get(INCIDENTS)
    assert answer.status_code == 503
    assert "backup" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["\ud800", "x" * 201])
def test_a_field_whose_name_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(Problem, match="a name"):
        texts_in({"fields": {name: "text"}}, "fields")


GDACS = Path(__file__).parents[2] / "golden" / "gdacs" / "invented.xml"


async def test_a_hazard_on_the_picture_opens_an_incident_for_who_may_see_it(
    page: ReliefPage,
) -> None:
    source = Source(node=NODE, channel="feed:gdacs", speaker="gdacs")
    reader = FeatureReader(read_gdacs, source=source, groups=frozenset({"Blue"}))
    for each in reader.read(GDACS.read_bytes(), received=page.node.clock.now(), tick=0.0):
        page.node.picture.apply(each)
    opened = await page.send(INCIDENTS, alert="tc9000001", fields={"title": "EXAMPLE"})
    assert opened.status_code == 201
    head = opened.json()["records"][0]["fields"]
    assert (head["event"]["value"], head["title"]["value"]) == ("TC9000001", "EXAMPLE")
    described(await page.get(f"{INCIDENTS}/{opened.json()['id']}"), "ReliefIncident")
    assert (await page.send(INCIDENTS, alert="TC1")).status_code == 404
    assert (await page.send(INCIDENTS, STRANGER, alert="TC9000001")).status_code == 404


async def test_a_workbook_goes_out_and_comes_in(page: ReliefPage) -> None:
    path = await page.opened()
    await page.put(path, "need", WATER)
    book = await page.get(f"{path}/sheets/all.xlsx", LOOKER)
    assert book.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert book.content.startswith(b"PK")
    data = base64.b64encode(book.content).decode()
    taken = await page.send(f"{path}/sheets/need", workbook=data)
    described(taken, "ReliefIncident")
    assert (taken.json()["taken"], taken.json()["same"]) == (0, 1)
    wrong = await page.send(f"{path}/sheets/need", workbook="§")
    assert wrong.status_code == 400
    assert wrong.json()["parameter"] == "workbook"
