import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from accord.api.openapi import document
from accord.api.sar import CASES
from accord.core.body import Position
from accord.core.geometry import Point
from accord.core.kind import Kind
from accord.live.long_ago import LongAgo
from accord.live.marking import DefaultMarkings
from accord.live.past import Past
from accord.storage.history.archive import Archive
from accord.wire.moving.translate import row_of
from support.builders import a_report
from support.grib import WIND, grib
from support.moving import Kept, nothing_more
from support.page import AROHA, LOOKER
from support.past import keep
from support.released import heard
from support.sar_page import HELO, CasePage
from support.schema import faults

DOCUMENT: Any = document()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[CasePage]:
    made = CasePage(tmp_path)
    yield made
    made.close()


def described(answer: Any, schema: str) -> Any:
    ref = {"$ref": f"#/components/schemas/{schema}"}
    assert answer.status_code == 200, answer.text
    assert faults(answer.json(), ref, DOCUMENT, closed=True) == []
    return answer.json()


def later(page: CasePage, hours: float) -> str:
    return (page.node.clock.now() + timedelta(hours=hours)).isoformat()


async def with_a_unit(page: CasePage) -> str:
    path = await page.opened()
    unit = {"uid": HELO, "platform": "helicopter", "name": "Rescue 1", "arrives": later(page, 0.5)}
    assert (await page.send(f"{path}/units", **unit)).status_code == 200
    return path


async def test_drift_tells_where_it_may_be_and_sums_to_one(page: CasePage) -> None:
    path = await page.opened()
    said = described(await page.get(f"{path}/drift", LOOKER, at=later(page, 3)), "SarDrift")
    assert sum(each["chance"] for each in said["cells"]) == pytest.approx(1.0, abs=1e-3)
    assert said["limits"] == "a decision aid; the coordinator decides"
    assert (await page.get(f"{path}/drift", at="noon")).status_code == 400


async def test_what_cannot_be_worked_out_says_what_is_missing(page: CasePage) -> None:
    path = await page.opened(wind="", position="")
    answer = await page.get(f"{path}/drift", at=later(page, 3))
    assert answer.status_code == 400
    assert "says no wind" in answer.json()["detail"]
    assert (await page.get(f"{path}/helpers")).status_code == 409
    assert (await page.send(f"{path}/plan")).status_code == 400


WAY = "36 36S 174 30E; 36 36S 174 54E"


async def test_a_unit_is_planned_along_the_way_that_was_meant(page: CasePage) -> None:
    path = await with_a_unit(page)
    said = described(await page.send(f"{path}/plan", tracks={HELO: WAY}), "SarPlan")
    assert [each["kind"] for each in said["tasks"]] == ["TS"]


async def test_a_plan_is_kept_only_where_that_is_asked(page: CasePage) -> None:
    path = await with_a_unit(page)
    said = described(await page.send(f"{path}/plan"), "SarPlan")
    (task,) = said["tasks"]
    assert (task["unit"], task["kind"]) == (HELO, "PS")
    assert 0.0 < said["expected"] <= said["poc"] <= 1.0
    assert (await page.get(f"{path}/routes/{HELO}")).status_code == 400
    await page.send(f"{path}/plan", keep=True, patterns={HELO: "SS"})
    log = (await page.get(path)).json()["log"]
    assert [each["about"] for each in log if each["kind"] == "task"] == [HELO]
    for wrong in (
        {"patterns": {HELO: "ZZ"}},
        {"patterns": []},
        {"patterns": {HELO: "TS"}},
        {"tracks": []},
        {"tracks": {HELO: "x"}},
        {"tracks": {"NOBODY": WAY}},
    ):
        assert (await page.send(f"{path}/plan", **wrong)).status_code == 400


async def test_a_task_is_a_route_in_every_form(page: CasePage) -> None:
    path = await with_a_unit(page)
    await page.send(f"{path}/plan", keep=True)
    gpx = await page.get(f"{path}/routes/{HELO}", **{"as": "gpx"})
    assert gpx.headers["content-type"].startswith("application/gpx+xml")
    points = etree.fromstring(gpx.content).findall(".//{*}rtept")
    kml = etree.fromstring((await page.get(f"{path}/routes/{HELO}", **{"as": "kml"})).content)
    assert len(kml.findall(".//{*}Point")) == len(points) > 2
    event = etree.fromstring((await page.get(f"{path}/routes/{HELO}", **{"as": "cot"})).content)
    assert event.get("type") == "b-m-r"
    assert "READ BACK" in (await page.get(f"{path}/routes/{HELO}")).text
    assert (await page.get(f"{path}/routes/{HELO}", **{"as": "pdf"})).status_code == 400


