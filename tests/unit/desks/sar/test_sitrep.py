"""What is told of a case: routes, the situation report, the export."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from accord.core.context import LIVE, Context
from accord.core.geometry import Point
from accord.desks.sar.cases import By, Cases, Line
from accord.desks.sar.entry import Kind, NotTaken
from accord.desks.sar.export import export
from accord.desks.sar.planning import plan_search, route_of, task_of
from accord.desks.sar.reporting import files_of
from accord.desks.sar.route import FORMS, Route, route_text
from accord.desks.sar.sitrep import MOST_ACTIONS, sitrep
from accord.desks.sar.units import unit_value
from support.sar import KNOWN, MOANA, NODE, NOW, a_case, some_cases

EXERCISE = Context.exercise("TASMAN 26")

SQUARE = Route(
    case="C-1", unit="Rescue <1>", kind="SS",
    points=tuple(
        Point(lat=lat, lon=lon) for lat, lon in ((-36.6, 179.99), (-36.5, -179.9), (-36.4, 179.8))
    ),
    begins=NOW, speed=90.0, spacing=1.5, drifts="pattern drifts toward 066 true at 1.2 kt",
)  # fmt: skip


@pytest.fixture
def cases(tmp_path: Path) -> Cases:
    return some_cases(tmp_path)


def test_every_form_of_a_route_has_its_points_in_order() -> None:
    gpx = etree.fromstring(route_text(SQUARE, "gpx", NOW).encode())
    kml = etree.fromstring(route_text(SQUARE, "kml", NOW).encode())
    cot = etree.fromstring(route_text(SQUARE, "cot", NOW).encode())
    points = [(each.lat, each.lon) for each in SQUARE.points]
    # GPX 1.1: rtept has lat and lon; KML 2.2: coordinates are longitude, latitude.
    found = [(float(p.attrib["lat"]), float(p.attrib["lon"])) for p in gpx.findall(".//{*}rtept")]
    assert found == points
    line = kml.findtext(".//{*}LineString/{*}coordinates") or ""
    assert [tuple(map(float, each.split(",")))[::-1] for each in line.split()] == points
    given = [str(each.attrib["point"]) for each in cot.findall(".//link")]
    links = [tuple(map(float, each.split(","))) for each in given]
    assert links == points
    assert cot.get("type") == "b-m-r"


def test_words_for_radio_say_every_place_and_the_legs_of_a_square() -> None:
    words = route_text(SQUARE, "radio", NOW).splitlines()
    assert words[0] == "SEARCH INSTRUCTION CASE C-1"
    assert "PATTERN EXPANDING SQUARE" in words
    assert "01  36-36.0S 179-59.4E" in words
    assert "02  36-30.0S 179-54.0W" in words
    # 0.11 degrees east at 36.55 south are 5.3 NM, 0.1 degrees north are 6: 8.0 NM on 41.5.
    assert any(each.startswith("LEG 1  COURSE 041 TRUE  8.0") for each in words)
    assert words[-1] == "READ BACK"
    assert "COMMENCE AT 260300Z NOV 2026" in words
    assert "TRACK SPACING 1.5 MILES" in words
    ladder = route_text(replace(SQUARE, kind="PS"), "radio", NOW)
    assert "PARALLEL TRACK" in ladder
    assert "LEG" not in ladder


def test_close_tracks_are_read_to_a_hundredth_and_slow_ones_are_not_rounded() -> None:
    # 0.3 NM of latitude are 0.3 minutes, which tenths of a minute would make 0.2 or 0.4.
    north = (-36.60042, -36.60042 + 0.3 / 60)
    close = replace(
        SQUARE, spacing=0.3, speed=4.5, points=tuple(Point(lat=lat, lon=175.0) for lat in north)
    )
    words = route_text(close, "radio", NOW + timedelta(seconds=31)).splitlines()
    assert "TRACK SPACING 0.3 MILES" in words
    assert "SEARCH SPEED 4.5 KNOTS" in words
    assert "01  36-36.03S 175-00.00E" in words
    assert "02  36-35.73S 175-00.00E" in words
    # Legs are of the places as they are read: 0.30 minutes of latitude are 0.3 NM.
    assert "LEG 1  COURSE 000 TRUE  0.3 MILES" in words
    assert "TOTAL 0.3 MILES, 0 HOURS 04 MINUTES" in words
    late = replace(SQUARE, begins=NOW + timedelta(seconds=45), spacing=2.0)
    assert "COMMENCE AT 260301Z NOV 2026" in route_text(late, "radio", NOW)


@pytest.mark.parametrize("form", FORMS)
def test_a_route_of_an_exercise_says_so_in_every_form(form: str) -> None:
    text = route_text(replace(SQUARE, context=EXERCISE), form, NOW)
    assert "TASMAN 26" in text
    assert "TASMAN 26" not in route_text(SQUARE, form, NOW)


def worked(cases: Cases) -> str:
    case = a_case(cases, vessel="yacht KEA ZMA1234", weather="showers", sea="2").id
    unit = unit_value("HELO", {"platform": "helicopter", "name": "Rescue 1"}, NOW)
    stands = cases.set(case, {"unit:HELO": unit}, MOANA)
    (task,) = plan_search(stands, KNOWN).tasks
    cases.add(case, [Line(kind=Kind.TASK, about="HELO", value=task.value())], MOANA)
    return case


def test_the_report_has_the_paragraphs_of_iamsar_in_their_order(cases: Cases) -> None:
    case = worked(cases)
    cases.log(case, Line(kind=Kind.SENT, about="HELO", value="a route"), MOANA)
    cases.tick(case, "caller", MOANA)
    seen = Line(kind=Kind.SIGHTING, value="red flare", place=Point(lat=-36.5, lon=175.0))
    cases.log(case, seen, MOANA)
    cases.log(case, Line(kind=Kind.NOTE, value="NAME-OF-SKIPPER", is_private=True), MOANA)
    figures = Line(kind=Kind.COVERED, value='{"pos": 0.62, "units": 1}')
    stands = cases.add(case, [figures], MOANA)
    lines = sitrep(stands, node=NODE, to="USA", at=NOW).splitlines()
    assert lines[:5] == ["DISTRESS", "260300Z NOV 2026", f"FROM {NODE}", "TO USA",
                         f"SITREP 1  CASE {case}"]  # fmt: skip
    # IAMSAR volume II, appendix I: A to H, J to N; there is no I.
    assert "".join(each[0] for each in lines if each[1:2] == ".") == "ABCDEFGHJKLMN"
    text = "\n".join(lines)
    assert "A. IDENTITY OF CASUALTY: yacht KEA ZMA1234" in text
    assert "B. POSITION: 36-36.2S 174-43.0E, 50 PERCENT WITHIN 1 NM AT 260200Z NOV 2026" in text
    assert "H. WEATHER ON SCENE: WIND FROM 230 20 KT, CURRENT TO 090 0.5 KT, SEA 2 M" in text
    assert "SIGHTING: red flare AT 36-30.0S 175-00.0E" in text
    assert "TASKED HELO: PS FROM 260300Z NOV 2026" in text
    assert "CUMULATIVE PROBABILITY OF SUCCESS 0.62, BY 1 UNITS" in text
    assert "NAME-OF-SKIPPER" not in text


def test_a_report_of_an_exercise_begins_and_ends_with_it_and_a_last_one_is_final(
    cases: Cases,
) -> None:
    case = a_case(cases, EXERCISE, phase="uncertainty", position="", wind="").id
    stands = cases.set(case, {"closed": "found safe"}, MOANA)
    lines = sitrep(stands, node=NODE, to="ALL", at=NOW).splitlines()
    assert lines[0] == lines[-1] == "EXERCISE EXERCISE EXERCISE (TASMAN 26)"
    assert lines[1] == "ROUTINE"
    assert "SITREP 1 FINAL" in lines[5]
    assert "B. POSITION: NOT KNOWN" in lines
    assert "   CASE CLOSED: found safe" in lines


def test_a_report_counts_its_numbers_and_shortens_a_long_log(cases: Cases) -> None:
    case = a_case(cases, wind="2026-11-26T00:00Z,230,20\n2026-11-26T06:00Z,200,30").id
    notes = [Line(kind=Kind.NOTE, value=f"line {n}") for n in range(MOST_ACTIONS)]
    cases.add(case, notes, MOANA)
    stands = cases.log(case, Line(kind=Kind.REPORT, about="USA", value="the first"), MOANA)
    text = sitrep(stands, node=NODE, to="USA", at=NOW)
    assert "SITREP 2" in text
    assert "(1 EARLIER LINES ARE IN THE LOG)" in text
    assert "WIND FROM AS IN A TABLE OR FILE" in text


def test_what_centres_differ_about_stands_in_the_report(cases: Cases) -> None:
    case = a_case(cases).id
    entry = cases.store.case(case).facts["persons"].entry
    there = replace(entry, node="USA", number=1, value="5", seen=(), at=NOW + timedelta(minutes=1))
    cases.store.take([there])
    text = sitrep(cases.store.case(case), node=NODE, to="USA", at=NOW)
    assert "NOT AGREED BETWEEN CENTRES: PERSONS" in text


def test_the_export_has_every_line_and_digests_that_are_right(cases: Cases) -> None:
    case = worked(cases)
    cases.log(case, Line(kind=Kind.NOTE, value="=HYPERLINK(1)"), MOANA)
    stands = cases.log(case, Line(kind=Kind.REPORT, about="USA", value="SITREP 1"), MOANA)
    data = export(stands, files_of(stands), at=NOW, by="moana")
    assert data == export(stands, files_of(stands), at=NOW, by="moana")
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {each.partition("/")[2]: archive.read(each) for each in archive.namelist()}
    for row in files["SHA256SUMS"].decode().splitlines():
        digest, _, name = row.partition("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert len(json.loads(files["log.json"])) == len(stands.log)
    rows = list(csv.DictReader(io.StringIO(files["log.csv"].decode())))
    assert len(rows) == len(stands.log)
    assert "'=HYPERLINK(1)" in {each["value"] for each in rows}
    assert files["reports/001-NZL-JFNZ.txt"] == b"SITREP 1"
    assert {"tasks/001.gpx", "tasks/001.txt"} <= files.keys()
    places = json.loads(files["log.geojson"])["features"]
    assert all(each["geometry"]["type"] == "Point" for each in places)


def test_a_task_that_is_none_or_cannot_be_read_says_so(cases: Cases) -> None:
    case = a_case(cases)
    with pytest.raises(NotTaken, match="has no task"):
        task_of(case, "HELO")
    stands = cases.add(case.id, [Line(kind=Kind.TASK, about="HELO", value="{}")], MOANA)
    with pytest.raises(NotTaken, match="cannot be read"):
        route_of(stands, "HELO")
    assert "tasks/001.gpx" not in files_of(stands)


def test_a_lead_is_offered_and_taken_and_without_an_offer_only_for_a_reason(cases: Cases) -> None:
    case = a_case(cases).id
    assert cases.offer(case, "USA", MOANA).text("offered") == "USA"
    assert cases.lead(case, MOANA).text("lead") == NODE
    entry = cases.store.case(case).facts["lead"].entry
    given = replace(
        entry, node="USA", number=1, value="USA", seen=(entry.id,), at=NOW + timedelta(minutes=1)
    )
    cases.store.take([given])
    with pytest.raises(NotTaken, match="USA leads this case, and alone"):
        cases.offer(case, "FRA", MOANA)
    with pytest.raises(NotTaken, match="give a reason"):
        cases.lead(case, MOANA)
    later = By(name="moana", now=NOW + timedelta(minutes=2))
    taken = cases.lead(case, later, "their node is silent")
    assert taken.text("lead") == NODE
    assert any("without an offer: their node is silent" in each.value for each in taken.log)
    assert taken.context == LIVE


def test_a_partners_task_that_cannot_be_read_is_said_to_be_none(cases: Cases) -> None:
    case = a_case(cases)
    for value in ("{}", '{"begins": "soon", "corners": [["x", 1]]}', '{"corners": 5}', "x"):
        stands = cases.add(case.id, [Line(kind=Kind.TASK, about="HELO", value=value)], MOANA)
        text = sitrep(stands, node=NODE, to="USA-PAC", at=NOW)
        assert "TASKED HELO: None FROM A TIME THAT CANNOT BE READ" in text
    assert "CORNERS THAT CANNOT BE READ" in sitrep(
        cases.add(
            case.id, [Line(kind=Kind.TASK, about="HELO", value='{"corners": [["x", 1]]}')], MOANA
        ),
        node=NODE, to="USA-PAC", at=NOW,
    )  # fmt: skip


def test_nothing_that_somebody_wrote_makes_a_line_of_a_report_of_its_own(cases: Cases) -> None:
    case = a_case(cases, title="Kea\r\nB. POSITION: 00-00.0N\u202e")
    text = sitrep(case, node=NODE, to="USA\nD. NUMBER OF PERSONS: 0", at=NOW)
    lines = text.splitlines()
    assert sum(each.startswith("B. POSITION") for each in lines) == 1
    assert sum(each.startswith("D. NUMBER OF PERSONS") for each in lines) == 1
    assert "A. IDENTITY OF CASUALTY: Kea B. POSITION: 00-00.0N" in text
