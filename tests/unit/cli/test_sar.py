import json
import re
import shutil
import zipfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.cli.sar_case import timed
from accord.core.clock import SystemClock
from accord.core.context import LIVE
from accord.core.report import Source
from accord.desks.sar.entry import Entry, Kind
from accord.node import case_files
from accord.node.case_files import cases_of
from accord.node.directory import JOURNAL, Notice, announced
from accord.node.history_process import HISTORY
from accord.observe.log import Log
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader
from accord.wire.moving.translate import row_of
from support.beacons import CONFIRMED
from support.clock import ManualClock
from support.grib import CURRENT, grib
from support.in_process import make_node
from support.moving import Kept
from support.past import keep
from support.released import SIX, heard

GDACS = Path(__file__).parents[2] / "golden" / "gdacs" / "invented.xml"

ALERT = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>A1</identifier>
<sender>met</sender><sent>2026-11-26T00:00:00Z</sent><status>{}</status><msgType>Alert</msgType>
<info><event>Flood</event><area><areaDesc>x</areaDesc><circle>-17,178 5</circle></area></info>
</alert>
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_node(tmp_path_factory.mktemp("sar") / "node", node="NZL-A", nation="NZL")


@pytest.fixture
def node(place: Path, tmp_path: Path) -> Path:
    """A node of one's own: a copy, since making one takes a while."""
    return Path(shutil.copytree(place, tmp_path / "node"))