async def test_a_route_goes_to_the_units_own_client_and_into_the_log(page: CasePage) -> None:
    path = await with_a_unit(page)
    assert (await page.send(f"{path}/send", unit=HELO)).status_code == 400
    await page.send(f"{path}/plan", keep=True)
    assert (await page.send(f"{path}/send", unit=HELO, to="NOBODY")).status_code == 404
    answer = await page.send(f"{path}/send", unit=HELO)
    assert answer.status_code == 200, answer.text
    page.node.tick()
    (sent,) = page.helo.take()
    assert sent.type == "b-m-r"
    links = etree.fromstring(sent.text).findall("detail/link")
    assert {each.get("type") for each in links} == {"b-m-p-w"}
    assert [each["about"] for each in answer.json()["log"] if each["kind"] == "sent"] == [HELO]


async def test_who_could_help_comes_soonest_first_without_what_he_may_not_see(
    page: CasePage,
) -> None:
    path = await page.opened()
    near = Position(point=Point(lat=-36.5, lon=174.8))
    for uid, kind, groups in (
        ("SHIP", "a-n-S-X-M", "Blue"), ("FAST", "a-f-A-M-H", "Blue"), ("HID", "a-f-S", "Red"),
    ):  # fmt: skip
        there = {"body": near, "kind": Kind.of(kind), "groups": frozenset({groups})}
        page.there_is(a_report(uid, at=page.node.clock.now(), **there))
    said = described(await page.get(f"{path}/helpers", AROHA), "SarHelpers")
    assert [each["uid"] for each in said["helpers"]][:2] == ["FAST", "SHIP"]
    assert "HID" not in {each["uid"] for each in said["helpers"]}


async def test_coverage_comes_of_tracks_and_what_nobody_sent_is_a_hole(page: CasePage) -> None:
    path = await with_a_unit(page)
    said = described(await page.get(f"{path}/coverage", at=later(page, 2)), "SarCoverage")
    (unit,) = said["units"]
    assert (said["pos"], unit["points"], len(unit["holes"])) == (0.0, 0, 1)
    assert said["unlooked_chance"] == pytest.approx(1.0, abs=1e-3)


async def followed(page: CasePage, path: str, run: str) -> Any:
    """Ask for a run until it is over."""
    async with asyncio.timeout(60):
        while True:
            said = (await page.get(f"{path}/coverage-runs/{run}")).json()
            if said["state"] not in ("waiting", "working"):
                return said
            await asyncio.sleep(0.01)


async def test_a_run_works_out_what_was_searched_and_only_who_asked_may_read_it(
    page: CasePage,
) -> None:
    path = await with_a_unit(page)
    begun = await page.send(f"{path}/coverage-runs", at=later(page, 2), keep=True)
    assert begun.status_code == 201
    run = begun.json()["id"]
    said = await followed(page, path, run)
    ref = {"$ref": "#/components/schemas/SarRun"}
    assert faults(said, ref, DOCUMENT, closed=True) == []
    assert (said["state"], said["done"], said["trouble"]) == ("done", 100, "")
    assert said["coverage"] == (await page.get(f"{path}/coverage", at=later(page, 2))).json()
    log = (await page.get(path)).json()["log"]
    assert [each["kind"] for each in log if each["kind"] == "covered"] == ["covered"]
    assert (await page.get(f"{path}/coverage-runs/{run}", LOOKER)).status_code == 404
    assert (await page.get(f"{path}/coverage-runs/nothing")).status_code == 404


async def test_a_run_that_cannot_be_says_why_and_one_can_be_ended(page: CasePage) -> None:
    path = await with_a_unit(page)
    await page.send(f"{path}/facts", facts={"wind": ""})
    run = (await page.send(f"{path}/coverage-runs")).json()["id"]
    said = await followed(page, path, run)
    assert (said["state"], said["coverage"]) == ("failed", None)
    assert "says no wind" in said["trouble"]
    assert (await page.send(f"{path}/coverage-runs", at="noon")).status_code == 400
    await page.send(f"{path}/facts", facts={"wind": "230/20"})
    runs = [(await page.send(f"{path}/coverage-runs", at=later(page, 2))) for _ in range(2)]
    last = f"{path}/coverage-runs/{runs[1].json()['id']}"
    ended = await page.page.send(last, {}, method="DELETE")
    assert ended.status_code == 200
    after = await followed(page, path, runs[1].json()["id"])
    assert after["state"] in ("cancelled", "done")


async def test_no_more_runs_wait_than_can_be_worked_out(page: CasePage) -> None:
    path = await with_a_unit(page)
    answers = [await page.send(f"{path}/coverage-runs", at=later(page, 5)) for _ in range(7)]
    begun = [each.json()["id"] for each in answers if each.status_code == 201]
    assert begun
    assert {each.status_code for each in answers} <= {201, 503}
    for run in begun:
        await followed(page, path, run)


async def test_tracks_of_the_journal_count_and_are_kept_in_the_log(tmp_path: Path) -> None:
    passes = [
        heard(HELO, 60.0 * n, kind="a-f-A-M-H", at=(-36.62 + 0.02 * (n % 3), 174.70 + 0.002 * n))
        for n in range(30)
    ]
    past = keep(tmp_path, passes)
    page = CasePage(tmp_path, past)
    page.node.clock.advance(seconds=(passes[0].time - page.node.clock.now()).total_seconds())
    path = await page.opened()
    await page.send(f"{path}/units", uid=HELO, platform="helicopter", width="3")
    page.node.clock.advance(hours=1)
    said = described(await page.get(f"{path}/coverage"), "SarCoverage")
    assert said["units"][0]["points"] == 30
    assert 0.0 < said["pos"] < 1.0
    kept = described(await page.send(f"{path}/coverage"), "SarCase")
    (line,) = (each for each in kept["log"] if each["kind"] == "covered")
    assert json.loads(line["value"])["pos"] == said["pos"]
    page.close()


async def test_tracks_that_only_the_history_has_count_as_the_journals_do(tmp_path: Path) -> None:
    passes = [
        heard(HELO, 60.0 * n, kind="a-f-A-M-H", at=(-36.62 + 0.02 * (n % 3), 174.70 + 0.002 * n))
        for n in range(30)
    ]
    found: list[Any] = []
    with closing(Kept(tmp_path / "history")) as kept:
        for number, each in enumerate(passes, start=1):
            row = row_of(each, era=0, sequence=number, form="", on_grid=False)
            assert row is not None
            kept.take_in(row)
        archive = Archive(kept.source, nothing_more, memory=256 << 20)
        beyond = LongAgo(archive, DefaultMarkings())
        for name, journal in (("all", passes), ("half", passes[15:]), ("none", ())):
            (tmp_path / name).mkdir()
            past = keep(tmp_path / name, journal)
            page = CasePage(tmp_path / name, Past(past.reader, past.report_of, beyond))
            begun = passes[0].time - page.node.clock.now()
            page.node.clock.advance(seconds=begun.total_seconds())
            path = await page.opened()
            await page.send(f"{path}/units", uid=HELO, platform="helicopter", width="3")
            page.node.clock.advance(hours=1)
            found.append(described(await page.get(f"{path}/coverage"), "SarCoverage"))
            page.close()
        archive.close()
    assert [each["units"][0]["points"] for each in found] == [30, 30, 30]
    assert found[0]["pos"] == found[1]["pos"] == found[2]["pos"] > 0.0


async def test_a_report_is_a_draft_until_a_person_lets_it_go(page: CasePage) -> None:
    path = await page.opened()
    text = described(await page.get(f"{path}/report", to="USA"), "SarReport")["text"]
    assert "TO USA" in text
    assert "SITREP 1" in text
    said = described(
        await page.send(f"{path}/report", text=text.replace("NOT KNOWN", "SEA"), to="USA"),
        "SarCase",
    )
    assert [each["about"] for each in said["log"] if each["kind"] == "report"] == ["USA"]
    assert "SITREP 2" in (await page.get(f"{path}/report")).json()["text"]