def said(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["sar", *map(str, arguments)]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def ago(hours: float) -> str:
    return (SystemClock().now() - timedelta(hours=hours)).isoformat()


def opened(capsys: pytest.CaptureFixture[str], node: Path) -> str:
    facts = (
        "--title", "yacht Kea", "--position", "36 36.2S 174 43.0E", "--time", ago(1), "--object",
        "LIFE-RAFT-NB-1", "--persons", "3", "--wind", "230/20", "--current", "90/0,5",
    )  # fmt: skip
    return told(capsys, "open", node, *facts)["id"]


def test_one_line_opens_a_case_from_a_call_and_lists_and_shows_it(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "list", node) == "no cases\n"
    name = opened(capsys, node)
    assert name in said(capsys, "list", node)
    assert [each["id"] for each in told(capsys, "list", node)] == [name]
    shown = said(capsys, "show", node, "last")
    assert "36-36.2S 174-43.0E" in shown
    assert "[ ] caller" in shown
    assert told(capsys, "show", node, name)["facts"]["persons"]["value"] == "3"


def test_half_a_beacon_message_opens_a_case_and_says_what_to_look_at(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "beacon.txt"
    file.write_text(CONFIRMED[:400])
    text = said(capsys, "open", node, "--beacon", file)
    assert text.startswith("opened NZL-A-")
    assert "look at: missing in the message: everything after paragraph" in text
    assert "No such file" in said(capsys, "open", node, "--beacon", "gone.txt", code=2)
    file.write_text("MAYDAY")
    assert "no Cospas-Sarsat message" in said(capsys, "open", node, "--beacon", file, code=1)


def test_a_cap_alert_opens_a_case_where_it_belongs(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "alert.xml"
    file.write_text(ALERT.format("Actual"))
    assert told(capsys, "open", node, "--cap", file)["facts"]["title"]["value"] == "Flood"
    file.write_text(ALERT.format("Exercise"))
    assert "not live" in said(capsys, "open", node, "--cap", file, code=1)
    drill = ("--context", "exercise:TASMAN 26")
    assert told(capsys, "open", node, "--cap", file, *drill)["context"] == "exercise:TASMAN 26"
    file.write_text("<alert>")
    assert "cut off" in said(capsys, "open", node, "--cap", file, code=1)
    assert said(capsys, "open", node, "--cap", "gone.xml", code=2)


def test_facts_notes_and_ticks_go_into_the_log(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(capsys, node)
    assert "fact wind 240/22" in said(capsys, "set", node, "last", "wind=240/22")
    table = tmp_path / "wind.csv"
    table.write_text(f"{ago(2)},230,20\n{ago(-9)},200,30\n")
    assert told(capsys, "set", node, "last", f"wind=@{table}")["facts"]["wind"]["value"]
    grid = tmp_path / "current.grib2"
    now = SystemClock().now()
    grid.write_bytes(grib(CURRENT, (0, 6), at=now, kind="surface", level=0, north=-35.0))
    kept = told(capsys, "set", node, "last", f"current=@{grid}")["facts"]["current"]["value"]
    assert kept.startswith("file:")
    assert said(capsys, "set", node, "last", "current=@gone.nc", code=2)
    assert "look at: the position is on land" in said(
        capsys, "set", node, "last", "position=43 30S 171 30E"
    )
    assert "cannot be" in said(capsys, "set", node, "last", "wind=230/300", code=1)
    assert "no NAME=VALUE" in said(capsys, "set", node, "last", "wind", code=2)
    where = ("--position", "36 30S 175 00E")
    seen = said(capsys, "note", node, "last", "red flare", "--sighting", *where)
    assert "sighting red flare  at 36-30.0S 175-00.0E" in seen
    assert "PRIVATE" in said(capsys, "note", node, "last", "skipper's name", "--private")
    assert "check caller" in said(capsys, "check", node, "last", "caller")
    assert "not on the checklist" in said(capsys, "check", node, "last", "coffee", code=1)


def test_units_and_scenarios_make_a_drift_a_plan_and_routes(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(capsys, node)
    drift = said(capsys, "drift", node, "last")
    assert "half of it within" in drift
    assert "likeliest about 36-" in drift
    assert "a decision aid; the coordinator decides" in drift
    said(capsys, "unit", node, "last", "HELO", "--platform", "helicopter", "--name", "Rescue 1")
    said(capsys, "unit", node, "last", "SHIP", "--platform", "boat", "--tired")
    said(capsys, "unit", node, "last", "SHIP", "--gone")
    place = ("--position", "36 30S 174 50E", "--time", ago(1))
    said(capsys, "scenario", node, "last", "capsized", *place)
    said(capsys, "scenario", node, "last", "capsized", "--gone")
    plan = told(capsys, "plan", node, "last", "--pattern", "HELO=SS", "--keep")
    assert [each["kind"] for each in plan["tasks"]] == ["SS"]
    assert "Rescue 1 (HELO): PS" in said(capsys, "plan", node, "last")
    way = "HELO=36 36S 174 30E; 36 36S 174 54E"
    assert "along a way of 4 places" in said(capsys, "plan", node, "last", "--track", way)
    assert "no UNIT=WAY" in said(capsys, "plan", node, "last", "--track", "HELO", code=2)
    assert "no UNIT=KIND" in said(capsys, "plan", node, "last", "--pattern", "HELO", code=2)
    assert "READ BACK" in said(capsys, "route", node, "last", "HELO")
    assert "<gpx" in told(capsys, "route", node, "last", "HELO", "--as", "gpx")["text"]
    assert "has no task" in said(capsys, "route", node, "last", "SHIP", code=1)
    assert "no node is running" in said(capsys, "helpers", node, "last", code=1)


def test_who_could_help_is_whoever_the_node_hears_of_in_any_group_live_and_in_an_exercise(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = (SystemClock().now() - SIX).total_seconds()
    drill = 'access="UNCLASSIFIED" opex="e-TASMAN"'
    (node / JOURNAL).unlink(missing_ok=True)
    keep(node, [
        heard("SHIP-9", now - 60, at=(-36.6, 175.1)),
        heard("LONG-AGO", now - 90_000, at=(-36.6, 175.1)),
        heard("SHIP-X", now - 60, at=(-36.6, 175.1), marks=drill),
    ])  # fmt: skip
    place = ("--position", "36 36.2S 174 43.0E")
    live = told(capsys, "open", node, *place)["id"]
    exercise = told(capsys, "open", node, *place, "--context", "exercise:TASMAN")["id"]
    nowhere = told(capsys, "open", node, "--position", "60 00.0N 10 00.0W")["id"]
    with announced(Notice(node, {}, Log(ManualClock()))):
        assert "SHIP-9" in said(capsys, "helpers", node, live)
        for case, uid in ((live, "SHIP-9"), (exercise, "SHIP-X")):
            assert [each["uid"] for each in told(capsys, "helpers", node, case)["helpers"]] == [uid]
        text = said(capsys, "helpers", node, nowhere)
        assert text == "nobody within reach: none of the 1 tracks on the picture of all groups\n"
        without = told(capsys, "open", node, "--title", "no place")["id"]
        assert "says no position" in said(capsys, "helpers", node, without, code=1)
        (node / JOURNAL).unlink()
        assert "no journal" in said(capsys, "helpers", node, live, code=1)
        (node / JOURNAL).write_bytes(b"no database at all, but for sure long enough to be one" * 99)
        assert "cannot be read" in said(capsys, "helpers", node, live, code=1)


def test_coverage_comes_of_the_journal_and_holes_are_shown(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(capsys, node)
    said(capsys, "unit", node, "last", "HELO", "--platform", "helicopter", "--width", "3")
    text = said(capsys, "coverage", node, "last", "--keep")
    assert "cumulative probability of success 0.0 %" in text
    assert "not looked at yet" in text
    assert "covered" in said(capsys, "show", node, "last")


def test_a_track_of_the_journal_opens_a_case_and_is_on_scene_by_its_speed(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / JOURNAL).unlink(missing_ok=True)
    keep(node, [heard("SHIP/1", 0), heard("SHIP/1", 60, at=(-18.0, 178.0))])
    case = told(capsys, "open", node, "--track", "SHIP/1")
    assert case["facts"]["position"]["value"] == "-18.000000,178.000000"
    unit = told(capsys, "unit", node, "last", "SHIP/1", "--platform", "boat")
    assert "arrives" in unit["facts"]["unit:SHIP/1"]["value"]
    assert "no position of NOBODY" in said(capsys, "open", node, "--track", "NOBODY", code=1)
    said(capsys, "set", node, "last", "position=")
    said(capsys, "unit", node, "last", "OTHER", "--platform", "boat")


def test_what_only_the_history_has_opens_a_case_and_counts_as_covered(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / JOURNAL).unlink(missing_ok=True)
    keep(node, [heard("LATER", 90_000)])
    helo = [heard("HELO", 60.0 * n, at=(-17.9, 178.0 + n / 600)) for n in range(10)]
    other = Source(node="NZL-A", channel="tak", speaker="mallory")
    helo.append(heard("HELO", 541, at=(-18.0, 178.0), source=other))
    with closing(Kept(node / HISTORY)) as kept:
        for number, each in enumerate(helo, start=1):
            row = row_of(each, era=0, sequence=number, form="", on_grid=False)
            assert row is not None
            kept.take_in(row)
        kept.tidy(SIX.timestamp() + 90_000)
    lacking = said(capsys, "open", node, "--track", "HELO", code=1)
    assert "no position of HELO" in lacking  # no history is kept, by the settings
    settings = node / "accord.toml"
    text, count = re.subn(r"(?m)^\[history\]$", "[history]\nkeep = true", settings.read_text())
    assert count == 1
    settings.write_text(text)
    case = told(capsys, "open", node, "--track", "HELO", "--wind", "230/20")
    assert case["facts"]["position"]["value"] == "-17.900000,178.015000"
    assert "no position of NOBODY" in said(capsys, "open", node, "--track", "NOBODY", code=1)
    found = case_files.courses(node, frozenset({"HELO"}), LIVE, SIX, SIX + timedelta(hours=1))
    assert len(found["HELO"]) == 11


def test_a_case_is_opened_from_what_a_track_itself_said_and_not_from_what_another_said_of_it(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / JOURNAL).unlink(missing_ok=True)
    own = Source(node="NZL-A", channel="tak", speaker="SHIP/1")
    other = Source(node="NZL-A", channel="tak", speaker="mallory")
    keep(node, [
        heard("SHIP/1", 0, source=own), heard("SHIP/1", 60, at=(-18.0, 178.0), source=other),
    ])  # fmt: skip
    case = told(capsys, "open", node, "--track", "SHIP/1")
    assert case["facts"]["position"]["value"] == "-17.900000,178.000000"


def test_a_case_is_opened_from_a_hazard_by_its_name(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = said(capsys, "open", node, "--from-alert", "TC9000001", code=1)
    assert "no feed of GDACS or CAP is set up" in lacking
    with (node / "accord.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            '\n[feed.gdacs]\nformat = "gdacs"\ntransport = "http"\n'
            'address = "http://127.0.0.1:9/rss.xml"\ngroups = ["Blue"]\nevery = 600\n'
        )
    (node / JOURNAL).unlink(missing_ok=True)
    source = Source(node="NZL-A", channel="feed:gdacs", speaker="gdacs")
    reader = FeatureReader(read_gdacs, source=source, groups=frozenset({"Blue"}))
    keep(node, reader.read(GDACS.read_bytes(), received=SystemClock().now(), tick=0.0))
    case = told(capsys, "open", node, "--from-alert", "tc9000001")
    assert case["facts"]["source"]["value"] == "GDACS TC9000001"
    assert "of the feeds gdacs" in said(capsys, "open", node, "--from-alert", "EQ1", code=1)


def test_a_message_that_follows_says_to_which_case_it_goes(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "beacon.txt"
    file.write_text(CONFIRMED, "utf-8")
    assert said(capsys, "open", node, "--beacon", file).startswith("opened NZL-A-")
    assert said(capsys, "open", node, "--beacon", file).startswith("the message goes to the open")
    assert len(told(capsys, "list", node)) == 1


def test_a_report_is_in_the_log_only_once_it_was_let_go_and_the_case_is_exported(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = opened(capsys, node)
    assert "SITREP 1" in said(capsys, "report", node, "last", "--to", "USA")
    assert told(capsys, "report", node, "last", "--release")["released"] is True
    assert "SITREP 2" in said(capsys, "report", node, "last")
    file = tmp_path / "case.zip"
    assert f"lines of {name}" in said(capsys, "export", node, "last", file)
    assert f"{name}/log.csv" in zipfile.ZipFile(file).namelist()
    assert "cannot write" in said(capsys, "export", node, "last", tmp_path, code=1)


def test_a_report_is_drafted_reviewed_and_written_as_pdf_and_page(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(capsys, node)
    draft = told(capsys, "report", node, "last", "--to", "USA", "--draft")
    assert (draft["state"], draft["released"]) == ("draft", False)
    words, sheet, printed = (tmp_path / each for each in ("t.txt", "r.pdf", "r.html"))
    words.write_text("as I read it", "utf-8")
    done = said(
        capsys, "report", node, "last", "--review", draft["id"], "--text", words, "--pdf", sheet,
        "--page", printed,
    )  # fmt: skip
    assert "REVIEWED BY" in done
    assert "as I read it" in done
    assert sheet.read_bytes().startswith(b"%PDF")
    assert "as I read it" in printed.read_text("utf-8")
    assert "reviewed  to USA" in said(capsys, "report", node, "last", "--list")
    (line,) = told(capsys, "report", node, "last", "--list")
    assert told(capsys, "report", node, "last", "--show", line["id"])["text"] == "as I read it"
    assert "no report" in said(capsys, "report", node, "last", "--show", "X", code=1)
    assert "cannot write" in said(capsys, "report", node, "last", "--pdf", tmp_path, code=1)


def test_a_case_is_shared_into_groups_and_its_lead_handed_over(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(capsys, node)
    assert "--group" in said(capsys, "share", node, "last", code=2)
    shared = told(
        capsys, "share", node, "last", "--group", "Blue", "--marking", "(U//REL TO NZL, USA)"
    )
    assert "Blue" in shared["facts"]["shared"]["value"]
    assert "shared" not in told(capsys, "share", node, "last", "--stop")["facts"]
    assert said(capsys, "share", node, "last", "--group", "B", "--marking", "(??)", code=1)
    assert "no node 'USA'" in said(capsys, "lead", node, "last", "--to", "USA", code=1)
    now = SystemClock().now()
    line = Entry(
        case=shared["id"], node="USA", number=1, at=now, entered=now, by="USA", kind=Kind.NOTE,
        value="we have it",
    )  # fmt: skip
    cases_of(node).store.take([line])
    assert told(capsys, "lead", node, "last", "--to", "USA")["facts"]["offered"]["value"] == "USA"
    assert told(capsys, "lead", node, "last")["lead"] == "NZL-A"


def test_the_tables_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "LIFE-RAFT-NB-1" in said(capsys, "objects")
    assert "Person in Water" in told(capsys, "objects")["targets"]


def test_closed_cases_are_not_the_last_one(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = opened(capsys, node)
    said(capsys, "set", node, name, "closed=found safe")
    assert "no open case" in said(capsys, "show", node, "last", code=1)
    assert "closed" in said(capsys, "list", node)
    assert "no case X" in said(capsys, "show", node, "X", code=1)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("now", 0), ("90 min ago", -90), ("1.5 h ago", -90), ("in 2 h", 120), ("In 30 min", 30)],
)
def test_a_time_can_be_said_from_now_on(typed: str, minutes: int) -> None:
    expected = SystemClock().now() + timedelta(minutes=minutes)
    assert abs(datetime.fromisoformat(timed(typed)) - expected) < timedelta(seconds=30)


def test_a_time_that_is_said_otherwise_stays_as_it_is() -> None:
    assert timed("2026-11-26T03:04Z") == "2026-11-26T03:04Z"
    assert timed("noon") == "noon"