async def test_a_report_is_drafted_reviewed_and_printed(page: CasePage) -> None:
    path = await page.opened()
    made = await page.send(f"{path}/reports", to="USA")
    assert made.status_code == 201
    line = made.json()
    ref = {"$ref": "#/components/schemas/SarReportLine"}
    assert faults(line, ref, DOCUMENT, closed=True) == []
    assert (line["state"], line["drafted_by"], line["told"]) == ("draft", "aroha", False)
    assert "SITREP 1" in line["text"]
    at = f"{path}/reports/{line['id']}"
    sheet = await page.get(f"{at}/pdf", LOOKER)
    assert sheet.headers["content-type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")
    plain = await page.get(f"{at}/text", LOOKER)
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.headers["content-disposition"].endswith('.txt"')
    assert plain.text.startswith("DRAFT - NOT REVIEWED, NOT TO BE SENT\n")
    printed = await page.get(f"{at}/page")
    assert "NOT REVIEWED" in printed.text
    assert "sha256-" in printed.headers["content-security-policy"]
    assert (await page.send(f"{at}/review", LOOKER)).status_code == 403
    reviewed = described(await page.send(f"{at}/review", text="as read"), "SarReportLine")
    assert (reviewed["state"], reviewed["text"]) == ("reviewed", "as read")
    assert (await page.send(f"{at}/review")).status_code == 400
    own = await page.send(f"{path}/reports", to="FRA", text="typed")
    assert own.json()["text"] == "typed"
    said = described(await page.get(f"{path}/reports"), "SarReports")["reports"]
    assert [each["state"] for each in said] == ["reviewed", "draft"]
    assert (await page.get(f"{path}/reports/NZL:0/pdf")).status_code == 400


async def test_a_file_of_wind_is_put_into_the_case_and_what_is_wrong_with_it_is_said(
    page: CasePage, tmp_path: Path
) -> None:
    page.cases.known = replace(page.cases.known, forcing=tmp_path / "forcing")
    path = await page.opened()
    good = grib(WIND, (0, 6), at=page.node.clock.now(), north=-35.0)
    answer = await page.put(f"{path}/conditions/wind", good)
    assert described(answer, "SarCase")["facts"]["wind"]["value"].startswith("file:")
    drift = await page.get(f"{path}/drift", at=later(page, 3))
    assert drift.status_code == 200
    elsewhere = grib(WIND, (0,), at=page.node.clock.now(), west=20.0)
    for kind, data, code, says in (
        ("wind", b"nothing", 400, "no NetCDF file"), ("wind", b"", 400, "empty"),
        ("wind", elsewhere, 400, "give a file that has it"),
        ("current", good, 400, "no current"), ("sea", good, 404, "wind or current"),
    ):  # fmt: skip
        answer = await page.put(f"{path}/conditions/{kind}", data)
        assert answer.status_code == code, answer.text
        assert says in answer.json()["detail"]
    assert (await page.put(f"{path}/conditions/wind", good, LOOKER)).status_code == 403


async def test_the_whole_case_is_one_file(page: CasePage) -> None:
    path = await with_a_unit(page)
    await page.send(f"{path}/plan", keep=True)
    answer = await page.get(f"{path}/export")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {each.rpartition("/")[2] for each in names} >= {"case.json", "log.csv", "SHA256SUMS"}
    assert (await page.get(f"{CASES}/X/export")).status_code == 404


async def test_a_coverage_that_breaks_off_is_told_without_why_and_noted_with_it(
    page: CasePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await page.opened()

    def breaks(_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(page.coverage._coverings, "work", breaks)  # pyright: ignore[reportPrivateUsage]
    run = (await page.send(f"{path}/coverage-runs")).json()["id"]
    said: dict[str, Any] = {"state": "waiting"}
    async with asyncio.timeout(60):
        while said["state"] in ("waiting", "working"):
            await asyncio.sleep(0.01)
            said = (await page.get(f"{path}/coverage-runs/{run}")).json()
    assert (said["state"], said["trouble"]) == ("failed", "it broke off: KeyError")
    assert [str(each) for each in page.broken] == ["'secret'"]
